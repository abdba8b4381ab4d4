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
    assert json_text(value) == (
        '{"client":"00000000-0000-0000-0000-000000000007","amount":9223372036854775807,"rate":"293/20",'
        '"at":"2026-11-27 09:30:00.000250+00:00","on":"2026-11-27","span":"m",'
        '"parts":["Žofie & “Söhne”",null,true,0.5]}'
    )


def test_a_key_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="str"):
        json_text({7: "seven"})
