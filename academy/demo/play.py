"""Playing the demo's events through the same actions as everybody's, each at its own time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from academy.core.ids import lasting_id
from academy.demo import months
from academy.demo.history import Event, Learned, Left, MonthClosed, MonthPaid, Refunded, Sold, deal_id
from academy.learning.progress.actions import Report, save_progress
from academy.learning.quizzes.actions import open_attempt, submit_attempt
from academy.learning.quizzes.rules import Question
from academy.notifications.notices.actions import send_daily
from academy.people.memberships.actions import remove_member
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.deals.actions import Report as DealReport
from academy.programme.deals.actions import Sum, refund_deal, report_deal
from academy.programme.deals.rules import Stage
from academy.programme.lapses.actions import tell_of_leaving
from academy.recognition.certificates.actions import tell_of_ending

SOURCE = "crm"
"""Where the demo's deals come from: the agency's own system."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is who: actors by address, partners with their currency by name."""

    actors: Mapping[str, Actor]
    partners: Mapping[str, UUID]
    currencies: Mapping[str, str]
    programme: UUID


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
    """What the jobs of a day do about notices, before anything else happens on it."""
    tell_of_ending(now=at)
    tell_of_leaving(now=at)
    send_daily(now=at)


def _play(event: Event, cast: Cast) -> None:
    match event:
        case Learned():
            _learn(event, cast.actors[event.person])
        case Sold():
            partner = cast.partners[event.partner]
            report = DealReport(
                source=SOURCE,
                external_id=f"{event.partner}/{event.number}",
                partner=partner,
                client=event.client,
                product=event.product,
                sum=Sum(event.amount * 100, cast.currencies[event.partner]),
                stage=Stage.WON,
                occurred_at=event.at,
                deal_id=deal_id(event.partner, event.number),
            )
            report_deal(THE_HOUSE, report, now=event.at)
        case Refunded():
            refund_deal(
                THE_HOUSE,
                deal_id(event.partner, event.number),
                "1",
                Sum(event.amount * 100, cast.currencies[event.partner]),
                refunded_at=event.at,
                now=event.at,
            )
        case MonthClosed():
            months.close(cast.programme, event.month, event.at)
        case MonthPaid():
            months.pay(cast.programme, event.month, event.at)
        case Left():
            actor = cast.actors[event.person]
            remove_member(cast.partners[event.partner], actor.person_id, by=THE_HOUSE, now=event.at)


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
