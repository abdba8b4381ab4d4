"""Making the demo academy: its courses, its plan, its people, and their year."""

import functools
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password

from academy.core.ids import lasting_id
from academy.demo import stories
from academy.demo.cases import cases
from academy.demo.certified import certified
from academy.demo.content import folder, read
from academy.demo.dealing import Cast
from academy.demo.history import YEAR, Event, Left, ModuleOf, Refunded, Sold, clients_of, sales, study
from academy.demo.months import MOVED_DAYS_AGO, agree, months, move_house
from academy.demo.outline import module_ids, modules_by_name
from academy.demo.play import play
from academy.demo.registrations import OPEN_NOW, never_won, open_now, registered
from academy.integrations.catalogue.actions import import_catalogue
from academy.notifications.notices.actions import mark_read_until
from academy.notifications.rules import INVENTED
from academy.people.accounts.actions import answer_welcome, create_person
from academy.people.memberships.actions import add_member
from academy.people.partners.opening.actions import create_partner
from academy.people.permissions.rules import ADMINISTRATOR, FINANCE, MANAGER, THE_HOUSE, Actor
from academy.programme.plans.actions import found_programme, publish_plan
from academy.programme.standing.actions import bring_up_to_date, enrol_partner
from academy.recognition.credentials.actions import publish_credential

PASSWORD = "learn-and-earn"  # noqa: S105 - printed on the terminal, refused in production
DOMAIN = INVENTED
SEED = 20_26
MANY, MOST_REGISTERED, SOME_REGISTERED = 9, 1.0, 0.3
"""From how many won deals on some were lost as well; which share of the deals was registered here, on and off stage."""
NEWS = timedelta(days=30)
"""How long ago its people last looked into their inbox."""

SIGN_INS: tuple[tuple[str, str], ...] = (
    (f"partner@{DOMAIN}", "Maya, one quiz from Gold"),
    (f"newcomer@{DOMAIN}", "Nell, on her first day"),
    (f"owner@{DOMAIN}", "Theo, owner of a team of six"),
    (f"risk@{DOMAIN}", "Rosa, whose Gold is at risk"),
    (f"manager@{DOMAIN}", "Priya, partner manager"),
    (f"finance@{DOMAIN}", "Ruben, finance"),
    (f"admin@{DOMAIN}", "Ada, administrator"),
)

Progress = Callable[[int, int], None]


def create(*, now: datetime, progress: Progress = lambda done, total: None) -> None:
    """Fill an empty academy. The same seed and the same day make the same year."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    begins = today - timedelta(days=YEAR)
    import_catalogue(folder(), by=None, now=begins)
    modules = modules_by_name()
    programme = _publish_rules(begins)
    written = read("cast.yaml")
    staff = _staff(written["staff"], begins)
    events: list[Event] = []
    sold: dict[str, list[Sold]] = {}
    cast = _partners(written["partners"], programme, staff, begins, now)
    core = [str(name) for name in read("plan.yaml")["plan"]["core"]]
    for index, partner in enumerate(written["partners"]):
        chance = random.Random(SEED * 1000 + index)  # noqa: S311 - a year drawn for show
        year = _year(partner, clients_of(index, written["clients"]), modules, core, today=today, chance=chance)
        sold[partner["name"]] = _kept(year)
        events += year
        events += _certificates(partner, modules, today, random.Random(SEED * 2000 + index))  # noqa: S311 - likewise
    events += cases({one["name"]: _owner(one) for one in written["partners"]}, sold, today=today)
    owners = {partner["name"]: cast.actors[_owner(partner)] for partner in written["partners"]}
    agree(cast, owners, written["partners"], begins)
    play([event for event in [*events, *months(begins, today)] if event.at < now], cast, progress)
    mover = written["partners"].index(next(one for one in written["partners"] if one.get("moves")))
    name = written["partners"][mover]["name"]
    move_house(owners[name], name, mover, now - timedelta(days=MOVED_DAYS_AGO))
    for partner_id in cast.partners.values():
        bring_up_to_date(partner_id, now=now)
    for actor in (*cast.actors.values(), *staff.values()):
        mark_read_until(THE_HOUSE, actor.person_id, now - NEWS, now=now)


def _kept(year: Sequence[Event]) -> list[Sold]:
    """The deals of a year of which nothing was taken back."""
    refunded = {event.number for event in year if isinstance(event, Refunded)}
    return [event for event in year if isinstance(event, Sold) and event.number not in refunded]


def _owner(partner: Mapping[str, Any]) -> str:
    """The address of the first owner of a partner of the cast."""
    owner = next(person for person in partner["people"] if person.get("role") == "owner")
    return _address(owner, partner["name"])


def _publish_rules(begins: datetime) -> UUID:
    ids = module_ids()
    credentials = {}
    for credential in _credentials().values():
        named = [str(ids[name]) for name in credential["modules"]]
        for valid_months, since in _validities(credential, begins):
            credentials[credential["slug"]] = publish_credential(
                credential["slug"],
                title=credential["title"],
                summary=credential["summary"],
                family=credential["family"],
                advanced=credential["advanced"],
                criterion={"metric": "modules", "only": named, "value": len(named)},
                valid_months=valid_months,
                effective_from=since,
            )
    written = read("plan.yaml")
    plan = dict(written["plan"])
    plan["core"] = [str(ids[name]) for name in plan["core"]]
    plan["advanced"] = [str(credentials[slug]) for slug in plan["advanced"]]
    programme = written["programme"]
    founded = found_programme(programme["slug"], name=programme["name"], timezone=programme["timezone"])
    publish_plan(None, founded, plan, reason="The programme opens.", effective_from=begins, now=begins)
    return founded


def _validities(credential: Mapping[str, Any], begins: datetime) -> list[tuple[int | None, datetime]]:
    """For how many months the certificates of a credential are valid, and since when, the oldest rule first."""
    if (at_first := credential.get("at_first")) is None:
        return [(credential["valid_months"], begins)]
    changed = begins + timedelta(days=at_first["days"])
    return [(at_first["valid_months"], begins), (credential["valid_months"], changed)]


def _staff(written: Sequence[Mapping[str, Any]], begins: datetime) -> Mapping[str, Actor]:
    """Those of the house, by role."""
    made = {}
    for person in written:
        address, role = f"{person['address']}@{DOMAIN}", person["role"]
        made[role] = Actor(_person(address, person["name"], "Europe/London", begins, roles=[role]), frozenset({role}))
    return made


def _person(
    address: str, name: str, timezone: str, at: datetime, *, roles: Sequence[str] = (), welcomed: bool = True
) -> UUID:
    person = create_person(
        address,
        name=name,
        by=THE_HOUSE,
        now=at,
        hashed=_hashed(),
        timezone=timezone,
        roles=roles,
        verified=True,
    )
    if welcomed:
        answer_welcome(person.id, by=THE_HOUSE, now=at)
    return person.id


@functools.cache
def _hashed() -> str:
    """The one password of all, hashed once: hashing is slow on purpose, and this one is printed on the terminal."""
    return make_password(PASSWORD)


def _partners(
    written: Sequence[Mapping[str, Any]],
    programme: UUID,
    staff: Mapping[str, Actor],
    begins: datetime,
    now: datetime,
) -> Cast:
    actors: dict[str, Actor] = {}
    partners: dict[str, UUID] = {}
    currencies: dict[str, str] = {}
    for index, partner in enumerate(written):
        first_day = partner.get("story") == "first_day"
        at = now - timedelta(minutes=20) if first_day else begins + timedelta(days=index % 7, hours=9)
        zone = partner.get("timezone", "Europe/London")
        made = create_partner(
            partner["name"],
            kind=partner.get("kind", "company"),
            currency=partner.get("currency", "GBP"),
            timezone=zone,
            by=THE_HOUSE,
            now=at,
            partner_id=lasting_id("demo partner", partner["name"]),
        )
        enrol_partner(made.id, programme, at=at, now=at)
        partners[partner["name"]], currencies[partner["name"]] = made.id, made.currency
        for person in partner["people"]:
            address = _address(person, partner["name"])
            person_id = _person(address, person["name"], zone, at, welcomed=not first_day)
            role = person.get("role", "member")
            add_member(made.id, person_id, role=role, by=THE_HOUSE, now=at)
            actors[address] = Actor(person_id, partner_id=made.id, member_role=role)
    return Cast(actors, partners, currencies, programme, staff[MANAGER], staff[FINANCE], staff[ADMINISTRATOR])


def _address(person: Mapping[str, Any], partner: str) -> str:
    if "address" in person:
        return f"{person['address']}@{DOMAIN}"
    first = person["name"].split()[0].lower()
    return f"{first}.{lasting_id('demo address', person['name'], partner).hex[:4]}@{DOMAIN}"


def _year(
    partner: Mapping[str, Any],
    clients: Sequence[str],
    modules: Mapping[str, ModuleOf],
    core: Sequence[str],
    *,
    today: datetime,
    chance: random.Random,
) -> list[Event]:
    name = partner["name"]
    people = [_address(person, name) for person in partner["people"]]
    learned = [_curriculum(person, modules, core, chance) for person in partner["people"]]
    begins = today - timedelta(days=YEAR - 10)
    match partner.get("story"):
        case "first_day":
            return []
        case "one_quiz_from_gold":
            events = list(stories.one_quiz_from_gold(name, people, modules, core, today=today, chance=chance))
        case "at_risk":
            events = list(stories.at_risk(name, people, learned, today=today, chance=chance))
        case _:
            events = _ordinary(partner, people, learned, clients, today=today, chance=chance)
    won = [event for event in events if isinstance(event, Sold)]
    staying = [one for one, person in zip(people, partner["people"], strict=True) if "leaves" not in person]
    share = MOST_REGISTERED if name in OPEN_NOW else SOME_REGISTERED
    events += registered(name, staying, won, share=share, begins=begins, chance=chance)
    if name in OPEN_NOW:
        events += open_now(name, people[0], today=today, chance=chance)
    if len(won) >= MANY:
        events += never_won(name, staying, clients, today=today, chance=chance)
    return events


def _certificates(
    partner: Mapping[str, Any], modules: Mapping[str, ModuleOf], today: datetime, chance: random.Random
) -> list[Event]:
    """What is told of the certificates of a partner's people."""
    events: list[Event] = []
    for person in partner["people"]:
        if (told := person.get("certified")) is not None:
            address, credential = _address(person, partner["name"]), _credentials()[told["in"]]
            events += certified(partner["name"], address, told, credential, modules, today=today, chance=chance)
    return events


def _ordinary(
    partner: Mapping[str, Any],
    people: Sequence[str],
    learned: Sequence[Sequence[ModuleOf]],
    clients: Sequence[str],
    *,
    today: datetime,
    chance: random.Random,
) -> list[Event]:
    """Somebody of whom no story is told: they learn through the year, and sell."""
    name, events = partner["name"], list[Event]()
    begins = today - timedelta(days=YEAR - 10)
    for person, address, chosen in zip(partner["people"], people, learned, strict=True):
        ends = today - timedelta(days=int(person.get("leaves", 0)) + chance.randint(1, 40))
        events += study(address, chosen, begins=begins, ends=ends, chance=chance)
        if "leaves" in person:
            gone = (today - timedelta(days=person["leaves"])).replace(hour=16)
            events.append(Left(gone, name, address))
    sold_until = today - timedelta(days=int(partner.get("rests", 0)))
    events += sales(name, partner["sells"], clients, begins=begins, ends=sold_until, chance=chance)
    return events


def _curriculum(
    person: Mapping[str, Any], modules: Mapping[str, ModuleOf], core: Sequence[str], chance: random.Random
) -> list[ModuleOf]:
    """The modules that a person gets through, in order, without the same one twice."""
    learns = person.get("learns", 0)
    if learns == "all":
        names = list(modules)
    elif learns == "core":
        names = list(core)
    else:
        names = list(core)[: int(learns)] if chance.random() < 0.7 else list(modules)[: int(learns)]
    for slug in person.get("certificates", ()):
        names += [name for name in _credentials()[slug]["modules"] if name not in names]
    return [modules[name] for name in dict.fromkeys(names)]


@functools.cache
def _credentials() -> Mapping[str, Mapping[str, Any]]:
    """Each credential as it is written, by its slug."""
    return {credential["slug"]: credential for credential in read("credentials.yaml")}
