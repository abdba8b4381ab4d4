"""What a partner's money comes to in each state, and which lines that is of: on Earnings and in the studio."""

from typing import Any

from django.utils.translation import gettext as _

from academy.programme.balance.accounts.rules import Overview, added_up
from academy.programme.commissions.rules import LineState
from academy.programme.earnings.rules import groups
from academy.web import formats
from academy.web.money import words
from academy.web.money.asked import Address, Asked
from academy.web.money.rows import lines_of


def states(seen: Overview, address: Address, *, paid_in: int | None = None) -> list[dict[str, Any]]:
    """Each state with its own sum, which is that of the lines it opens. They are never added together.

    `paid_in` narrows what is paid to a year.
    """
    more = {
        LineState.ON_HOLD: words.on_hold_until(seen.account, seen.calendar.today),
        LineState.READY: words.ready_for(seen.groups),
        LineState.ON_ITS_WAY: words.on_its_way_by(seen),
    }
    found = [_state(seen, Asked(state=state), words.state_name(state), said, address) for state, said in more.items()]
    name = _("Paid this year") if paid_in else words.state_name(LineState.PAID)
    return [*found, _state(seen, Asked(state=LineState.PAID, year=str(paid_in or "")), name, "", address)]


def _state(seen: Overview, asked: Asked, name: str, more: str, address: Address) -> dict[str, Any]:
    sum_ = added_up(groups(asked.wanted(), seen))
    return {
        "name": name,
        "key": f"sum-{asked.state}",
        "sum": formats.money(sum_.amount, seen.account.currency),
        "meta": " · ".join(part for part in (lines_of(sum_), more) if part) if sum_.lines else _("nothing now"),
        "href": address(asked) if sum_.lines else "",
    }
