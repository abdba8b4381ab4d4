"""A command on an empty data folder makes the tables first; older tables are left to whoever migrates."""

import json
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from typer.testing import CliRunner

from academy.cli import app
from academy.server.first_start import migrate_empty

from ..integrations.deals.tables import Told, a_table
from .conftest import House


def test_the_first_commands_on_an_empty_folder_make_the_tables(tmp_path: Path) -> None:
    """Two at once: one makes them, the other waits."""
    house = House(tmp_path / "var")
    sales = a_table(tmp_path / "sales.csv", [Told("1"), Told("2")])
    importing = house.start("import", "deals", str(sales), "--map", "gcloud", "--json")
    exporting = house.start("export", "people")
    imported, exported = importing.communicate(timeout=120), exporting.communicate(timeout=120)
    report = json.loads(imported[0])
    assert (importing.returncode, report["added"], report["refused"]) == (0, 2, [])
    assert imported[1].splitlines() == ["Preparing the database ...", "Importing sales.csv ..."]
    assert (exporting.returncode, exported[1]) == (0, "Preparing the database ...\n")
    assert exported[0] == "email,name,partner,role,language,timezone\n"
    code, out, err = house.run("verify", "--json")
    assert (code, json.loads(out)["differences"], err) == (0, [], "Reading the journal ...\n")


@pytest.mark.django_db
def test_tables_of_an_older_release_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    applied = MigrationRecorder.Migration.objects
    applied.exclude(app="people").delete()
    left = applied.count()
    migrate_empty()
    assert (applied.count(), capsys.readouterr()) == (left, ("", ""))
    with connection.cursor() as cursor:
        cursor.execute("alter table programme_deal rename to programme_bargain")
    with transaction.atomic():
        done = CliRunner().invoke(app, ["export", "deals"], prog_name="academy")
        transaction.set_rollback(True)
    sentence = "The database has no tables yet, or old ones. Run `academy migrate` first.\n"
    assert (done.exit_code, done.stderr) == (1, sentence)
