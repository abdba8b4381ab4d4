"""A partner's commission lines on its page in the studio: the sums by state, and every line behind them."""

from typing import Any

from django.utils.translation import gettext as _

from academy.core.errors import Refused
from academy.people.partners.models import Partner
from academy.people.permissions.rules import may
from academy.programme.balance.accounts.rules import Overview
from academy.programme.commissions.rules import LineState
from academy.programme.earnings.queries import lines as lines_of
from academy.programme.earnings.rules import Wanted
from academy.web.money import words
from academy.web.money.rows import sections
from academy.web.money.states import states
from academy.web.requests import PersonRequest
from academy.web.templates import url

SHOWN = 20


def lines(request: PersonRequest, partner: Partner, seen: Overview | None) -> dict[str, Any]:
    """A page of lines by payment, the newest first; none for past days, of which the journal tells.

    `?state=` narrows them, `?lines=` goes on.
    """
    if seen is None or not may(request.actor, "commission.see", partner_id=partner.pk):
        return {"lines": None}
    state, cursor = _state(request), request.GET.get("lines")
    cut = lines_of(request.actor, partner.pk, seen, Wanted(state), cursor=cursor, limit=SHOWN)

    def address(wanted: Wanted, **more: str) -> str:
        told = {"state": str(wanted.state or ""), **more}
        query = "&".join(f"{name}={value}" for name, value in told.items() if value)
        return url("studio-partner", partner.slug) + (f"?{query}" if query else "")

    return {
        "lines": cut.items,
        "sections": sections(cut.items, seen),
        "states": states(seen, address),
        "state": words.state_name(state) if state else "",
        "is_first_line": not cursor,
        "first_lines": address(Wanted(state)),
        "all_lines": address(Wanted()),
        "more_lines": address(Wanted(state), lines=cut.next) if cut.next else "",
    }


def _state(request: PersonRequest) -> LineState | None:
    """In which state the lines are to be that are asked for."""
    text = request.GET.get("state", "")
    try:
        return LineState(text) if text else None
    except ValueError:
        raise Refused(_("This address is not one of ours. Go back to the partner.")) from None
