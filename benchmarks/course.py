"""A course of many short lessons, and a programme that looks at it, for learners to work through."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from academy.learning.catalog.actions import publish_catalogue
from academy.learning.catalog.models import EditionLesson, Item
from academy.learning.catalog.rules import Catalogue, CourseDraft, LessonDraft, ModuleDraft
from academy.programme.plans.actions import found_programme, publish_plan
from academy.programme.plans.models import PlanVersion

LESSONS = 40


def lessons_of_a_course(now: datetime) -> Sequence[UUID]:
    """One module of forty lessons: completing some of them completes no module, as is mostly so."""
    lessons = tuple(LessonDraft(f"l{n}", "article", f"Lesson {n}", 5, text="Say the price.") for n in range(LESSONS))
    course = CourseDraft("bench", "bench", "Bench", modules=(ModuleDraft("m", "m", "Module", lessons),))
    publish_catalogue(Catalogue(courses=(course,)), source="bench", by=None, now=now)
    edition = Item.objects.get(slug="bench").edition
    return list(EditionLesson.objects.filter(edition=edition).order_by("position").values_list("lesson_id", flat=True))


def programme(now: datetime) -> UUID:
    """A programme with the plan of one tier above the lowest."""
    founded = found_programme("bench", name="Bench", timezone="Europe/London")
    if PlanVersion.objects.filter(programme_id=founded).exists():
        return founded
    module = Item.objects.get(slug="bench").modules.get().pk
    won = {"metric": "won", "window": "trailing:12m", "value": {"GBP": 1_000_000}}
    both = {"all": [{"metric": "core_modules", "value": 1}, won]}
    written = {
        "base": {"automation": 10},
        "default_product": "automation",
        "bonus": {"share": 5, "when": {"people": {"metric": "core_modules", "value": "all_core"}, "value": 1}},
        "uplift": {"each": 1, "most": 3},
        "cap": 25,
        "grace_days": 60,
        "hold_days": 30,
        "pay_day": 5,
        "minimum": {"GBP": 5000},
        "core": [str(module)],
        "advanced": [],
        "tiers": [
            {"slug": "bronze", "name": "Bronze", "multiplier": 1},
            {"slug": "silver", "name": "Silver", "multiplier": "1.15", "enter": both, "stay": both},
        ],
    }
    publish_plan(None, founded, written, reason="Bench.", effective_from=now, now=now)
    return founded
