"""Reading certificates, and the proofs they rest on. Proofs are read from the journal, the one place that has them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from academy.core import reads
from academy.journal.actions import flush
from academy.recognition.certificates.models import Certificate
from academy.recognition.credentials.queries import InForce, credential_in_force
from academy.recognition.credentials.rules import LastCertificate


@dataclass(frozen=True, slots=True)
class Held:
    """The latest certificate of a person for a credential."""

    id: UUID
    credential: UUID
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def summary(self) -> LastCertificate:
        """As the rules read it."""
        return LastCertificate(self.issued_at, self.expires_at, self.revoked_at)


def passed_by(person: UUID, *, before: int | None = None) -> dict[str, datetime]:
    """Each module that a person has proved, with when it was proved last.

    A module is proved once its completion says so; passing its quiz again moves the time on. `before` is a place in
    the journal: what was known there.
    """
    flush()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with proved as (
                select thing::text as module, effective_at from journal_fact
                 where person = %(person)s and kind = 'module.completed' and (numbers->>'passed')::bool
                   and (%(before)s::bigint is null or pos < %(before)s))
            select module, max(at) from (
                select module, effective_at as at from proved
                union all
                select numbers->>'module', effective_at from journal_fact
                 where person = %(person)s and kind = 'quiz.passed'
                   and numbers->>'module' in (select module from proved)
                   and (%(before)s::bigint is null or pos < %(before)s)
            ) proofs group by module
            """,
            {"person": person, "before": before},
        )
        return dict(cursor.fetchall())


def last_certificates(person: UUID) -> dict[UUID, Held]:
    """The latest certificate of a person for each credential."""
    rows = (
        Certificate.objects.filter(person_id=person)
        .order_by("credential_id", "-issued_at")
        .distinct("credential_id")
        .values_list("id", "credential_id", "issued_at", "expires_at", "revoked_at")
    )
    return {row[1]: Held(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class Record:
    """What a person has proved and when last, and its latest certificate for each credential."""

    passed: dict[str, datetime]
    last: dict[UUID, Held]
    credentials: dict[UUID, InForce]


_RECORD = """
    select (select coalesce(json_object_agg(module, at), '{}') from (
               with proved as (
                   select thing::text as module, effective_at from journal_fact
                    where person = %(person)s and kind = 'module.completed' and (numbers->>'passed')::bool)
               select module, max(at) as at from (
                   select module, effective_at as at from proved
                   union all
                   select numbers->>'module', effective_at from journal_fact
                    where person = %(person)s and kind = 'quiz.passed'
                      and numbers->>'module' in (select module from proved)) proofs
                group by module) passed),
           (select coalesce(json_agg(json_build_array(id, credential_id, issued_at, expires_at, revoked_at)), '[]')
              from (select distinct on (credential_id) * from recognition_certificate
                where person_id = %(person)s order by credential_id, issued_at desc) latest),
           (select coalesce(json_agg(json_build_array(v.id, k.id, k.slug, k.title, k.summary, k.family, k.advanced,
                                                      v.number, v.criterion, v.valid_months) order by k.slug), '[]')
              from (select distinct on (credential_id) * from recognition_credentialversion
                     where effective_from <= %(at)s order by credential_id, effective_from desc, number desc) v
              join recognition_credential k on k.id = v.credential_id)
"""


def record_of(person: UUID, at: datetime) -> Record:
    """A person's proofs and certificates, and the credentials in force, by one query."""
    flush()
    found = reads.row(_RECORD, {"person": person, "at": at})
    passed, last, credentials = found or ({}, [], [])
    latest = (
        Held(UUID(one[0]), UUID(one[1]), datetime.fromisoformat(one[2]), _moment(one[3]), _moment(one[4]))
        for one in last
    )
    in_force = (credential_in_force(*one) for one in credentials)
    return Record(
        {module: datetime.fromisoformat(when) for module, when in passed.items()},
        {held.credential: held for held in latest},
        {credential.id: credential for credential in in_force},
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def expiring(people: Iterable[UUID], until: datetime) -> list[Certificate]:
    """Certificates of these people that have run out by an instant and are not marked so, earliest first."""
    return list(
        Certificate.objects.filter(
            person_id__in=list(people), expired=False, revoked_at__isnull=True, expires_at__lte=until
        )
        .select_related("version__credential")
        .order_by("expires_at", "id")
    )


def is_renewed(certificate: UUID) -> bool:
    """Whether its holder has earned another in its place."""
    return Certificate.objects.filter(renews=certificate).exists()


def of_person(person: UUID) -> QuerySet[Certificate]:
    """A person's certificates, newest first, with what a list shows."""
    return Certificate.objects.filter(person_id=person).select_related("credential", "version").order_by("-issued_at")


def of_people(people: Iterable[UUID]) -> list[Certificate]:
    """The certificates of these people, newest first, each with its credential and holder; one query."""
    found = Certificate.objects.filter(person_id__in=list(people)).select_related("credential", "person")
    return list(found.order_by("-issued_at", "serial"))


def by_serial(serial: str) -> Certificate | None:
    """The certificate with this number, with its holder and the certificate that renews it."""
    beside = ("credential", "version", "person", "renewed_by")
    return Certificate.objects.filter(serial=serial.upper()).select_related(*beside).first()


def proved(certificate: UUID) -> list[UUID]:
    """The modules that a certificate was issued for, as its decision says; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select jsonb_object_keys(inputs->'passed')::uuid from journal_fact"
            " where thing = %s and kind = 'certificate.issued'",
            [certificate],
        )
        return [module for (module,) in cursor.fetchall()]


def ending(after: datetime, until: datetime) -> list[Certificate]:
    """Certificates that end between two instants and are the last of their kind that their holder has, soonest first.

    One query. Asks no permission: it is for the notices.
    """
    later = Certificate.objects.filter(
        person_id=OuterRef("person_id"), credential_id=OuterRef("credential_id"), issued_at__gt=OuterRef("issued_at")
    )
    found = Certificate.objects.filter(
        ~Exists(later), expires_at__gt=after, expires_at__lte=until, revoked_at=None, person__is_active=True
    )
    return list(found.order_by("expires_at", "id"))
