"""One round of the lesson bench, in a process of its own; prints figures as JSON."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from academy import start
from benchmarks import frames
from benchmarks.dashboard import web
from benchmarks.replaying import Sent, Swap, at_once, cut, listening, replay, steadily

LEARNERS = 200


@dataclass
class Learner:
    """Somebody of a partner of their own, with lessons still to do."""

    actor: Any
    lessons: list[UUID]


def main() -> None:
    """Ours and bare by turns, on lessons of the same kind."""
    start.prepare()
    learners = enter()
    first, lesson, statements = seen(learners[0])
    figures: dict[str, float] = {}
    ways: dict[str, Callable[[Learner], None]] = {
        "ours": complete,
        "bare": lambda learner: replay(statements, other(first, lesson, learner)),
    }
    for name, work in ways.items():
        figures |= cut(f"burst {name}", at_once(learners, work))
        figures |= cut(f"steady {name}", steadily(learners, work))
    figures |= in_browsers(learners)
    print(json.dumps(figures))


def in_browsers(learners: list[Learner]) -> dict[str, float]:
    """The same through the real server: from the report sent to its answer, and to the frame in another browser."""
    secrets = give_tokens(learners)

    def work(places: Iterable[int]) -> list[frames.Job]:
        return [frames.Job(place, secrets[place], secrets[place], *_asked(learners[place])) for place in places]

    with web() as port:
        return frames.in_browsers(port, len(learners), work)


def _asked(learner: Learner) -> tuple[str, dict[str, Any], str]:
    body = {"position": 1.0, "play": str(uuid4()), "seconds": 60, "completed": True}
    return f"/api/v1/lessons/{learner.lessons.pop()}/progress", body, "lesson.completed"


def give_tokens(learners: list[Learner]) -> list[str]:
    """A token for each learner's programs."""
    from academy.core import clock
    from academy.people.tokens.actions import create_token

    now = clock.now()
    return [create_token(learner.actor.person_id, by=learner.actor, now=now).secret for learner in learners]


def enter() -> list[Learner]:
    """A course of many lessons, and learners each with a partner in a programme."""
    from academy.core import clock
    from academy.core.ids import uuid7
    from academy.people.accounts.actions import create_person
    from academy.people.memberships.actions import add_member
    from academy.people.partners.opening.actions import create_partner
    from academy.people.permissions.rules import THE_HOUSE, Actor
    from academy.programme.standing.actions import enrol_partner
    from benchmarks.course import lessons_of_a_course, programme

    now = clock.now() - timedelta(days=1)
    lessons = lessons_of_a_course(now)
    founded = programme(now)
    learners = []
    for _ in range(LEARNERS):
        mark = uuid7().hex
        person = create_person(f"{mark}@example.com", name="Bench", by=THE_HOUSE, now=now)
        partner = create_partner(f"Bench {mark}", by=THE_HOUSE, now=now)
        enrol_partner(partner.id, founded, at=now, now=now)
        add_member(partner.id, person.id, role="owner", by=THE_HOUSE, now=now)
        learners.append(Learner(Actor(person.id, partner_id=partner.id, member_role="owner"), list(lessons)))
    return learners


def complete(learner: Learner) -> None:
    """The action, as page and API call it."""
    from academy.core import clock
    from academy.core.ids import uuid7
    from academy.learning.progress.actions import Report, save_progress

    report = Report(position=1.0, play=uuid7(), seconds=60, completed=True)
    save_progress(learner.actor, learner.lessons.pop(), report, now=clock.now())


def seen(learner: Learner) -> tuple[Learner, UUID, Sequence[Sent]]:
    """The statements that one completion sends, whose it was, and of which lesson."""
    complete(learner)  # the first one enrols
    lesson = learner.lessons[-1]
    with listening() as sent:
        complete(learner)
    return learner, lesson, sent


def other(first: Learner, lesson: UUID, learner: Learner) -> Swap:
    """The same for another learner, of another partner, with the next lesson."""
    return Swap(
        {
            str(first.actor.person_id): str(learner.actor.person_id),
            str(first.actor.partner_id): str(learner.actor.partner_id),
            str(lesson): str(learner.lessons.pop()),
        }
    )


if __name__ == "__main__":
    main()
