"""The catalogues of texts: find every text, bring each language up to date, compile what is translated.

`python tools/translations.py` does all three; with languages, such as `cs pt_BR`, it begins those first.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

# A refusal's sentence is translated where it is told, so that chapters without Django can refuse in plain English.
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "Refused": None,
    "NotFound": None,
    "Forbidden": None,
    "Conflict": None,
    "Text": None,
}
ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)  # the date of the template, which changes when a text does, not each day
HEADER = """\
# The texts of SISO Academy, made by `make translations`; docs/translating.md says how to work with them.
#"""
ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "academy"
CATALOGUES = SOURCES / "locale"
TEMPLATE = CATALOGUES / "django.pot"


def texts() -> Catalog:
    """Every text of the house that is marked to be translated, with what was said to translators about it."""
    with (ROOT / "babel.cfg").open() as written:
        methods, options = parse_mapping_cfg(written)  # type: ignore[no-untyped-call]
    found = _catalogue(creation_date=ALWAYS)
    for file, _line, message, comments, context in extract_from_dir(
        SOURCES, methods, options, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    ):
        # A file but no line: a text that only moved changes no catalogue.
        found.add(message, None, [(f"academy/{file}", 0)], auto_comments=comments, context=context)
    return found


def _catalogue(language: str | None = None, creation_date: datetime | None = None) -> Catalog:
    return Catalog(
        locale=language,
        header_comment=HEADER,
        project="SISO Academy",
        version="1",
        msgid_bugs_address="see the README",
        charset="utf-8",
        fuzzy=False,
        creation_date=creation_date,
    )


def begin(language: str) -> None:
    """An empty catalogue for a language that has none. Raises UnknownLocaleError for what is no language."""
    Locale.parse(language)
    file = CATALOGUES / language / "LC_MESSAGES" / "django.po"
    if not file.exists():
        file.parent.mkdir(parents=True)
        _write(_catalogue(language), file)


def renew(file: Path, found: Catalog) -> int:
    """Bring one language up to date and compile it; how many texts it still lacks. Guesses are never compiled."""
    with file.open("rb") as written:
        catalogue = read_po(written, locale=file.parent.parent.name)
    catalogue.update(found, no_fuzzy_matching=True)
    _write(catalogue, file)
    with file.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, catalogue)
    return sum(not _is_translated(message.string) for message in catalogue if message.id)


def _is_translated(string: str | list[str] | tuple[str, ...] | None) -> bool:
    return bool(string) if string is None or isinstance(string, str) else all(string)


def _write(catalogue: Catalog, file: Path) -> None:
    with file.open("wb") as written:
        write_po(written, catalogue, sort_output=True, include_lineno=False, ignore_obsolete=True, width=100)


def main() -> int:
    """Do all of it and say what came of it."""
    CATALOGUES.mkdir(exist_ok=True)
    for language in sys.argv[1:]:
        begin(language)
    found = texts()
    _write(found, TEMPLATE)
    print(f"{len(found)} texts in {TEMPLATE.relative_to(ROOT)}")
    for file in sorted(CATALOGUES.glob("*/LC_MESSAGES/django.po")):
        lacking = renew(file, found)
        print(f"{file.parent.parent.name}: {lacking} still to translate, in {file.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
