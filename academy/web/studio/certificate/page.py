"""Taking a certificate back: for a reason that its holder reads, and after seeing what follows."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from academy.core.errors import Conflict, NotFound, Refused
from academy.people.partners.queries import open_membership
from academy.people.permissions.access import allow
from academy.people.permissions.rules import may
from academy.recognition.certificates.actions import revoke as take_back
from academy.recognition.certificates.models import Certificate
from academy.recognition.certificates.queries import by_serial
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.templates import render, url


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: PersonRequest, serial: str) -> HttpResponse:
    """Ask for the reason; with one, revoke."""
    allow(request.actor, "certificate.revoke")
    found = by_serial(serial)
    if found is None:
        raise NotFound(_("There is no certificate with this number."))
    if found.revoked_at is not None:
        raise Conflict(_("This certificate was revoked already."))
    back = _back(request, found)
    if request.method != "POST":
        return _ask(request, found, back)
    request.on_refusal = lambda refused: _ask(request, found, back, refused)
    take_back(request.actor, found.serial, reason=request.POST.get("reason", ""), now=request.now)
    messages.success(request, _("%(title)s is revoked.") % {"title": found.credential.title})
    return HttpResponseRedirect(back)


def _back(request: PersonRequest, found: Certificate) -> str:
    """Where one goes on: to the holder's partner, for those who may see it, else to the certificate."""
    place = open_membership(found.person) if may(request.actor, "partner.see_any") else None
    return url("studio-partner", place.partner.slug) if place else url("certificate", found.serial)


def _ask(request: PersonRequest, found: Certificate, back: str, refused: Refused | None = None) -> HttpResponse:
    return render(
        request,
        "studio/certificate/page.html",
        title=found.credential.title,
        advanced=found.credential.advanced,
        serial=found.serial,
        holder=found.person.name or found.person.email,
        issued_at=found.issued_at,
        back=back,
        reason=request.POST.get("reason", "") if refused else "",
        wrong=(refused.fields.get("reason") or refused.sentence) if refused else "",
    )


urlpatterns = [path("studio/certificates/<slug:serial>/revoke/", revoke, name="studio-certificate-revoke")]
