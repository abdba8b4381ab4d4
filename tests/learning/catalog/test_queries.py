"""Reading the catalogue, and who sees what of it."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from academy.core.errors import NotFound, Refused, SignInNeeded
from academy.core.pagination import Page
from academy.learning.catalog import access, queries
from academy.learning.catalog.actions import publish_catalogue
from academy.learning.catalog.models import Item, Lesson, Module
from academy.learning.catalog.queries import Card, Wanted
from academy.learning.catalog.rules import Catalogue, item_url
from academy.learning.progress.models import Enrolment
from academy.people.permissions.rules import ANYONE
from tests.factories import a_member, a_staff_member, acting

from .drafts import a_catalogue, a_course, a_module, a_path, a_resource

pytestmark = pytest.mark.django_db


def publish(catalogue: Catalogue, now: datetime) -> None:
    report = publish_catalogue(catalogue, source="academy", by=None, now=now)
    assert report.refused == ()


@pytest.fixture
def full(now: datetime) -> None:
    """Three courses, a path and a resource."""
    publish(
        a_catalogue(
            a_course("a", title="Ask first", skills=("asking",), level="beginner", tags=("calls",)),
            a_course("b", title="Bid later", skills=("bidding", "asking"), language="cs"),
            a_course("c", title="Close", prerequisites=("a", "b"), summary="Negotiating and closing."),
            paths=(a_path("p", "b", "a", title="Ways"),),
            resources=(a_resource("r", title="Zebra sheet", minutes=4),),
        ),
        now,
    )


def titles(page: Page[Card]) -> list[str]:
    return [card.title for card in page.items]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ["Ask first", "Bid later", "Close", "Ways", "Zebra sheet"]),
        (Wanted(kind="path"), ["Ways"]),
        (Wanted(skill="asking"), ["Ask first", "Bid later"]),
        (Wanted(level="beginner"), ["Ask first"]),
        (Wanted(tag="calls"), ["Ask first"]),
        (Wanted(language="cs"), ["Bid later"]),
        (Wanted(skill="asking", language="en"), ["Ask first"]),
        (Wanted(skill="nobody's"), []),
        (Wanted(q="closed negotiations"), ["Close"]),
        (Wanted(q="closed", kind="path"), []),
        (Wanted(q="nowhere to be found"), []),
        (Wanted(q="\x00", tag="\x00"), []),
    ],
)
def test_items(full: None, wanted: Wanted, expected: list[str]) -> None:
    assert titles(queries.items(wanted)) == expected


def test_items_come_in_pages_of_which_none_is_skipped(full: None) -> None:
    for wanted in (Wanted(), Wanted(q="about OR asking OR first OR ways OR sheet")):
        everything = titles(queries.items(wanted))
        assert len(everything) > 2
        seen, cursor = [], None
        while True:
            page = queries.items(wanted, cursor=cursor, limit=2)
            seen += titles(page)
            cursor = page.next
            if cursor is None:
                break
        assert seen == everything


@pytest.mark.parametrize("cursor", ["nonsense", "WyItMSJd", "Wy0xXQ", "WyJ4Il0"])
def test_a_cursor_that_is_not_ours_is_refused(full: None, cursor: str) -> None:
    with pytest.raises(Refused, match="This cursor is not one of ours"):
        queries.items(Wanted(q="ask"), cursor=cursor)


def test_a_card_and_its_address(full: None) -> None:
    card = queries.items(Wanted(kind="resource")).items[0]
    assert (card.kind, card.slug, card.minutes, card.level, card.skills) == ("resource", "r", 4, "", [])
    assert card.url == item_url("resource", "r")


@pytest.mark.parametrize("courses", [1, 3])
def test_a_list_asks_as_often_however_many_items(
    now: datetime, courses: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    publish(a_catalogue(*(a_course(f"course-{number}") for number in range(courses))), now)
    with django_assert_num_queries(1):
        queries.items(Wanted())
    with django_assert_num_queries(3):  # languages, hits, items
        queries.items(Wanted(q="course"))


def test_nothing_found_gives_the_nearest_two(full: None) -> None:
    assert [card.title for card in queries.nearest("zebbra shet")] == ["Zebra sheet"]
    assert [card.title for card in queries.nearest("frst")] == ["Ask first"]
    assert queries.nearest("") == []


def test_a_paths_courses_in_its_order(full: None) -> None:
    assert [card.slug for card in queries.courses_of_path(Item.objects.get(slug="p").id)] == ["b", "a"]


def test_the_courses_of_several_paths_are_read_at_once(
    full: None, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path, course = (Item.objects.get(slug=slug).id for slug in ("p", "a"))
    with django_assert_num_queries(1):
        assert queries.slugs_of_paths([path, course]) == {path: ["b", "a"], course: []}
    with django_assert_num_queries(0):
        assert queries.slugs_of_paths([]) == {}
    Item.objects.filter(slug="b").update(archived_at=now)
    assert queries.slugs_of_paths([path]) == {path: ["a"]}


def test_module_titles_are_those_of_the_newest_edition(now: datetime) -> None:
    publish(a_catalogue(), now)
    publish(a_catalogue(a_course("discovery", a_module("start", title="Begin"))), now)
    module = Module.objects.get()
    assert [
        (row.id, row.title, row.slug, row.course_slug, row.course_title) for row in queries.module_titles([module.id])
    ] == [(module.id, "Begin", "start", "discovery", "About discovery")]
    assert queries.module_titles([]) == []


def test_whoever_is_signed_in_sees_what_is_published(full: None, now: datetime) -> None:
    member = acting(a_member())
    assert access.item(member, "course", "a", now=now).slug == "a"
    lesson = Lesson.objects.filter(module__course__slug="a")[0]
    assert access.lesson(member, lesson.id, now=now) == lesson
    for kind, slug in (("path", "a"), ("course", "gone")):
        with pytest.raises(NotFound):
            access.item(member, kind, slug, now=now)
    with pytest.raises(NotFound):
        access.lesson(member, uuid4(), now=now)
    with pytest.raises(SignInNeeded):
        access.item(ANYONE, "course", "a", now=now)


def test_what_is_archived_or_not_out_yet_is_seen_by_curators_and_by_who_takes_it(full: None, now: datetime) -> None:
    learner = a_member()
    course = Item.objects.get(slug="a")
    assert course.edition is not None
    Enrolment.objects.create(person=learner.person, course=course, edition=course.edition, enrolled_at=now)
    curator, other = acting(a_staff_member("curator")), acting(a_member())
    for change in ({"archived_at": now}, {"archived_at": None, "published_at": now + timedelta(hours=1)}):
        Item.objects.filter(id=course.id).update(**change)
        for by in (curator, acting(learner)):
            assert access.item(by, "course", "a", now=now).id == course.id
        with pytest.raises(NotFound):
            access.item(other, "course", "a", now=now)
