"""The words of the month's end, the same on page, paper, CSV and mail: where money is, and why it is not."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.programme.balance.accounts.rules import NextPayment, Waits
from academy.programme.balance.rules import LineStands, Named
from academy.programme.closes.queries import Total
from academy.programme.closes.rules import Situation, Stage
from academy.programme.commissions.rules import LineState
from academy.programme.payouts.rules import Fault, Faulty
from academy.programme.statements.queries import Shown
from academy.programme.statements.rules import Cause, Flag, Outcome
from academy.web import formats


def month(first: date, *, year: bool = True) -> str:
    """A month in full: “December 2026”, or “December”."""
    return formats.month(first) if year else format_date(first, "LLLL", locale=formats.locale())


def line_state(stands: LineStands, month_paying: date | None) -> str:
    """Where a line stands, dates before sums: one of four words, never a bare “pending”. `month_paying` is that of the
    statement that pays it, or is planned to; None where none is.
    """
    named = stands.statement
    match stands.state:
        case LineState.ON_HOLD:
            return _("On hold until %(day)s") % {"day": formats.day(stands.payable_on)}
        case LineState.READY:
            if month_paying is None:
                return _("Ready")
            return _("Ready (%(month)s statement)") % {"month": month(month_paying, year=False)}
        case LineState.ON_ITS_WAY if named is not None:
            return _("On its way (%(by)s)") % {"by": on_its_way_by(named)}
        case _:
            assert named is not None
            assert named.paid_on is not None
            return paid(named.paid_on, named.reference)


def on_its_way_by(named: Named) -> str:
    """By which run a statement's money is on its way; what the bank sent back is on its way to its next attempt."""
    if named.came_back_on is None:
        return _("run of %(day)s") % {"day": formats.day(named.runs_on)}
    words = _("came back on %(day)s, paid again on %(next)s")
    return words % {"day": formats.day(named.came_back_on), "next": formats.day(named.pays_on)}


def paid(paid_on: date, reference: str) -> str:
    """A payment with its day and its reference."""
    return _("Paid %(day)s, ref. %(reference)s") % {"day": formats.day(paid_on), "reference": reference}


def statement_state(shown: Shown) -> str:
    """What becomes of a statement's money."""
    if shown.outcome is not Outcome.PAY:
        return why_not_paid(shown)
    if shown.paid_on is not None:
        return paid(shown.paid_on, shown.reference)
    if shown.waits_for_payee:
        return _not_before_checked(shown)
    if shown.returned_on is not None:
        words = _("The payment came back on %(day)s. The next attempt is planned for %(next)s.")
        return words % {"day": formats.day(shown.returned_on), "next": formats.day(shown.pays_on)}
    if shown.made_at is None:
        return _("Being checked, to be paid on %(day)s") % {"day": formats.day(shown.pays_on)}
    return _("On its way (run of %(day)s)") % {"day": formats.day(shown.runs_on)}


def _not_before_checked(shown: Shown) -> str:
    """What waits because its payee changed after the statement was decided."""
    said = _("Not paid before the new payee details are checked. %(amount)s waits, it does not expire.")
    waits = said % {"amount": formats.money(shown.amount, shown.currency)}
    if shown.returned_on is None:
        return waits
    return f"{_('The payment came back on %(day)s.') % {'day': formats.day(shown.returned_on)}} {waits}"


def why_not_paid(shown: Shown) -> str:
    """Why a statement pays nothing this month, in full."""
    return not_paid(shown.outcome, shown.amount, shown.found.minimum, shown.currency, reason=shown.held_reason)


def not_paid(outcome: Outcome, amount: int, minimum: int, currency: str, *, reason: str = "") -> str:
    """The same of a statement of so many minor units; `reason` is why a person holds it, where that is known."""
    sums = {"amount": formats.money(amount, currency), "owed": formats.money(-amount, currency)}
    held = _sentence(reason) if reason else _("the reason stands on the statement.")
    return {
        Outcome.BELOW_MINIMUM: below_minimum(amount, minimum, currency),
        Outcome.NEGATIVE: _(
            "No payment: more was taken back than earned. %(owed)s is owed and is set against what comes next."
        )
        % sums,
        Outcome.TERMS: _("No payment yet: the current terms are not accepted. %(amount)s waits, it does not expire.")
        % sums,
        Outcome.PAYEE: _("No payment yet: the payee details wait to be checked. %(amount)s waits, it does not expire.")
        % sums,
        Outcome.HELD: _("Held by SISO this month: %(reason)s %(amount)s waits, it does not expire.")
        % {**sums, "reason": held},
        Outcome.PAY: "",
    }[outcome]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def below_minimum(amount: int, minimum: int, currency: str) -> str:
    """The sentence that everybody knows by heart."""
    if amount == 0:
        return _("No payment planned: nothing is owed.")
    words = _("No payment planned: %(amount)s is below the minimum of %(minimum)s. It waits, it does not expire.")
    return words % {"amount": formats.money(amount, currency), "minimum": formats.money(minimum, currency)}


def next_payment(coming: NextPayment) -> str:
    """When the next payment comes and what it is about; or why none is planned, and what waits.

    Home, Earnings, Statements, the studio and the API say it with this sentence alone.
    """
    amount = formats.money(coming.amount, coming.currency)
    if coming.date is not None and coming.is_planned:
        words = _("%(day)s: %(amount)s") if coming.is_made else _("%(day)s: about %(amount)s")
        return words % {"day": formats.day(coming.date), "amount": amount}
    match coming.waits:
        case Waits.NOTHING | None:
            return _("No payment planned: nothing is ready or on hold.")
        case Waits.NEGATIVE:
            owed = formats.money(-coming.amount, coming.currency)
            words = _("No payment planned: %(owed)s is owed and is set against what comes next.")
            return words % {"owed": owed}
        case Waits.BELOW_MINIMUM:
            return below_minimum(coming.amount, coming.minimum, coming.currency)
        case Waits.TERMS:
            words = _("No payment before the current terms are accepted. %(amount)s waits, it does not expire.")
        case Waits.PAYEE:
            words = _("No payment before the payee details are checked. %(amount)s waits, it does not expire.")
        case Waits.PAST:
            words = _(
                "No payment planned: %(amount)s was owed then. It is imported history, and nothing of it is paid here."
            )
        case Waits.HELD:
            return _still_held(coming, amount)
    return words % {"amount": amount}


def _still_held(coming: NextPayment, amount: str) -> str:
    """What a person holds may be less than all that waits, or more where some of it was taken back since."""
    assert coming.held is not None
    words = _(
        "No payment before SISO lets it go: %(held)s was held in the %(month)s statement. %(amount)s waits, it does "
        "not expire."
    )
    held = formats.money(coming.held.amount, coming.currency)
    return words % {"held": held, "month": month(coming.held.month, year=False), "amount": amount}


def once(waits: Waits | None, said: str) -> str:
    """A promise of a payment, with what a person has to do before; as it is where nothing stands in its way."""
    match waits:
        case Waits.TERMS:
            return _("%(promise)s, once the current terms are accepted") % {"promise": said}
        case Waits.PAYEE:
            return _("%(promise)s, once the payee details are checked") % {"promise": said}
        case Waits.HELD:
            return _("%(promise)s, if SISO no longer holds it") % {"promise": said}
        case _:
            return said


def outcome(one: Outcome) -> str:
    """An outcome in a table."""
    return {
        Outcome.PAY: _("To be paid"),
        Outcome.BELOW_MINIMUM: _("Below the minimum"),
        Outcome.NEGATIVE: _("Negative, carried on"),
        Outcome.TERMS: _("Terms not accepted"),
        Outcome.PAYEE: _("Payee not checked"),
        Outcome.HELD: _("Held"),
    }[one]


def flag(one: Flag) -> str:
    """What should be looked at."""
    return {
        Flag.NEGATIVE: _("Negative"),
        Flag.PAYEE_CHANGED: _("New payee details"),
        Flag.MUCH_MORE: _("Three times the usual"),
        Flag.QUESTION: _("Question open"),
        Flag.HELD: _("Held"),
        Flag.FIRST: _("First payment"),
        Flag.TERMS: _("Terms not accepted"),
        Flag.PAYEE: _("Payee not checked"),
        Flag.BELOW_MINIMUM: _("Below the minimum"),
    }[one]


def bridge(steps: Sequence[tuple[Cause, int]]) -> list[tuple[str, int]]:
    """The steps from last month's statement to this one's, in words."""
    has_changed = any(one is Cause.RATE for one, _amount in steps)
    return [(_cause(one, has_changed=has_changed), amount) for one, amount in steps]


def _cause(one: Cause, *, has_changed: bool) -> str:
    return {
        Cause.PAID: _("Paid last month"),
        Cause.CARRIED: _("Carried over from earlier months"),
        Cause.NEW: _("New deals, at last month's rate where there was one") if has_changed else _("New deals"),
        Cause.RATE: _("Change of rate since last month's deals"),
        Cause.CREDITS: _("Credits"),
        Cause.REVERSED: _("Taken back"),
        Cause.ADJUSTED: _("Adjusted"),
    }[one]


def to_be_looked_at(situation: Situation) -> str:
    """How much finance has to look at before a month can be approved; empty where that is nothing."""
    count = situation.payees_changed or situation.unseen
    if not count:
        return ""
    words = ngettext("%(num)s statement needs a look", "%(num)s statements need a look", count)
    if situation.payees_changed:
        words = ngettext(
            "The payee details of %(num)s statement changed or were checked after it was looked at",
            "The payee details of %(num)s statements changed or were checked after they were looked at",
            count,
        )
    return words % {"num": formats.number(count)}


def stage(one: Stage) -> str:
    """How far a close is."""
    return {
        Stage.COLLECTING: _("Collecting"),
        Stage.CHECKING: _("Checking"),
        Stage.APPROVED: _("Approved"),
        Stage.HANDED_OVER: _("Handed over"),
        Stage.DONE: _("Done"),
    }[one]


def fault(one: Faulty) -> str:
    """Why a line of a payment file was not taken."""
    words = {
        Fault.COLUMNS: _("The column “%(told)s” is missing. The first line names number, date, reference, amount and "
                         "currency."),
        Fault.QUOTES: _("A quotation mark opens here and does not close as it should, so nothing of the file was "
                        "entered. Save it anew as CSV."),
        Fault.DATE: _("“%(told)s” is not a day. Write it like 2027-01-05."),
        Fault.REFERENCE: _("The reference is missing, or longer than 60 letters."),
        Fault.AMOUNT: _("The amount cannot be read. Write it like 1200.50."),
        Fault.UNKNOWN: _("No statement of this month is called %(number)s."),
        Fault.NOT_PAID_BY_IT: _("%(number)s pays nothing. Ask the bank for the money back."),
        Fault.OTHER_AMOUNT: _("%(number)s is about another amount. Ask the bank what was paid."),
        Fault.OTHER_CURRENCY: _("%(number)s is in another currency."),
        Fault.PAID_ALREADY: _("%(number)s was paid already, under another reference or on another day."),
        Fault.TOO_EARLY: _("%(number)s: this day lies before the file was handed over."),
        Fault.IN_FUTURE: _("%(number)s: this day lies in the future."),
        Fault.NOT_HANDED_OVER: _("%(number)s was left out of the payment file, as its payee details are not checked. "
                                 "Ask the payment provider whom it paid."),
        Fault.CAME_BACK: _("%(number)s: this very payment came back. Enter the next attempt under its own reference."),
        Fault.OWN: _("%(number)s: you handed it over, so somebody else enters its payment."),
    }  # fmt: skip
    text = words[one.fault] % {"told": one.told, "number": one.number}
    return _("Line %(line)d: %(text)s") % {"line": one.line, "text": text}


def totals(rows: Sequence[Total]) -> list[dict[str, Any]]:
    """What a close comes to, a row for each currency and outcome, in words; the currency of most statements first."""
    weights: Counter[str] = Counter()
    for row in rows:
        weights[row.currency] += row.statements
    ordered = sorted(rows, key=lambda row: (-weights[row.currency], row.currency))
    return [
        {
            "currency": row.currency,
            "outcome": _("Paid") if 0 < row.statements == row.paid_statements else outcome(Outcome(row.outcome)),
            "key": row.outcome,
            "statements": row.statements,
            "amount": formats.money(row.amount, row.currency),
            "paid_statements": row.paid_statements,
            "paid": formats.money(row.paid, row.currency) if row.paid_statements else "",
        }
        for row in ordered
    ]
