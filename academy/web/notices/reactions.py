"""Who is told of which fact. Reactions: they run in the fact's own transaction, so nobody is told what never was."""

from collections.abc import Sequence
from uuid import UUID

from academy.journal.actions import Recorded
from academy.notifications.notices.actions import tell
from academy.people.partners.queries import member_ids, owner_ids

WARNED = ("part", "from", "to", "falls_at", "rate", "rate_then")
CHANGED = ("from", "to", "cause", "product")


def tell_of_warning(fact: Recorded) -> None:
    """Every owner is told what falls, when, and what keeps it."""
    if fact.partner is not None:
        _tell(fact, owner_ids(fact.partner), {name: fact.numbers[name] for name in WARNED})


def tell_of_change(fact: Recorded) -> None:
    """Everybody of the partner is told of another tier or rate."""
    if fact.partner is not None:
        numbers = {name: fact.numbers[name] for name in CHANGED if name in fact.numbers}
        _tell(fact, member_ids(fact.partner), {**numbers, "since": fact.effective_at})


def tell_of_approval(fact: Recorded) -> None:
    """The owners are told that a rise is confirmed."""
    if fact.partner is not None:
        _tell(fact, owner_ids(fact.partner), {"tier": fact.numbers["tier"]})


def tell_of_certificate(fact: Recorded) -> None:
    """The holder is told of a certificate earned or taken back; of one that ended the owners are told as well."""
    if fact.person is None or fact.thing is None:
        return
    params = {"thing": fact.thing.id, "expires_at": fact.numbers.get("expires_at"), "ended_at": fact.occurred_at}
    _tell(fact, [fact.person], params)
    if fact.kind == "certificate.expired" and fact.partner is not None:
        others = [owner for owner in owner_ids(fact.partner) if owner != fact.person]
        _tell(fact, others, {**params, "person": fact.person})


def tell_of_member(fact: Recorded) -> None:
    """The owners who were there before are told who joined."""
    if fact.partner is not None and fact.person is not None:
        others = [owner for owner in owner_ids(fact.partner) if owner != fact.person]
        _tell(fact, others, {"person": fact.person})


def _tell(fact: Recorded, people: Sequence[UUID], params: dict[str, object]) -> None:
    if people:
        tell(
            fact.kind,
            people,
            key=f"{fact.kind}:{fact.id}",
            partner=fact.partner,
            params=params,
            now=fact.recorded_at,
        )
