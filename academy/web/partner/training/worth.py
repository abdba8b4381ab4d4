"""What finishing something is worth to one person, by the same rules as the real thing and never invented."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.core.money import commission, exponent
from academy.learning.modules.queries import ModuleCard
from academy.learning.progress.rules import State
from academy.people.permissions.rules import may
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.outlook.rules import Outlook
from academy.programme.standing.rules import Part, ranks
from academy.web import formats, sentences, steps
from academy.web.partner.standing import up_to_date
from academy.web.requests import PersonRequest

ROUND_DEAL = 1_000


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
    all_of_it = ahead.after(modules=missing)
    together = gain(ahead, all_of_it, sees_amounts=sees_amounts) if missing else ""
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
    says_it = len(missing) > 1 and not at_risk
    return Worths(of, brings(ahead, all_of_it, sees_amounts=sees_amounts) if says_it else "", frozenset(shared))


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


def brings(ahead: Prospects, then: Outlook, *, sees_amounts: bool) -> str:
    """What an outlook brings where there is room for it: without sales to estimate from, what a round deal would."""
    if sees_amounts and then.monthly <= 0 and then.basis_points > ahead.stands.rate().basis_points:
        return on_a_round_deal(ahead, then)
    return gain(ahead, then, sees_amounts=sees_amounts)


def on_a_round_deal(ahead: Prospects, then: Outlook) -> str:
    """“On a £1,000 deal: £120.80 now, £146.50 then”."""
    currency = ahead.stands.currency
    deal = ROUND_DEAL * 10 ** exponent(currency)
    sums = [commission(deal, one) for one in (ahead.stands.rate().basis_points, then.basis_points)]
    return _("On a %(deal)s deal: %(now)s now, %(then)s then") % {
        "deal": formats.money(deal, currency, whole=True),
        "now": formats.money(sums[0], currency),
        "then": formats.money(sums[1], currency),
    }


@dataclass(frozen=True)
class Worth:
    """What finishing the modules of a card is worth, for every card of a page. No query."""

    ahead: Prospects
    sees_amounts: bool

    def of_course(self, *slugs: str) -> str:
        """Of what is left of a course, or of several together; empty where that moves neither tier nor rate."""
        return self._moves(module for module, left in self.ahead.modules.items() if left.course_slug in slugs)

    def of(self, modules: Iterable[str]) -> str:
        """Of these modules: “Counts for learning” where they move neither tier nor rate; empty where none is left."""
        wanted = frozenset(modules) - self._passed
        return (self._moves(wanted) or _("Counts for learning")) if wanted else ""

    def _moves(self, modules: Iterable[str]) -> str:
        """What these bring alone, else with the rest of the next step, else with the rest of the core; in words."""
        wanted = frozenset(modules) - self._passed
        if not wanted:
            return ""
        if said := self._keeps(wanted) or self._brings(wanted):
            return said
        for others in (self._step, self._core):
            if wanted & others and (said := self._brings(wanted | others)):
                count = len(others - wanted)
                return ngettext("With %(count)d more: %(gain)s", "With %(count)d more: %(gain)s", count) % {
                    "count": count,
                    "gain": said,
                }
        return ""

    def _brings(self, modules: frozenset[str]) -> str:
        return brings(self.ahead, self.ahead.after(modules=modules), sees_amounts=self.sees_amounts)

    def _keeps(self, modules: frozenset[str]) -> str:
        step = self.ahead.next_step()
        if step is None or step.keeps is None or step.sales or not modules.issuperset(step.modules):
            return ""
        return _("keeps %(what)s") % {"what": steps.kept(self.ahead, step.keeps)}

    @cached_property
    def _passed(self) -> frozenset[str]:
        return self.ahead.evidence.passed.get(self.ahead.offer.person, frozenset())

    @cached_property
    def _step(self) -> frozenset[str]:
        step = self.ahead.next_step()
        return frozenset(step.modules) if step and not step.sales else frozenset()

    @cached_property
    def _core(self) -> frozenset[str]:
        return self.ahead.stands.plan.core - self._passed


def worth_for(request: PersonRequest) -> Worth | None:
    """What finishing something brings whoever asks; None outside every programme. Four queries in all."""
    found = up_to_date(request)
    if found is None:
        return None
    sees_amounts = may(request.actor, "amounts.see", partner_id=found.partner)
    return Worth(prospects(found, request.actor.person_id, request.now), sees_amounts)
