"""What the blocks of Home show, each worked out as it is written: one that fails leaves the others standing."""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.utils.translation import gettext as _

from academy.core.criteria import Verdict
from academy.core.money import commission, exponent
from academy.learning.progress.queries import Taken, taken_by
from academy.learning.progress.rules import percent
from academy.people.partners.models import PartnerKind
from academy.people.permissions.rules import may
from academy.programme.balance.accounts.rules import Overview, Waits
from academy.programme.commissions.rules import LineState
from academy.programme.glance.queries import Glance
from academy.programme.lapses.queries import leaving_of
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.plans.rules import MONEY_METRICS
from academy.programme.standing.queries import Stands
from academy.programme.standing.rules import Part, TierView, ranks
from academy.programme.steps.rules import SOON
from academy.web import fall_words, formats, promotions, sentences, steps
from academy.web.deal_words import product_within
from academy.web.money.asked import Asked
from academy.web.money.coming import next_payment
from academy.web.partner.earnings import sums
from academy.web.partner.outlook import NextView, next_view
from academy.web.partner.standing import TONES, rate_lines
from academy.web.partner.training.worth import Worth
from academy.web.requests import PersonRequest
from academy.web.templates import url

CHANGES_SHOWN = 3
BEGUN_SHOWN = 4
ROUND_DEAL = 1_000


@dataclass(frozen=True)
class Reads:
    """Everything that Home shows, each read once, and first when a block asks for it."""

    request: PersonRequest
    glance: Glance

    @cached_property
    def prospects(self) -> Prospects:
        """What would change for the person and its partner."""
        return prospects(self.stands, self.request.person.pk, self.request.now, evidence=self.glance.evidence)

    @cached_property
    def worth(self) -> Worth:
        """What finishing something brings."""
        return Worth(self.prospects, self.sees_amounts)

    @cached_property
    def taken(self) -> list[Taken]:
        """The courses that the person is enrolled in."""
        return taken_by(self.request.person.pk)

    @property
    def is_first_day(self) -> bool:
        """Whether nothing was begun yet."""
        return not self.taken

    @property
    def is_all_zeros(self) -> bool:
        """Whether nothing was finished yet, so that every figure of learning is still a zero."""
        return not any(one.done for one in self.taken)

    @property
    def stands(self) -> Stands:
        """Where the partner stands."""
        return self.glance.stands

    @property
    def sees_amounts(self) -> bool:
        """Whether this person may see the partner's amounts."""
        return may(self.request.actor, "amounts.see", partner_id=self.stands.partner)


def context(read: Reads) -> dict[str, Any]:
    """What the template shows; what a block shows is worked out when that block is written (`apart`)."""
    return {
        "is_first_day": lambda: read.is_first_day,
        "is_all_zeros": lambda: read.is_all_zeros,
        "scope": read.request.partner.name if read.request.partner else "",
        "is_alone": bool(read.request.partner and read.request.partner.kind == PartnerKind.FREELANCER),
        "sees_amounts": read.sees_amounts,
        "changes": partial(_changes, read),
        "next_step": partial(_next, read),
        "money_card": partial(_money, read),
        "tier_card": partial(_tier, read),
        "rate_lines": partial(rate_lines, read.stands),
        "training": partial(_training, read),
        "continuing": partial(_continuing, read),
    }


def _next(read: Reads) -> NextView:
    return next_view(read.prospects, sees_amounts=read.sees_amounts, is_new=read.is_first_day)


def _changes(read: Reads) -> list[dict[str, Any]]:
    """Notices that are open and what lately moved, each with where it leads: to what would mend it, or how it came."""
    found = read.stands
    warnings = [
        {
            "text": steps.told(found, warning, sees_amounts=read.sees_amounts),
            "tone": "warn",
            "href": url("what-if") + _keeps(read),
        }
        for warning in found.held.warnings
    ]
    happened = [
        {
            "text": sentences.change(change, found.plan),
            "tone": _tone(change.numbers, change.kind),
            "href": f"{url('activity')}?before={change.pos + 1}",
        }
        for change in read.glance.changes
    ]
    return (warnings + happened)[:CHANGES_SHOWN]


def _keeps(read: Reads) -> str:
    """The question to the what-if page that the step answers which keeps something; empty where none does."""
    step = read.prospects.next_step() if read.stands.held.warnings else None
    return steps.asks(step, "") if step and step.keeps else ""


def _tone(numbers: Any, kind: str) -> str:
    if kind == "rate.changed":
        return "good" if numbers["to"] > numbers["from"] else "warn"
    return "warn" if numbers["cause"] == "grace_ended" else "good"


def _money(read: Reads) -> dict[str, Any]:
    """What comes next, what is on hold, and the rate; where nothing comes, what a round deal brings, now and later."""
    found = read.stands
    deal = ROUND_DEAL * 10 ** exponent(found.currency)
    now = found.rate().basis_points
    coming = _coming(read.glance.money) if read.sees_amounts else None
    then, label = (now, "") if coming else _then(read)
    return {
        "rate": now,
        "product": product_within(found.plan.default_product),
        "deal": formats.money(deal, found.currency, whole=True),
        "brings": formats.money(commission(deal, now), found.currency),
        "then": formats.money(commission(deal, then), found.currency),
        "then_label": label,
        "coming": coming,
    }


def _coming(seen: Overview) -> dict[str, Any] | None:
    """The next payment with its day first, or why there is none; None where nothing is ready or on hold."""
    coming, on_hold = seen.next, seen.in_state(LineState.ON_HOLD).amount
    if coming.waits is Waits.NOTHING and not on_hold:
        return None
    return {
        **next_payment(seen, sums.address),
        "on_hold": formats.money(on_hold, coming.currency) if on_hold else "",
        "held": _held(seen) if on_hold else "",
        "held_lines": sums.address(Asked(state=LineState.ON_HOLD)),
    }


def _held(seen: Overview) -> str:
    """Until when what is on hold is: it becomes ready line by line."""
    ends = {one.payable_on for one in seen.account.days if one.payable_on > seen.calendar.today and one.lines}
    until = {"day": formats.day(max(ends))}
    return _("On hold until %(day)s") % until if len(ends) == 1 else _("On hold, the last until %(day)s") % until


def _then(read: Reads) -> tuple[int, str]:
    """The rate that the next step leads to, or that comes without it, and what to call that."""
    step = read.prospects.next_step()
    if step is None:
        return read.stands.rate().basis_points, ""
    if step.keeps is not None:
        return step.keeps.basis_points, _("Without it, from %(day)s") % {"day": formats.day(step.keeps.all_from)}
    if tier := steps.rises_to(read.prospects, step):
        return step.outlook.basis_points, _("With %(tier)s") % {"tier": tier}
    return step.outlook.basis_points, _("After the next step")


def _tier(read: Reads) -> dict[str, Any]:
    found = read.stands
    view = found.next_tier()
    towards = _towards(view, sees_amounts=read.sees_amounts) if view else None
    here = ranks(found.plan, found.held)[Part.TIER]
    return {
        "name": sentences.tier_name(found.plan, found.held.tier),
        "since": found.tier_since,
        "safe_until": found.safe_until,
        "leaving": _leaving(read),
        "ladder": [
            {
                "name": tier.name,
                "tone": TONES[rank] if rank < len(TONES) else "plain",
                "state": "held" if rank < here else "here" if rank == here else "next" if rank == here + 1 else "later",
                "progress": int(towards.progress * 100) if towards and rank == here + 1 else 0,
            }
            for rank, tier in enumerate(found.plan.tiers)
        ],
        "next": view.tier.name if view else None,
        "awaiting": promotions.waiting(found.plan, found.held, read.request.now),
        "todo": requirements(found, sees_amounts=read.sees_amounts, hides_zeros=read.is_all_zeros),
    }


def _leaving(read: Reads) -> str:
    """What soon leaves its window and takes the tier; empty when nothing does."""
    found = read.stands
    leaves = leaving_of(found, read.glance.evidence, read.request.now, within=SOON)
    if leaves is None:
        return ""
    return fall_words.leaving(leaves, found.plan, found.currency, sees_amounts=read.sees_amounts)


def requirements(found: Stands, *, sees_amounts: bool, hides_zeros: bool = False) -> list[dict[str, Any]]:
    """The next tier's requirements, missing ones first. Amounts only for those who may see them; no zeros at first."""
    view = found.next_tier()
    if view is None:
        return []
    items = [
        {
            "text": sentences.requirement(leaf),
            "amount": _amount(leaf, found.currency, sees_amounts=sees_amounts, hides_zeros=hides_zeros),
            "state": "done" if leaf.met else "open",
        }
        for leaf in _towards(view, sees_amounts=sees_amounts).leaves()
    ]
    return sorted(items, key=lambda item: item["state"] == "done")


def _towards(view: TierView, *, sees_amounts: bool) -> Verdict:
    """What the next tier needs; progress tells no sum to who may not see amounts."""
    return view.verdict if sees_amounts else view.verdict.coarse(MONEY_METRICS)


def _amount(leaf: Verdict, currency: str, *, sees_amounts: bool, hides_zeros: bool) -> str:
    if leaf.metric == "won" and not sees_amounts:
        return _part(leaf)
    if hides_zeros and leaf.have == 0:
        return sentences.quantity(leaf, leaf.need, currency)
    return sentences.have_of_need(leaf, currency)


def _part(leaf: Verdict) -> str:
    """How much of a sum is reached, in tenths; nothing while that is none."""
    if leaf.met or not leaf.progress:
        return formats.share(leaf.progress) if leaf.met else ""
    return _("%(share)s or more") % {"share": formats.share(leaf.progress)}


def _training(read: Reads) -> dict[str, Any]:
    plan = read.stands.plan
    figures = read.glance.figures
    mine = read.prospects.evidence.passed.get(str(read.request.person.pk), frozenset())
    core_done = len(plan.core & mine)
    return {
        "percent": percent(figures.modules_completed, figures.modules_total),
        "modules": figures.modules_completed,
        "modules_total": figures.modules_total,
        "core": core_done,
        "core_total": len(plan.core),
        "seconds": figures.seconds,
        "certificates": figures.certificates,
        "bonus": read.stands.held.bonus,
    }


def _continuing(read: Reads) -> list[dict[str, Any]]:
    begun = [one for one in read.taken if one.completed_at is None and one.next_lesson]
    return [_begun(one, read.worth.of_course(one.slug)) for one in begun[:BEGUN_SHOWN]]


def _begun(one: Taken, worth: str) -> dict[str, Any]:
    return {
        "title": one.title,
        "href": url("lesson", one.next_lesson) if one.next_lesson else url("course", one.slug),
        "family": one.family,
        "kind": _("%(minutes)s left") % {"minutes": formats.minutes(one.minutes_left)},
        "meta": _("Next: %(title)s") % {"title": one.next_title},
        "progress": percent(one.done, one.required),
        "newer": one.newer_lessons,
        "worth": worth,
    }
