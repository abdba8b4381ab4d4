"""What Home shows of a person and its partner at a glance, and the small read that says whether it is out of date."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from academy.core import reads
from academy.programme.balance.accounts.queries import MONEY, overview_from, parameters
from academy.programme.balance.accounts.rules import Overview
from academy.programme.evidence.queries import EVIDENCE, evidence_from, oldest_that_counts
from academy.programme.evidence.rules import Evidence
from academy.programme.plans.models import Clock
from academy.programme.plans.queries import plan_version
from academy.programme.standing.queries import DUE_AT, STANDS, Change, Stands, stands_from

CHANGES_DAYS = 45
CHANGES_READ = 6


@dataclass(frozen=True, slots=True)
class AsOf:
    """The journal's cursor, and the mark by which what a page about a person and its partner shows is out of date.

    `mark` stays the same as long as nothing has happened that such a page could show; it is only ever compared with an
    earlier one of the same two. `due_at` is when time alone may next change something; it says nothing on a
    programme's own clock.
    """

    partner: UUID
    person: UUID
    cursor: int
    programme: UUID
    plan: UUID
    due_at: datetime | None
    mark: str

    def is_due(self, now: datetime) -> bool:
        """Whether something fell due before now that nobody has judged yet."""
        return self.due_at is not None and self.due_at < now


_AS_OF = f"""
    select coalesce((select pos from journal_fact where pos is not null order by pos desc limit 1), 0),
           s.programme_id, s.plan_id, case when g.clock = '{Clock.LIVE}' then {DUE_AT} end,
           concat(s.plan_id, ' ', s.version, ' ',
               (select pos from journal_fact where person = %(person)s and pos is not null
                 order by pos desc limit 1), ' ',
               (select max(greatest(last_opened_at, enrolled_at)) from learning_enrolment
                 where person_id = %(person)s), ' ',
               (select max(published_at) from learning_edition), ' ',
               (select pos from journal_fact where partner = %(partner)s and pos is not null
                 order by pos desc limit 1), ' ',
               (select concat(max(month), ' ', max(approved_at)) from programme_close c
                 where c.programme_id = s.programme_id))
      from programme_standing s join programme_programme g on g.id = s.programme_id
     where s.partner_id = %(partner)s
"""  # noqa: S608 - constants


def as_of(partner: UUID, person: UUID) -> AsOf | None:
    """As of when everything about a person and its partner is; None when the partner is in no programme. One query."""
    row = reads.row(_AS_OF, {"partner": partner, "person": person})
    if row is None:
        return None
    cursor, programme, plan, due_at, mark = row
    return AsOf(partner, person, cursor, programme, plan, due_at, mark)


@dataclass(frozen=True, slots=True)
class Figures:
    """A person's training in figures. Modules are those of the courses begun, every core module, and what is done."""

    modules_completed: int
    modules_total: int
    seconds: int
    certificates: int


@dataclass(frozen=True, slots=True)
class Glance:
    """Where the partner stands and what speaks for it, what changed lately, and the person's figures."""

    stands: Stands
    evidence: Evidence
    changes: list[Change]
    figures: Figures
    money: Overview


_GLANCE = f"""
    with standing as ({STANDS} where s.partner_id = %(partner)s),
    done as (select module_id from learning_moduleprogress where person_id = %(person)s)
    select standing.*, evidence.*,
           (select coalesce(json_agg(json_build_array(kind, numbers, effective_at, pos)), '[]') from (
               select kind, numbers, effective_at, pos from journal_fact
                where partner = %(partner)s and kind in ('tier.changed', 'rate.changed')
                  and effective_at > %(changed_since)s and pos is not null
                order by pos desc limit {CHANGES_READ}) changed),
           (select count(*) from done),
           (select count(*) from (
               select el.module_id from learning_enrolment n
                 join learning_editionlesson el on el.edition_id = n.edition_id
                where n.person_id = %(person)s and not el.optional
               union select module_id from done
               union select jsonb_array_elements_text(v.written->'core')::uuid from programme_planversion v
                      where v.id = standing.plan_id) every),
           (select coalesce(sum(seconds), 0)::bigint from learning_lessonprogress where person_id = %(person)s),
           (select count(*) from recognition_certificate
             where person_id = %(person)s and revoked_at is null and not expired),
           money.*
      from standing, ({EVIDENCE}) evidence, ({MONEY}) money
"""  # noqa: S608 - constants


def glance(known: AsOf, now: datetime) -> Glance:
    """What Home shows of the programme, no older than what is known; one query."""
    plan = plan_version(known.plan)
    row = reads.row(
        _GLANCE,
        {
            **parameters(known.partner, known.programme, plan, now),
            "person": known.person,
            "since": oldest_that_counts(plan, now),
            "changed_since": now - timedelta(days=CHANGES_DAYS),
        },
    )
    if row is None:
        raise LookupError("A partner never leaves a programme.")
    standing, evidence, (changes, *figures), money = row[:14], row[14:18], row[18:23], row[23:]
    stands = stands_from(standing)
    return Glance(
        stands,
        evidence_from(evidence, stands.currency),
        [Change(kind, numbers, datetime.fromisoformat(when), pos) for kind, numbers, when, pos in changes],
        Figures(*figures),
        overview_from(money, stands, stands.plan, now),
    )
