"""What the search knows without looking: languages, marks in snippets, what an entry is."""

import html
from dataclasses import dataclass
from uuid import UUID

# The stemmers that PostgreSQL has, each as a configuration of ours that first takes the accents away.
STEMMED = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "tr": "turkish",
}
CONFIGURATIONS = {language: f"academy_{name}" for language, name in STEMMED.items()}
PLAIN = "academy_simple"

EVERYONE, STAFF = "everyone", "staff"
MOST_TEXT = 200_000  # characters; PostgreSQL refuses the words of a text that is too long
START, STOP = "\x02", "\x03"  # stand for the marks until the snippet is escaped; never in an entry's text


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be findable. `audience` is everyone (who is signed in) or staff; `url` is a path of ours."""

    kind: str
    thing: UUID
    title: str
    url: str
    summary: str = ""
    text: str = ""
    language: str = "en"
    audience: str = EVERYONE


def configuration(language: str) -> str:
    """The text search configuration of a language such as `en` or `pt-BR`; words without a stemmer stay whole."""
    return CONFIGURATIONS.get(language.lower().partition("-")[0], PLAIN)


def clean(text: str) -> str:
    """A text that can be stored and marked: no control characters, and not longer than can be indexed."""
    return "".join(c if c >= " " or c in "\n\t" else " " for c in text[:MOST_TEXT])


def snippet_html(headline: str) -> str:
    """A headline with our marks, as safe HTML in which only the marks are tags."""
    return html.escape(headline).replace(START, "<mark>").replace(STOP, "</mark>")
