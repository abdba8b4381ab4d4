"""Finding things by their words, in their own language, however many there are."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from academy.search.actions import put_entries, remove_entries
from academy.search.models import Entry
from academy.search.queries import Found, find, matching, near
from academy.search.rules import NewEntry, clean, configuration, snippet_html

pytestmark = pytest.mark.django_db


def put(title: str, text: str = "", **more: Any) -> NewEntry:
    entry = NewEntry(**{"kind": "lesson", "thing": uuid4(), "url": "/x/", "title": title, "text": text, **more})
    put_entries([entry])
    return entry


def titles(found: list[Found]) -> list[str]:
    return [hit.title for hit in found]


def test_words_are_found_by_their_stem_and_marked() -> None:
    entry = put("Pricing", "You negotiated the price of the <b>retainer</b> & won.", summary="Prices.")
    assert find("negotiating retainers", staff=False) == [
        Found(
            "lesson",
            entry.thing,
            "Pricing",
            "/x/",
            "Prices.\nYou <mark>negotiated</mark> the price of the  <mark>retainer</mark>",
            "en",
        )
    ]


def test_a_title_ranks_before_a_text() -> None:
    put("Other", "All about budgets and more budgets.")
    put("Budgets", "Other words.")
    assert titles(find("budget", staff=False)) == ["Budgets", "Other"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ('"discovery call"', ["One"]),
        ("discovery -call", ["Two"]),
        ("call or brief", ["One", "Two"]),
        ("the", []),
        ("", []),
        ("   ", []),
        ("\x00", []),
        ("':* & | !(", []),
        ("<script>", []),
    ],
)
def test_the_words_of_a_search(asked: str, expected: list[str]) -> None:
    put("One", "A discovery call.")
    put("Two", "Discovery, and a brief for the call of call centres".replace("call", "xyz"))
    assert sorted(titles(find(asked, staff=False))) == expected


def test_each_entry_is_searched_in_its_own_language() -> None:
    put("Řízení toků", "Správa prostředí a zásad pro data.", language="cs")
    put("Verträge", "Die Verhandlungen über Preise.", language="de")
    put("Flows", "Managing environments.", language="en")
    assert titles(find("prostředí", staff=False)) == ["Řízení toků"]
    assert titles(find("prostredi", staff=False)) == ["Řízení toků"]
    assert titles(find("Verhandlung", staff=False)) == ["Verträge"]
    assert titles(find("vertrag preis", staff=False)) == ["Verträge"]
    assert find("prostredi", staff=False)[0].snippet == "Správa <mark>prostředí</mark> a zásad pro data"


def test_the_readers_language_comes_first() -> None:
    put("Power BI", "Reports.", language="cs")
    put("Power BI too", "Reports.", language="en")
    assert [hit.language for hit in find("power", staff=False, language="en")] == ["en", "cs"]
    assert [hit.language for hit in find("power", staff=False, language="cs")] == ["cs", "en"]


def test_titles_that_look_alike_where_no_words_fit() -> None:
    put("Discovery that finds the budget")
    put("Pricing")
    found = find("discvery budgt", staff=False)
    assert [(hit.title, hit.near) for hit in found] == [("Discovery that finds the budget", True)]
    assert titles(near("pricng", staff=False)) == ["Pricing"]


def test_what_is_for_the_staff_is_found_by_the_staff_alone() -> None:
    put("Margins", "Secret margins.", audience="staff")
    assert titles(find("margins", staff=True)) == ["Margins"]
    assert find("margins", staff=False) == []
    assert find("margns", staff=False) == []


def test_kinds_and_limits() -> None:
    for number in range(5):
        put(f"Course {number}", kind="course")
    put("Course lesson")
    assert len(find("course", staff=False, limit=3)) == 3
    assert titles(find("course", staff=False, kinds=["lesson"])) == ["Course lesson"]
    assert len(matching("course", staff=False, language="en", limit=9, kinds=["course"])) == 5


def test_putting_again_changes_and_removing_removes() -> None:
    entry = put("Before", "apples")
    put("After", "pears", thing=entry.thing)
    assert titles(find("pears", staff=False)) == ["After"]
    assert find("apples", staff=False) == []
    assert (remove_entries("course", [entry.thing]), remove_entries("lesson", [])) == (0, 0)
    assert remove_entries("lesson", [entry.thing]) == 1
    assert Entry.objects.count() == 0


def test_many_are_put_a_few_at_a_time(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    entries = (NewEntry("lesson", UUID(int=number), f"Title {number}", "/x/") for number in range(450))
    with django_assert_num_queries(5):  # savepoint, three statements, release
        assert put_entries(entries) == 450


def test_texts_that_are_too_long_or_hold_control_characters() -> None:
    put("T\x00itle" + "x" * 400, "a\x02b " + "word " * 100_000)
    entry = Entry.objects.get()
    assert (len(entry.title), len(entry.text), "\x02" in entry.text) == (300, 200_000, False)


def test_snippets_are_safe_and_languages_known() -> None:
    assert snippet_html("<i>\x02a\x03</i>") == "&lt;i&gt;<mark>a</mark>&lt;/i&gt;"
    assert clean("a\x00\tb\n\x7f") == "a \tb\n\x7f"
    assert [configuration(code) for code in ("en", "pt-BR", "cs", "")] == [
        "academy_english",
        "academy_portuguese",
        "academy_simple",
        "academy_simple",
    ]


def test_both_ways_use_their_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into search_entry (kind, thing, title, summary, text, url, language, audience, plain, words)
               select 'lesson', gen_random_uuid(), 'Title ' || n, '', '', '/x/', 'en', 'everyone',
                      'title ' || md5(n::text),
                      to_tsvector('academy_english', case when n % 500 = 0 then 'rare' else md5(n::text) end)
                 from generate_series(1, 3000) as n"""
        )
        # What was just written waits in a list of the index, which makes it look dear until it is put in.
        cursor.execute("select gin_clean_pending_list('entry_words'), gin_clean_pending_list('entry_plain_trigrams')")
        cursor.execute("analyze search_entry")
        cursor.execute("set local enable_seqscan = off")  # with so few rows reading them all may be quicker
        cursor.execute(
            """explain select 1 from (select websearch_to_tsquery('academy_english'::regconfig, 'rare') as query) a
                 join search_entry e on e.words @@ a.query"""
        )
        by_words = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("explain select 1 from search_entry where 'abcdef' <% plain")
        by_title = "\n".join(row[0] for row in cursor.fetchall())
    assert "entry_words" in by_words
    assert "entry_plain_trigrams" in by_title
