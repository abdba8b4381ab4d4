"""A certificate, for whoever has its number: whether it is valid and what it proves. And its PDF, for its holder."""

from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import cast
from uuid import UUID

import segno
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from academy.core.errors import NotFound
from academy.learning.catalog.queries import module_titles
from academy.people.permissions.access import allow
from academy.people.permissions.rules import may
from academy.recognition.certificates.models import Certificate
from academy.recognition.certificates.queries import by_serial, proved
from academy.recognition.certificates.render import Paper
from academy.recognition.certificates.render import render as print_paper
from academy.recognition.credentials.rules import status
from academy.web.middleware import signed_in, zone_of
from academy.web.refusals import TooFast
from academy.web.requests import AnyoneRequest, PersonRequest
from academy.web.templates import render, url

MOST_A_MINUTE = 30
"""How many numbers one address may try in a minute; nobody types faster, and 60 random bits outlast it by far."""


@require_safe
@never_cache
def certificate(request: HttpRequest, serial: str) -> HttpResponse:
    """The public page. An unknown number is always the same refusal, however near it is to a real one.

    Its days are those of the holder's zone, for whoever looks: the paper says the same.
    """
    asked = cast(AnyoneRequest, request)
    allow(asked.actor, "certificate.verify")
    spend(request, asked.now)
    found = _found(serial)
    with timezone.override(zone_of(found.person)):
        return _page(asked, found)


def _page(asked: AnyoneRequest, found: Certificate) -> HttpResponse:
    state = status(expires_at=found.expires_at, revoked_at=found.revoked_at, at=asked.now)
    is_mine = asked.person is not None and asked.person.pk == found.person_id
    shows = found.person.shows_name and found.person.is_active
    revokes = state != "revoked" and may(asked.actor, "certificate.revoke")
    return render(
        asked,
        "public/certificate/page.html",
        serial=found.serial,
        state=state,
        title=found.credential.title,
        summary=found.credential.summary,
        family=found.credential.family,
        advanced=found.credential.advanced,
        issued_at=found.issued_at,
        expires_at=found.expires_at,
        revoked_at=found.revoked_at,
        renewed_by=_renewed_by(found),
        proved=_proved(found),
        name=found.person.name if shows else "",
        is_mine=is_mine,
        address=address_of(found.serial),
        qr=segno.make(address_of(found.serial), error="m").svg_data_uri(border=2, scale=4, light="#fff"),
        pdf=url("certificate-pdf", found.serial) if is_mine and state != "revoked" else "",
        revoke=url("studio-certificate-revoke", found.serial) if revokes else "",
    )


@signed_in
@require_safe
def certificate_pdf(request: PersonRequest, serial: str) -> HttpResponse:
    """The PDF, for its holder; to everybody else it is not there."""
    return paper_of(serial, request.person.pk)


def paper_of(serial: str, holder: UUID) -> HttpResponse:
    """A certificate as a PDF, for its holder. Raises NotFound for anybody else, and for one that was revoked."""
    found = by_serial(serial)
    if found is None or found.person_id != holder or found.revoked_at is not None:
        raise NotFound(_("There is nothing here, or it is not yours to see."))
    paper = Paper(
        serial=found.serial,
        title=found.credential.title,
        summary=found.credential.summary,
        holder=found.person.name or found.person.email,
        issued_at=found.issued_at,
        expires_at=found.expires_at,
        proved=_proved(found),
        address=address_of(found.serial),
        zone=zone_of(found.person),
    )
    response = HttpResponse(print_paper(paper), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.credential.slug}-{found.serial}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _found(serial: str) -> Certificate:
    found = by_serial(serial)
    if found is None:
        raise NotFound(_("There is no certificate with this number. Compare it with the paper once more."))
    return found


def _renewed_by(found: Certificate) -> Certificate | None:
    """The record that took over from this one, for whoever holds the older paper; a revoked one takes over nothing."""
    later: Certificate | None = getattr(found, "renewed_by", None)
    return later if later is not None and later.revoked_at is None else None


def _proved(found: Certificate) -> list[str]:
    """What the modules that it rests on are called today, in a steady order."""
    return sorted(one.title for one in module_titles(proved(found.pk)))


def address_of(serial: str) -> str:
    """The whole address of a certificate's public page, as it stands in its QR code."""
    return f"{settings.ORIGIN}{url('certificate', serial)}"


def spend(request: HttpRequest, now: datetime) -> None:
    """Count one look-up of this address. Raises TooFast when there were too many in this minute."""
    key = f"certificates:{_network(request)}:{int(now.timestamp()) // 60}"
    if not cache.add(key, 1, timeout=60) and cache.incr(key) > MOST_A_MINUTE:
        raise TooFast(_("That were many certificates in a short time. Wait a minute, then go on."))


def _network(request: HttpRequest) -> str:
    """Where a request comes from. An IPv6 network counts as one, since its owner has all its addresses."""
    address = ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, IPv6Address):
        address = IPv6Address(int(address) >> 64 << 64)
    return address.exploded.replace(":", "-")


urlpatterns = [
    path("certificates/<slug:serial>/", certificate, name="certificate"),
    path("certificates/<slug:serial>/certificate.pdf", certificate_pdf, name="certificate-pdf"),
]
