"""Sentences of places that know no language: whole in English, and translatable at the edge; several at once."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from academy.core.errors import Conflict, NotFound, Refused, Text, Wrong
from academy.core.money import parse_amount
from academy.web import refusals

SPOKEN = {
    "“%(text)s” is not an amount. Write it like 1200.50.": "To není částka: %(text)s.",
    "%(where)s: %(wrong)s": "%(where)s, %(wrong)s",
    "At least %(least)s.": "Nejméně %(least)s.",
    "100% sure": "Na 100 % jisté",
}


@pytest.fixture(autouse=True)
def _czech(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(refusals, "gettext", lambda text: SPOKEN.get(text, text))
    with translation.override("cs"):
        yield


def test_a_text_is_the_whole_sentence_and_remembers_its_parts() -> None:
    text = Text("At least %(least)s.", least=6)
    assert (text, text.message, text.values) == ("At least 6.", "At least %(least)s.", {"least": 6})
    assert Text("100% sure") == "100% sure"


def test_it_is_said_in_another_language_with_the_same_things_in_it() -> None:
    inner = Text("At least %(least)s.", least=6)
    outer = Text("%(where)s: %(wrong)s", where="enter.all[0]", wrong=inner)
    assert (str(outer), refusals.in_words(outer)) == ("enter.all[0]: At least 6.", "enter.all[0], Nejméně 6.")
    assert refusals.in_words(Text("100% sure")) == "Na 100 % jisté"
    assert [refusals.in_words(plain) for plain in ("", "Unknown to translators, 100%")] == [
        "",
        "Unknown to translators, 100%",
    ]


def test_a_refusal_from_below_is_translated_whole_and_by_field() -> None:
    with pytest.raises(Refused) as raised:
        parse_amount("a lot", "GBP")
    refused = raised.value
    refused.fields = {"amount": Text("At least %(least)s.", least=1)}
    assert refused.sentence == "“a lot” is not an amount. Write it like 1200.50."
    refusals.translate(refused)
    assert (refused.sentence, refused.fields) == ("To není částka: a lot.", {"amount": "Nejméně 1."})


def test_what_is_wrong_is_told_of_each_field_at_once() -> None:
    wrong = Wrong()
    wrong.tell()  # nothing is, so far
    refusals_met = [
        Conflict("Twice.", fields={"client": "Twice."}),
        Refused("Too much.", fields={"amount": "Too much."}),
        Refused("Both.", fields={"client": "Never said.", "month": "Gone."}),
    ]
    for one in refusals_met:
        with wrong.gathered():
            raise one
    with pytest.raises(Conflict) as told:
        wrong.tell()
    assert told.value.sentence == "Twice."
    assert told.value.fields == {"client": "Twice.", "amount": "Too much.", "month": "Gone."}


def test_what_is_refused_of_no_field_is_not_gathered() -> None:
    wrong = Wrong()
    with pytest.raises(NotFound), wrong.gathered():
        raise NotFound
    assert wrong.refused == []
