"""The journal's vocabulary: every kind of fact, who may see it live, and which of its numbers may leave the house.

Observations say what happened outside our rules; decisions say what our rules concluded and are never made again.
"""

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """Whether a fact was observed or decided."""

    OBSERVATION = "observation"
    DECISION = "decision"


class Audience(StrEnum):
    """Who is told of a fact beside the staff, who are told of all."""

    PERSON = "person"  # the person whom it is about
    PARTNER = "partner"  # every active member of the partner
    OWNERS = "owners"  # the partner's owners, and the person whom it is about
    SHARED = "shared"  # the same with its numbers, and the partner's other members that it happened
    STAFF = "staff"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of fact is. `leaves` names the numbers that may be sent to a browser or a webhook."""

    name: str
    sort: Sort
    audience: Audience
    leaves: frozenset[str] = frozenset()


def _kind(name: str, sort: Sort, audience: Audience, *leaves: str) -> Kind:
    return Kind(name, sort, audience, frozenset(leaves))


_LINE = ("deal", "amount", "currency", "rate", "payable_on")

KINDS = {
    kind.name: kind
    for kind in (
        # what people did
        _kind("lesson.completed", Sort.OBSERVATION, Audience.PERSON, "course", "module"),
        _kind("quiz.passed", Sort.OBSERVATION, Audience.PERSON, "course", "module", "score"),
        _kind("member.joined", Sort.OBSERVATION, Audience.PARTNER, "role"),
        _kind("member.left", Sort.OBSERVATION, Audience.PARTNER),
        # what the programme was told
        _kind("partner.enrolled", Sort.OBSERVATION, Audience.PARTNER, "tier"),
        _kind("deal.registered", Sort.OBSERVATION, Audience.SHARED, "amount", "currency", "product"),
        _kind("deal.accepted", Sort.OBSERVATION, Audience.SHARED, "protected_until"),
        _kind("deal.refused", Sort.OBSERVATION, Audience.SHARED),
        _kind("deal.lost", Sort.OBSERVATION, Audience.SHARED),
        _kind("deal.explained", Sort.OBSERVATION, Audience.SHARED),
        _kind("deal.won", Sort.OBSERVATION, Audience.SHARED, "amount", "currency", "product"),
        _kind("deal.refunded", Sort.OBSERVATION, Audience.SHARED, "amount", "currency"),
        _kind("deal.changed", Sort.OBSERVATION, Audience.SHARED, "from", "to", "currency"),
        _kind("line.questioned", Sort.OBSERVATION, Audience.OWNERS),
        _kind("line.answered", Sort.OBSERVATION, Audience.OWNERS),
        _kind("correction.made", Sort.OBSERVATION, Audience.STAFF, "amount", "currency"),
        _kind("terms.published", Sort.OBSERVATION, Audience.EVERYONE, "programme", "number", "effective_from"),
        _kind("terms.accepted", Sort.OBSERVATION, Audience.OWNERS, "number"),
        _kind("payee.changed", Sort.OBSERVATION, Audience.OWNERS, "number"),
        _kind("payee.checked", Sort.OBSERVATION, Audience.OWNERS, "number"),
        _kind("statement.paid", Sort.OBSERVATION, Audience.OWNERS, "amount", "currency", "paid_on", "attempt"),
        _kind("statement.returned", Sort.OBSERVATION, Audience.OWNERS, "amount", "currency", "returned_on", "attempt"),
        _kind("promotion.approved", Sort.OBSERVATION, Audience.PARTNER, "tier"),
        _kind("tier.pinned", Sort.OBSERVATION, Audience.PARTNER, "tier", "until"),
        _kind("tier.unpinned", Sort.OBSERVATION, Audience.PARTNER),
        _kind("plan.published", Sort.OBSERVATION, Audience.EVERYONE, "programme", "number", "effective_from"),
        _kind("tier.warned", Sort.OBSERVATION, Audience.PARTNER, "part", "from", "to", "falls_at"),
        _kind("certificate.revoked", Sort.OBSERVATION, Audience.OWNERS, "credential"),
        # what our rules concluded
        _kind("module.completed", Sort.DECISION, Audience.PERSON, "course", "passed"),
        _kind("course.completed", Sort.DECISION, Audience.PERSON),
        _kind("certificate.issued", Sort.DECISION, Audience.OWNERS, "credential", "serial", "expires_at"),
        _kind("certificate.expired", Sort.DECISION, Audience.OWNERS, "credential"),
        _kind("tier.changed", Sort.DECISION, Audience.PARTNER, "from", "to", "cause"),
        _kind("rate.changed", Sort.DECISION, Audience.PARTNER, "from", "to", "product", "cause"),
        _kind("promotion.awaited", Sort.DECISION, Audience.PARTNER, "tier"),
        _kind("commission.added", Sort.DECISION, Audience.OWNERS, *_LINE),
        _kind("commission.reversed", Sort.DECISION, Audience.OWNERS, *_LINE),
        _kind("commission.adjusted", Sort.DECISION, Audience.OWNERS, *_LINE),
        _kind("statement.made", Sort.DECISION, Audience.OWNERS, "month", "amount", "currency", "outcome", "pays_on"),
    )
}

FOR_EVERYONE = tuple(sorted(kind.name for kind in KINDS.values() if kind.audience is Audience.EVERYONE))
"""What everybody is told of. Its index is made for these: another kind needs it anew, by a migration."""

OWN_DOING = (
    "deal.registered",
    "deal.won",
    "lesson.completed",
    "line.questioned",
    "payee.changed",
    "quiz.passed",
    "terms.accepted",
)
"""What a partner does itself: not what the house, a client or time brings, and not who is entered or taken out."""
