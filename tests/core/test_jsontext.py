"""Values as JSON text for the database's columns."""

from datetime import UTC, date, datetime
from fractions import Fraction
from uuid import UUID

import pytest

from academy.core.jsontext import json_text
from academy.core.periods import Span


def test_values_are_written_whole() -> None:
    value = {
        "client": UUID(int=7),
        "amount": 9_223_372_036_854_775_807,
        "rate": Fraction(1465, 100),
        "at": datetime(2026, 11, 27, 9, 30, 0, 250, tzinfo=UTC),
        "on": date(2026, 11, 27),
        "span": Span.MONTHS,
        "parts": ("Žofie & “Söhne”", None, True, 0.5),
    }
    assert json_text(value, otherwise=str) == (
        '{"client":"00000000-0000-0000-0000-000000000007","amount":9223372036854775807,"rate":"293/20",'
        '"at":"2026-11-27 09:30:00.000250+00:00","on":"2026-11-27","span":"m",'
        '"parts":["Žofie & “Söhne”",null,true,0.5]}'
    )


@pytest.mark.parametrize(
    "value", [{7: "seven"}, {Span.NOW: 1}, {"amount": 2**64}, {"at": datetime(2026, 11, 27, tzinfo=UTC)}]
)
def test_what_cannot_be_written_as_it_is_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        json_text(value)
