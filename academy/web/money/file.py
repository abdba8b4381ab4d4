"""Commission lines as a CSV file: one a line, in the words of the page, amounts as plain decimals."""

from collections.abc import Sequence
from decimal import Decimal

from django.http import HttpResponse
from django.utils.translation import gettext as _

from academy.core.money import Money, percent
from academy.people.partners.models import Partner
from academy.people.permissions.rules import Actor
from academy.programme.balance.accounts.rules import Overview
from academy.programme.earnings.queries import Row, lines
from academy.programme.earnings.rules import Wanted
from academy.programme.payouts.rules import table
from academy.web.money.rows import shown

AT_ONCE = 1_000


def as_file(by: Actor, partner: Partner, seen: Overview, wanted: Wanted) -> HttpResponse:
    """All lines that are wanted, in the order of the page. A query for each thousand. Raises NotFound, Forbidden."""
    rows: list[Sequence[object]] = [_head()]
    cursor: str | None = None
    while True:
        cut = lines(by, partner.pk, seen, wanted, cursor=cursor, limit=AT_ONCE)
        rows += [_cells(row, seen) for row in cut.items]
        cursor = cut.next
        if cursor is None:
            break
    response = HttpResponse(table(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{partner.slug}-lines-{seen.calendar.today}.csv"'
    return response


def _head() -> list[str]:
    return [
        _("Client"),
        _("Deal"),
        _("What"),
        _("Won"),
        _("Amount"),
        _("Rate in per cent"),
        _("Commission"),
        _("Currency"),
        _("State"),
        _("On hold until"),
        _("Payment"),
        _("Statement"),
        _("Line"),
    ]


def _cells(row: Row, seen: Overview) -> list[object]:
    named = row.stands.statement
    group = seen.group_of(row.stands)
    told = shown(row, group.run)
    return [
        row.client,
        f"{row.source}/{row.external_id}",
        told.what,
        row.happened_at.astimezone(seen.calendar.plan.zone).date().isoformat(),
        _decimal(row.priced, row.currency) if told.priced else "",
        "" if row.is_correction else percent(row.rate),
        _decimal(row.amount, row.currency),
        row.currency,
        told.state,
        row.payable_on.isoformat(),
        group.pays_on.isoformat() if group.pays_on else "",
        named.number if named else "",
        str(row.id),
    ]


def _decimal(amount: int, currency: str) -> Decimal:
    return Money(amount, currency).decimal()
