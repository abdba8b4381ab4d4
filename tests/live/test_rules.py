"""The table of who is told what, and the words of a frame. No database."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from academy.journal.audiences import to_whom, with_numbers
from academy.journal.kinds import FOR_EVERYONE, KINDS
from academy.live import rules
from academy.live.rules import ALL, STAFF, Circle, Ended, Group, Place, Seen

PERSON, OTHER, PARTNER, THING = (UUID(int=n) for n in range(1, 5))
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def seen(kind: str, **changed: Any) -> Seen:
    fact = Seen(7, kind, PARTNER, PERSON, "lesson", THING, {}, AT)
    return fact._replace(**changed)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("lesson.completed", {Group(Circle.PERSON, PERSON), STAFF}),
        ("tier.changed", {Group(Circle.PARTNER, PARTNER), STAFF}),
        ("deal.won", {Group(Circle.OWNERS, PARTNER), Group(Circle.PERSON, PERSON), STAFF}),
        ("plan.published", {ALL}),
        ("no.such.kind", {STAFF}),
    ],
)
def test_each_audience_names_its_groups(kind: str, told: set[Group]) -> None:
    assert set(rules.told(seen(kind))) == told


def test_nobody_but_staff_is_told_of_a_fact_about_nobody() -> None:
    for kind in ("lesson.completed", "tier.changed", "deal.won"):
        assert rules.told(seen(kind, person=None, partner=None)) == (STAFF,)


@pytest.mark.parametrize(
    ("place", "groups"),
    [
        (Place(), {Group(Circle.PERSON, PERSON), ALL}),
        (Place(PARTNER), {Group(Circle.PERSON, PERSON), ALL, Group(Circle.PARTNER, PARTNER)}),
        (
            Place(PARTNER, owner=True),
            {
                Group(Circle.PERSON, PERSON),
                ALL,
                Group(Circle.PARTNER, PARTNER),
                Group(Circle.OWNERS, PARTNER),
            },
        ),
        (Place(staff=True), {Group(Circle.PERSON, PERSON), ALL, STAFF}),
    ],
)
def test_a_socket_joins_the_groups_of_its_place(place: Place, groups: set[Group]) -> None:
    assert rules.groups_of(PERSON, place) == groups


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(
    "place",
    [Place(), Place(PARTNER), Place(PARTNER, owner=True), Place(staff=True)],
    ids=["stranger", "member", "owner", "staff"],
)
@pytest.mark.parametrize("own", [True, False])
def test_groups_and_replay_tell_the_same_people(kind: str, place: Place, own: bool) -> None:
    """The fan-out asks groups, the replay asks kinds: two ways to say one rule."""
    fact = seen(kind, person=PERSON if own else OTHER)

    groups = rules.groups_of(PERSON, place)
    whole = bool(set(rules.told(fact)) & groups)
    live = whole or bool(set(rules.hinted(fact)) & groups)

    asked = to_whom(PERSON, place.partner, owner=place.owner, staff=place.staff)
    replayed = (
        asked["staff"]
        or kind in FOR_EVERYONE
        or (own and kind in asked["personal"])
        or (place.partner == fact.partner and kind in asked["shared"])
    )
    assert live == replayed
    if live:
        numbers = with_numbers(kind, fact.person, of=PERSON, owner=place.owner, staff=place.staff)
        assert whole == numbers


def test_of_a_deal_other_members_hear_that_it_happened_and_no_number() -> None:
    won = seen("deal.won", numbers={"amount": 500, "currency": "GBP"})
    assert rules.hinted(won) == (Group(Circle.PARTNER, PARTNER),)
    assert [rules.hinted(seen(kind)) for kind in ("commission.added", "tier.changed", "no.such.kind")] == [(), (), ()]
    assert json.loads(rules.frame(won, with_numbers=False))["data"] == {}


def test_a_frame_carries_only_what_its_kind_lets_go() -> None:
    fact = seen("deal.won", numbers={"amount": 500, "currency": "GBP", "client": "secret"})
    assert json.loads(rules.frame(fact)) == {
        "cursor": 7,
        "kind": "deal.won",
        "occurred_at": "2026-03-04T05:06:07Z",
        "subject": {"kind": "lesson", "id": str(THING)},
        "data": {"amount": {"amount": "5.00", "currency": "GBP"}},
    }


@pytest.mark.parametrize(
    ("kind", "numbers", "data"),
    [
        (
            "commission.added",
            {"deal": "d", "amount": 14_650, "currency": "GBP", "rate": 1_465, "payable_on": "2026-04-01"},
            {
                "deal": "d",
                "amount": {"amount": "146.50", "currency": "GBP"},
                "rate": "14.65",
                "payable_on": "2026-04-01",
            },
        ),
        (
            "deal.changed",
            {"from": 500, "to": -700, "currency": "JPY"},
            {"from": {"amount": "500", "currency": "JPY"}, "to": {"amount": "-700", "currency": "JPY"}},
        ),
        (
            "rate.changed",
            {"from": 1_150, "to": 1_208, "product": "website", "cause": ["tier"]},
            {"from": "11.50", "to": "12.08", "product": "website", "cause": ["tier"]},
        ),
        ("tier.changed", {"from": "bronze", "to": "silver"}, {"from": "bronze", "to": "silver"}),
        ("quiz.passed", {"score": 80}, {"score": 80}),
    ],
)
def test_money_and_rates_leave_as_the_api_writes_them(kind: str, numbers: dict[str, Any], data: dict[str, Any]) -> None:
    assert json.loads(rules.frame(seen(kind, numbers=numbers)))["data"] == data


def test_every_kind_that_tells_a_sum_tells_its_currency() -> None:
    sums = {name for name, kind in KINDS.items() if "amount" in kind.leaves}
    assert sums == {name for name in sums if "currency" in KINDS[name].leaves}


@pytest.mark.parametrize(
    ("changed", "subject"),
    [
        ({"thing": None}, {"kind": "person", "id": str(PERSON)}),
        ({"thing": None, "person": None}, {"kind": "partner", "id": str(PARTNER)}),
        ({"thing": None, "person": None, "partner": None}, None),
    ],
)
def test_a_fact_without_a_thing_is_about_its_person_or_partner(
    changed: dict[str, Any], subject: dict[str, str] | None
) -> None:
    assert json.loads(rules.frame(seen("no.such.kind", numbers={"x": 1}, **changed))) == {
        "cursor": 7,
        "kind": "no.such.kind",
        "occurred_at": "2026-03-04T05:06:07Z",
        "subject": subject,
        "data": {},
    }


def test_hello_and_reset_are_their_cursor_and_nothing_else() -> None:
    assert (json.loads(rules.hello(3)), json.loads(rules.reset(4))) == (
        {"cursor": 3, "kind": "hello"},
        {"cursor": 4, "kind": "reset"},
    )


@pytest.mark.parametrize(
    ("after", "recorded", "visible", "resets"),
    [
        (50, None, 0, False),  # nothing happened since
        (50, AT - timedelta(hours=23, minutes=59), 9, False),
        (50, AT - timedelta(hours=24), 9, True),
        (50, AT, 10_000, False),
        (50, AT, 10_001, True),
        (100, None, 0, False),
        (101, None, 0, True),  # a journal restored to an earlier day
    ],
)
def test_a_cursor_too_old_or_from_elsewhere_is_reset(
    after: int, recorded: datetime | None, visible: int, resets: bool
) -> None:
    assert rules.must_reset(after=after, head=100, next_recorded=recorded, visible=visible, now=AT) == resets


@pytest.mark.parametrize(
    ("query", "offered", "after", "token", "chosen"),
    [
        (b"", [], None, None, None),
        (b"after=", [], None, None, None),
        (b"after=0", ["academy.v1"], 0, None, "academy.v1"),
        (b"x=1&after=17", ["academy.v1", "bearer.siso_abc"], 17, "siso_abc", "academy.v1"),
        (b"after=9223372036854775807", ["bearer."], 9223372036854775807, None, None),
    ],
)
def test_what_is_asked_for_is_read_from_address_and_subprotocols(
    query: bytes, offered: list[str], after: int | None, token: str | None, chosen: str | None
) -> None:
    assert rules.asked(query, offered, "https://a") == rules.Asked(after, token, chosen, "https://a")


def test_a_page_with_a_bell_says_so() -> None:
    assert rules.asked(b"after=5&notices=1", [], None) == rules.Asked(5, None, None, None, notices=True)


@pytest.mark.parametrize(
    "query", [b"after=-1", b"after=x", b"after=1.5", b"after=%D9%A1", b"after=9223372036854775808"]
)
def test_an_after_that_is_no_cursor_is_refused_in_words(query: bytes) -> None:
    with pytest.raises(rules.UnreadableError, match="a whole number that a frame or a page gave you"):
        rules.asked(query, [], None)


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        (None, False),
        ("", False),
        ("null", False),
        ("https://academy.example", True),
        ("http://academy.example:8443", True),
        ("https://academy.example.evil.com", False),
        ("https://evil.com", False),
        ("https://elsewhere.example", True),
        ("ftp://academy.example", False),
        ("http://[::1]:8000", True),
        ("http://[::1", False),
    ],
)
def test_only_our_own_pages_may_use_a_session(origin: str | None, ours: bool) -> None:
    hosts = {"academy.example", "[::1]"}
    assert rules.is_ours(origin, allowed=hosts.__contains__, trusted=["https://elsewhere.example"]) == ours


@pytest.mark.parametrize(
    ("payload", "ended"),
    [
        ("session:abc", Ended("session", "abc")),
        ("token:1", Ended("token", "1")),
        ("person:1", Ended("person", "1")),
        ("person:", None),
        ("partner:1", None),
        ("", None),
    ],
)
def test_an_end_that_was_announced_is_read(payload: str, ended: Ended | None) -> None:
    assert rules.ended(payload) == ended
