"""What would change for a person and its partner: loads once, then asks the pure rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from academy.learning.remaining.queries import Left, left_of_modules
from academy.programme.evidence.queries import evidence_at
from academy.programme.evidence.rules import Evidence, valid
from academy.programme.lapses.rules import held_then
from academy.programme.outlook import rules
from academy.programme.outlook.rules import Offer, Outlook
from academy.programme.standing.queries import Stands, present_of
from academy.programme.steps.rules import Kept, NextStep, kept_by, next_step
from academy.recognition.certificates.queries import record_of
from academy.recognition.credentials.queries import InForce
from academy.recognition.credentials.rules import counts_after


@dataclass(frozen=True)
class Prospects:
    """Everything that questions about the future of a person and its partner are answered from.

    `renewed` are the credentials on offer that the person has had before.
    """

    stands: Stands
    evidence: Evidence
    offer: Offer
    modules: Mapping[str, Left]
    credentials: Mapping[str, InForce]
    renewed: frozenset[str]
    at: datetime

    def kept_by(self, *, modules: Iterable[str], sales: int = 0, sold_at: datetime | None = None) -> Kept | None:
        """What of that which is, or soon will be, at risk would be kept by these; None for nothing."""
        plan, held, real = self.stands.plan, self.stands.held, self.evidence
        return kept_by(plan, held, real, self.offer, self.at, modules=modules, sales=sales, sold_at=sold_at)

    def next_step(self) -> NextStep | None:
        """The one thing to do next; None when nothing can be raised and nothing need be kept."""
        return self._next_step

    @cached_property
    def _next_step(self) -> NextStep | None:
        """Worked out once, however many parts of a page ask."""
        return next_step(self.stands.plan, self.stands.held, self.evidence, self.offer, self.at)

    def won_in_90_days(self) -> int:
        """The sales that estimates rest on, in minor units."""
        return self.evidence.sales.won(self.at - timedelta(days=rules.ESTIMATE_DAYS), self.at)

    def after(self, *, modules: Iterable[str] = (), credentials: Iterable[str] = (), sales: int = 0) -> Outlook:
        """Where the partner would stand after these."""
        evidence = rules.suppose(
            self.evidence, self.offer, modules=modules, credentials=credentials, sales=sales, at=self.at
        )
        plan, held, sold = self.stands.plan, self.stands.held, self.evidence.sales
        return rules.look_ahead(plan, held, evidence, self.at, sold=sold)

    def after_sales_on(self, then: datetime, *, modules: Iterable[str], sales: int) -> Outlook:
        """Where the partner would stand after these modules now and these sales at a later instant."""
        plan, real = self.stands.plan, self.evidence
        learned = rules.suppose(real, self.offer, modules=modules, at=self.at)
        held = rules.look_ahead(plan, self.stands.held, learned, self.at).held
        held = held_then(plan, held, learned, self.at, then)
        sold = rules.suppose(learned, self.offer, sales=sales, at=then)
        found = rules.look_ahead(plan, held, sold, then)
        # What a month is worth rests on what was sold up to now.
        a_month = rules.monthly(self.stands.rate().basis_points, found.basis_points, real, self.at)
        return replace(found, monthly=a_month)


def prospects(stands: Stands, person: UUID, at: datetime, *, evidence: Evidence | None = None) -> Prospects:
    """Load what can be asked about; three queries, however much was learned or sold, two where evidence is at hand."""
    at = present_of(stands, at)
    evidence = evidence or evidence_at(stands.partner, stands.plan, stands.currency, at)
    holds = valid(evidence, at).get(str(person), frozenset())
    known = record_of(person, at)
    credentials = {str(key): value for key, value in known.credentials.items()}
    wanted = set(stands.plan.core)
    for credential in credentials.values():
        wanted |= credential.rule.modules()
    missing = {}
    for key, credential in credentials.items():
        last = known.last.get(credential.id)
        after = counts_after(last.summary() if last else None)
        if key in holds and (after is None or at <= after):
            continue  # It is held, and what is passed now would not renew it.
        done = {module for module, when in known.passed.items() if after is None or when > after}
        missing[key] = credential.rule.modules() - done
    anew = frozenset[str]().union(*missing.values()) & known.passed.keys()
    left = {str(module): one for module, one in left_of_modules(person, [UUID(m) for m in wanted]).items()}
    modules = {module: one.again() if module in anew else one for module, one in left.items()}
    offer = Offer(
        person=str(person),
        minutes={module: one.minutes for module, one in modules.items()},
        slugs={module: f"{one.course_slug}/{one.slug}" for module, one in modules.items()},
        credentials=missing,
        requires={module: frozenset(map(str, one.requires)) for module, one in modules.items() if one.requires},
        unproved=frozenset(module for module, one in modules.items() if not one.proves),
    )
    renewed = frozenset(key for key in missing if UUID(key) in known.last)
    return Prospects(stands, evidence, offer, modules, credentials, renewed, at)
