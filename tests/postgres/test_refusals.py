"""Odd folders, paths too long, programs too old: it works, or a sentence says why."""

import os
import stat
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from academy.postgres import PostgresError, binaries, ensure

from .town import Town, ask


def test_long_path_takes_a_private_folder_elsewhere(town: Town, tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 25) / "var, with a comma"
    deep.parent.mkdir()
    town.data.rename(deep)
    far = Town(deep)
    try:
        url = far.user().url()
        [folder] = parse_qs(urlsplit(url).query)["host"]
        assert len(os.fsencode(folder)) < 80
        assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
        assert ask(url, "SELECT 1") == 1
        assert far.user().url() == url
    finally:
        far.close()
    assert not Path(folder).exists()
    town.data.mkdir()


def test_number_of_a_dead_server_taken_by_a_stranger(town: Town) -> None:
    left = [
        str(os.getpid()),
        str(town.places.cluster),
        "1",
        "5432",
        str(town.places.sockets),
        "",
        "1 1",
        "ready   ",
    ]
    (town.places.cluster / "postmaster.pid").write_text("\n".join([*left, ""]))
    town.places.sockets.mkdir(exist_ok=True)
    (town.places.sockets / ".s.PGSQL.5432.lock").write_text("\n".join([*left[:5], ""]))
    assert ask(town.user().url(), "SELECT 1") == 1


def test_half_made_cluster_is_made_anew(empty_town: Town) -> None:
    empty_town.places.unfinished_cluster.mkdir(parents=True)
    (empty_town.places.unfinished_cluster / "PG_VERSION").write_text("18\n")
    assert ask(empty_town.user().url(), "SELECT 1") == 1


def test_cluster_of_an_older_major_is_refused(town: Town) -> None:
    (town.places.cluster / "PG_VERSION").write_text("17\n")
    refusal = town.user().refusal()
    assert "made by PostgreSQL 17" in refusal
    assert "DATABASE_URL" in refusal


def test_folder_with_something_else_in_it_is_refused(empty_town: Town) -> None:
    empty_town.places.cluster.mkdir(parents=True)
    assert "holds something else. Move it away" in empty_town.user().refusal()


def test_server_that_cannot_start_says_what_it_said(town: Town) -> None:
    with (town.places.cluster / "postgresql.conf").open("a") as settings:
        settings.write("\nno_such_setting = 1\n")
    refusal = town.user().refusal()
    assert "does not start" in refusal
    assert "no_such_setting" in refusal


def test_refusal_is_not_remembered(town: Town) -> None:
    (town.places.cluster / "PG_VERSION").write_text("17\n")
    assert town.user().refusal().startswith("refused: ")
    (town.places.cluster / "PG_VERSION").write_text("18\n")
    assert ask(town.user().url(), "SELECT 1") == 1


def test_durable_user_refuses_a_server_without_fsync(town: Town) -> None:
    town.user().url()
    with pytest.raises(PostgresError, match="runs without fsync"):
        ensure(town.data)


def test_durable_server_serves_tests_too(empty_town: Town) -> None:
    server = ensure(empty_town.data)
    assert ask(server.url, "SELECT current_setting('fsync')") == "on"
    assert empty_town.user().url() == server.url


def test_folder_without_binaries_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ACADEMY_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(PostgresError, match="where no PostgreSQL is that runs"):
        binaries.find()


def test_old_binaries_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.18'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("ACADEMY_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(PostgresError, match=f"18 or later is needed, and there is version 15 in {tmp_path}"):
        binaries.find()
    (tmp_path / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 19.1'\n")
    with pytest.raises(PostgresError, match="To keep its data, make a backup"):
        binaries.find(made_by=17)
    assert binaries.find(made_by=19).major == 19
