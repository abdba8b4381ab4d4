"""The journal's facts as lines of somebody's activity, the same for partners and the house."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from academy.programme.plans.rules import Plan
from academy.web import deal_words, formats, sentences


def activity(kind: str, numbers: Mapping[str, Any], title: str, plan: Plan | None) -> str:
    """A fact as a line of somebody's activity. `title` names its thing."""
    titled = {
        "lesson.completed": _("Lesson finished: %(title)s"),
        "course.completed": _("Course completed: %(title)s"),
        "certificate.issued": _("Certificate issued: %(title)s"),
        "certificate.expired": _("Certificate ended: %(title)s"),
        "certificate.revoked": _("Certificate revoked: %(title)s"),
        "member.joined": _("%(title)s joined"),
        "member.left": _("%(title)s left"),
        "partner.enrolled": _("Joined the programme"),
        "promotion.approved": _("Promotion confirmed by SISO"),
        "tier.unpinned": _("SISO no longer pins the tier"),
        "terms.accepted": _("Terms accepted"),
        "payee.changed": _("Payee details changed"),
        "payee.checked": _("Payee details checked by SISO"),
    }
    if kind in titled:
        return titled[kind] % {"title": title}
    if kind in ("quiz.passed", "module.completed"):
        return _learned(kind, numbers, title)
    if kind.partition(".")[0] in ("deal", "commission", "line", "correction"):
        return _("%(what)s · %(client)s") % {"what": deal_words.told(kind, numbers), "client": title}
    if kind == "terms.published":
        return _("New terms: version %(number)s") % {"number": formats.number(numbers["number"])}
    if kind.startswith("statement."):
        return _stated(kind, numbers)
    return _moved(kind, numbers, plan)


def _learned(kind: str, numbers: Mapping[str, Any], title: str) -> str:
    if kind == "quiz.passed":
        return _("Quiz passed with %(score)d%%: %(title)s") % {"score": numbers["score"], "title": title}
    passed = _("Module passed: %(title)s") if numbers["passed"] else _("Module completed: %(title)s")
    return passed % {"title": title}


def _stated(kind: str, numbers: Mapping[str, Any]) -> str:
    amount = formats.money(numbers["amount"], numbers["currency"])
    told = {
        "statement.made": _("Statement made: %(amount)s"),
        "statement.paid": _("Paid: %(amount)s"),
        "statement.returned": _("Payment came back: %(amount)s"),
    }
    return told[kind] % {"amount": amount}


def _moved(kind: str, numbers: Mapping[str, Any], plan: Plan | None) -> str:
    if kind == "rate.changed":
        old, new = formats.percent(numbers["from"]), formats.percent(numbers["to"])
        return _("Rate: %(old)s → %(new)s") % {"old": old, "new": new}
    if plan is None:
        return kind
    if kind == "promotion.awaited":
        return _("%(tier)s met: it waits for SISO's word") % {"tier": sentences.tier_name(plan, numbers["tier"])}
    if kind == "tier.changed":
        old, new = sentences.tier_name(plan, numbers["from"]), sentences.tier_name(plan, numbers["to"])
        return _("Tier: %(old)s → %(new)s") % {"old": old, "new": new}
    if kind == "tier.pinned":
        return _("Tier pinned by SISO: %(tier)s until %(day)s") % {
            "tier": sentences.tier_name(plan, numbers["tier"]),
            "day": deal_words.last_day(datetime.fromisoformat(numbers["until"])),
        }
    if kind == "tier.warned":
        falls_at = datetime.fromisoformat(numbers["falls_at"])
        return sentences.warned(plan, numbers["part"], numbers["from"], numbers["to"], falls_at)
    return kind
