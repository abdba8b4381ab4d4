"""One month being closed: what has to be looked at first, then everything, and what it comes to."""

from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.core.errors import NotFound, Refused
from academy.people.accounts.queries import names_of
from academy.people.permissions.rules import may
from academy.programme.closes import queries
from academy.programme.closes.guards import told_why_not_approve, told_why_not_paid
from academy.programme.closes.models import Close
from academy.programme.closes.queries import Row, Total
from academy.programme.closes.rules import OPEN, STALLED, Situation, Stage, pays_on, runs_on
from academy.programme.payouts.actions import Entered
from academy.programme.plans.queries import plan_version
from academy.programme.statements.rules import Flag, Outcome
from academy.web import formats, payments
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.studio.close.handing_over import handing_over
from academy.web.templates import page, url

TEMPLATE = "studio/close/run.html"
A_PAGE = 50
MOST_FAULTS = 200
NOTHING = Entered(0, 0, ())


@staff
@require_safe
def run(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """The page. `?show=` one of all, unpaid, an outcome or a flag; what has to be looked at stands first."""
    return show(request, found(request, programme, month))


def found(request: PersonRequest, programme: str, month: str) -> Close:
    """The close of an address. Raises NotFound, Forbidden."""
    return queries.close_of(request.actor, programme, month_named(month))


def month_named(text: str) -> date:
    """The month that an address or a form names. Raises NotFound."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise NotFound from None


def address(close: Close, name: str = "studio-close-run") -> str:
    """A close's page, or what is done on it."""
    return url(name, close.programme.slug, f"{close.month:%Y-%m}")


def show(request: PersonRequest, close: Close, done: Entered = NOTHING) -> HttpResponse:
    """The page of a close; `done` is what became of a payment file of which lines were not entered."""
    return page(request, TEMPLATE, _Reads(request, close, done).context, parts={})


def on_refusal(request: PersonRequest, close: Close) -> None:
    """Show the page again with what was refused above it."""

    def again(refused: Refused) -> HttpResponse:
        messages.error(request, refused.sentence)
        close.refresh_from_db()
        return show(request, close)

    request.on_refusal = again


class _Reads:
    """What the page shows, each read once."""

    def __init__(self, request: PersonRequest, close: Close, done: Entered) -> None:
        self.request = request
        self.close = close
        self.faults = done.refused
        self.others_entered = bool(done.entered or done.known)

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
            person
            for person in (
                *(close.started_by_id, close.approved_by_id),
                *(close.handed_over_by_id, close.rest_handed_over_by_id),
            )
            if person
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
            "to_look_at": payments.to_be_looked_at(self.situation),
            "payees_changed": self.situation.payees_changed,
            "unwritten": self.situation.unwritten if stage not in (Stage.COLLECTING, Stage.CHECKING) else 0,
            "made": close.statements_made - self.situation.unwritten,
            "statements": close.statements_made,
            "why_not": told_why_not_approve(self.request.actor, self.situation),
            "why_not_payments": told_why_not_paid(self.request.actor, self.situation),
            "runs": self.runs,
            "totals": payments.totals(self.totals),
            "grand": self._grand(),
            "faults": [payments.fault(one) for one in self.faults[:MOST_FAULTS]],
            "others_entered": self.others_entered,
            "more_faults": max(len(self.faults) - MOST_FAULTS, 0),
            "second": self.situation.second,
            "here": self.close,
            "rest_at": close.rest_handed_over_at,
            "rest_by": names.get(close.rest_handed_over_by_id, "") if close.rest_handed_over_by_id else "",
            "to": {
                "self": address(close),
                **{
                    name: address(close, f"studio-close-{name}")
                    for name in ("continue", "seen", "approve", "hand-over", "file", "payments")
                },
            },
            **handing_over(close),
            **self._exceptions(stage),
            **self._list(),
        }

    def _steps(self, names: dict[UUID, str]) -> list[dict[str, Any]]:
        """The five stages with who did what when. Collecting and checking go on; the others are over once reached."""
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
                "state": "done" if index < at or (index == at and stage not in OPEN) else "open",
                "current": index == at,
                "who": names.get(who, "") if (who := told.get(stage, (None, None))[0]) else "",
                "at": told.get(stage, (None, None))[1],
            }
            for index, stage in enumerate(Stage)
        ]

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
            own = queries.has_checked_payee(self.request.actor, row)
            groups.setdefault(first, []).append({**_shown(row), "is_own": own})
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
            "rows": [_shown(row) for row in rows[:A_PAGE]],
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


def _shown(row: Row) -> dict[str, Any]:
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
