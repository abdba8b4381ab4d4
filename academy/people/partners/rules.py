"""What a partner is called in an address."""

import re
import unicodedata
from collections.abc import Iterator


def slug_of(name: str) -> str:
    """A name as it stands in an address: `Köln & Söhne Ltd` is `koln-sohne-ltd`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "partner"


def slugs(name: str) -> Iterator[str]:
    """Addresses to try for a name, the plain one first."""
    first = slug_of(name)
    yield first
    for number in range(2, 1000):
        yield f"{first}-{number}"
