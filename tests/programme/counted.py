"""What speaks for a partner of the demo at an instant, counted from its facts by other code than the house's, and held
against the plan as it is written.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from academy.demo.content import read
from academy.demo.outline import modules_by_name
from academy.journal.models import Fact
from academy.recognition.certificates.models import Certificate

PLAN: Mapping[str, Any] = read("plan.yaml")["plan"]
TIERS: Mapping[str, Mapping[str, Any]] = {tier["slug"]: tier for tier in PLAN["tiers"]}
ZONE = ZoneInfo(read("plan.yaml")["programme"]["timezone"])


@dataclass
class Counted:
    """A partner's facts up to an instant."""

    partner: UUID
    currency: str
    at: datetime

    def deserves(self, criterion: Mapping[str, Any] | None) -> bool:
        """Whether what a tier asks for, as `enter` or `stay`, holds; the entry tier asks for nothing."""
        return criterion is None or all(self._holds(one, self.members) for one in criterion["all"])

    @cached_property
    def facts(self) -> list[Fact]:
        return list(Fact.objects.filter(partner=self.partner, effective_at__lte=self.at).order_by("pos"))

    @cached_property
    def members(self) -> set[UUID]:
        """Who has joined and not left."""
        found: set[UUID] = set()
        for fact in self.facts:
            if fact.person is not None and fact.kind in ("member.joined", "member.left"):
                (found.add if fact.kind == "member.joined" else found.discard)(fact.person)
        return found

    @cached_property
    def deals(self) -> Mapping[UUID, tuple[datetime, UUID, int]]:
        """Of every won deal when it was won, whose it is, and what is left of it."""
        left: dict[UUID, int] = defaultdict(int)
        won: dict[UUID, tuple[datetime, UUID]] = {}
        for fact in self.facts:
            match fact.kind, fact.thing:
                case "deal.won", UUID() as deal:
                    won[deal] = fact.effective_at, UUID(fact.numbers["client"])
                    left[deal] += fact.numbers["amount"]
                case "deal.changed", UUID() as deal:
                    left[deal] += fact.numbers["to"] - fact.numbers["from"]
                case "deal.refunded", UUID() as deal:
                    left[deal] -= fact.numbers["amount"]
        return {deal: (*told, left[deal]) for deal, told in won.items()}

    def _since(self, months: int) -> list[tuple[datetime, UUID, int]]:
        """The deals of so many months, the first instant not among them."""
        here = self.at.astimezone(ZONE)
        year, month = divmod(here.year * 12 + here.month - 1 - months, 12)
        start = here.replace(year=year, month=month + 1, day=min(here.day, monthrange(year, month + 1)[1]))
        return [deal for deal in self.deals.values() if deal[0] > start]

    def _holds(self, one: Mapping[str, Any], people: Iterable[UUID]) -> bool:
        if "people" in one:
            return sum(self._holds(one["people"], {person}) for person in people) >= int(one["value"])
        needed = one["value"]
        if needed == "all_core":
            needed = len(PLAN["core"])
        elif isinstance(needed, dict):
            needed = needed[self.currency]
        return self._measured(one, set(people)) >= int(needed)

    def _measured(self, one: Mapping[str, Any], people: set[UUID]) -> int:
        match one["metric"], one.get("window"):
            case "won", "trailing:12m":
                return sum(amount for _, _, amount in self._since(12))
            case "active_clients", "trailing:6m":
                return len({client for _, client, amount in self._since(6) if amount > 0})
            case "core_modules", None:
                return len(self._core_of(people))
            case "advanced_certificates", "now":
                return len(self._advanced_of(people))
        raise LookupError(f"Nothing here counts {one}.")

    def _core_of(self, people: set[UUID]) -> set[str]:
        """The core modules of which one of these people has finished every lesson and passed the quiz."""
        done: dict[UUID, set[UUID]] = defaultdict(set)
        for fact in Fact.objects.filter(person__in=people, effective_at__lte=self.at).order_by("pos"):
            if fact.kind in ("lesson.completed", "quiz.passed") and fact.person and fact.thing:
                done[fact.person].add(fact.thing)
        outline = modules_by_name()
        asked = {name: {lesson.id for lesson in outline[name].lessons} for name in PLAN["core"]}
        return {name for name, lessons in asked.items() if any(lessons <= theirs for theirs in done.values())}

    def _advanced_of(self, people: set[UUID]) -> set[str]:
        """The advanced credentials of which one of these people holds a certificate that is valid then."""
        found = Certificate.objects.filter(person__in=people, issued_at__lte=self.at)
        named = found.filter(credential__slug__in=PLAN["advanced"]).select_related("credential")
        lasting = [one for one in named if _lasts(one.expires_at, self.at) and _lasts(one.revoked_at, self.at)]
        return {one.credential.slug for one in lasting}


def _lasts(ends: datetime | None, at: datetime) -> bool:
    return ends is None or ends > at
