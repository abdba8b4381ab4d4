"""Telling people: once, by the ways they chose, in the transaction of what is told."""

import threading
from datetime import UTC, datetime, time, timedelta
from time import time as time_of_day
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import signing
from django.db import connection, transaction

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.actions import action
from academy.notifications.models import Mail
from academy.notifications.notices import actions, queries
from academy.notifications.notices import jobs as notice_jobs
from academy.notifications.notices.actions import mark_read, mark_read_until, open_notice, send_daily, tell
from academy.notifications.notices.models import Delivery, Notice
from academy.notifications.notices.rules import Cadence
from academy.notifications.preferences.actions import choose, read_stop, stop
from academy.notifications.preferences.models import Choice
from academy.notifications.preferences.queries import LINK_LASTS, SALT, unsubscribe_url, wishes_of
from academy.notifications.returns.actions import keep_return
from academy.people.accounts.models import Person
from academy.people.permissions.rules import Actor

from ..factories import a_member, a_partner, a_person, a_staff_member, acting
from ..together import one_waits_for_another, together

pytestmark = pytest.mark.django_db

FALL = {"from": 1300, "to": 1000, "product": "automation", "cause": ["tier"], "since": "2026-03-02T09:00:00+00:00"}
RISE = FALL | {"from": 1000, "to": 1300}


def told(person: Person, kind: str = "learning.assigned", *, key: str = "k", now: datetime, **params: Any) -> int:
    return tell(kind, [person.id], key=key, now=now, params={"thing": uuid7(), **params})


def kept() -> list[tuple[str, str, str]]:
    return list(Notice.objects.order_by("created_at", "id").values_list("person__email", "kind", "key"))


def mails() -> list[tuple[str, str, str]]:
    return list(Mail.objects.order_by("created_at", "id").values_list("to", "subject", "kind"))


def ways() -> list[tuple[str, datetime, bool]]:
    rows = Delivery.objects.order_by("due_at", "id").values_list("cadence", "due_at", "done_at")
    return [(cadence, due, done is not None) for cadence, due, done in rows]


def jobs() -> list[tuple[str, datetime | None]]:
    with connection.cursor() as cursor:
        cursor.execute("select args ->> 'mail_id', scheduled_at from procrastinate_jobs order by id")
        return list(cursor.fetchall())


@pytest.fixture
def ada() -> Person:
    return a_person(email="ada@example.com", name="Ada")


def without_mail(person: Person, *kinds: str, now: datetime, how: str = "off") -> None:
    choose(acting(person), dict.fromkeys(kinds, how), quiet_begins=None, quiet_ends=None, now=now)


# -- telling


def test_somebody_is_told_once_on_the_page_and_by_mail(ada: Person, now: datetime) -> None:
    thing, partner = uuid7(), a_partner().pk
    about: dict[str, Any] = {"key": "k", "partner": partner, "params": {"thing": thing, "due_on": now.date()}}
    assert tell("learning.assigned", [ada.id, ada.id], now=now, **about) == 1
    assert tell("learning.assigned", [ada.id], now=now + timedelta(days=1), **about) == 0
    (notice,) = Notice.objects.all()
    assert (notice.person_id, notice.partner_id, notice.params, notice.url, notice.created_at, notice.read_at) == (
        ada.id,
        partner,
        {"thing": str(thing), "due_on": "2026-03-02"},
        "/training/",
        now,
        None,
    )
    assert mails() == [("ada@example.com", "For you: something no longer here", "learning.assigned")]
    assert ways() == [("at_once", now, True)]
    assert Delivery.objects.get().mail_id == Mail.objects.get().id
    assert (str(notice), str(Delivery.objects.get()), queries.unread_of(ada.id)) == ("k", "mail at_once", 1)


def test_several_are_told_and_those_who_left_are_not(ada: Person, now: datetime) -> None:
    gone, ben = a_person(is_active=False), a_person(email="ben@example.com")
    assert tell("rate.changed", [ada.id, gone.id, ben.id, uuid4()], key="k", now=now, params=FALL, url="/here/") == 2
    assert sorted(kept()) == [("ada@example.com", "rate.changed", "k"), ("ben@example.com", "rate.changed", "k")]
    assert set(Notice.objects.values_list("url", flat=True)) == {"/here/"}
    assert tell("rate.changed", [gone.id], key="k", now=now, params=FALL) == 0
    assert tell("rate.changed", [], key="k", now=now, params=FALL) == 0


def test_a_kind_that_is_not_in_the_table_is_our_mistake(ada: Person, now: datetime) -> None:
    with pytest.raises(KeyError):
        tell("no.such", [ada.id], key="k", now=now)


def test_what_is_rolled_back_was_never_told(ada: Person, now: datetime, settings: SimpleNamespace) -> None:
    settings.MAIL_URL = "smtp://127.0.0.1:9"

    @action
    def change_our_mind() -> None:
        told(ada, now=now)
        raise Conflict("No.")

    with pytest.raises(Conflict):
        change_our_mind()
    assert (kept(), mails(), jobs()) == ([], [], [])


def test_the_mail_waits_for_the_end_of_quiet_hours(ada: Person, now: datetime, settings: SimpleNamespace) -> None:
    settings.MAIL_URL = "smtp://127.0.0.1:9"
    night, morning = now.replace(hour=23), (now + timedelta(days=1)).replace(hour=7)
    told(ada, now=night)
    told(ada, "tier.warned", key="w", now=night, **WARNED)
    choose(acting(ada), {}, quiet_begins=time(22), quiet_ends=time(23, 30), now=now)
    told(ada, key="own", now=night)
    choose(acting(ada), {}, quiet_begins=None, quiet_ends=None, now=now)
    told(ada, key="none", now=night)
    assert [due for _, due in jobs()] == [morning, None, night + timedelta(minutes=30), None]
    assert {str(mail) for mail, _ in jobs()} == {str(one) for one in Mail.objects.values_list("id", flat=True)}


WARNED = {
    "part": "tier",
    "from": "gold",
    "to": "silver",
    "falls_at": "2026-04-01T09:00:00+00:00",
    "rate": 1300,
    "rate_then": 1150,
}


# -- what one chose


def test_what_is_switched_off_stands_on_the_page_only(ada: Person, now: datetime) -> None:
    without_mail(ada, "learning.assigned", "rate.changed", now=now)
    told(ada, now=now)
    tell("rate.changed", [ada.id], key="up", now=now, params=RISE)
    assert (len(kept()), mails(), ways()) == (2, [], [])
    tell("rate.changed", [ada.id], key="down", now=now, params=FALL)
    assert mails() == [("ada@example.com", "Your rate fell", "")]


def test_to_an_address_that_comes_back_only_what_must_be_mailed_goes(ada: Person, now: datetime) -> None:
    keep_return("ADA@example.com", reason="550", reported=True, now=now)
    told(ada, now=now)
    told(ada, "tier.warned", key="w", now=now, **WARNED)
    assert mails() == [("ada@example.com", "Gold is at risk", "")]


@pytest.mark.parametrize(
    ("mail", "begins", "ends", "fields"),
    [
        ({"tier.warned": "off"}, None, None, ["mail.tier.warned"]),
        ({"tier.warned": "daily"}, None, None, ["mail.tier.warned"]),
        ({"no.such": "off"}, None, None, ["mail.no.such"]),
        ({"tier.changed": "yearly"}, None, None, ["mail.tier.changed"]),
        ({}, time(21), None, ["quiet.ends"]),
        ({}, None, time(7), ["quiet.begins"]),
        ({}, time(0), time(0), ["quiet.ends"]),
    ],
)
def test_what_cannot_be_chosen(
    ada: Person, now: datetime, mail: dict[str, str], begins: time | None, ends: time | None, fields: list[str]
) -> None:
    wanted = {"tier.changed": "off"} | mail
    with pytest.raises(Refused) as refused:
        choose(acting(ada), wanted, quiet_begins=begins, quiet_ends=ends, now=now)
    assert list(refused.value.fields) == fields
    assert Choice.objects.count() == 0


def test_why_something_cannot_be_switched_off_is_said(ada: Person, now: datetime) -> None:
    with pytest.raises(Refused, match="Nothing gets worse unannounced"):
        choose(acting(ada), {"tier.warned": "off"}, quiet_begins=None, quiet_ends=None, now=now)


def test_one_chooses_among_what_can_reach_one(now: datetime) -> None:
    owner, member = acting(a_member(role="owner")), acting(a_member())
    choose(
        owner, {"tier.warned": "at_once", "tier.changed": "daily"}, quiet_begins=time(20), quiet_ends=time(8), now=now
    )
    mine = wishes_of(owner)
    assert {wish.kind.name: wish.mail for wish in mine.kinds if wish.kind.name.startswith("tier")} == {
        "tier.warned": "at_once",
        "tier.changed": "daily",
    }
    assert (mine.quiet_begins, mine.quiet_ends) == (time(20), time(8))
    assert "tier.warned" not in {wish.kind.name for wish in wishes_of(member).kinds}
    assert {wish.kind.name for wish in wishes_of(acting(a_staff_member("manager"))).kinds} >= {"promotion.to_decide"}
    assert wishes_of(acting(a_person())).kinds == []
    usual = wishes_of(member)
    assert (usual.quiet_begins, usual.quiet_ends) == (time(21), time(7))


# -- the day's mail


def daily(person: Person, *keys: str, now: datetime) -> None:
    without_mail(person, "learning.assigned", now=now, how="daily")
    for key in keys:
        told(person, key=key, now=now)


def test_a_day_is_one_mail_when_it_is_due(ada: Person, now: datetime) -> None:
    daily(ada, "one", "two", now=now)
    due = datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert ways() == [("daily", due, False)] * 2
    assert (send_daily(now=due - timedelta(seconds=1)), mails()) == (0, [])
    assert (send_daily(now=due), send_daily(now=due)) == (1, 0)
    assert mails() == [("ada@example.com", "2 notices from the academy", "daily")]
    letter = Mail.objects.get()
    assert letter.text.count("asks you to take") == 2
    assert set(Delivery.objects.values_list("mail_id", "done_at")) == {(letter.id, due)}


def test_one_notice_in_a_day_is_told_as_itself(ada: Person, now: datetime) -> None:
    daily(ada, "one", now=now)
    send_daily(now=now + timedelta(days=1))
    assert mails() == [("ada@example.com", "For you: something no longer here", "daily")]


def test_what_was_read_or_is_no_longer_wanted_is_not_mailed(ada: Person, now: datetime) -> None:
    daily(ada, "one", now=now)
    mark_read(acting(ada), None, now=now)
    assert send_daily(now=now + timedelta(days=1)) == 0
    daily(ada, "two", now=now)
    without_mail(ada, "learning.assigned", now=now)
    assert send_daily(now=now + timedelta(days=1)) == 0
    daily(ada, "three", now=now)
    Notice.objects.filter(key="three").update(kind="no.such")
    assert send_daily(now=now + timedelta(days=1)) == 0
    daily(ada, "four", now=now)
    Person.objects.update(is_active=False)
    assert send_daily(now=now + timedelta(days=1)) == 0
    assert (mails(), {done for _, _, done in ways()}) == ([], {True})


def test_each_gets_a_day_of_ones_own(ada: Person, now: datetime) -> None:
    ben = a_person(email="ben@example.com", timezone="America/New_York")
    daily(ada, "one", now=now)
    daily(ben, "one", now=now)
    assert send_daily(now=now + timedelta(hours=23)) == 2
    assert sorted(to for to, _, _ in mails()) == ["ada@example.com", "ben@example.com"]
    assert [due for _, due, _ in ways()] == [
        datetime(2026, 3, 2, 13, tzinfo=UTC),
        datetime(2026, 3, 3, 8, tzinfo=UTC),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_day_once(now: datetime) -> None:
    people = [a_person() for _ in range(6)]
    for person in people:
        daily(person, "one", "two", now=now)
    gate = threading.Barrier(2)
    sent: list[int] = []

    def work() -> None:
        try:
            gate.wait(10)
            sent.append(send_daily(now=now + timedelta(days=1)))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert (sum(sent), len(sent)) == (6, 2)
    assert sorted(to for to, _, _ in mails()) == sorted(person.email for person in people)


@pytest.mark.django_db(transaction=True)
def test_a_day_is_never_shared_out_between_two_workers(now: datetime) -> None:
    ada = a_person()
    daily(ada, "one", "two", now=now)
    tomorrow = now + timedelta(days=1)

    def hold() -> int:
        """One of the two, as another worker that reads them in another order would have it by now."""
        return len(Delivery.objects.filter(notice__key="two").select_for_update(no_key=True))

    assert one_waits_for_another(hold, lambda: send_daily(now=tomorrow)) == [1, 1]
    assert ([to for to, _, _ in mails()], send_daily(now=tomorrow)) == ([ada.email], 0)
    assert {done for _, _, done in ways()} == {True}


@pytest.mark.django_db(transaction=True)
def test_whom_one_worker_is_writing_to_the_others_pass_over(now: datetime) -> None:
    ada = a_person()
    daily(ada, "one", now=now)
    tomorrow = now + timedelta(days=1)
    has_taken, has_asked = threading.Event(), threading.Event()

    def take() -> int:
        with transaction.atomic():
            sent = actions._send_daily_to(ada.id, now=tomorrow)
            has_taken.set()
            assert has_asked.wait(30)
        return sent

    def ask() -> int:
        assert has_taken.wait(30)
        try:
            return actions._send_daily_to(ada.id, now=tomorrow)
        finally:
            has_asked.set()

    assert together(2, lambda number: (take, ask)[number]()) == [1, 0]
    assert len(mails()) == 1


@pytest.mark.django_db(transaction=True)
def test_told_by_two_at_once_one_is_told_once(now: datetime) -> None:
    people = [a_person() for _ in range(5)]
    gate = threading.Barrier(2)
    sent: list[int] = []

    def work() -> None:
        try:
            gate.wait(10)
            them = [person.id for person in people]
            sent.append(tell("rate.changed", them, key="k", now=now, params=FALL))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert (sum(sent), Notice.objects.count(), Mail.objects.count()) == (5, 5, 5)


def test_a_taken_day_is_left_to_whoever_took_it(ada: Person, now: datetime) -> None:
    assert actions._send_daily_to(ada.id, now=now) == 0


# -- reading


def test_one_reads_ones_own_and_nobody_elses(ada: Person, now: datetime) -> None:
    ben = a_person()
    for person in (ada, ben):
        for key in ("one", "two"):
            told(person, key=key, now=now)
    of_ben = Notice.objects.filter(person=ben, key="one").get().id
    of_ada = Notice.objects.filter(person=ada, key="one").get().id
    assert mark_read(acting(ada), [of_ada, of_ben], now=now) == 1
    assert open_notice(acting(ada), of_ada, now=now + timedelta(days=1)) == "/training/"
    assert Notice.objects.get(id=of_ada).read_at == now
    with pytest.raises(NotFound):
        open_notice(acting(ada), of_ben, now=now)
    assert (queries.unread_of(ada.id), queries.unread_of(ben.id)) == (1, 2)
    assert [line.told.read_at for line in unread(ada)] == [None]
    assert (mark_read(acting(ada), None, now=now), mark_read(acting(ada), None, now=now)) == (1, 0)
    with pytest.raises(NotFound):
        mark_read_until(acting(ada), ben.id, now, now=now)
    assert mark_read_until(acting(ben), ben.id, now - timedelta(seconds=1), now=now) == 0
    assert mark_read_until(acting(ben), ben.id, now, now=now) == 2


def unread(person: Person) -> list[queries.Line]:
    return list(queries.inbox(acting(person), unread=True).items)


def test_the_inbox_goes_on_where_it_stopped(ada: Person, now: datetime) -> None:
    for count in range(5):
        told(ada, key=str(count), now=now + timedelta(minutes=count // 2))
    seen: list[UUID] = []
    cursor = None
    while True:
        cut = queries.inbox(acting(ada), cursor=cursor, limit=2)
        seen += [line.told.id for line in cut.items]
        if (cursor := cut.next) is None:
            break
    newest = Notice.objects.order_by("-created_at", "-id").values_list("id", flat=True)
    assert seen == list(newest)
    Notice.objects.filter(key="0").update(kind="no.such")
    assert len(queries.inbox(acting(ada)).items) == 4


@pytest.mark.parametrize("cursor", ["WyIyMDI2IiwieCJd", "WyJub25zZW5zZSIsICJ4Il0", "WyIyMDI2LTAzLTAyIiwgMV0"])
def test_a_cursor_made_by_hand_finds_nothing(ada: Person, now: datetime, cursor: str) -> None:
    told(ada, now=now)
    assert list(queries.inbox(acting(ada), cursor=cursor).items) == []


# -- stopping mail by its own link


def token_of(person: Person, kind: str) -> str:
    return unsubscribe_url(person.id, kind).rstrip("/").rpartition("/")[2]


def test_a_link_stops_one_kind_to_one_person(ada: Person, now: datetime) -> None:
    ben = a_person()
    token = token_of(ada, "learning.assigned")
    asked = read_stop(token)
    assert (asked.email, [kind.name for kind in asked.kinds]) == ("ada@example.com", ["learning.assigned"])
    assert Choice.objects.count() == 0
    assert stop(token, now=now) == stop(token, now=now) == asked
    assert list(Choice.objects.values_list("person", "kind", "mail")) == [(ada.id, "learning.assigned", "off")]
    told(ada, now=now)
    told(ben, now=now)
    assert [to for to, _, _ in mails()] == [ben.email]
    assert str(Choice.objects.get()) == "learning.assigned off"


def test_the_days_link_stops_all_that_comes_daily(ada: Person, now: datetime) -> None:
    without_mail(ada, "learning.assigned", now=now, how="daily")
    without_mail(ada, "rate.changed", now=now, how="at_once")
    stopped = {kind.name for kind in stop(token_of(ada, "daily"), now=now).kinds}
    assert "learning.assigned" in stopped
    assert "rate.changed" not in stopped
    assert {kind.name for kind in read_stop(token_of(ada, "daily")).kinds} >= {"rate.changed"}


def test_links_that_stop_nothing(ada: Person, now: datetime) -> None:
    good = token_of(ada, "learning.assigned")
    ben = a_person()
    head, _, rest = good.partition(":")
    forged = signing.dumps([ben.id.hex, "learning.assigned"], salt="another salt")
    swapped = signing.dumps([ben.id.hex, "learning.assigned"], salt=SALT).partition(":")[0] + ":" + rest
    must = signing.dumps([ada.id.hex, "tier.warned"], salt=SALT)
    unknown = signing.dumps([ada.id.hex, "no.such"], salt=SALT)
    odd = signing.dumps({"a": 1}, salt=SALT)
    number = signing.dumps([7, "x"], salt=SALT)
    nobody = signing.dumps([uuid4().hex, "learning.assigned"], salt=SALT)
    wrong = ("", "x", head, good[:-1], forged, swapped, must, unknown, odd, number, nobody)
    for token in wrong:
        with pytest.raises(NotFound):
            stop(token, now=now)
    Person.objects.filter(id=ada.id).update(is_active=False)
    with pytest.raises(NotFound):
        stop(good, now=now)
    assert Choice.objects.count() == 0


def test_a_link_that_is_too_old_says_where_to_go(ada: Person, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(ada, "learning.assigned")
    later = time_of_day() + LINK_LASTS.total_seconds() + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    with pytest.raises(Conflict, match="profile"):
        stop(token, now=now)


def test_what_is_held_of_somebody_is_told_and_forgotten(ada: Person, now: datetime) -> None:
    told(ada, now=now)
    held = queries.notices_of(ada.id)
    assert [(one["kind"], one["created_at"], [way["cadence"] for way in one["deliveries"]]) for one in held] == [
        ("learning.assigned", now, [Cadence.AT_ONCE])
    ]
    actions.forget_person(ada.id, [])
    assert (Notice.objects.count(), Delivery.objects.count()) == (0, 0)


def test_a_person_without_a_partner_has_an_inbox_too(ada: Person) -> None:
    assert list(queries.inbox(Actor(ada.id)).items) == []


def test_the_job_writes_the_days_mails_that_are_due(ada: Person, now: datetime) -> None:
    daily(ada, "one", now=now)
    notice_jobs.send_daily(timestamp=0)
    notice_jobs.send_daily(timestamp=0)
    assert [to for to, _, _ in mails()] == ["ada@example.com"]
