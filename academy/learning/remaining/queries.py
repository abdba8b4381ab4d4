"""What is still to be done of modules, and of everything that must be finished before they open."""

from dataclasses import dataclass, replace
from uuid import UUID

from academy.core import reads


@dataclass(frozen=True, slots=True)
class Left:
    """What a person has still to do of a module: minutes, lessons and quizzes not done, and which comes next.

    `quiz` is its quickest quiz, the proof that it counts, and `quiz_minutes` what that takes, done or not; None
    without one. `requires` are the modules to be finished before its course opens,
    however far back, without those that are.
    """

    id: UUID
    title: str
    slug: str
    course_slug: str
    course_title: str
    minutes: int
    lessons: int
    quizzes: int
    next_lesson: UUID | None
    quiz: UUID | None
    quiz_minutes: int
    requires: frozenset[UUID] = frozenset()

    @property
    def proves(self) -> bool:
        """Whether it can count for anything that is paid."""
        return self.quiz is not None

    def again(self) -> "Left":
        """What is left for somebody who must prove it anew: its quiz alone."""
        return replace(self, minutes=self.quiz_minutes, lessons=0, quizzes=1, next_lesson=self.quiz)


_LEFT = """
    with recursive who as (select unnest(%(people)s::uuid[]) as person),
    waits as (
        select who.person, p.from_item_id as course, p.to_item_id as before
          from who cross join learning_item_prerequisites p
         where not exists (select from learning_courseprogress cp
                            where cp.person_id = who.person and cp.course_id = p.to_item_id)),
    reached as (
        select who.person, m.course_id as course from who, learning_module m where m.id = any(%(modules)s::uuid[])
        union
        select r.person, w.before from reached r join waits w using (person, course)),
    needed as (
        select r.person, r.course as target, w.before as course from reached r join waits w using (person, course)
        union
        select n.person, n.target, w.before from needed n join waits w using (person, course)),
    wanted as (
        select who.person, module from who cross join unnest(%(modules)s::uuid[]) module
        union
        select n.person, m.id from needed n join learning_module m on m.course_id = n.course)
    select who.person, i.id,
           exists (select from learning_moduleprogress mp where mp.person_id = who.person and mp.module_id = m.id),
           array(select n.course from needed n where n.person = who.person and n.target = i.id),
           m.id, min(el.module_title), m.slug, i.slug, i.title,
           coalesce(sum(r.minutes) filter (where lp.completed_at is null), 0)::int,
           count(*) filter (where lp.completed_at is null and r.kind <> 'quiz'),
           count(*) filter (where lp.completed_at is null and r.kind = 'quiz'),
           (array_agg(el.lesson_id order by el.position) filter (where lp.completed_at is null))[1],
           (array_agg(el.lesson_id order by r.minutes, el.position) filter (where r.kind = 'quiz'))[1],
           coalesce(min(r.minutes) filter (where r.kind = 'quiz'), 0)
      from wanted who
      join learning_module m on m.id = who.module
      join learning_item i on i.id = m.course_id
      left join learning_enrolment n on n.course_id = i.id and n.person_id = who.person
      join learning_editionlesson el
        on el.edition_id = coalesce(n.edition_id, i.edition_id) and el.module_id = m.id
      join learning_revision r on r.id = el.revision_id
      left join learning_lessonprogress lp on lp.lesson_id = el.lesson_id and lp.person_id = who.person
     where not el.optional
     group by who.person, m.id, i.id
"""


def left_of_modules(person: UUID, modules: list[UUID]) -> dict[UUID, Left]:
    """What is left of each module, in the edition taken or else the newest, and of those required first; one query."""
    return left_of_people([person], modules)[person]


def left_of_people(people: list[UUID], modules: list[UUID]) -> dict[UUID, dict[UUID, Left]]:
    """The same for several people; one query."""
    rows = reads.rows(_LEFT, {"people": people, "modules": modules})
    to_do: dict[tuple[UUID, UUID], set[UUID]] = {}
    for person, course, is_done, _, module, *_rest in rows:
        if not is_done:
            to_do.setdefault((person, course), set()).add(module)
    found: dict[UUID, dict[UUID, Left]] = {person: {} for person in people}
    for person, _course, _done, needed, *row in rows:
        first = frozenset[UUID]().union(*(to_do.get((person, course), ()) for course in needed))
        found[person][row[0]] = Left(*(*row, first))
    return found
