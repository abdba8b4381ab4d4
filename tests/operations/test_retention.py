"""What is kept how long, and that the rest goes."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from academy.notifications.models import Mail
from academy.operations import actions, rules
from academy.people.partners.models import Invitation
from academy.people.tokens.models import ApiToken
from tests.factories import a_partner, a_person

RUNNING = Path(__file__).parents[2] / "docs" / "running.md"


def test_the_table_in_the_documentation_is_the_one_that_is_kept() -> None:
    assert rules.as_markdown() in RUNNING.read_text()


def test_every_setting_is_explained() -> None:
    root = Path(__file__).parents[2] / "academy"
    read = {name for file in root.rglob("*.py") for name in re.findall(r'"(ACADEMY_[A-Z_]+)"', file.read_text())}
    told = set(re.findall(r"\| `(ACADEMY_[A-Z_]+)` \|", RUNNING.read_text()))
    assert told == read - {"ACADEMY_LEASH"}


def test_every_length_in_the_table_is_a_time() -> None:
    now = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    assert [kept.before(now) for kept in rules.RETENTION] == [
        now - timedelta(days=days) for days in (30, 30, 400, 365, 0, 90, 90, 1, 1, 7, 90)
    ]


@pytest.mark.django_db
def test_what_is_old_goes_and_the_rest_stays(now: datetime) -> None:
    person, partner = a_person(), a_partner()
    old, young = now - timedelta(days=91), now - timedelta(days=1)
    for at in (old, young):
        Mail.objects.create(to="a@b.example", subject=f"{at:%m}", text="", created_at=at, sent_at=at)
        ApiToken.objects.create(person=person, secret_hash=f"{at:%m}".encode(), created_at=old, revoked_at=at)
        Session.objects.create(session_key=f"{at:%m}", session_data="", expire_date=at + timedelta(days=2))
        Invitation.objects.create(
            partner=partner,
            email="c@d.example",
            secret_hash=f"{at:%m}".encode(),
            invited_by=person,
            created_at=old,
            expires_at=at,
        )
    ApiToken.objects.create(person=person, secret_hash=b"lasting", created_at=old)
    a_job("succeeded", old)
    a_job("succeeded", young)
    a_job("failed", now - timedelta(days=8))
    a_job("todo", old)

    gone = actions.delete_old(now=now)

    assert gone == {
        "Mail": 1,
        "How notices went out": 0,
        "Notices": 0,
        "Plays of lessons": 0,
        "Sessions that ended": 1,
        "Invitations used, withdrawn or run out": 1,
        "Tokens revoked or run out": 1,
        "Answers to requests with an Idempotency-Key": 0,
        "Counts of requests": 0,
        "Jobs that are done": 1,
        "Jobs that failed": 0,
    }
    assert actions.delete_old(now=now) == dict.fromkeys(gone, 0)
    assert [mail.subject for mail in Mail.objects.all()] == [f"{young:%m}"]
    assert ApiToken.objects.count() == 2


def a_job(status: str, at: datetime) -> None:
    """A job as it would stand that long after."""
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_jobs (queue_name, task_name) values ('q', 't') returning id")
        row = cursor.fetchone()
        assert row is not None
        for reached in ("doing", status):
            if status != "todo":
                cursor.execute("update procrastinate_jobs set status = %s where id = %s", [reached, row[0]])
        cursor.execute("update procrastinate_events set at = %s where job_id = %s", [at, row[0]])


@pytest.mark.django_db
def test_much_goes_in_batches(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BATCH", 2)
    for _ in range(5):
        Mail.objects.create(to="a@b.example", subject="", text="", created_at=now - timedelta(days=31))
    assert actions.delete_old(now=now)["Mail"] == 5
