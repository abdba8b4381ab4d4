"""Today: what waits for somebody of the house, by sort, the most urgent first; when nothing does, what comes next."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from academy.core.errors import NotFound, Refused
from academy.people.permissions.access import allow
from academy.people.permissions.rules import may
from academy.programme.commissions.questions.queries import open_questions, waiting_corrections
from academy.programme.deals.queries import deals_to_answer
from academy.programme.deals.reports.queries import backlogs
from academy.programme.payees.queries import waiting as payees_waiting
from academy.programme.roster import queries as roster
from academy.recognition.certificates.queries import ending
from academy.web import formats
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.studio.today import months, rows
from academy.web.studio.today.rows import PREFIX, TEMPLATE, Row
from academy.web.templates import Part, page, url

MOST = 100
"""Rows of one sort; beyond that the room of that sort has them all."""
MOST_QUIET = 20
"""Those that stalled last; the list of partners, ordered by when they were there, has them all."""
SOON = timedelta(days=60)
NEXT_SHOWN = 3
ASKED_AGAIN = ("deal", "question", "correction")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one sort."""

    title: str
    rows: list[Row]
    most: int = MOST

    @property
    def count(self) -> str:
        """How many there are, as far as they are shown."""
        return formats.number(len(self.rows)) + ("+" if len(self.rows) >= self.most else "")


@staff
@require_safe
def today(request: PersonRequest) -> HttpResponse:
    """The list. Each row is a part of its own, and changes where it stands."""
    allow(request.actor, "deal.see_any")
    return page(request, TEMPLATE, lambda: _whole(request), parts=_parts(request))


def _whole(request: PersonRequest) -> dict[str, Any]:
    found = [group for group in _groups(request) if group.rows]
    return {
        "groups": found,
        "count": sum(len(group.rows) for group in found),
        "coming": list(_coming(request))[:NEXT_SHOWN],
        "news_from": f"{url('studio-news')}?after={request.now.timestamp():.6f}",
        "after": request.now,
        "new": 0,
    }


def _groups(request: PersonRequest) -> Iterator[Group]:
    """What this person's roles may do something about, and what they should know."""
    by = request.actor
    if may(by, "deal.answer"):
        yield Group(_("Deals to answer"), [rows.of_deal(request, one) for one in deals_to_answer(by, limit=MOST)])
    if may(by, "line.answer"):
        asked = open_questions(by, limit=MOST)
        yield Group(_("Questions about money"), [rows.of_question(request, one) for one in asked])
    if may(by, "line.correct"):
        proposed = waiting_corrections(by, limit=MOST)
        yield Group(_("Corrections for a second person"), [rows.of_correction(request, one) for one in proposed])
    if may(by, "payee.check"):
        yield Group(_("Payee details to check"), [rows.of_payee(one) for one in payees_waiting(by, MOST)])
    if may(by, "close.run"):
        yield Group(_("Months to close"), months.waiting(request))
    if may(by, "deal.match"):
        yield Group(_("Reports nobody understands yet"), [rows.of_backlog(one) for one in backlogs(by)])
    waiting = roster.waiting(by, limit=MOST)
    promotions = [one for one in waiting if one.held.awaiting is not None]
    yield Group(_("Promotions to confirm"), [rows.of_partner(request, one) for one in promotions])
    falling = [one for one in waiting if one.held.awaiting is None]
    yield Group(_("At risk, by date"), [rows.of_partner(request, one) for one in falling])
    if may(by, "partner.edit"):
        quiet = roster.quiet(by, now=request.now, limit=MOST_QUIET)
        yield Group(_("Partners gone quiet"), [rows.of_quiet(one) for one in quiet], MOST_QUIET)


def _coming(request: PersonRequest) -> Iterator[str]:
    """What comes next, though nothing has to be done today: ends of certificates by day, then the next tier."""
    ends = [one.expires_at for one in ending(request.now, request.now + SOON) if one.expires_at]
    for day, those in groupby(ends, key=lambda at: timezone.localtime(at).date()):
        count = len(list(those))
        yield ngettext(
            "%(count)s certificate expires on %(day)s", "%(count)s certificates expire on %(day)s", count
        ) % {"count": formats.number(count), "day": formats.day(day)}
    look = roster.next_look(request.actor)
    if look is not None:
        yield _("The next tier that could fall is safe until %(day)s") % {"day": formats.day(look)}


def _parts(request: PersonRequest) -> Mapping[str, str | Part]:
    """The rows that an open page asks for again, read at once by sort."""
    asked: defaultdict[str, list[str]] = defaultdict(list)
    for name in request.headers.get("X-Parts", "").split(","):
        kind, _dash, key = name.strip().removeprefix(PREFIX).partition("-")
        if name.strip().startswith(PREFIX):
            asked[kind].append(key)
    found: dict[str, str | Part] = {}
    for kind in ASKED_AGAIN:
        again = rows.asked_again(request, kind, [_id(key) for key in asked[kind]]) if asked[kind] else {}
        found |= {row.id: Part("row", _of(row)) for row in again.values()}
    if asked["partner"]:
        found |= {row.id: Part("row", _of(row)) for row in _partners_again(request, asked["partner"])}
    return found


def _of(row: Row) -> Callable[[], dict[str, Any]]:
    return lambda: {"row": row}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _partners_again(request: PersonRequest, slugs: list[str]) -> Iterator[Row]:
    waiting = {one.slug: one for one in roster.waiting(request.actor, limit=MOST)}
    names = roster.lines(request.actor, slugs)
    for slug in slugs:
        if slug in waiting:
            yield rows.of_partner(request, waiting[slug])
        elif slug in names:
            yield rows.no_longer(slug, names[slug].name)


@staff
@require_safe
def first(request: PersonRequest) -> HttpResponse:
    """To the first thing that waits, whatever was decided meanwhile."""
    allow(request.actor, "deal.see_any")
    waiting = (row for group in _groups(request) for row in group.rows if row.does)
    where = next((row.href for row in waiting), url("studio-today"))
    return HttpResponseRedirect(where)


@staff
@require_safe
def news(request: PersonRequest) -> HttpResponse:
    """How many things have come since a page was opened: they are told and not pushed in between."""
    allow(request.actor, "deal.see_any")
    try:
        after = datetime.fromtimestamp(float(request.GET.get("after", "")), tz=request.now.tzinfo)
    except (ValueError, OverflowError, OSError):
        raise Refused(_("This address is not one of ours. Go back to Today.")) from None
    parts = {"news": Part("news", lambda: _news(request, after))}
    return page(request, TEMPLATE, lambda: _whole(request), parts=parts)


def _news(request: PersonRequest, after: datetime) -> dict[str, Any]:
    came = [row.since for group in _groups(request) for row in group.rows if row.since is not None]
    return {
        "new": sum(1 for at in came if at > after),
        "news_from": f"{url('studio-news')}?after={after.timestamp():.6f}",
    }


urlpatterns = [
    path("studio/today/", today, name="studio-today"),
    path("studio/today/first/", first, name="studio-first"),
    path("studio/today/news/", news, name="studio-news"),
]
