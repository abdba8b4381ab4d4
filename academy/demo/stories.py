"""The five people of whom the demo tells a story, each at one moment: what exactly they did, day by day."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from academy.demo.history import Event, Learned, Left, ModuleOf, Sold, study

AUDIT = "deliver-ai-work/ai-readiness-audit"
AUDIT_REST = ("deliver-ai-work/test-before-trust",)

# Days before today, client, product, pounds. Together 41,310 in twelve months, 31,300 of it in the last ninety days.
NORTHLIGHT_DEALS = (
    (331, "Weaver & Daughters", "website", 1_260),
    (287, "Larkfield Housing", "automation", 1_500),
    (236, "Penrose Clinics", "retainer", 1_350),
    (181, "Arden Mutual", "automation", 2_000),
    (139, "Coastline Legal", "automation", 2_400),
    (112, "Fern & Field", "retainer", 1_500),
    (84, "Oakline Retail", "automation", 6_200),
    (63, "Fern & Field", "retainer", 2_400),
    (47, "Halden Foods", "ai-assistant", 4_300),
    (33, "Oakline Retail", "automation", 11_500),
    (19, "Penrose Clinics", "website", 2_500),
    (6, "Silverbeck Schools", "automation", 4_400),
)
# Won long enough ago that the notice rests on who left, not on what was sold.
HARBOUR_DEALS = (
    (300, "Torrance Logistics", "automation", 7_400),
    (251, "Orchid Hotels", "website", 5_200),
    (214, "Tamarind Kitchens", "automation", 6_100),
    (168, "Halden Foods", "ai-assistant", 6_900),
    (131, "Arden Mutual", "automation", 5_300),
    (97, "Larkfield Housing", "retainer", 3_900),
    (64, "Orchid Hotels", "retainer", 4_100),
    (38, "Weaver & Daughters", "automation", 5_600),
    (12, "Torrance Logistics", "retainer", 2_700),
)


def deals(partner: str, script: Sequence[tuple[int, str, str, int]], today: datetime) -> Iterator[Sold]:
    """A script of deals as events, each on a working morning."""
    for number, (days_ago, client, product, amount) in enumerate(script):
        at = (today - timedelta(days=days_ago)).replace(hour=10, minute=5 + number * 4)
        yield Sold(at, partner, client, product, amount, number)


def one_quiz_from_gold(
    partner: str,
    people: Sequence[str],
    modules: Mapping[str, ModuleOf],
    core: Sequence[str],
    *,
    today: datetime,
    chance: random.Random,
) -> Iterator[Event]:
    """All core modules passed three weeks ago, sales enough for Gold, and one quiz missing for the certificate."""
    yield from deals(partner, NORTHLIGHT_DEALS, today)
    owner, colleague = people
    taken = [modules[name] for name in core]
    yield from study(owner, taken, begins=today - timedelta(days=320), ends=today - timedelta(days=20), chance=chance)
    rest = [modules[name] for name in AUDIT_REST]
    yield from study(owner, rest, begins=today - timedelta(days=18), ends=today - timedelta(days=11), chance=chance)
    audit = modules[AUDIT]
    reading = ModuleOf(audit.name, tuple(lesson for lesson in audit.lessons if not lesson.quiz))
    yield from study(owner, [reading], begins=today - timedelta(days=10), ends=today - timedelta(days=4), chance=chance)
    begun = [modules[name] for name in core[:3]]
    yield from study(colleague, begun, begins=today - timedelta(days=70), ends=today - timedelta(days=6), chance=chance)


def at_risk(
    partner: str,
    people: Sequence[str],
    learned: Sequence[Sequence[ModuleOf]],
    *,
    today: datetime,
    chance: random.Random,
) -> Iterator[Event]:
    """Gold until somebody left with the only advanced certificate: a notice is running."""
    yield from deals(partner, HARBOUR_DEALS, today)
    for person, modules in zip(people, learned, strict=True):
        for event in study(
            person,
            modules,
            begins=today - timedelta(days=370),
            ends=today - timedelta(days=110),
            chance=chance,
        ):
            yield _never_wrong(event)
    yield Left((today - timedelta(days=21)).replace(hour=16, minute=30), partner, people[1])


def _never_wrong(event: Learned) -> Learned:
    return replace(event, wrong=0)
