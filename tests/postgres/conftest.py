"""A data folder for each test: made from a copy of one that was made once, or empty."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from .town import Town, is_alive, until


@pytest.fixture(scope="session")
def first_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped cluster, made once: copying it is quicker than making one for each test."""
    town = Town(tmp_path_factory.mktemp("first") / "var")
    user = town.user()
    user.url()
    os.kill(town.supervisor, signal.SIGTERM)
    until(lambda: not is_alive(town.supervisor))
    user.kill()
    return town.data


@pytest.fixture
def town(first_folder: Path, tmp_path: Path) -> Iterator[Town]:
    shutil.copytree(first_folder, tmp_path / "var", ignore=shutil.ignore_patterns("pg.lo*", "pg.supervisor"))
    town = Town(tmp_path / "var")
    yield town
    town.close()


@pytest.fixture
def empty_town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path / "var")
    yield town
    if town.data.exists():
        town.close()
