"""The demo academy as people meet it: the main job from sign-in to a moved rate."""

import json
import re

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from .demo import Demo, signed_in
from .test_shell_browser import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("demo"),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]


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
    assert stage.evaluate("document.documentElement.scrollHeight") == 900, "the lesson's buttons are out of sight"
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


@pytest.mark.parametrize("who", ["partner", "risk", "owner"])
def test_next_step_and_money_are_in_the_first_screenful_of_a_phone(chromium: Browser, demo: Demo, who: str) -> None:
    context = signed_in(chromium, demo, who, width=390)
    page = context.new_page()
    page.goto("/")

    bottom = page.evaluate("document.querySelector('#money').getBoundingClientRect().bottom")
    tabs = page.evaluate("document.querySelector('nav.tabs').getBoundingClientRect().top")

    assert bottom <= tabs
    context.close()
