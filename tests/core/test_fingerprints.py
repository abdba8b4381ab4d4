"""Fingerprints: the same for the same, whatever a database makes of order and numbers."""

import json
from typing import Any

import pytest

from academy.core.fingerprints import fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": [1.30, None, True]}, {"b": [1.3, None, True], "a": 1.0}),
        ({"a": (1, 2)}, {"a": [1, 2]}),
        ({"n": 1e16}, {"n": 10_000_000_000_000_000}),
        ({1: "é"}, json.loads(json.dumps({"1": "é"}))),
    ],
)
def test_what_is_the_same_has_the_same_fingerprint(one: Any, other: Any) -> None:
    assert fingerprint(one) == fingerprint(other)


def test_what_differs_has_another() -> None:
    written = [{}, {"a": 1}, {"a": 1.5}, {"a": "1"}, {"a": [1]}, {"a": None}, {"a": True}, [1, 2], [2, 1]]
    assert len({fingerprint(one) for one in written}) == len(written)
    assert fingerprint({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
