"""The hub: what to do now, what it brings, and what fits."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from academy.core import clock
from academy.learning.progress.actions import enrol
from academy.learning.progress.models import Enrolment
from academy.people.accounts.models import Person
from academy.people.memberships.actions import remove_member
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.standing.actions import bring_up_to_date

from ...factories import a_person, signed_in
from ...worlds import a_colleague, a_course_draft, days, pass_modules, publish, read_lesson, take_quiz, win
from ..reading import main, plain
from .classroom import Classroom, a_classroom, a_path

pytestmark = pytest.mark.django_db

# What the course brings somebody whose partner has sold nothing yet, and what is said below rows that bring something.
BRINGS = "On a £1,000 deal: £100.00 now, £115.00 then"
WHOLE = "What it brings is for all that is left of the course, not for these minutes alone."


def part(answer: Any, name: str) -> str:
    """The words of one part of the page."""
    found = re.search(rf'<(\w+) id="{name}"(.*?)</\1>', answer.content.decode(), re.DOTALL)
    return plain(f"<i {found[2]}") if found else ""


def test_first_day_shows_no_zeros_and_one_thing_to_do() -> None:
    room = a_classroom()

    answer = room.get("/training/")

    said = main(answer)
    assert answer.status_code == 200
    assert "What you learn here moves your tier and your rate." in said
    assert "Your first course stands here" in said
    assert not re.search(r"(?<![\d.,:])0 (of|min|modules|certificates)", said)
    assert answer.content.decode().count('<a class="btn wide"') == 1


def test_continue_says_what_is_left_and_what_it_brings() -> None:
    room = a_classroom(modules=1, lessons=2)
    win(room.world.partner, 90_000, at=room.at + days(1))
    read_lesson(room.world.owner, room.lesson(), now=room.at + days(1))

    answer = room.get("/training/")

    assert "Course · 8 min left" in part(answer, "continue")
    assert "Next: Lesson 0.1" in part(answer, "continue")
    assert "Silver" in part(answer, "continue")
    assert f'href="/training/lessons/{room.lesson(0, 1)}/"' in answer.content.decode()


def test_core_training_says_what_each_module_is_worth() -> None:
    room = a_classroom(modules=3, lessons=1)
    pass_modules(room.world.owner, room.course, room.course.modules[0], now=room.at + days(1))

    core = part(room.get("/training/"), "core")

    assert "You passed 1 of 3 ." in core
    assert "The 2 that are missing, together: On a £1,000 deal: £100.00 now, £115.00 then" in core
    assert core.count("one of the 2") == 2
    assert "1 passed" in core
    assert "Passed, 100%" in core
    assert core.endswith("8 min counted")


def test_a_member_who_may_not_see_amounts_sees_rates() -> None:
    room = a_classroom(modules=1, lessons=1)
    win(room.world.partner, 90_000, at=room.at + days(1))
    colleague = a_colleague(room.world.partner, now=room.at)
    browser = signed_in(Person.objects.get(pk=colleague.person_id))

    said = main(browser.get("/training/"))

    assert "a month" not in said
    assert "10.00% → 13.08%" in said


def test_what_was_assigned_stands_with_its_day() -> None:
    room = a_classroom()
    enrol(room.world.owner, room.course.id, now=room.at)
    Enrolment.objects.update(due_on=clock.now().date() - timedelta(days=1))

    said = main(room.get("/training/"))

    assert "Assigned to you" in said
    assert "Late" in said


@pytest.mark.parametrize(
    ("minutes", "says"),
    [
        (5, "5 min Lesson 0.0 Course {brings} Begin {whole}"),
        (15, "13 min Lesson 0.0 and 2 more · Course {brings} Begin {whole}"),
        (30, "26 min Lesson 0.0 and 5 more · Course {brings} Begin {whole}"),
    ],
)
def test_what_fits_into_the_minutes_one_has(minutes: int, says: str) -> None:
    room = a_classroom()

    answer = room.get(f"/training/?minutes={minutes}", **{"X-Parts": "time"})

    assert plain(answer.content.decode()).endswith(says.format(brings=BRINGS, whole=WHOLE))


def test_what_was_begun_comes_first() -> None:
    room = a_classroom()
    read_lesson(room.world.owner, room.lesson(), now=room.at + days(1))

    answer = room.get("/training/?minutes=5", **{"X-Parts": "time"})

    assert plain(answer.content.decode()).endswith(f"5 min Lesson 0.1 Course {BRINGS} Go on {WHOLE}")


def test_where_nothing_is_that_short_the_next_lesson_is_begun_all_the_same() -> None:
    room = a_classroom(lessons=1)
    draft = a_course_draft(modules=1)
    (module,) = draft.modules
    longer = replace(module, lessons=tuple(replace(lesson, minutes=8) for lesson in module.lessons))
    publish(replace(draft, modules=(longer,)), now=clock.now())

    said = plain(room.get("/training/?minutes=5", **{"X-Parts": "time"}).content.decode())

    assert said.endswith(
        "Nothing that comes next is that short. Begin all the same: it goes on at the paragraph where you stop. "
        f"8 min Lesson 0.0 Course With 1 more: {BRINGS} Begin {WHOLE}"
    )


@pytest.mark.parametrize("minutes", ["7", "-5", "x", "", "99999999999999999999"])
def test_other_minutes_are_as_none(minutes: str) -> None:
    room = a_classroom()

    answer = room.get(f"/training/?minutes={minutes}")

    assert "and you will see what fits." in main(answer)


def test_a_failed_quiz_is_recommended_first() -> None:
    room = a_classroom(modules=2, lessons=1)
    take_quiz(room.world.owner, room.quiz(1), now=clock.now(), right=False)

    said = part(room.get("/training/"), "for-you")

    assert "Module · 8 min left Try the quiz again Module 1 Course" in said


def test_somebody_without_a_partner_learns_too() -> None:
    a_classroom()

    answer = signed_in(a_person()).get("/training/")

    assert answer.status_code == 200
    assert "Your first course stands here" in main(answer)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("/training/", ["figures", "step", "continue", "time", "core", "credentials", "for-you"]),
        ("/training/courses/course/", ["intro", "modules"]),
        ("/training/history/", ["courses", "modules"]),
    ],
)
def test_every_part_comes_alone(address: str, parts: list[str]) -> None:
    room = a_classroom()
    read_lesson(room.world.owner, room.lesson(), now=room.at + days(1))

    answer = room.get(address, **{"X-Parts": ",".join(parts)})

    roots = re.findall(r'^<\w+ id="([\w-]+)"', answer.content.decode(), re.MULTILINE)
    assert (answer.status_code, [name for name in roots if name in parts]) == (200, parts)


def worths(answer: Any, name: str) -> list[str]:
    """What the cards of a part say that they are worth."""
    block = answer.content.decode().partition(f'id="{name}"')[2].split("</section>")[0].split("</article>")[0]
    return [plain(one) for one in re.findall(r'class="worth num">([^<]*)<', block)]


def test_every_card_says_what_finishing_it_brings_a_month() -> None:
    room = a_classroom(modules=2, lessons=2)
    win(room.world.partner, 300_000, at=room.at + days(1))
    read_lesson(room.world.owner, room.lesson(), now=room.at + days(1))

    answer = room.get("/training/")

    # 1,000 a month; both modules lead to Gold, core bonus and certificate: 14.65 % instead of 10.
    assert worths(answer, "continue") == ["about £46 a month"]
    assert worths(answer, "credentials") == ["about £46 a month"]
    assert worths(room.get("/training/courses/course/"), "modules") == ["about £15 a month", "about £15 a month"]


# Every other place that lists courses, and how many things there bring something: in the catalogue and on the path's
# page the path and one course of it. Its other course moves neither tier nor rate, and says nothing of money.
LISTS = [
    ("/", "continue", 1),
    ("/training/?minutes=15", "time", 1),
    ("/training/", "assigned", 1),
    ("/training/catalogue/", "results", 2),
    ("/training/catalogue/?q=coursse", "results", 1),
    ("/training/paths/way/", "courses", 2),
]


def _in_the_middle(who: Actor, room: Classroom) -> Client:
    """The browser of somebody who has begun a course that is due today, on a path with one that moves nothing."""
    a_path(
        a_course_draft(modules=2, lessons=2),
        a_course_draft("other", modules=1),
        now=room.at,
        source="test",
    )
    Person.objects.update(welcomed_at=room.at)
    read_lesson(who, room.lesson(), now=room.at + days(1))
    Enrolment.objects.update(due_on=clock.now().date())
    return signed_in(Person.objects.get(pk=who.person_id))


@pytest.mark.parametrize(("address", "name", "count"), LISTS)
def test_every_list_says_what_finishing_its_courses_brings_a_month(address: str, name: str, count: int) -> None:
    room = a_classroom(modules=2, lessons=2)
    win(room.world.partner, 300_000, at=room.at + days(1))
    browser = _in_the_middle(room.world.owner, room)

    assert worths(browser.get(address), name) == ["about £46 a month"] * count


@pytest.mark.parametrize(("address", "name", "count"), LISTS)
def test_who_may_not_see_amounts_is_told_the_rate_on_every_list(address: str, name: str, count: int) -> None:
    room = a_classroom(modules=2, lessons=2)
    win(room.world.partner, 300_000, at=room.at + days(1))
    browser = _in_the_middle(a_colleague(room.world.partner, now=room.at), room)

    assert worths(browser.get(address), name) == ["10.00% → 14.65%"] * count


@pytest.mark.parametrize("address", ["/training/?minutes=15", "/training/catalogue/", "/training/paths/way/"])
def test_outside_every_programme_nothing_is_said_of_money(address: str) -> None:
    a_path(a_course_draft(), now=clock.now())

    answer = signed_in(a_person()).get(address)

    assert (answer.status_code, 'class="worth' in answer.content.decode()) == (200, False)


def test_what_is_passed_is_worth_nothing_more() -> None:
    room = a_classroom(modules=2, lessons=2)
    win(room.world.partner, 300_000, at=room.at + days(1))
    browser = _in_the_middle(room.world.owner, room)
    pass_modules(room.world.owner, room.course, now=room.at + days(2))

    assert [worths(browser.get(address), name) for address, name, _ in LISTS] == [[]] * len(LISTS)


def test_without_sales_a_round_deal_says_it() -> None:
    room = a_classroom(modules=1, lessons=2)
    read_lesson(room.world.owner, room.lesson(), now=room.at + days(1))

    assert worths(room.get("/training/"), "continue") == [BRINGS]
    assert BRINGS in main(room.get("/training/courses/course/"))


def test_what_brings_something_only_with_more_says_with_how_many() -> None:
    room = a_classroom(modules=3, lessons=1)

    assert worths(room.get("/training/courses/course/"), "modules") == [f"With 2 more: {BRINGS}"] * 3


def test_what_no_rule_asks_for_counts_for_learning() -> None:
    room = a_classroom(modules=1, lessons=1)
    (other,) = publish(a_course_draft("other", modules=1, lessons=2), now=room.at, source="others")
    read_lesson(room.world.owner, other.lessons[other.modules[0]][0], now=room.at + days(1))

    assert worths(room.get("/training/courses/other/"), "modules") == ["Counts for learning"]


def test_a_card_says_what_it_keeps() -> None:
    room = a_classroom(modules=1, lessons=1)
    colleague = a_colleague(room.world.partner, now=room.at)
    pass_modules(colleague, room.course, now=room.at + days(0.5))
    win(room.world.partner, 200_000, at=room.at + days(1))
    remove_member(room.world.partner, colleague.person_id, by=THE_HOUSE, now=room.at + days(1.5))
    bring_up_to_date(room.world.partner, now=room.at + days(2))

    assert worths(room.get("/training/courses/course/"), "modules") == ["keeps Gold"]
