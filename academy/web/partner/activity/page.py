"""Activity: what happened to me and to my company, newest first, as the journal tells it."""

from collections.abc import Mapping
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.core.errors import Refused
from academy.journal.audiences import with_numbers
from academy.journal.queries import told_before
from academy.people.partners.models import MemberRole
from academy.programme.plans.rules import Plan
from academy.programme.standing.queries import Stands, stands
from academy.web import activity_words, deal_words
from academy.web.middleware import signed_in
from academy.web.requests import PersonRequest
from academy.web.templates import page
from academy.web.titles import titles_of

A_PAGE = 40
ICONS = {
    "lesson": "training",
    "quiz": "check",
    "module": "check",
    "course": "training",
    "certificate": "certificate",
    "tier": "what-if",
    "rate": "what-if",
    "deal": "deals",
    "commission": "earnings",
    "line": "earnings",
    "member": "person",
}


@signed_in
def activity(request: PersonRequest) -> HttpResponse:
    """The page; `?before=` goes on to what is older."""
    text = request.GET.get("before", "")
    if text and not text.isdigit():
        raise Refused(_("This address is not one of ours. Go back to the newest activity."))
    before = int(text) if text else None
    return page(
        request, "partner/activity/page.html", lambda: _context(request, before), parts={"activity": "activity"}
    )


def _context(request: PersonRequest, before: int | None) -> dict[str, Any]:
    partner = request.partner.pk if request.partner else None
    owner = request.membership is not None and request.membership.role == MemberRole.OWNER
    rows = told_before(request.person.pk, partner=partner, owner=owner, before=before, limit=A_PAGE + 1)
    shown = rows[:A_PAGE]
    titles = titles_of(row[5] for row in shown if row[5] is not None)
    found = stands(partner) if partner else None
    plan = found.plan if found else None
    told = partial(_text, titles=titles, plan=plan, reader=request.person.pk, owner=owner)
    lines = [
        {
            "text": text,
            "icon": ICONS.get(row[1].partition(".")[0], "info"),
            "at": row[7],
            "day": timezone.localtime(row[7]).date(),
            "scope": _scope(request, row),
        }
        for row in shown
        if _is_ours(request, row, found) and (text := told(row))
    ]
    return {
        "days": [(day, list(group)) for day, group in groupby(lines, key=lambda line: line["day"])],
        "older": shown[-1][0] if len(rows) > A_PAGE else None,
        "is_newest": before is None,
    }


def _text(row: tuple[Any, ...], *, titles: Mapping[UUID, str], plan: Plan | None, reader: UUID, owner: bool) -> str:
    """A fact in words; empty where nothing is left of it without its amounts, which this reader may not see."""
    title = titles.get(row[5], _("something no longer here"))
    if with_numbers(row[1], row[3], of=reader, owner=owner):
        return activity_words.activity(row[1], row[6], title, plan)
    what = deal_words.without_amounts(row[1])
    return _("%(what)s · %(client)s") % {"what": what, "client": title} if what else ""


def _scope(request: PersonRequest, row: tuple[Any, ...]) -> str:
    """Whose a fact is: the deals too are one's own that one registered."""
    if row[3] == request.person.pk:
        return _("You")
    if row[2] is None and row[3] is None:
        return _("SISO")
    return request.partner.name if request.partner else ""


def _is_ours(request: PersonRequest, row: tuple[Any, ...], found: Stands | None) -> bool:
    """Whether a fact is told here: of what concerns everybody, the own programme's terms since one came."""
    if row[1] == "plan.published":
        return False
    if row[1] != "terms.published":
        return True
    came = request.membership.joined_at if request.membership else None
    return found is not None and came is not None and row[6]["programme"] == str(found.programme) and row[7] >= came


urlpatterns = [path("activity/", activity, name="activity")]
