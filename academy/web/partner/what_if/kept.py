"""What the ticked modules and expected sales keep: from which day what would fall without them, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from academy.core.money import commission
from academy.programme.lapses.rules import Risk
from academy.programme.outlook.queries import Prospects
from academy.programme.standing.rules import Part
from academy.programme.steps.rules import Kept
from academy.web import formats, steps
from academy.web.partner.outlook import monthly
from academy.web.partner.what_if.sales import Expected


@dataclass(frozen=True, slots=True)
class Shown:
    """What is kept, a note a part; and where the rate is, what it would be without: in short, and as lines of the
    rate, of a round deal and of sums. `basis` is what the sums rest on. All empty where nothing is kept.
    """

    notes: list[str] = field(default_factory=list)
    in_short: str = ""
    rates: list[dict[str, str]] = field(default_factory=list)
    deals: list[dict[str, str]] = field(default_factory=list)
    sums: list[dict[str, str]] = field(default_factory=list)
    basis: str = ""


def kept(ahead: Prospects, modules: Sequence[str], asked: Expected) -> Kept | None:
    """What these keep; None for nothing. Sales that come only after the fall keep nothing from it."""
    if not modules and not asked.amount:
        return None
    return ahead.kept_by(modules=modules, sales=asked.amount, sold_at=asked.at)


def shown(ahead: Prospects, keeps: Kept | None, deal: int, *, sees_amounts: bool) -> Shown:
    """The same rate, day and sum as the next step tells; of a round deal, in minor units, what is paid of it."""
    if keeps is None:
        return Shown()
    notes = [_note(ahead, risk) for risk in keeps.risks]
    if keeps.basis_points == keeps.kept_basis_points:
        return Shown(notes)
    found, day = ahead.stands, {"day": formats.day(keeps.all_from)}
    rates = [(_("Without these, from %(day)s") % day, keeps.basis_points)]
    if keeps.kept_basis_points != found.rate().basis_points:
        rates.insert(0, (_("With these, from %(day)s") % day, keeps.kept_basis_points))
    basis = monthly(ahead, keeps.monthly) if sees_amounts else ""
    sums = [(_("Kept, about, a month"), keeps.monthly), (_("Kept, about, a year"), keeps.monthly * 12)]
    return Shown(
        notes,
        _("%(kept)s kept, else %(then)s from %(day)s")
        % {**day, "kept": formats.percent(keeps.kept_basis_points), "then": formats.percent(keeps.basis_points)},
        [{"label": label, "value": formats.percent(one)} for label, one in rates],
        [{"label": label, "value": formats.money(commission(deal, one), found.currency)} for label, one in rates],
        [{"label": label, "value": formats.money(one, found.currency, whole=True)} for label, one in sums if basis],
        basis,
    )


def _note(ahead: Prospects, risk: Risk) -> str:
    """“Gold: kept. Without this it falls on 14 Mar.”"""
    what = {
        Part.TIER: steps.kept_tier(ahead, risk),
        Part.BONUS: _("Your training bonus"),
        Part.UPLIFT: _("What your certificates add to the rate"),
    }[risk.part]
    return _("%(what)s: kept. Without this it falls on %(day)s.") % {"what": what, "day": formats.day(risk.falls_at)}
