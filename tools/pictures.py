"""Take the README's pictures anew, from a demo academy that runs: `python tools/pictures.py http://localhost:8000`.

Take them of a demo that nobody has played with: `make demo FRESH=1`.
"""

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
PASSWORD = "learn-and-earn"  # noqa: S105 - everybody of a demo has it
ARGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


class Picture(NamedTuple):
    """Who sees which page in a window of what size."""

    name: str
    who: str
    address: str
    width: int
    height: int


ALL = (
    Picture("home", "partner", "/", 1360, 1000),
    Picture("home-phone", "partner", "/", 390, 844),
    Picture("what-if", "partner", "/what-if/", 1100, 900),
    Picture("earnings", "partner", "/earnings/", 1280, 860),
    Picture("studio", "manager", "/studio/partners/northlight-studio/", 1360, 1000),
)


def take(browser: Browser, academy: str, one: Picture) -> None:
    """One picture, in the light theme, without motion."""
    context = browser.new_context(
        base_url=academy,
        viewport={"width": one.width, "height": one.height},
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").first.fill(f"{one.who}@demo.academy")
    password = page.get_by_label("Password", exact=True).first
    if not password.is_visible():  # a phone shows one field at a time
        page.get_by_role("button", name="Continue").first.click()
    password.fill(PASSWORD)
    password.press("Enter")
    page.wait_for_url(lambda address: "/accounts/" not in address)
    page.goto(one.address)
    page.locator('[data-live-mark][data-state="live"]').wait_for(state="attached")
    page.screenshot(path=PICTURES / f"{one.name}.png")
    context.close()


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        for one in ALL:
            take(browser, sys.argv[1], one)
            print(PICTURES / f"{one.name}.png")
        browser.close()


if __name__ == "__main__":
    main()
