"""What core modules are worth to one person, worked out by the same rules as the real thing and never invented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from academy.learning.modules.queries import ModuleCard
from academy.learning.progress.rules import State
from academy.programme.outlook.queries import Prospects
from academy.programme.outlook.rules import Outlook
from academy.programme.standing.rules import Part, ranks
from academy.web import formats, sentences


@dataclass(frozen=True, slots=True)
class Worths:
    """The word for each module by its id, and what all that are missing bring `together`, empty for nothing.

    `shared` are those that bring something only with the others.
    """

    of: Mapping[str, str]
    together: str
    shared: frozenset[str]


def worths(ahead: Prospects, core: Sequence[ModuleCard], *, sees_amounts: bool) -> Worths:
    """What each core module is worth: counted, kept by it, gained by it alone, or its part of the whole."""
    missing = [str(card.id) for card in core if card.state is not State.PASSED]
    at_risk = ahead.stands.held.bonus and any(warning.part is Part.BONUS for warning in ahead.stands.held.warnings)
    together = gain(ahead, ahead.after(modules=missing), sees_amounts=sees_amounts) if missing else ""
    of = {str(card.id): _("counted") for card in core}
    shared = set()
    for module in missing:
        if at_risk:
            of[module] = _("keeps your bonus")
        elif alone := gain(ahead, ahead.after(modules=[module]), sees_amounts=sees_amounts):
            of[module] = alone
        elif together:
            of[module] = _("one of the %(count)d") % {"count": len(missing)}
            shared.add(module)
        else:
            of[module] = _("for learning")
    return Worths(of, together if len(missing) > 1 and not at_risk else "", frozenset(shared))


def gain(ahead: Prospects, then: Outlook, *, sees_amounts: bool) -> str:
    """What an outlook brings in the fewest words: a sum a month, else the rate, else the tier; empty for nothing."""
    found = ahead.stands
    now = found.rate().basis_points
    if sees_amounts and then.monthly > 0:
        return _("about %(amount)s a month") % {"amount": formats.money(then.monthly, found.currency, whole=True)}
    if then.basis_points > now:
        return f"{formats.percent(now)} → {formats.percent(then.basis_points)}"
    if ranks(found.plan, then.held)[Part.TIER] > ranks(found.plan, found.held)[Part.TIER]:
        return sentences.tier_name(found.plan, then.held.tier)
    return ""
