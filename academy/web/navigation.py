"""The one table of rooms: who sees which, in which order, and what stands at the thumb on a phone.

A room appears only where its address exists, so a chapter that is not installed leaves no trace.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from academy.people.partners.models import MemberRole, PartnerKind
from academy.people.permissions.rules import may
from academy.web.requests import AnyoneRequest


def _leads_a_company(request: AnyoneRequest) -> bool:
    """Whether the team room is theirs: an owner, and of more than one person by kind."""
    membership, partner = request.membership, request.partner
    return bool(membership and partner and membership.role == MemberRole.OWNER and partner.kind == PartnerKind.COMPANY)


def _sees_deals(request: AnyoneRequest) -> bool:
    return may(request.actor, "deal.see_any")


def _sees_failing_mail(request: AnyoneRequest) -> bool:
    return may(request.actor, "mail.see_failing")


def _sees_closes(request: AnyoneRequest) -> bool:
    return may(request.actor, "close.see")


def _gives_roles(request: AnyoneRequest) -> bool:
    return may(request.actor, "role.see")


def _always(request: AnyoneRequest) -> bool:
    return True


def _never(request: AnyoneRequest) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Room:
    """A place in the navigation. `tab` says who has it among the tabs of a phone."""

    name: Promise
    path: str
    icon: str
    shown: Callable[[AnyoneRequest], bool] = _always
    tab: Callable[[AnyoneRequest], bool] = _never
    also: tuple[str, ...] = ()
    """Further addresses that lie in it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A room as one person sees it on one page."""

    name: str
    path: str
    icon: str
    current: bool
    tab: bool


PARTNER = (
    Room(_("Home"), "/", "home", tab=_always),
    Room(_("Training"), "/training/", "training", tab=_always),
    Room(_("Deals"), "/deals/", "deals", tab=_always),
    Room(
        _("Earnings"),
        "/earnings/",
        "earnings",
        tab=_always,
        also=("/statements/", "/payee/", "/terms/"),
    ),
    Room(_("What-if"), "/what-if/", "what-if"),
    Room(_("Team"), "/team/", "team", shown=_leads_a_company),
    Room(_("Certificates"), "/certificates/", "certificate"),
    Room(_("Activity"), "/activity/", "activity"),
)
STUDIO = (
    Room(_("Today"), "/studio/today/", "home", shown=_sees_deals, tab=_always),
    Room(_("Partners"), "/studio/partners/", "partners", tab=_always, also=("/studio/certificates/",)),
    Room(_("Deals"), "/studio/deals/", "deals", shown=_sees_deals, tab=_always, also=("/studio/lines/",)),
    Room(
        _("Month close"),
        "/studio/close/",
        "close-month",
        shown=_sees_closes,
        tab=_always,
        also=("/studio/statements/", "/studio/payees/", "/studio/terms/"),
    ),
    Room(_("Staff"), "/studio/staff/", "team", shown=_gives_roles, tab=_always),
    Room(_("Mail"), "/studio/mail/", "mail", shown=_sees_failing_mail),
)
ACCOUNT = (Room(_("Profile"), "/profile/", "person"),)


def exists(path: str) -> bool:
    """Whether some page answers at this address."""
    return _exists(path, settings.ROOT_URLCONF)


@lru_cache(maxsize=64)
def _exists(path: str, addresses: str) -> bool:
    try:
        resolve(path, addresses)
    except Resolver404:
        return False
    return True


def _is_in(room: Room, path: str) -> bool:
    return path == room.path if room.path == "/" else path.startswith((room.path, *room.also))


def room_of(path: str) -> str:
    """Which room an address lies in, by the address of the room; empty for none."""
    return next((room.path for room in (*PARTNER, *STUDIO, *ACCOUNT) if _is_in(room, path)), "")


def _entries(table: tuple[Room, ...], request: AnyoneRequest) -> list[Entry]:
    return [
        Entry(
            name=str(room.name),
            path=room.path,
            icon=room.icon,
            current=_is_in(room, request.path),
            tab=room.tab(request),
        )
        for room in table
        if exists(room.path) and room.shown(request)
    ]


def in_studio(request: AnyoneRequest) -> bool:
    """Whether this page has the studio's look: for people of the house, who have no partner's rooms."""
    person = getattr(request, "person", None)
    return bool(person and person.is_staff_member)


def rooms(request: AnyoneRequest) -> list[Entry]:
    """What this person's navigation lists, in order."""
    if getattr(request, "person", None) is None:
        return []
    return _entries(STUDIO if in_studio(request) else PARTNER, request)


def account_rooms(request: AnyoneRequest) -> list[Entry]:
    """What stands in the menu of one's own account."""
    return _entries(ACCOUNT, request) if getattr(request, "person", None) else []
