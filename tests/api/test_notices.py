"""The inbox by the API: the words of the page, in pages, and read."""

from datetime import datetime, timedelta

import pytest

from academy.notifications.notices.actions import tell
from academy.notifications.notices.models import Notice
from academy.notifications.returns.models import Return

from ..factories import a_member, a_staff_member, acting
from .calls import Program

pytestmark = pytest.mark.django_db


def test_notices_come_in_pages_and_are_read(now: datetime) -> None:
    me, other = acting(a_member()), acting(a_member())
    for number in range(3):
        at = now + timedelta(minutes=number)
        params = {"from": 1000, "to": 1150, "product": "automation", "cause": ["tier"], "since": at}
        tell("rate.changed", [me.person_id, other.person_id], key=f"{number}", params=params, now=at)
    program = Program(me, now=now)
    first = program.get("/me/notices?limit=2")
    rest = program.get(f"/me/notices?limit=2&cursor={first['next']}")
    newest = Notice.objects.filter(person_id=me.person_id, key="2").get()
    assert first["items"][0] == {
        "id": str(newest.id),
        "kind": "rate.changed",
        "title": "Your rate rose",
        "sentence": "11.50%, was 10.00%, since 2 Mar.",
        "url": "/",
        "partner": None,
        "created_at": "2026-03-02T09:02:00Z",
        "read_at": None,
    }
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)

    theirs = Notice.objects.filter(person_id=other.person_id, key="2").get()
    answer = program.send("POST", "/me/notices/read", {"ids": [str(newest.id), str(theirs.id)]})
    assert (answer.status_code, answer.json()) == (200, {"unread": 2})
    assert len(program.get("/me/notices?unread=true")["items"]) == 2
    assert program.send("POST", "/me/notices/read", {}).json() == {"unread": 0}
    assert Notice.objects.filter(person_id=other.person_id, read_at=None).count() == 3


def test_a_mail_provider_tells_of_mail_that_came_back(now: datetime) -> None:
    program = Program(acting(a_staff_member("administrator")), now=now)
    answer = program.send("POST", "/mail/returns", {"address": "Ada@example.com", "reason": "550 no such box"})
    assert (answer.status_code, answer.json()) == (200, {"address": "ada@example.com"})
    assert program.send("POST", "/mail/returns", {"address": "nonsense"}).status_code == 422
    assert list(Return.objects.values_list("address", "reason")) == [("ada@example.com", "550 no such box")]
