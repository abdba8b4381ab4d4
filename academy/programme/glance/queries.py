"""What Home shows of a person and its partner at a glance, by one prepared query, and what makes it out of date."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from academy.core import reads
from academy.programme.standing.queries import STANDS, Change, Stands, stands_from

CHANGES_DAYS = 45
CHANGES_READ = 6


@dataclass(frozen=True, slots=True)
class Figures:
    """A person's training in figures. Modules are those of the courses begun, every core module, and what is done."""

    modules_completed: int
    modules_total: int
    seconds: int
    certificates: int


@dataclass(frozen=True, slots=True)
class Glance:
    """The journal's cursor at reading, where the partner stands, what changed, and the person's figures.

    `seal` is equal as long as nothing has happened that a page about this person and partner could show.
    """

    cursor: int
    stands: Stands
    changes: list[Change]
    figures: Figures
    seal: tuple[Any, ...]


_GLANCE = f"""
    with standing as ({STANDS.replace("%s", "%(partner)s::uuid[]")}),
    mine as (
        select distinct el.module_id from learning_enrolment n
          join learning_editionlesson el on el.edition_id = n.edition_id
         where n.person_id = %(person)s and not el.optional),
    done as (select module_id from learning_moduleprogress where person_id = %(person)s)
    select standing.*,
           coalesce((select pos from journal_fact where pos is not null order by pos desc limit 1), 0),
           (select coalesce(json_agg(json_build_array(kind, numbers, effective_at, pos)), '[]') from (
               select kind, numbers, effective_at, pos from journal_fact
                where partner = %(one)s and kind in ('tier.changed', 'rate.changed') and effective_at > %(since)s
                  and pos is not null
                order by pos desc limit {CHANGES_READ}) changed),
           (select count(*) from done),
           (select count(*) from (select module_id from mine union select module_id from done union
               select jsonb_array_elements_text(v.written->'core')::uuid from programme_planversion v
                where v.id = standing.plan_id) every),
           (select coalesce(sum(seconds), 0)::bigint from learning_lessonprogress where person_id = %(person)s),
           (select count(*) from recognition_certificate
             where person_id = %(person)s and revoked_at is null and not expired),
           coalesce((select pos from journal_fact where person = %(person)s and pos is not null
                      order by pos desc limit 1), 0),
           (select max(greatest(last_opened_at, enrolled_at)) from learning_enrolment where person_id = %(person)s),
           (select max(published_at) from learning_edition)
      from standing
"""  # noqa: S608 - constants


def glance(partner: UUID, person: UUID, now: datetime) -> Glance | None:
    """What Home needs first; None when the partner is in no programme."""
    since = now - timedelta(days=CHANGES_DAYS)
    row = reads.row(_GLANCE, {"partner": [partner], "one": partner, "person": person, "since": since})
    if row is None:
        return None
    standing, (cursor, changes, done, total, seconds, certificates, *seal) = row[:14], row[14:]
    found = stands_from(standing)
    return Glance(
        cursor,
        found,
        [Change(kind, numbers, datetime.fromisoformat(when), pos) for kind, numbers, when, pos in changes],
        Figures(done, total, seconds, certificates),
        (person, partner, found.version, *seal),
    )
