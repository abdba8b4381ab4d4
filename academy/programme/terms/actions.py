"""Publishing terms, and accepting them for a partner."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.actions import Thing, action, record
from academy.learning.catalog.markdown.rules import active_in
from academy.people.partners.actions import lock_partner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.plans.models import Clock
from academy.programme.standing.queries import stands
from academy.programme.terms.models import Acceptance, Terms
from academy.programme.terms.queries import in_force

LONGEST = 60_000
MOST_AHEAD = timedelta(days=366)


@action
def publish_terms(
    by: Actor, programme: UUID, text: str, *, reason: str, effective_from: datetime, now: datetime
) -> Terms:
    """Publish the next version. It holds from its day on; until they accept it, partners are not paid.

    An earlier version that has not begun by then never does: so a mistake is mended before anybody is bound by it.
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
        "terms.published",
        at=now,
        now=now,
        thing=Thing("terms", terms.pk),
        numbers={
            "programme": str(programme),
            "number": terms.number,
            "effective_from": effective_from.isoformat(),
        },
        key=f"terms.published:{terms.pk}",
    )
    return terms


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
