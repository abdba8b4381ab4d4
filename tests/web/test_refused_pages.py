"""The pages of refusals under axe: those to which no address of the demo leads, for who is signed in and for strangers.

What is not there, not allowed or spoilt in an address is walked with all other pages (test_whole_pages.py).
"""

import pytest
from django.conf import settings
from django.urls import include, path
from playwright.sync_api import Browser, expect

from academy.web.refusals import too_fast

from ..factories import a_member, a_staff_member, signed_in
from . import test_lost
from .test_shell_browser import CHROMIUM
from .test_whole_pages import DESK, PHONE, SMALLEST, findings, sideways

urlpatterns = [path("hurry/", too_fast), path("", include(test_lost))]
handler400, handler403, handler404, handler500 = (
    test_lost.handler400,
    test_lost.handler403,
    test_lost.handler404,
    test_lost.handler500,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls(__name__),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]

PAGES = {
    "hurry/": (429, "A little too fast"),
    "break/": (500, "Something broke on our side"),
    "refuse/": (409, "That is not possible now"),
}


@pytest.mark.parametrize("who", ["nobody", "partner", "house"])
def test_nothing_to_complain_of(browser: Browser, house: str, who: str) -> None:
    """As on every other page: nothing scrolls sideways, one thing to do, contrast in light and dark."""
    context = browser.new_context(base_url=house)
    if who != "nobody":
        person = a_member(role="owner").person if who == "partner" else a_staff_member("manager")
        key = signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": house}])
    page = context.new_page()
    wrong = []
    for address, (status, heading) in PAGES.items():
        for width in (DESK, PHONE, SMALLEST):
            page.set_viewport_size({"width": width, "height": 844})
            answer = page.goto(f"/{address}")
            assert answer
            assert answer.status == status
            expect(page.get_by_role("heading", name=heading)).to_be_visible()
            assert page.locator(".rail, .tabs").count() == (2 if who != "nobody" else 0)
            found = sideways(page) if width == SMALLEST else findings(page)
            wrong += [f"{address} at {width}: {one}" for one in found]
    assert wrong == []
    context.close()
