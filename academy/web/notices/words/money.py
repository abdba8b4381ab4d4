"""Notices of money: lines, questions about them, statements, payments, and where they go.

A title is a mail's subject: it never says an amount. The sentence says what happened in full, good or bad.
"""

from datetime import date

from django.utils.translation import gettext as _

from academy.notifications.notices.rules import Params, Told, Words
from academy.programme.statements.rules import Outcome
from academy.web import formats, payments
from academy.web.notices.names import Names


def line_earned(told: Told, known: Names) -> Words:
    """A won deal brought commission; a credit, which is won as well, takes some back."""
    words = _of_line(told, known)
    if is_less(told.params):
        sentence = _("A credit for %(client)s takes back %(amount)s, at %(rate)s.") % words
        return Words(_("Taken back: %(client)s") % words, f"{sentence} {_counts(told, known)}")
    sentence = _("%(client)s brings you %(amount)s, at %(rate)s.") % words
    is_held = date.fromisoformat(told.params["payable_on"]) > known.day(told)
    if is_held and known.is_paid_here(told):
        held = _("It is on hold until %(day)s: the client may still cancel.") % words
        sentence = f"{sentence} {held}"
    return Words(_("Commission for %(client)s") % words, f"{sentence} {_counts(told, known)}")


def line_reversed(told: Told, known: Names) -> Words:
    """A client took something back, and with it goes a share of the commission."""
    words = _of_line(told, known)
    said = _("%(client)s took something back, so %(amount)s of your commission goes back with it, at %(rate)s.") % words
    return Words(_("Taken back: %(client)s") % words, f"{said} {_counts(told, known)}", (_where(),))


def line_adjusted(told: Told, known: Names) -> Words:
    """The amount of a deal changed, or a person of the house corrected a line."""
    words = _of_line(told, known)
    if told.params["by_hand"]:
        less = _("SISO corrected a line of %(client)s: %(amount)s is taken back. The reason stands beside it.")
        more = _("SISO corrected a line of %(client)s: %(amount)s is added. The reason stands beside it.")
    else:
        less = _("The amount of %(client)s fell, so %(amount)s of your commission goes back, at %(rate)s.")
        more = _("The amount of %(client)s rose, so %(amount)s is added to your commission, at %(rate)s.")
    said = (less if is_less(told.params) else more) % words
    return Words(_("Corrected: %(client)s") % words, f"{said} {_counts(told, known)}", (_where(),))


def is_less(params: Params) -> bool:
    """Whether a line takes something back: nobody misses that."""
    return int(params["amount"]) < 0


def _of_line(told: Told, known: Names) -> dict[str, str]:
    numbers = told.params
    return {
        "client": known.thing(told),
        "amount": formats.money(abs(int(numbers["amount"])), numbers["currency"]),
        "rate": formats.percent(int(numbers["rate"])),
        "day": formats.day(date.fromisoformat(numbers["payable_on"])),
    }


def _counts(told: Told, known: Names) -> str:
    """On which statement a line counts: that of its day, which a closed month put off."""
    if not known.is_paid_here(told):
        return _("It is imported history: it was owed then, and is not paid here.")
    told_on = known.day(told)
    words = {"month": _month(told_on, told.params["payable_on"][:7])}
    if closed := told.params.get("closed"):
        said = _("It counts on the %(month)s statement: %(closed)s was closed already when this was told.")
        return said % {**words, "closed": _month(told_on, closed)}
    return _("It counts on the %(month)s statement.") % words


def _month(told_on: date, written: str) -> str:
    """A month such as 2026-12 in words, with its year where that is another than the notice's."""
    month = date.fromisoformat(f"{written}-01")
    return payments.month(month, year=month.year != told_on.year)


def _where() -> str:
    return _("The line shows how it was worked out, and where to say that it looks wrong.")


def line_answered(told: Told, known: Names) -> Words:
    words = {"client": known.thing(told)}
    sentence = _("Your question about a line of %(client)s is answered. The answer stands beside the line.")
    return Words(_("Answered: your question about %(client)s") % words, sentence % words)


def line_to_answer(told: Told, known: Names) -> Words:
    words = {"client": known.thing(told), "partner": known.partner(told)}
    sentence = _("%(partner)s says that a line of %(client)s looks wrong, and waits for an answer.")
    return Words(_("%(partner)s asks about a line") % words, sentence % words)


def payee_changed(told: Told, known: Names) -> Words:
    by = known.person(told) if told.params.get("person") else _("Somebody")
    sentence = _("%(name)s changed the payee details of %(partner)s. Nothing is paid before SISO has checked them.")
    more = (_("If that was not meant to happen, change them back and tell us."),)
    return Words(_("Payee details changed"), sentence % {"name": by, "partner": known.partner(told)}, more)


def terms_published(told: Told, known: Names) -> Words:
    words = {
        "number": formats.number(int(told.params["number"])),
        "day": formats.day(date.fromisoformat(told.params["begins_on"]), form="long"),
        "partner": known.partner(told),
    }
    sentence = _(
        "Version %(number)s of the terms holds from %(day)s. From that day nothing is paid to %(partner)s until an "
        "owner has accepted it."
    )
    return Words(_("New terms to accept"), sentence % words, (_("What is ready by then waits; it does not expire."),))


def statement_ready(told: Told, known: Names) -> Words:
    """A month's statement is there: what it comes to, and what becomes of that."""
    title = _("Your statement for %(month)s") % {"month": _month_of(told)}
    if "amount" not in told.params:  # told before notices had the amount
        return Words(title, _("It says what it comes to, and what becomes of that."))
    outcome, currency = Outcome(told.params["outcome"]), told.params["currency"]
    amount, minimum = (int(told.params[name]) for name in ("amount", "minimum"))
    if outcome is not Outcome.PAY:
        return Words(title, payments.not_paid(outcome, amount, minimum, currency))
    words = {
        "amount": formats.money(amount, currency),
        "day": formats.day(date.fromisoformat(told.params["pays_on"])),
    }
    said = _("%(amount)s is paid on %(day)s. The statement shows every line, and why it is not last month's sum.")
    return Words(title, said % words)


def statement_paid(told: Told, known: Names) -> Words:
    """A statement was paid: when, by which reference, how much."""
    amount = formats.money(int(told.params["amount"]), told.params["currency"])
    paid_on = date.fromisoformat(told.params["paid_on"])
    title = _("A statement was paid")
    if told.params.get("month"):
        title = _("Paid: your statement for %(month)s") % {"month": _month_of(told)}
    if reference := told.params.get("reference"):
        words = {"paid": payments.paid(paid_on, reference), "amount": amount}
        return Words(title, _("%(paid)s: %(amount)s.") % words)
    # Told before notices had the reference.
    words = {"amount": amount, "day": formats.day(paid_on)}
    return Words(title, _("%(amount)s was paid on %(day)s. Its reference stands on it.") % words)


def _month_of(told: Told) -> str:
    return payments.month(date.fromisoformat(f"{told.params['month']}-01"), year=False)


def statement_returned(told: Told, known: Names) -> Words:
    words = {
        "amount": formats.money(int(told.params["amount"]), told.params["currency"]),
        "day": formats.day(date.fromisoformat(told.params["returned_on"])),
    }
    sentence = _("The payment of %(amount)s came back on %(day)s. It is tried again; check your payee details.")
    return Words(_("A payment came back"), sentence % words)
