"""What would change for a person and its partner: loads once, then asks the pure rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from academy.learning.catalog.queries import module_titles
from academy.learning.progress.queries import minutes_left
from academy.programme.evidence.queries import evidence_at
from academy.programme.evidence.rules import Evidence
from academy.programme.outlook import rules
from academy.programme.outlook.rules import NextStep, Offer, Outlook
from academy.programme.standing.queries import Stands
from academy.recognition.certificates import queries as certificates
from academy.recognition.credentials.queries import InForce, in_force
from academy.recognition.credentials.rules import counts_after


@dataclass(frozen=True, slots=True)
class ModuleTitle:
    """How a module is called and where it is."""

    id: UUID
    title: str
    slug: str
    course_slug: str
    course_title: str


@dataclass(frozen=True, slots=True)
class Prospects:
    """Everything that questions about the future of a person and its partner are answered from."""

    stands: Stands
    evidence: Evidence
    offer: Offer
    modules: Mapping[str, ModuleTitle]
    credentials: Mapping[str, InForce]
    at: datetime

    def next_step(self) -> NextStep | None:
        """The shortest way up by learning alone."""
        return rules.next_step(self.stands.plan, self.stands.held, self.evidence, self.offer, self.at)

    def after(self, *, modules: Iterable[str] = (), credentials: Iterable[str] = (), sales: int = 0) -> Outlook:
        """Where the partner would stand after these."""
        evidence = rules.suppose(
            self.evidence, self.offer, modules=modules, credentials=credentials, sales=sales, at=self.at
        )
        return rules.look_ahead(self.stands.plan, self.stands.held, evidence, self.at)


def prospects(stands: Stands, person: UUID, at: datetime) -> Prospects:
    """Load what can be asked about; seven queries, however much was learned or sold."""
    evidence = evidence_at(stands.partner, stands.plan, stands.currency, at)
    credentials = {str(key): value for key, value in in_force(at).items()}
    wanted = set(stands.plan.core)
    for credential in credentials.values():
        wanted |= credential.rule.modules()
    titles = {
        str(row.id): ModuleTitle(row.id, row.title, row.slug, row.course_slug, row.course_title)
        for row in module_titles([UUID(module) for module in wanted])
    }
    minutes = minutes_left(person, [UUID(module) for module in wanted])
    passed = certificates.passed_by(person)
    last = certificates.last_certificates(person)
    missing = {}
    for key, credential in credentials.items():
        held = last.get(credential.id)
        after = counts_after(held.summary() if held else None)
        if key in evidence.held.get(str(person), {}):
            continue
        done = {module for module, when in passed.items() if after is None or when > after}
        missing[key] = credential.rule.modules() - done
    offer = Offer(
        person=str(person),
        minutes={str(module): left for module, left in minutes.items()},
        slugs={module: f"{title.course_slug}/{title.slug}" for module, title in titles.items()},
        credentials=missing,
    )
    return Prospects(stands, evidence, offer, titles, credentials, at)
