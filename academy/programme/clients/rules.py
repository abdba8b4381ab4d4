"""When two names mean the same client."""

import re
import unicodedata
from functools import lru_cache

LONGEST = 160

# What companies put behind their name and leave out again: two names that differ only in this are one client.
_FORMS = frozenset(
    {"ltd", "limited", "plc", "llp", "llc", "inc", "incorporated", "corp", "corporation", "co", "company"}
    | {"gmbh", "ag", "kg", "sarl", "sas", "sa", "srl", "spa", "bv", "nv", "ab", "oy", "as", "aps", "pty", "kft", "sro"}
)
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=10_000)
def key_of(name: str) -> str:
    """What all ways to write one client's name have in common: “Oakline Retail Ltd.” and “OAKLINE RETAIL” are one.

    Case, accents, punctuation, a leading “the” and legal forms at the end do not count. Empty without any letter.
    """
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", name.replace("&", " and "))
        if not unicodedata.combining(letter)
    )
    words = _WORD.findall(plain.casefold())
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    while len(words) > 1 and words[-1] in _FORMS:
        words.pop()
    return " ".join(words)


def shown(name: str) -> str:
    """A name as it was typed, but for spaces that nobody sees."""
    return " ".join(name.split())


def is_client(name: str) -> bool:
    """Whether this can name a client: with a letter or digit, and not too long."""
    plain = shown(name)
    return bool(key_of(plain)) and len(plain) <= LONGEST and "\x00" not in plain
