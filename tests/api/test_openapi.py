"""The document that programs read, and the page that people read."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from academy.api import schemas
from academy.api.docs import sample
from academy.api.openapi import document
from academy.people.permissions.rules import RULES

from .calls import ROOT

CONTRACT = {
    ("GET", "/me"),
    ("GET", "/me/standing"),
    ("GET", "/me/standing/preview"),
    ("GET", "/me/training"),
    ("GET", "/me/certificates"),
    ("GET", "/me/certificates/{serial}/pdf"),
    ("GET", "/me/activity"),
    ("GET", "/me/notices"),
    ("POST", "/me/notices/read"),
    ("POST", "/mail/returns"),
    ("GET", "/catalog/items"),
    ("GET", "/courses/{slug}"),
    ("POST", "/courses/{slug}/enrolment"),
    ("PUT", "/lessons/{id}/progress"),
    ("GET", "/quizzes/{lesson_id}"),
    ("POST", "/quizzes/{lesson_id}/attempts"),
    ("GET", "/certificates/{serial}"),
    ("GET", "/deals"),
    ("POST", "/me/deals"),
    ("POST", "/me/deals/{id}/loss"),
    ("GET", "/deals/{source}/{external_id}"),
    ("PUT", "/deals/{source}/{external_id}"),
    ("POST", "/deals/{source}/{external_id}/refunds"),
    ("GET", "/closes"),
    ("POST", "/closes"),
    ("GET", "/closes/{programme}/{month}"),
    ("POST", "/closes/{programme}/{month}/continue"),
    ("GET", "/closes/{programme}/{month}/statements"),
    ("POST", "/closes/{programme}/{month}/seen"),
    ("POST", "/closes/{programme}/{month}/approve"),
    ("POST", "/closes/{programme}/{month}/hand-over"),
    ("GET", "/closes/{programme}/{month}/payments"),
    ("POST", "/closes/{programme}/{month}/payments"),
    ("POST", "/statements/{number}/hold"),
    ("POST", "/statements/{number}/again"),
    ("POST", "/statements/{number}/return"),
    ("GET", "/partners/{id}/statements"),
    ("GET", "/waiting/words"),
    ("POST", "/waiting/matches"),
    ("GET", "/waiting/reports"),
    ("POST", "/waiting/reports/{id}/drop"),
    ("GET", "/me/payee"),
    ("PUT", "/me/payee"),
    ("GET", "/payees"),
    ("GET", "/partners/{id}/payee"),
    ("POST", "/partners/{id}/payee/check"),
    ("GET", "/cases"),
    ("GET", "/cases/{id}"),
    ("POST", "/cases/{id}/decision"),
    ("GET", "/registrations"),
    ("POST", "/registrations/{id}/answer"),
    ("GET", "/terms"),
    ("POST", "/terms"),
    ("GET", "/me/terms"),
    ("POST", "/me/terms/acceptance"),
    ("GET", "/me/preferences"),
    ("PUT", "/me/preferences"),
    ("GET", "/me/commissions"),
    ("GET", "/commissions/{id}/explanation"),
    ("GET", "/commissions/{id}/questions"),
    ("POST", "/commissions/{id}/questions"),
    ("POST", "/commissions/{id}/corrections"),
    ("GET", "/questions"),
    ("POST", "/questions/{id}/answer"),
    ("GET", "/corrections"),
    ("POST", "/corrections/{id}/decision"),
    ("GET", "/me/statements"),
    ("GET", "/me/statements/{number}"),
    ("GET", "/me/statements/{number}/pdf"),
    ("GET", "/partners"),
    ("GET", "/partners/{id}/standing"),
    ("GET", "/partners/{id}/pin"),
    ("PUT", "/partners/{id}/pin"),
    ("DELETE", "/partners/{id}/pin"),
    ("GET", "/promotions"),
    ("POST", "/partners/{id}/promotion"),
}


@pytest.fixture
def told() -> dict[str, Any]:
    """The document as it is served; no database is asked."""
    answer = Client().get(f"{ROOT}/openapi.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    return dict(answer.json())


def test_it_names_every_operation(told: dict[str, Any]) -> None:
    found = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}

    assert (told["openapi"], told["servers"], found) == ("3.1.0", [{"url": "/api/v1"}], CONTRACT)


def test_no_two_shapes_have_one_name() -> None:
    """The document knows shapes by name alone: of two, one would be told as the other."""
    folder = Path(schemas.__file__).parent
    names = [name for file in folder.glob("*.py") for name in re.findall(r"^class (\w+)", file.read_text(), re.M)]
    assert sorted(names) == sorted(set(names))


def test_every_reference_leads_somewhere(told: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(told))):
        place: Any = told
        for part in reference.split("/"):
            place = place[part]


def test_every_operation_is_explained(told: dict[str, Any]) -> None:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert operation["description"], path
            assert set(operation["responses"]) & {"200", "201"}, path
            assert "429" in operation["responses"], path
            assert operation["security"] in ([{}], [{"session": []}, {"bearer": []}]), (method, path)


def test_bodies_and_answers_have_examples_that_fit_their_schemas(told: dict[str, Any]) -> None:
    for path, methods in told["paths"].items():
        for operation in methods.values():
            bodies = [operation["requestBody"]] if "requestBody" in operation else []
            answers = [answer for status, answer in operation["responses"].items() if status < "300"]
            for one in bodies + answers:
                if one["content"] in ({"application/pdf": {}}, {"text/csv": {}}):
                    continue
                content = one["content"]["application/json"]
                schema = {**content["schema"], "components": told["components"]}
                assert jsonschema_rs.validator_for(schema).is_valid(content["example"]), (path, content["example"])


def test_schemas_are_valid_json_schema(told: dict[str, Any]) -> None:
    for name, schema in told["components"]["schemas"].items():
        jsonschema_rs.validator_for({**schema, "components": told["components"]})
        assert schema.get("description") or "enum" in schema, name


class Page(HTMLParser):
    """What a page holds that our policy would not let run, and its ids and links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._script = tag == "script"
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        self.inline += [tag] if tag == "style" else []
        self.links += [str(given[name]) for name in ("href", "src") if name in given]
        self.ids += [str(given["id"])] if "id" in given else []

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.inline.append(data)


def test_the_page_shows_every_operation_and_runs_nothing_inline() -> None:
    answer = Client().get(f"{ROOT}/docs")
    text = answer.content.decode()
    page = Page(text)

    assert answer.status_code == 200
    assert page.inline == []
    assert len(page.ids) == len(set(page.ids))
    assert [link for link in page.links if link.startswith(("http", "//"))] == []
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    plain = text.replace("<wbr>", "")
    assert [path for method, path in CONTRACT if f"{method} {ROOT}{path}" not in plain] == []


def test_months_and_programmes_are_written_one_way() -> None:
    shapes = document()["components"]["schemas"]
    given = [shapes[name]["properties"] for name in ("Starting", "Publishing")]
    for path in document()["paths"].values():
        for operation in path.values():
            given.append({one["name"]: one["schema"] for one in operation.get("parameters", ())})
    for name in ("month", "programme"):
        written = [(one[name]["pattern"], one[name].get("maxLength")) for one in given if name in one]
        assert (len(written) > 7, len(set(written))) == (True, 1)


def test_samples_are_json() -> None:
    for name in document()["components"]["schemas"]:
        json.loads(sample({"$ref": f"#/components/schemas/{name}"}))


GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()

# What the guide says of the verbs that no operation is guarded by.
ALONE = {
    "partners": {"partner.create", "partner.edit", "programme.enrol"},
    "inviting, changing and removing members": {
        *("member.add", "member.invite", "member.change_role", "member.remove", "member.see", "invitation.see"),
    },
    "leaving": {"partner.leave"},
    "entering them": {"person.create"},
    "roles": {"role.see", "role.grant"},
    "second steps": {"second_step.forget"},
    "profiles": {"person.edit"},
    "tokens": {"token.see", "token.create", "token.revoke"},
    "sessions": {"session.see", "session.end"},
    "export and erasure": {"person.export", "person.erase"},
    "assigning learning": {"learning.assign"},
    "wishing": {"topic.wish"},
    "revoking certificates": {"certificate.revoke"},
    "plans": {"plan.see", "plan.publish"},
    "imports": {"catalogue.edit", "catalogue.import"},
    "failing mail": {"mail.see_failing"},
    "journal": {"journal.see", "journal.verify"},
}
# They narrow what operations of other verbs show, or let in to pages and to the stream.
WITHIN = {"amounts.see", "lesson.see", "partner.see", "live.open", "studio.enter"}


def test_the_guide_says_what_stands_on_pages_alone() -> None:
    named = {operation["x-verb"] for path in document()["paths"].values() for operation in path.values()}
    assert set(RULES) - named == WITHIN.union(*ALONE.values())
    beginning = GUIDE.partition("## ")[0].partition("alone stand")[2]
    assert [words for words in ALONE if words not in beginning] == []


def test_the_guide_names_only_addresses_that_exist() -> None:
    known = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for _, path in CONTRACT]

    asked = [address.partition("?")[0] for address in re.findall(r"\$API(/[^\s\"]+)", GUIDE)]

    assert len(asked) > 10
    assert [address for address in asked if not any(one.fullmatch(address) for one in known)] == []
