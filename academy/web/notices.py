"""Notices that the rules owe people, written in each reader's language and queued as mail in the same transaction."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from academy.journal.actions import Recorded
from academy.notifications.actions import send_mail
from academy.people.partners.queries import owners_of
from academy.programme.plans.rules import Plan
from academy.programme.standing.queries import stands
from academy.web import formats, sentences


def tell_of_warning(fact: Recorded) -> None:
    """Reaction to `tier.warned`: every owner of the partner is told what falls, when, and what keeps it."""
    if fact.partner is None:
        return
    standing = stands(fact.partner)
    if standing is None:
        return
    for owner in owners_of(fact.partner):
        with translation.override(owner.language):
            send_mail(
                owner,
                subject=_("A notice about your standing"),
                text=_warning_text(fact, standing.plan, owner.name),
                now=fact.recorded_at,
            )


def _warning_text(fact: Recorded, plan: Plan, name: str) -> str:
    numbers = fact.numbers
    falls_at = datetime.fromisoformat(str(numbers["falls_at"]))
    lines = [
        _("Hello %(name)s,") % {"name": name} if name else _("Hello,"),
        sentences.warned(plan, str(numbers["part"]), numbers["from"], numbers["to"], falls_at) + ".",
        _("Your rate is %(now)s; it would then be %(then)s. Deals won before that day keep today's rate.")
        % {"now": formats.percent(int(numbers["rate"])), "then": formats.percent(int(numbers["rate_then"]))},
        _("What keeps it stands on your home page, under Tier."),
    ]
    return "\n\n".join(lines)
