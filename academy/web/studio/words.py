"""What the house says about partners: the facts that the partners read, in the third person and with their reasons."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.core.criteria import Criterion, evaluate
from academy.journal.queries import Line
from academy.people.accounts.models import StaffRole
from academy.programme.commissions.rules import Earned
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, Part, judge, ranks, rate
from academy.programme.standing.rules import Warning as Notice
from academy.web import activity_words, formats, sentences

PlanOf = Callable[[str], Plan]


def falls(plan: Plan, tier: str, part: Part, to: str | int, falls_at: datetime) -> str:
    """A notice that runs: what falls, to what, and when."""
    when = formats.day(falls_at)
    match part:
        case Part.TIER:
            return _("%(old)s becomes %(new)s on %(when)s") % {
                "old": sentences.tier_name(plan, tier),
                "new": sentences.tier_name(plan, str(to)),
                "when": when,
            }
        case Part.BONUS:
            return _("The core training bonus ends on %(when)s") % {"when": when}
        case Part.UPLIFT if not int(to):
            return _("From %(when)s no advanced certificate counts for the rate") % {"when": when}
        case Part.UPLIFT:
            return ngettext(
                "From %(when)s %(count)d advanced certificate counts for the rate",
                "From %(when)s %(count)d advanced certificates count for the rate",
                int(to),
            ) % {"when": when, "count": int(to)}


def open_notice(plan: Plan, held: Held, warning: Notice) -> str:
    """A notice of somebody who is still told of it."""
    return falls(plan, held.tier, warning.part, warning.to, warning.falls_at)


def told(line: Line, title: str, plan: Plan | None) -> str:
    """A fact as a line of the journal. Scores are each person's own: the house sees passed or not."""
    numbers = line.numbers
    match line.kind:
        case "quiz.passed":
            return _("Quiz passed: %(title)s") % {"title": title}
        case "tier.warned" if plan is not None:
            falls_at = datetime.fromisoformat(numbers["falls_at"])
            part = Part(numbers["part"])
            return _("Notice sent: %(what)s") % {"what": falls(plan, numbers["from"], part, numbers["to"], falls_at)}
        case _:
            return activity_words.activity(line.kind, numbers, title, plan)


def why(line: Line, plan_of: PlanOf, titles: Mapping[UUID, str]) -> list[str]:  # noqa: PLR0911 - one for each kind
    """What a decision followed from, a phrase an input; empty for what was only observed."""
    if line.inputs is None:
        return []
    if line.kind == "statement.made":
        return [_stated(line.inputs)]
    match line.kind:
        case "tier.changed" | "promotion.awaited":
            return list(_why_tier(line.numbers, line.inputs, plan_of(line.rule)))
        case "rate.changed":
            return list(_why_rate(line.inputs, plan_of(line.rule)))
        case "certificate.issued":
            return list(_why_issued(line.inputs, titles))
        case "certificate.expired":
            ended = datetime.fromisoformat(line.inputs["expires_at"])
            return [_("It was valid until %(when)s") % {"when": formats.moment(ended)}]
        case "commission.added":
            return list(_why_earned(line.inputs, plan_of(line.rule)))
        case kind if kind.startswith("commission."):
            return []
        case _:
            words = ngettext(
                "%(done)d of %(count)d required", "%(done)d of %(count)d required", line.inputs["required"]
            )
            return [words % {"done": line.inputs["done"], "count": line.inputs["required"]}]


def _stated(inputs: Mapping[str, Any]) -> str:
    lines = ngettext("%(count)d line", "%(count)d lines", inputs["lines"]) % {"count": inputs["lines"]}
    if inputs["held"]:
        return _("%(lines)s, held by a person") % {"lines": lines}
    accepted = _("accepted") if inputs["accepted"] else _("not accepted") if inputs["terms"] else _("none")
    payee = _("checked") if inputs["payee"] else _("not checked")
    return _("%(lines)s; terms: %(terms)s; payee: %(payee)s") % {"lines": lines, "terms": accepted, "payee": payee}


def _why_tier(numbers: Mapping[str, Any], inputs: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    """What was measured, held against what the new tier asks, or against what the old one asked to be kept."""
    if "tier" in numbers:
        yield from _measured(plan.tier(numbers["tier"]).enter, inputs)
        return
    yield _("Cause: %(cause)s") % {"cause": sentences.why_tier(numbers["cause"])}
    was, now = (ranks(plan, Held(numbers[key]))[Part.TIER] for key in ("from", "to"))
    yield from _measured(plan.tiers[now].enter if now > was else plan.tiers[was].stay, inputs)


def _measured(asked: Criterion, inputs: Mapping[str, Any]) -> Iterator[str]:
    for leaf in evaluate(asked, inputs["levels"], inputs["currency"]).leaves():
        yield _("%(what)s: %(have)s") % {
            "what": sentences.requirement(leaf),
            "have": sentences.have_of_need(leaf, inputs["currency"]),
        }


def _why_rate(inputs: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    """The arithmetic, step by step, of what was held from then on."""
    at = datetime.fromisoformat(inputs["at"])
    held = judge(plan, Held.from_json(inputs["held"]), inputs["levels"], inputs["currency"], at).held
    for step in rate(plan, held).steps:
        label = sentences.step_label(step, plan, held.tier)
        yield _("%(what)s: %(result)s") % {"what": label, "result": formats.percent(sentences.step_result(step))}


def _why_earned(inputs: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    """The arithmetic of the rate that held for a deal."""
    earned = Earned.from_json(inputs)
    for step in earned.rate(plan).steps:
        label = sentences.step_label(step, plan, earned.tier)
        yield _("%(what)s: %(result)s") % {"what": label, "result": formats.percent(sentences.step_result(step))}


def _why_issued(inputs: Mapping[str, Any], titles: Mapping[UUID, str]) -> Iterator[str]:
    for module, passed_at in inputs["passed"].items():
        yield _("%(title)s, passed %(when)s") % {
            "title": titles.get(UUID(module), _("a module that is no longer there")),
            "when": formats.day(datetime.fromisoformat(passed_at)),
        }


def modules_named(lines: list[Line]) -> Iterator[UUID]:
    """The modules that reasons will name, so that their titles are looked up in one question."""
    for line in lines:
        if line.kind == "certificate.issued" and line.inputs is not None:
            yield from (UUID(module) for module in line.inputs["passed"])


def role_of_house(roles: list[str]) -> str:
    """What somebody's roles are called."""
    return ", ".join(str(StaffRole(role).label) for role in roles)


def awaits_role(roles: list[str]) -> list[str]:
    """What the studio will hold for these roles, beside what is there."""
    rooms = {
        "expert": _("Experts will find their sessions and the questions put to them here."),
        "curator": _(
            "Curators will find the catalogue here: write, see and publish courses. Until then courses are "
            "imported, and a certificate is taken back from its public page."
        ),
    }
    return [rooms[role] for role in roles if role in rooms]
