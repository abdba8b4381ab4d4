"""Who carries what, in words: the table of people and requirements, on whom a tier hangs, the least effort up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from academy.core.criteria import Verdict
from academy.learning.catalog.queries import Card, Wanted, items
from academy.learning.catalog.rules import COURSE
from academy.people.partners.queries import MemberLine, members_of
from academy.people.permissions.rules import Actor
from academy.programme.standing.queries import Stands
from academy.programme.team.queries import Team
from academy.programme.team.queries import team as read_team
from academy.programme.team.rules import Column, Effort, Hanging
from academy.web import formats, promotions, sentences

MOST_COURSES = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """What one person brings to one requirement, and whether some of it only this person has."""

    has: str
    alone: str


@dataclass(frozen=True, slots=True)
class Head:
    """A requirement as the head of a column."""

    name: str
    have: str
    met: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A person's line in the table."""

    person: MemberLine
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Way:
    """How one person could bring the company to the next tier."""

    person: MemberLine
    minutes: int
    what: str
    course: str
    then: str


@dataclass(frozen=True, slots=True)
class Carried:
    """All of it. `next` is the next tier's name, None at the top; `sales` is what is required of sales.

    `waiting` says that a tier is met and waits for SISO; empty when none does.
    """

    tier: str
    next: str | None
    heads: list[Head]
    rows: list[Row]
    sales: list[Head]
    hanging: list[str]
    ways: list[Way]
    waiting: str


def people_of(by: Actor, partner: UUID) -> list[MemberLine]:
    """The members, owners first."""
    return members_of(by, partner)


def courses() -> list[Card]:
    """What can be assigned, by title."""
    return sorted(items(Wanted(kind=COURSE), limit=MOST_COURSES).items, key=lambda card: card.title.casefold())


def carried(stands: Stands | None, people: Sequence[MemberLine], at: datetime) -> Carried | None:
    """Who carries what; None for a company in no programme."""
    if stands is None:
        return None
    found = read_team(stands, at)
    by_id = {str(one.person_id): one for one in people}
    above = stands.plan.above(stands.held.tier)
    personal = [column for column in found.columns if column.shares]
    return Carried(
        tier=sentences.tier_name(stands.plan, stands.held.tier),
        next=above.name if above else None,
        heads=[_head(column.verdict, stands.currency) for column in personal],
        rows=[Row(one, [_cell(column, str(one.person_id)) for column in personal]) for one in people],
        sales=[_head(column.verdict, stands.currency) for column in found.columns if not column.shares],
        hanging=[_hangs(one, by_id, stands) for one in found.hanging if one.person in by_id],
        ways=[_way(one, by_id, found, stands) for one in found.efforts if one.person in by_id],
        waiting=promotions.waiting(stands.plan, stands.held, at),
    )


def _name(one: MemberLine) -> str:
    return one.name or one.email


def _head(verdict: Verdict, currency: str) -> Head:
    return Head(sentences.requirement(verdict), sentences.have_of_need(verdict, currency), verdict.met)


def _cell(column: Column, person: str) -> Cell:
    share = column.shares.get(person)
    if share is None:
        return Cell("", "")
    if column.verdict.metric == "people":
        return Cell(_("yes") if share.has else _("not yet"), "")
    alone = _("%(count)d only they have") % {"count": share.alone} if share.alone else ""
    return Cell(formats.number(share.has), alone)


def _hangs(one: Hanging, people: dict[str, MemberLine], stands: Stands) -> str:
    return _("%(tier)s hangs on %(name)s: without them %(missing)s would be missing.") % {
        "tier": sentences.tier_name(stands.plan, stands.held.tier),
        "name": _name(people[one.person]),
        "missing": _listed([sentences.missing(leaf, stands.currency) for leaf in one.missing]),
    }


def _way(one: Effort, people: dict[str, MemberLine], team: Team, stands: Stands) -> Way:
    left = [team.left[one.person][module] for module in one.modules]
    missing = [sentences.missing(leaf, stands.currency) for leaf in one.missing]
    above = stands.plan.above(stands.held.tier)
    then = _("Still missing then: %(missing)s.") % {"missing": _listed(missing)} if missing else ""
    if above and above.approve and not missing:
        then = promotions.will_wait(above.name)
    return Way(
        person=people[one.person],
        minutes=one.minutes,
        what=_learns([module.title for module in left]),
        course=left[0].course_slug,
        then=then,
    )


def _learns(titles: list[str]) -> str:
    """The modules by name while they are few, else how many there are and which comes first."""
    if len(titles) <= 2:
        return _listed([_("“%(title)s”") % {"title": title} for title in titles])
    return _("%(count)d modules, first “%(title)s”") % {"count": len(titles), "title": titles[0]}


def _listed(parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("%(some)s and %(last)s") % {"some": ", ".join(parts[:-1]), "last": parts[-1]}
