"""The page behind an invitation's link: by whom, to what, and how one wants to sign in from now on."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from academy.core.errors import NotFound, Refused
from academy.people.accounts.adapter import sign_in
from academy.people.accounts.queries import person_by_address
from academy.people.invitations.actions import accept_invitation
from academy.people.invitations.queries import InvitationShown, by_secret
from academy.web.requests import AnyoneRequest
from academy.web.templates import render, url

WAYS = ("password", "passkey", "code")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: AnyoneRequest, secret: str) -> HttpResponse:
    """Show an invitation, or accept it: by a new person with a name and a way in, or by the one it is for."""
    request.on_refusal = lambda refused: _unknown(request, refused)
    shown = by_secret(secret, now=request.now)
    request.on_refusal = lambda refused: _show(request, shown, refused)
    if request.method != "POST":
        return _show(request, shown)
    way = request.POST.get("way", "")
    known = request.person is not None
    if not known:
        _check(way, request.POST.get("password", ""))
    membership = accept_invitation(
        secret,
        by=request.actor,
        now=request.now,
        name=request.POST.get("name", ""),
        password=request.POST.get("password", "") if way == "password" and not known else None,
    )
    if known:
        return HttpResponseRedirect(url("home"))
    # What allauth shows on the way in (a second step, say) still comes first; Home leads to the welcome.
    entered = sign_in(request, membership.person, method="invitation")
    return HttpResponseRedirect(url("mfa_add_webauthn")) if way == "passkey" else entered


def _check(way: str, password: str) -> None:
    if way not in WAYS:
        sentence = _("Choose how you want to sign in.")
        raise Refused(sentence, fields={"way": sentence})
    if way == "password" and not password:
        sentence = _("Write a password, or choose another way to sign in.")
        raise Refused(sentence, fields={"password": sentence})


def _unknown(request: AnyoneRequest, refused: Refused) -> HttpResponse:
    if isinstance(refused, NotFound):
        refused = NotFound(_("This invitation is not complete. Open the link from the mail again."))
    return render(request, "public/invitation/page.html", shown=None, state="unknown", refused=refused)


def _show(request: AnyoneRequest, shown: InvitationShown, refused: Refused | None = None) -> HttpResponse:
    return render(
        request,
        "public/invitation/page.html",
        shown=shown,
        state=_state(request, shown),
        refused=refused,
        typed=request.POST,
    )


def _state(request: AnyoneRequest, shown: InvitationShown) -> str:
    """What the page offers: the invitation's own state, or for an open one who looks at it."""
    if shown.state != "open":
        return shown.state
    if request.person is not None:
        return "mine" if request.person.email == shown.email else "other"
    return "known" if person_by_address(shown.email) else "new"


urlpatterns = [path("invitations/<str:secret>/", invitation, name="invitation")]
