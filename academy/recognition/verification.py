"""Whether every certificate follows from what its decision says it followed from."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.recognition.certificates.queries import passed_by
from academy.recognition.credentials.models import CredentialVersion
from academy.recognition.credentials.rules import LastCertificate, Rule, parse_rule, verdict

_ISSUED = """
    select pos, rule, inputs, numbers, effective_at, person from journal_fact
     where kind = 'certificate.issued' and pos is not null order by pos
"""


def differences_of_certificates(*, deep: bool) -> Iterator[str]:
    """A sentence for each certificate that its stored inputs, or with `deep` the facts before it, do not earn."""
    rules = {
        reference: parse_rule(reference, version.criterion, version.valid_months)
        for version in CredentialVersion.objects.select_related("credential")
        for reference in [f"{version.credential.slug}-{version.number}"]
    }
    with connection.cursor() as cursor:
        cursor.execute(_ISSUED)
        issued = cursor.fetchall()
    for pos, reference, inputs, numbers, effective_at, person in issued:
        if reference not in rules:
            yield f"certificate.issued at {pos}: there is no rule {reference}"
            continue
        why = _why_not_earned(rules[reference], json.loads(inputs), json.loads(numbers), effective_at)
        if why is None and deep:
            why = _why_not_proved(json.loads(inputs)["passed"], person, pos) or _why_not_after(
                json.loads(inputs)["last"], person, json.loads(numbers)["credential"], pos
            )
        if why is not None:
            yield f"certificate.issued at {pos}: {why}"


def _why_not_earned(rule: Rule, inputs: Mapping[str, Any], numbers: Mapping[str, Any], at: datetime) -> str | None:
    if inputs.get("rule", rule.fingerprint) != rule.fingerprint:  # those of before say nothing of it
        return f"its rule {rule.reference} was rewritten since"
    passed = {module: datetime.fromisoformat(when) for module, when in inputs["passed"].items()}
    previous = _last(inputs["last"]) if inputs["last"] else None
    if not verdict(rule, passed, previous).met:
        return "its inputs do not earn it"
    return None if _moment(numbers["expires_at"]) == rule.expires_at(at) else "it does not end when its rule says"


def _why_not_proved(passed: Mapping[str, str], person: UUID, pos: int) -> str | None:
    proofs = passed_by(person, before=pos)
    for module, when in passed.items():
        if proofs.get(module) != datetime.fromisoformat(when):
            return f"module {module} was last proved at {proofs.get(module)}, not {when}"
    return None


_BEFORE = """
    select i.effective_at, (i.numbers->>'expires_at')::timestamptz,
           (select r.effective_at from journal_fact r
             where r.kind = 'certificate.revoked' and r.thing = i.thing and r.pos < %(pos)s)
      from journal_fact i
     where i.kind = 'certificate.issued' and i.person = %(person)s and i.numbers->>'credential' = %(credential)s
       and i.pos < %(pos)s
     order by i.pos desc limit 1
"""


def _why_not_after(last: Mapping[str, str | None] | None, person: UUID, credential: str, pos: int) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, {"person": person, "credential": credential, "pos": pos})
        row = cursor.fetchone()
    known = LastCertificate(*row) if row else None
    return None if known == (_last(last) if last else None) else f"the one before it was {known}, not {last}"


def _last(written: Mapping[str, str | None]) -> LastCertificate:
    return LastCertificate(
        datetime.fromisoformat(str(written["issued_at"])),
        _moment(written["expires_at"]),
        _moment(written["revoked_at"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
