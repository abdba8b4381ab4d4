"""Blocks of Home that fail: each says so, the rest stands, and nothing of it is kept."""

import re
from typing import Any

import pytest
from django.test import Client
from structlog.testing import capture_logs

from academy.core import clock
from academy.people.accounts.models import Person
from academy.web import kept
from academy.web.partner.home import blocks as shown

from ...factories import signed_in
from ...worlds import World, a_world, days, read_lesson, win
from ..reading import plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_kept")]
# What works a block out, and what the block is called where it could not be.
BLOCKS = {
    "changed": ("_changes", "What changed"),
    "next": ("next_view", "Your next step"),
    "money": ("_money", "Money"),
    "tier": ("_tier", "Tier"),
    "rate": ("rate_lines", "How the rate is made"),
    "training": ("_training", "Your training"),
    "continue": ("_begun", "Continue"),
}
SAYS = "This could not be shown just now. What else stands here is right. Try again"


@pytest.fixture
def world() -> World:
    """A partner who has read and sold."""
    at = clock.now() - days(3)
    made = a_world(at, lessons=2)
    Person.objects.update(welcomed_at=at)
    read_lesson(made.owner, made.course.lessons[made.course.modules[0]][0], now=at + days(1))
    win(made.partner, 150_000, at=at + days(1))
    return made


@pytest.fixture
def browser(world: World) -> Client:
    return signed_in(Person.objects.get(pk=world.owner.person_id))


def blocks(browser: Client) -> dict[str, str]:
    """The words of each block of Home."""
    answer = browser.get("/")
    assert answer.status_code == 200
    text = answer.content.decode().split("<main")[1].split("</main>")[0]
    starts = sorted((text.index(f'id="{name}"'), name) for name in BLOCKS)
    ends = [start for start, _ in starts[1:]] + [len(text)]
    cut = {name: text[start:end] for (start, name), end in zip(starts, ends, strict=True)}
    return {name: plain("<" + part.rpartition("<")[0]) for name, part in cut.items()}


def broken(*_: Any, **__: Any) -> None:
    raise ZeroDivisionError("nobody expected this")


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_that_fails_says_so_and_the_rest_stands(
    browser: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    whole = blocks(browser)
    kept.forget()
    function, title = BLOCKS[name]
    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(shown, function, broken)
        assert blocks(browser) == whole | {name: f"{title} {SAYS}"}
        part = browser.get("/", headers={"X-Parts": name}).content.decode()
    assert (f'id="{name}"' in part, SAYS in plain(part)) == (True, True)
    told = {(line["event"], line["block"], line["log_level"]) for line in logs if line["event"] == "block_failed"}
    assert told == {("block_failed", name, "error")}
    assert blocks(browser) == whole  # nothing of it was kept


def test_what_cannot_be_read_fails_only_where_it_is_shown(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = blocks(browser)
    kept.forget()
    monkeypatch.setattr(shown, "prospects", broken)
    seen = blocks(browser)
    assert {name for name in BLOCKS if seen[name] != whole[name]} == {"next", "training", "continue"}


def test_the_way_out_of_a_failed_block_is_the_page_again(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "_money", broken)
    text = browser.get("/?from=mail").content.decode()
    assert re.findall(r'href="([^"]*)">Try again', text) == ["/?from=mail"]
