"""Telling people something, once, by every way they chose; and their reading of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from academy.core import bulk
from academy.core.errors import NotFound
from academy.core.ids import uuid7
from academy.core.locks import is_free
from academy.journal.actions import action
from academy.notifications.actions import send_mail
from academy.notifications.models import Mail
from academy.notifications.notices import queries, rules
from academy.notifications.notices.models import Delivery, Notice
from academy.notifications.notices.queries import Recipient, registry
from academy.notifications.notices.rules import Addressee, Cadence, Channel, Kind, Params, QuietHours, Told
from academy.notifications.preferences.queries import DAILY_MAIL, chosen_by, unsubscribe_url
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor

PEOPLE_AT_A_TIME = 200

_INSERT = """
    insert into notifications_notice (id, person_id, kind, key, partner_id, params, url, created_at)
    select made.id, made.person_id, %(kind)s, made.key, made.partner_id, made.params, made.url, %(now)s
      from jsonb_to_recordset(%(rows)s::jsonb)
           as made (id uuid, person_id uuid, key text, partner_id uuid, params jsonb, url text)
    on conflict (person_id, key) do nothing
    returning id
"""

_DELIVER = """
    insert into notifications_delivery (id, notice_id, channel, cadence, due_at, done_at, mail_id)
    select * from jsonb_to_recordset(%s::jsonb)
           as way (id uuid, notice_id uuid, channel text, cadence text, due_at timestamptz, done_at timestamptz,
                   mail_id uuid)
"""


@dataclass(frozen=True, slots=True)
class Telling:
    """What one person is told. `key` names what it is about (`statement.ready:<id>`), `url` where one sees more."""

    person: UUID
    key: str
    partner: UUID | None
    params: Params
    url: str


@action
def tell(
    kind: str,
    people: Iterable[UUID],
    *,
    key: str,
    now: datetime,
    partner: UUID | None = None,
    params: Params | None = None,
    url: str | None = None,
) -> int:
    """Tell these people something of a kind of the registry; how many had not been told it yet.

    In the caller's transaction: notice, mail and the mail's job come or go with what they tell of. `key` names what it
    is about (`statement.ready:<id>`); whoever was told it before is not told again. `params` are ids, numbers, codes
    and times, never names or texts. `url` is a path of ours where one sees more; without it the kind's.
    """
    where = url or registry().kinds[kind].url
    return tell_each(kind, [Telling(person, key, partner, params or {}, where) for person in set(people)], now=now)


@action
def tell_each(kind: str, tellings: Sequence[Telling], *, now: datetime) -> int:
    """Tell each of many people something of their own, as `tell` does; how many notices are new.

    Four statements for any number of them, and what is written for those who are mailed at once.
    """
    known = registry().kinds[kind]
    found = {one.id: one for one in queries.recipients(kind, list({telling.person for telling in tellings}))}
    tried = {
        uuid7(): replace(telling, params=json.loads(queries.as_json(telling.params)))
        for telling in tellings
        if telling.person in found
    }
    new = _insert(kind, tried, now)
    ways = [
        _way(known, Told(notice, kind, one.partner, one.params, one.url, now, None), found[one.person], now)
        for notice, one in new.items()
    ]
    _deliver([way for way in ways if way is not None])
    _hint([one.person for one in new.values()])
    return len(new)


def _insert(kind: str, tried: Mapping[UUID, Telling], now: datetime) -> dict[UUID, Telling]:
    """Write these as notices, by their ids; those that were not known yet."""
    if not tried:
        return {}
    rows = [
        {
            "id": key,
            "person_id": one.person,
            "key": one.key,
            "partner_id": one.partner,
            "params": one.params,
            "url": one.url,
        }
        for key, one in tried.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {"kind": kind, "now": now, "rows": bulk.rows(rows)})
        return {notice: tried[notice] for (notice,) in cursor.fetchall()}


def _deliver(ways: Sequence[Mapping[str, Any]]) -> None:
    if ways:
        with connection.cursor() as cursor:
            cursor.execute(_DELIVER, [bulk.rows(ways)])


def _way(kind: Kind, told: Told, to: Recipient, now: datetime) -> Mapping[str, Any] | None:
    """How a notice goes out by mail: at once as a mail, daily as something that waits for the day's, or not."""
    how = rules.cadence(kind, told.params, chosen=to.chosen, comes_back=to.comes_back)
    if how is Cadence.OFF:
        return None
    due = rules.due(kind, how, now, _quiet(to), rules.zone(to.timezone))
    way = {"id": uuid7(), "notice_id": told.id, "channel": Channel.MAIL, "cadence": how, "due_at": due}
    if how is not Cadence.AT_ONCE:
        return way
    stoppable = "" if kind.must(told.params) else kind.name
    return way | {"mail_id": _write(to, [told], stoppable, due, now).id, "done_at": now}


def _write(to: Recipient, told: Sequence[Told], stoppable: str, due: datetime, now: datetime) -> Mail:
    stop = unsubscribe_url(to.id, stoppable) if stoppable else None
    letter = registry().letter(Addressee(to.id, to.email, to.name, to.language, to.timezone), told, stop, now)
    return send_mail(
        to.email,
        person_id=to.id,
        subject=letter.subject,
        text=letter.text,
        now=now,
        not_before=due,
        kind=stoppable,
    )


def _quiet(to: Recipient) -> QuietHours | None:
    if not to.has_quiet:
        return rules.USUAL_QUIET
    return QuietHours(to.quiet_begins, to.quiet_ends) if to.quiet_begins is not None else None


def _hint(people: Sequence[UUID]) -> None:
    """Let these people's open pages know, at the commit, that their inboxes are others."""
    if people:
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify('live_notices', person) from unnest(%s::text[]) person", [list(people)])


@action
def open_notice(by: Actor, notice: UUID, *, now: datetime) -> str:
    """Take note of one notice; the path where one sees more. Raises NotFound for what is not one's own."""
    allow(by, "notice.read", person_id=by.person_id)
    url = Notice.objects.filter(id=notice, person_id=by.person_id).values_list("url", flat=True).first()
    if url is None:
        raise NotFound(_("This notice is not here any more, or it is not yours."))
    _mark(by.person_id, {"id": notice}, now)
    return url


@action
def mark_read(by: Actor, notices: Sequence[UUID] | None, *, now: datetime) -> int:
    """Take note of these of one's own notices, or of all; how many had been unread. Others' are left alone."""
    allow(by, "notice.read", person_id=by.person_id)
    return _mark(by.person_id, {} if notices is None else {"id__in": list(notices)}, now)


@action
def mark_read_until(by: Actor, person_id: UUID, until: datetime, *, now: datetime) -> int:
    """Take note of all that a person was told up to an instant; how many had been unread."""
    allow(by, "notice.read", person_id=person_id)
    return _mark(person_id, {"created_at__lte": until}, now)


def _mark(person_id: UUID, which: dict[str, Any], now: datetime) -> int:
    read = Notice.objects.filter(person_id=person_id, read_at=None, **which).update(read_at=now)
    if read:
        _hint([person_id])
    return read


# -- the day's mail


def send_daily(*, now: datetime) -> int:
    """Write the day's mail for everybody for whom it is due; how many mails. Each person's is a transaction of its own.

    Any number of workers may do so at a time: whom one is writing to, the others pass over.
    """
    sent = 0
    for person in _people_due(now):
        sent += _send_daily_to(person, now=now)
    return sent


def _people_due(now: datetime) -> list[UUID]:
    due = Delivery.objects.filter(done_at=None, due_at__lte=now).order_by("notice__person_id")
    return list(due.values_list("notice__person_id", flat=True).distinct())


@action
def _send_daily_to(person: UUID, *, now: datetime) -> int:
    # All that waits goes out as one mail: two who each passed over what the other had locked would write two.
    if not is_free(f"daily mail of {person}"):
        return 0
    waiting = Delivery.objects.filter(notice__person_id=person, done_at=None, due_at__lte=now)
    taken = list(waiting.select_related("notice").order_by("id").select_for_update(no_key=True, of=("self",)))
    if not taken:
        return 0
    notices = [queries.told_of(one.notice) for one in taken]
    unread = sorted((one for one in notices if one.read_at is None), key=lambda one: one.created_at)
    mail = _daily_mail(person, unread, now)
    Delivery.objects.filter(id__in=[one.id for one in taken]).update(done_at=now, mail_id=mail.id if mail else None)
    return 1 if mail else 0


def _daily_mail(person: UUID, unread: Sequence[Told], now: datetime) -> Mail | None:
    """The day's mail, of what the person has not read on the page and still wants to be mailed about."""
    found = queries.recipients("", [person])
    if not found:
        return None
    (to,), chosen, known = found, chosen_by(person), registry().kinds
    wanted = [
        one
        for one in unread
        if one.kind in known
        and rules.cadence(known[one.kind], one.params, chosen=chosen.get(one.kind), comes_back=to.comes_back)
        is not Cadence.OFF
    ]
    return _write(to, wanted, DAILY_MAIL, now, now) if wanted else None


def forget_person(person_id: UUID, _addresses: list[str]) -> None:
    """Delete all that a person who is being erased was told."""
    Delivery.objects.filter(notice__person_id=person_id).delete()
    Notice.objects.filter(person_id=person_id).delete()
