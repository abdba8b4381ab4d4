"""How deals came about and what became of the others: registered by somebody of the partner, answered by the manager,
then won; now and then lost or refused; and what is open today.

Pure, like `history`: sales in, more events out.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta

from academy.demo.history import Accepted, Declined, Event, Lost, Registered, Sold, between_calls

EXTRA = 900
"""Numbers of deals that were never won begin here."""
REFUSALS = (
    "This client is one of our own since spring. Ask your manager before you call them again.",
    "There is no named contact yet. Register it again once you have spoken to somebody.",
)
LOSSES = (
    "They chose to build it themselves.",
    "The budget went to next year.",
)

# Days ago, client, product, pounds, months until it is expected; the first is accepted, the second waits for an answer.
OPEN_NOW: Mapping[str, tuple[tuple[int, str, str, int, int], ...]] = {
    "Northlight Studio": (
        (17, "Marlin Freight", "automation", 5_200, 1),
        (1, "Alderway Dental", "ai-assistant", 3_100, 2),
    ),
    "Brightside Labs": (
        (24, "Cobalt Cycles", "automation", 7_400, 1),
        (2, "Hollin Care Homes", "retainer", 1_800, 1),
    ),
    "Harbour & Pine": (
        (31, "Saltmarsh Foods", "website", 4_600, 0),
        (1, "Quayside Theatre", "automation", 2_900, 2),
    ),
}


def registered(
    partner: str, people: Sequence[str], sold: Sequence[Sold], *, share: float, begins: datetime, chance: random.Random
) -> Iterator[Event]:
    """A share of the deals was registered here a week or three before it was won, and accepted a day later."""
    for deal in sold:
        at = between_calls(deal.at - timedelta(days=chance.randint(8, 20)), chance)
        if at < begins or chance.random() > share:
            continue
        yield _registered(at, partner, chance.choice(people), deal, deal.number)
        yield Accepted(_answered(at), partner, deal.number)


def never_won(
    partner: str, people: Sequence[str], clients: Sequence[str], *, today: datetime, chance: random.Random
) -> Iterator[Event]:
    """One deal that was lost, and one that was refused."""
    for number, days in enumerate((chance.randint(60, 200), chance.randint(30, 300)), EXTRA):
        at = between_calls(today - timedelta(days=days), chance)
        planned = Sold(at + timedelta(days=30), partner, clients[-1 - number % 2], "automation", 1_200, number)
        person = chance.choice(people)
        yield _registered(at, partner, person, planned, number)
        if number == EXTRA:
            yield Accepted(_answered(at), partner, number)
            yield Lost(_answered(at) + timedelta(days=21), partner, person, number, chance.choice(LOSSES))
        else:
            yield Declined(_answered(at), partner, number, chance.choice(REFUSALS))


def open_now(partner: str, person: str, *, today: datetime, chance: random.Random) -> Iterator[Event]:
    """What is open today: one deal accepted and protected, one that the manager still has to answer."""
    for number, (days, client, product, amount, months) in enumerate(OPEN_NOW[partner], EXTRA + 10):
        at = between_calls(today - timedelta(days=days), chance)
        if at >= today:  # a weekend lies between: nobody has had to answer
            at = (today - timedelta(days=days)).replace(hour=9, minute=40)
        planned = Sold(at + timedelta(days=31 * months), partner, client, product, amount, number)
        yield _registered(at, partner, person, planned, number)
        if number == EXTRA + 10:
            yield Accepted(_answered(at), partner, number)


def _registered(at: datetime, partner: str, person: str, deal: Sold, number: int) -> Registered:
    return Registered(at, partner, person, deal.client, deal.product, deal.amount, number, deal.at.date())


def _answered(registered_at: datetime) -> datetime:
    """The next working morning."""
    day = registered_at + timedelta(days=3 if registered_at.weekday() == 4 else 1)
    return datetime.combine(day.date(), time(9, 20), day.tzinfo)
