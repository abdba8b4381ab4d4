"""Titles that came in the wrong language, and the table beside the set that mends them."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from academy.integrations.catalogue.files import Files, decoded

Titles = Mapping[str, Mapping[str, str]]  # by uid, then by language


@dataclass(frozen=True, slots=True)
class Mended:
    """A title, and whether the one that was given was in another language."""

    title: str
    mended: bool


def titles_beside(files: Files) -> Titles:
    """Tables of titles among the files, or in the folder that holds theirs: `uid` and columns such as `title_en`."""
    texts = [files.text(name) for name in files.names() if name.endswith(".csv")]
    if not texts and files.beside:
        texts = [decoded(path.name, path.read_bytes()) for path in _tables(files.beside.parent)]
    titles: dict[str, dict[str, str]] = {}
    for text in texts:
        for row in csv.DictReader(io.StringIO(text)):
            said = {key[6:]: value for key, value in row.items() if key and key.startswith("title_") and value}
            if row.get("uid") and said:
                titles[row["uid"]] = said
    return titles


def _tables(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*titles*.csv")) if path.is_file() and not path.is_symlink()]


def mend(titles: Titles, uid: str, language: str, given: str) -> Mended:
    """The title in this language, if the one given is the table's in another; else the one given."""
    known = titles.get(uid, {})
    right = known.get(language)
    wrong = any(said == given for other, said in known.items() if other != language)
    return Mended(right, True) if right and wrong and right != given else Mended(given, False)
