"""What is told beside a fall that comes: why, what keeps it, what it would cost, and what leaves a window."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.programme.lapses.rules import Leaving
from academy.programme.plans.rules import MONEY_METRICS, Plan
from academy.programme.standing.rules import Warning
from academy.programme.warnings.rules import leaf_from_json
from academy.web import formats, sentences


def why_warned(numbers: Mapping[str, Any]) -> list[str]:
    """Why something will fall, and what keeps it, as sentences; none in a notice from before that was told."""
    if "cause" not in numbers:
        return []
    said = [_("Why: %(cause)s.") % {"cause": why_fall(numbers["cause"])}]
    if lacking := [sentences.missing(leaf_from_json(leaf), numbers["currency"]) for leaf in numbers["missing"]]:
        said.append(_("To keep it: %(missing)s.") % {"missing": ", ".join(lacking)})
    return said


def cost_of_fall(numbers: Mapping[str, Any]) -> list[str]:
    """What the rate would be, and about what that costs a month where something was sold, as sentences.

    Where more falls by then, with all of that; what this alone makes of the rate comes after it.
    """
    alone = int(numbers["rate_then"])
    # Notices from before that was told know only of themselves.
    with_all = int(numbers.get("rate_with_all", alone))
    rates = {"now": formats.percent(int(numbers["rate"])), "then": formats.percent(with_all)}
    if with_all == alone:
        return [_then(rates, numbers.get("monthly"), numbers)]
    by_itself = _("By this alone it would be %(then)s.") % {"then": formats.percent(alone)}
    return [_with_all(rates, numbers["monthly_with_all"], numbers), by_itself]


def _then(rates: Mapping[str, str], monthly: int | None, numbers: Mapping[str, Any]) -> str:
    if not monthly:
        return _("Your rate is %(now)s; it would then be %(then)s.") % rates
    return _(
        "Your rate is %(now)s; it would then be %(then)s, about %(amount)s less a month by what you won in the last 90 "
        "days."
    ) % {**rates, "amount": formats.money(-monthly, numbers["currency"])}


def _with_all(rates: Mapping[str, str], monthly: int, numbers: Mapping[str, Any]) -> str:
    # Home tells the same by what was won until today; a notice is read for weeks.
    if not monthly:
        return _("Your rate is %(now)s; with all that falls by then it would be %(then)s.") % rates
    return _(
        "Your rate is %(now)s; with all that falls by then it would be %(then)s, about %(amount)s less a month by what "
        "you won in the 90 days before this notice."
    ) % {**rates, "amount": formats.money(-monthly, numbers["currency"], whole=True)}


def why_fall(cause: str) -> str:
    """Why something will fall, as a phrase."""
    return {
        "core_modules": _("core modules no longer count"),
        "modules": _("modules no longer count"),
        "won": _("what you won has left its window, or was taken back"),
        "active_clients": _("fewer clients bought lately"),
        "advanced_certificates": _("an advanced certificate ended, was taken back or left with a person"),
        "certificates": _("a certificate ended, was taken back or left with a person"),
        "people": _("fewer of your people have all core modules"),
    }.get(cause, _("the plan asks for more"))


def open_warning(plan: Plan, held_tier: str, warning: Warning) -> str:
    """A notice that is still open."""
    return sentences.warned(plan, str(warning.part), held_tier, warning.to, warning.falls_at)


def leaving(one: Leaving, plan: Plan, currency: str, *, sees_amounts: bool) -> str:
    """What leaves a window: “£9,500 of your £41,310 in 12 months leaves on 3 Jan; £31,810 stays, Gold keeps at
    £32,000”.

    For those who may not see amounts below which tenth of what keeps the tier it falls, from which no sum follows.
    """
    words = {
        "when": formats.day(one.by),
        "tier": sentences.tier_name(plan, one.tier),
        "window": sentences.over_window(one.window),
    }
    if one.metric not in MONEY_METRICS:
        return _clients_leaving(one, words)
    if not sees_amounts:
        words["share"] = formats.share(Fraction(one.stays * 10 // one.needs + 1, 10))
        if one.on_the_day:
            said = _("What you won%(window)s falls on %(when)s to less than %(share)s of what keeps %(tier)s")
        else:
            said = _("What you won%(window)s falls by %(when)s to less than %(share)s of what keeps %(tier)s")
        return said % words
    sums = {"leaves": one.leaves, "have": one.have, "stays": one.stays, "needs": one.needs}
    words |= {name: formats.money(value, currency, whole=value % 100 == 0) for name, value in sums.items()}
    if one.on_the_day:
        said = _(
            "%(leaves)s of your %(have)s%(window)s leaves on %(when)s; %(stays)s stays, %(tier)s keeps at %(needs)s"
        )
    else:
        said = _(
            "%(leaves)s of your %(have)s%(window)s leaves by %(when)s; %(stays)s stays, %(tier)s keeps at %(needs)s"
        )
    return said % words


def _clients_leaving(one: Leaving, words: Mapping[str, str]) -> str:
    if one.on_the_day:
        said = ngettext(
            "%(leaves)d of your %(have)d active clients%(window)s leaves on %(when)s; %(stays)d stay, "
            "%(tier)s keeps at %(needs)d",
            "%(leaves)d of your %(have)d active clients%(window)s leave on %(when)s; %(stays)d stay, "
            "%(tier)s keeps at %(needs)d",
            one.leaves,
        )
    else:
        said = ngettext(
            "%(leaves)d of your %(have)d active clients%(window)s leaves by %(when)s; %(stays)d stay, "
            "%(tier)s keeps at %(needs)d",
            "%(leaves)d of your %(have)d active clients%(window)s leave by %(when)s; %(stays)d stay, "
            "%(tier)s keeps at %(needs)d",
            one.leaves,
        )
    return said % {**words, "leaves": one.leaves, "have": one.have, "stays": one.stays, "needs": one.needs}
