"""What to recommend to a person, from what is known of it and its partner. Reads nothing not handed in."""

from collections.abc import Sequence
from uuid import UUID

from academy.core.criteria import Comparison, comparisons
from academy.learning.modules.queries import ModuleCard
from academy.learning.progress.rules import DONE, State
from academy.people.accounts.queries import Profile
from academy.programme.outlook.queries import Prospects
from academy.programme.recommendations.rules import (
    Answers,
    Candidate,
    Recommendation,
    Wanted,
    begin_with,
    recommend,
)

MOST = 4


def asked_about(ahead: Prospects) -> list[UUID]:
    """The modules that `recommendations` looks at: core modules, and those of each credential."""
    return [UUID(module) for module in ahead.modules]


def answers_of(person: Profile) -> Answers:
    """What somebody has said of itself on the first day, or since."""
    return Answers(person.sells, person.sells_to, person.minutes_a_week)


def recommendations(
    cards: Sequence[ModuleCard], ahead: Prospects | None, answers: Answers | None = None, *, limit: int = MOST
) -> list[Recommendation]:
    """Modules worth learning next, each with its reason. `ahead` is None outside every programme.

    The one function that decides it; the Spotlight may put a better one in its place.
    """
    candidates = [candidate(card) for card in cards]
    return recommend(candidates, _wanted(ahead) if ahead else Wanted(), answers, limit=limit)


def first_module(cards: Sequence[ModuleCard], answers: Answers) -> ModuleCard | None:
    """Of these modules the one with which somebody begins; None when nothing of them is left and open."""
    chosen = begin_with([candidate(card) for card in cards if card.next_lesson], answers)
    return next((card for card in cards if chosen and str(card.id) == chosen.module), None)


def candidate(card: ModuleCard) -> Candidate:
    """A module as the rules look at it."""
    return Candidate(
        module=str(card.id),
        slug=f"{card.course_slug}/{card.slug}",
        family=card.family,
        minutes=card.minutes_left,
        failed=card.state is State.FAILED,
        open=card.state not in DONE and card.locked_by is None,
        level=card.level,
    )


def _wanted(ahead: Prospects) -> Wanted:
    step = ahead.next_step()
    mine = ahead.evidence.passed.get(ahead.offer.person, frozenset())
    return Wanted(
        step=step.modules if step else (),
        tier=_asked_by_tier(ahead) - mine,
        core=ahead.stands.plan.core - mine,
        credentials=ahead.offer.credentials,
    )


def _asked_by_tier(ahead: Prospects) -> frozenset[str]:
    """The modules that would close a gap of the tier above: its missing modules, and those of the nearest
    advanced credential where it asks for one.
    """
    view = ahead.stands.next_tier()
    if view is None:
        return frozenset()
    unmet = {leaf.metric for leaf in view.verdict.leaves() if not leaf.met}
    asked: set[str] = set()
    for comparison in comparisons(view.tier.enter):
        if comparison.metric in unmet:
            asked |= _modules_for(comparison, ahead)
    return frozenset(asked)


def _modules_for(comparison: Comparison, ahead: Prospects) -> frozenset[str]:
    plan = ahead.stands.plan
    passed_by_anyone = frozenset().union(*ahead.evidence.passed.values())
    match comparison.metric:
        case "core_modules":
            return plan.core - passed_by_anyone
        case "modules":
            return (comparison.only or frozenset()) - passed_by_anyone
        case "certificates" | "advanced_certificates":
            wanted = plan.advanced if comparison.metric == "advanced_certificates" else ahead.credentials.keys()
            open_ones = [
                missing for credential, missing in ahead.offer.credentials.items() if missing and credential in wanted
            ]
            return min(open_ones, key=lambda missing: (len(missing), sorted(missing)), default=frozenset())
        case _:
            return frozenset()
