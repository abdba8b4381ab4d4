"""The team, for an owner: who carries what, what hangs on one person, who gets the company up with least effort."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.core.errors import NotFound, Refused
from academy.learning.assignments.actions import assign
from academy.people.invitations.actions import Invited, invite_member, withdraw_invitation
from academy.people.invitations.actions import invite_list as invite_everybody
from academy.people.invitations.queries import open_invitations
from academy.people.memberships.actions import change_role, remove_member
from academy.people.partners.models import Partner
from academy.people.permissions.access import allow
from academy.web.middleware import signed_in
from academy.web.partner.standing import up_to_date
from academy.web.partner.team import carry
from academy.web.requests import PersonRequest
from academy.web.templates import page, url

LONGEST_LIST = 200_000  # bytes


P = ParamSpec("P")


def _sent(
    view: Callable[Concatenate[PersonRequest, P], HttpResponse],
) -> Callable[Concatenate[PersonRequest, P], HttpResponse]:
    """Only for what a form sends. A page that answers a form is reloaded, and kept live, from the team's address."""

    @wraps(view)
    def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, *args, **kwargs) if request.method == "POST" else HttpResponseRedirect(url("team"))

    return guarded


@dataclass(frozen=True, slots=True)
class Said:
    """What this answer says besides the team itself: a form that was refused, or links that are shown once."""

    form: str = ""
    refused: Refused | None = None
    invited: list[Invited] = field(default_factory=list)


def _partner(request: PersonRequest) -> Partner:
    """The partner that one owns. Raises NotFound outside of one, Forbidden for members."""
    if request.partner is None:
        raise NotFound(_("You are not a member of a partner."))
    allow(request.actor, "member.invite", partner_id=request.partner.pk)
    return request.partner


@signed_in
@require_safe
def team(request: PersonRequest) -> HttpResponse:
    """The whole page."""
    _partner(request)
    return _show(request, Said())


def _show(request: PersonRequest, said: Said) -> HttpResponse:
    return page(
        request,
        "partner/team/page.html",
        lambda: _context(request, said),
        parts={name: name for name in ("carries", "people")},
    )


def _context(request: PersonRequest, said: Said) -> dict[str, Any]:
    partner = _partner(request)
    people = carry.people_of(request.actor, partner.pk)
    courses = carry.courses()
    asked = {name: _typed(request, name) for name in ("person", "course", "due_on", "email", "role", "list")}
    # A link on this page names the course by its slug, a form by its id.
    asked["course"] = {one.slug: str(one.id) for one in courses}.get(asked["course"], asked["course"])
    return {
        "scope": partner.name,
        "people": people,
        "me": request.person.pk,
        "invitations": open_invitations(request.actor, partner.pk, now=request.now),
        "carried": carry.carried(up_to_date(request), people, request.now),
        "courses": courses,
        "asked": asked,
        "today": request.now.date(),
        "answer": said,
        "wrong": said.refused.fields if said.refused else {},
    }


def _typed(request: PersonRequest, name: str) -> str:
    """What a refused form held, or what a link on this page fills in."""
    return request.POST.get(name) or request.GET.get(name) or ""


def _again(request: PersonRequest, form: str) -> Callable[[Refused], HttpResponse]:
    return lambda refused: _show(request, Said(form=form, refused=refused))


def _back(request: PersonRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(url("team"))


@signed_in
@_sent
def assign_course(request: PersonRequest) -> HttpResponse:
    """Ask somebody to take a course, by a day."""
    partner = _partner(request)
    request.on_refusal = _again(request, "assign")
    people = {str(one.person_id): one for one in carry.people_of(request.actor, partner.pk)}
    courses = {str(one.id): one for one in carry.courses()}
    person, course = people.get(_typed(request, "person")), courses.get(_typed(request, "course"))
    if person is None:
        raise Refused(_("Choose who should take it."), fields={"person": _("Choose from the list.")})
    if course is None:
        raise Refused(_("Choose a course."), fields={"course": _("Choose from the list.")})
    due_on = _day(_typed(request, "due_on"))
    assign(person.person_id, course.id, due_on=due_on, by=request.actor, now=request.now)
    words = {"name": person.name or person.email, "course": course.title}
    return _back(request, _("%(name)s has been asked to take “%(course)s”, and told by mail.") % words)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(_("This is not a day."), fields={"due_on": _("Write it like 2026-05-31.")}) from None


@signed_in
@_sent
def invite(request: PersonRequest) -> HttpResponse:
    """Invite one address. The answer shows the link, this once."""
    partner = _partner(request)
    request.on_refusal = _again(request, "invite")
    made = invite_member(
        partner.pk, _typed(request, "email"), role=_typed(request, "role"), by=request.actor, now=request.now
    )
    return _show(request, Said(form="invited", invited=[made]))


@signed_in
@_sent
def invite_list(request: PersonRequest) -> HttpResponse:
    """Invite everybody in a list, pasted or as a CSV file, or nobody."""
    partner = _partner(request)
    request.on_refusal = _again(request, "list")
    text = request.POST.get("list", "")
    if file := request.FILES.get("file"):
        if (file.size or 0) > LONGEST_LIST:
            raise Refused(_("This file is too long for a list of people."), fields={"file": _("At most 200 kB.")})
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            sentence = _("This file is not plain text in UTF-8. Save it as “CSV UTF-8”.")
            raise Refused(sentence, fields={"file": sentence}) from None
    made = invite_everybody(partner.pk, text, by=request.actor, now=request.now)
    return _show(request, Said(form="invited", invited=made))


@signed_in
@_sent
def withdraw(request: PersonRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    withdraw_invitation(invitation_id, by=request.actor, now=request.now)
    return _back(request, _("The invitation is taken back; its link no longer opens."))


@signed_in
@_sent
def remove(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Take somebody out of the company."""
    partner = _partner(request)
    request.on_refusal = _again(request, "people")
    remove_member(partner.pk, person_id, by=request.actor, now=request.now)
    if person_id == request.person.pk:
        return HttpResponseRedirect(url("profile"))
    return _back(request, _("That person is no longer a member. What hung on them falls only after its notice."))


@signed_in
@_sent
def role(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Make a member an owner, or an owner a member."""
    partner = _partner(request)
    request.on_refusal = _again(request, "people")
    change_role(partner.pk, person_id, role=_typed(request, "role"), by=request.actor, now=request.now)
    if person_id == request.person.pk and _typed(request, "role") == "member":
        return HttpResponseRedirect(url("profile"))
    return _back(request, _("The role is changed."))


urlpatterns = [
    path("team/", team, name="team"),
    path("team/assign/", assign_course, name="team-assign"),
    path("team/invitations/", invite, name="team-invite"),
    path("team/invitations/list/", invite_list, name="team-invite-list"),
    path("team/invitations/<uuid:invitation_id>/withdraw/", withdraw, name="team-withdraw"),
    path("team/members/<uuid:person_id>/remove/", remove, name="team-remove"),
    path("team/members/<uuid:person_id>/role/", role, name="team-role"),
]
