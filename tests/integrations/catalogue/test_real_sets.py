"""The real sets beside the checkout: their counts, exactly, and a second import that changes nothing."""

from datetime import datetime
from pathlib import Path

import pytest

from academy.integrations.catalogue import export_catalogue, import_catalogue
from academy.integrations.catalogue.files import open_files
from academy.learning.catalog.models import Edition, Item, Lesson, PathCourse, Revision
from academy.learning.catalog.rules import Counts, Report
from academy.learning.quizzes.rules import draw, parse_quiz, score
from academy.search.queries import find

from .folders import written

pytestmark = [pytest.mark.django_db, pytest.mark.shared]

AZURE = Counts(paths=13, modules=65, units=470, questions=244, choices=751, minutes=3384)
BIZAPPS = Counts(paths=6, modules=17, units=123, questions=44, choices=163, minutes=832)


def test_the_set_of_2018(shared: Path, now: datetime, tmp_path: Path) -> None:
    archive = shared / "data" / "mslearn-azure-2018.tar.xz"
    report = import_catalogue(archive, by=None, now=now)
    assert (report.added, report.refused, report.counts) == (78, (), AZURE)
    assert sum(Item.objects.filter(kind="course").values_list("minutes", flat=True)) == 3384
    before = (Item.objects.count(), Lesson.objects.count(), Revision.objects.count(), Edition.objects.count())
    again = import_catalogue(archive, by=None, now=now)
    assert again == Report(unchanged=78, counts=AZURE, notes=again.notes)
    assert (Item.objects.count(), Lesson.objects.count(), Revision.objects.count(), Edition.objects.count()) == before
    foundations = PathCourse.objects.filter(path__source_uid="learn.cloud-foundations").order_by("position")
    assert list(foundations.values_list("course__source_uid", flat=True))[:2] == [
        "learn.welcome-to-azure",
        "learn.principles-cloud-computing",
    ]
    assert "Cosmos" in find("cosmos database", staff=False)[0].title
    every_quiz_can_be_passed()
    export_catalogue(tmp_path / "out", by=None)
    assert import_catalogue(tmp_path / "out", by=None, now=now).unchanged == 78


def every_quiz_can_be_passed() -> None:
    """By whoever knows the right answers of all the questions that are asked."""
    quizzes = [parse_quiz(kept or {}) for kept in Revision.objects.filter(kind="quiz").values_list("quiz", flat=True)]
    assert len(quizzes) == 96
    for quiz in quizzes:
        drawn = draw(quiz, seed="any")
        answers = {asked: sorted(quiz.question(asked).right()) for asked in drawn}
        assert (score(quiz, drawn, answers).passed, quiz.pass_percent, len(drawn)) == (True, 80, len(quiz.questions))


def nothing_of_learns_own_markdown_is_left() -> None:
    """In any text of the three sets."""
    texts = list(Revision.objects.exclude(kind="quiz").values_list("text", "html"))
    assert len(texts) == 670
    for text, html in texts:
        assert text
        assert not [mark for mark in ("[!", ":::") if mark in text]
        assert "<script" not in html


def test_the_set_of_2019_in_two_languages_beside_that_of_2018(shared: Path, now: datetime) -> None:
    import_catalogue(shared / "data" / "mslearn-azure-2018.tar.xz", by=None, now=now)
    archive = shared / "data" / "mslearn-bizapps-2019.tar.xz"
    report = import_catalogue(archive, by=None, now=now)
    assert (report.added, report.archived, report.refused, report.counts) == (46, 0, (), BIZAPPS + BIZAPPS)
    again = import_catalogue(archive, by=None, now=now)
    assert again == Report(unchanged=46, counts=BIZAPPS + BIZAPPS, notes=again.notes)
    for source, language in (("mslearn", "en"), ("mslearn-cs", "cs")):
        items = Item.objects.filter(source=source, source_uid__startswith="learn-bizapps.", language=language)
        assert (items.filter(kind="course").count(), items.filter(kind="path").count()) == (17, 6)
    english, czech = Item.objects.filter(source_uid="learn-bizapps.flow-get-started").order_by("source")
    assert (english.title, english.slug, czech.title, czech.slug) == (
        "Get started with Flow",
        "flow-get-started",
        "Začínáme s Microsoft Flow",
        "flow-get-started-cs",
    )
    nothing_of_learns_own_markdown_is_left()
    assert english.summary == "Learn the basics of Microsoft Flow."
    assert find("zaciname", staff=False, language="cs")[0].language == "cs"


@pytest.mark.parametrize(("folder", "source"), [("en", "mslearn"), ("cs", "mslearn-cs")])
def test_each_language_of_2019_by_itself(shared: Path, now: datetime, tmp_path: Path, folder: str, source: str) -> None:
    files = open_files(shared / "data" / "mslearn-bizapps-2019.tar.xz")
    written(tmp_path, {name: files.read(name) for name in files.names()})
    report = import_catalogue(tmp_path / "mslearn-bizapps-2019" / folder, by=None, now=now)
    assert (report.added, report.refused, report.counts) == (23, (), BIZAPPS)
    assert set(Item.objects.values_list("source", flat=True)) == {source}
