"""Machines try the whole document, in process: nothing breaks, and every answer has the shape that was promised."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import Settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from academy.api.openapi import document
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import ask_about_line, correct_line
from academy.programme.deals.models import Deal
from academy.programme.deals.reports.actions import take_report
from academy.programme.deals.reports.rules import Told
from academy.programme.statements.models import Statement

from ..factories import a_staff_member, acting
from ..programme.closing.months import APRIL, collect, sign
from ..worlds import World, pass_modules, two_claims
from .calls import Program

pytestmark = pytest.mark.django_db

TRIES = 20
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = [(method, path) for path, methods in document()["paths"].items() for method in methods]


@contextmanager
def on_one_connection() -> Iterator[None]:
    """Between requests Django closes the connection, which holds the test's transaction; Client sees to that itself."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def kept_report(now: datetime) -> str:
    """A report that waits, since nobody knows its partner."""
    told = Told("crm", "d-9", "Northwind", "automation", "Oak", "10.00", "GBP", "won", now.isoformat())
    kept = take_report(THE_HOUSE, told, now=now).kept
    assert kept is not None
    return str(kept.pk)


@pytest.fixture
def known(world: World, program: Program, now: datetime) -> dict[str, str]:
    """Path parameters that lead somewhere."""
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    pass_modules(world.owner, world.course, world.course.modules[1], now=now)
    sign(collect(world, APRIL))
    module = world.course.modules[0]
    line = CommissionLine.objects.get(partner=world.partner).pk
    return {
        "slug": world.course.slug,
        "lesson_id": str(world.course.quizzes[module]),
        "serial": str(program.get("/me/certificates")["items"][0]["serial"]),
        "lesson": str(world.course.lessons[module][0]),
        "partner": str(world.partner),
        "source": "crm",
        "external_id": Deal.objects.get(partner=world.partner).external_id,
        "line": str(line),
        "question": str(ask_about_line(world.owner, line, "Why?", now=now).pk),
        "report": kept_report(now),
        "deal": str(Deal.objects.get(partner=world.partner).pk),
        "case": str(two_claims(world, now=now)),
        "correction": str(correct_line(THE_HOUSE, line, 100, reason="So.", now=now).pk),
        "programme": "agencies",
        "month": "2026-04",
        "number": Statement.objects.get(partner=world.partner).number,
    }


@pytest.mark.parametrize("who", ["partner", "staff"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nothing_breaks(
    world: World,
    known: dict[str, str],
    now: datetime,
    settings: Settings,
    method: str,
    path: str,
    who: str,
) -> None:
    settings.API_READS_A_MINUTE = settings.API_WRITES_A_MINUTE = 1_000_000
    actor = world.owner if who == "partner" else acting(a_staff_member("administrator"))
    headers = Program(actor, now=now).headers
    things = {
        "partners": "partner",
        "commissions": "line",
        "questions": "question",
        "corrections": "correction",
        "cases": "case",
        "reports": "report",
        "deals": "deal",
        "registrations": "deal",
    }
    real = known | {"id": known[next((name for part, name in things.items() if part in path), "lesson")]}

    def attempt(case: Case[Any], leads_somewhere: bool) -> None:
        if leads_somewhere:
            case.path_parameters.update({name: real[name] for name in case.path_parameters})
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    with on_one_connection():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _try(loaded()[path][method], mode, attempt)


@cache
def loaded() -> Any:
    """The document as the machines understand it, read through the application itself."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


def _try(operation: Any, mode: GenerationMode, attempt: Callable[[Case[Any], bool], None]) -> None:
    cases = operation.as_strategy(generation_mode=mode)
    quietly = settings(
        max_examples=TRIES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    quietly(given(cases, st.booleans())(attempt))()
