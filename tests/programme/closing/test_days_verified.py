"""A line's day is its deal's, or the first of the month that was open when it was told: no other is left unsaid."""

from datetime import date, datetime

import pytest
from django.db import connection

from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import correct_line
from academy.programme.commissions.verification.rules import Closed, opened_by
from academy.programme.verification.queries import verify

from ...worlds import win
from .months import APRIL, JUNE, MARCH, MAY, a_house, after, close_month

WRITTEN = (Closed(MARCH, 20, 25), Closed(APRIL, 40, 45))


@pytest.mark.parametrize(
    ("closes", "pos", "opened"),
    [
        ((), 7, {None}),
        (WRITTEN, 7, {None, APRIL}),  # March may have begun
        (WRITTEN, 22, {APRIL}),
        (WRITTEN, 30, {APRIL, MAY}),
        (WRITTEN, 42, {MAY}),
        (WRITTEN, 50, {MAY}),
        ((*WRITTEN, Closed(MAY, None, None)), 50, {MAY, JUNE}),  # May is being looked at
        ((Closed(MARCH, 20, 25), Closed(APRIL, None, None), Closed(MAY, 60, 60)), 30, {APRIL, MAY, JUNE}),
    ],
)
def test_which_months_may_have_been_open(closes: tuple[Closed, ...], pos: int, opened: set[date | None]) -> None:
    assert opened_by(closes, pos) == opened


@pytest.mark.django_db
@pytest.mark.tampers
@pytest.mark.parametrize(
    ("kind", "day", "says"),
    [
        ("commission.added", "2026-04-01", ""),
        ("commission.added", "2026-05-01", ""),  # as if April had begun to be closed
        ("commission.added", "2026-06-01", "its deal makes it payable on 2026-04-01, not on 2026-06-01"),
        ("commission.adjusted", "2026-05-06", ""),
        ("commission.adjusted", "2026-05-07", "the line that it corrects makes it payable on 2026-05-06, not on "),
        ("commission.adjusted", "2026-04-01", "the line that it corrects makes it payable on 2026-05-06, not on "),
        ("commission.adjusted", "2026-07-01", "the line that it corrects makes it payable on 2026-05-06, not on "),
    ],
)
def test_a_day_is_held_to_the_months_that_were_open_then(now: datetime, kind: str, day: str, says: str) -> None:
    """The deal was told before any close, the correction between two; June is closed after both."""
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close_month(world, APRIL)
    correct_line(THE_HOUSE, CommissionLine.objects.get().pk, 9_000, reason="So decided.", now=after(APRIL, 6))
    close_month(world, MAY)
    close_month(world, JUNE)
    assert verify(now=after(JUNE), deep=True).differences == []
    with connection.cursor() as cursor:
        cursor.execute("alter table journal_fact disable trigger journal_fact_append_only")
        cursor.execute(
            "update journal_fact set numbers = jsonb_set(numbers, '{payable_on}', to_jsonb(%s::text)) where kind = %s",
            [day, kind],
        )
    differences = verify(now=after(JUNE), deep=True).differences
    told = [one for one in differences if f"{kind} at " in one and "makes it payable" in one]
    assert len(told) == bool(says)
    assert all(says in one and one.endswith(day) for one in told)


@pytest.mark.django_db
@pytest.mark.tampers
def test_a_correction_of_no_line_is_told(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    correct_line(THE_HOUSE, CommissionLine.objects.get().pk, 9_000, reason="So decided.", now=now)
    with connection.cursor() as cursor:
        cursor.execute("alter table journal_fact disable trigger journal_fact_append_only")
        cursor.execute(
            "update journal_fact set inputs = jsonb_set(inputs, '{line}', to_jsonb(id::text))"
            " where kind = 'commission.adjusted'"
        )
    told = verify(now=now, deep=True).differences
    assert [one for one in told if one.endswith("there is no line before it that it corrects")] != []
