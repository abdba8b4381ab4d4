"""Bearer tokens in the profile: making one, whose secret is shown this once, and ending one."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from academy.core.errors import Refused
from academy.people.permissions.rules import SCOPES
from academy.people.tokens.actions import create_token, revoke_token
from academy.web.middleware import signed_in
from academy.web.partner.profile.proof import proved
from academy.web.requests import PersonRequest
from academy.web.templates import render, url

LIFETIMES = (30, 90, 365)  # days


def scope_names() -> dict[str, str]:
    """What each scope lets a token do, in the reader's language."""
    return {
        "read": _("See what I see"),
        "learn": _("Save progress and take quizzes"),
        "people": _("Manage people"),
        "deals": _("Enter deals"),
        "live": _("Listen to what happens"),
        "admin": _("Change my sign-in and the house's settings"),
    }


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@proved
def new(request: PersonRequest) -> HttpResponse:
    """The form for a new token; sent, the secret. Reloading that answer would make another one."""
    if request.method != "POST":
        return _form(request)
    request.on_refusal = lambda refused: _form(request, refused)
    days = request.POST.get("days", "")
    if days not in {str(one) for one in LIFETIMES}:
        raise Refused(_("Choose how long it holds."), fields={"days": _("Choose from the list.")})
    label = request.POST.get("label", "").strip()
    if not label:
        raise Refused(_("Name the program."), fields={"label": _("Write what uses it, such as “our CRM”.")})
    scopes = request.POST.getlist("scopes")
    if not scopes:
        raise Refused(_("Choose what it may do."), fields={"scopes": _("Tick at least one.")})
    ends = request.now + timedelta(days=int(days))
    made = create_token(
        request.person.pk, by=request.actor, now=request.now, label=label, scopes=scopes, expires_at=ends
    )
    return render(request, "partner/profile/token.html", secret=made.secret, label=label, ends=ends)


def _form(request: PersonRequest, refused: Refused | None = None) -> HttpResponse:
    return render(
        request,
        "partner/profile/token.html",
        secret=None,
        refused=refused,
        label=request.POST.get("label", ""),
        days=request.POST.get("days", "90"),
        ticked=request.POST.getlist("scopes") or ["read"],
        scopes=[(scope, scope_names()[scope]) for scope in SCOPES],
        lifetimes=[(str(days), _("%(days)d days") % {"days": days}) for days in LIFETIMES],
    )


@signed_in
@require_POST
def revoke(request: PersonRequest, token_id: UUID) -> HttpResponse:
    """End a token at once."""
    revoke_token(token_id, by=request.actor, now=request.now)
    messages.success(request, _("The token is ended."))
    return HttpResponseRedirect(url("profile") + "#tokens")
