"""What is pure about people: addresses, names, and what may be chosen in a profile."""

import re
import unicodedata
from datetime import timedelta

THEMES = ("", "light", "dark")
SELLS = ("websites", "software", "ai", "marketing", "consulting", "other")
SELLS_TO = ("small", "medium", "large", "public")
MINUTES_A_WEEK = (15, 30, 60, 120)
LINK_LASTS = timedelta(minutes=15)
ERASED_DOMAIN = "erased.invalid"

# Deliberately simple: the real test of an address is that a message arrives.
_PART = r"[^@\s,;:<>()\"\x00-\x1f\x7f]+"
_ADDRESS = re.compile(rf"{_PART}@{_PART}\.{_PART}")


def is_address(text: str) -> bool:
    """Whether this can be an e-mail address."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def clean_address(text: str) -> str:
    """An address as we keep it: without surrounding space, in lower case."""
    return text.strip().lower()


def clean_name(text: str) -> str:
    """A name in one line, without characters that cannot be seen."""
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join(visible.split())


def is_name(name: str) -> bool:
    """Whether a cleaned name can be kept."""
    return 0 < len(name) <= 120
