"""Templates: what holds for all of them, and how a view answers with a page or with its parts."""

import re
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from jinja2 import ChoiceLoader, DictLoader, Environment, nodes

from academy.core.errors import NotFound
from academy.web import templates

from .parts import live_parts

WEB = Path(templates.__file__).parent
EVERY = sorted(str(path.relative_to(WEB)) for path in WEB.rglob("*.html"))

SAMPLE = """
{% extends "base.html" %}
{% block body %}<main>
{% block one %}<p id="one" data-live="lesson.completed">{{ ui.figure("n", n) }}</p>{% endblock %}
{% for row in rows %}
{% block row scoped %}<tr id="row-{{ row }}"><td>{{ row }}</td></tr>{% endblock %}
{% endfor %}
{% block two %}<!-- why --><p id="two">{{ _("Live") }}</p>{% endblock %}
{% block loose %}words{% endblock %}
</main>{% endblock %}
"""


@pytest.fixture
def request_() -> HttpRequest:
    """A GET as it comes out of the middlewares."""
    request = RequestFactory().get("/sample/")
    request.language = "en"  # type: ignore[attr-defined]
    return request


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a page with four blocks, which the environment knows during the test."""
    house = templates.jinja()
    assert house.loader
    loader = ChoiceLoader([DictLoader({"sample.html": SAMPLE}), house.loader])
    with_sample: Environment = house.overlay(loader=loader, cache_size=50, bytecode_cache=None)
    monkeypatch.setattr(templates, "jinja", lambda: with_sample)
    return "sample.html"


@pytest.mark.parametrize("name", EVERY)
def test_every_template_compiles(name: str) -> None:
    templates.jinja().get_template(name)


@pytest.mark.parametrize("name", EVERY)
def test_no_template_writes_what_the_content_policy_forbids(name: str) -> None:
    text = (WEB / name).read_text()
    assert re.findall(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|hx-on|js:", text) == []


def _stored(node: nodes.Node, skip: nodes.Node | None = None) -> set[str]:
    """The names that a template sets, imports or defines below a node, but for one of its blocks."""
    names: set[str] = set()
    for child in node.iter_child_nodes():
        if child is skip:
            continue
        if isinstance(child, nodes.Assign | nodes.AssignBlock):
            names |= {name.name for name in child.find_all(nodes.Name) if name.ctx == "store"}
        elif isinstance(child, nodes.Macro):
            names.add(child.name)
            continue
        elif isinstance(child, nodes.Import):
            names.add(child.target)
        elif isinstance(child, nodes.FromImport):
            names |= {name if isinstance(name, str) else name[1] for name in child.names}
        names |= _stored(child, skip)
    return names


def outside_names(source: str) -> dict[str, set[str]]:
    """The names which each block takes from outside it, although they are gone when it is rendered alone."""
    tree = templates.jinja().parse(source)
    found = {}
    for block in tree.find_all(nodes.Block):
        used = {name.name for name in block.find_all(nodes.Name) if name.ctx == "load"}
        if taken := (used & _stored(tree, skip=block)) - _stored(block):
            found[block.name] = taken
    return found


@pytest.mark.parametrize("name", EVERY)
def test_every_block_of_every_page_stands_alone(name: str) -> None:
    assert outside_names((WEB / name).read_text()) == {}


def test_a_block_that_does_not_stand_alone_is_noticed() -> None:
    outside = '{% import "parts/ui.html" as mine %}{% set x = 1 %}'
    source = outside + "{% block a %}{{ mine.chip(x) }}{{ y }}{% endblock %}"
    assert outside_names(source) == {"a": {"mine", "x"}}


def body(response: HttpResponse) -> str:
    return response.content.decode().strip()


def test_one_part_alone_has_the_macros(request_: HttpRequest, sample: str) -> None:
    response = templates.render_part(request_, sample, "one", n=7)
    assert body(response) == '<p id="one" data-live="lesson.completed"><span class="num" data-figure="n">7</span></p>'


def test_several_parts_swap_out_of_band(request_: HttpRequest, sample: str) -> None:
    response = templates.render_parts(request_, sample, ["one", "row", "two"], {"n": 7, "row": 3})
    assert body(response).split("\n") == [
        '<p id="one" data-live="lesson.completed"><span class="num" data-figure="n">7</span></p>',
        '<template><tr hx-swap-oob="true" id="row-3"><td>3</td></tr></template>',
        '<!-- why --><p hx-swap-oob="true" id="two">Live</p>',
    ]


def test_a_part_without_an_id_cannot_be_swapped_out_of_band(request_: HttpRequest, sample: str) -> None:
    with pytest.raises(ValueError, match="one element with an id"):
        templates.render_parts(request_, sample, ["one", "loose"], {"n": 7})


class Reads:
    """Counts how often a page's context is read."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, object]:
        self.times += 1
        return {"n": 7, "rows": [1]}


def test_a_page_is_whole_without_a_wish(request_: HttpRequest, sample: str) -> None:
    reads = Reads()
    response = templates.page(request_, sample, reads, {"one": "one"}, cursor=lambda: 41)
    assert '<p id="one"' in body(response)
    assert '<tr id="row-1">' in body(response)
    assert (reads.times, response["Vary"]) == (1, "X-Parts")


def test_a_page_gives_the_parts_that_are_asked_for(sample: str) -> None:
    request = RequestFactory().get("/sample/", headers={"X-Parts": "two, one,two"})
    reads = Reads()
    own = templates.Part("one", lambda: {"n": 9})
    response = templates.page(request, sample, reads, {"one": own, "two": "two"}, cursor=None)
    assert body(response).split("\n") == [
        '<!-- why --><p id="two">Live</p>',
        '<p id="one" data-live="lesson.completed"><span class="num" data-figure="n">9</span></p>',
    ]
    assert reads.times == 1


def test_a_part_with_its_own_reads_spares_the_pages(sample: str) -> None:
    request = RequestFactory().get("/sample/", headers={"X-Parts": "one"})
    reads = Reads()
    templates.page(request, sample, reads, {"one": templates.Part("one", lambda: {"n": 9})}, cursor=None)
    assert reads.times == 0


def test_an_unknown_part_is_refused(sample: str) -> None:
    request = RequestFactory().get("/sample/", headers={"X-Parts": "one,three"})
    with pytest.raises(NotFound, match="no part called “three”"):
        templates.page(request, sample, Reads(), {"one": "one"}, cursor=None)


@pytest.mark.parametrize(
    ("cookie", "shown"), [("dark", "dark"), ("light", "light"), ("device", ""), ("x' onload=", ""), ("", "")]
)
def test_the_theme_of_this_device(cookie: str, shown: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie
    assert templates.theme(request) == shown


TRACK, FULL = (f'<rect class="{part}" width="100%" height="100%" rx="4"/>' for part in ("track", "fill"))
BAR = '<svg class="bar{}" role="img" aria-label="{}">' + TRACK + "{}</svg>"
UI = [
    ("button('Go', href='/x/')", '<a class="btn" href="/x/">Go</a>'),
    ("button('Go', kind='quiet')", '<button class="btn quiet" type="submit">Go</button>'),
    ("button('Go', busy=true)", '<button class="btn" type="submit" aria-busy="true">Go</button>'),
    ("button('<b>', disabled=true)", '<button class="btn" type="submit" disabled>&lt;b&gt;</button>'),
    ("chip('Passed', 'good')", '<span class="chip good">Passed</span>'),
    (
        "figure('rate', '12.08%', 'Rate')",
        '<span class="num" data-figure="rate" data-name="Rate">12.08%</span>',
    ),
    ("bar(130, label='Over')", BAR.format(" done", "Over", FULL)),
    ("bar(0, 0, 'None')", BAR.format("", "None", "")),
    ("avatar('Maya Okafor')", '<span class="ava" aria-hidden="true">MO</span>'),
]


@pytest.mark.parametrize(("call", "written"), UI)
def test_macros(call: str, written: str) -> None:
    assert templates.jinja().from_string("{{ ui." + call + " }}").render() == written


def test_what_is_counted_is_written_as_every_number_is() -> None:
    text = "{{ ngettext('%(num)s deal of %(x)s', '%(num)s deals of %(x)s', count, x='you') }}"
    counted = [templates.jinja().from_string(text).render(count=count) for count in (1, 11_268)]
    assert counted == ["1 deal of you", "11,268 deals of you"]


def test_a_field_ties_its_hint_and_its_error_to_the_control() -> None:
    call = "{{ ui.field('grace', 'Grace', value='-5\"', required=true, hint='In days.', error='At least 0.') }}"
    written = templates.jinja().from_string(call).render()
    assert re.sub(r"\s*\n\s*", "", written) == (
        '<div class="field" data-bad><label for="field-grace">Grace</label>'
        '<input id="field-grace" name="grace" type="text" value="-5&#34;"'
        ' aria-describedby="hint-grace bad-grace" aria-invalid="true" required>'
        '<p id="hint-grace" class="hint">In days.</p><p id="bad-grace" class="bad">At least 0.</p></div>'
    )


def test_parts_are_found_in_a_page() -> None:
    html = '<main><p id="a" data-live="x">One<br><b class="n">1</b></p><p id="b">no</p><i data-live="y">no</i></main>'
    assert live_parts(html) == {
        "a": [
            "<p [('data-live', 'x'), ('id', 'a')]>",
            "One",
            "<br []>",
            "<b [('class', 'n')]>",
            "1",
            "</b>",
        ]
    }
