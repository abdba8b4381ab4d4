"""A tier that waits for a person's word, as partners read it."""

from datetime import datetime

from django.utils.translation import gettext as _

from academy.programme.plans.rules import Plan
from academy.programme.promotions.rules import confirmed_by
from academy.programme.standing.rules import Held
from academy.web import formats, sentences


def waiting(plan: Plan, held: Held, now: datetime) -> str:
    """Since when a tier is met, by when SISO confirms it, and from when it counts; empty when none waits."""
    if held.awaiting is None:
        return ""
    words = {"tier": sentences.tier_name(plan, held.awaiting)}
    if held.awaiting_since is None:
        return _("You meet %(tier)s. SISO confirms within 3 working days; it counts for deals won after that.") % words
    by = confirmed_by(held.awaiting_since, plan.zone)
    words |= {"since": formats.day(held.awaiting_since), "by": formats.day(by)}
    if is_late(plan, held, now):
        return (
            _(
                "You have met %(tier)s since %(since)s. SISO promised to confirm by %(by)s and is late. "
                "%(tier)s counts for deals won after it is confirmed."
            )
            % words
        )
    return (
        _(
            "You have met %(tier)s since %(since)s. SISO confirms within 3 working days, counting from the day you met "
            "it: by %(by)s. %(tier)s counts for deals won after it is confirmed."
        )
        % words
    )


def to_decide(plan: Plan, held: Held, now: datetime) -> str:
    """The same as the house reads it: since when a partner waits, and by when it was promised a word."""
    if held.awaiting_since is None:
        return ""
    words = {
        "since": formats.day(held.awaiting_since),
        "by": formats.day(confirmed_by(held.awaiting_since, plan.zone)),
    }
    if is_late(plan, held, now):
        return _("Met since %(since)s; promised by %(by)s, so it is late.") % words
    return _("Met since %(since)s; promised by %(by)s.") % words


def is_late(plan: Plan, held: Held, now: datetime) -> bool:
    """Whether the day by which a word was promised is over."""
    since = held.awaiting_since
    return since is not None and now.astimezone(plan.zone).date() > confirmed_by(since, plan.zone)


def will_wait(tier: str) -> str:
    """What is added to every promise of a tier, by its name, that a person must confirm."""
    return _("SISO confirms %(tier)s within 3 working days, counting from the day you meet it.") % {"tier": tier}
