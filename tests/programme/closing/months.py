"""Months to close in tests: partners who may be paid, and the steps of a close in one call each."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from academy.core.money import Money
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.closes.actions import approve, go_on, hand_over, start_close
from academy.programme.closes.checking.actions import see
from academy.programme.closes.models import Close
from academy.programme.closes.rules import Stage, next_month
from academy.programme.commissions.models import CommissionLine
from academy.programme.payees.actions import change_payee, check_payee
from academy.programme.payees.models import Payee
from academy.programme.payees.rules import Profile
from academy.programme.payouts.actions import Entered, enter_file
from academy.programme.payouts.rules import table
from academy.programme.plans.models import PlanVersion
from academy.programme.statements.models import Statement
from academy.programme.statements.rules import Flag

from ...factories import a_staff_member, acting
from ...worlds import World, a_partner_in, a_world

JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in range(1, 7))


def profile(**changes: str) -> Profile:
    """A payee profile with nothing wrong in it."""
    given = {
        "legal_name": "Anchor Ltd",
        "address": "1 Quay Street, Bristol",
        "country": "GB",
        "tax_number": "GB123456789",
        "invoice_email": "accounts@anchor.example",
        "provider_reference": "acct_anchor",
    }
    return Profile.cleaned(given | changes)


def make_payable(partner: UUID, *, now: datetime) -> None:
    """Give a partner a payee profile that finance has checked."""
    change_payee(THE_HOUSE, partner, profile(), now=now)
    check_payee(THE_HOUSE, partner, Payee.objects.filter(partner=partner).count(), now=now)


def a_house(now: datetime, **plan: Any) -> World:
    """The small academy with a partner that may be paid."""
    world = a_world(now, **plan)
    make_payable(world.partner, now=now)
    return world


def another(world: World, *, now: datetime, currency: str = "GBP") -> UUID:
    """Another partner that may be paid."""
    partner = a_partner_in(world.programme, now=now, currency=currency)
    make_payable(partner, now=now)
    return partner


def long_closed(world: World, count: int, *, now: datetime, programme: UUID | None = None) -> list[date]:
    """So many months up to the end of 2025, the newest first: all done but the oldest, which waits for payments.

    Of the world's programme, or of another one by the same plan.
    """
    months = [date(2025 - back // 12, 12 - back % 12, 1) for back in range(count)]
    plan = PlanVersion.objects.get(programme=world.programme)
    Close.objects.bulk_create(
        Close(
            programme_id=programme or world.programme,
            month=month,
            stage=Stage.HANDED_OVER if month == months[-1] else Stage.DONE,
            plan=plan,
            cut_at=now,
            partners=0,
            moved_at=now,
        )
        for month in reversed(months)
    )
    return months


def finance(name: str | None = None) -> Actor:
    """Somebody of finance."""
    return acting(a_staff_member("finance", name=name))


def after(month: date, day: int = 4, hour: int = 9) -> datetime:
    """A morning of the month after."""
    first = next_month(month)
    return datetime(first.year, first.month, day, hour, tzinfo=UTC)


def collect(world: World, month: date, *, by: Actor = THE_HOUSE, now: datetime | None = None) -> Close:
    """Start a close and look at every partner."""
    now = now or after(month)
    close = start_close(by, world.programme, month, now=now)
    while go_on(close.pk, now=now):
        pass
    close.refresh_from_db()
    return close


def sign(close: Close, *, by: Actor = THE_HOUSE, now: datetime | None = None) -> Close:
    """Look at everything, approve, write down."""
    now = now or after(close.month)
    for flag in Flag:
        see(THE_HOUSE, close.pk, (), flag=flag, now=now)
    approve(by, close.pk, now=now)
    while go_on(close.pk, now=now):
        pass
    close.refresh_from_db()
    return close


def close_month(world: World, month: date, *, pay: bool = True) -> Close:
    """A whole month in one call: collected, approved, handed over on the 4th, paid on the 5th."""
    close = sign(collect(world, month))
    hand_over(THE_HOUSE, close.pk, now=after(month))
    if pay:
        assert pay_all(close).refused == ()
    close.refresh_from_db()
    return close


def payment_file(close: Close, **changes: str) -> str:
    """What the bank would send back for everything that this close pays; `changes` replace cells of every line."""
    rows: list[list[object]] = [["number", "date", "reference", "amount", "currency"]]
    for one in Statement.objects.filter(close=close, outcome="pay").order_by("number"):
        amount = f"{Money(one.amount, one.currency).decimal():f}"
        paid_on = (after(close.month) + timedelta(days=1)).date().isoformat()
        said = {"number": one.number, "date": paid_on, "reference": f"R-{one.number}", "amount": amount}
        rows.append(list(({**said, "currency": one.currency} | changes).values()))
    return table(rows)


def pay_all(close: Close, **changes: str) -> Entered:
    """Read the payments of a close back, on the 5th."""
    return enter_file(THE_HOUSE, close.pk, payment_file(close, **changes), now=after(close.month, 5, 17))


def told(close: Close) -> list[tuple[UUID, int, str, int]]:
    """Partner, amount, outcome and number of named lines of every statement, in the order of their numbers."""
    found = Statement.objects.filter(close=close).order_by("number")
    return [(one.partner_id, one.amount, one.outcome, len(named_by(one))) for one in found]


def named_by(one: Statement) -> set[UUID]:
    """The lines that a statement pays; none where it does not."""
    mine = CommissionLine.objects.filter(partner=one.partner_id, currency=one.currency)
    days = mine.filter(payable_on__range=(one.since, one.until))
    return set(days.values_list("pk", flat=True)) if one.outcome == "pay" else set()
