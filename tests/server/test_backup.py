"""Backup and restore, and what else needs a database of its own, as whole processes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from .conftest import House, running


@pytest.fixture(scope="module")
def house(house: House) -> Iterator[House]:
    """The database stays up between the commands, which is quicker."""
    program = "import sys; from academy import start; start.find_database(); print(); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", program],
        env=house.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    yield house
    holder.communicate("")


def test_fresh_is_refused_while_it_runs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(house):
        code, out, err = house.run("demo", "--fresh", "--port", "0")
    sentence = f"An academy still runs on {house.folder}. Stop it first, with Ctrl-C in its terminal.\n"
    assert (code, out, err) == (1, "", sentence)


def test_a_database_that_is_not_there_is_a_sentence(house: House) -> None:
    code, out, err = house.run("verify", DATABASE_URL="postgresql://127.0.0.1:1/none?connect_timeout=2")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("The database does not answer: ")


def test_a_backup_is_checked_and_restored_elsewhere(house: House, tmp_path: Path) -> None:
    file = tmp_path / "academy.backup"
    house.run("person", "create", "grace@example.com", "--staff", "finance")
    code, out, err = house.run("backup", str(file))
    assert (code, err, out.startswith(f"{file}: 0.")) == (0, "Writing the backup ...\n", True)
    assert file.stat().st_mode & 0o077 == 0
    assert house.run("backup", str(file))[2].endswith("a backup never replaces another.\n")

    good = "No difference: 0 partners, 0 facts, 0 overdue.\n"
    told = "Reading the backup ...\n"
    assert house.run("restore", str(file), "--check") == (0, f"{good}The backup is good.\n", told)
    code, _, err = house.run("restore", str(file))
    assert (code, "This database is not empty" in err) == (1, True)

    other = House(tmp_path / "var")
    assert other.run("restore", str(file)) == (0, f"{good}Restored.\n", "Reading the backup ...\n")
    assert other.run("token", "create", "--user", "grace@example.com")[0] == 0


def test_what_is_no_backup_is_refused(house: House, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("hello")
    for file, why in ((wrong, "is no backup of ours"), (tmp_path / "none", "cannot be read: No such file")):
        code, _, err = house.run("restore", str(file), "--check")
        assert (code, why in err) == (1, True)
    broken = tmp_path / "broken"
    broken.write_bytes(b"PGDMP" + b"x" * 100)
    code, _, err = house.run("restore", str(broken), "--check")
    assert (code, "pg_restore could not do it: " in err) == (1, True)


def test_no_check_leaves_a_database_behind(house: House) -> None:
    with running(house) as academy, psycopg.connect(academy.database()) as connection:
        rows = connection.execute("select datname from pg_database where datname like 'academy%'").fetchall()
    assert rows == [("academy",)]
