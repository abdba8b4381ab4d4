"""Reading closes: which months there are, how far a run is, and which statements it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from academy.core import reads
from academy.core.errors import NotFound
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.closes.models import Close
from academy.programme.closes.rules import OPEN, Situation, Stage, months_to_close
from academy.programme.plans.models import Clock, Programme
from academy.programme.plans.queries import zone_of
from academy.programme.statements.rules import NEW_PAYEE


def close_of(by: Actor, programme: str, month: date, verb: str = "close.see") -> Close:
    """The close of a month, for somebody who may do this to it. Raises NotFound, Forbidden."""
    allow(by, verb)
    found = Close.objects.select_related("programme").filter(programme__slug=programme, month=month).first()
    if found is None:
        raise NotFound
    return found


# Drafts that would pay a payee that is not the one that was looked at, or that nobody has checked; and those that would
# not pay since nobody had, where somebody has by now.
_PAYEES_CHANGED = """
    from programme_statement s
    left join lateral (select p.number, p.checked_at from programme_payee p
                        where p.partner_id = s.partner_id order by p.number desc limit 1) payee on true
   where s.close_id = {close} and s.made_at is null
     and case s.outcome when 'pay' then payee.checked_at is null or payee.number <> (s.inputs->>'payee')::int
                        when 'payee' then payee.checked_at is not null end
"""

_CHECKED_BY = """
    select s.id from programme_statement s
      join programme_payee p on p.partner_id = s.partner_id and p.number = (s.inputs->>'payee')::int
     where s.close_id = %s and s.outcome = 'pay' and s.made_at is null and s.flags::text[] && %s::text[]
       and p.checked_by_id = %s
"""


def checked_by(close: UUID, person: UUID | None) -> list[UUID]:
    """The drafts that would be paid by new payee details that this person checked. One query; of nobody, none."""
    with connection.cursor() as cursor:
        cursor.execute(_CHECKED_BY, [close, [str(flag) for flag in NEW_PAYEE], person])
        return [key for (key,) in cursor.fetchall()]


_COUNTS = f"""
    select c.id, count(s.id) filter (where s.flags <> '{{}}' and s.seen_at is null and s.outcome <> 'held'),
           case when c.stage = 'checking' then (select count(*) {_PAYEES_CHANGED.format(close="c.id")}) else 0 end,
           count(s.id) filter (where s.made_at is null)
      from programme_close c left join programme_statement s on s.close_id = c.id where c.id = any(%s) group by c.id
"""  # noqa: S608 - constants


def situations(closes: Sequence[Close]) -> dict[UUID, Situation]:
    """What deciding about closes needs of them. One query; one more where what had been left out was handed over."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [[close.pk for close in closes]])
        counts = {key: (unseen, changed, unwritten) for key, unseen, changed, unwritten in cursor.fetchall()}
    alone = _handed_over_alone([close.pk for close in closes if close.rest_handed_over_at])
    return {
        close.pk: Situation(
            Stage(close.stage),
            *counts[close.pk],
            close.started_by_id,
            alone.get(close.pk) if close.rest_handed_over_at else close.handed_over_by_id,
            settings.FOUR_EYES,
        )
        for close in closes
    }


_HANDED_OVER_ALONE = """
    select s.close_id, min(o.placed_by_id::text)::uuid
      from programme_statement s join programme_order o on o.statement_id = s.id
     where s.close_id = any(%s) group by 1
    having count(distinct o.placed_by_id) = 1 and count(o.placed_by_id) = count(*)
"""


def _handed_over_alone(closes: Sequence[UUID]) -> dict[UUID, UUID]:
    """Who handed over all that was of each close, where that is one person; of no closes without asking."""
    return dict(reads.rows(_HANDED_OVER_ALONE, [list(closes)])) if closes else {}


def situation(close: Close) -> Situation:
    """The same for one."""
    return situations([close])[close.pk]


def payees_changed(close: UUID) -> dict[UUID, UUID]:
    """The drafts whose payee is not as it was looked at any more, with their partners. One query."""
    with connection.cursor() as cursor:
        cursor.execute(f"select s.id, s.partner_id {_PAYEES_CHANGED.format(close='%s')}", [close])
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Total:
    """So many statements of one outcome and currency, their sum in minor units, and how much of that is paid."""

    close: UUID
    currency: str
    outcome: str
    statements: int
    amount: int
    paid_statements: int
    paid: int


# What is paid is joined, so that it need not be looked up a statement: a year of closes has a hundred thousand.
_TOTALS = """
    select s.close_id, s.currency, s.outcome, count(*), sum(s.amount)::bigint,
           count(paid.statement_id), coalesce(sum(s.amount) filter (where paid.statement_id is not null), 0)::bigint
      from programme_statement s
      left join (select p.statement_id from programme_payout p where not exists (
                        select from programme_return r where r.payout_id = p.id)) paid on paid.statement_id = s.id
     where s.close_id = any(%s) group by 1, 2, 3 order by 2, 3
"""


def totals(closes: Sequence[UUID]) -> list[Total]:
    """What closes come to, by currency and outcome. One query; asks no permission."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [list(closes)])
        return [Total(*row) for row in cursor.fetchall()]


_WAITS = """
    select exists (select from programme_statement s
                    where s.close_id = %s and s.outcome = 'pay' and not exists (
                          select from programme_payout p where p.statement_id = s.id and not exists (
                                 select from programme_return r where r.payout_id = p.id)))
"""


def waits_for_payment(close: UUID) -> bool:
    """Whether anything that a close pays is not paid, or came back. One query; asks no permission."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, [close])
        waits: bool = cursor.fetchone()[0]
    return waits


@dataclass(frozen=True, slots=True)
class Months:
    """What may be closed next in one programme, and what was, newest first. `open` is being collected or checked."""

    programme: UUID
    slug: str
    name: str
    clock: str
    zone: ZoneInfo
    open: Close | None
    closable: tuple[date, ...]
    closes: tuple[Close, ...]

    @property
    def is_closable(self) -> bool:
        """Whether the programme's money is paid by this house: imported history is not."""
        return self.clock == Clock.LIVE

    def latest(self, most: int, *, before: date | None = None) -> list[Close]:
        """So many closes before a month, the newest first; of all of them also earlier ones while they are not done."""
        if before is not None:
            return [close for close in self.closes if close.month < before][:most]
        return [*self.closes[:most], *(close for close in self.closes[most:] if close.stage != Stage.DONE)]


def is_being_written(close: Close) -> bool:
    """Whether a close is approved, and not every statement has its number in the journal. One query where it is."""
    return close.stage == Stage.APPROVED and close.statements.filter(made_at=None).exists()


def months(by: Actor, *, now: datetime) -> list[Months]:
    """Every programme with its closes, newest first, and what may be closed now. Raises Forbidden.

    Three queries; one more for each programme whose last close is approved and not handed over.
    """
    allow(by, "close.see")
    closes: dict[UUID, list[Close]] = {}
    for close in Close.objects.select_related("programme").order_by("-month"):
        closes.setdefault(close.programme_id, []).append(close)
    programmes = list(Programme.objects.order_by("name"))
    first = _first_payable([one.pk for one in programmes if one.clock == Clock.LIVE and one.pk not in closes])
    return [_months(one, closes.get(one.pk, []), first.get(one.pk), now) for one in programmes]


def _months(programme: Programme, closes: Sequence[Close], first: date | None, now: datetime) -> Months:
    running = next((one for one in closes if one.stage in OPEN), None)
    closable: list[date] = []
    zone = ZoneInfo(programme.timezone)
    is_waiting = running is not None or (bool(closes) and is_being_written(closes[0]))
    if not is_waiting and programme.clock == Clock.LIVE:
        closable = _closable(zone, closes[0].month if closes else None, first, now)
    return Months(
        programme=programme.pk,
        slug=programme.slug,
        name=programme.name,
        clock=programme.clock,
        zone=zone,
        open=running,
        closable=tuple(closable),
        closes=tuple(closes),
    )


_OPEN_FROM = """
    select (max(c.month) + interval '1 month')::date from programme_standing s
      join programme_close c on c.programme_id = s.programme_id where s.partner_id = %s
"""


def open_from(partner: UUID) -> date | None:
    """From which day on what is told of a partner now may be payable: the first of the months that nobody has begun to
    close; None where none ever was. One query, exact under the partner's lock.
    """
    found = reads.row(_OPEN_FROM, [partner])
    assert found is not None  # an aggregate has a row
    day: date | None = found[0]
    return day


def closable_months(programme: UUID, last: date | None, now: datetime) -> list[date]:
    """The months after the last close that are over in the programme's zone; from its first payable line on."""
    first = _first_payable([programme]).get(programme) if last is None else None
    return _closable(zone_of(programme), last, first, now)


def _closable(zone: ZoneInfo, last: date | None, first: date | None, now: datetime) -> list[date]:
    today = now.astimezone(zone).date()
    return [] if last is None and first is None else months_to_close(last, first or today, today)


_FIRST_PAYABLE = """
    select s.programme_id, min(d.payable_on) from programme_daysum d
      join programme_standing s on s.partner_id = d.partner_id where s.programme_id = any(%s) group by 1
"""


def _first_payable(programmes: Sequence[UUID]) -> dict[UUID, date]:
    """From which day on something may be paid, by programme; of none without asking."""
    if not programmes:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_PAYABLE, [list(programmes)])
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Row:
    """A statement in the list of a run, with what was paid and what last month came to.

    `payee_checked_by`: who checked the payee details of a draft that would be the first to be paid by them.
    """

    id: UUID
    number: str
    partner: UUID
    slug: str
    name: str
    currency: str
    amount: int
    lines: int
    outcome: str
    flags: tuple[str, ...]
    held_reason: str
    seen_at: datetime | None
    minimum: int
    paid_on: date | None
    reference: str
    returned_on: date | None
    payee_checked_by: UUID | None


def has_checked_payee(by: Actor, row: Row) -> bool:
    """Whether somebody checked the new payee details of a draft, where a second person is to look at it."""
    return settings.FOUR_EYES and row.payee_checked_by is not None and row.payee_checked_by == by.person_id


_ROWS = f"""
    select s.id, s.number, s.partner_id as partner, p.slug, p.name, s.currency, s.amount, s.lines, s.outcome, s.flags,
           s.held_reason, s.seen_at, (s.inputs->>'minimum')::bigint as minimum,
           case when r.payout_id is null then last.paid_on end as paid_on,
           coalesce(last.reference, '') as reference, r.returned_on,
           case when s.made_at is null and s.outcome = 'pay' and s.flags && '{{{{{",".join(sorted(NEW_PAYEE))}}}}}'
                then (select y.checked_by_id from programme_payee y
                       where y.partner_id = s.partner_id and y.number = (s.inputs->>'payee')::int) end
           as payee_checked_by
      from programme_statement s
      join people_partner p on p.id = s.partner_id
      left join lateral (select o.id, o.paid_on, o.reference from programme_payout o
                          where o.statement_id = s.id order by o.attempt desc limit 1) last on true
      left join programme_return r on r.payout_id = last.id
     where s.close_id = %(close)s and {{which}}
     order by {{order}} limit %(limit)s
"""  # noqa: S608 - constants

_WHICH = {
    "exceptions": "s.flags <> '{}' and s.seen_at is null and s.outcome <> 'held' and s.number > %(after)s",
    "flag": "%(flag)s = any(s.flags) and s.number > %(after)s",
    "outcome": "s.outcome = %(flag)s and s.number > %(after)s",
    "unpaid": "s.outcome = 'pay' and (last.paid_on is null or r.payout_id is not null) and s.number > %(after)s",
    "all": "s.number > %(after)s",
    "one": "s.number = %(flag)s",
}


def rows(close: UUID, which: str, *, value: str = "", after: str = "", limit: int | None) -> list[Row]:
    """Statements of a close in the order of their numbers: `exceptions` not yet seen, those with a `flag` or an
    `outcome`, `unpaid` ones, `all`, or the `one` of a number; without a limit all that are so. One query; asks no
    permission.
    """
    statement = _ROWS.format(which=_WHICH[which], order="s.number")
    parameters: dict[str, Any] = {"close": close, "after": after, "flag": value, "limit": limit}
    return [Row(**{**row, "flags": tuple(row["flags"])}) for row in reads.named(statement, parameters)]
