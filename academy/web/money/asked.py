"""Which lines of a partner an address asks for, and what those come to: the same on Earnings and in the studio."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _

from academy.core.errors import Refused
from academy.programme.balance.accounts.rules import NextPayment, Overview, Waits
from academy.programme.commissions.rules import LineState
from academy.programme.earnings.rules import Wanted, total
from academy.web import formats
from academy.web.money import words
from academy.web.money.rows import lines_of

WAITING, PAID = "waiting", "-paid"


@dataclass(frozen=True, slots=True)
class Asked:
    """What `?state=`, `?year=` and `?payment=2026-12-05` say."""

    state: str = ""
    year: str = ""
    payment: str = ""

    @classmethod
    def by(cls, sent: QueryDict) -> "Asked":
        """What an address says."""
        return cls(*(sent.get(name, "")[:20] for name in ("state", "year", "payment")))

    @classmethod
    def next_of(cls, coming: NextPayment) -> "Asked":
        """The lines that the next payment is the sum of; of what waits, where none is planned, or was owed."""
        if coming.waits is Waits.PAST:
            return cls(state=LineState.READY)
        return cls(payment=str(coming.date or WAITING))

    def wanted(self) -> Wanted:
        """The same for the rules. Refuses what is none of ours."""
        is_waiting = self.payment == WAITING
        day = self.payment.removesuffix(PAID)
        try:
            return Wanted(
                state=LineState(self.state) if self.state else None,
                year=date(int(self.year), 1, 1).year if self.year else None,
                day=date.fromisoformat(day) if day and not is_waiting else None,
                is_paid=self.payment.endswith(PAID),
                waiting=is_waiting,
            )
        except ValueError:
            raise Refused(_("This address is not one of ours. Go back to all lines.")) from None

    def query(self, **more: str) -> str:
        """The end of an address that asks for these lines, with more said; what is empty is left out."""
        told = {"state": self.state, "year": self.year, "payment": self.payment} | more
        query = "&".join(f"{key}={value}" for key, value in told.items() if value)
        return f"?{query}" if query else ""


Address = Callable[[Asked], str]
"""Where the lines are shown that are asked for."""


def payment_key(day: date, *, is_paid: bool) -> str:
    """How an address names the payments of a day: 2026-12-05, or 2026-12-05-paid once they are over."""
    return f"{day}{PAID}" if is_paid else f"{day}"


def chosen(seen: Overview, wanted: Wanted) -> dict[str, str] | None:
    """What the lines that are asked for come to; None where they are in several states."""
    found = total(wanted, seen)
    if found is None:
        return None
    name = words.state_name(wanted.state) if wanted.state else ""
    if wanted.year:
        name = _("Paid in %(year)s") % {"year": wanted.year}
    if wanted.waiting or wanted.day:
        of_day = words.payment(wanted.day, LineState.PAID if wanted.is_paid else LineState.ON_ITS_WAY)
        name = f"{name} · {of_day}" if name else of_day
    amount = formats.money(found.amount, seen.account.currency)
    return {"name": name, "amount": amount, "count": lines_of(found)}
