"""The data folder is moved only when it is ours and nobody uses it."""

from datetime import datetime
from pathlib import Path

import pytest

from academy.core.errors import Refused
from academy.server import folder


def test_a_new_folder_is_marked_and_moved_aside_with_the_time(tmp_path: Path, now: datetime) -> None:
    place = tmp_path / "deep" / "var"
    folder.claim(place)
    (place / "kept").write_text("everything")
    folder.claim(place)
    aside = folder.set_aside(place, now=now)
    assert aside == tmp_path / "deep" / "var.2026-03-02-090000"
    assert (place.exists(), (aside / "kept").read_text()) == (False, "everything")


def test_a_folder_that_we_did_not_make_is_refused(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "holiday.jpg").touch()
    folder.claim(tmp_path)
    with pytest.raises(Refused, match="was not made by the academy, so it is not moved"):
        folder.set_aside(tmp_path, now=now)
    assert (tmp_path / "holiday.jpg").exists()


def test_nothing_is_moved_where_nothing_is(tmp_path: Path, now: datetime) -> None:
    assert folder.set_aside(tmp_path / "none", now=now) is None
    assert folder.set_aside(tmp_path, now=now) is None


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match=r"cannot be made: Not a directory\. Name another one in ACADEMY_DATA_DIR"):
        folder.claim(tmp_path / "file" / "var")


def test_where_it_runs_is_noted_while_it_does(tmp_path: Path) -> None:
    with folder.running_at(tmp_path, "http://localhost:8181"):
        assert (tmp_path / "address").read_text() == "http://localhost:8181\n"
    assert not (tmp_path / "address").exists()


def test_a_demo_that_was_cut_off_is_known(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), folder.being_filled(tmp_path):
        raise RuntimeError
    assert folder.half_filled(tmp_path) == tmp_path / "demo.unfinished"
    with folder.being_filled(tmp_path):
        pass
    assert folder.half_filled(tmp_path) is None
