"""Staff: who works for the house and as what; giving and taking roles. For administrators."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.core.errors import Refused
from academy.people.accounts.models import StaffRole
from academy.people.roles.actions import confirm_role, decline_role, enter_staff, set_roles
from academy.people.roles.models import RoleChange
from academy.people.roles.queries import ChangeLine, latest_changes, staff_member, staff_of_the_house, waiting_changes
from academy.people.second_steps.actions import forget_second_step
from academy.people.second_steps.queries import person_with_address, second_steps_of
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.templates import render, url


def _choices() -> list[tuple[str, str, str]]:
    """Every role: its word, its name, what it is for."""
    what = {
        StaffRole.EXPERT: _("Holds sessions, answers questions, sees what people learn"),
        StaffRole.CURATOR: _("Writes courses, revokes certificates"),
        StaffRole.MANAGER: _("Looks after partners, confirms tiers, publishes plans"),
        StaffRole.FINANCE: _("Sees and checks amounts. Needs a reason"),
        StaffRole.ADMINISTRATOR: _("May do all of it, and gives roles. Needs a reason"),
    }
    return [(role.value, str(role.label), what[role]) for role in StaffRole]


@staff
@require_safe
def everybody(request: PersonRequest) -> HttpResponse:
    """Everybody of the house, what waits for a second person, and what changed."""
    return _everybody(request)


def _everybody(request: PersonRequest, refused: Refused | None = None) -> HttpResponse:
    by = request.actor
    return render(
        request,
        "studio/staff/page.html",
        people=[(one, [_name(role) for role in one.roles]) for one in staff_of_the_house(by)],
        waiting=[(one, _may_confirm(request, one)) for one in waiting_changes(by)],
        changes=latest_changes(by),
        role_name=_name,
        roles=_choices(),
        **_typed(request, refused),
    )


def _name(role: str) -> str:
    return str(StaffRole(role).label)


def _may_confirm(request: PersonRequest, change: ChangeLine) -> bool:
    return request.person.pk not in (change.asked_by_id, change.person_id)


def _typed(request: PersonRequest, refused: Refused | None) -> dict[str, Any]:
    """What was typed into a form that is shown again, and what is wrong with it."""
    return {
        "typed": (request.POST or request.GET) if refused else {},
        "chosen": request.POST.getlist("roles") if refused else [],
        "refused": refused,
        "wrong": refused.fields if refused else {},
    }


@staff
@require_POST
def enter(request: PersonRequest) -> HttpResponse:
    """Enter somebody new of the house."""
    request.on_refusal = lambda refused: _everybody(request, refused)
    sent = request.POST
    person, changes = enter_staff(
        sent.get("email", ""),
        name=sent.get("name", ""),
        roles=sent.getlist("roles"),
        reason=sent.get("reason", ""),
        by=request.actor,
        now=request.now,
    )
    entered = _("%(name)s is entered, and signs in by a code that is mailed.") % {"name": person}
    messages.success(request, " ".join(filter(None, [entered, _waits(changes)])))
    return HttpResponseRedirect(url("studio-staff"))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """One person's roles: look, or change them."""
    if request.method != "POST":
        return _one(request, person_id)
    request.on_refusal = lambda refused: _one(request, person_id, refused)
    changes = set_roles(
        person_id,
        request.POST.getlist("roles"),
        reason=request.POST.get("reason", ""),
        by=request.actor,
        now=request.now,
    )
    messages.success(request, _waits(changes) or (_("Saved.") if changes else _("Nothing was changed.")))
    return HttpResponseRedirect(url("studio-staff"))


def _waits(changes: list[RoleChange]) -> str:
    waiting = [_name(change.role) for change in changes if change.decided_at is None]
    if not waiting:
        return ""
    return _("Waits until another administrator confirms it: %(roles)s.") % {"roles": ", ".join(waiting)}


def _one(request: PersonRequest, person_id: UUID, refused: Refused | None = None) -> HttpResponse:
    person = staff_member(request.actor, person_id)
    shown = _typed(request, refused)
    if refused is None:
        shown["chosen"] = person.roles
    return render(
        request,
        "studio/staff/one.html",
        person=person,
        is_me=person.id == request.person.pk,
        changes=latest_changes(request.actor, person_id=person_id),
        role_name=_name,
        roles=_choices(),
        **shown,
    )


@staff
@require_POST
def decide(request: PersonRequest, change_id: UUID, word: str) -> HttpResponse:
    """Confirm or decline a role that waits."""
    verb = confirm_role if word == "confirm" else decline_role
    change = verb(change_id, by=request.actor, now=request.now)
    told = _("%(name)s is now: %(role)s.") if word == "confirm" else _("%(name)s does not become: %(role)s.")
    messages.success(request, told % {"name": change.person, "role": _name(change.role)})
    return HttpResponseRedirect(url("studio-staff"))


@staff
@require_safe
def find_second_step(request: PersonRequest) -> HttpResponse:
    """Whose second step is lost: found by the address that they sign in with."""
    request.on_refusal = lambda refused: _everybody(request, refused)
    found = person_with_address(request.actor, request.GET.get("address", ""))
    if found is None:
        sentence = _("Nobody here signs in with that address.")
        raise Refused(sentence, fields={"address": sentence})
    return HttpResponseRedirect(url("studio-second-step", found))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """What one person has to prove at sign-in: look, or take it away."""
    if request.method != "POST":
        return _second_step(request, person_id)
    request.on_refusal = lambda refused: _second_step(request, person_id, refused)
    person = forget_second_step(person_id, by=request.actor, now=request.now)
    messages.success(request, _("%(name)s signs in without a second step now, and is told by mail.") % {"name": person})
    return HttpResponseRedirect(url("studio-second-step", person_id))


def _second_step(request: PersonRequest, person_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = second_steps_of(request.actor, person_id)
    sorts = {"totp": _("Authenticator app"), "webauthn": _("Passkey"), "recovery_codes": _("Recovery codes")}
    return render(
        request,
        "studio/staff/second_step.html",
        person=found,
        kinds=[sorts.get(kind, kind) for kind in found.kinds],
        is_me=found.person_id == request.person.pk,
        refused=refused,
    )


urlpatterns = [
    path("studio/staff/", everybody, name="studio-staff"),
    path("studio/staff/enter/", enter, name="studio-staff-enter"),
    path("studio/staff/second-step/", find_second_step, name="studio-second-steps"),
    path("studio/staff/<uuid:person_id>/second-step/", second_step, name="studio-second-step"),
    path("studio/staff/<uuid:person_id>/", one, name="studio-staff-one"),
    path("studio/staff/changes/<uuid:change_id>/confirm/", decide, {"word": "confirm"}, name="studio-staff-confirm"),
    path("studio/staff/changes/<uuid:change_id>/decline/", decide, {"word": "decline"}, name="studio-staff-decline"),
]
