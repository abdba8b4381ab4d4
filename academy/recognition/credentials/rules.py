"""When a person earns a credential, and when again. Facts in, verdict out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from academy.core.criteria import Criterion, CriterionError, Metric, Metrics, Verdict, comparisons, evaluate
from academy.core.fingerprints import fingerprint
from academy.core.periods import shift_months
from academy.core.written_criteria import parse, whole_number

METRICS: Metrics = {"modules": Metric("modules passed by the person", named=True, personal=True)}
RENEWAL_OPENS = timedelta(days=90)
"""How long before expiry what is passed again counts towards the next certificate."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a credential's rule. `reference` is `<slug>-<number>`; `valid_months` None is for life.

    `fingerprint` is that of the rule as it is written, so that whoever was judged by it can show which it was.
    """

    reference: str
    criterion: Criterion
    valid_months: int | None
    fingerprint: str = field(default="", compare=False)

    def modules(self) -> frozenset[str]:
        """Every module that the rule names."""
        return frozenset().union(*(comparison.only or () for comparison in comparisons(self.criterion)))

    def expires_at(self, issued_at: datetime) -> datetime | None:
        """When a certificate issued then ends: the same day some months on, in UTC."""
        return shift_months(issued_at, self.valid_months, ZoneInfo("UTC")) if self.valid_months else None


@dataclass(frozen=True, slots=True)
class LastCertificate:
    """The latest certificate somebody has for a credential."""

    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def parse_rule(reference: str, criterion: Mapping[str, Any], valid_months: int | None) -> Rule:
    """A rule from its stored form. Raises CriterionError, also when it names no modules: nobody would ever earn it."""
    if valid_months is not None:
        whole_number(valid_months, "valid_months")
    parsed = parse(criterion, METRICS, personal=True)
    if any(comparison.only is None for comparison in comparisons(parsed)):
        raise CriterionError("criterion.only: name the modules that count.")
    return Rule(reference, parsed, valid_months, fingerprint([criterion, valid_months]))


def counts_after(last: LastCertificate | None) -> datetime | None:
    """The instant after which what was passed counts for the next certificate.

    Everything counts for a first one. A renewal needs everything passed again since its window opened, and never
    what earned the last one; after a revocation everything since then. One that never ends has no next one.
    """
    if last is None:
        return None
    if last.revoked_at is not None:
        return last.revoked_at
    if last.expires_at is None:
        return datetime.max.replace(tzinfo=UTC)
    return max(last.expires_at - RENEWAL_OPENS, last.issued_at)


def levels(rule: Rule, passed: Mapping[str, datetime], after: datetime | None) -> dict[str, int]:
    """How many of each comparison's modules were passed after an instant. `passed` maps a module to its last pass."""
    counted = {module for module, at in passed.items() if after is None or at > after}
    return {one.key: len(counted & (one.only or frozenset())) for one in comparisons(rule.criterion)}


def verdict(rule: Rule, passed: Mapping[str, datetime], last: LastCertificate | None) -> Verdict:
    """Whether a (next) certificate is earned, and what is missing."""
    return evaluate(rule.criterion, levels(rule, passed, counts_after(last)), "")


def status(*, expires_at: datetime | None, revoked_at: datetime | None, at: datetime) -> str:
    """What a stranger is told: valid, expired or revoked."""
    if revoked_at is not None and revoked_at <= at:
        return "revoked"
    return "expired" if expires_at is not None and expires_at <= at else "valid"
