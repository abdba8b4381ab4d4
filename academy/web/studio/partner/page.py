"""One partner: where it stands and why, who carries what, and what its journal says; now, or as of any day."""

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from functools import cached_property, partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from academy.core.errors import Refused
from academy.journal.queries import head
from academy.people.invitations.queries import InvitationShown, open_invitations
from academy.people.partners.models import Partner
from academy.people.partners.queries import Stay, partner_by_slug, stays_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import may
from academy.programme.balance.accounts.queries import overview_of, overview_then
from academy.programme.balance.accounts.rules import Overview
from academy.programme.commissions.rules import LineState
from academy.programme.evidence.queries import evidence_at
from academy.programme.evidence.rules import Evidence
from academy.programme.history.queries import stood
from academy.programme.pins.actions import pin_tier, unpin_tier
from academy.programme.standing.actions import approve_promotion, bring_up_to_date
from academy.programme.standing.queries import Stands, present_of, stands
from academy.recognition.certificates.queries import of_people
from academy.web import formats, sentences
from academy.web.days import programme_zone
from academy.web.deal_words import last_day
from academy.web.middleware import staff
from academy.web.money.asked import Asked
from academy.web.money.coming import next_payment
from academy.web.requests import PersonRequest
from academy.web.studio.partner import deals, journal, lines, standing
from academy.web.studio.partner.standing import Shown
from academy.web.templates import Part, page, url


@staff
@require_safe
def partner(request: PersonRequest, slug: str) -> HttpResponse:
    """The page. `?as_of=2026-05-31` shows the end of that day, `?before=` goes on to older facts.

    Its days are the programme's, as on statements and on the pages of its lines.
    """
    return _show(request, _found(request, slug))


def _show(request: PersonRequest, found: Partner, refused: Refused | None = None) -> HttpResponse:
    at = head()
    read = Reads(request, found, up_to_date(found.pk, request.now), refused)
    with timezone.override(programme_zone(read.today)):
        return page(
            request,
            "studio/partner/page.html",
            lambda: {
                **read.frame(),
                **read.standing(),
                **read.people(),
                **read.certificates(),
                **read.deals(),
                **read.lines(),
                **read.journal(),
            },
            parts={
                "standing": Part("standing", lambda: {**read.frame(), **read.standing()}),
                "people": Part("people", lambda: {**read.frame(), **read.people()}),
                "certificates": Part("certificates", lambda: {**read.frame(), **read.certificates()}),
                "deals": Part("deals", lambda: {**read.frame(), **read.deals()}),
                "lines": Part("lines", lambda: {**read.frame(), **read.lines()}),
                "journal": Part("journal", lambda: {**read.frame(), **read.journal()}),
            },
            cursor=lambda: at,
        )


def _found(request: PersonRequest, slug: str) -> Partner:
    """The partner, for those who may see any. Raises NotFound or Forbidden."""
    allow(request.actor, "partner.see_any")
    allow(request.actor, "standing.see_any")
    return partner_by_slug(request.actor, slug)


def up_to_date(partner_id: UUID, now: datetime) -> Stands | None:
    """The standing with everything applied that was due; None outside every programme."""
    found = stands(partner_id)
    if found is not None and found.is_due(now):
        bring_up_to_date(partner_id, now=now)
        found = stands(partner_id)
    return found


@dataclass
class Reads:
    """What the page shows, each read once and only when a part asks for it."""

    request: PersonRequest
    partner: Partner
    today: Stands | None
    refused: Refused | None = None

    @cached_property
    def day(self) -> date | None:
        """The day as of which to show it; None for now, and for every day that is not over."""
        return self._chosen if self._chosen is not None and self._chosen < self._this_day else None

    @property
    def not_yet(self) -> date | None:
        """The day that is asked for and has not come; what is shown is now."""
        return self._chosen if self._chosen is not None and self._chosen > self._this_day else None

    @cached_property
    def _chosen(self) -> date | None:
        text = self.request.GET.get("as_of", "")
        if not text or self.today is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Refused(_("This is not a day. Write it like 2026-05-31.")) from None

    @property
    def _zone(self) -> tzinfo | None:
        """Where the partner's programme cuts its days."""
        return self.today.plan.zone if self.today else self.request.now.tzinfo

    @property
    def _this_day(self) -> date:
        return self.request.now.astimezone(self._zone).date()

    def _end_of(self, day: date) -> datetime:
        return standing.end_of(datetime.combine(day, time(), self._zone))

    @cached_property
    def at(self) -> datetime:
        """The instant that everything on the page is shown as of: what was asked for, as far as anything is told."""
        return self._asked if self.today is None else min(self._asked, present_of(self.today, self.request.now))

    @property
    def _asked(self) -> datetime:
        return self._end_of(self.day) if self.day else self.request.now

    @cached_property
    def shown(self) -> Shown | None:
        """The standing to show; None when the partner was in no programme."""
        if self.today is None:
            return None
        currency = self.partner.currency
        if self.day is None:
            return Shown(self.today, currency, self.at)
        past = stood(self.partner.pk, self.today.programme, currency, self.at)
        return Shown(past, currency, self.at) if past else None

    @cached_property
    def seen(self) -> Overview | None:
        """What its money comes to; None when the partner was in no programme."""
        if self.today is None or self.shown is None:
            return None
        if self.day is None:
            return overview_of(self.today, self.request.now)
        return overview_then(self.today, self.shown.plan, self.at)

    @cached_property
    def evidence(self) -> Evidence | None:
        """What spoke for the partner then."""
        if self.shown is None:
            return None
        return evidence_at(self.partner.pk, self.shown.plan, self.partner.currency, self.at)

    @cached_property
    def stays(self) -> list[Stay]:
        """Everybody who is or was there."""
        return stays_of(self.request.actor, self.partner.pk)

    def frame(self) -> dict[str, Any]:
        """What every part needs to know of the page."""
        return {
            "partner": self.partner,
            "address": url("studio-partner", self.partner.slug),
            "as_of": self.day,
            "not_yet": self.not_yet,
            "at": self.at,
            "told_until": self.at if self.at < self._asked else None,
            "today": timezone.localdate(self.request.now),
            "zone": str(self.today.plan.zone) if self.today else "",
            "place": formats.place(self.today.plan.zone) if self.today else "",
            "is_live": self.day is None,
        }

    def standing(self) -> dict[str, Any]:
        """Tier, rate, requirements, notices."""
        approves = self.day is None and may(self.request.actor, "promotion.approve")
        card = standing.card(self.shown, self.evidence) if self.shown else None
        pin = deals.pinned(self.request, self.partner, self.today, self.refused, is_now=self.day is None)
        return {"card": card, "approves": approves, "money": self._money(), **pin}

    def _money(self) -> dict[str, Any] | None:
        """The next payment and what is on hold, with their lines as of now; None while it was in no programme."""
        if self.seen is None:
            return None
        address = partial(lines.address, self.partner)
        on_hold = self.seen.in_state(LineState.ON_HOLD)
        return {
            "next": next_payment(self.seen, address),
            "on_hold": formats.money(on_hold.amount, self.seen.account.currency),
            "held_lines": address(Asked(state=LineState.ON_HOLD)) if on_hold.lines else "",
        }

    def deals(self) -> dict[str, Any]:
        """The latest deals."""
        return deals.deals(self.request, self.partner, is_now=self.day is None)

    def people(self) -> dict[str, Any]:
        """Members and what they carry; invitations for those who may see them."""
        told = standing.people(self.stays, self.evidence, self.shown.plan if self.shown else None, self.at)
        return {**told, "hanging": standing.hanging(told), "invitations": self._invitations()}

    def _invitations(self) -> list[InvitationShown]:
        if self.day is not None or not may(self.request.actor, "invitation.see", partner_id=self.partner.pk):
            return []
        return open_invitations(self.request.actor, self.partner.pk, now=self.request.now)

    def certificates(self) -> dict[str, Any]:
        """The certificates of those who were members then."""
        members = frozenset(
            stay.person_id
            for stay in self.stays
            if stay.joined_at <= self.at and (stay.left_at is None or stay.left_at > self.at)
        )
        revokes = self.day is None and may(self.request.actor, "certificate.revoke")
        rows = of_people(members)
        return {"certificates": standing.certificates(rows, members, self.at, revokes=revokes), "revokes": revokes}

    def lines(self) -> dict[str, Any]:
        """The latest commission lines, with the sums by state."""
        return lines.lines(self.request, self.partner, self.seen if self.day is None else None)

    def journal(self) -> dict[str, Any]:
        """A page of what is recorded, with what each decision followed from."""
        plan = self.today.plan if self.today else None
        return journal.journal(self.request, self.partner, plan, until=self.at if self.day else None)


@staff
@require_POST
def approve(request: PersonRequest, slug: str) -> HttpResponse:
    """Confirm the promotion that waits. Counts for deals won from now on."""
    found = _found(request, slug)
    tier = request.POST.get("tier", "")
    approve_promotion(request.actor, found.pk, tier, now=request.now)
    standing_now = stands(found.pk)
    name = sentences.tier_name(standing_now.plan, tier) if standing_now else tier
    messages.success(request, _("%(partner)s is %(tier)s from now on.") % {"partner": found.name, "tier": name})
    return HttpResponseRedirect(url("studio-partner", slug))


@staff
@require_POST
def pin(request: PersonRequest, slug: str) -> HttpResponse:
    """Keep at least a tier until the end of a day, with a reason."""
    allow(request.actor, "tier.pin")  # before what was typed is looked at
    found = _found(request, slug)
    request.on_refusal = lambda refused: _show(request, found, refused)
    sent = request.POST
    today = stands(found.pk)
    until = deals.end_of_day(today, sent.get("until", ""))
    pin_tier(request.actor, found.pk, sent.get("tier", ""), until=until, reason=sent.get("reason", ""), now=request.now)
    with timezone.override(programme_zone(today)):
        messages.success(request, _("The tier is pinned until %(day)s.") % {"day": last_day(until)})
    return HttpResponseRedirect(url("studio-partner", slug))


@staff
@require_POST
def unpin(request: PersonRequest, slug: str) -> HttpResponse:
    """Take the pin back."""
    found = _found(request, slug)
    request.on_refusal = lambda refused: _show(request, found, refused)
    unpin_tier(request.actor, found.pk, now=request.now)
    messages.success(request, _("The tier is no longer pinned. What it alone has kept falls only after its notice."))
    return HttpResponseRedirect(url("studio-partner", slug))


urlpatterns = [
    path("studio/partners/<slug:slug>/", partner, name="studio-partner"),
    path("studio/partners/<slug:slug>/approve/", approve, name="studio-partner-approve"),
    path("studio/partners/<slug:slug>/pin/", pin, name="studio-partner-pin"),
    path("studio/partners/<slug:slug>/unpin/", unpin, name="studio-partner-unpin"),
]
