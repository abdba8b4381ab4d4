"""Publishing terms, and accepting them for a partner."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.actions import Thing, action, record
from academy.learning.catalog.markdown.rules import active_in
from academy.notifications.notices.actions import Telling, tell_each
from academy.people.partners.actions import lock_partner
from academy.people.partners.queries import owner_ids_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.plans.models import Clock
from academy.programme.plans.queries import zone_of
from academy.programme.standing.queries import stands
from academy.programme.terms.models import Acceptance, Terms
from academy.programme.terms.queries import bound_by, in_force

PUBLISHED = "terms.published"
"""The kind of fact, and of the notice by which owners are told of it."""
A_CHUNK = 200
"""Partners whose owners are told in one transaction."""
LONGEST = 60_000
MOST_AHEAD = timedelta(days=366)


@action
def publish_terms(
    by: Actor, programme: UUID, text: str, *, reason: str, effective_from: datetime, now: datetime
) -> Terms:
    """Publish the next version. It holds from its day on; until they accept it, partners are not paid.

    Their owners are told, by jobs. An earlier version that has not begun by then never does: so a mistake is
    mended before anybody is bound by it.
    Raises Refused for an empty text, one with what runs in a browser, or a beginning in the past or after more than a
    year; NotFound, Forbidden.
    """
    allow(by, "terms.publish")
    with connection.cursor() as cursor:
        cursor.execute("select clock from programme_programme where id = %s for no key update", [programme])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    if row[0] == Clock.SOURCE:
        raise Refused(_("This programme holds imported history: nobody is paid by it, so nothing is agreed on."))
    _check(text, reason)
    newest = Terms.objects.filter(programme_id=programme).order_by("-number").first()
    if not now <= effective_from <= now + MOST_AHEAD:
        sentence = _("Terms begin now or later, within a year.")
        raise Refused(sentence, fields={"effective_from": sentence})
    terms = Terms.objects.create(
        id=uuid7(),
        programme_id=programme,
        number=newest.number + 1 if newest else 1,
        text=text.strip(),
        effective_from=effective_from,
        published_at=now,
        published_by_id=by.signature,
        reason=reason.strip(),
    )
    record(
        PUBLISHED,
        at=now,
        now=now,
        thing=Thing("terms", terms.pk),
        numbers={
            "programme": str(programme),
            "number": terms.number,
            "effective_from": effective_from.isoformat(),
        },
        key=f"{PUBLISHED}:{terms.pk}",
    )
    _tell_later(terms.pk)
    return terms


def _tell_later(terms: UUID, after: UUID | None = None) -> None:
    # In time of their own: a mail is written for each owner, and whoever publishes does not wait for that.
    app.configure_task("programme.tell_of_terms", queue="money").defer(
        terms=str(terms), after=str(after) if after else None
    )


@action
def tell_of_terms(terms_id: UUID, *, after: UUID | None = None, now: datetime) -> None:
    """Tell the owners of one chunk of partners what was published, each once, and leave the rest to another job."""
    terms = Terms.objects.get(pk=terms_id)
    partners = bound_by(terms, after=after, limit=A_CHUNK)
    begins_on = terms.effective_from.astimezone(zone_of(terms.programme_id)).date()
    tellings = [
        Telling(
            person=owner,
            key=f"{PUBLISHED}:{terms.pk}",
            partner=partner,
            params={"number": terms.number, "begins_on": begins_on.isoformat()},
            url="/terms/",
        )
        for partner, owners in owner_ids_of(partners).items()
        for owner in owners
    ]
    tell_each(PUBLISHED, tellings, now=now)
    if len(partners) == A_CHUNK:
        _tell_later(terms.pk, partners[-1])


def _check(text: str, reason: str) -> None:
    wrong = {}
    if not text.strip():
        wrong["text"] = _("Write what is agreed on.")
    elif len(text) > LONGEST:
        wrong["text"] = _("This is too long to be read. Keep it below %(count)d letters.") % {"count": LONGEST}
    elif found := active_in(text):
        line, what = found[0]
        wrong["text"] = _("Line %(line)d has %(what)s, which could run in a browser.") % {"line": line, "what": what}
    if not reason.strip():
        wrong["reason"] = _("Say in a sentence what is new, for those who accepted the version before.")
    if wrong:
        raise Refused(next(iter(wrong.values())), fields=wrong)


@action
def accept_terms(by: Actor, partner: UUID, terms: UUID, *, now: datetime) -> Acceptance:
    """Accept the version in force for a partner. Repeated it changes nothing.

    Raises Conflict when another version is in force meanwhile; NotFound, Forbidden.
    """
    allow(by, "terms.accept", partner_id=partner)
    at = lock_partner(partner, now)
    standing = stands(partner)
    current = in_force(standing.programme, now) if standing else None
    if current is None or current.pk != terms:
        raise Conflict(_("Newer terms came out meanwhile. Read them, then accept those."))
    known = Acceptance.objects.filter(terms=current, partner_id=partner).first()
    if known is not None:
        return known
    accepted = Acceptance.objects.create(
        id=uuid7(), terms=current, partner_id=partner, person_id=by.person_id, accepted_at=at
    )
    record(
        "terms.accepted",
        partner=partner,
        person=by.person_id,
        thing=Thing("terms", current.pk),
        at=at,
        now=now,
        numbers={"number": current.number, "programme": str(current.programme_id)},
        key=f"terms.accepted:{accepted.pk}",
    )
    return accepted
