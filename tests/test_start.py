"""How every entry point begins: with a database, found or started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from academy import start
from academy.postgres import Server

ROOT = Path(__file__).resolve().parents[1]
ASK = """
from academy.start import prepare
prepare()
prepare()
from django.conf import settings
print(settings.DATABASES["default"]["NAME"], settings.TESTING)
"""


def test_a_given_database_is_used_and_none_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    assert start.find_database() == "postgresql://somewhere/else"


@pytest.mark.parametrize(("environment", "durable"), [("test", False), ("production", True)])
def test_without_one_the_data_folders_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: str, durable: bool
) -> None:
    asked: list[tuple[Path, bool]] = []

    def ensure(folder: Path, *, durable: bool) -> Server:
        asked.append((folder, durable))
        return Server(folder / "s", 5432, "me", "academy")

    monkeypatch.setenv("ACADEMY_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ACADEMY_ENV", environment)
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setattr("academy.postgres.ensure", ensure)
    url = start.find_database()
    assert (asked, os.environ["DATABASE_URL"]) == ([(tmp_path, durable)], url)
    assert url.startswith("postgresql://me@/academy?host=")


@pytest.mark.django_db
def test_prepare_loads_the_settings() -> None:
    answer = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == [os.environ["DATABASE_URL"].partition("dbname=")[2].split()[0], "True"]
