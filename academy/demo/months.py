"""The demo's months: terms accepted and payees checked at the beginning, each month closed on the 4th, paid on the 5th.

The last month that is over is left for whoever tries the studio.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from academy.core.errors import Refused
from academy.core.money import Money
from academy.demo.content import folder
from academy.demo.dealing import Cast
from academy.demo.history import MonthClosed, MonthPaid
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.closes.actions import approve, go_on, hand_over, start_close
from academy.programme.closes.checking.actions import see
from academy.programme.closes.models import Close
from academy.programme.closes.queries import rows
from academy.programme.closes.rules import month_before, month_of, next_month
from academy.programme.payees.actions import change_payee, check_payee
from academy.programme.payees.rules import Profile
from academy.programme.payouts.actions import enter_file, tell_of_payments
from academy.programme.payouts.models import Payout
from academy.programme.payouts.rules import table
from academy.programme.statements.rules import Flag
from academy.programme.terms.actions import accept_terms, publish_terms, tell_of_terms

MOVED_DAYS_AGO = 12
"""When one partner moved house: its new payee profile waits for finance."""


def months(begins: datetime, today: datetime) -> Iterator[MonthClosed | MonthPaid]:
    """The months of the year that finance has closed and paid: all that are over but the last."""
    month = month_of(begins.date())
    while next_month(month) <= month_before(month_of(today.date())):
        run = datetime.combine(next_month(month).replace(day=4), datetime.min.time(), today.tzinfo)
        yield MonthClosed(run + timedelta(hours=9), month)
        yield MonthPaid(run + timedelta(days=1, hours=16), month)
        month = next_month(month)


def agree(cast: Cast, owners: Mapping[str, Actor], written: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Publish the terms; owners accept them and enter their payee details. Newcomers have not.

    The administrator checks the details: finance, who hands the months over, is the second to look at them.
    """
    text = (folder() / "terms.md").read_text()
    terms = publish_terms(THE_HOUSE, cast.programme, text, reason="The first version.", effective_from=at, now=at)
    tell_of_terms(terms.pk, now=at)  # the year's jobs run when it has passed
    for index, partner in enumerate(written):
        if partner.get("story") == "first_day":
            continue
        owner, when = owners[partner["name"]], at + timedelta(days=8, minutes=index)
        assert owner.partner_id is not None
        accept_terms(owner, owner.partner_id, terms.pk, now=when)
        change_payee(owner, owner.partner_id, _profile(partner["name"], index), now=when)
        check_payee(cast.administrator, owner.partner_id, 1, now=when + timedelta(hours=3))


def move_house(owner: Actor, name: str, index: int, today: datetime) -> None:
    """One partner's address is another one, which nobody has checked yet."""
    assert owner.partner_id is not None
    change_payee(owner, owner.partner_id, _profile(name, index, street="Mill Lane"), now=today)


def _profile(name: str, index: int, *, street: str = "Quay Street") -> Profile:
    chance = random.Random(index)  # noqa: S311 - a profile drawn for show
    word = "".join(letter for letter in name.lower() if letter.isalnum())
    return Profile.cleaned(
        {
            "legal_name": f"{name} Ltd",
            "address": f"{chance.randint(1, 90)} {street}\nBristol BS1 4DJ",
            "country": "GB",
            "tax_number": f"GB{chance.randint(100_000_000, 999_999_999)}",
            "invoice_email": f"accounts@{word}.example",
            "provider_reference": f"acct_{word}",
        }
    )


def close(cast: Cast, month: date, at: datetime) -> None:
    """What finance does on the 4th; somebody else approves. A month in which nothing was ever payable is not closed."""
    try:
        begun = start_close(cast.finance, cast.programme, month, now=at)
    except Refused:
        return
    _go_on(begun.pk, at)
    for flag in Flag:
        see(cast.finance, begun.pk, (), flag=flag, now=at)
    approve(cast.administrator, begun.pk, now=at)
    _go_on(begun.pk, at)
    hand_over(cast.finance, begun.pk, now=at)


def _go_on(key: UUID, at: datetime) -> None:
    while go_on(key, now=at):
        pass


def pay(cast: Cast, month: date, at: datetime) -> None:
    """What the bank says on the 5th."""
    closed = Close.objects.filter(programme_id=cast.programme, month=month).first()
    if closed is None:
        return
    lines: list[list[object]] = [["number", "date", "reference", "amount", "currency"]]
    for number, row in enumerate(rows(closed.pk, "unpaid", limit=1000), 1):
        amount = f"{Money(row.amount, row.currency).decimal():f}"
        lines.append([row.number, at.date().isoformat(), f"BX{month:%y%m}{number:03d}", amount, row.currency])
    enter_file(cast.administrator, closed.pk, table(lines), now=at)
    # The year's jobs run when it has passed; whoever was paid then was told then.
    paid = Payout.objects.filter(statement__close=closed).values_list("pk", flat=True)
    tell_of_payments(list(paid), now=at)
