"""Every page of the demo academy under axe: light and dark, on a desk and on a phone, at 320 px and that at 200 %.

What is walked is held against the list of every address, so that a page without a walk fails.
"""

import hmac
import re
import time
from base64 import b32decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Browser, Page, expect

from .addresses import ADDRESSES
from .demo import PASSWORD, Demo, signed_in
from .test_shell_browser import ARGS, AXE, CHROMIUM
from .test_sign_in_browser import Device

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("demo"),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]

WALK = {
    "": ("newcomer /", "partner /", "risk /", "owner /", "rowan.6287 /"),  # to the last no payment is planned
    "what-if/": ("newcomer /what-if/", "partner /what-if/"),
    "deals/": ("newcomer /deals/", "partner /deals/"),
    "deals/new/": ("partner /deals/new/",),
    "deals/<uuid:deal_id>/": ("partner /deals/{deal}/", "partner /deals/{long}/"),
    "earnings/": ("newcomer /earnings/", "partner /earnings/", "partner /earnings/?state=ready"),
    "earnings/lines/<uuid:line_id>/": ("partner /earnings/lines/{earned}/", "risk /earnings/lines/{corrected}/"),
    "earnings/training/": ("partner /earnings/training/",),
    "statements/": ("newcomer /statements/", "owner /statements/"),
    "statements/<str:number>/": ("owner /statements/{statement}/",),
    "payee/": ("owner /payee/",),
    "payee/change/": ("owner /payee/change/",),
    "terms/": ("owner /terms/",),
    "activity/": ("newcomer /activity/", "partner /activity/"),
    "training/": ("newcomer /training/", "partner /training/", "partner /training/?minutes=15"),
    "training/catalogue/": ("partner /training/catalogue/", "partner /training/catalogue/?q=discovry"),
    "training/history/": ("partner /training/history/",),
    "training/courses/<slug:slug>/": ("partner /training/courses/discovery/",),
    "training/paths/<slug:slug>/": ("partner /training/paths/kinds-path/",),
    "training/resources/<slug:slug>/": ("partner /training/resources/sheet/",),
    "training/lessons/<uuid:lesson_id>/": (
        "partner /training/lessons/{article}/",
        "partner /training/lessons/{file}/",
        "partner /training/lessons/{video}/",
        "partner /training/lessons/{link}/",
    ),
    "training/quizzes/<uuid:lesson_id>/": ("newcomer /training/quizzes/{quiz}/",),
    "training/quizzes/<uuid:lesson_id>/result/": ("partner /training/quizzes/{quiz}/result/",),
    "training/lessons/<uuid:lesson_id>/done/": ("partner /training/lessons/{quiz}/done/",),
    "search/": (
        "partner /search/",
        "partner /search/?q=price",
        "partner /search/?q=discovry",
        "partner /search/?q=zzzz",
    ),
    "team/": ("owner /team/", "partner /team/"),
    "notices/unsubscribe/<str:token>/": ("nobody /notices/unsubscribe/{unsubscribe}/",),
    "notices/": ("newcomer /notices/", "risk /notices/", "manager /notices/"),
    "profile/": ("partner /profile/",),
    "profile/tokens/": ("partner /profile/tokens/",),
    "profile/notices/": ("risk /profile/notices/",),
    "profile/erase/": ("partner /profile/erase/",),
    "welcome/": ("newcomer /welcome/",),
    "welcome/first/": ("newcomer /welcome/first/",),
    "invitations/<str:secret>/": ("nobody /invitations/{invitation}/", "partner /invitations/{invitation}/"),
    "accounts/login/": ("nobody /accounts/login/",),
    "accounts/login/code/": ("nobody /accounts/login/code/",),
    "accounts/logout/": ("partner /accounts/logout/",),
    "accounts/inactive/": ("nobody /accounts/inactive/",),
    "accounts/signup/": ("nobody /accounts/signup/",),
    "accounts/reauthenticate/": ("partner /accounts/reauthenticate/",),
    "accounts/email/": ("partner /accounts/email/",),
    "accounts/confirm-email/": ("nobody /accounts/confirm-email/",),
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": ("nobody /accounts/confirm-email/x/",),
    "accounts/password/change/": ("partner /accounts/password/change/",),
    "accounts/password/reset/": ("nobody /accounts/password/reset/",),
    "accounts/password/reset/done/": ("nobody /accounts/password/reset/done/",),
    "accounts/password/reset/key/done/": ("nobody /accounts/password/reset/key/done/",),
    "accounts/2fa/": ("partner /accounts/2fa/",),
    "accounts/2fa/totp/activate/": ("partner /accounts/2fa/totp/activate/",),
    "accounts/2fa/webauthn/": ("partner /accounts/2fa/webauthn/",),
    "accounts/2fa/webauthn/add/": ("partner /accounts/2fa/webauthn/add/",),
    "accounts/sessions/": ("partner /accounts/sessions/",),
    "demo/": ("nobody /demo/",),
    "demo/stage/": ("partner /demo/stage/",),
    "demo/sales/": ("manager /demo/sales/",),
    "demo/mail/": ("nobody /demo/mail/",),
    "certificates/": ("newcomer /certificates/", "risk /certificates/", "partner /certificates/"),
    "certificates/<slug:serial>/": ("nobody /certificates/{serial}/", "owner /certificates/{own}/"),
    "offline/": ("nobody /offline/",),
    "studio/today/": ("manager /studio/today/", "finance /studio/today/"),
    "studio/deals/": ("manager /studio/deals/", "manager /studio/deals/?q=zzzz"),
    "studio/deals/<uuid:deal_id>/": (
        "manager /studio/deals/{to_answer}/",
        "manager /studio/deals/{claimed}/",
        "manager /studio/deals/{long}/",
    ),
    "studio/deals/matching/": ("manager /studio/deals/matching/",),
    "studio/partners/": ("manager /studio/partners/", "manager /studio/partners/?q=zzzz"),
    "studio/partners/<slug:slug>/": (
        "manager /studio/partners/northlight-studio/",
        "manager /studio/partners/harbour-pine/?as_of=2026-01-01",
        "manager /studio/partners/acme-ltd/",
    ),
    "studio/certificates/<slug:serial>/revoke/": ("admin /studio/certificates/{serial}/revoke/",),
    "studio/close/": ("finance /studio/close/", "manager /studio/close/"),
    "studio/close/<slug:programme>/<str:month>/": ("finance /studio/close/{programme}/{month}/",),
    "studio/statements/<str:number>/": ("finance /studio/statements/{statement}/",),
    "studio/payees/": ("finance /studio/payees/",),
    "studio/terms/": ("manager /studio/terms/",),
    "studio/lines/<uuid:line_id>/": ("manager /studio/lines/{asked}/", "finance /studio/lines/{corrected}/"),
    "studio/mail/": ("manager /studio/mail/",),
    "studio/staff/": ("admin /studio/staff/",),
    "studio/staff/<uuid:person_id>/": ("admin /studio/staff/{staff}/",),
    "studio/staff/<uuid:person_id>/second-step/": ("admin /studio/staff/{staff}/second-step/",),
    "style/": ("nobody /style/",),
    "style/<slug:scene>/": (
        "nobody /style/home/",
        "nobody /style/lesson/",
        "nobody /style/sign-in/",
        "nobody /style/studio/",
    ),
}
"""As whom to look at which pages of an address. What stands in braces is found in the demo."""

REFUSED = (
    "partner /nowhere/",
    "manager /studio/payees/",
    "nobody /sign-in/nothing/",
    "nobody /invitations/nothing/",
    "nobody /notices/unsubscribe/nothing/",
    "nobody /certificates/0000-0000-0000/",
)
"""Pages that are a refusal, with a status of which a browser's console complains."""

ON_A_WAY = {
    "accounts/login/code/confirm/",
    "sign-in/<str:secret>/",
    "accounts/password/set/",
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
    "accounts/2fa/authenticate/",
    "accounts/2fa/reauthenticate/",
    "accounts/2fa/totp/deactivate/",
    "accounts/2fa/recovery-codes/",
    "accounts/2fa/recovery-codes/generate/",
    "accounts/2fa/webauthn/reauthenticate/",
    "accounts/2fa/webauthn/keys/<int:pk>/edit/",
    "accounts/2fa/webauthn/keys/<int:pk>/remove/",
}
"""Pages to which only a few steps lead: the tests at the end of this file go there."""

NO_PAGE = {
    "earnings/lines.csv": "a file",
    "statements/<str:number>/pdf/": "a file",
    "statements/<str:number>/csv/": "a file",
    "training/files/<uuid:file_id>/<str:name>": "a file",
    "notices/<uuid:notice_id>/": "leads on to what it is about",
    "profile/data/": "a file",
    "accounts/2fa/recovery-codes/download/": "a file",
    "accounts/2fa/webauthn/login/": "what a script asks",
    "certificates/<slug:serial>/certificate.pdf": "a file",
    "worker.js": "a script",
    "studio/today/first/": "leads on to what waits",
    "studio/today/news/": "a part of Today, alone",
    "studio/close/<slug:programme>/<str:month>/payments.csv": "a file",
    "studio/staff/second-step/": "leads on to one person's",
}

FOUND = {
    "article": "select el.lesson_id {course} and r.kind = 'article' order by el.position limit 1",
    "file": "select el.lesson_id {course} and r.kind = 'file' order by el.position limit 1",
    "quiz": "select el.lesson_id {course} and r.kind = 'quiz' order by el.position limit 1",
    "deal": "select d.id from programme_deal d {northlight} d.partner_id order by d.moved_at limit 1",
    "earned": "select l.id from programme_commissionline l {northlight} l.partner_id order by l.effective_at limit 1",
    "corrected": "select corrects_id from programme_commissionline where corrects_id is not null limit 1",
    "asked": "select line_id from programme_linequestion limit 1",
    "to_answer": "select d.id from programme_deal d left join programme_claim c on c.deal_id = d.id"
    " where d.stage = 'registered' and c.id is null order by d.id limit 1",
    "long": "select id from programme_deal where length(client_name) = 160",
    "claimed": "select deal_id from programme_claim where decided_at is null limit 1",
    "statement": "select s.number {paid}",
    "programme": "select g.slug {paid}",
    "month": "select to_char(c.month, 'YYYY-MM') {paid}",
    "serial": "select serial from recognition_certificate where revoked_at is null order by issued_at desc limit 1",
    "own": "select c.serial from recognition_certificate c join people_person p on p.id = c.person_id"
    " where p.email = 'owner@demo.academy' limit 1",
    "staff": "select id from people_person where email = 'finance@demo.academy'",
}
"""How what an address names is found in the demo."""

PARTS = {
    "course": "from learning_item i join learning_editionlesson el on el.edition_id = i.edition_id"
    " join learning_revision r on r.id = el.revision_id where i.slug = 'discovery'",
    "northlight": "join people_partner p on p.slug = 'northlight-studio' and p.id =",
    "paid": "from programme_statement s join programme_close c on c.id = s.close_id"
    " join programme_programme g on g.id = c.programme_id"
    " join people_membership m on m.partner_id = s.partner_id join people_person o on o.id = m.person_id"
    " where o.email = 'owner@demo.academy' and s.made_at is not null order by c.month desc limit 1",
}

AMBER = "[...document.querySelectorAll('.btn:not(.quiet, .ghost, .danger, :disabled, [aria-disabled=true])')]"
LOOSE = """[...document.querySelectorAll('#main .card *')]
  .filter((one) => one.checkVisibility() && getComputedStyle(one).position === 'fixed')"""
CUT = """[...document.querySelectorAll('.head > .here')].filter((one) => one.checkVisibility()
  && (one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight + 1))"""
DESK, PHONE, SMALLEST, ZOOMED = 1440, 390, 320, 160


@dataclass
class Names(dict[str, str]):
    """What addresses name: what the demo was furnished with, and what is found in it when it is asked for."""

    demo: Demo
    given: Mapping[str, str] = field(default_factory=dict)

    def __missing__(self, name: str) -> str:
        if name not in self.given:
            ((found,),) = self.demo.ask(FOUND[name].format(**PARTS))
            return str(found)
        return self.given[name]


@pytest.fixture(scope="module")
def names(demo: Demo) -> Names:
    return Names(demo, demo.call("tests.web.furnishing.furnish"))


def test_every_page_is_walked() -> None:
    looked_at = {pattern for pattern, address in ADDRESSES.items() if "GET" in address.verbs}
    assert set(WALK) | ON_A_WAY | set(NO_PAGE) == looked_at


def visits() -> Iterator[tuple[str, str, str | None]]:
    """Who looks at what, and the pattern of an address that must answer; None where a refusal must."""
    for pattern, pages in WALK.items():
        yield from ((*page.split(" ", 1), pattern) for page in pages)  # type: ignore[misc]
    yield from ((*page.split(" ", 1), None) for page in REFUSED)  # type: ignore[misc]


@pytest.mark.parametrize("who", sorted({who for who, _, _ in visits()}))
def test_nothing_to_complain_of(chromium: Browser, demo: Demo, names: Names, who: str) -> None:
    """axe finds nothing, nothing scrolls sideways, the console is silent; on a phone and a desk, light and dark."""
    context = chromium.new_context(base_url=demo.address) if who == "nobody" else signed_in(chromium, demo, who)
    look = Look(context.new_page())
    for visitor, path, pattern in visits():
        if visitor == who:
            look.at(pattern, path.format_map(names))
    assert look.wrong == [], "\n".join(look.wrong)
    context.close()


def test_text_twice_as_large_scrolls_nowhere(chromium: Browser, demo: Demo, names: Names) -> None:
    """A phone whose owner reads letters twice as large has room for a dozen of them a line, and loses nothing."""
    large = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*ARGS, "--blink-settings=defaultFontSize=32"])
    found = []
    for who in sorted({who for who, _, _ in visits()}):
        context = large.new_context(base_url=demo.address) if who == "nobody" else signed_in(large, demo, who)
        page = context.new_page()
        page.set_viewport_size({"width": PHONE, "height": 844})
        for visitor, path, _pattern in visits():
            if visitor == who:
                page.goto(path.format_map(names))
                found += [f"{who} {path}: {one}" for one in sideways(page)]
        context.close()
    large.close()
    assert found == [], "\n".join(found)


class Look:
    """Somebody who looks at pages and notes what is wrong with them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)

    def at(self, pattern: str | None, path: str) -> None:
        """Look at a page, loaded anew on a desk and on a phone; without a pattern it is a refusal.

        Whoever has to show once more who they are does so.
        """
        self.said.clear()
        for width in (DESK, PHONE):
            self.page.set_viewport_size({"width": width, "height": 844})
            answer = self.page.goto(path)
            if "reauthenticate" in self.page.url and "reauthenticate" not in path:
                show_again(self.page)
            assert answer
            there = pattern is None or resolve(urlsplit(self.page.url).path).route == pattern.replace("^", "")
            if not there or (pattern is None) != (answer.status >= 400):
                self.wrong.append(f"{path} led to {self.page.url} with {answer.status}")
                return
            self._note(path, width, findings(self.page))
        for width in (SMALLEST, ZOOMED):
            self.page.set_viewport_size({"width": width, "height": 844})
            self._note(path, width, sideways(self.page))
        if pattern is not None:
            self._note(path, PHONE, [f"console: {line}" for line in self.said])

    def here(self, pattern: str) -> None:
        """Look at the page to which a few steps led."""
        self.at(pattern, self.page.url)

    def _note(self, path: str, width: int, found: list[str]) -> None:
        self.wrong += [f"{path} at {width}: {one}" for one in found]


def show_again(page: Page) -> None:
    """Show once more who one is, and come back."""
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(lambda address: "reauthenticate" not in address)


def findings(page: Page) -> list[str]:
    """What a machine can see that is wrong with the page as it stands, in light and in dark."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate(AXE.read_text())
    found = sideways(page)
    if page.evaluate(f"{AMBER}.filter((one) => one.checkVisibility()).length > 1"):
        found.append("two things are amber")
    found += [f"out of its card: {text}" for text in page.evaluate(f"{LOOSE}.map((one) => one.textContent)")]
    found += [f"its name is cut: {text}" for text in page.evaluate(f"{CUT}.map((one) => one.textContent)")]
    found += complaints(page, "axe.run({rules: {'target-size': {enabled: true}}})")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # which changes colours and nothing else
    found += [f"in dark: {one}" for one in complaints(page, "axe.run({runOnly: ['color-contrast']})")]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found


def sideways(page: Page) -> list[str]:
    """Whether anything is wider than the window."""
    wider = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return ["it scrolls sideways"] if wider else []


def complaints(page: Page, run: str) -> list[str]:
    """What axe has to say, each with the first places."""
    said: list[dict[str, Any]] = page.evaluate(f"{run}.then(result => result.violations)")
    return [
        f"{violation['id']} at {', '.join(' '.join(map(str, node['target'])) for node in violation['nodes'][:3])}"
        for violation in said
    ]


def mailed(demo: Demo, word: str) -> str:
    """The newest address with this word in it that was mailed to anybody."""
    rows = demo.ask("select text from notifications_mail where text like %s order by id desc limit 1", f"%/{word}/%")
    found = re.search(rf"/{word}/\S+", rows[0][0])
    assert found
    return found[0]


def test_what_a_mail_opens(chromium: Browser, demo: Demo, names: Names) -> None:
    """A code and a link to sign in, a first password for who came so, and a forgotten one."""
    context = chromium.new_context(base_url=demo.address)
    look = Look(context.new_page())
    look.page.goto("/accounts/login/code/")
    look.page.get_by_label("E-mail").first.fill(names["without_password"])
    look.page.get_by_label("E-mail").first.press("Enter")
    expect(look.page.get_by_role("heading", name="Type the code")).to_be_visible()
    look.here("accounts/login/code/confirm/")
    look.at("sign-in/<str:secret>/", mailed(demo, "sign-in"))
    look.page.get_by_role("button", name="Sign in").click()
    look.page.wait_for_url(lambda address: "/sign-in/" not in address)
    look.at("accounts/password/set/", "/accounts/password/set/")

    context.clear_cookies()
    look.page.goto("/accounts/password/reset/")
    look.page.get_by_label("E-mail").first.fill("owner@demo.academy")
    look.page.get_by_label("E-mail").first.press("Enter")
    look.page.wait_for_url("**/accounts/password/reset/done/")
    look.at(
        "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        mailed(demo, "accounts/password/reset/key"),
    )
    assert look.wrong == [], "\n".join(look.wrong)
    context.close()


def test_every_second_step(chromium: Browser, demo: Demo, names: Names) -> None:
    """The authenticator app, recovery codes and a passkey, from turning them on to being asked for them."""
    context = signed_in(chromium, demo, names["second_step"])
    look = Look(context.new_page())
    Device(context.new_cdp_session(look.page))
    look.page.goto("/accounts/2fa/totp/activate/")
    show_again(look.page)
    look.page.get_by_label("Six digits").fill(six_digits(look.page.locator("code").inner_text()))
    look.page.get_by_role("button", name="Turn it on").click()
    look.page.wait_for_url(lambda address: "/activate/" not in address)
    for room in ("totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "reauthenticate/"):
        look.at(f"accounts/2fa/{room}", f"/accounts/2fa/{room}")
    look.page.goto("/accounts/2fa/webauthn/add/")
    look.page.get_by_role("button", name="Make the passkey").click()
    look.page.wait_for_url(lambda address: "/add/" not in address)
    ((key,),) = demo.ask("select id from mfa_authenticator where type = 'webauthn' order by id desc limit 1")
    for room in ("edit", "remove"):
        look.at(f"accounts/2fa/webauthn/keys/<int:pk>/{room}/", f"/accounts/2fa/webauthn/keys/{key}/{room}/")
    look.at("accounts/2fa/webauthn/reauthenticate/", "/accounts/2fa/webauthn/reauthenticate/")
    look.at("accounts/2fa/webauthn/", "/accounts/2fa/webauthn/")
    look.at("accounts/2fa/", "/accounts/2fa/")

    context.clear_cookies()
    look.page.goto("/accounts/login/")
    look.page.set_viewport_size({"width": DESK, "height": 844})
    look.page.get_by_label("E-mail").first.fill(names["second_step"])
    look.page.get_by_label("Password", exact=True).first.fill(PASSWORD)
    look.page.get_by_label("Password", exact=True).first.press("Enter")
    look.page.wait_for_url("**/accounts/2fa/authenticate/**")
    look.here("accounts/2fa/authenticate/")
    assert look.wrong == [], "\n".join(look.wrong)
    context.close()


def six_digits(secret: str) -> str:
    """What an authenticator app shows now: RFC 6238."""
    counter = int(time.time() // 30).to_bytes(8, "big")
    digest = hmac.digest(b32decode(secret), counter, "sha1")
    begins = digest[-1] & 15
    number = int.from_bytes(digest[begins : begins + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
