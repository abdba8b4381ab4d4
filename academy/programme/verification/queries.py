"""`academy verify`: every projection equals the fold of its facts, and every decision follows from its inputs.

`deep` also recomputes those inputs from what the journal held before the decision.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core.fingerprints import fingerprint
from academy.learning.progress.rules import is_complete
from academy.programme.commissions.rules import CORRECTION
from academy.programme.commissions.verification.rules import (
    LINES,
    Closed,
    opened_by,
    why_line_differs,
    why_line_differs_from,
    why_payable_otherwise,
)
from academy.programme.judging.rules import Before
from academy.programme.pins.rules import in_force
from academy.programme.plans.models import PlanVersion
from academy.programme.plans.queries import plan_by_reference, plan_version
from academy.programme.plans.rules import Plan
from academy.programme.standing.models import Standing
from academy.programme.standing.rules import Held, judge, rate
from academy.programme.standing.verification.rules import (
    Stored,
    why_decision_is_out_of_line,
    why_notice_differs,
    why_notice_was_not_due,
    why_standing_differs,
)
from academy.programme.statements.verification.rules import Books, why_statement_differs
from academy.programme.verification import statements
from academy.programme.verification.rules import FactRow, Replay, why_decision_differs, why_warning_differs
from academy.recognition.verification import differences_of_certificates

SLACK = timedelta(minutes=5)
"""How long something may be due before it counts as overdue: a few runs of the job each minute."""


@dataclass(slots=True)
class Verified:
    """What verifying found. `differences` are sentences; none is the only good number."""

    partners: int = 0
    facts: int = 0
    differences: list[str] = field(default_factory=list)
    overdue: int = 0

    def as_json(self) -> dict[str, Any]:
        """The shape the command line prints."""
        return {
            "partners": self.partners,
            "facts": self.facts,
            "differences": self.differences,
            "overdue": self.overdue,
        }


def verify(*, now: datetime, deep: bool = False, progress: Callable[[int, int], None] | None = None) -> Verified:
    """Read the whole journal again and compare. Changes nothing."""
    found = Verified()
    found.facts = _one_number("select count(*) from journal_fact where pos is not null")
    for name, statement in (statements.DIFFERENCES | statements.MONTHS_END).items():
        found.differences += [f"{name}: {' '.join(str(part) for part in row)}" for row in _rows(statement)]
    found.differences += [f"{kind} at {pos}: there is no line for it" for kind, pos in _rows(statements.UNANSWERED)]
    found.differences += [
        f"deal {deal}: its source told of it at {at.isoformat()}, which it has forgotten"
        for deal, at in _rows(statements.UNHEARD)
    ]
    found.differences += [
        f"{kind} at {pos}: its partner is in no programme" for kind, pos in _rows(statements.ABOUT_NOBODY)
    ]
    found.differences += list(_differences_of_plans())
    found.differences += list(differences_of_certificates(deep=deep))
    found.differences += list(_learning_decisions(deep=deep))
    standings = list(Standing.objects.select_related("partner", "programme").order_by("pk"))
    found.partners = len(standings)
    closes = _closes()
    for index, standing in enumerate(standings, 1):
        mine = closes.get(standing.programme_id, [])
        found.differences += [f"partner {standing.pk}: {why}" for why in _differences_of(standing, mine, deep=deep)]
        if progress is not None:
            progress(index, len(standings))
        due = standing.next_change_at
        if standing.programme.clock == "live" and due is not None and due < now - SLACK:
            found.overdue += 1
    return found


def replay_until(partner: UUID, currency: str, until: datetime) -> Replay:
    """What the journal says about a partner up to an instant."""
    replay = Replay(str(partner), currency)
    for fact in _facts(partner):
        if fact.effective_at <= until:
            replay.apply(fact)
    return replay


def _closes() -> Mapping[UUID, Sequence[Closed]]:
    """The months that each programme has closed or is closing, the first first."""
    found: defaultdict[UUID, list[Closed]] = defaultdict(list)
    for programme, *close in _rows(statements.CLOSES):
        found[programme].append(Closed(*close))
    return found


def _differences_of(standing: Standing, closes: Sequence[Closed], *, deep: bool) -> Iterator[str]:
    replay = Replay(str(standing.pk), standing.partner.currency)
    books = Books()
    last_time: datetime | None = None
    for fact in _facts(standing.pk):
        if fact.partner == replay.partner:
            if last_time is not None and fact.effective_at < last_time:
                yield f"its time goes back at {fact.pos}"
            last_time = fact.effective_at
            yield from _differences_of_decision(fact, replay, standing, closes, deep=deep)
            yield from _differences_of_statement(fact, books, deep=deep)
            books.apply(fact)
        replay.apply(fact)
    if deep and books.named != (named := dict(_rows(statements.NAMED_LINES, [standing.pk]))):
        yield f"by the facts its statements name {len(books.named)} lines, and they name {len(named)}, or others"
    yield from _differences_of_projection(standing, replay)


def _differences_of_decision(
    fact: FactRow, replay: Replay, standing: Standing, closes: Sequence[Closed], *, deep: bool
) -> Iterator[str]:
    try:
        yield from _why_decided_otherwise(fact, replay, deep=deep)
        if deep and fact.kind in LINES:
            yield from _differences_of_day(fact, replay, standing, closes)
    except PlanVersion.DoesNotExist:
        yield f"{fact.kind} at {fact.pos}: there is no plan {fact.rule or fact.numbers['plan']}"


def _why_decided_otherwise(fact: FactRow, replay: Replay, *, deep: bool) -> Iterator[str]:
    if fact.kind == "tier.warned":
        yield from _differences_of_notice(fact, replay, deep=deep)
    if fact.kind in LINES:
        yield from _differences_of_line(fact, replay, deep=deep)
    if fact.kind not in ("tier.changed", "rate.changed", "promotion.awaited"):
        return
    plan = plan_by_reference(fact.rule)
    if why := why_decision_differs(plan, fact):
        yield f"{fact.kind} at {fact.pos}: {why}"
        return
    yield from (f"{fact.kind} at {fact.pos}: {why}" for why in why_decision_is_out_of_line(plan, replay, fact))
    if deep and (levels := replay.levels(plan, fact.effective_at)) != (fact.inputs or {})["levels"]:
        yield f"{fact.kind} at {fact.pos}: the facts before it measure {levels}, not {(fact.inputs or {})['levels']}"


def _differences_of_notice(fact: FactRow, replay: Replay, *, deep: bool) -> Iterator[str]:
    plan = plan_by_reference(fact.numbers["plan"])
    why = why_warning_differs(plan, fact) or why_notice_differs(plan, fact)
    if why is None and deep:
        why = why_notice_was_not_due(plan, replay, fact)
    if why is not None:
        yield f"{fact.kind} at {fact.pos}: {why}"


def _differences_of_line(fact: FactRow, replay: Replay, *, deep: bool) -> Iterator[str]:
    plan = None if fact.rule == CORRECTION else plan_by_reference(fact.rule)
    why = why_line_differs(plan, fact)
    if why is None and deep and plan is not None:
        why = why_line_differs_from(replay, plan, fact)
    if why is not None:
        yield f"{fact.kind} at {fact.pos}: {why}"


def _differences_of_day(fact: FactRow, replay: Replay, standing: Standing, closes: Sequence[Closed]) -> Iterator[str]:
    plan = plan_version(standing.plan_id) if fact.rule == CORRECTION else plan_by_reference(fact.rule)
    if why := why_payable_otherwise(replay, plan, fact, opened_by(closes, fact.pos)):
        yield f"{fact.kind} at {fact.pos}: {why}"


def _differences_of_statement(fact: FactRow, books: Books, *, deep: bool) -> Iterator[str]:
    why = None
    if fact.kind == "statement.paid":
        why = books.why_paid_wrongly(fact)
    if fact.kind == "statement.made":
        why = why_statement_differs(plan_by_reference(fact.rule), fact)
        if why is None and deep:
            why = books.why_differs(fact)
    if why is not None:
        yield f"{fact.kind} at {fact.pos}: {why}"


def _differences_of_projection(standing: Standing, replay: Replay) -> Iterator[str]:
    plan: Plan = plan_version(standing.plan_id)
    held = Held.from_json(standing.held)
    levels = replay.levels(plan, standing.judged_at)
    is_judged = bool(standing.version)
    if is_judged and levels != standing.levels:
        yield f"the facts measure {levels}, the standing says {standing.levels}"
    if replay.tier != standing.tier or held.tier != standing.tier:
        yield f"the facts say {replay.tier}, the standing says {standing.tier}"
    if in_force(replay.pin, standing.judged_at) != held.pin:
        yield f"the facts say {replay.pin}, the standing's pin is {held.pin}"
    if (since := replay.awaited.get(held.awaiting or "")) != held.awaiting_since:
        yield f"the facts say {since} as awaiting_since, the standing says {held.awaiting_since}"
    before = Before.from_json(standing.before)
    priced = rate(plan_version(before.plan), before.held).basis_points
    shown = replay.rate_before(standing.judged_at) or replay.enrolled_rate
    was = replay.tier_before(standing.judged_at), priced if shown is None else shown
    if was != (before.held.tier, priced):
        yield f"the facts before it say {was[0]} at {was[1]}, the standing says {before.held.tier} at {priced}"
    again = judge(plan, held, levels, standing.partner.currency, standing.judged_at)
    if is_judged and (again.held != held or again.due_warnings):
        yield f"judging again concludes {again.held.as_json()}, the standing says {standing.held}"
    if is_judged:
        stored = Stored(
            standing.rate, standing.tier_since, standing.next_change_at, standing.safe_until, standing.at_risk
        )
        evidence = replay.evidence(standing.judged_at)
        yield from why_standing_differs(plan, held, stored, replay, evidence, levels, standing.judged_at)


def _differences_of_plans() -> Iterator[str]:
    for reference, written, programme, number, effective_from, published in _rows(statements.PLANS):
        if published is None:
            yield f"plan {reference}: nobody published it"
            continue
        told = statements.load(published)
        was = (told["programme"], told["number"], datetime.fromisoformat(told["effective_from"]))
        # Those of before say nothing of what was written.
        known = told.get("fingerprint")
        if was != (str(programme), number, effective_from) or known not in (
            None,
            fingerprint(statements.load(written)),
        ):
            yield f"plan {reference}: it is not what was published"


def _learning_decisions(*, deep: bool) -> Iterator[str]:
    rows = _rows(statements.LEARNING_DECISIONS if deep else statements.LEARNING_DECISIONS_STORED)
    for kind, pos, required, done, required_then, done_then in rows:
        if not is_complete(done, required):
            yield f"{kind} at {pos}: {done} of {required} is not complete"
        if deep and (required, done) != (required_then, done_then):
            yield f"{kind} at {pos}: the facts before it say {done_then} of {required_then}, not {done} of {required}"


_FACTS = """
    select pos, kind, partner::text, person::text, thing::text, numbers, effective_at, rule, inputs
      from journal_fact
     where pos is not null and (partner = %(partner)s or (
           kind in ('module.completed', 'certificate.issued', 'certificate.revoked') and person in (
               select person_id from people_membership where partner_id = %(partner)s)))
     order by pos
"""


def _facts(partner: UUID) -> list[FactRow]:
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"partner": partner})
        return [FactRow(*_loaded(row)) for row in cursor.fetchall()]


def _loaded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*row[:5], statements.load(row[5]), *row[6:8], statements.load(row[8]))


def _rows(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall())


def _one_number(statement: str) -> int:
    return int(_rows(statement)[0][0])
