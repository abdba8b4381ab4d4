"""What is wrong with a catalogue is said in a sentence with file and line, before anything is written."""

from dataclasses import replace
from typing import Any

import pytest

from academy.learning.catalog.checks.rules import problems_of
from academy.learning.catalog.order.rules import cycle_of, out_of_order
from academy.learning.catalog.rules import (
    FILE,
    LINK,
    MULTIPLE,
    QUIZ,
    VIDEO,
    AttachmentDraft,
    Catalogue,
    ChoiceDraft,
    PassageDraft,
    Place,
    Problem,
    QuizDraft,
)

from .drafts import a_catalogue, a_course, a_lesson, a_module, a_path, a_question, a_quiz, a_resource

FILM = AttachmentDraft("a.webm", "video/webm", b"film")
RIGHT, WRONG = ChoiceDraft("a", "yes", True), ChoiceDraft("b", "no")


def said(catalogue: Catalogue, **more: Any) -> list[tuple[str, int, str]]:
    return [(problem.file, problem.line, problem.reason) for problem in problems_of(catalogue, **more)]


def test_nothing_is_wrong_with_what_is_right() -> None:
    catalogue = a_catalogue(
        a_course("a"), a_course("b", prerequisites=("a",)), paths=(a_path("p", "a", "b"),), resources=(a_resource(),)
    )
    assert said(catalogue) == []


def test_an_empty_catalogue() -> None:
    assert said(Catalogue()) == [("", 1, "There is no course, path or resource here.")]


def test_lines_are_those_of_the_part() -> None:
    place = Place("discovery/course.yaml", 1, {"title": 2, "skills.1": 9})
    course = a_course(title="x" * 201, skills=("fine", "Not Fine"), place=place)
    assert said(a_catalogue(course)) == [
        ("discovery/course.yaml", 2, "The title has 201 characters; 200 are the most."),
        ("discovery/course.yaml", 9, "“Not Fine” among the skills is not a word in lower case with dashes."),
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"uid": ""}, "The id is empty, longer than 300 characters or not printable."),
        ({"uid": "x" * 301}, "The id is empty, longer than 300 characters or not printable."),
        ({"uid": "a\x1fb"}, "The id is empty, longer than 300 characters or not printable."),
        ({"title": ""}, "There is no title."),
        ({"slug": "Not A Slug"}, "“Not A Slug” is not a name in lower case, digits and single dashes."),
        ({"level": "expert"}, "The level “expert” is not one of beginner, intermediate, advanced."),
        ({"language": "English"}, "“English” is not a language code such as en or pt-BR."),
        ({"family": "No Family"}, "The family “No Family” is not a short word in lower case."),
        ({"tags": ("a", "a")}, "“a” stands twice among the tags."),
        ({"prerequisites": ("gone",)}, "There is no course “gone”."),
        ({"prerequisites": ("discovery",)}, "Prerequisites run in a circle: “discovery” needs “discovery”."),
    ],
)
def test_a_course(change: dict[str, Any], reason: str) -> None:
    uid = change.pop("uid", "discovery")
    course = a_course(uid, **{"slug": "discovery", "title": "Discovery", **change})
    assert said(a_catalogue(course)) == [(f"{uid}/course.yaml", 1, reason)]


def test_a_course_without_modules_and_a_module_without_lessons() -> None:
    assert said(a_catalogue(a_course(modules=()))) == [("discovery/course.yaml", 1, "The course has no lessons.")]
    empty = a_course("discovery", a_module("a", lessons=()), a_module("start"))
    assert said(a_catalogue(empty)) == [("a/module.yaml", 1, "The module has no lessons.")]
    optional = a_module("start", a_lesson(optional=True))
    assert said(a_catalogue(a_course("discovery", optional))) == [
        ("start/module.yaml", 1, "Every lesson of the module is optional, so it cannot be done.")
    ]


def test_what_stands_twice() -> None:
    twice = a_catalogue(a_course("a"), a_course("a"), paths=(a_path("a", "a"),))
    reason = "The id “a” is used twice; it is first in a/course.yaml."
    assert said(twice) == [("a.yaml", 1, reason), ("a/course.yaml", 1, reason)]
    modules = a_course("c", a_module("start"), a_module("start"))
    assert said(a_catalogue(modules)) == [("start/module.yaml", 1, "The module “start” stands twice.")]
    lessons = a_module("start", a_lesson(), a_lesson())
    assert said(a_catalogue(a_course("c", lessons))) == [("first.md", 1, "The lesson “first” stands twice.")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"title": ""}, "There is no title."),
        ({"title": "x" * 201}, "The title has 201 characters; 200 are the most."),
        ({"minutes": 0}, "0 minutes are not between 1 and 480."),
        ({"minutes": 481}, "481 minutes are not between 1 and 480."),
        ({"kind": "podcast"}, "The kind “podcast” is not one of article, video, quiz, file, link."),
        ({"text": ""}, "The lesson has no text."),
        ({"text": "x" * 200_001}, "The text has 200,001 characters; 200,000 are the most."),
        ({"kind": LINK}, "A lesson of kind link needs a url."),
        ({"kind": VIDEO}, "A lesson of kind video needs a url, or one film as its attachment."),
        (
            {"kind": VIDEO, "url": "https://a.example/b.mp4", "attachments": (FILM,)},
            "A lesson of kind video needs a url, or one film as its attachment.",
        ),
        ({"attachments": (replace(FILM, content=b"x" * 16777217),)}, "“a.webm” is larger than 16 MB."),
        ({"kind": FILE}, "A lesson of kind file needs an attachment."),
        ({"kind": QUIZ}, "A quiz has questions, and only a quiz has."),
        ({"url": "javascript:alert(1)"}, "“javascript:alert(1)” is not an address that begins with https://."),
        ({"attachments": (AttachmentDraft("x" * 121, "", b""),)}, f"“{'x' * 60}” is too long a file name."),
        ({"attachments": (AttachmentDraft("a", "", b"x" * 5242881),)}, "“a” is larger than 5 MB."),
        (
            {"text": "<script>x</script>"},
            "The text contains <script>, which could run in a reader's browser. Take it out.",
        ),
    ],
)
def test_a_lesson(change: dict[str, Any], reason: str) -> None:
    course = a_course("c", a_module("start", a_lesson(**change)))
    assert said(a_catalogue(course)) == [("first.md", 1, reason)]


def test_a_lesson_needs_an_id() -> None:
    lesson = a_lesson("", place=Place("first.md", 1))
    assert said(a_catalogue(a_course("c", a_module("start", lesson)))) == [
        ("first.md", 1, "The id is empty, longer than 300 characters or not printable.")
    ]


def test_what_runs_is_told_with_its_own_line() -> None:
    lesson = a_lesson(text="fine\n\n[a](javascript:b)", place=Place("first.md", 1, {"text": 7}))
    assert said(a_catalogue(a_course("c", a_module("start", lesson)))) == [
        ("first.md", 9, "The text contains javascript:, which could run in a reader's browser. Take it out.")
    ]


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        ({"ask": 3}, 1, "The quiz asks 3 of 2 questions."),
        ({"ask": 0}, 1, "The quiz asks 0 of 2 questions."),
        ({"pass_percent": 101}, 1, "101 is not a percentage from 1 to 100."),
        ({"attempts_a_day": 0}, 1, "0 attempts a day are not from 1 to 100."),
        ({"minutes": -1}, 1, "-1 minutes are not between 0 and 480."),
    ],
)
def test_a_quiz(change: dict[str, Any], line: int, reason: str) -> None:
    course = a_course("c", a_module("start", a_lesson(), a_quiz(**change)))
    assert said(a_catalogue(course)) == [("quiz.yaml", line, reason)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"uid": ""}, "A question needs an id of at most 80 printable characters."),
        ({"text": ""}, "The question has no text."),
        ({"kind": "open"}, "The kind “open” is neither single nor multiple."),
        ({"choices": (RIGHT,)}, "The question has fewer than two choices."),
        ({"choices": (WRONG, ChoiceDraft("c", "no"))}, "No choice of the question is right."),
        ({"choices": (RIGHT, ChoiceDraft("b", "too", True))}, "A question of kind single has 2 right choices."),
        ({"choices": (RIGHT, ChoiceDraft("a", "no"))}, "The choice “a” stands twice."),
        ({"choices": (RIGHT, ChoiceDraft("", "no"))}, "A choice needs an id."),
        ({"choices": (RIGHT, ChoiceDraft("b", ""))}, "The choice “b” has no text."),
        (
            {"passage": PassageDraft("start", "gone")},
            "The passage names a lesson “gone” that the course does not have.",
        ),
        ({"passage": PassageDraft("start", "first", "gone")}, "The lesson “first” has no heading “gone”."),
    ],
)
def test_a_question(change: dict[str, Any], reason: str) -> None:
    uid = change.pop("uid", "q")
    course = a_course("c", a_module("start", a_lesson(), a_quiz(a_question(uid, **change))))
    assert said(a_catalogue(course)) == [("quiz.yaml", 7, reason)]


def test_several_right_choices_and_passages_without_headings_are_fine() -> None:
    question = a_question(
        kind=MULTIPLE, choices=(RIGHT, ChoiceDraft("b", "too", True)), passage=PassageDraft("start", "first")
    )
    assert said(a_catalogue(a_course("c", a_module("start", a_lesson(), a_quiz(question))))) == []


def test_a_quiz_without_questions_and_with_one_twice() -> None:
    twice = a_quiz(a_question("q"), a_question("q"))
    assert said(a_catalogue(a_course("c", a_module("start", a_lesson(), twice)))) == [
        ("quiz.yaml", 7, "The question “q” stands twice.")
    ]
    empty = a_lesson("quiz", kind=QUIZ, text="", quiz=QuizDraft(0, 80, 3, ()))
    assert said(a_catalogue(a_course("c", a_module("start", a_lesson(), empty)))) == [
        ("quiz.md", 1, "The quiz has no questions.")
    ]


def test_a_path_without_courses_with_one_twice_and_with_what_is_no_course() -> None:
    paths = (a_path("p"), a_path("q", "c", "c"), a_path("r", "gone"), a_path("s", "p"))
    assert said(a_catalogue(a_course("c"), paths=paths)) == [
        ("p.yaml", 1, "The path has no courses."),
        ("q.yaml", 1, "The course “c” stands twice in the path."),
        ("r.yaml", 1, "There is no course “gone”."),
        ("s.yaml", 1, "There is no course “p”."),
    ]


def test_circles_of_prerequisites_are_told_once() -> None:
    a, b, c = (
        a_course("a", prerequisites=("b",)),
        a_course("b", prerequisites=("c",)),
        a_course("c", prerequisites=("a",)),
    )
    beside = a_course("d", prerequisites=("a",))
    assert said(a_catalogue(a, b, c, beside)) == [
        ("a/course.yaml", 1, "Prerequisites run in a circle: “a” needs “b” needs “c” needs “a”.")
    ]


def test_a_path_that_turns_prerequisites_around() -> None:
    courses = (a_course("a"), a_course("b", prerequisites=("a",)), a_course("c", prerequisites=("b",)))
    assert said(a_catalogue(*courses, paths=(a_path("p", "c", "a"),))) == [
        ("p.yaml", 1, "“c” needs “a”, which comes after it in this path.")
    ]


def test_a_single_course_may_need_what_stands_already_but_not_in_a_circle() -> None:
    course = a_course("b", prerequisites=("a",))
    alone = Catalogue((course,))
    assert said(alone) == [("b/course.yaml", 1, "There is no course “a”.")]
    assert said(alone, known={"a": ()}) == []
    assert said(Catalogue((a_course("a", prerequisites=("b",)),)), known={"b": ("a",)}) == [
        ("a/course.yaml", 1, "Prerequisites run in a circle: “a” needs “b” needs “a”.")
    ]


def test_a_resource_is_a_file_or_an_address() -> None:
    wrong = "A resource is either an attachment or a url."
    assert said(a_catalogue(resources=(a_resource("r", attachments=()),))) == [("r.yaml", 1, wrong)]
    assert said(a_catalogue(resources=(a_resource("r", url="https://a.b"),))) == [("r.yaml", 1, wrong)]
    assert said(a_catalogue(resources=(a_resource("r", minutes=-1),))) == [
        ("r.yaml", 1, "-1 minutes are not between 0 and 480.")
    ]
    assert said(a_catalogue(resources=(a_resource("r", url="https://a.b", attachments=()),))) == []


def test_ways_in_circles() -> None:
    needs = {"a": ("b", "c"), "b": ("d",), "c": ("a",), "d": ()}
    assert cycle_of("a", needs) == ["a", "c"]
    assert cycle_of("b", needs) is None
    assert list(out_of_order(("c", "d"), needs)) == [(0, "d")]


def test_a_problem_as_json() -> None:
    assert Problem("a.md", 3, "Why.").as_json() == {"file": "a.md", "line": 3, "reason": "Why."}
