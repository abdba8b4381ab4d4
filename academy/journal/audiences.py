"""Who is told of a fact, as the database is asked: the one statement behind activity, API and the live stream's replay.

The live fan-out says the same by groups (live/rules.py); a test holds the two together.
"""

from typing import Any
from uuid import UUID

from academy.journal.kinds import FOR_EVERYONE, KINDS, Audience

FACT = "pos, kind, partner, person, thing_kind, thing, numbers, occurred_at"
"""The columns in which a fact is told."""


def told(bound: str, *, newest_first: bool = False) -> str:
    """A statement for the facts within a bound that somebody is told of, at most `%(limit)s` of them.

    The ways in which a fact is somebody's to see are asked along an index each, and each is cut before they are joined;
    a fact found twice is one. What everybody is told of is written out, since its index is one of these kinds alone,
    and what staff are told of stands apart, since no plan for all who ask could use that index beside an "or".
    `bound` is a condition on `pos`; the other values are those of `to_whom`.
    """
    everyone = ", ".join(f"'{kind}'" for kind in FOR_EVERYONE)
    tail = f"order by pos {'desc' if newest_first else 'asc'} limit %(limit)s"
    return f"""
        (select {FACT} from journal_fact where {bound} and person = %(person)s and kind = any(%(personal)s) {tail})
        union
        (select {FACT} from journal_fact where {bound} and partner = %(partner)s and kind = any(%(shared)s) {tail})
        union
        (select {FACT} from journal_fact where {bound} and kind in ({everyone}) {tail})
        union
        (select {FACT} from journal_fact where {bound} and %(staff)s {tail})
        {tail}
    """  # noqa: S608 - constants


def to_whom(person: UUID, partner: UUID | None, *, owner: bool, staff: bool = False) -> dict[str, Any]:
    """The values of `told` that say who asks: the person, the partner it belongs to, and as what."""
    shared = [Audience.PARTNER, Audience.SHARED, *([Audience.OWNERS] if owner else [])]
    return {
        "person": person,
        "partner": partner,
        "staff": staff,
        "personal": kinds_for(Audience.PERSON, Audience.OWNERS, Audience.SHARED),
        "shared": kinds_for(*shared),
    }


def with_numbers(kind: str, person: UUID | None, *, of: UUID, owner: bool, staff: bool = False) -> bool:
    """Whether somebody who is told of a fact is told its numbers: not a member, of what is shared with all of them.

    `person` is whom the fact is about, `of` who asks.
    """
    known = KINDS.get(kind)
    return known is None or known.audience is not Audience.SHARED or owner or staff or person == of


def kinds_for(*audiences: Audience) -> list[str]:
    """The names of the kinds with one of these audiences."""
    return sorted(kind.name for kind in KINDS.values() if kind.audience in audiences)
