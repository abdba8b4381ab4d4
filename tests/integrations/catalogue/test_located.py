"""YAML by lines; whatever is wrong with it is a sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.integrations.catalogue.files import UnreadableError
from academy.integrations.catalogue.located import Fields, Scalar, load
from academy.learning.catalog.rules import Problem


def refusal(text: str) -> tuple[int, str]:
    with pytest.raises(UnreadableError) as caught:
        load("a.yaml", text, first_line=10)
    return (caught.value.problem.line, caught.value.problem.reason)


def fields(text: str) -> tuple[Fields, list[Problem]]:
    problems: list[Problem] = []
    return Fields("a.yaml", load("a.yaml", text), problems), problems


def test_values_stay_as_they_were_written() -> None:
    read, problems = fields("a: True\nb: 1.10\nc: 2024-01-02\nd: '~'\ne: ~\nf:\ng: |\n  one\n  two\n")
    assert [read.text(name, "none") for name in "abcdefgh"] == [
        *("True", "1.10", "2024-01-02", "~", "none", "none", "one\ntwo", "none")
    ]
    assert problems == []


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: [1\nb: 2", 11, "This is not YAML: did not find expected ',' or ']'."),
        ("a: b: c", 10, "This is not YAML: mapping values are not allowed in this context."),
        ("a: 1\na: 2", 11, "“a” stands here twice."),
        ("a: &x 1\nb: *x", 11, "Aliases and tags of YAML are not used here. Write the value out."),
        ("\na: !!python/object:os.system x", 11, "Aliases and tags of YAML are not used here. Write the value out."),
        ("a: 1\n---\nb: 2", 11, "There is more than one document."),
        ("[" * 40 + "]" * 40, 10, "This is nested too deeply."),
        ("a:\n  [b]: c", 11, "A name is expected here."),
        ('a: "x\\0y"', 10, "There is a character in this value that no text has."),
        ('a: "\\uD800"', 10, "This is not YAML: found invalid Unicode character escape code."),
    ],
)
def test_what_is_refused(text: str, line: int, reason: str) -> None:
    assert refusal(text) == (line, reason)


def test_characters_that_yaml_does_not_allow() -> None:
    line, reason = refusal("a: 1\nb: \x07")
    assert (line, reason) == (11, "This is not YAML: there is a character that it does not allow.")


def test_a_very_deep_or_very_wide_file_is_refused_quickly() -> None:
    assert refusal("[" * 100_000)[1] == "This is nested too deeply."
    assert refusal("{a: " * 100_000)[1] == "This is nested too deeply."


def test_with_a_list_what_stands_twice_is_noted_and_the_last_counts() -> None:
    notes: list[Problem] = []
    node = load("a.yaml", "a: 1\na: 2", repeated=notes)
    assert Fields("a.yaml", node, []).text("a") == "2"
    assert [(note.line, note.reason) for note in notes] == [(2, "“a” stands here twice; the last one counts.")]


def test_what_is_missing_or_of_another_kind_is_told_with_its_line() -> None:
    read, problems = fields("a: [x, y]\nb: {c: d}\nn: seven\nf: perhaps\nl:\n  - x\n  - [y]\nm: word\n")
    read.text("a")
    read.text("gone", None)
    read.number("n")
    read.number("big")
    read.flag("f")
    assert read.texts("l") == ("x",)
    read.texts("none", needed=True)
    assert list(read.each("m")) == []
    assert list(read.each("none")) == []
    read.only("a", "b", "n", "f", "l")
    assert [(problem.line, problem.reason) for problem in problems] == [
        (1, "“a” is a single text."),
        (1, "“gone” is missing."),
        (3, "“n” is a whole number, not “seven”."),
        (1, "“big” is missing."),
        (4, "“f” is true or false, not “perhaps”."),
        (5, "“l” is a list of texts."),
        (1, "“none” is missing."),
        (8, "“m” is a list."),
        (8, "“m” is not known here. Known are a, b, n, f, l."),
    ]


def test_what_is_no_mapping_at_all() -> None:
    problems: list[Problem] = []
    read = Fields("a.yaml", load("a.yaml", "just words"), problems)
    assert (read.text("title"), problems[0].reason) == ("", "Names with values are expected here.")
    assert load("a.yaml", "") == Scalar(1, None)


def test_places_know_their_parts() -> None:
    read, _ = fields("title: x\nskills:\n  - a\n  - b\nchoices:\n  - {id: a}\n")
    place = read.place(text=9)
    wanted = ("title", "skills", "skills.1", "choices.0", "choices.0.id", "text")
    assert [place.lines[name] for name in wanted] == [1, 3, 4, 6, 6, 9]
    assert read.lines_of("skills") == [3, 4]
    assert read.lines_of("title") == []


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("ab: -[]{}#&*!|>'\"%@`,?~\n\t\x00\x85\ud7ff0é")), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    most = text.count("\n") + text.count("\x85") + 2
    try:
        line = load("a.yaml", text).line
    except UnreadableError as error:
        line = error.problem.line
    assert 1 <= line <= most
