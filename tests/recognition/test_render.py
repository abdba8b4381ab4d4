"""A certificate on paper: what it says, that it can be read without eyes, and that it is the same each time."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from academy.core.errors import Refused
from academy.recognition.certificates.render import Paper, render

from .paper_reading import lines, streams

SERIAL = "7K2M-Q4ZD-0VXB"
ADDRESS = f"https://academy.example/certificates/{SERIAL}/"


def paper(**changes: Any) -> Paper:
    """A certificate that was earned by two modules."""
    said: dict[str, Any] = {
        "serial": SERIAL,
        "title": "Discovery lead",
        "summary": "Finds the money.",
        "holder": "Ada Lovelace",
        "issued_at": datetime(2026, 3, 2, 9, 0, 0, 123_456, tzinfo=UTC),  # as real ones are
        "expires_at": datetime(2028, 3, 2, 9, tzinfo=UTC),
        "proved": ["Find the problem", "Put a number on it"],
        "address": ADDRESS,
        "zone": UTC,
    }
    return Paper(**(said | changes))


def test_it_says_who_has_proved_what_and_where_to_check_it() -> None:
    assert lines(render(paper())) == [
        "SISO Academy",
        "CERTIFICATE",
        "Discovery lead",
        "This certifies that it was earned by",
        "Ada Lovelace",
        "Finds the money.",
        "Proved by passing",
        "•",
        "Find the problem",
        "•",
        "Put a number on it",
        "Issued",
        "2 March 2026",
        "Valid until",
        "2 March 2028",
        "Number",
        SERIAL,
        "Check it here:",
        "academy.example/",
        f"certificates/{SERIAL}/",
    ]


def test_its_days_are_those_where_the_holder_lives() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    said = lines(render(paper(issued_at=late, expires_at=late, zone=ZoneInfo("Europe/Prague"))))
    assert [said[said.index(label) + 1] for label in ("Issued", "Valid until")] == ["3 March 2026", "3 March 2026"]


def test_it_can_be_read_without_eyes() -> None:
    pdf = render(paper())
    held = b"\n".join([pdf, *streams(pdf)])

    assert set(re.findall(rb"/Alt ?\(([^)]*)\)", held)) == {f"QR code that leads to {ADDRESS}".encode()}
    assert re.findall(rb"/URI ?\(([^)]*)\)", held) == [ADDRESS.encode()] * held.count(b"/URI(")
    assert re.findall(rb"/Lang ?\(([^)]*)\)", held) == [b"en"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in held
    assert b"Discovery lead \xc2\xb7 Ada Lovelace" in held
    assert held.count(b"/Type/Page/") == 1


def test_a_certificate_for_life_has_no_end() -> None:
    assert "Valid until" not in lines(render(paper(expires_at=None)))


def test_it_is_the_same_each_time() -> None:
    assert render(paper()) == render(paper())


def test_no_name_is_markup() -> None:
    hostile = ["*bold* #panic() $x$ `code`", "\\ @ref <label>", '#include "/etc/passwd"']

    said = lines(render(paper(holder=hostile[0], title=hostile[1], proved=hostile[2:])))

    assert [text for text in hostile if text not in said] == []


@pytest.mark.parametrize("name", ["Šárka Dvořáková", "Łukasz Żak", "Ελένη Παπαδοπούλου", "Анна Каренина"])
def test_names_of_europe_are_written(name: str) -> None:
    assert name.replace(" ", "") in "".join(lines(render(paper(holder=name)))).replace(" ", "")


def test_long_titles_and_many_modules_stay_on_one_page() -> None:
    pdf = render(
        paper(
            title="Advanced certificate in pricing, negotiating and renewing retainers for software and AI services",
            holder="Maximiliana Konstantinopolitanska-Wolfeschlegelstein von und zu Hohenlohe-Langenburg",
            summary="Prices by value. " * 12,
            proved=[f"Module {number} with a title of a usual length" for number in range(14)],
        )
    )

    assert pdf.count(b"/Type/Page/") == 1
    assert "and 4 more" in lines(pdf)


def test_letters_that_no_font_has_are_refused_in_words() -> None:
    with pytest.raises(Refused) as refused:
        render(paper(holder="\U00013080"))  # a hieroglyph: the eye of Horus

    assert str(refused.value) == "A letter of this paper is in no font of this server. Ask the academy to add one."


def test_dates_are_written_in_the_readers_language() -> None:
    with translation.override("fr"):
        said = lines(render(paper()))

    assert "2 mars 2026" in said
