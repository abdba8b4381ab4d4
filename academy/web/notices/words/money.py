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
        return Words(
            _("Taken back: %(client)s") % words,
            _("A credit for %(client)s takes back %(amount)s, at %(rate)s.") % words,
        )
    sentence = _("%(client)s brings you %(amount)s, at %(rate)s. It is free to be paid with the next statement.")
    if date.fromisoformat(told.params["payable_on"]) > told.created_at.date():
        sentence = _(
            "%(client)s brings you %(amount)s, at %(rate)s. It is on hold until %(day)s: the client may still cancel."
        )
    return Words(_("Commission for %(client)s") % words, sentence % words)


def line_reversed(told: Told, known: Names) -> Words:
    """A client took something back, and with it goes a share of the commission."""
    words = _of_line(told, known)
    sentence = _("%(client)s took something back, so %(amount)s of your commission goes back with it, at %(rate)s.")
    return Words(_("Taken back: %(client)s") % words, sentence % words, (_where(),))


def line_adjusted(told: Told, known: Names) -> Words:
    """The amount of a deal changed, or a person of the house corrected a line."""
    words = _of_line(told, known)
    if told.params["by_hand"]:
        less = _("SISO corrected a line of %(client)s: %(amount)s is taken back. The reason stands beside it.")
        more = _("SISO corrected a line of %(client)s: %(amount)s is added. The reason stands beside it.")
    else:
        less = _("The amount of %(client)s fell, so %(amount)s of your commission goes back, at %(rate)s.")
        more = _("The amount of %(client)s rose, so %(amount)s is added to your commission, at %(rate)s.")
    sentence = less if is_less(told.params) else more
    return Words(_("Corrected: %(client)s") % words, sentence % words, (_where(),))


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
    month = payments.month(date.fromisoformat(f"{told.params['month']}-01"), year=False)
    words = {"month": month, "day": formats.day(date.fromisoformat(told.params["pays_on"]))}
    said = {
        Outcome.PAY: _("It is paid on %(day)s. Every line of it is there, and why it is not last month's sum."),
        Outcome.BELOW_MINIMUM: _("It stays below the minimum, so it is carried into the next month."),
        Outcome.NEGATIVE: _("More was taken back than earned, which is set against what comes next."),
        Outcome.TERMS: _("Nothing of it is paid before an owner has accepted the terms."),
        Outcome.PAYEE: _("Nothing of it is paid before your payee details are entered and checked."),
        Outcome.HELD: _("SISO holds it back. The reason stands on it."),
    }[Outcome(told.params["outcome"])]
    return Words(_("Your statement for %(month)s") % words, said % words)


def statement_paid(told: Told, known: Names) -> Words:
    amount = formats.money(int(told.params["amount"]), told.params["currency"])
    paid_on = date.fromisoformat(told.params["paid_on"])
    if reference := told.params.get("reference"):
        words = {"paid": payments.paid(paid_on, reference), "amount": amount}
        return Words(_("A statement was paid"), _("%(paid)s: %(amount)s.") % words)
    # Told before notices had the reference.
    words = {"amount": amount, "day": formats.day(paid_on)}
    return Words(_("A statement was paid"), _("%(amount)s was paid on %(day)s. Its reference stands on it.") % words)


def statement_returned(told: Told, known: Names) -> Words:
    words = {
        "amount": formats.money(int(told.params["amount"]), told.params["currency"]),
        "day": formats.day(date.fromisoformat(told.params["returned_on"])),
    }
    sentence = _("The payment of %(amount)s came back on %(day)s. It is tried again; check your payee details.")
    return Words(_("A payment came back"), sentence % words)
