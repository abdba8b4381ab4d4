"""Keeping which addresses do not work: said by the mail server at once, or by a mail provider later."""

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from academy.core.errors import NotFound, Refused
from academy.journal.actions import action
from academy.notifications.returns.models import Return
from academy.people.accounts.models import Person
from academy.people.accounts.rules import clean_address, is_address
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor

_KEEP = """
    insert into notifications_return (id, address, since, last_at, times, reason, reported)
    values (gen_random_uuid(), %(address)s, %(now)s, %(now)s, 1, %(reason)s, %(reported)s)
    on conflict (lower(address)) do update
       set last_at = excluded.last_at, times = notifications_return.times + 1, reason = excluded.reason,
           reported = notifications_return.reported or excluded.reported
"""


def keep_return(address: str, *, reason: str, reported: bool, now: datetime) -> None:
    """Take note that mail to an address came back. Call it inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"address": address, "reason": reason[:300], "reported": reported, "now": now})


@action
def report_return(by: Actor, address: str, *, reason: str, now: datetime) -> str:
    """Take a mail provider's word that mail to an address comes back; the address as it is kept.

    Raises Refused for what is no address.
    """
    allow(by, "mail.report")
    cleaned = clean_address(address)
    if not is_address(cleaned):
        sentence = _("Write it like name@company.com.")
        raise Refused(_("This is not an e-mail address."), fields={"address": sentence})
    keep_return(cleaned, reason=" ".join(reason.split()) or _("reported"), reported=True, now=now)
    return cleaned


def found_to_work(address: str) -> None:
    """A server took mail for an address that had been refused by a server. Word from elsewhere stands meanwhile."""
    Return.objects.filter(address__iexact=address, reported=False).delete()


@action
def try_again(by: Actor) -> None:
    """The person says that its address is right: mail goes to it as to any other. Raises NotFound for nobody."""
    allow(by, "notice.choose", person_id=by.person_id)
    email = Person.objects.filter(id=by.person_id).values_list("email", flat=True).first()
    if email is None:
        raise NotFound
    Return.objects.filter(address__iexact=email).delete()


@action
def clear_return(by: Actor, address: str) -> bool:
    """Forget that mail to an address came back; whether it had."""
    allow(by, "mail.report")
    gone, _by_table = Return.objects.filter(address__iexact=address.strip()).delete()
    return gone > 0


def forget_person(_person_id: UUID, addresses: list[str]) -> None:
    """Delete what is kept of the addresses of a person who is being erased."""
    of_theirs = Q()
    for address in addresses:
        of_theirs |= Q(address__iexact=address)
    if addresses:
        Return.objects.filter(of_theirs).delete()
