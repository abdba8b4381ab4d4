"""Which modules to recommend to a person, and why: by what the tier above asks and by how quizzes went.

An explained rule, no score: each module comes with the one strongest reason for it, and of equals that which fits
what somebody has said of itself comes first. Pure.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LEVELS = ("beginner", "intermediate", "advanced")
BY_WHAT_IS_SOLD = {
    "websites": {"scoping", "retention"},
    "software": {"scoping", "pricing"},
    "ai": {"delivery", "pricing"},
    "marketing": {"retention", "discovery"},
    "consulting": {"discovery", "pricing"},
}
"""Which skill families first help those who sell this."""
BY_WHO_BUYS = {
    "small": {"discovery"},
    "medium": {"pricing"},
    "large": {"scoping", "retention"},
    "public": {"scoping", "delivery"},
}
"""Which skill families first help those who sell to these."""


class Reason(StrEnum):
    """Why a module is recommended, the strongest first."""

    AGAIN = "again"  # its quiz was failed and not passed since
    STEP = "step"  # it belongs to the shortest way to a better tier or rate
    TIER = "tier"  # the tier above asks for it
    CORE = "core"  # core training is not complete without it
    CREDENTIAL = "credential"  # it is missing for a credential, the nearest first
    GAP = "gap"  # it is of the same skill family as a failed quiz


class Fit(StrEnum):
    """What of somebody's answers a module fits."""

    SELLS = "sells"
    SELLS_TO = "sells_to"
    TIME = "time"  # it can be finished within a week


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody has said of itself, empty where that was skipped; times in minutes."""

    sells: str = ""
    sells_to: str = ""
    minutes_a_week: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A module that could be recommended. `minutes` are those left; `open`: not done, nothing to do first.

    `level` is its course's.
    """

    module: str
    slug: str
    family: str
    minutes: int
    failed: bool
    open: bool
    level: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What would help: each a set of modules. `credentials` maps a credential to what is missing for it."""

    step: Collection[str] = ()
    tier: Collection[str] = ()
    core: Collection[str] = ()
    credentials: Mapping[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A module and why. `about` is the credential or family that the reason is about, `left` how many modules
    are still missing with it, itself included.
    """

    module: str
    reason: Reason
    about: str = ""
    left: int = 0


def fits(one: Candidate, answers: Answers) -> tuple[Fit, ...]:
    """Which of somebody's answers a module fits."""
    said = {
        Fit.SELLS: one.family in BY_WHAT_IS_SOLD.get(answers.sells, ()),
        Fit.SELLS_TO: one.family in BY_WHO_BUYS.get(answers.sells_to, ()),
        Fit.TIME: answers.minutes_a_week is not None and one.minutes <= answers.minutes_a_week,
    }
    return tuple(fit for fit, holds in said.items() if holds)


def begin_with(candidates: Iterable[Candidate], answers: Answers) -> Candidate | None:
    """The open module with which somebody begins who has learned nothing yet; None when none is open.

    One of a course for beginners; what fits what one sells, or to whom, may be a level above that, and nobody begins
    with an advanced course while there is another. Of these the one that fits most answers, then the first of them.
    """

    def order(one: Candidate) -> tuple[bool, int, int]:
        found = fits(one, answers)
        level = LEVELS.index(one.level) if one.level in LEVELS else 0
        knows_the_field = Fit.SELLS in found or Fit.SELLS_TO in found
        return one.level == LEVELS[-1], max(0, level - knows_the_field), -len(found)

    return min((one for one in candidates if one.open), key=order, default=None)


def recommend(
    candidates: Iterable[Candidate], wanted: Wanted, answers: Answers | None = None, *, limit: int
) -> list[Recommendation]:
    """At most `limit` modules that are open: the best of each reason, then the second of each, and so on.

    Within a reason the one that fits most answers comes first, then that with the fewest minutes left, ties by slug.
    """
    said = answers or Answers()
    ordered = sorted(
        (one for one in candidates if one.open), key=lambda one: (-len(fits(one, said)), one.minutes, one.slug)
    )
    weak = {one.family for one in ordered if one.failed and one.family}
    piles = [
        [Recommendation(one.module, Reason.AGAIN) for one in ordered if one.failed],
        _pile(ordered, Reason.STEP, wanted.step),
        _pile(ordered, Reason.TIER, wanted.tier),
        _pile(ordered, Reason.CORE, wanted.core),
        _for_credentials(ordered, wanted.credentials or {}),
        [Recommendation(one.module, Reason.GAP, one.family) for one in ordered if one.family in weak],
    ]
    return _dealt(piles, limit)


def _pile(candidates: Sequence[Candidate], reason: Reason, modules: Collection[str]) -> list[Recommendation]:
    return [Recommendation(one.module, reason, left=len(modules)) for one in candidates if one.module in modules]


def _for_credentials(
    candidates: Sequence[Candidate], credentials: Mapping[str, frozenset[str]]
) -> list[Recommendation]:
    """What is missing for each credential, the one with the fewest missing modules first."""
    nearest_first = sorted(credentials, key=lambda credential: (len(credentials[credential]), credential))
    return [
        Recommendation(one.module, Reason.CREDENTIAL, credential, len(credentials[credential]))
        for credential in nearest_first
        for one in candidates
        if one.module in credentials[credential]
    ]


def _dealt(piles: Sequence[list[Recommendation]], limit: int) -> list[Recommendation]:
    """One of each pile in turn, no module twice: a module belongs to the first pile that has it."""
    first_reason: dict[str, Reason] = {}
    for pile in piles:
        for one in pile:
            first_reason.setdefault(one.module, one.reason)
    own = [_once(one for one in pile if first_reason[one.module] is one.reason) for pile in piles]
    dealt: list[Recommendation] = []
    for turn in range(max(map(len, own), default=0)):
        dealt += [pile[turn] for pile in own if turn < len(pile)]
    return dealt[:limit]


def _once(pile: Iterable[Recommendation]) -> list[Recommendation]:
    kept: dict[str, Recommendation] = {}
    for one in pile:
        kept.setdefault(one.module, one)
    return list(kept.values())
