"""Which modules to recommend to a person, and why: by what the tier above asks and by how quizzes went.

An explained rule, no score: each module comes with the one strongest reason for it. Pure.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a module is recommended, the strongest first."""

    AGAIN = "again"  # its quiz was failed and not passed since
    STEP = "step"  # it belongs to the shortest way to a better tier or rate
    TIER = "tier"  # the tier above asks for it
    CORE = "core"  # core training is not complete without it
    CREDENTIAL = "credential"  # it is missing for a credential, the nearest first
    GAP = "gap"  # it is of the same skill family as a failed quiz


@dataclass(frozen=True, slots=True)
class Candidate:
    """A module that could be recommended. `minutes` are those left; `open`: not done, nothing to do first."""

    module: str
    slug: str
    family: str
    minutes: int
    failed: bool
    open: bool


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


def recommend(candidates: Iterable[Candidate], wanted: Wanted, *, limit: int) -> list[Recommendation]:
    """At most `limit` modules that are open: the best of each reason, then the second of each, and so on.

    Within a reason the one with the fewest minutes left comes first, ties by slug.
    """
    ordered = sorted((one for one in candidates if one.open), key=lambda one: (one.minutes, one.slug))
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
