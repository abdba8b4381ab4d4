"""What a core module is worth to one person, worked out by the same rules as the real thing and never invented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.learning.outlines.queries import ModuleCard
from academy.learning.progress.rules import State
from academy.programme.outlook.queries import Prospects
from academy.programme.outlook.rules import Outlook
from academy.programme.standing.rules import Part, ranks
from academy.web import formats, sentences


@dataclass(frozen=True, slots=True)
class Worth:
    """The word in the table, and what it rests on where one word is too little."""

    text: str
    hint: str = ""


def worths(ahead: Prospects, core: Sequence[ModuleCard], *, sees_amounts: bool) -> Mapping[str, Worth]:
    """The worth of each core module, by its id."""
    missing = [str(card.id) for card in core if card.state is not State.PASSED]
    at_risk = ahead.stands.held.bonus and any(warning.part is Part.BONUS for warning in ahead.stands.held.warnings)
    together = ahead.after(modules=missing) if missing else None
    shown = {}
    for card in core:
        module = str(card.id)
        if card.state is State.PASSED:
            shown[module] = Worth(_("counted"))
        elif at_risk:
            shown[module] = Worth(_("keeps your bonus"))
        else:
            shown[module] = _missing(ahead, module, len(missing), together, sees_amounts=sees_amounts)
    return shown


def _missing(ahead: Prospects, module: str, count: int, together: Outlook | None, *, sees_amounts: bool) -> Worth:
    """What it brings alone; if nothing, what all that are missing bring together."""
    alone = gain(ahead, ahead.after(modules=[module]), sees_amounts=sees_amounts)
    if alone:
        return Worth(alone)
    whole = gain(ahead, together, sees_amounts=sees_amounts) if together else ""
    if whole:
        others = count - 1
        return Worth(
            whole, ngettext("with the %(count)d other", "with the %(count)d others", others) % {"count": others}
        )
    return Worth(_("for learning"))


def gain(ahead: Prospects, then: Outlook, *, sees_amounts: bool) -> str:
    """What an outlook brings in the fewest words: a sum a month, else the rate, else the tier; empty for nothing."""
    found = ahead.stands
    now = found.rate().basis_points
    if sees_amounts and then.monthly > 0:
        return _("about %(amount)s a month") % {
            "amount": formats.money(then.monthly, found.currency, whole=True)
        }
    if then.basis_points > now:
        return f"{formats.percent(now)} → {formats.percent(then.basis_points)}"
    if ranks(found.plan, then.held)[Part.TIER] > ranks(found.plan, found.held)[Part.TIER]:
        return sentences.tier_name(found.plan, then.held.tier)
    return ""
