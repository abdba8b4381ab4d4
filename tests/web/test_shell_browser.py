"""The shell in a real browser: nothing to complain of at any width, and parts that follow what happens."""

import json
import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from jinja2 import ChoiceLoader, DictLoader
from playwright.sync_api import Browser, Page, Route, WebSocketRoute, expect, sync_playwright

from academy.core.errors import Refused
from academy.people.accounts.models import Person
from academy.web import templates
from academy.web.assets import PREFIX, find

CHROMIUM = os.environ.get("ACADEMY_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls(__name__),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]

LIVE = """
{% extends "shell.html" %}
{% block main %}
{% block standing %}<section id="standing" data-live="lesson.completed tier.changed">
<p>{{ ui.figure("rate", rate, "Your rate") }}</p>
<label>Note <input id="typed"></label>
<details id="more"><summary>More</summary>Text</details>
</section>{% endblock %}
{% block other %}<section id="other" data-live="deal.won">{{ reads }}</section>{% endblock %}
<table><tbody>
{% block row %}<tr id="row" data-live="member.joined"><td>{{ reads }}</td></tr>{% endblock %}
</tbody></table>
<form hx-post="/save/" hx-target="#saved">
{{ ui.field("name", "Name", required=true) }}{{ ui.button("Save") }}
</form><p id="saved"></p>
{% endblock %}
"""
BELL = """
{% extends "live.html" %}
{% block standing %}<a id="bell" data-live="notices" data-from="/inbox/">0</a>{% endblock %}
"""
MAYA = Person(name="Maya Okafor", email="maya@example.com")  # the same on every page: what a page keeps is a person's
state: dict[str, Any] = {}


def live(request: HttpRequest) -> HttpResponse:
    request.person = MAYA  # type: ignore[attr-defined]
    state["asked"].append(request.headers.get("X-Parts"))
    if state["signed_out"]:
        return HttpResponse(status=401)
    context = {"rate": state["rate"], "reads": len(state["asked"])}
    parts = {"standing": "standing", "other": "other", "row": "row"}
    return templates.page(request, "live.html", lambda: context, parts, cursor=lambda: 41)


def bell(request: HttpRequest) -> HttpResponse:
    """A page that carries what stands on many pages: the bell of its own."""
    request.person = MAYA  # type: ignore[attr-defined]
    return templates.render(request, "bell.html", cursor=41, rate="", reads=0)


def inbox(request: HttpRequest) -> HttpResponse:
    state["asked"].append(request.headers.get("X-Parts"))
    return HttpResponse(f'<a id="bell" data-live="notices" data-from="/inbox/">{len(state["asked"])}</a>')


def save(request: HttpRequest) -> HttpResponse:
    state["saved"].append(request.POST["name"])
    if request.POST["name"] == "bad":
        raise Refused("Look at the name.", fields={"name": "Write another name."})
    return HttpResponse("Saved.")


def progress(request: HttpRequest) -> HttpResponse:
    state["saved"].append((request.headers["Idempotency-Key"], json.loads(request.body)))
    return JsonResponse({"lesson": "completed"})


urlpatterns = [
    path("style/", include("academy.web.public.style.page")),
    path("", include("academy.web.public.offline.page")),
    path("live-page/", live),
    path("bell-page/", bell),
    path("inbox/", inbox),
    path("save/", save),
    path("progress/", progress),
]


def _root(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Files and pages, as the house's root serves them."""
    address = environ["PATH_INFO"]
    if not address.startswith(PREFIX):
        return django(environ, start)
    file = find(address.removeprefix(PREFIX))
    start(
        "200 OK" if file else "404 Not Found",
        [("Content-Type", TYPES.get(Path(address).suffix, "text/plain"))],
    )
    return [file.read_bytes() if file else b""]


django = get_wsgi_application()


class _Silent(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing: the tests' output is for failures."""


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with make_server("127.0.0.1", 0, _root, _Threads, _Silent) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield made
        made.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scene", ["", "home/", "lesson/", "sign-in/", "studio/"])
def test_every_scene_at_every_width(browser: Browser, server: str, scene: str, theme: Any) -> None:
    context = browser.new_context(viewport={"width": 1360, "height": 844}, color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{server}/style/{scene}")
    page.evaluate(AXE.read_text())
    amber = page.locator(".btn:not(.quiet, .ghost, .danger, :disabled, [aria-disabled])").count()
    for width in (1360, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found = page.evaluate("axe.run().then((result) => result.violations.map((one) => [one.id, one.nodes[0].html]))")
        assert (width, sideways, found) == (width, 0, [])
    context.close()
    assert (complaints, amber <= 1) == ([], True)


class Hub:
    """The other end of the page's socket."""

    def __init__(self, page: Page) -> None:
        self.addresses: list[str] = []
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/live/**", self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        self.addresses.append(socket.url.split("/live/")[1])
        self.sockets.append(socket)

    def say(self, cursor: int, kind: str) -> None:
        self.sockets[-1].send(json.dumps({"cursor": cursor, "kind": kind, "subject": {}, "data": {}}))


@pytest.fixture
def opened(browser: Browser, server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Page, Hub]]:
    """A page with two live parts, and the hub it listens to."""
    house = templates.jinja()
    assert house.loader
    loader = ChoiceLoader([DictLoader({"live.html": LIVE, "bell.html": BELL}), house.loader])
    overlay = house.overlay(loader=loader, cache_size=50, bytecode_cache=None)
    monkeypatch.setattr(templates, "jinja", lambda: overlay)
    state.update(asked=[], saved=[], rate="11.50%", signed_out=False)
    context = browser.new_context()
    page = context.new_page()
    hub = Hub(page)
    page.goto(f"{server}/live-page/")
    expect(page.locator("[data-live-mark]")).to_have_attribute("data-state", "live")
    yield page, hub
    context.close()


def test_a_fact_renews_only_its_parts_and_disturbs_nothing(opened: tuple[Page, Hub]) -> None:
    page, hub = opened
    page.locator("#typed").fill("half a sen")
    page.locator("#more summary").click()
    page.locator("#typed").focus()
    state["rate"] = "12.08%"
    for cursor, kind in [(42, "lesson.completed"), (43, "module.completed"), (44, "tier.changed")]:
        hub.say(cursor, kind)
    rate = page.locator("[data-figure=rate]")
    expect(rate).to_have_text("12.08%")
    expect(rate).to_have_class("num changed-glow")
    expect(page.locator("#announcements")).to_have_text("Your rate is now 12.08%, was 11.50%.")
    assert page.evaluate("[document.activeElement.id, document.activeElement.value, more.open]") == [
        "typed",
        "half a sen",
        True,
    ]
    expect(rate).to_have_class("num")
    assert (hub.addresses, state["asked"]) == (["?after=41"], [None, "standing"])


def test_a_reset_renews_every_part(opened: tuple[Page, Hub]) -> None:
    page, hub = opened
    hub.say(900, "reset")
    expect(page.locator("#other")).to_have_text("2")
    assert state["asked"] == [None, "standing,other,row"]


def test_a_row_of_a_table_changes_where_it_stands(opened: tuple[Page, Hub]) -> None:
    page, hub = opened
    hub.say(42, "member.joined")
    expect(page.locator("table > tbody > tr#row > td")).to_have_text("2")
    assert (state["asked"], page.locator("#row").count()) == ([None, "row"], 1)


def test_a_page_that_never_gets_silence_is_renewed_all_the_same(opened: tuple[Page, Hub]) -> None:
    page, hub = opened
    for cursor in range(42, 72):
        hub.say(cursor, "deal.won")
        page.wait_for_timeout(50)
    assert state["asked"][:2] == [None, "other"]
    assert len(state["asked"]) < 15  # about one a second, not one a fact


def test_a_cut_socket_comes_back_with_its_cursor(opened: tuple[Page, Hub]) -> None:
    page, hub = opened
    hub.say(57, "certificate.issued")
    page.wait_for_timeout(100)
    hub.sockets[-1].close(code=1013)
    expect(page.locator("[data-live-mark]")).to_have_attribute("data-state", "again")
    expect(page.locator("[data-live-mark]")).to_have_attribute("data-state", "live")
    assert hub.addresses == ["?after=41", "?after=57"]


def test_a_network_that_comes_back_gets_a_new_socket(opened: tuple[Page, Hub]) -> None:
    """Nobody tells a page whether its socket outlived the loss; one that did not would never say so."""
    page, hub = opened
    hub.say(57, "certificate.issued")
    page.wait_for_timeout(100)
    page.context.set_offline(True)
    expect(page.locator("[data-live-mark]")).to_have_attribute("data-state", "offline")
    page.context.set_offline(False)
    expect(page.locator("[data-live-mark]")).to_have_attribute("data-state", "live")
    assert hub.addresses == ["?after=41", "?after=57"]
    state["rate"] = "12.08%"
    hub.say(58, "tier.changed")
    expect(page.locator("[data-figure=rate]")).to_have_text("12.08%")


def test_parts_that_nobody_answers_are_asked_for_anew(opened: tuple[Page, Hub]) -> None:
    """As on a connection that died without a word, when the network is back."""
    page, hub = opened
    held: list[Route] = []
    page.route("**/live-page/", lambda route: route.continue_() if held else held.append(route))
    state["rate"] = "12.08%"
    hub.say(58, "tier.changed")
    page.wait_for_timeout(300)
    assert (len(held), page.locator("[data-figure=rate]").inner_text()) == (1, "11.50%")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-figure=rate]")).to_have_text("12.08%")


def test_what_stands_on_many_pages_comes_from_its_own_address(opened: tuple[Page, Hub], server: str) -> None:
    page, hub = opened
    state["asked"].clear()
    page.goto(f"{server}/bell-page/")
    expect(page.locator("[data-live-mark]")).to_have_attribute("data-state", "live")
    hub.sockets[-1].send('{"kind":"notices"}')
    expect(page.locator("#bell")).to_have_text("1")
    # What was missed while the socket was cut is not made up for, so it is asked for; the cursor stays.
    hub.sockets[-1].close(code=1013)
    expect(page.locator("#bell")).to_have_text("2")
    assert (state["asked"], hub.addresses[-2:]) == (["bell", "bell"], ["?after=41&notices=1"] * 2)


def test_a_session_that_ended_is_said_and_not_knocked_at_again(opened: tuple[Page, Hub]) -> None:
    page, hub = opened
    hub.sockets[-1].close(code=4401)
    expect(page.get_by_role("link", name="Sign in again")).to_be_visible()
    page.wait_for_timeout(1200)
    assert len(hub.addresses) == 1


def test_parts_that_need_a_sign_in_say_so(opened: tuple[Page, Hub]) -> None:
    page, hub = opened
    state["signed_out"] = True
    hub.say(60, "deal.won")
    expect(page.locator("[data-live-mark]")).to_have_attribute("data-state", "ended")


def test_a_quiz_is_not_talked_over(opened: tuple[Page, Hub]) -> None:
    page, hub = opened
    page.evaluate("document.body.dataset.quiet = ''")
    state["rate"] = "12.08%"
    hub.say(61, "tier.changed")
    expect(page.locator("[data-figure=rate]")).to_have_text("12.08%")
    page.wait_for_timeout(150)
    expect(page.locator("#announcements")).to_have_text("")


def test_a_form_keeps_what_was_typed_and_says_what_is_wrong_beside_it(opened: tuple[Page, Hub]) -> None:
    page, _ = opened
    name = page.get_by_label("Name")
    name.fill("bad")
    page.get_by_role("button", name="Save").dblclick()
    expect(page.locator("#bad-name")).to_have_text("Write another name.")
    expect(page.get_by_role("alert")).to_have_text("Look at the name.")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    expect(name).to_have_value("bad")
    name.fill("good")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#saved")).to_have_text("Saved.")
    expect(page.locator("#bad-name")).to_be_empty()
    assert state["saved"] == ["bad", "good"]


def test_progress_waits_on_the_phone_and_is_sent_once(opened: tuple[Page, Hub]) -> None:
    page, _ = opened
    module = page.locator("script[src*='js/offline.js']").get_attribute("src")
    page.context.set_offline(True)
    for position in (0.2, 0.6):
        kept = page.evaluate(
            "async ([url, position]) => (await import(url)).save('/progress/', {position}, {replaces: 'a'})",
            [module, position],
        )
        assert kept == {"sent": False, "status": 0, "body": None}
    expect(page.locator("[data-offline-mark]")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-offline-mark]")).to_be_hidden()
    assert [body for _, body in state["saved"]] == [{"position": 0.6}]


def test_what_was_on_its_way_when_the_page_was_left_is_sent_by_the_next(opened: tuple[Page, Hub], server: str) -> None:
    """What is sent while a page is left may vanish without a word: here nobody ever answers it."""
    page, _ = opened
    module = page.locator("script[src*='js/offline.js']").get_attribute("src")
    held: list[Route] = []
    page.route("**/progress/", lambda route: route.continue_() if held else held.append(route))
    page.evaluate("async (url) => { (await import(url)).save('/progress/', {position: 0.4}, {replaces: 'a'}) }", module)
    expect(page.locator("[data-offline-mark]")).to_be_hidden()  # on its way is nothing to tell
    assert state["saved"] == []

    with page.expect_response("**/progress/"):
        page.goto(f"{server}/live-page/")
    page.wait_for_timeout(100)
    assert [body for _, body in state["saved"]] == [{"position": 0.4}]
    assert page.evaluate("Object.keys(localStorage)") == []


def test_the_theme_is_kept_and_written_by_the_server(opened: tuple[Page, Hub]) -> None:
    page, _ = opened
    page.get_by_role("button", name="Your account").click()
    page.get_by_label("Dark").check(force=True)
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
