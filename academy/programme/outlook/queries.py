"""What would change for a person and its partner: loads once, then asks the pure rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from academy.learning.remaining.queries import Left, left_of_modules
from academy.programme.evidence.queries import evidence_at
from academy.programme.evidence.rules import Evidence, valid
from academy.programme.outlook import rules
from academy.programme.outlook.rules import NextStep, Offer, Outlook
from academy.programme.standing.queries import Stands
from academy.recognition.certificates.queries import record_of
from academy.recognition.credentials.queries import InForce
from academy.recognition.credentials.rules import counts_after


@dataclass(frozen=True, slots=True)
class Prospects:
    """Everything that questions about the future of a person and its partner are answered from."""

    stands: Stands
    evidence: Evidence
    offer: Offer
    modules: Mapping[str, Left]
    credentials: Mapping[str, InForce]
    at: datetime

    def next_step(self) -> NextStep | None:
        """The shortest way up by learning alone."""
        return rules.next_step(self.stands.plan, self.stands.held, self.evidence, self.offer, self.at)

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


def prospects(stands: Stands, person: UUID, at: datetime, *, evidence: Evidence | None = None) -> Prospects:
    """Load what can be asked about; three queries, however much was learned or sold, two where evidence is at hand."""
    evidence = evidence or evidence_at(stands.partner, stands.plan, stands.currency, at)
    holds = valid(evidence, at).get(str(person), frozenset())
    known = record_of(person, at)
    credentials = {str(key): value for key, value in known.credentials.items()}
    wanted = set(stands.plan.core)
    for credential in credentials.values():
        wanted |= credential.rule.modules()
    modules = {str(module): one for module, one in left_of_modules(person, [UUID(m) for m in wanted]).items()}
    missing = {}
    for key, credential in credentials.items():
        held = known.last.get(credential.id)
        after = counts_after(held.summary() if held else None)
        if key in holds:
            continue
        done = {module for module, when in known.passed.items() if after is None or when > after}
        missing[key] = credential.rule.modules() - done
    offer = Offer(
        person=str(person),
        minutes={module: one.minutes for module, one in modules.items()},
        slugs={module: f"{one.course_slug}/{one.slug}" for module, one in modules.items()},
        credentials=missing,
        requires={module: frozenset(map(str, one.requires)) for module, one in modules.items() if one.requires},
        unproved=frozenset(module for module, one in modules.items() if not one.proves),
    )
    return Prospects(stands, evidence, offer, modules, credentials, at)
