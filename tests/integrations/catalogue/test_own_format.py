"""Our own folders: in, out, and in again; and what is wrong with them is told by file and line."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.core.errors import Forbidden, Refused
from academy.integrations.catalogue import export_catalogue, import_catalogue
from academy.integrations.catalogue.academy_folder.reading import read
from academy.integrations.catalogue.academy_folder.writing import write_catalogue
from academy.integrations.catalogue.files import open_files
from academy.integrations.catalogue.reading import Reading
from academy.learning.catalog.models import Item, Revision
from academy.learning.catalog.rules import (
    FILE,
    LINK,
    MULTIPLE,
    SINGLE,
    VIDEO,
    AttachmentDraft,
    Catalogue,
    ChoiceDraft,
    Counts,
    PassageDraft,
    Report,
    tidy,
)
from tests.factories import a_member, acting
from tests.learning.catalog.drafts import (
    TEMPLATE,
    a_catalogue,
    a_course,
    a_lesson,
    a_module,
    a_path,
    a_question,
    a_quiz,
    a_resource,
)

from .folders import COURSE, LESSON, MODULE, QUIZ, as_tar, as_zip, own, written

CONTENT = Path(__file__).resolve().parents[3] / "content"
START = "courses/discovery/start"


def only(folder: Path) -> Reading:
    """The one reading of a folder."""
    [reading] = read(open_files(folder))
    return reading


def refused(path: Path, now: datetime) -> list[tuple[str, int, str]]:
    """What an import refuses, as (file, line, reason); nothing may have been written."""
    report = import_catalogue(path, by=None, now=now)
    assert report == Report(refused=report.refused, counts=report.counts, notes=report.notes)
    assert not Item.objects.exists()
    return [(problem.file, problem.line, problem.reason) for problem in report.refused]


def test_a_folder_as_drafts(tmp_path: Path) -> None:
    reading = only(written(tmp_path, own()))
    choices = (
        ChoiceDraft("a", "Wait", True, "Silence helps."),
        ChoiceDraft("b", "yes", True),
        ChoiceDraft("c", "Talk"),
    )
    questions = (
        a_question(
            "range",
            text="What first?",
            choices=(ChoiceDraft("a", "The range", True), ChoiceDraft("b", "1.10")),
            explanation="It is easier to give.",
            passage=PassageDraft("start", "first", "ask-for-a-range"),
        ),
        a_question("wait", kind=MULTIPLE, text="And then? Choose all.", choices=choices, explanation="", passage=None),
    )
    lessons = (
        a_lesson(title="Ask about money", minutes=6, text="Opening words.\n\n## Ask for a range\n\nThen wait."),
        a_quiz(*questions, title="Check: money"),
        a_lesson(
            "brief-template",
            title="Template: the brief",
            kind=FILE,
            text="How to use it.",
            attachments=(AttachmentDraft("brief.md", "text/markdown", b"# The brief\n"),),
        ),
    )
    module = a_module("start", *lessons, title="Start", summary="How to begin.", skills=("asking",))
    course = a_course(
        "discovery",
        module,
        title="Discovery",
        summary="How to ask.",
        level="beginner",
        family="discovery",
        skills=("asking",),
        tags=("calls",),
    )
    assert (reading.source, reading.catalogue, reading.problems, reading.notes) == (
        "academy",
        a_catalogue(course),
        [],
        [],
    )


@pytest.mark.django_db
def test_folders_and_archives_are_imported_alike(tmp_path: Path, now: datetime) -> None:
    first = import_catalogue(written(tmp_path / "folder", own()), by=None, now=now)
    assert first == Report(added=1, counts=Counts(0, 1, 2, 2, 5, 14))
    for archive in (as_tar(tmp_path / "a.tar.xz", own()), as_zip(tmp_path / "a.zip", own())):
        assert import_catalogue(archive, by=None, now=now) == Report(unchanged=1, counts=first.counts)
    assert first.as_json() == {
        "added": 1,
        "changed": 0,
        "archived": 0,
        "unchanged": 0,
        "refused": [],
        "counts": {"paths": 0, "modules": 1, "units": 2, "questions": 2, "choices": 5, "minutes": 14},
    }


@pytest.mark.django_db
def test_a_single_course_leaves_the_others_alone(tmp_path: Path, now: datetime) -> None:
    files = own(**{"courses/other/course.yaml": COURSE.replace("[start]", "[begin]")})
    files |= {name.replace("discovery/start", "other/begin"): text for name, text in own().items() if "start" in name}
    folder = written(tmp_path, files)
    assert import_catalogue(folder, by=None, now=now).added == 2
    (folder / START / "first.md").write_text(LESSON.replace("Then wait.", "Then wait longer."))
    report = import_catalogue(folder / "courses" / "discovery", by=None, now=now)
    assert (report.changed, report.archived, report.unchanged) == (1, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {f"{START}/first.md": None},
            (f"{START}/module.yaml", 4, "There is no lesson “first”: neither first.md nor first.yaml is there."),
        ),
        (
            {f"{START}/module.yaml": None},
            ("courses/discovery/course.yaml", 9, "There is no module “start”: its module.yaml is missing."),
        ),
        (
            {"courses/discovery/course.yaml": None, "catalogue.yaml": "source: academy"},
            ("courses/discovery/course.yaml", 1, "This file is missing."),
        ),
        (
            {f"{START}/first.md": LESSON.replace("Then wait.", "Then <script>wait</script>.")},
            (f"{START}/first.md", 11, "There is HTML (<script>). Write it in Markdown."),
        ),
        (
            {f"{START}/first.md": LESSON.replace("Then wait.", "<div onclick='x'>Then</div>")},
            (f"{START}/first.md", 11, "There is HTML (<div>). Write it in Markdown."),
        ),
        (
            {f"{START}/first.md": LESSON.replace("Then wait.", "[wait](javascript:alert(1))")},
            (
                f"{START}/first.md",
                11,
                "The text contains javascript:, which could run in a reader's browser. Take it out.",
            ),
        ),
        (
            {f"{START}/first.md": LESSON.encode("utf-16")},
            (f"{START}/first.md", 1, "The file is written in UTF-16. Save it as UTF-8."),
        ),
        (
            {f"{START}/first.md": LESSON.replace("wait", "wait …").encode("cp1252")},
            (
                f"{START}/first.md",
                11,
                "The byte 0x85 is not UTF-8, perhaps it is Windows-1252. Save the file as UTF-8.",
            ),
        ),
        (
            {f"{START}/first.md": "No head.\n"},
            (f"{START}/first.md", 1, "The lesson begins with a head: a line of ---, its values, a line of ---."),
        ),
        (
            {f"{START}/first.md": "---\ntitle: x\n"},
            (f"{START}/first.md", 1, "The head of the lesson is not closed by a line of ---."),
        ),
        (
            {f"{START}/first.md": LESSON.replace("minutes: 6", "minuts: 6\nminutes: 6")},
            (
                f"{START}/first.md",
                4,
                "“minuts” is not known here. Known are uid, title, kind, minutes, optional, url, attachment.",
            ),
        ),
        (
            {f"{START}/first.md": LESSON.replace("minutes: 6", "minutes: 600")},
            (f"{START}/first.md", 4, "600 minutes are not between 1 and 480."),
        ),
        (
            {f"{START}/first.md": LESSON.replace("title: Ask about money", "title: [a")},
            (f"{START}/first.md", 3, "This is not YAML: did not find expected ',' or ']'."),
        ),
        (
            {f"{START}/quiz.yaml": QUIZ.replace("#ask-for-a-range", "#gone")},
            (f"{START}/quiz.yaml", 14, "The lesson “first” has no heading “gone”."),
        ),
        (
            {f"{START}/quiz.yaml": QUIZ.replace("first#ask-for-a-range", "start/gone#x")},
            (f"{START}/quiz.yaml", 14, "The passage names a lesson “gone” that the course does not have."),
        ),
        (
            {f"{START}/quiz.yaml": QUIZ.replace("id: wait", "id: range")},
            (f"{START}/quiz.yaml", 15, "The question “range” stands twice."),
        ),
        (
            {f"{START}/quiz.yaml": QUIZ.replace("ask: 1", "ask: 5")},
            (f"{START}/quiz.yaml", 3, "The quiz asks 5 of 2 questions."),
        ),
        (
            {f"{START}/brief.md": None},
            (f"{START}/brief-template.md", 5, "The attachment “brief.md” does not stand beside this file."),
        ),
        (
            {"courses/discovery/course.yaml": COURSE.replace("prerequisites: []", "prerequisites: [gone]")},
            ("courses/discovery/course.yaml", 8, "There is no course “gone”."),
        ),
        (
            {"courses/discovery/course.yaml": COURSE.replace("prerequisites: []", "prerequisites: [discovery]")},
            (
                "courses/discovery/course.yaml",
                8,
                "Prerequisites run in a circle: “discovery” needs “discovery”.",
            ),
        ),
        (
            {"paths/way.yaml": "title: Way\ncourses:\n  - discovery\n  - gone\n"},
            ("paths/way.yaml", 4, "There is no course “gone”."),
        ),
        (
            {"paths/discovery.yaml": "title: Way\nuid: discovery\ncourses: [discovery]\n"},
            (
                "paths/discovery.yaml",
                2,
                "The id “discovery” is used twice; it is first in courses/discovery/course.yaml.",
            ),
        ),
        (
            {"courses/discovery/course.yaml": "title: [x\n"},
            ("courses/discovery/course.yaml", 2, "This is not YAML: did not find expected ',' or ']'."),
        ),
        (
            {f"{START}/module.yaml": "title: [x\n"},
            (f"{START}/module.yaml", 2, "This is not YAML: did not find expected ',' or ']'."),
        ),
        (
            {"paths/way.yaml": "title: [x\n"},
            ("paths/way.yaml", 2, "This is not YAML: did not find expected ',' or ']'."),
        ),
        (
            {"resources/sheet/resource.yaml": "title: [x\n"},
            ("resources/sheet/resource.yaml", 2, "This is not YAML: did not find expected ',' or ']'."),
        ),
        (
            {"catalogue.yaml": "source: Not a word\n"},
            ("catalogue.yaml", 1, "A source is a short word in lower case."),
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line_and_nothing_is_written(
    tmp_path: Path, now: datetime, changes: dict[str, Any], problem: tuple[str, int, str]
) -> None:
    said = refused(written(tmp_path, own(**changes)), now)
    assert problem in said


@pytest.mark.django_db
def test_several_problems_are_told_at_once(tmp_path: Path, now: datetime) -> None:
    changes = {
        f"{START}/first.md": LESSON.replace("minutes: 6", "minutes: soon"),
        f"{START}/quiz.yaml": QUIZ.replace("pass: 75", "pass: 175"),
        "courses/discovery/course.yaml": COURSE.replace("level: beginner", "level: expert"),
    }
    assert refused(written(tmp_path, own(**changes)), now) == [
        ("courses/discovery/course.yaml", 3, "The level “expert” is not one of beginner, intermediate, advanced."),
        (f"{START}/first.md", 4, "“minutes” is a whole number, not “soon”."),
        (f"{START}/quiz.yaml", 4, "175 is not a percentage from 1 to 100."),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["../brief.md", "brief.html", "sub/brief.md"])
def test_attachments_stand_beside_their_lesson_and_are_harmless(tmp_path: Path, now: datetime, name: str) -> None:
    head = f"---\ntitle: T\nkind: file\nminutes: 5\nattachment: {name}\n---\nHow to.\n"
    changes = {f"{START}/brief-template.md": head, f"{START}/brief.html": "<script>", "courses/discovery/brief.md": "x"}
    problem = refused(written(tmp_path, own(**changes)), now)[0]
    assert problem[:2] == (f"{START}/brief-template.md", 5)


@pytest.mark.django_db
def test_a_module_that_is_not_listed_is_noted(tmp_path: Path, now: datetime) -> None:
    folder = written(tmp_path, own(**{"courses/discovery/later/module.yaml": MODULE}))
    report = import_catalogue(folder, by=None, now=now)
    reason = "The course does not list “later” among its modules, so it is left out."
    assert [(note.file, note.reason) for note in report.notes] == [("courses/discovery/later/module.yaml", reason)]
    assert report.added == 1


@pytest.mark.django_db
def test_what_is_no_catalogue(tmp_path: Path, now: datetime) -> None:
    reason = (
        "There is no catalogue here: neither courses/<course>/course.yaml "
        "nor a .yml file that begins with ### YamlMime."
    )
    assert refused(written(tmp_path / "x", {"notes.md": "hello"}), now) == [("x", 1, reason)]
    assert refused(tmp_path / "gone", now) == [(str(tmp_path / "gone"), 1, "There is no such folder or archive.")]
    evil = as_zip(tmp_path / "a.zip", {**own(), "../evil.md": "x"})
    assert refused(evil, now)[0][2] == "The entry “../evil.md” leads out of the archive, so nothing was read."


@pytest.mark.django_db
def test_a_catalogue_with_nothing_in_it(tmp_path: Path, now: datetime) -> None:
    folder = written(tmp_path / "empty", {"catalogue.yaml": "source: academy\n"})
    assert refused(folder, now) == [("empty", 1, "There is no course, path or resource here.")]


@pytest.mark.django_db
def test_a_dry_run_writes_nothing(tmp_path: Path, now: datetime) -> None:
    report = import_catalogue(written(tmp_path, own()), by=None, now=now, dry_run=True)
    assert (report.added, Item.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_members_may_not_import_or_export(tmp_path: Path, now: datetime) -> None:
    member = acting(a_member())
    with pytest.raises(Forbidden):
        import_catalogue(written(tmp_path, own()), by=member, now=now)
    with pytest.raises(Forbidden):
        export_catalogue(tmp_path / "out", by=member)


RICH = a_catalogue(
    a_course(
        "discovery",
        a_module(
            "start",
            a_lesson(text="    code at the start\n\n---\n\n## Ask about money\n\n<your-name>: yes\u2028so"),
            a_lesson("learn.x.2-watch", kind=VIDEO, url="https://example.com/v?a=1&b=2", optional=True),
            a_lesson("far", kind=LINK, url="https://example.com/", text=""),
            a_lesson("take", kind=FILE, attachments=(TEMPLATE, AttachmentDraft("b.pdf", "application/pdf", b"%PDF\0"))),
            a_quiz(a_question(kind=SINGLE, explanation="Line one.\nLine two: ‘so’ # and"), ask=1),
            skills=("asking",),
        ),
        a_module("uid.of.more", a_lesson("again"), a_quiz(), slug="more", summary="yes"),
        title="1.10",
        summary="A: “b” - c #d",
        outcome="true",
        takeaway="null",
        level="advanced",
        family="discovery",
        skills=("asking", "on"),
        tags=("no",),
    ),
    a_course("learn.other", slug="other", prerequisites=("discovery",), language="cs", title="Příprava"),
    paths=(a_path("way", "discovery", "learn.other", level="beginner"),),
    resources=(a_resource(), a_resource("site", url="https://example.com", attachments=(), minutes=3)),
)


def test_what_is_written_is_read_as_the_same(tmp_path: Path) -> None:
    write_catalogue(RICH, "mslearn-cs", tmp_path)
    reading = only(tmp_path)
    assert (reading.source, reading.catalogue, reading.problems) == ("mslearn-cs", RICH, [])


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30).map(str.strip)


@settings(max_examples=60, deadline=None)
@given(title=TEXTS, text=TEXTS, choice=TEXTS, why=TEXTS, uid=TEXTS)
def test_any_words_survive_being_written_and_read(
    tmp_path_factory: pytest.TempPathFactory, title: str, text: str, choice: str, why: str, uid: str
) -> None:
    question = a_question(
        "q", text=text, choices=(ChoiceDraft("a", choice, True, why), ChoiceDraft("b", "x")), passage=None
    )
    lesson = a_lesson(uid or "u", title=title, text=tidy(text))
    catalogue = Catalogue((a_course("c", a_module("m", lesson, a_quiz(question), summary=why)),), covers=("",))
    folder = tmp_path_factory.mktemp("written")
    write_catalogue(catalogue, "academy", folder)
    assert only(folder).catalogue == catalogue


def test_an_attachment_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    files = (AttachmentDraft("../brief.md", "text/markdown", b"x"),)
    with pytest.raises(Refused, match="cannot be the name of an attachment"):
        write_catalogue(a_catalogue(resources=(a_resource(attachments=files),)), "academy", tmp_path)


def test_lessons_whose_names_would_be_the_same_get_files_of_their_own(tmp_path: Path) -> None:
    lessons = (a_lesson("a.x"), a_lesson("b.x"), a_lesson("!"), a_quiz(a_question(passage=None)), a_lesson("c.quiz"))
    catalogue = a_catalogue(a_course("c", a_module("m", *lessons)))
    write_catalogue(catalogue, "academy", tmp_path)
    assert only(tmp_path).catalogue == catalogue


def test_a_passage_may_lie_in_another_module(tmp_path: Path) -> None:
    question = a_question(passage=PassageDraft("start", "first", "ask-about-money"))
    later = a_module("later", a_lesson("x"), a_quiz(question))
    catalogue = a_catalogue(a_course("c", a_module("start"), later))
    write_catalogue(catalogue, "academy", tmp_path)
    assert "passage: start/first#ask-about-money" in (tmp_path / "courses/c/later/quiz.yaml").read_text()
    assert only(tmp_path).catalogue == catalogue


@pytest.mark.django_db
def test_an_export_is_imported_as_unchanged(tmp_path: Path, now: datetime) -> None:
    import_catalogue(written(tmp_path / "in", own()), by=None, now=now)
    assert export_catalogue(tmp_path / "out", by=None) == Counts(0, 1, 2, 2, 5, 14)
    assert import_catalogue(tmp_path / "out", by=None, now=now) == Report(unchanged=1, counts=Counts(0, 1, 2, 2, 5, 14))
    with pytest.raises(Refused, match="is there already and not empty"):
        export_catalogue(tmp_path / "out", by=None)


@pytest.mark.django_db
def test_the_content_that_we_ship(now: datetime) -> None:
    report = import_catalogue(CONTENT, by=None, now=now)
    assert (report.refused, report.added, report.notes) == ((), 5, ())
    assert (report.counts.modules, report.counts.units, report.counts.questions) == (24, 80, 192)
    assert not Revision.objects.filter(html__contains="[Video]").exists()
    again = import_catalogue(CONTENT, by=None, now=now)
    assert again == Report(unchanged=report.added, counts=report.counts)
