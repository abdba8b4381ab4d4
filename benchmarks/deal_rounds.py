"""One round of the deal bench, in a process of its own; prints figures as JSON."""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from academy import start
from benchmarks import frames
from benchmarks.dashboard import web
from benchmarks.replaying import Sent, Swap, at_once, cut, listening, replay, steadily

PARTNERS = 200
SOURCE = "bench"


@dataclass
class Seller:
    """The owner of a partner of their own."""

    actor: Any
    partner: UUID
    slug: str


def main() -> None:
    """Ours and bare by turns."""
    start.prepare()
    sellers = enter()
    first, number, statements = seen(sellers[0])
    figures: dict[str, float] = {}
    ways: dict[str, Callable[[Seller], None]] = {
        "ours": report,
        "bare": lambda seller: replay(statements, other(first, number, seller)),
    }
    for name, work in ways.items():
        figures |= cut(f"burst {name}", at_once(sellers, work))
        figures |= cut(f"steady {name}", steadily(sellers, work))
    figures |= in_browsers(sellers)
    print(json.dumps(figures))


def in_browsers(sellers: list[Seller]) -> dict[str, float]:
    """Through the real server: another system reports a deal, and its line stands in the owner's open browser."""
    from academy.core import clock
    from academy.core.ids import uuid7
    from academy.people.accounts.actions import create_person
    from academy.people.permissions.rules import THE_HOUSE, Actor
    from academy.people.tokens.actions import create_token

    os.environ["ACADEMY_API_WRITES"] = "1000000"  # one system reports for all: what is limited is not what is measured
    now = clock.now()
    finance = create_person(f"{uuid7().hex}@example.com", name="Bench", by=THE_HOUSE, now=now, roles=["finance"])
    system = Actor(finance.id, frozenset({"finance"}))
    secret = create_token(finance.id, by=system, now=now).secret
    watched = [create_token(one.actor.person_id, by=one.actor, now=now).secret for one in sellers]

    def work(places: Iterable[int]) -> list[frames.Job]:
        return [frames.Job(place, watched[place], secret, *_asked(sellers[place])) for place in places]

    with web() as port:
        return frames.in_browsers(port, len(sellers), work)


def _asked(seller: Seller) -> tuple[str, dict[str, Any], str]:
    from academy.core import clock
    from academy.core.ids import uuid7

    body = {"partner": seller.slug, "product": "automation", "client": "Oakline Retail", "amount": "184.00"}
    body |= {"currency": "GBP", "stage": "won", "occurred_at": clock.now().isoformat()}
    return f"/api/v1/deals/{SOURCE}/{uuid7()}", body, "commission.added"


def enter() -> list[Seller]:
    """Partners in a programme, each with an owner."""
    from academy.core import clock
    from academy.core.ids import uuid7
    from academy.people.accounts.actions import create_person
    from academy.people.memberships.actions import add_member
    from academy.people.partners.opening.actions import create_partner
    from academy.people.permissions.rules import THE_HOUSE, Actor
    from academy.programme.standing.actions import enrol_partner
    from benchmarks.course import lessons_of_a_course, programme

    now = clock.now() - timedelta(days=1)
    lessons_of_a_course(now)
    founded = programme(now)
    sellers = []
    for _ in range(PARTNERS):
        mark = uuid7().hex
        person = create_person(f"{mark}@example.com", name="Bench", by=THE_HOUSE, now=now)
        partner = create_partner(f"Bench {mark}", by=THE_HOUSE, now=now)
        enrol_partner(partner.id, founded, at=now, now=now)
        add_member(partner.id, person.id, role="owner", by=THE_HOUSE, now=now)
        actor = Actor(person.id, partner_id=partner.id, member_role="owner")
        sellers.append(Seller(actor, partner.id, partner.slug))
    return sellers


def report(seller: Seller, number: str = "") -> None:
    """The action, as page and API call it: a deal is won."""
    from academy.core import clock
    from academy.core.ids import uuid7
    from academy.people.permissions.rules import THE_HOUSE
    from academy.programme.deals.actions import Sum
    from academy.programme.deals.hearing.actions import Report, report_deal
    from academy.programme.deals.rules import Stage

    now, worth = clock.now(), Sum(18_400, "GBP")
    told = Report(SOURCE, number or str(uuid7()), seller.partner, "Oakline Retail", "automation", worth, Stage.WON, now)
    report_deal(THE_HOUSE, told, now=now)


def seen(seller: Seller) -> tuple[Seller, str, Sequence[Sent]]:
    """The statements that one won deal sends, whose it was, and its number."""
    from academy.core.ids import uuid7

    report(seller)  # the first one makes the client
    number = str(uuid7())
    with listening() as sent:
        report(seller, number)
    return seller, number, sent


def other(first: Seller, number: str, seller: Seller) -> Swap:
    """The same for another partner and another deal. The client is one for all, and what partners share stays."""
    from academy.core.ids import uuid7

    kept = {key: key for key in _shared()}
    owner = {str(first.actor.person_id): str(seller.actor.person_id)}  # who is told of the line
    return Swap({**kept, **owner, str(first.partner): str(seller.partner), number: str(uuid7())})


@cache
def _shared() -> list[str]:
    from academy.programme.clients.models import Client
    from academy.programme.plans.models import PlanVersion

    return [str(key) for model in (Client, PlanVersion) for key in model.objects.values_list("pk", flat=True)]


if __name__ == "__main__":
    main()
