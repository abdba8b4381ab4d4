"""One month being closed: what has to be looked at first, then everything; approve, hand over, read payments back."""

from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from academy.core.errors import NotFound, Refused
from academy.core.money import Money
from academy.people.accounts.queries import names_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import may
from academy.programme.closes import actions, queries
from academy.programme.closes.models import Close
from academy.programme.closes.queries import Row, Total
from academy.programme.closes.rules import STALLED, Situation, Stage, pays_on, runs_on, why_not_approve, why_not_paid
from academy.programme.payees.queries import references_of
from academy.programme.payouts.actions import enter_file
from academy.programme.payouts.rules import Faulty, table
from academy.programme.plans.queries import plan_version
from academy.programme.statements.rules import Flag, Outcome
from academy.web import formats, payments
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.studio.close.patience import continue_for_a_while
from academy.web.templates import page, url

A_PAGE = 50
LARGEST_FILE = 1_000_000
MOST_IN_A_FILE = 20_000


@staff
@require_safe
def run(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """The page. `?show=` one of all, unpaid, an outcome or a flag; what has to be looked at stands first."""
    read = _Reads(request, found(request, programme, month))
    return page(request, "studio/close/run.html", read.context, parts={})


def found(request: PersonRequest, programme: str, month: str) -> Close:
    """The close of an address. Raises NotFound, Forbidden."""
    try:
        return queries.close_of(request.actor, programme, date.fromisoformat(f"{month}-01"))
    except ValueError:
        raise NotFound from None


def address(close: Close, name: str = "studio-close-run") -> str:
    """A close's page, or what is done on it."""
    return url(name, close.programme.slug, f"{close.month:%Y-%m}")


class _Reads:
    """What the page shows, each read once."""

    def __init__(self, request: PersonRequest, close: Close, faults: tuple[Faulty, ...] = ()) -> None:
        self.request = request
        self.close = close
        self.faults = faults

    @cached_property
    def situation(self) -> Situation:
        """How far it is."""
        return queries.situation(self.close)

    @cached_property
    def totals(self) -> list[Total]:
        """What it comes to."""
        return queries.totals([self.close.pk])

    @property
    def runs(self) -> bool:
        """Whether the reader may do anything about it."""
        return may(self.request.actor, "close.run")

    def context(self) -> dict[str, Any]:
        """Everything."""
        close, stage = self.close, Stage(self.close.stage)
        plan = plan_version(close.plan_id)
        names = names_of(
            person for person in (close.started_by_id, close.approved_by_id, close.handed_over_by_id) if person
        )
        return {
            "title": payments.month(close.month),
            "programme": close.programme.name,
            "stage": stage,
            "steps": self._steps(names),
            "runs_on": runs_on(close.month, plan.pay_day, close.cut_on),
            "pays_on": pays_on(close.month, plan.pay_day, close.cut_on),
            "cut_at": close.cut_at,
            "looked": close.looked,
            "partners": close.partners,
            "is_stalled": close.moved_at < self.request.now - STALLED,
            "unseen": self.situation.unseen,
            "unwritten": self.situation.unwritten if stage not in (Stage.COLLECTING, Stage.CHECKING) else 0,
            "made": close.statements_made - self.situation.unwritten,
            "statements": close.statements_made,
            "why_not": self._why_not_approve() if stage is Stage.CHECKING else "",
            "why_not_payments": self._why_not_payments(stage),
            "runs": self.runs,
            "totals": payments.totals(self.totals),
            "grand": self._grand(),
            "faults": [payments.fault(one) for one in self.faults],
            "here": self.close,
            "to": {
                "self": address(close),
                **{
                    name: address(close, f"studio-close-{name}")
                    for name in ("continue", "seen", "approve", "hand-over", "file", "payments")
                },
            },
            **self._exceptions(stage),
            **self._list(),
        }

    def _steps(self, names: dict[UUID, str]) -> list[dict[str, Any]]:
        """The five stages with who did what when."""
        close = self.close
        at = list(Stage).index(Stage(close.stage))
        told = {
            Stage.COLLECTING: (close.started_by_id, close.cut_at),
            Stage.APPROVED: (close.approved_by_id, close.approved_at),
            Stage.HANDED_OVER: (close.handed_over_by_id, close.handed_over_at),
            Stage.DONE: (None, close.done_at),
        }
        return [
            {
                "name": payments.stage(stage),
                "state": "done" if index < at or stage is Stage.DONE is Stage(close.stage) else "open",
                "current": index == at,
                "who": names.get(who, "") if (who := told.get(stage, (None, None))[0]) else "",
                "at": told.get(stage, (None, None))[1],
            }
            for index, stage in enumerate(Stage)
        ]

    def _why_not_approve(self) -> str:
        why = why_not_approve(self.situation, self.request.actor.person_id)
        if not may(self.request.actor, "close.approve"):
            return _("Finance approves.")
        return actions.refuse(why).sentence if why else ""

    def _why_not_payments(self, stage: Stage) -> str:
        if stage not in (Stage.HANDED_OVER, Stage.DONE):
            return ""
        why = why_not_paid(self.situation, self.request.actor.person_id)
        return actions.refuse(why).sentence if why else ""

    def _grand(self) -> list[dict[str, Any]]:
        """What is paid, by currency; other states are never added to it."""
        return payments.totals([total for total in self.totals if total.outcome == Outcome.PAY])

    def _exceptions(self, stage: Stage) -> dict[str, Any]:
        """What nobody has looked at yet, by what it is, the most pressing first."""
        if stage is not Stage.CHECKING or not self.situation.unseen:
            return {"groups": [], "more_unseen": 0}
        rows = queries.rows(self.close.pk, "exceptions", limit=A_PAGE * 4)
        groups: dict[Flag, list[dict[str, Any]]] = {}
        for row in rows:
            first = min((Flag(mark) for mark in row.flags), key=list(Flag).index)
            groups.setdefault(first, []).append(shown(row))
        ordered = sorted(groups.items(), key=lambda one: list(Flag).index(one[0]))
        return {
            "groups": [{"flag": str(mark), "name": payments.flag(mark), "rows": rows} for mark, rows in ordered],
            "more_unseen": self.situation.unseen - len(rows),
        }

    def _list(self) -> dict[str, Any]:
        """Statements, fifty at a time, narrowed by what is asked for."""
        which, value = self._wanted()
        after = self.request.GET.get("after", "").replace("\0", "")[:60]
        rows = queries.rows(self.close.pk, which, value=value, after=after, limit=A_PAGE + 1)
        show = self.request.GET.get("show", "")
        more = f"?{urlencode({'show': show, 'after': rows[A_PAGE - 1].number})}" if len(rows) > A_PAGE else ""
        return {
            "rows": [shown(row) for row in rows[:A_PAGE]],
            "more": more,
            "show": show if which != "all" else "",
            "choices": [
                ("", _("All")),
                ("unpaid", _("Not paid yet")),
                *((str(one), payments.outcome(one)) for one in Outcome),
                *((f"flag-{one}", payments.flag(one)) for one in Flag if one not in _ALSO_OUTCOMES),
            ],
        }

    def _wanted(self) -> tuple[str, str]:
        show = self.request.GET.get("show", "")
        if show == "unpaid":
            return "unpaid", ""
        if show in set(Outcome):
            return "outcome", show
        if show.removeprefix("flag-") in set(Flag) and show.startswith("flag-"):
            return "flag", show.removeprefix("flag-")
        return "all", ""


_ALSO_OUTCOMES = {Flag.NEGATIVE, Flag.HELD, Flag.TERMS, Flag.PAYEE, Flag.BELOW_MINIMUM}


def shown(row: Row) -> dict[str, Any]:
    """A statement as a row of a table."""
    state = payments.outcome(Outcome(row.outcome))
    if row.paid_on:
        state = payments.paid(row.paid_on, row.reference)
    elif row.returned_on:
        state = _("Came back %(day)s") % {"day": formats.day(row.returned_on)}
    return {
        "id": row.id,
        "number": row.number,
        "href": url("studio-statement", row.number),
        "name": row.name,
        "amount": formats.money(row.amount, row.currency),
        "lines": row.lines,
        "state": state,
        "is_paid": row.paid_on is not None,
        "came_back": row.returned_on is not None,
        "flags": [payments.flag(Flag(mark)) for mark in row.flags],
        "seen": row.seen_at is not None,
        "reason": row.held_reason,
    }


@staff
@require_POST
def seen(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """Say of the ticked statements, or of all of one kind, that they were looked at."""
    allow(request.actor, "close.run")
    close = found(request, programme, month)
    chosen: list[UUID] = []
    for text in request.POST.getlist("statement"):
        try:
            chosen.append(UUID(text))
        except ValueError:
            raise NotFound from None
    flag = request.POST.get("all", "")
    if flag and flag not in set(Flag):
        raise NotFound
    count = actions.see(request.actor, close.pk, chosen, flag=flag, now=request.now)
    said = ngettext("%(count)d statement looked at.", "%(count)d statements looked at.", count) % {"count": count}
    messages.success(request, said)
    return HttpResponseRedirect(address(close))


@staff
@require_POST
def approve(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """Approve as expected, and write statements down for as long as one waits."""
    allow(request.actor, "close.approve")
    close = found(request, programme, month)
    _on_refusal(request, close)
    actions.approve(request.actor, close.pk, now=request.now)
    continue_for_a_while(request, close.pk)
    messages.success(request, _("Approved. What is told from now on goes to the next month."))
    return HttpResponseRedirect(address(close))


def _on_refusal(request: PersonRequest, close: Close) -> None:
    """Show the page again with what was refused above it."""

    def again(refused: Refused) -> HttpResponse:
        messages.error(request, refused.sentence)
        close.refresh_from_db()
        return page(request, "studio/close/run.html", _Reads(request, close).context, parts={})

    request.on_refusal = again


@staff
@require_POST
def hand_over(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """The payment file is handed over; it can be fetched from then on."""
    allow(request.actor, "payout.record")
    close = found(request, programme, month)
    _on_refusal(request, close)
    actions.hand_over(request.actor, close.pk, now=request.now)
    messages.success(request, _("Handed over. Fetch the file, and read the payments back when they are made."))
    return HttpResponseRedirect(address(close))


@staff
@require_safe
def payment_file(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """What is to be paid, for the payment provider: no bank numbers, its own reference of each payee."""
    allow(request.actor, "payout.record")
    close = found(request, programme, month)
    if close.stage not in (Stage.HANDED_OVER, Stage.DONE):
        raise Refused(_("Hand the month over first; the file is there then."))
    rows = queries.rows(close.pk, "outcome", value=Outcome.PAY, limit=MOST_IN_A_FILE)
    payees = references_of([row.partner for row in rows])
    due = pays_on(close.month, plan_version(close.plan_id).pay_day, close.cut_on)
    lines: list[list[object]] = [["number", "payee_reference", "payee", "amount", "currency", "pay_on"]]
    for row in rows:
        reference, name = payees.get(row.partner, ("", row.name))
        amount = f"{Money(row.amount, row.currency).decimal():f}"
        lines.append([row.number, reference, name, amount, row.currency, due.isoformat()])
    return download(table(lines), f"{close.programme.slug}-{close.month:%Y-%m}-payments.csv")


def download(text: str, name: str) -> HttpResponse:
    """A CSV file; the mark at its beginning lets spreadsheets read its letters rightly."""
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@staff
@require_POST
def enter_payments(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """Read a payment file back. Right lines are entered, wrong ones are shown; the same file again changes nothing."""
    allow(request.actor, "payout.record")
    close = found(request, programme, month)
    _on_refusal(request, close)
    done = enter_file(request.actor, close.pk, _text(request), now=request.now)
    said = ngettext("%(count)d payment entered.", "%(count)d payments entered.", done.entered) % {"count": done.entered}
    if done.known:
        known = ngettext("%(count)d was known already.", "%(count)d were known already.", done.known)
        said = f"{said} {known % {'count': done.known}}"
    if not done.refused:
        messages.success(request, said)
        return HttpResponseRedirect(address(close))
    messages.warning(request, said)
    close.refresh_from_db()
    return page(request, "studio/close/run.html", _Reads(request, close, done.refused).context, parts={})


def _text(request: PersonRequest) -> str:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Refused(_("Choose the file that the payment provider sent."), fields={"file": _("Choose a file.")})
    if file.size is not None and file.size > LARGEST_FILE:
        raise Refused(_("That file is larger than 1 MB. Split it."), fields={"file": _("At most 1 MB.")})
    try:
        return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError:
        sentence = _("This file is not text in UTF-8. Save it as CSV (UTF-8).")
        raise Refused(sentence, fields={"file": sentence}) from None
