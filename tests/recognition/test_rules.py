"""Credentials: when one is earned, when again, until when, and what a stranger is told."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.core.criteria import Comparison, CriterionError, Verdict
from academy.recognition.credentials.rules import (
    LastCertificate,
    Rule,
    counts_after,
    levels,
    parse_rule,
    status,
    verdict,
)

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BOTH = {"metric": "modules", "only": ["a", "b"], "value": 2}
RULE = parse_rule("pricing-1", BOTH, 24)


def test_a_rule_is_what_was_stored() -> None:
    assert Rule("pricing-1", Comparison("modules", 2, only=frozenset("ab")), 24) == RULE
    assert RULE.modules() == {"a", "b"}
    either = {"any": [BOTH, {"not": {"metric": "modules", "only": ["c"], "value": 1}}]}
    assert parse_rule("either-1", either, None).modules() == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("criterion", "months", "why"),
    [
        ({"metric": "modules", "value": 1}, 24, "criterion.only: name the modules that count."),
        ({"any": [BOTH, {"metric": "modules", "value": 1}]}, 24, "criterion.only: name the modules that count."),
        ({"people": BOTH, "value": 1}, 24, "criterion.people: this is about one person already."),
        ({"metric": "won", "value": 1}, 24, "criterion.metric: “won” is not known here; known are modules."),
        (BOTH | {"window": "trailing:12m"}, 24, "criterion.window: modules passed by the person cannot be measured"),
        (BOTH, 0, "valid_months: a whole number of at least 1 is needed, not 0."),
        (BOTH, -1, "valid_months: a whole number of at least 1 is needed, not -1."),
    ],
)
def test_a_rule_that_nobody_could_meet_is_refused(criterion: dict[str, Any], months: int, why: str) -> None:
    with pytest.raises(CriterionError) as refused:
        parse_rule("pricing-1", criterion, months)
    assert str(refused.value).startswith(why)


@pytest.mark.parametrize(
    ("issued", "months", "ends"),
    [
        (AT, None, None),
        (AT, 24, datetime(2028, 3, 2, 9, 0, tzinfo=UTC)),
        (datetime(2024, 2, 29, 9, 0, tzinfo=UTC), 12, datetime(2025, 2, 28, 9, 0, tzinfo=UTC)),
        (datetime(2024, 2, 29, 9, 0, tzinfo=UTC), 48, datetime(2028, 2, 29, 9, 0, tzinfo=UTC)),
        (datetime(2025, 8, 31, 9, 0, tzinfo=UTC), 6, datetime(2026, 2, 28, 9, 0, tzinfo=UTC)),
        # In UTC: no clock that is put forward moves it.
        (datetime(2026, 1, 15, 9, 0, tzinfo=UTC), 6, datetime(2026, 7, 15, 9, 0, tzinfo=UTC)),
    ],
)
def test_a_certificate_ends_the_same_day_some_months_on(
    issued: datetime, months: int | None, ends: datetime | None
) -> None:
    assert parse_rule("pricing-1", BOTH, months).expires_at(issued) == ends


def last(days: int, *, valid: int | None = 730, revoked: int | None = None) -> LastCertificate:
    """Issued so many days before AT, for so many days, taken back so many days after issue."""
    issued = AT - days * DAY
    return LastCertificate(
        issued,
        issued + valid * DAY if valid is not None else None,
        issued + revoked * DAY if revoked is not None else None,
    )


@pytest.mark.parametrize(
    ("previous", "after"),
    [
        (None, None),
        (last(0), AT + 640 * DAY),
        (last(700), AT - 60 * DAY),
        # Valid for less than the renewal's window: what earned it does not earn the next one too.
        (last(0, valid=30), AT),
        (last(10, valid=30, revoked=5), AT - 5 * DAY),
        (last(10, valid=None, revoked=5), AT - 5 * DAY),
        (last(0, valid=None), datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_what_was_passed_after_this_counts_for_the_next(
    previous: LastCertificate | None, after: datetime | None
) -> None:
    assert counts_after(previous) == after


@pytest.mark.parametrize(
    ("passed", "after", "count"),
    [
        ({}, None, 0),
        ({"a": AT, "c": AT}, None, 1),
        ({"a": AT, "b": AT}, None, 2),
        ({"a": AT, "b": AT}, AT, 0),
        ({"a": AT, "b": AT + DAY}, AT, 1),
    ],
)
def test_levels(passed: dict[str, datetime], after: datetime | None, count: int) -> None:
    assert levels(RULE, passed, after) == {"modules[a,b]@lifetime": count}


@pytest.mark.parametrize(
    ("passed", "previous", "have"),
    [
        ({"a": AT}, None, 1),
        ({"a": AT - 900 * DAY, "b": AT}, None, 2),
        # The window of renewal opened 60 days ago, and both must be passed again since.
        ({"a": AT - 59 * DAY, "b": AT - 700 * DAY}, last(700), 1),
        ({"a": AT - 59 * DAY, "b": AT}, last(700), 2),
        ({"a": AT - 60 * DAY, "b": AT}, last(700), 1),
        ({"a": AT, "b": AT}, last(0, valid=30), 0),
        ({"a": AT, "b": AT}, last(1, valid=None), 0),
        ({"a": AT, "b": AT}, last(1, valid=None, revoked=0), 2),
    ],
)
def test_a_certificate_is_earned(passed: dict[str, datetime], previous: LastCertificate | None, have: int) -> None:
    assert verdict(RULE, passed, previous) == Verdict(have >= 2, Fraction(have, 2), have, 2, "modules", "lifetime")


@given(st.integers(1, 60), st.integers(0, 1500))
def test_the_proofs_of_one_certificate_never_earn_the_next(months: int, days: int) -> None:
    rule = parse_rule("pricing-1", BOTH, months)
    issued = AT - days * DAY
    previous = LastCertificate(issued, rule.expires_at(issued), None)
    assert not verdict(rule, {"a": issued - DAY, "b": issued}, previous).met


@pytest.mark.parametrize(
    ("expires", "revoked", "told"),
    [
        (None, None, "valid"),
        (AT + timedelta(microseconds=1), None, "valid"),
        (AT, None, "expired"),
        (AT - DAY, None, "expired"),
        (None, AT, "revoked"),
        (AT - DAY, AT - DAY, "revoked"),
        (None, AT + DAY, "valid"),
        (AT, AT + DAY, "expired"),
    ],
)
def test_what_a_stranger_is_told(expires: datetime | None, revoked: datetime | None, told: str) -> None:
    assert status(expires_at=expires, revoked_at=revoked, at=AT) == told
