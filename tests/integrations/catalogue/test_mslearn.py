"""The catalogue of Microsoft Learn, with the mistakes that real sets have."""

import textwrap
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from academy.integrations.catalogue import export_catalogue, import_catalogue
from academy.integrations.catalogue.files import open_files
from academy.integrations.catalogue.mslearn.markdown import Text, convert, expand
from academy.integrations.catalogue.mslearn.reading import read
from academy.integrations.catalogue.mslearn.titles import mend
from academy.integrations.catalogue.reading import Reading
from academy.learning.catalog.models import Item
from academy.learning.catalog.rules import (
    ARTICLE,
    MULTIPLE,
    SINGLE,
    VIDEO,
    Catalogue,
    ChoiceDraft,
    Counts,
    CourseDraft,
    ModuleDraft,
    PathDraft,
    Report,
)
from tests.learning.catalog.drafts import a_lesson, a_question, a_quiz

from .folders import LEARN_CHECK, LEARN_MODULE, LEARN_PATH, LEARN_UNIT, as_tar, learn, written

MODULE, UNIT, CHECK = "set/azure/flows/index.yml", "set/azure/flows/1-begin.yml", "set/azure/flows/2-check.yml"
TEXT = "set/azure/flows/includes/1-begin.md"
ZONES = {"linux": "Linux", "windows": "Windows"}


def only(folder: Path) -> Reading:
    """The one reading of a folder."""
    [reading] = read(open_files(folder))
    return reading


def plain(text: str) -> str:
    """A unit's text, converted."""
    return convert(textwrap.dedent(text), language="en", zones=ZONES).markdown


def test_a_docset_as_drafts(tmp_path: Path) -> None:
    reading = only(written(tmp_path, learn()))
    lessons = reading.catalogue.courses[0].modules[0].lessons
    ids = [question.id for lesson in lessons if lesson.quiz for question in lesson.quiz.questions]
    expected = (
        a_lesson("learn.flows.1-begin", title="Begin", minutes=6, text="A flow does something."),
        a_quiz(
            a_question(
                ids[0],
                kind=SINGLE,
                text="True or false?",
                choices=(ChoiceDraft("a", "True", True, "Indeed."), ChoiceDraft("b", "False", False, "Not so.")),
                explanation="Indeed.\nNot so.",
                passage=None,
            ),
            uid="learn.flows.1-begin#quiz",
            title="Check yourself",
            minutes=1,
            pass_percent=80,
        ),
        a_quiz(
            a_question(
                ids[1],
                kind=MULTIPLE,
                text="Which?",
                choices=(
                    ChoiceDraft("a", "One", True, "Because."),
                    ChoiceDraft("b", "Two", True),
                    ChoiceDraft("c", "3", False, "Because."),
                ),
                explanation="Because.",
                passage=None,
            ),
            uid="learn.flows.2-check",
            title="Knowledge check",
            minutes=4,
            pass_percent=80,
        ),
    )
    course = CourseDraft(
        uid="learn.flows",
        slug="flows",
        title="Flows",
        summary="About flows.",
        outcome="Make a flow; Share it",
        level="beginner",
        family="azure",
        tags=("azure", "power-platform", "developer"),
        modules=(ModuleDraft("learn.flows", "flows", "Flows", expected),),
    )
    path = PathDraft(
        "learn.all-flows",
        "all-flows",
        "All about flows",
        "The way.",
        level="beginner",
        tags=("azure",),
        courses=("learn.flows",),
    )
    assert reading.catalogue == Catalogue((course,), (path,), covers=("learn.",), units=2)
    assert (reading.source, reading.problems, reading.notes) == ("mslearn", [], [])
    assert reading.catalogue.counts() == Counts(paths=1, modules=1, units=2, questions=2, choices=5, minutes=11)


@pytest.mark.django_db
def test_a_docset_is_imported_once(tmp_path: Path, now: datetime) -> None:
    archive = as_tar(tmp_path / "set.tar.xz", learn())
    counts = Counts(1, 1, 2, 2, 5, 11)
    assert import_catalogue(archive, by=None, now=now) == Report(added=2, counts=counts)
    assert import_catalogue(archive, by=None, now=now) == Report(unchanged=2, counts=counts)
    course = Item.objects.get(slug="flows")
    assert (course.source, course.source_uid, course.minutes, course.level) == (
        "mslearn",
        "learn.flows",
        11,
        "beginner",
    )
    export_catalogue(tmp_path / "out", by=None)
    assert import_catalogue(tmp_path / "out", by=None, now=now).unchanged == 2


@pytest.mark.django_db
def test_a_docset_without_its_root_archives_nothing(tmp_path: Path, now: datetime) -> None:
    other = {
        name.replace("flows", "other"): text.replace("learn.flows", "learn.other")
        for name, text in learn().items()
        if "azure" in name
    }
    folder = written(tmp_path, {**learn(), **other})
    assert import_catalogue(folder, by=None, now=now).added == 3
    report = import_catalogue(folder / "set" / "azure" / "flows", by=None, now=now)
    assert (report.archived, report.unchanged, report.refused) == (0, 1, ())
    for name in other:
        (folder / name).unlink()
    assert import_catalogue(folder, by=None, now=now).archived == 1


@pytest.mark.django_db
def test_two_languages_stand_beside_each_other(tmp_path: Path, now: datetime) -> None:
    locale = "metadata:\n  ms.contentlocale: cs-CZ\n"
    czech = {
        name.replace("set/", "cs/"): text.replace("title: Begin\n", "title: Úvod\n").replace("metadata:\n", locale)
        for name, text in learn().items()
    }
    report = import_catalogue(written(tmp_path, {**learn(), **czech}), by=None, now=now)
    assert (report.added, report.counts) == (4, Counts(2, 2, 4, 4, 10, 22))
    assert list(Item.objects.order_by("slug").values_list("slug", "source", "language")) == [
        ("all-flows", "mslearn", "en"),
        ("all-flows-cs", "mslearn-cs", "cs"),
        ("flows", "mslearn", "en"),
        ("flows-cs", "mslearn-cs", "cs"),
    ]


def test_titles_in_the_wrong_language_are_mended_from_the_table_beside(tmp_path: Path) -> None:
    table = "uid,title_en,title_cs\nlearn.flows,Flows,Toky\nlearn.all-flows,All about flows,Vše o tocích\n"
    files = learn(
        **{
            MODULE: LEARN_MODULE.replace("title: Flows", "title: Toky"),
            "set/paths/all/index.yml": LEARN_PATH.replace("title: All about flows", "title: Vše o tocích"),
        }
    )
    folder = written(tmp_path, {**files, "titles.csv": table})
    for where in (folder, folder / "set"):
        reading = only(where)
        course, path = reading.catalogue.items()
        assert (course.title, course.summary, course.outcome) == ("Flows", "What flows are.", "")
        assert (path.title, path.summary) == ("All about flows", "Flows")
        assert [note.line for note in reading.notes] == [3, 3]


def test_a_title_is_mended_only_when_it_is_that_of_another_language() -> None:
    titles = {"a": {"en": "Flows", "cs": "Toky"}}
    assert (mend(titles, "a", "en", "Toky").title, mend(titles, "a", "cs", "Toky").mended) == ("Flows", False)
    assert mend(titles, "a", "en", "Better flows").title == "Better flows"
    assert mend(titles, "b", "en", "Toky").title == "Toky"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({TEXT: None}, (UNIT, 8, "The included file “includes/1-begin.md” is not there.")),
        (
            {UNIT: LEARN_UNIT.replace("includes/1-begin.md", "../../../../etc/passwd")},
            (UNIT, 8, "The include “../../../../etc/passwd” leads out of the folder."),
        ),
        ({CHECK: None}, (MODULE, 17, "There is no unit “learn.flows.2-check”, or another module has it already.")),
        (
            {CHECK: LEARN_CHECK.replace("2-check", "1-begin")},
            (CHECK, 2, f"The id “learn.flows.1-begin” is used twice; it is first in {UNIT}."),
        ),
        (
            {"set/azure/flows/3.yml": LEARN_CHECK.replace("2-check", "3-more")},
            ("set/azure/flows/3.yml", 2, "No module has the unit “learn.flows.3-more”."),
        ),
        (
            {"set/paths/all/index.yml": LEARN_PATH.replace("- learn.flows", "- learn.gone")},
            ("set/paths/all/index.yml", 10, "There is no course “learn.gone”."),
        ),
        (
            {"set/paths/all/index.yml": LEARN_PATH.replace("learn.all-flows", "learn.flows")},
            ("set/paths/all/index.yml", 2, f"The id “learn.flows” is used twice; it is first in {MODULE}."),
        ),
        ({UNIT: LEARN_UNIT.encode("utf-16")}, (UNIT, 1, "The file is written in UTF-16. Save it as UTF-8.")),
        (
            {TEXT: "One.\nTwo’s.\n".encode("cp1252")},
            (TEXT, 2, "The byte 0x92 is not UTF-8, perhaps it is Windows-1252. Save the file as UTF-8."),
        ),
        (
            {TEXT: "One.\n\n<script>alert(1)</script>\n"},
            (TEXT, 3, "The text contains <script>, which could run in a reader's browser. Take it out."),
        ),
        (
            {TEXT: "One.\n\n[a](javascript:b)\n"},
            (TEXT, 3, "The text contains javascript:, which could run in a reader's browser. Take it out."),
        ),
        (
            {UNIT: LEARN_UNIT.replace("Minutes: 7", "Minutes: soon")},
            (UNIT, 7, "“durationInMinutes” is a whole number, not “soon”."),
        ),
        (
            {UNIT: LEARN_UNIT.replace("isCorrect: true", "isCorrect: false")},
            (UNIT, 15, "No choice of the question is right."),
        ),
        (
            {UNIT: LEARN_UNIT.replace("content: |", "content: |\n  <iframe src=x></iframe>\n", 1)},
            (UNIT, 8, "The text contains <iframe>, which could run in a reader's browser. Take it out."),
        ),
        (
            {"titles.csv": b"uid,title_en\nlearn.flows,\xff\n"},
            (
                "titles.csv",
                2,
                "The byte 0xFF is not UTF-8, perhaps it is Windows-1252. Save the file as UTF-8.",
            ),
        ),
        ({UNIT: LEARN_UNIT.replace("uid: ", "uid:\nno: ")}, (UNIT, 2, "“uid” is missing.")),
        ({UNIT: LEARN_UNIT.replace("title: Begin", "title: [x", 1)}, (UNIT, 4, None)),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line_and_nothing_is_written(
    tmp_path: Path, now: datetime, changes: dict[str, Any], problem: tuple[str, int, str]
) -> None:
    report = import_catalogue(written(tmp_path, learn(**changes)), by=None, now=now)
    said = [(one.file, one.line, one.reason if problem[2] else None) for one in report.refused]
    assert problem in said
    assert (report.added, Item.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_mistake_in_one_language_keeps_the_other_out_too(tmp_path: Path, now: datetime) -> None:
    locale = "metadata:\n  ms.contentlocale: cs-CZ\n"
    czech = {name.replace("set/", "cs/"): text.replace("metadata:\n", locale) for name, text in learn().items()}
    czech["cs/azure/flows/2-check.yml"] = LEARN_CHECK.replace("isCorrect: true", "isCorrect: false")
    report = import_catalogue(written(tmp_path, {**learn(), **czech}), by=None, now=now)
    assert [problem.file for problem in report.refused] == ["cs/azure/flows/2-check.yml"]
    assert (report.added, Item.objects.count()) == (0, 0)


def test_an_include_in_other_case_and_a_value_that_stands_twice_are_noted(tmp_path: Path) -> None:
    twice = LEARN_CHECK.replace("    - content: Two\n", "      content: Two\n")
    files = {**learn(**{TEXT: None, CHECK: twice}), TEXT.replace("includes", "Includes"): "Found."}
    reading = only(written(tmp_path, files))
    assert reading.problems == []
    assert [note.reason.partition(" was ")[0].partition(";")[0] for note in reading.notes] == [
        "“content” stands here twice",
        "“isCorrect” stands here twice",
        "“includes/1-begin.md”",
    ]
    assert reading.catalogue.courses[0].modules[0].lessons[0].text == "Found."


def test_includes_from_the_root_and_code_that_is_there_or_not(tmp_path: Path) -> None:
    begin = "[!code-js[](../code/is.js)] [!code-js[](../code/gone.js?highlight=1)]\n\n[!include[](~/set/shared.md)]\n"
    files = learn(**{TEXT: begin, "set/shared.md": "Shared.", "set/azure/flows/code/is.js": "x"})
    reading = only(written(tmp_path, files))
    assert reading.catalogue.courses[0].modules[0].lessons[0].text == "`is.js` `gone.js`\n\nShared."
    assert [(note.file, note.line, note.reason) for note in reading.notes] == [
        (TEXT, 1, "The code file “../code/gone.js” is not in the set; its name is shown.")
    ]


def test_tables_with_other_columns_mend_nothing(tmp_path: Path) -> None:
    reading = only(written(tmp_path, {**learn(), "other.csv": "name,size\na,1\n"}))
    assert (reading.problems, reading.catalogue.courses[0].title) == ([], "Flows")


def test_the_minutes_of_a_unit_are_shared_between_text_and_quiz(tmp_path: Path) -> None:
    short = written(tmp_path, learn(**{UNIT: LEARN_UNIT.replace("Minutes: 7", "Minutes: 1")}))
    lessons = only(short).catalogue.courses[0].modules[0].lessons
    assert [(lesson.kind, lesson.minutes) for lesson in lessons] == [("article", 1), ("quiz", 0), ("quiz", 4)]


def test_the_same_question_twice_keeps_two_ids(tmp_path: Path) -> None:
    body = LEARN_CHECK.partition("  - content: Which?")[2]
    twice = LEARN_CHECK + "  - content: Which?" + body
    quiz = only(written(tmp_path, learn(**{CHECK: twice}))).catalogue.courses[0].modules[0].lessons[2].quiz
    assert quiz is not None
    first, second = (question.id for question in quiz.questions)
    assert (second, quiz.ask) == (f"{first}-2", 2)


def test_a_unit_that_is_a_video(tmp_path: Path) -> None:
    folder = written(tmp_path, learn(**{TEXT: "Watch this.\n\n> [!VIDEO https://example.com/embed/1]\n\nDone.\n"}))
    lesson = only(folder).catalogue.courses[0].modules[0].lessons[0]
    assert (lesson.kind, lesson.url, lesson.text) == (VIDEO, "https://example.com/embed/1", "Watch this.\n\nDone.")
    long = "word " * 199 + "word\n\n> [!VIDEO https://example.com/embed/1]\n\nDone.\n"
    lesson = only(written(tmp_path, {TEXT: long})).catalogue.courses[0].modules[0].lessons[0]
    assert (lesson.kind, lesson.url, lesson.text[-45:]) == (
        ARTICLE,
        "",
        "\n\n[Video](https://example.com/embed/1)\n\nDone.",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("> [!NOTE]\n> Mind this.", "> **Note**\n>\n> Mind this."),
        ("  > [!Tip] Try it.\n  > Again.", "> **Tip**\n>\n> Try it.\n> Again."),
        ("![A wheel.](../media/a.png) Turn it.", "*A wheel.* Turn it."),
        ("![](../media/a.png)", ""),
        ("See [this](/azure/x) and [that](https://a.b).", "See [this](https://docs.microsoft.com/azure/x) and [that](https://a.b)."),
        ("## <a name='x'></a>Title", "## Title"),
        ('<a href="https://a.b" target="_blank">Best\n places</a>', "[Best places](https://a.b)"),
        ("Press <kbd>Ctrl</kbd>.<br/>Then **<rgn>[group]</rgn>**.", "Press **Ctrl**. Then **[group]**."),
        ("Write `<br>` and <!-- not\nthis --> that.", "Write `<br>` and  that."),
        ("::: zone pivot=\"linux\"\n\nUse apt.\n\n::: zone-end", "**Linux**\n\nUse apt."),
        ("::: zone pivot=\"windows\"\n\n## Windows\n\n::: zone-end", "## Windows"),
        (":::zone pivot=\"linux,beos\"\nx\n:::zone-end", "**Linux, beos**\n\nx"),
        ("[!code-json[](../code/function.json?highlight=2)]", "`function.json`"),
        ("> [!div class=\"mx-tableFixed\"]\n> | a |\n> |---|\n> | b |\n\nAfter.", "| a |\n|---|\n| b |\n\nAfter."),
        ("```html\n<br>![a](b) ::: x\n> [!NOTE]\n```", "```html\n<br>![a](b) ::: x\n> [!NOTE]\n```"),
        ("~~~\naz --name <rgn>[g]</rgn>\n~~~", "~~~\naz --name [g]\n~~~"),
    ],
)  # fmt: skip
def test_markdown_of_learn_as_plain_markdown(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_columns_stand_under_each_other() -> None:
    text = """\
    1. One

        :::row:::
            :::column:::
                - a
                - b
            :::column-end:::
            :::column span="3":::
                - c

                  ```bash
                  az
                  ```
            :::column-end:::
        :::row-end:::
    """
    assert plain(text) == "1. One\n\n    - a\n    - b\n\n    - c\n\n      ```bash\n      az\n      ```"


def test_callouts_are_in_the_language_of_the_text() -> None:
    assert convert("> [!WARNING]\n> Ne.", language="cs", zones={}) == Text("> **Upozornění**\n>\n> Ne.", "")


def test_includes_are_put_in_where_they_stand() -> None:
    texts = {
        "note.md": ("i/note.md", "---\nms.x: 1\n---\n> a\n\n> b\n"),
        "name.md": ("i/name.md", "Products\n"),
        "deep.md": ("i/deep.md", "[!include[](note.md)]"),
        "self.md": ("i/self.md", "x [!include[](self.md)]"),
    }

    def include(file: str, address: str) -> tuple[str, str] | None:
        return texts.get(address)

    assert expand("1. One\n    [!include[](note.md)]\n2. Two", include, "u.yml") == "1. One\n    > a\n\n    > b\n2. Two"
    assert expand("| [!INCLUDE [n](name.md)] | [!include[](name.md)] |", include, "u.yml") == "| Products | Products |"
    assert expand("[!include[](deep.md)", include, "u.yml") == "> a\n\n> b"
    assert expand("[!include[](gone.md)]", include, "u.yml") == ""
    assert expand("[!include[](self.md)]", include, "u.yml").split() == ["x"] * 6
