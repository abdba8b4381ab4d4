"""What every test stands on: a database a worker, no network, an instant, and people who are signed in.

The database server is that of DATABASE_URL, or the embedded one of ACADEMY_DATA_DIR, which is `var/test`
where nothing else is said. It is started when the first test asks for it; see databases.py.
"""

import os
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import hypothesis
import pytest
import time_machine
from pytest_django import DjangoDbBlocker

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
os.environ["ACADEMY_ENV"] = "test"
os.environ.setdefault("ACADEMY_DATA_DIR", str(ROOT / "var" / "test"))
os.environ["DJANGO_SETTINGS_MODULE"] = "academy.settings"
django.setup()

# What needs the settings can be imported only now.
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from academy.core import clock  # noqa: E402
from academy.people.accounts.models import Person  # noqa: E402
from academy.programme.verification.queries import verify  # noqa: E402
from academy.web import kept  # noqa: E402

from . import chance, databases, network  # noqa: E402
from .factories import a_member, a_partner, a_staff_member, signed_in  # noqa: E402

network.keep_off()

# How long an example takes says more about the machine than about the rule.
hypothesis.settings.register_profile("academy", deadline=None)
hypothesis.settings.load_profile("academy")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, worker_id: str
) -> Iterator[None]:
    """A database of this worker alone, with every migration applied. Replaces pytest-django's slower one."""
    with django_db_blocker.unblock(), databases.copy_for(worker_id):
        yield


@pytest.fixture(scope="session", autouse=True)
def _mail_becomes_rows(django_test_environment: None) -> None:
    """Django's test environment puts its own mail backend in the place of ours; the rows are what we test."""
    settings.EMAIL_BACKEND = "academy.notifications.backend.RowBackend"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """After every test that wrote facts, `academy verify --deep` must print no difference.

    A hook and no fixture, so that it runs while everything of the test still stands: before its transaction is rolled
    back, and before the database is flushed. Tests that break projections on purpose say so by the marker `tampers`.
    """
    said = yield
    if item.get_closest_marker("tampers") is None and _wrote_facts(item):
        assert verify(now=clock.now(), deep=True).differences == []
    return said


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a random history broke says how to have that history again."""
    report = yield
    chance.says_how_to_repeat(item, report)
    return report


def _wrote_facts(item: pytest.Item) -> bool:
    uses = set(getattr(item, "fixturenames", ()))
    if item.get_closest_marker("django_db") is None and not uses & {"db", "transactional_db"}:
        return False
    if connection.needs_rollback:
        return False  # the test ends in a transaction that failed: nothing can be asked, and nothing was written
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from journal_fact)")
        return bool(cursor.fetchone()[0])


@pytest.fixture
def now() -> datetime:
    """The instant at which a test happens: a Monday morning."""
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def in_2026() -> Iterator[None]:
    """Pages are read in the year of what they tell: days of another year say it, and sales leave their windows."""
    with time_machine.travel(datetime(2026, 11, 27, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def one_person(settings: Any) -> None:
    """Nothing asks for a second person, where the test is about something else."""
    settings.FOUR_EYES = False


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    """No page is kept from the test before, nor for the one after."""
    kept.forget()
    yield
    kept.forget()


@pytest.fixture
def shared() -> Path:
    """The folder of real data beside the checkout; without it the test is skipped."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"The real data is not beside the checkout: there is no {SHARED / 'data'}.")
    return SHARED


@pytest.fixture
def sign_in(db: None) -> Callable[[Person], Client]:
    """Sign a person in without a page or a password: `browser = sign_in(person)`."""
    return signed_in


@pytest.fixture
def owner(db: None) -> Client:
    """A browser in which the owner of a company is signed in."""
    return signed_in(a_member(role="owner").person)


@pytest.fixture
def member(db: None) -> Client:
    """A browser in which a plain member of a company, which has an owner, is signed in."""
    partner = a_member(role="owner").partner
    return signed_in(a_member(partner=partner).person)


@pytest.fixture
def freelancer(db: None) -> Client:
    """A browser in which somebody who works alone is signed in."""
    return signed_in(a_member(partner=a_partner(kind="freelancer"), role="owner").person)


@pytest.fixture
def manager(db: None) -> Client:
    """A browser in which a partner manager of the house is signed in."""
    return signed_in(a_staff_member("manager"))


@pytest.fixture
def curator(db: None) -> Client:
    """A browser in which a curator of the house is signed in."""
    return signed_in(a_staff_member("curator"))


@pytest.fixture
def administrator(db: None) -> Client:
    """A browser in which an administrator of the house is signed in."""
    return signed_in(a_staff_member("administrator"))
