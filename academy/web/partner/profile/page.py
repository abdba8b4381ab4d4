"""One's profile: who one is here, how one signs in, where one is signed in, and one's partner."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from academy.core.errors import Refused
from academy.core.periods import time_zones
from academy.notifications.returns.queries import return_of
from academy.people.accounts.actions import change_profile, end_other_sessions, end_session
from academy.people.accounts.queries import profile as read_profile
from academy.people.accounts.queries import sessions_of, ways_in
from academy.people.memberships.actions import leave_partner
from academy.people.tokens.queries import tokens_of
from academy.web.middleware import signed_in
from academy.web.partner.profile import data, notices, tokens
from academy.web.requests import PersonRequest
from academy.web.templates import render, url

REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: PersonRequest) -> HttpResponse:
    """The profile; sent back by its first form, what is changed about oneself."""
    if request.method != "POST":
        return _show(request)
    request.on_refusal = lambda refused: _show(request, refused)
    given = request.POST
    change_profile(
        request.person.pk,
        by=request.actor,
        now=request.now,
        name=given.get("name"),
        language=given.get("language"),
        timezone=given.get("timezone"),
        theme=given.get("theme"),
        shows_name="shows_name" in given,
    )
    messages.success(request, _("Saved."))
    answer = HttpResponseRedirect(url("profile"))
    answer.delete_cookie("theme")  # this device follows the new choice too
    return answer


def _show(request: PersonRequest, refused: Refused | None = None) -> HttpResponse:
    kept = read_profile(request.person.pk)
    typed = request.POST if refused else {}
    return render(
        request,
        "partner/profile/page.html",
        mine={name: typed.get(name, getattr(kept, name)) for name in ("name", "language", "timezone", "theme")},
        shows_name="shows_name" in typed if refused else kept.shows_name,
        email=kept.email,
        joined_at=kept.joined_at,
        zones=_zones(),
        languages=settings.LANGUAGES,
        ways=ways_in(request.person),
        sessions=sessions_of(request.person.pk, current=request.session.session_key, now=request.now),
        tokens=[one for one in tokens_of(request.actor, request.person.pk) if one.revoked_at is None],
        scope_names=tokens.scope_names(),
        refused=refused,
        returned=return_of(kept.email),
    )


def _zones() -> list[tuple[str, str]]:
    """The zones that people live in, without the many old names of each."""
    named = [zone for zone in time_zones() if zone.split("/")[0] in REGIONS]
    return [(zone, zone.replace("_", " ")) for zone in ["UTC", *sorted(named)]]


def _again(request: PersonRequest) -> Callable[[Refused], HttpResponse]:
    """The profile again, with what was refused above it."""

    def shown(refused: Refused) -> HttpResponse:
        messages.error(request, refused.sentence)
        return _show(request)

    return shown


@signed_in
@require_POST
def end_one(request: PersonRequest, session_id: int) -> HttpResponse:
    """Sign out one place. Ending this very one leads to sign-in."""
    end_session(session_id, by=request.actor, now=request.now)
    messages.success(request, _("That place is signed out."))
    return HttpResponseRedirect(url("profile") + "#sessions")


@signed_in
@require_POST
def end_others(request: PersonRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    here: Any = request.session.session_key
    ended = end_other_sessions(request.person.pk, keep=here, by=request.actor, now=request.now)
    messages.success(
        request,
        ngettext("%(count)d place is signed out.", "%(count)d places are signed out.", ended) % {"count": ended},
    )
    return HttpResponseRedirect(url("profile") + "#sessions")


@signed_in
@require_POST
def leave(request: PersonRequest) -> HttpResponse:
    """Leave one's partner. What one proved there counts on only through warning and grace."""
    request.on_refusal = _again(request)
    leave_partner(request.person.pk, by=request.actor, now=request.now)
    messages.success(request, _("You have left. What you learnt stays yours."))
    return HttpResponseRedirect(url("profile"))


urlpatterns = [
    path("profile/", profile, name="profile"),
    path("profile/sessions/<int:session_id>/end/", end_one, name="profile-session-end"),
    path("profile/sessions/end-others/", end_others, name="profile-sessions-end"),
    path("profile/leave/", leave, name="profile-leave"),
    path("profile/tokens/", tokens.new, name="profile-token-new"),
    path("profile/tokens/<uuid:token_id>/revoke/", tokens.revoke, name="profile-token-revoke"),
    path("profile/notices/", notices.notices, name="profile-notices"),
    path("profile/notices/try-again/", notices.again, name="profile-mail-again"),
    path("profile/data/", data.export, name="profile-data"),
    path("profile/erase/", data.erase, name="profile-erase"),
]
