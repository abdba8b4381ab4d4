"""A command on an empty data folder makes the tables first; older tables are left to whoever migrates."""

import json
import threading
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from typer.testing import CliRunner

from academy.cli import app
from academy.server.first_start import _ONE_AT_A_TIME, migrate_empty

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


@pytest.mark.django_db(transaction=True)
def test_whoever_comes_while_they_are_made_waits_for_the_last() -> None:
    """The first tables are there already: that somebody is at it tells, not that there are some."""
    done = threading.Event()

    def come() -> None:
        migrate_empty()
        connection.close()
        done.set()

    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        coming = threading.Thread(target=come)
        coming.start()
        assert not done.wait(0.5)
        cursor.execute("select pg_advisory_unlock(%s)", [_ONE_AT_A_TIME])
    coming.join(5)
    assert done.is_set()


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
