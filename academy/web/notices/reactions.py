"""Who is told of which fact. Reactions: they run in the fact's own transaction, so nobody is told what never was."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from academy.journal.actions import Recorded
from academy.notifications.notices.actions import tell
from academy.people.accounts.queries import people_with_role
from academy.people.partners.queries import member_ids, owner_ids
from academy.people.permissions.rules import FINANCE, MANAGER
from academy.programme.commissions.explaining.queries import closed_before_told
from academy.programme.commissions.rules import CORRECTION
from academy.programme.deals.models import Deal
from academy.programme.deals.telling.actions import who_follows
from academy.recognition.certificates.queries import is_renewed

WARNED = (
    *("part", "from", "to", "falls_at", "cause", "missing", "currency"),
    *("rate", "rate_then", "rate_with_all", "monthly", "monthly_with_all"),
)
LINE = ("amount", "currency", "rate", "payable_on")
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
    """The holder is told of a certificate earned or taken back; of one that ended the owners are told as well.

    Nobody is told that one ended which was renewed before: its holder has the new one.
    """
    if fact.person is None or fact.thing is None:
        return
    if fact.kind == "certificate.expired" and is_renewed(fact.thing.id):
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


def tell_of_answer(fact: Recorded) -> None:
    """The partner's owners, and who registered the deal, are told what is said to it, and why where that came later."""
    if fact.thing is None:
        return
    deal = Deal.objects.get(pk=fact.thing.id)
    params = {"thing": deal.pk, **fact.numbers}
    if fact.kind == "deal.refused":
        params["has_reason"] = bool(deal.reason)
    _tell(fact, who_follows(deal), params, url=f"/deals/{deal.pk}/")


def tell_of_question(fact: Recorded) -> None:
    """Those who may answer are told that a partner asks about a line."""
    if fact.thing is None:
        return
    people = [one.id for role in (MANAGER, FINANCE) for one in people_with_role(role)]
    _tell(fact, people, {"thing": fact.thing.id}, kind="line.to_answer", url=f"/studio/lines/{fact.thing.id}/")


def tell_of_line_answer(fact: Recorded) -> None:
    """The owners are told that their question about a line is answered."""
    if fact.thing is not None and fact.partner is not None:
        where = f"/earnings/lines/{fact.thing.id}/"
        _tell(fact, owner_ids(fact.partner), {"thing": fact.thing.id}, url=where)


def tell_of_line(fact: Recorded) -> None:
    """The owners are told what a deal earned them, or what was taken back or corrected; and of a month that was closed
    already, as the line counts after it. Nobody is told of a line that comes to nothing.
    """
    if fact.thing is None or fact.partner is None or fact.numbers["amount"] == 0:
        return
    numbers = {name: fact.numbers[name] for name in LINE}
    by_hand = fact.decision is not None and fact.decision.rule == CORRECTION
    params = {"thing": fact.thing.id, "by_hand": by_hand, **numbers}
    # Only what came too late counts from a first of a month on for that, so only then it is asked.
    if date.fromisoformat(numbers["payable_on"]).day == 1 and (closed := closed_before_told(fact.thing.id)):
        params["closed"] = f"{closed:%Y-%m}"
    _tell(fact, owner_ids(fact.partner), params, url=f"/earnings/lines/{fact.thing.id}/")


def tell_of_payee(fact: Recorded) -> None:
    """Every owner is told that the payee details changed, and by whom."""
    if fact.partner is not None:
        _tell(fact, owner_ids(fact.partner), {"person": fact.person} if fact.person else {})


def tell_of_return(fact: Recorded) -> None:
    """The owners are told that a payment came back. Of payments that were made they are told in bulk."""
    if fact.partner is not None and fact.thing is not None:
        numbers = {name: fact.numbers[name] for name in ("amount", "currency", "returned_on")}
        _tell(fact, owner_ids(fact.partner), numbers)


def _tell(
    fact: Recorded, people: Sequence[UUID], params: dict[str, object], *, kind: str = "", url: str | None = None
) -> None:
    if people:
        tell(
            kind or fact.kind,
            people,
            key=f"{kind or fact.kind}:{fact.id}",
            partner=fact.partner,
            params=params,
            url=url,
            now=fact.recorded_at,
        )
