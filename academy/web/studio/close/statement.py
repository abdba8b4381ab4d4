"""One statement for finance: its lines, its bridge to last month, what should be looked at, and its payment."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from academy.core.errors import Refused
from academy.core.money import Money
from academy.people.accounts.queries import names_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import may
from academy.programme.closes.checking import actions
from academy.programme.closes.rules import Stage
from academy.programme.payees.queries import Version, versions
from academy.programme.payees.rules import LENGTHS
from academy.programme.payouts.actions import came_back, enter_file
from academy.programme.payouts.rules import table
from academy.programme.statements import queries
from academy.programme.statements.queries import Shown
from academy.programme.statements.rules import NEW_PAYEE, Flag, Outcome
from academy.web import payments
from academy.web.middleware import staff
from academy.web.payee_words import country, field_names
from academy.web.requests import PersonRequest
from academy.web.statement_parts import bridge, line
from academy.web.templates import page, url


@staff
@require_safe
def statement(request: PersonRequest, number: str) -> HttpResponse:
    """The page."""
    return _show(request, queries.statement(request.actor, number))


def _show(request: PersonRequest, shown: Shown, refused: Refused | None = None) -> HttpResponse:
    return page(request, "studio/close/statement.html", lambda: _context(request, shown, refused), parts={})


def _context(request: PersonRequest, shown: Shown, refused: Refused | None) -> dict[str, Any]:
    rests_on = queries.opened(shown)
    runs = may(request.actor, "close.run")
    is_draft = shown.stage is Stage.CHECKING
    payee = _payee(request, shown)
    is_own = payee is not None and _is_own(request, shown, payee[0])
    return {
        "shown": shown,
        "month": payments.month(shown.month),
        "state": payments.statement_state(shown),
        "outcome": payments.outcome(shown.outcome),
        "flags": [payments.flag(Flag(mark)) for mark in shown.flags],
        "lines": [line(one, shown) for one in rests_on.lines],
        "bridge": bridge(shown, rests_on),
        "run": url("studio-close-run", shown.programme, f"{shown.month:%Y-%m}"),
        "runs": runs,
        "can_hold": runs and is_draft and shown.outcome is not Outcome.HELD,
        "can_look_again": runs
        and is_draft
        and (
            shown.outcome in (Outcome.HELD, Outcome.TERMS, Outcome.PAYEE)
            or (shown.outcome is Outcome.PAY and shown.has_other_payee)
        ),
        "payee": _payee_in_words(*payee) if payee else None,
        "is_own": runs and is_draft and shown.seen_at is None and is_own,
        "can_see": runs and is_draft and bool(shown.flags) and shown.seen_at is None and not is_own,
        "can_pay": may(request.actor, "payout.record")
        and shown.stage in (Stage.HANDED_OVER, Stage.DONE)
        and shown.outcome is Outcome.PAY
        and shown.paid_on is None,
        "can_return": may(request.actor, "payout.record") and shown.paid_on is not None,
        "typed": request.POST if refused else {},
        "wrong": refused.fields if refused else {},
        "refused": refused,
        "today": request.now.astimezone(ZoneInfo(shown.zone)).date(),
    }


def _payee(request: PersonRequest, shown: Shown) -> tuple[Version, Version | None] | None:
    """The payee details by which it is paid, or is to be, and those before; None for who may not see them."""
    if not may(request.actor, "payee.see") or shown.outcome is not Outcome.PAY:
        return None
    known = {one.number: one for one in versions(request.actor, shown.partner)}
    return (known[shown.payee], known.get(shown.payee - 1)) if shown.payee in known else None


def _is_own(request: PersonRequest, shown: Shown, payee: Version) -> bool:
    """Whether the reader checked the details that would be paid by for the first time: then somebody else looks."""
    is_new = any(mark in NEW_PAYEE for mark in shown.flags)
    return settings.FOUR_EYES and is_new and payee.checked_by == request.actor.person_id


def _payee_in_words(payee: Version, before: Version | None) -> dict[str, Any]:
    names = names_of([payee.checked_by] if payee.checked_by else [])
    changed = payee.profile.changes(before.profile) if before else []
    words = field_names()
    return {
        "fields": [
            {
                "name": words[name],
                "value": country(value) if name == "country" else value,
                "is_new": name in changed,
            }
            for name in LENGTHS
            if (value := getattr(payee.profile, name))
        ],
        "number": payee.number,
        "changed_at": payee.changed_at,
        "checked_at": payee.checked_at,
        "checked_by": names.get(payee.checked_by, "") if payee.checked_by else "",
    }


def _for(request: PersonRequest, verb: str, number: str) -> Shown:
    """The statement of an address, for somebody who may; what is refused is shown beside its field."""
    allow(request.actor, verb)
    request.on_refusal = lambda refused: _show(request, queries.statement(request.actor, number), refused)
    return queries.statement(request.actor, number)


def _back_to(number: str) -> HttpResponse:
    return HttpResponseRedirect(url("studio-statement", number))


@staff
@require_POST
def hold_one(request: PersonRequest, number: str) -> HttpResponse:
    """Do not pay it this month."""
    shown = _for(request, "close.run", number)
    actions.hold(request.actor, shown.id, request.POST.get("reason", ""), now=request.now)
    messages.success(request, _("Held. Its lines are looked at again next month."))
    return _back_to(number)


@staff
@require_POST
def again(request: PersonRequest, number: str) -> HttpResponse:
    """Look whether it can be paid by now."""
    shown = _for(request, "close.run", number)
    actions.look_again(request.actor, shown.id)
    messages.success(request, _("Looked at again."))
    return _back_to(number)


@staff
@require_POST
def seen_one(request: PersonRequest, number: str) -> HttpResponse:
    """Somebody has looked at it."""
    shown = _for(request, "close.run", number)
    actions.see(request.actor, shown.close, [shown.id], now=request.now)
    messages.success(request, _("Looked at."))
    return HttpResponseRedirect(url("studio-close-run", shown.programme, f"{shown.month:%Y-%m}"))


@staff
@require_POST
def paid(request: PersonRequest, number: str) -> HttpResponse:
    """Enter the payment by hand: the same as a file of one line."""
    shown = _for(request, "payout.record", number)
    given = {name: request.POST.get(name, "").strip() for name in ("date", "reference")}
    amount = f"{Money(shown.amount, shown.currency).decimal():f}"
    rows = [["number", "date", "reference", "amount", "currency"]]
    rows.append([number, given["date"], " ".join(given["reference"].split()), amount, shown.currency])
    done = enter_file(request.actor, shown.close, table(rows), now=request.now)
    if done.refused:
        sentence = payments.fault(done.refused[0]).partition(": ")[2]
        field = "reference" if done.refused[0].fault in ("reference", "came_back") else "date"
        raise Refused(sentence, fields={field: sentence})
    messages.success(request, _("The payment is entered."))
    return _back_to(number)


@staff
@require_POST
def returned(request: PersonRequest, number: str) -> HttpResponse:
    """The payment came back."""
    shown = _for(request, "payout.record", number)
    try:
        day = date.fromisoformat(request.POST.get("returned_on", ""))
    except ValueError:
        sentence = _("Write a day such as 2027-01-08.")
        raise Refused(sentence, fields={"returned_on": sentence}) from None
    came_back(request.actor, shown.id, returned_on=day, reason=request.POST.get("reason", ""), now=request.now)
    messages.success(request, _("Entered. It waits for its next attempt."))
    return _back_to(number)
