"""Locking a partner's time, or that of a person who has no partner: what every action that can move a standing begins
with.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from academy.core import bulk, reads
from academy.core.errors import Conflict, NotFound
from academy.journal.actions import Opening, flush, latest_time, reactions
from academy.people.partners.models import Membership
from academy.people.permissions.rules import Actor


def lock_partner(partner_id: UUID, now: datetime) -> datetime:
    """Take the partner's lock and say the effective time of what its client sends now.

    Call it inside an action before reading what will change; it lasts until the commit. The time is `now`, or
    the partner's latest effective time where that is later: a partner's time never goes back. What time alone
    changed before that instant has been applied on return. Raises NotFound.
    """
    return _lock(partner_id, now, now, trusted=False)


def lock_partner_trusting(partner_id: UUID, occurred_at: datetime, now: datetime) -> datetime:
    """The same for a trusted source (deals, importers), which may say when something happened."""
    return _lock(partner_id, occurred_at, now, trusted=True)


def lock_many(partners: Iterable[UUID]) -> None:
    """Take the locks of many partners, in the one order that never deadlocks. Nothing was applied on return."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select 1 from people_partner where id = any(%s::uuid[]) order by id for no key update",
            [bulk.ids(partners)],
        )


def lock_partners(partners: Iterable[UUID]) -> dict[UUID, datetime | None]:
    """Take the locks of many partners and say the latest time of each.

    For imports, which apply themselves what time alone has changed: nothing was applied on return. Partners that are
    not there are left out.
    """
    wanted = list(partners)
    lock_many(wanted)
    with connection.cursor() as cursor:
        # A statement of its own: it sees what those have written for whom it was waited.
        cursor.execute(
            """
            select id, (select max(effective_at) from journal_fact where partner = p.id)
              from people_partner p where id = any(%s)
            """,
            [wanted],
        )
        return dict(cursor.fetchall())


def lock_learner(by: Actor, now: datetime) -> datetime:
    """The same for what a person learns: locks the actor's partner, or the person where there is none.

    Raises Conflict when the person left or joined a partner since we asked who it is.
    """
    [(is_still_there, latest)] = reads.rows(
        "select is_still_there, effective_at from people_lock_learner(%s, %s)", [by.person_id, by.partner_id]
    )
    if not is_still_there:
        raise Conflict(_("Your membership changed a moment ago. Try again."), code="membership_changed")
    if by.partner_id is None:
        return time_of_person(by.person_id, now)
    return _settled(by.partner_id, latest, now, now, trusted=False)


def lock_partner_of(person_id: UUID, now: datetime) -> tuple[UUID | None, datetime]:
    """Lock whichever partner a person is a member of, or the person where there is none. Also says the effective time.

    Raises Conflict when somebody without a partner joined one meanwhile.
    """
    partner_id = _partner_of(person_id)
    while partner_id is not None:
        at = lock_partner(partner_id, now)
        again = _partner_of(person_id)
        if again == partner_id:
            return partner_id, at
        partner_id = again
    lock_person(person_id)
    if _partner_of(person_id) is not None:
        raise Conflict(_("This membership changed a moment ago. Try again."), code="membership_changed")
    return None, time_of_person(person_id, now)


def lock_person(person_id: UUID) -> None:
    """Wait for whatever somebody without a partner is doing, and let nothing else begin. After the partner's lock."""
    with connection.cursor() as cursor:
        cursor.execute("select 1 from people_person where id = %s for no key update", [person_id])


def time_of_person(person_id: UUID, at: datetime) -> datetime:
    """An instant, or the latest at which something about the person counts: nobody's time goes back either."""
    flush()
    with connection.cursor() as cursor:
        cursor.execute("select max(effective_at) from journal_fact where person = %s", [person_id])
        latest: datetime | None = cursor.fetchone()[0]
    return max(filter(None, (latest, at)))


def _partner_of(person_id: UUID) -> UUID | None:
    here = Membership.objects.filter(person_id=person_id, left_at=None)
    return here.values_list("partner_id", flat=True).first()


def _lock(partner_id: UUID, at: datetime, now: datetime, *, trusted: bool) -> datetime:
    # One round trip; migration 0002 says why the two steps are a function and no single statement.
    row = reads.row("select effective_at from people_lock_partner(%s)", [partner_id])
    if row is None:
        raise NotFound
    return _settled(partner_id, row[0], at, now, trusted=trusted)


def _settled(partner_id: UUID, latest: datetime | None, at: datetime, now: datetime, *, trusted: bool) -> datetime:
    known = max(filter(None, (latest, latest_time(partner_id))), default=None)
    return reactions().before(Opening(partner_id, at, known, now, trusted))
