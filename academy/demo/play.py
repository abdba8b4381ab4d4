"""Playing the demo's events through the same actions as everybody's, each at its own time."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from academy.core.ids import lasting_id
from academy.demo import months
from academy.demo.dealing import Cast, deal
from academy.demo.history import Event, Judged, Learned, Left, MonthClosed, MonthPaid, Pinned, Revoked
from academy.learning.progress.actions import Report, save_progress
from academy.learning.quizzes.actions import open_attempt, submit_attempt
from academy.learning.quizzes.rules import Question
from academy.notifications.notices.actions import send_daily
from academy.people.memberships.actions import remove_member
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.deals.claims.actions import free_what_ran_out
from academy.programme.lapses.actions import tell_of_leaving
from academy.programme.pins.actions import pin_tier
from academy.programme.standing.actions import bring_up_to_date
from academy.recognition.certificates.actions import revoke, tell_of_ending
from academy.recognition.certificates.models import Certificate


def play(events: Sequence[Event], cast: Cast, progress: Callable[[int, int], None]) -> None:
    """Carry out every event, oldest first, with the clock standing where it happened."""
    ordered = sorted(events, key=lambda event: event.at)
    morning = ordered[0].at if ordered else None
    for number, event in enumerate(ordered, 1):
        if morning is not None and event.at.date() > morning.date():
            morning = event.at
            _begin_day(morning)
        _play(event, cast)
        progress(number, len(ordered))


def _begin_day(at: datetime) -> None:
    """What the jobs of a day do, before anything else happens on it."""
    free_what_ran_out(now=at)
    tell_of_ending(now=at)
    tell_of_leaving(now=at)
    send_daily(now=at)


def _play(event: Event, cast: Cast) -> None:
    match event:
        case Learned():
            _learn(event, cast.actors[event.person])
        case Pinned():
            until = event.at + timedelta(days=event.days)
            partner = cast.partners[event.partner]
            pin_tier(cast.manager, partner, event.tier, until=until, reason=event.reason, now=event.at)
        case Revoked():
            _revoke(event, cast)
        case Judged():
            bring_up_to_date(cast.partners[event.partner], now=event.at)
        case MonthClosed():
            months.close(cast, event.month, event.at)
        case MonthPaid():
            months.pay(cast, event.month, event.at)
        case Left():
            actor = cast.actors[event.person]
            remove_member(cast.partners[event.partner], actor.person_id, by=THE_HOUSE, now=event.at)
        case _:
            deal(event, cast)


def _revoke(event: Revoked, cast: Cast) -> None:
    holder = cast.actors[event.person].person_id
    held = Certificate.objects.get(person_id=holder, credential__slug=event.credential, revoked_at=None)
    revoke(cast.administrator, held.serial, reason=event.reason, now=event.at)


def _learn(event: Learned, actor: Actor) -> None:
    play = lasting_id("demo play", event.person, str(event.lesson), event.at.isoformat())
    if not event.quiz:
        report = Report(position=1.0, play=play, seconds=event.seconds, completed=True)
        save_progress(actor, event.lesson, report, now=event.at)
        return
    save_progress(actor, event.lesson, Report(position=0.5, play=play, seconds=event.seconds), now=event.at)
    opened = open_attempt(actor, event.lesson, now=event.at)
    answers = _answers(opened.questions, wrong=event.wrong)
    submit_attempt(actor, event.lesson, opened.attempt, answers, now=event.at)


def _answers(questions: Sequence[Question], *, wrong: int) -> dict[str, list[str]]:
    """Right answers to all questions but the first few."""
    return {
        question.id: [choice.id for choice in question.choices if not choice.correct][:1]
        if index < wrong
        else sorted(question.right())
        for index, question in enumerate(questions)
    }
