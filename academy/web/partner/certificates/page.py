"""One's certificates: what one holds and until when, what is missing for the others, and what each would bring."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.learning.remaining.queries import Left, left_of_modules
from academy.people.permissions.rules import may
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.outlook.rules import Outlook
from academy.programme.standing.queries import Stands
from academy.programme.standing.rules import Part, ranks
from academy.recognition.certificates.models import Certificate
from academy.recognition.certificates.queries import Record, of_people, record_of
from academy.recognition.credentials.queries import InForce
from academy.recognition.credentials.rules import RENEWAL_OPENS, counts_after, status
from academy.web import sentences, steps
from academy.web.middleware import signed_in
from academy.web.partner.outlook import effect, monthly
from academy.web.partner.standing import up_to_date
from academy.web.requests import PersonRequest
from academy.web.templates import page, url

KEEPS, RAISES, NEITHER = range(3)
"""In which order what one can earn is shown."""


@signed_in
@require_safe
def certificates(request: PersonRequest) -> HttpResponse:
    """The page."""
    read = Reads(request, up_to_date(request))
    return page(request, "partner/certificates/page.html", read.context, parts={"held": "held", "missing": "missing"})


@dataclass
class Reads:
    """What the page shows, each read once."""

    request: PersonRequest
    stands: Stands | None

    @property
    def person(self) -> UUID:
        """Who asks."""
        return self.request.actor.person_id

    @cached_property
    def record(self) -> Record:
        """What was proved, what is held last, and which credentials there are."""
        return record_of(self.person, self.request.now)

    @cached_property
    def ahead(self) -> Prospects | None:
        """What would change; None outside every programme."""
        return prospects(self.stands, self.person, self.request.now) if self.stands else None

    @cached_property
    def left(self) -> Mapping[str, Left]:
        """What is left of each module that some credential asks for."""
        if self.ahead:
            return self.ahead.modules
        wanted = frozenset[str]().union(*(one.rule.modules() for one in self.record.credentials.values()))
        return {str(key): one for key, one in left_of_modules(self.person, [UUID(key) for key in wanted]).items()}

    def context(self) -> dict[str, Any]:
        """Latest certificates, earlier ones, and credentials that are open."""
        shown = [self._held(one) for one in of_people([self.person])]
        latest = {one.id for one in self.record.last.values()}
        missing = [self._missing(one) for one in self.record.credentials.values() if self._is_open(one)]
        return {
            "held": [one for one in shown if one["id"] in latest],
            "earlier": [one for one in shown if one["id"] not in latest],
            "missing": sorted(missing, key=lambda one: (one["brings"]["order"], one["minutes"], one["title"])),
            "scope": self.request.partner.name if self.request.partner else "",
        }

    def _state(self, credential: UUID) -> str:
        last = self.record.last.get(credential)
        if last is None:
            return ""
        return status(expires_at=last.expires_at, revoked_at=last.revoked_at, at=self.request.now)

    def _is_open(self, credential: InForce) -> bool:
        """Whether it can be earned now: not held, or its renewal has begun."""
        last = self.record.last.get(credential.id)
        if self._state(credential.id) != "valid" or last is None:
            return True
        return last.expires_at is not None and last.expires_at - RENEWAL_OPENS <= self.request.now

    def _held(self, one: Certificate) -> dict[str, Any]:
        state = status(expires_at=one.expires_at, revoked_at=one.revoked_at, at=self.request.now)
        opens = one.expires_at - RENEWAL_OPENS if one.expires_at else None
        return {
            "id": one.pk,
            "serial": one.serial,
            "title": one.credential.title,
            "family": one.credential.family,
            "advanced": one.credential.advanced,
            "state": state,
            "issued_at": one.issued_at,
            "expires_at": one.expires_at,
            "renew_from": opens if opens and state == "valid" else None,
            "can_renew": bool(opens and state == "valid" and opens <= self.request.now),
            "revoked_at": one.revoked_at,
            "reason": one.revoked_reason,
        }

    def _missing(self, credential: InForce) -> dict[str, Any]:
        """The modules still missing for a credential, with minutes, and what holding it would change."""
        last = self.record.last.get(credential.id)
        after = counts_after(last.summary() if last else None)
        done = {key for key, at in self.record.passed.items() if after is None or at > after}
        modules = [self._module(key) for key in credential.rule.modules() - done if key in self.left]
        modules.sort(key=lambda one: (one["minutes"], one["title"]))
        minutes = sum(one["minutes"] for one in modules)
        state = self._state(credential.id)
        return {
            "title": credential.title,
            "summary": credential.summary,
            "advanced": credential.advanced,
            "modules": modules,
            "done": len(credential.rule.modules()) - len(modules),
            "total": len(credential.rule.modules()),
            "minutes": minutes,
            "again": {"valid": _("Renewal is open"), "expired": _("Expired"), "revoked": _("Revoked")}.get(state, ""),
            "href": modules[0]["href"] if modules else "",
            "brings": self._brings(credential),
        }

    def _module(self, key: str) -> dict[str, Any]:
        again = key in self.record.passed
        one = self.left[key].again() if again else self.left[key]
        start = url("lesson", one.next_lesson) if one.next_lesson else url("course", one.course_slug)
        return {
            "title": one.title,
            "minutes": one.minutes,
            "again": again,
            "href": start if one.next_lesson else f"{start}#{one.slug}",
        }

    def _brings(self, credential: InForce) -> dict[str, Any]:
        """What it would keep or change for the partner, by the rules of the next step; what keeps comes first."""
        if self.ahead is None or self.stands is None:
            return {"order": KEEPS, "what": "", "why": ""}
        sees = may(self.request.actor, "amounts.see", partner_id=self.stands.partner)
        kept = self.ahead.kept_by(modules=self.ahead.offer.credentials.get(str(credential.id), ()))
        if kept is not None:
            told = [steps.without_it(self.ahead, kept), monthly(self.ahead, kept.monthly) if sees else ""]
            what = _("keeps %(what)s") % {"what": steps.kept(self.ahead, kept)}
            return {"order": KEEPS, "what": what, "why": " ".join(filter(None, told))}
        then = self.ahead.after(credentials=[str(credential.id)])
        parts = self._rise(then), effect(self.stands.rate().basis_points, then.basis_points)
        if what := ", ".join(filter(None, parts)):
            return {"order": RAISES, "what": what, "why": monthly(self.ahead, then.monthly) if sees else ""}
        return {"order": NEITHER, "what": "", "why": ""}

    def _rise(self, then: Outlook) -> str:
        if self.stands is None:
            return ""
        plan, held = self.stands.plan, self.stands.held
        rises = ranks(plan, then.held)[Part.TIER] > ranks(plan, held)[Part.TIER]
        return sentences.tier_name(plan, then.held.tier) if rises else ""


urlpatterns = [path("certificates/", certificates, name="certificates")]
