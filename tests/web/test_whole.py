"""The demo academy as people meet it: the main job from sign-in to a moved rate, and every page under axe.

One academy for the whole file: the real command, its processes, its year of history.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from academy import postgres

from .test_shell_browser import ARGS, AXE, CHROMIUM

PASSWORD = "learn-and-earn"  # as the terminal prints it

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("demo"),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]


@dataclass(frozen=True)
class Demo:
    """A running demo academy."""

    folder: Path
    address: str

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACADEMY_", "DATABASE_"))}
        return kept | {"ACADEMY_DATA_DIR": str(self.folder), "ACADEMY_ENV": "demo", "COLUMNS": "200"}

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "academy.cli", *arguments],
            env=self.environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(postgres.ensure(self.folder).url) as connection:
            return connection.execute(statement, values).fetchall()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo") / "data"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Demo(folder, f"http://localhost:{port}")
    process = subprocess.Popen(
        [sys.executable, "-m", "academy.cli", "demo", "--port", str(port)],
        env=made.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(1200):
            try:
                if urlopen(f"{made.address}/healthz", timeout=5).status == 200:
                    break
            except (URLError, OSError):
                time.sleep(0.25)
            assert process.poll() is None, "the demo ended by itself"
        yield made
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder.parent, ignore_errors=True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


def signed_in(
    chromium: Browser, demo: Demo, who: str, *, width: int = 1360, scheme: Literal["light", "dark"] = "light"
) -> BrowserContext:
    """Signed in as a person does it: address, password, one button."""
    context = chromium.new_context(
        base_url=demo.address,
        viewport={"width": width, "height": 844},
        color_scheme=scheme,
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").first.fill(f"{who}@demo.academy")
    password = page.get_by_label("Password", exact=True).first
    if not password.is_visible():
        page.get_by_role("button", name="Continue").first.click()
    password.fill(PASSWORD)
    password.press("Enter")
    page.wait_for_url(lambda address: "/accounts/" not in address)
    page.close()
    return context


def test_a_quiz_passed_moves_tier_and_rate_in_every_open_tab(chromium: Browser, demo: Demo) -> None:
    context = signed_in(chromium, demo, "partner", width=390)
    watching = context.new_page()
    watching.goto("/")
    expect(watching.locator("#next h2")).to_have_text("One quiz from Gold")
    rate = watching.locator("#money [data-figure=rate]")
    expect(rate).to_have_text("12.08%")
    expect(watching.locator("[data-live-mark]")).to_have_attribute("data-state", "live")

    learning = context.new_page()
    learning.goto("/")
    learning.get_by_role("link", name="Take the quiz").click()
    answer_rightly(learning, demo)

    expect(rate).to_have_text("14.65%")
    expect(watching.locator("#changed")).to_contain_text("14.65%, was 12.08%")
    expect(watching.locator("#changed")).to_contain_text("Gold, was Silver")
    expect(learning.locator("main")).to_contain_text("Gold")
    expect(learning.locator("main")).to_contain_text("14.65%")
    verified = demo.command("verify", "--deep", "--json")
    assert (verified.returncode, json.loads(verified.stdout)["differences"]) == (0, [])
    context.close()


def answer_rightly(page: Page, demo: Demo) -> None:
    """Tick what is right in every question of the open attempt, as somebody who has read the lessons."""
    page.wait_for_load_state()
    rows = demo.ask(
        "select asked.id, q.value from learning_attempt a join learning_revision r on r.id = a.revision_id"
        " join people_person p on p.id = a.person_id"
        " cross join unnest(a.questions) with ordinality asked(id, place)"
        " join jsonb_array_elements(r.quiz->'questions') q on q.value->>'id' = asked.id"
        " where p.email = %s and a.submitted_at is null order by asked.place",
        "partner@demo.academy",
    )
    for position, (_, question) in enumerate(rows, 1):
        shown = page.locator(f'[data-question="{position}"]')
        for choice in question["choices"]:
            if choice.get("correct"):
                shown.locator(f'input[value="{choice["id"]}"]').check()
        if position < len(rows):
            page.get_by_role("button", name="Next question").click()
    page.get_by_role("button", name="Check").click()
    page.wait_for_load_state()


PAGES = {
    None: ("/accounts/login/", "/accounts/password/reset/", "/demo/", "/demo/mail/", "/style/", "/api/v1/docs"),
    "newcomer": ("/welcome/", "/", "/notices/", "/training/", "/what-if/", "/activity/", "/certificates/"),
    "risk": ("/", "/certificates/", "/notices/", "/profile/notices/"),
    "owner": ("/team/",),
    "partner": (
        "/",
        "/training/",
        "/training/?minutes=15",
        "/training/catalogue/",
        "/training/history/",
        "/training/courses/discovery/",
        "LESSON",
        "QUIZ",
        "/what-if/",
        "/team/",
        "/activity/",
        "/profile/",
        "/search/?q=price",
        "/search/?q=zzzz",
        "/nowhere/",
    ),
    "manager": ("/studio/mail/", "/notices/", "/studio/partners/", "/studio/partners/northlight-studio/"),
}


def address_of(demo: Demo, path: str) -> str:
    """LESSON and QUIZ name the first of the discovery course."""
    if path not in ("LESSON", "QUIZ"):
        return path
    kind = "quiz" if path == "QUIZ" else "article"
    ((lesson,),) = demo.ask(
        "select el.lesson_id from learning_item i join learning_editionlesson el on el.edition_id = i.edition_id"
        " join learning_revision r on r.id = el.revision_id where i.slug = 'discovery'"
        " and r.kind = %s order by el.position limit 1",
        kind,
    )
    return f"/training/quizzes/{lesson}/" if path == "QUIZ" else f"/training/lessons/{lesson}/"


@pytest.mark.parametrize("who", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_to_complain_of(
    chromium: Browser, demo: Demo, who: str | None, scheme: Literal["light", "dark"]
) -> None:
    """axe finds nothing, nothing scrolls sideways, the console is silent; on a phone and a desk, light and dark."""
    if who:
        context = signed_in(chromium, demo, who, scheme=scheme)
    else:
        context = chromium.new_context(base_url=demo.address, color_scheme=scheme)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    wrong: list[str] = []
    for path in PAGES[who]:
        said.clear()
        page.goto(address_of(demo, path))
        page.evaluate(AXE.read_text())
        for width in (1360, 390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            wrong += [f"{path} at {width}: {finding}" for finding in findings(page, axe=width != 320)]
        wrong += [f"{path}: console: {line}" for line in said if path != "/nowhere/"]
    assert wrong == []
    context.close()


def findings(page: Page, *, axe: bool) -> list[str]:
    """What a machine can see that is wrong with the page as it stands."""
    found = []
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("it scrolls sideways")
    if axe:
        for violation in page.evaluate("axe.run().then(result => result.violations)"):
            targets = ", ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:3])
            found.append(f"{violation['id']} at {targets}")
    return found
