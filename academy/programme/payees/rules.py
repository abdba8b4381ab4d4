"""What a payee profile says, and what must never stand in it: the number of an account or a card."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from babel import Locale
from stdnum import iban, luhn
from stdnum.iso7064 import mod_97_10

LENGTHS: Mapping[str, int] = {
    "legal_name": 160,
    "address": 400,
    "country": 2,
    "tax_number": 40,
    "invoice_email": 254,
    "provider_reference": 60,
}
OPTIONAL = frozenset({"tax_number"})
_COMPACT_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b")
# Looks ahead, so that a postcode before a number ("SE12 GB82 ...") does not swallow it.
_SPACED_IBAN = re.compile(r"\b(?=([A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}))")
_LENGTHS_OUTSIDE: Mapping[str, int] = (
    dict.fromkeys(("AO", "CV", "GW", "MZ"), 25)
    | dict.fromkeys(("DZ", "IR"), 26)
    | dict.fromkeys(("CF", "CG", "CM", "GA", "GQ", "KM", "MG", "TD"), 27)
    | dict.fromkeys(("BF", "BJ", "CI", "MA", "ML", "NE", "SN", "TG"), 28)
)
"""How long the numbers are that banks of these countries write like an IBAN, though its registry does not have them."""
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_SORT_CODE = re.compile(r"(?<![\d-])\d{2}-\d{2}-\d{2}(?![\d-])")
_ACCOUNT = re.compile(r"\b\d{8,}\b")
_E_MAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")


@dataclass(frozen=True, slots=True)
class Profile:
    """Under which name and address a partner is paid, and what the payment provider calls it."""

    legal_name: str
    address: str
    country: str
    tax_number: str
    invoice_email: str
    provider_reference: str

    @classmethod
    def cleaned(cls, given: Mapping[str, str]) -> "Profile":
        """What somebody typed, without spaces around it and with one line where one is meant.

        The lines of an address end in one way, however a browser ends them.
        """
        said = {name: given.get(name, "").replace("\0", "").strip() for name in LENGTHS}
        for name in LENGTHS.keys() - {"address"}:
            said[name] = " ".join(said[name].split())
        said["address"] = "\n".join(line.rstrip() for line in said["address"].splitlines())
        said["country"] = said["country"].upper()
        return cls(**said)

    def changes(self, other: "Profile") -> list[str]:
        """The names of the fields in which two profiles differ."""
        return [field.name for field in fields(self) if getattr(self, field.name) != getattr(other, field.name)]


class Wrong:
    """Codes of what can be wrong with a field."""

    MISSING = "missing"
    LONG = "long"
    BANK = "bank"
    COUNTRY = "country"
    E_MAIL = "e_mail"


def wrong_with(profile: Profile) -> dict[str, str]:
    """What is wrong, by field; empty when nothing is."""
    found = {}
    for name, longest in LENGTHS.items():
        value = getattr(profile, name)
        if why := _wrong_with(name, value, longest):
            found[name] = why
    return found


def _wrong_with(name: str, value: str, longest: int) -> str | None:
    if not value:
        return None if name in OPTIONAL else Wrong.MISSING
    # First of all, so that a pasted number is never answered with a lesser complaint.
    if is_bank_number(value, plain_digits=name != "tax_number"):
        return Wrong.BANK
    if name == "country":
        return None if value in countries() else Wrong.COUNTRY
    if len(value) > longest:
        return Wrong.LONG
    return Wrong.E_MAIL if name == "invoice_email" and not _E_MAIL.fullmatch(value) else None


def is_bank_number(text: str, *, plain_digits: bool = True) -> bool:
    """Whether a text holds what looks like an IBAN, a card, a sort code or, with `plain_digits`, a bare account."""
    loud = text.upper()
    if any(_is_iban(found) for found in _SPACED_IBAN.findall(loud)):
        return True
    if any(sum(c.isdigit() for c in found) >= 10 for found in _COMPACT_IBAN.findall(loud)):
        return True
    if any(luhn.is_valid(re.sub(r"[ -]", "", found)) for found in _CARD.findall(text)):
        return True
    return plain_digits and bool(_SORT_CODE.search(text) or _ACCOUNT.search(text))


def _is_iban(candidate: str) -> bool:
    """Whether a text begins with an IBAN, by its country's length and the check digits; the next word may follow.

    By the check digits alone every ninth line that goes on behind a London postcode (SE10 1TT London ...) would be one.
    """
    letters = re.sub(r"[ -]", "", candidate)
    if length := _LENGTHS_OUTSIDE.get(letters[:2]):
        return mod_97_10.is_valid(letters[4:length] + letters[:4]) and len(letters) >= length
    return any(iban.is_valid(letters[:length], check_country=False) for length in range(15, min(len(letters), 34) + 1))


@cache
def countries() -> frozenset[str]:
    """The two-letter codes of all countries."""
    return frozenset(
        code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha() and code != "ZZ"
    )
