"""Issuing certificates by rule, letting them expire, revoking them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import new_serial, uuid7
from academy.journal.actions import Decision, Recorded, Thing, action, record
from academy.notifications.notices.actions import tell
from academy.people.partners.actions import lock_partner_of
from academy.people.partners.queries import owner_ids, partner_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.recognition.certificates import queries
from academy.recognition.certificates.models import Certificate
from academy.recognition.credentials import rules
from academy.recognition.credentials.queries import InForce


def issue_due(fact: Recorded) -> None:
    """Reaction to a proof (a module completed, a quiz passed): every credential that it completes."""
    if fact.person is None:
        return
    module = str(fact.thing.id) if fact.thing and fact.thing.kind == "module" else str(fact.numbers["module"])
    known = queries.record_of(fact.person, fact.effective_at)
    for credential in known.credentials.values():
        if module not in credential.rule.modules():
            continue
        previous = known.last.get(credential.id)
        verdict = rules.verdict(credential.rule, known.passed, previous.summary() if previous else None)
        if verdict.met:
            _issue(fact, fact.person, credential, previous, known.passed)


def _issue(
    fact: Recorded, person: UUID, credential: InForce, previous: queries.Held | None, passed: dict[str, datetime]
) -> None:
    at = fact.effective_at
    expires_at = credential.rule.expires_at(at)
    certificate = Certificate.objects.create(
        id=uuid7(),
        serial=new_serial(),
        person_id=person,
        credential_id=credential.id,
        version_id=credential.version,
        issued_at=at,
        expires_at=expires_at,
        renews_id=previous.id if previous and previous.revoked_at is None else None,
    )
    proofs = {module: passed[module].isoformat() for module in sorted(credential.rule.modules() & passed.keys())}
    last = previous.summary() if previous else None
    record(
        "certificate.issued",
        partner=fact.partner,
        person=fact.person,
        thing=Thing("certificate", certificate.pk),
        at=at,
        now=fact.recorded_at,
        numbers={
            "credential": str(credential.id),
            "serial": certificate.serial,
            "expires_at": expires_at.isoformat() if expires_at else None,
        },
        decision=Decision(
            credential.rule.reference,
            {
                "passed": proofs,
                "rule": credential.rule.fingerprint,
                "last": {
                    "issued_at": last.issued_at.isoformat(),
                    "expires_at": last.expires_at.isoformat() if last.expires_at else None,
                    "revoked_at": last.revoked_at.isoformat() if last.revoked_at else None,
                }
                if last
                else None,
            },
        ),
        key=f"certificate.issued:{certificate.pk}",
    )


def expire(partner: UUID, people: list[UUID], *, until: datetime, now: datetime) -> None:
    """Record what has expired up to an instant, at that instant. The partner is locked already.

    Time is brought forward expiry by expiry, so that this is when each ended; one that ended while its holder was with
    no partner is told late, for the partner's time never goes back.
    """
    for certificate in queries.expiring(people, until):
        Certificate.objects.filter(pk=certificate.pk).update(expired=True)
        expires_at = certificate.expires_at or until  # the query asks for those that end
        record(
            "certificate.expired",
            partner=partner,
            person=certificate.person_id,
            thing=Thing("certificate", certificate.pk),
            at=until,
            now=now,
            occurred_at=expires_at,
            numbers={"credential": str(certificate.credential_id)},
            decision=Decision(
                f"{certificate.version.credential.slug}-{certificate.version.number}",
                {"expires_at": expires_at.isoformat()},
            ),
            key=f"certificate.expired:{certificate.pk}",
        )


NOTICE = timedelta(days=30)
"""How long before a certificate ends its holder is told, and the owners of the company that it counts for."""


def tell_of_ending(*, now: datetime) -> int:
    """Tell of each certificate that ends in at most 30 days; how many people were told. Repeating it tells no more."""
    return sum(_tell_of_ending(certificate, now=now) for certificate in queries.ending(now, now + NOTICE))


@action
def _tell_of_ending(certificate: Certificate, *, now: datetime) -> int:
    key = f"certificate.expiring:{certificate.pk}"
    params = {"thing": certificate.pk, "expires_at": certificate.expires_at}
    holder = certificate.person_id
    told = tell("certificate.expiring", [holder], key=key, params=params, now=now)
    partner = partner_of(holder)
    if partner is None:
        return told
    owners = [owner for owner in owner_ids(partner) if owner != holder]
    whose = {**params, "person": holder}
    return told + tell("certificate.expiring", owners, key=key, partner=partner, params=whose, now=now)


@action
def revoke(actor: Actor, serial: str, *, reason: str, now: datetime) -> None:
    """Take a certificate back, for a reason that is kept. What it paid falls only after a warning and its grace.

    Raises NotFound, Refused without a reason, Conflict when it is revoked already.
    """
    allow(actor, "certificate.revoke")
    if not reason.strip():
        raise Refused(_("Say why: the holder will read it."), fields={"reason": _("A reason is needed.")})
    certificate = Certificate.objects.filter(serial=serial).first()
    if certificate is None:
        raise NotFound(_("There is no certificate with this number."))
    partner, at = lock_partner_of(certificate.person_id, now)
    certificate.refresh_from_db()
    if certificate.revoked_at is not None:
        raise Conflict(_("This certificate was revoked already."))
    certificate.revoked_at = at
    certificate.revoked_reason = reason.strip()[:500]
    certificate.save(update_fields=["revoked_at", "revoked_reason"])
    record(
        "certificate.revoked",
        partner=partner,
        person=certificate.person_id,
        thing=Thing("certificate", certificate.pk),
        at=at,
        now=now,
        numbers={"credential": str(certificate.credential_id)},
        key=f"certificate.revoked:{certificate.pk}",
    )
