"""The tree takes no lock that makes inserting rows which point at the locked one wait: FOR NO KEY UPDATE only."""

import ast
import re
from pathlib import Path

import pytest

ACADEMY = Path(__file__).resolve().parents[2] / "academy"
PLAIN = re.compile(r"\bfor\s+update\b", re.IGNORECASE)


def offences(source: str) -> list[int]:
    """The lines that lock too much: select_for_update() without no_key=True, or "for update" in SQL."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and PLAIN.search(node.value):
            found.append(node.lineno)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "select_for_update":
            given = {one.arg: getattr(one.value, "value", None) for one in node.keywords}
            if given.get("no_key") is not True:
                found.append(node.lineno)
    return found


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("rows.select_for_update()", [1]),
        ("rows.select_for_update(no_key=False)", [1]),
        ("rows.select_for_update(no_key=True, skip_locked=True)", []),
        ("sql = 'select 1 from t FOR  UPDATE'", [1]),
        ("x = 1\nsql = '''select 1\nfor no key update'''", []),
        ("sql = f'select {x} for update'", [1]),
    ],
)
def test_what_counts(source: str, lines: list[int]) -> None:
    assert offences(source) == lines


def test_nobody_locks_too_much() -> None:
    found = [
        f"{path.relative_to(ACADEMY.parent)}:{line}"
        for path in sorted(ACADEMY.rglob("*.py"))
        for line in offences(path.read_text())
    ]
    found += [str(path) for path in ACADEMY.rglob("*.sql") if PLAIN.search(path.read_text())]
    assert found == []
