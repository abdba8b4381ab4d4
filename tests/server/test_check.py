"""What `make test` says at its end of the tests that were skipped."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

CHECK = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "check.py"))
TESTS = """
import pytest

@pytest.mark.skipif(True, reason="no Chromium")
@pytest.mark.parametrize("width", [320, 390])
def test_looks(width): ...

@pytest.mark.skipif(True, reason="no Chromium")
def test_moves(): ...

@pytest.fixture
def data():
    pytest.skip("The real data is not there.")

def test_reads(data): ...

@pytest.mark.xfail
def test_breaks():
    assert 1 > 2

def test_works(): ...
"""


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """What pytest wrote of a run in which four tests were skipped."""
    (tmp_path / "test_pages.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    alone = ["-p", "no:django", "-p", "no:cacheprovider", "-p", "no:xdist", "--junitxml=told.xml"]
    done = subprocess.run([sys.executable, "-m", "pytest", *alone], cwd=tmp_path, check=True, capture_output=True)
    assert b"1 passed, 4 skipped, 1 xfailed" in done.stdout
    return tmp_path / "told.xml"


def said(told: Path) -> int:
    """How many tests it says were not tried."""
    return int(CHECK["say_what_was_not_tried"](CHECK["not_tried"](told)))


def test_every_skipped_test_is_named_with_its_reason(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(told) == 4
    assert capsys.readouterr().out.replace("!", "").split("\n") == [
        "",
        "",
        "NOT TRIED: 4 tests were skipped, so nothing here says whether that works.",
        "",
        "  no Chromium",
        "    test_pages: test_looks (2), test_moves",
        "",
        "  The real data is not there.",
        "    test_pages: test_reads",
        "",
        "",
    ]


def test_nothing_is_said_where_nothing_was_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (said(tmp_path / "none.xml"), capsys.readouterr().out) == (0, "")
