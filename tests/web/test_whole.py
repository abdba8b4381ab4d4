"""The demo academy as people meet it: the main job from sign-in to a moved rate, and every page under axe.

One academy for the whole file: the real command, its processes, its year of history.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect, sync_playwright

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


def signed_in(chromium: Browser, demo: Demo, who: str, *, width: int = 1440) -> BrowserContext:
    """Signed in as a person does it: address, password, one button."""
    context = chromium.new_context(base_url=demo.address, viewport={"width": width, "height": 844})
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

    stage = context.new_page()
    stage.set_viewport_size({"width": 1440, "height": 900})
    stage.goto("/demo/stage/")
    frame = stage.locator("[data-stage-lesson]")
    assert frame.get_attribute("src") == watching.get_by_role("link", name="Take the quiz").get_attribute("href")
    learning = frame.element_handle().content_frame()
    assert learning
    answer_rightly(learning, demo)

    expect(rate).to_have_text("14.65%")
    expect(watching.locator("#changed")).to_contain_text("14.65%, was 12.08%")
    expect(watching.locator("#changed")).to_contain_text("Gold, was Silver")
    expect(watching.locator(".rail [data-figure=tier]")).to_have_text("Gold")
    expect(learning.locator("main")).to_contain_text("Gold")
    expect(learning.locator("main")).to_contain_text("14.65%")
    expect(stage.locator("[data-figure=stage-tier]")).to_have_text("Gold")
    for figure, old in {"training": "54%", "tier": "Silver", "rate": "12.08%", "deal": "£120.80"}.items():
        moved = re.compile(rf"was {re.escape(old)} · \d+ ms later")
        expect(stage.locator(f"[data-note=stage-{figure}]")).to_have_text(moved)
    kinds = stage.locator("[data-stage-journal] li div small").all_inner_texts()
    assert kinds == ["rate.changed", "tier.changed", "certificate.issued", "module.completed", "quiz.passed"]
    verified = demo.command("verify", "--deep", "--json")
    assert (verified.returncode, json.loads(verified.stdout)["differences"]) == (0, [])
    context.close()


def test_a_deal_is_registered_on_a_phone_and_its_owner_sees_the_answer_at_once(chromium: Browser, demo: Demo) -> None:
    context = signed_in(chromium, demo, "owner", width=390)
    page = context.new_page()
    page.goto("/")
    page.locator("nav.tabs").get_by_role("link", name="Deals").click()
    page.get_by_role("link", name="Register a deal").click()
    page.get_by_label("Client").fill("Quarry Lane Bakery")
    page.get_by_label("Value").fill("1,000")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Quarry Lane Bakery")
    expect(page.locator("#deal")).to_contain_text("You hear by")
    expect(page.locator("#deal")).to_contain_text("£1,000.00 brings")
    expect(page.locator("[data-live-mark]")).to_have_attribute("data-state", "live")

    page.get_by_text("Give this deal up").click()
    page.get_by_role("button", name="Give it up").click()
    expect(page.locator("#deal .chip")).to_contain_text("Lost")
    context.close()


def answer_rightly(page: Page | Frame, demo: Demo) -> None:
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
    None: (
        "/accounts/login/",
        "/accounts/login/code/",
        "/accounts/password/reset/",
        "/sign-in/nothing/",
        "/invitations/nothing/",
        "/certificates/0000-0000-0000/",
        "/demo/",
        "/demo/mail/",
        "/style/",
        "/api/v1/docs",
    ),
    "newcomer": (
        "/welcome/",
        "/",
        "/deals/",
        "/earnings/",
        "/notices/",
        "/training/",
        "/what-if/",
        "/activity/",
        "/certificates/",
    ),
    "risk": ("/", "/certificates/", "/notices/", "/profile/notices/"),
    "owner": ("/team/", "/statements/", "STATEMENT", "/payee/", "/terms/"),
    "partner": (
        "/",
        "/training/",
        "/training/?minutes=15",
        "/training/catalogue/",
        "/training/history/",
        "/training/courses/discovery/",
        "LESSON",
        "QUIZ",
        "RESULT",
        "DONE",
        "/deals/",
        "/deals/new/",
        "DEAL",
        "/what-if/",
        "/earnings/",
        "/earnings/?state=ready",
        "EARNED",
        "/earnings/training/",
        "/team/",
        "/activity/",
        "/profile/",
        "/certificates/",
        "/training/catalogue/?q=discovry",
        "/search/?q=price",
        "/search/?q=discovry",
        "/search/?q=zzzz",
        "/nowhere/",
        "/demo/stage/",
        "/accounts/2fa/",
        "/accounts/2fa/webauthn/",
        "/accounts/password/change/",
        "/accounts/email/",
        "/accounts/sessions/",
        "/accounts/reauthenticate/",
    ),
    "admin": ("/studio/staff/", "STAFF", "SECOND_STEP"),
    "finance": ("/studio/close/", "CLOSE", "CHECKED", "/studio/payees/"),
    "manager": (
        "/studio/today/",
        "/studio/deals/",
        "/studio/deals/?q=zzzz",
        "/studio/deals/matching/",
        "STUDIO DEAL",
        "STUDIO CLAIM",
        "STUDIO LINE",
        "/studio/mail/",
        "/studio/terms/",
        "/notices/",
        "/studio/partners/",
        "/studio/partners/?q=zzzz",
        "/studio/partners/northlight-studio/",
        "/studio/partners/harbour-pine/?as_of=2026-01-01",
    ),
}
AMBER = "[...document.querySelectorAll('.btn:not(.quiet, .ghost, .danger, :disabled, [aria-disabled=true])')]"
# What is refused is refused with a status, of which a browser's console complains.
REFUSED = ("/nowhere/", "/sign-in/nothing/", "/invitations/nothing/", "/certificates/0000-0000-0000/")

OF_LESSONS = {
    "LESSON": "/training/lessons/{}/",
    "QUIZ": "/training/quizzes/{}/",
    "RESULT": "/training/quizzes/{}/result/",
    "DONE": "/training/lessons/{}/done/",
}


OF_PARTNER = (
    "select d.id from programme_deal d join people_partner p on p.id = d.partner_id"
    " where p.slug = 'northlight-studio' order by d.moved_at limit 1"
)
TO_ANSWER = (
    "select d.id from programme_deal d left join programme_claim c on c.deal_id = d.id"
    " where d.stage = 'registered' and c.id is null order by d.id limit 1"
)
EARNED = (
    "select l.id from programme_commissionline l join people_partner p on p.id = l.partner_id"
    " where p.slug = 'northlight-studio' order by l.effective_at limit 1"
)
OF_DEALS = {
    "EARNED": ("/earnings/lines/{}/", EARNED),
    "DEAL": ("/deals/{}/", OF_PARTNER),
    "STUDIO DEAL": ("/studio/deals/{}/", TO_ANSWER),
    "STUDIO CLAIM": ("/studio/deals/{}/", "select deal_id from programme_claim where decided_at is null limit 1"),
    "STUDIO LINE": ("/studio/lines/{}/", "select line_id from programme_linequestion limit 1"),
}


def address_of(demo: Demo, path: str) -> str:
    """LESSON and QUIZ name the first of the discovery course, RESULT and DONE what came of that quiz; STAFF the page
    of somebody of the house, SECOND_STEP what they have at sign-in, DEAL and its like what OF_DEALS finds. STATEMENT is
    the newest of the owner's company, CHECKED the same as finance sees it, CLOSE the month that it belongs to.
    """
    if path in ("STATEMENT", "CHECKED", "CLOSE"):
        ((number, programme, month),) = demo.ask(
            "select s.number, g.slug, to_char(c.month, 'YYYY-MM') from programme_statement s"
            " join programme_close c on c.id = s.close_id join programme_programme g on g.id = c.programme_id"
            " join people_membership m on m.partner_id = s.partner_id join people_person o on o.id = m.person_id"
            " where o.email = 'owner@demo.academy' and s.made_at is not null order by c.month desc limit 1"
        )
        if path == "CLOSE":
            return f"/studio/close/{programme}/{month}/"
        return f"/{'statements' if path == 'STATEMENT' else 'studio/statements'}/{number}/"
    if path in ("STAFF", "SECOND_STEP"):
        ((person,),) = demo.ask("select id from people_person where email = 'finance@demo.academy'")
        return f"/studio/staff/{person}/" + ("second-step/" if path == "SECOND_STEP" else "")
    if path in OF_DEALS:
        address, statement = OF_DEALS[path]
        ((found,),) = demo.ask(statement)
        return address.format(found)
    if path not in OF_LESSONS:
        return path
    kind = "article" if path == "LESSON" else "quiz"
    ((lesson,),) = demo.ask(
        "select el.lesson_id from learning_item i join learning_editionlesson el on el.edition_id = i.edition_id"
        " join learning_revision r on r.id = el.revision_id where i.slug = 'discovery'"
        " and r.kind = %s order by el.position limit 1",
        kind,
    )
    return OF_LESSONS[path].format(lesson)


@pytest.mark.parametrize("who", PAGES)
def test_nothing_to_complain_of(chromium: Browser, demo: Demo, who: str | None) -> None:
    """axe finds nothing, nothing scrolls sideways, the console is silent; on a phone and a desk, light and dark."""
    context = signed_in(chromium, demo, who) if who else chromium.new_context(base_url=demo.address)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    wrong: list[str] = []
    for path in PAGES[who]:
        said.clear()
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(address_of(demo, path))
        page.evaluate(AXE.read_text())
        for width in (1440, 390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            wrong += [f"{path} at {width}: {finding}" for finding in findings(page)]
        wrong += [f"{path}: console: {line}" for line in said if path not in REFUSED]
    assert wrong == []
    context.close()


def findings(page: Page) -> list[str]:
    """What a machine can see that is wrong with the page as it stands, in light and in dark."""
    found = []
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("it scrolls sideways")
    if page.evaluate(f"{AMBER}.filter((one) => one.checkVisibility()).length > 1"):
        found.append("two things are amber")
    found += complaints(page, "axe.run({rules: {'target-size': {enabled: true}}})")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # which changes colours and nothing else
    found += [f"in dark: {one}" for one in complaints(page, "axe.run({runOnly: ['color-contrast']})")]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found


@pytest.mark.parametrize("who", ["partner", "risk", "owner"])
def test_next_step_and_money_are_in_the_first_screenful_of_a_phone(chromium: Browser, demo: Demo, who: str) -> None:
    context = signed_in(chromium, demo, who, width=390)
    page = context.new_page()
    page.goto("/")

    bottom = page.evaluate("document.querySelector('#money').getBoundingClientRect().bottom")
    tabs = page.evaluate("document.querySelector('nav.tabs').getBoundingClientRect().top")

    assert bottom <= tabs
    context.close()


def complaints(page: Page, run: str) -> list[str]:
    """What axe has to say, each with the first places."""
    said = page.evaluate(f"{run}.then(result => result.violations)")
    return [
        f"{violation['id']} at {', '.join(' '.join(map(str, node['target'])) for node in violation['nodes'][:3])}"
        for violation in said
    ]
