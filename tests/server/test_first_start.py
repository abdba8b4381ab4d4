"""What `make demo IMPORT=folder` takes in: a folder's courses, its deals, or both."""

from pathlib import Path

import pytest
from django.db import connection

from academy.integrations.catalogue import export_catalogue
from academy.learning.catalog.models import Item
from academy.programme.deals.models import Deal
from academy.server.first_start import import_folder, kept_at_the_end

from ..integrations.deals.tables import NOW, Told, a_table
from ..worlds import a_course_draft, publish

pytestmark = pytest.mark.django_db


def said(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that importing a folder prints, without progress; nothing on stdout."""
    import_folder(folder)
    out, err = capsys.readouterr()
    assert out == ""
    return [line.replace(str(folder), "FOLDER") for line in err.splitlines() if not line.endswith("...")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "300")
    made = tmp_path / "given"
    made.mkdir()
    return made


def test_deals_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_table(folder / "sales.csv", [Told("1"), Told("2", spend="lots")])
    assert said(folder, capsys) == [
        "Imported the deals of FOLDER: 1 added, 0 changed, 0 unchanged, 1 refused.",
        "  sales.csv:3: “lots” is not an amount. Write it like 1200.50.",
    ]
    assert said(folder, capsys)[0] == "Imported the deals of FOLDER: 0 added, 0 changed, 1 unchanged, 1 refused."
    assert list(Deal.objects.values_list("external_id", flat=True)) == ["1"]


def test_courses_and_deals_beside_them(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish(a_course_draft(), now=NOW)
    both = tmp_path / "both"
    export_catalogue(both, by=None)
    a_table(both / "sales.csv", [Told("1")])
    (both / "notes.csv").write_text("this,is\nno,sale\n")
    courses, deals = said(both, capsys)
    assert (courses.startswith("Imported FOLDER: "), courses.endswith(" 0 refused.")) == (True, True)
    assert deals == "Imported the deals of FOLDER: 1 added, 0 changed, 0 unchanged, 0 refused."
    assert (Item.objects.filter(kind="course").exists(), Deal.objects.count()) == (True, 1)


def test_a_folder_of_neither_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "notes.csv").write_text("this,is\nno,sale\n")
    lines = said(folder, capsys)
    assert (lines[0], Deal.objects.count()) == ("Imported FOLDER: 0 added, 0 changed, 0 unchanged, 1 refused.", 0)


def test_an_archive_that_cannot_be_read_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = folder / "courses.tar.xz"
    archive.write_bytes(b"no archive")
    counts, why = said(archive, capsys)
    assert counts == "Imported FOLDER: 0 added, 0 changed, 0 unchanged, 1 refused."
    assert why.startswith("  courses.tar.xz")


def test_a_mapping_that_cannot_be_read_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_table(folder / "sales.csv", [Told("1")])
    (folder / "deals.yaml").write_text("source: [\n")
    lines = said(folder, capsys)
    assert lines[0] == "Imported the deals of FOLDER: 0 added, 0 changed, 0 unchanged, 1 refused."
    assert (lines[1].startswith("  deals.yaml:"), Deal.objects.count()) == (True, 0)


def test_a_filling_waits_for_the_disk_once_at_its_end() -> None:
    def waits() -> str:
        with connection.cursor() as cursor:
            cursor.execute("show synchronous_commit")
            return str(cursor.fetchone()[0])

    before = waits()
    with kept_at_the_end():
        assert (before, waits()) == ("on", "off")
    assert waits() == before
