"""A partner's commission lines on its page in the studio: the sums by state, and every line behind them."""

from functools import partial
from typing import Any

from academy.people.partners.models import Partner
from academy.people.permissions.rules import may
from academy.programme.balance.accounts.rules import Overview
from academy.programme.earnings.queries import day_before
from academy.programme.earnings.queries import lines as lines_of
from academy.web.money.asked import Asked, chosen
from academy.web.money.rows import sections
from academy.web.money.states import states
from academy.web.requests import PersonRequest
from academy.web.templates import url

SHOWN = 20


def lines(request: PersonRequest, partner: Partner, seen: Overview | None) -> dict[str, Any]:
    """A page of lines by payment, the newest first; none for past days, of which the journal tells.

    `?state=` and `?payment=` narrow them, `?lines=` goes on.
    """
    if seen is None or not may(request.actor, "commission.see", partner_id=partner.pk):
        return {"lines": None}
    asked, cursor = Asked.by(request.GET), request.GET.get("lines")
    wanted = asked.wanted()
    cut = lines_of(request.actor, partner.pk, seen, wanted, cursor=cursor, limit=SHOWN)
    return {
        "lines": cut.items,
        "sections": sections(cut.items, seen, after=day_before(cursor)),
        "states": states(seen, partial(address, partner)),
        "chosen": chosen(seen, wanted),
        "is_first_line": not cursor,
        "first_lines": address(partner, asked),
        "all_lines": address(partner, Asked()),
        "more_lines": address(partner, asked, lines=cut.next) if cut.next else "",
    }


def address(partner: Partner, asked: Asked, **more: str) -> str:
    """Where the partner's page shows the lines that are asked for."""
    return f"{url('studio-partner', partner.slug)}{asked.query(**more)}#lines"
