"""The hub's two standing cards: core training, and the certificates that can be earned."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from academy.learning.modules.queries import ModuleCard
from academy.learning.progress.rules import State
from academy.programme.outlook.queries import Prospects
from academy.web import formats
from academy.web.partner.training import words
from academy.web.partner.training.worth import Worth, Worths, worths
from academy.web.templates import url


def core_card(ahead: Prospects, core: Sequence[ModuleCard], *, sees_amounts: bool) -> dict[str, Any] | None:
    """State, time and worth of each core module; None where the plan has no core."""
    if not core:
        return None
    plan, worth = ahead.stands.plan, worths(ahead, core, sees_amounts=sees_amounts)
    missing = [card for card in core if card.state is not State.PASSED]
    counted = [card for card in core if card.state is State.PASSED]
    return {
        "missing": [_row(card, worth) for card in missing],
        "counted": [_row(card, worth) for card in counted],
        "together": worth.together,
        "passed": len(counted),
        "total": len(core),
        "bonus": _("+ %(points)s") % {"points": formats.percent(round(plan.bonus * 10_000))}
        if plan.bonus_adds_points
        else formats.factor(round((1 + plan.bonus) * 1000)),
        "bonus_held": ahead.stands.held.bonus,
    }


def _row(card: ModuleCard, worth: Worths) -> dict[str, Any]:
    return {
        "title": card.title,
        "href": f"{url('course', card.course_slug)}#{card.slug}",
        "course": card.course_title,
        "chip": words.state_chip(card.state, card.completed_at, card.score),
        "minutes": card.minutes,
        "locked_by": card.locked_by,
        "worth": worth.of[str(card.id)],
        "shared": str(card.id) in worth.shared,
    }


def credential_lines(ahead: Prospects, worth: Worth) -> list[dict[str, Any]]:
    """Each certificate that can be earned: held, or how many of its modules are passed, the nearest first."""
    held = ahead.evidence.held.get(ahead.offer.person, {})
    lines = []
    for key, credential in ahead.credentials.items():
        asked, missing = credential.rule.modules(), ahead.offer.credentials.get(key, frozenset())
        lines.append(
            {
                "title": credential.title,
                "advanced": credential.advanced,
                "held": key in held,
                "until": held.get(key),
                "done": len(asked) - len(missing),
                "all": len(asked),
                "worth": "" if key in held else worth.of(missing),
            }
        )
    return sorted(lines, key=lambda one: (one["held"], one["all"] - one["done"], one["title"]))
