"""The style guide: every component in every state, and whole scenes, on invented data and without a database.

For designers, for whoever builds a page, and for the tests that look. In production it is for the house only.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from markupsafe import Markup

from academy.core.errors import NotFound
from academy.people.accounts.models import Person, StaffRole
from academy.people.partners.models import Partner
from academy.web.middleware import staff
from academy.web.navigation import PARTNER, STUDIO, Entry
from academy.web.requests import AnyoneRequest
from academy.web.templates import render

SCENES = ("page", "home", "lesson", "sign-in", "studio")


def _sample(now: datetime) -> dict[str, Any]:
    """The invented figures of the scenes; they agree with one another by hand."""
    return {
        "now": now,
        "safe_until": now + timedelta(days=111),
        "ladder": [
            {"name": "Bronze", "tone": "bronze", "state": "held"},
            {"name": "Silver", "tone": "silver", "state": "here"},
            {"name": "Gold", "tone": "gold", "state": "next", "progress": 75},
            {"name": "Platinum", "tone": "platinum", "state": "later"},
        ],
        "todo": [
            {
                "text": "Advanced certificate",
                "hint": "AI readiness audit, 18 min",
                "amount": "0 of 1",
                "state": "open",
            },
            {"text": "Core modules", "amount": "12 of 12", "state": "done"},
            {"text": "Won in 12 months", "amount": "£41,310 of £40,000", "state": "done"},
            {"text": "Active clients", "amount": "6 of 5", "state": "done"},
        ],
        "rate": [
            {"label": "Base", "value": "10.00%"},
            {"label": "× 1.15 Silver", "value": "11.50%"},
            {"label": "× 1.05 core training", "value": "12.08%", "key": "rate"},
            {"label": "On a £1,000 deal today", "value": "£120.80", "kind": "total"},
            {"label": "With Gold and the certificate", "value": "£146.50"},
        ],
        "tiles": [
            (
                "AI readiness audit",
                "discovery",
                "Certification · 18 min left",
                "Unlocks Gold",
                "Quiz 3 of 3",
                92,
            ),
            (
                "Scoping without surprises",
                "scoping",
                "Course · 52 min",
                "Closes your gap: scoping",
                "Lesson 2 of 8",
                20,
            ),
            (
                "Pricing retainers that renew",
                "pricing",
                "Course · 28 min",
                "Counts for Platinum",
                "Core · 9 lessons",
                None,
            ),
            ("Handing over to delivery", "delivery", "Course · 35 min", "", "Passed 88%", 100),
            (
                "The first ninety days",
                "retention",
                "Course · 44 min",
                "Partners like you",
                "Opens after Scoping",
                None,
            ),
            ("Ethics when selling AI", "", "Course · 24 min", "Core from 22 Feb", "3 lessons", None),
        ],
        "steps": [
            {
                "title": title,
                "url": "#",
                "minutes": minutes,
                "state": state,
                "current": title == "Saying the number",
            }
            for title, minutes, state in [
                ("What a retainer is for", 6, "done"),
                ("Three that failed", 9, "done"),
                ("The price ladder", 8, "done"),
                ("Check: the ladder", 4, "failed"),
                ("Reviewing each quarter with somebody who would rather not", 7, "done"),
                ("Saying the number", 8, "begun"),
                ("Check: the call", 5, "open"),
                ("Your first offer", 8, "locked"),
            ]
        ],
    }


def _entries(studio: bool) -> list[Entry]:
    """Every room there is, whether its chapter is installed or not."""
    table = STUDIO if studio else PARTNER
    return [
        Entry(str(room.name), room.path, room.icon, current=room is table[0], tab=index < 4)
        for index, room in enumerate(table)
    ]


def _show(request: HttpRequest, scene: str) -> HttpResponse:
    if scene not in SCENES:
        raise NotFound
    studio = scene == "studio"
    asked = cast(AnyoneRequest, request)
    if studio:
        asked.person = Person(name="Priya N.", email="priya@example.com", roles=[StaffRole.MANAGER])
        asked.partner, asked.tier = None, None
    else:
        asked.person = Person(name="Maya Okafor", email="maya@example.com")
        asked.partner, asked.tier = Partner(name="Northlight Studio"), "Silver"
    template = f"public/style/{scene.replace('-', '_')}.html"
    entries = _entries(studio)
    invented: dict[str, Any] = {"rooms": lambda _: entries, "exists": lambda _: True}
    return render(request, template, framed=_framed(request, invented), **invented, **_sample(asked.now))


def _framed(request: HttpRequest, invented: Mapping[str, Any]) -> Callable[[str], Markup]:
    """The frame of somebody invented, which is not kept."""
    return lambda template: Markup(render(request, template, **invented).content.decode())  # noqa: S704 - ours


def style(request: HttpRequest, scene: str = "page") -> HttpResponse:
    """The style guide, or one of its scenes. Shows an invented person whoever asks."""
    if settings.PRODUCTION:
        return staff(_show)(request, scene)
    return _show(request, scene)


urlpatterns = [path("", style, name="style"), path("<slug:scene>/", style, name="style-scene")]
