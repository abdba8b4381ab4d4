"""What follows from a finished lesson: its module, its course. Completions belong to the identity for life."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from academy.journal.actions import Decision, Recorded, Thing, record
from academy.learning.progress import queries, rules


def complete_module(fact: Recorded) -> None:
    """Reaction to a completed lesson or passed quiz: the module, if that was the last of it."""
    if fact.person is None:
        return
    module = UUID(str(fact.numbers["module"]))
    finish_module(fact.person, fact.partner, module, at=fact.effective_at, now=fact.recorded_at)


def finish_module(person: UUID, partner: UUID | None, module: UUID, *, at: datetime, now: datetime) -> None:
    """Complete a module of which nothing required is left; otherwise, or when it is complete already, do nothing."""
    count = queries.count_module(person, module)
    if count is None or count.completed or not rules.is_complete(count.done, count.required):
        return
    passed = count.quizzes > 0
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into learning_moduleprogress (person_id, module_id, completed_at, passed) values (%s, %s, %s, %s)",
            [person, module, at, passed],
        )
    record(
        "module.completed",
        partner=partner,
        person=person,
        thing=Thing("module", module),
        at=at,
        now=now,
        numbers={"course": str(count.course), "passed": passed},
        decision=Decision(
            rules.RULE,
            {
                "edition": str(count.edition),
                "required": count.required,
                "done": count.done,
                "quizzes": count.quizzes,
            },
        ),
        key=f"module.completed:{person}:{module}",
    )


def complete_course(fact: Recorded) -> None:
    """Reaction to a completed module: the course, if that was the last of it."""
    if fact.person is None:
        return
    course = UUID(str(fact.numbers["course"]))
    finish_course(fact.person, fact.partner, course, at=fact.effective_at, now=fact.recorded_at)


def finish_course(person: UUID, partner: UUID | None, course: UUID, *, at: datetime, now: datetime) -> None:
    """Complete a course of which no module is left; otherwise, or when it is complete already, do nothing."""
    count = queries.count_course(person, course)
    if count.completed or not rules.is_complete(count.done, count.required):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into learning_courseprogress (person_id, course_id, completed_at) values (%s, %s, %s)",
            [person, course, at],
        )
    record(
        "course.completed",
        partner=partner,
        person=person,
        thing=Thing("course", course),
        at=at,
        now=now,
        decision=Decision(rules.RULE, {"edition": str(count.edition), "required": count.required, "done": count.done}),
        key=f"course.completed:{person}:{course}",
    )
