"""How the list of partners is asked for: what narrows it, in which order it stands, and what it adds up to. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from academy.programme.standing.rules import Held
from academy.programme.standing.rules import Warning as Notice

# What the list may be ordered by. A minus before the name turns the order round.
ORDERS = ("name", "tier", "rate", "safe", "people", "core", "sales", "active")
LARGEST_FIRST = frozenset({"tier", "rate", "people", "core", "sales", "active"})

QUIET_AFTER = timedelta(days=30)
"""A partner of whom nobody did anything for so long has stalled."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which partners, and in which order. `q` is found anywhere in a partner's name, or in a member's name or address.

    `tier` is a slug, empty for all; `none` are those in no programme.
    """

    q: str = ""
    tier: str = ""
    at_risk: bool = False
    order: str = "name"

    @property
    def column(self) -> str:
        """What it is ordered by."""
        return self.order.removeprefix("-")

    @property
    def sign(self) -> int:
        """1 when the smallest stands first, else -1. Turning an order round turns this round."""
        natural = -1 if self.column in LARGEST_FIRST else 1
        return -natural if self.order.startswith("-") else natural


def is_order(text: str) -> bool:
    """Whether a list can be ordered so. Names run one way only."""
    return text in ORDERS or (text.startswith("-") and text[1:] in ORDERS and text != "-name")


@dataclass(frozen=True, slots=True)
class Line:
    """One partner in the list. `sales` are minor units won in 12 months; None where nothing is known.

    `core_total` is None for a partner in no programme.
    """

    id: UUID
    slug: str
    name: str
    kind: str
    currency: str
    tier: str | None
    tier_name: str | None
    rate: int | None
    safe_until: datetime | None
    at_risk: bool
    awaiting: str | None
    people: int
    core: int
    core_total: int | None
    sales: int | None
    active_at: datetime | None


@dataclass(frozen=True, slots=True)
class Group:
    """Partners that are alike in tier, currency and risk, counted. `rank` orders tiers, from 1."""

    tier: str | None
    tier_name: str | None
    rank: int
    currency: str
    at_risk: bool
    partners: int
    people: int
    sales: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A tier that the list can be narrowed to, and how many partners that leaves."""

    tier: str
    name: str
    partners: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What the listed partners come to. Sales stand by currency and are never added across."""

    partners: int
    people: int
    at_risk: int
    sales: Sequence[tuple[str, int]]


def totals(groups: Iterable[Group], wanted: Wanted) -> Totals:
    """The totals of what is listed, from the groups of what was searched for."""
    listed = [
        group
        for group in groups
        if (not wanted.tier or (group.tier or "none") == wanted.tier) and (group.at_risk or not wanted.at_risk)
    ]
    sales: defaultdict[str, int] = defaultdict(int)
    for group in listed:
        sales[group.currency] += group.sales
    return Totals(
        partners=sum(group.partners for group in listed),
        people=sum(group.people for group in listed),
        at_risk=sum(group.partners for group in listed if group.at_risk),
        sales=sorted(((currency, amount) for currency, amount in sales.items() if amount), key=lambda one: -one[1]),
    )


def choices(groups: Iterable[Group]) -> list[Choice]:
    """The tiers that there are, from the lowest; `none` last, for partners in no programme."""
    ranks: dict[str, int] = {}
    names: dict[str, str] = {}
    counts: defaultdict[str, int] = defaultdict(int)
    for group in groups:
        tier = group.tier or "none"
        ranks[tier] = group.rank if group.tier else 1_000
        names[tier] = group.tier_name or ""
        counts[tier] += group.partners
    ordered = sorted(counts, key=lambda tier: (ranks[tier], tier))
    return [Choice(tier, names[tier], counts[tier]) for tier in ordered]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A partner for whom something waits: a promotion for a person's word, or a notice that runs. `plan` judged it."""

    slug: str
    name: str
    plan: UUID
    held: Held

    @property
    def first(self) -> Notice | None:
        """The notice that ends first."""
        return min(self.held.warnings, key=lambda warning: warning.falls_at, default=None)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A partner that has stalled. `since`: when somebody of it last did something; when it was made, if nobody did."""

    slug: str
    name: str
    since: datetime
    has_begun: bool
