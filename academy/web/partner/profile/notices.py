"""Choosing what is mailed: by kind, and in which hours nothing is."""

from datetime import time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from academy.core.errors import Refused, Wrong
from academy.notifications.notices.rules import Cadence, never
from academy.notifications.preferences.actions import cannot_be_off, choose
from academy.notifications.preferences.queries import Wish, Wishes, wishes_of
from academy.notifications.returns.actions import try_again
from academy.notifications.returns.queries import return_of
from academy.web.middleware import signed_in
from academy.web.notices.kinds import TOPICS
from academy.web.requests import PersonRequest
from academy.web.templates import render, url


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: PersonRequest) -> HttpResponse:
    """The choices; sent back, they are kept."""
    wishes = wishes_of(request.actor)
    if request.method != "POST":
        return _show(request, wishes)
    request.on_refusal = lambda refused: _show(request, wishes, refused)
    given = request.POST
    mail = {
        wish.kind.name: given[wish.kind.name]
        for wish in wishes.kinds
        if wish.kind.name in given and not cannot_be_off(wish.kind)
    }
    begins, ends = _hours(given) if "quiet" in given else (None, None)
    choose(request.actor, mail, quiet_begins=begins, quiet_ends=ends, now=request.now)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(url("profile-notices"))


def _hours(given: QueryDict) -> tuple[time, time]:
    """From when until when, as it was typed. Raises Refused with a sentence for each that is missing or no time."""
    wrong = Wrong()
    with wrong.gathered():
        begins = _time(given.get("quiet_begins", ""), "quiet.begins")
    with wrong.gathered():
        ends = _time(given.get("quiet_ends", ""), "quiet.ends")
    wrong.tell()
    return begins, ends


def _time(text: str, field: str) -> time:
    if not text.strip():
        sentence = _("Say both when quiet hours begin and when they end.")
        raise Refused(sentence, fields={field: sentence})
    try:
        return time.fromisoformat(text.strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        sentence = _("Write a time such as 21:00.")
        raise Refused(sentence, fields={field: sentence}) from None


def _show(request: PersonRequest, wishes: Wishes, refused: Refused | None = None) -> HttpResponse:
    typed = request.POST if refused else None
    return render(
        request,
        "partner/profile/notices.html",
        groups=_groups(wishes, typed),
        cadences=_cadences(),
        has_quiet="quiet" in typed if typed else wishes.quiet_begins is not None,
        quiet_begins=typed.get("quiet_begins", "") if typed else _clock(wishes.quiet_begins, "21:00"),
        quiet_ends=typed.get("quiet_ends", "") if typed else _clock(wishes.quiet_ends, "07:00"),
        returned=return_of(request.person.email),
        email=request.person.email,
        refused=refused,
    )


def _clock(at: time | None, usual: str) -> str:
    return f"{at:%H:%M}" if at is not None else usual


def _cadences() -> list[tuple[str, str]]:
    return [(Cadence.AT_ONCE, _("At once")), (Cadence.DAILY, _("Once a day")), (Cadence.OFF, _("Not by mail"))]


def _groups(wishes: Wishes, typed: Any) -> list[dict[str, Any]]:
    """The kinds by topic, in the order of the topics; a topic without kinds is not there."""
    found = []
    for topic, name in TOPICS.items():
        kinds = [_line(wish, typed) for wish in wishes.kinds if wish.kind.topic is topic]
        if kinds:
            found.append({"name": name, "kinds": kinds})
    return found


def _line(wish: Wish, typed: Any) -> dict[str, Any]:
    kind = wish.kind
    always = cannot_be_off(kind)
    return {
        "name": kind.name,
        "label": kind.label,
        "mail": typed.get(kind.name, wish.mail) if typed else wish.mail,
        "always": always,
        "why": kind.why if always else "",
        "worse": not always and kind.must is not never,
    }


@signed_in
@require_POST
def again(request: PersonRequest) -> HttpResponse:
    """The address is right: mail goes to it again."""
    try_again(request.actor)
    messages.success(request, _("We write to your address again."))
    return HttpResponseRedirect(url("profile-notices"))
