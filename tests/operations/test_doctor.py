"""What the doctor finds, and the line that mends it."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from academy.core import clock
from academy.notifications.models import Mail
from academy.notifications.returns.actions import keep_return
from academy.operations.doctor import examine
from academy.operations.queries import figures, worker_heartbeat_age


def found(**changed: object) -> dict[str, tuple[str, str]]:
    return {check.name: (check.found, check.mend) for check in examine(now=clock.now())}


@pytest.mark.django_db
def test_where_nothing_runs_it_says_how_to_run_it() -> None:
    told = found()
    assert [name for name, (_, mend) in told.items() if mend] == ["worker", "live"]
    assert (told["worker"], told["live"]) == (("none runs", "academy serve"), ("no server listens", "academy serve"))
    assert (told["migrations"], told["extensions"]) == (("all applied", ""), ("pg_trgm, unaccent", ""))


@pytest.mark.django_db
def test_a_worker_is_known_by_its_heartbeat(settings: pytest.FixtureRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now() - interval '90 seconds')")
    assert found()["worker"] == ("last heard of 90 seconds ago", "academy serve")
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now())")
    assert found()["worker"] == ("last heard of 0 seconds ago", "")
    assert worker_heartbeat_age() == pytest.approx(0, abs=5)
    settings.WORKER = False  # type: ignore[attr-defined]
    assert found()["worker"] == ("runs elsewhere, as ACADEMY_WORKER=off says", "")


@pytest.mark.django_db
def test_in_production_more_is_asked_for(settings: pytest.FixtureRequest) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    told = found()
    assert told["mail"] == ("kept and never sent", "Set ACADEMY_MAIL_URL, such as smtp://user:password@host:587")
    assert told["address"] == ("http://localhost:8000 is not encrypted", "Set ACADEMY_ORIGIN=https://your.host")
    assert told["durability"] == (
        "fsync is off: a power cut may lose everything",
        "ALTER SYSTEM SET fsync = on",
    )
    settings.MAIL_URL, settings.ORIGIN = "smtp://mail", "https://academy.example"  # type: ignore[attr-defined]
    told = found()
    assert (told["mail"], told["address"]) == (("sent by smtp", ""), ("https://academy.example", ""))


@pytest.mark.django_db
def test_a_key_that_others_can_read_is_told(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    key = tmp_path / "secret.key"
    key.write_text("x")
    key.chmod(0o644)
    assert found()["secret key"] == (f"{key} can be read by others", f"chmod 600 {key}")
    key.chmod(0o600)
    assert found()["secret key"] == (f"{key}, readable to its owner alone", "")


@pytest.mark.django_db
def test_clocks_that_differ_are_told() -> None:
    ahead = clock.now() + timedelta(minutes=1)
    [clocks] = [check for check in examine(now=ahead) if check.name == "clocks"]
    assert (clocks.mend, clocks.as_json()["well"]) == ("Let both machines keep time by NTP.", False)


@pytest.mark.django_db
def test_figures_of_an_empty_house_are_zero(now: datetime) -> None:
    told = figures(now)
    assert (told.oldest_unjudged, told.worker_heartbeat, told.oldest_job, told.jobs_waiting) == (0.0, None, 0.0, 0)


@pytest.mark.django_db
def test_mail_that_does_not_arrive_is_told(now: datetime) -> None:
    assert (found()["mail queue"], found()["addresses"]) == (("0 waiting, 0 failed", ""), ("none comes back", ""))
    keep_return("ada@example.com", reason="550", reported=True, now=now)
    Mail.objects.create(to="a@example.com", subject="", text="", created_at=now, failure="450 full")
    Mail.objects.create(to="b@example.com", subject="", text="", created_at=now, failure="550", returned_at=now)
    told = found()
    assert told["mail queue"][0] == "0 waiting, 1 failed"
    Mail.objects.create(to="c@example.com", subject="", text="", created_at=now)
    assert found()["mail queue"][0] == "0 waiting, 1 failed, 1 kept and not to be sent"
    assert told["addresses"] == ("mail to 1 comes back", "academy mail returned, which says whose and why")
