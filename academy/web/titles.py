"""What the things of facts are called. The journal holds ids; names are looked up where they live, by one query."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from academy.core import reads

_TITLES = """
    select l.id, r.title from learning_lesson l
      join learning_module m on m.id = l.module_id
      join learning_item i on i.id = m.course_id
      join learning_editionlesson el on el.edition_id = i.edition_id and el.lesson_id = l.id
      join learning_revision r on r.id = el.revision_id
     where l.id = any(%(things)s)
    union all
    select m.id, min(el.module_title) from learning_module m
      join learning_item i on i.id = m.course_id
      join learning_editionlesson el on el.edition_id = i.edition_id and el.module_id = m.id
     where m.id = any(%(things)s) group by m.id
    union all
    select id, title from learning_item where id = any(%(things)s)
    union all
    select c.id, k.title from recognition_certificate c
      join recognition_credential k on k.id = c.credential_id where c.id = any(%(things)s)
    union all
    select s.id, coalesce(nullif(p.name, ''), p.email) from people_membership s
      join people_person p on p.id = s.person_id where s.id = any(%(things)s)
    union all
    select d.id, d.client_name from programme_deal d where d.id = any(%(things)s)
    union all
    select l.id, d.client_name from programme_commissionline l
      join programme_deal d on d.id = l.deal_id where l.id = any(%(things)s)
"""


def titles_of(things: Iterable[UUID]) -> Mapping[UUID, str]:
    """The title of each thing that still has one: lessons, modules, items, certificates, memberships;
    deals and lines are called by their client."""
    wanted = list(set(things))
    if not wanted:
        return {}
    return dict(reads.rows(_TITLES, {"things": wanted}))
