"""Every run tries the same histories, and one more only where it is asked to."""

import pytest

from . import chance


def test_every_run_tries_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance, "DRAWN", None)
    assert chance.seeds(3) == [0, 1, 2]


def test_a_drawn_seed_comes_on_top_by_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance, "DRAWN", 7)
    assert chance.seeds(2) == [0, 1, pytest.param(7, id="drawn")]
