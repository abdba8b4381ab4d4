"""What callers send as amounts of a known currency: taken to the minor unit, or refused with their field."""

from academy.core.errors import Refused
from academy.core.money import parse_amount


def minor_units(text: str, currency: str, *, field: str) -> int:
    """So many minor units. Raises Refused for more digits than the currency has."""
    try:
        return parse_amount(text, currency)
    except Refused as refused:
        raise Refused(refused.sentence, fields={field: refused.sentence}, code="invalid") from None
