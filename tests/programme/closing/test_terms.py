"""Terms by version: published by managers, accepted by owners, and the version is what was accepted."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.notifications.models import Mail
from academy.notifications.notices.models import Notice
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.plans.actions import found_programme, publish_plan
from academy.programme.terms import actions
from academy.programme.terms.actions import accept_terms, publish_terms
from academy.programme.terms.jobs import tell_of_terms
from academy.programme.terms.models import Acceptance, Terms
from academy.programme.terms.queries import accepted_by, agreed, in_force, programmes, terms_with, versions

from ...factories import a_partner, a_staff_member, acting
from ...worlds import a_colleague, a_partner_in, a_world, days, written_plan

pytestmark = pytest.mark.django_db


def test_a_version_holds_from_its_day(now: datetime) -> None:
    world = a_world(now)
    manager = acting(a_staff_member("manager"))
    first = publish_terms(manager, world.programme, "# One", reason="The first.", effective_from=now, now=now)
    later = now + days(30)
    second = publish_terms(manager, world.programme, "# Two", reason="Shorter.", effective_from=later, now=now)

    assert [in_force(world.programme, at) for at in (now - days(1), now, later)] == [None, first, second]
    assert [(one.number, one.accepted) for one in versions(manager)] == [(2, 0), (1, 0)]
    assert programmes(manager) == [(world.programme, "Agencies")]
    assert terms_with(first.pk) == first
    assert Fact.objects.filter(kind="terms.published").count() == 2

    accept_terms(world.owner, world.partner, first.pk, now=now)
    accept_terms(world.owner, world.partner, first.pk, now=now)
    with pytest.raises(Conflict, match="Newer terms"):
        accept_terms(world.owner, world.partner, first.pk, now=later)
    told = agreed(world.owner, world.partner, world.programme, now)
    assert (told.terms, told.accepted_at, told.accepted_by, told.coming) == (first, now, world.owner.person_id, second)
    then = agreed(world.owner, world.partner, world.programme, later)
    assert (then.terms, then.accepted_at, then.coming, then.others) == (second, None, None, ((1, now),))
    fact = Fact.objects.get(kind="terms.accepted")
    assert (fact.thing, fact.person, fact.numbers) == (
        first.pk,
        world.owner.person_id,
        {"number": 1, "programme": str(world.programme)},
    )
    assert [one["terms__number"] for one in accepted_by(world.owner.person_id)] == [1]


def jobs() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("select args from procrastinate_jobs where task_name = 'programme.tell_of_terms' order by id")
        return [json.loads(args) if isinstance(args, str) else args for (args,) in cursor.fetchall()]


def test_owners_of_the_programme_are_told_once(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(now)
    a_colleague(world.partner, now=now)
    second = a_colleague(world.partner, now=now, role="owner")
    partner = a_partner_in(world.programme, now=now)
    third = a_colleague(partner, now=now, role="owner")
    other = found_programme("others", name="Others", timezone="Europe/London")
    written = written_plan(world.course.modules, [world.credential])
    publish_plan(None, other, written, reason="It opens.", effective_from=now, now=now)
    a_colleague(a_partner_in(other, now=now), now=now, role="owner")
    begins = datetime(2026, 3, 31, 23, tzinfo=UTC)  # midnight in London
    terms = publish_terms(THE_HOUSE, world.programme, "# One", reason="x", effective_from=begins, now=now)
    assert Notice.objects.filter(kind="terms.published").count() == 0

    monkeypatch.setattr("academy.core.clock.now", lambda: now + days(1))
    monkeypatch.setattr(actions, "A_CHUNK", 1)
    newcomer = a_partner_in(world.programme, now=now)
    Partner.objects.filter(pk=newcomer).update(created_at=now + days(1))
    a_colleague(newcomer, now=now, role="owner")
    done = 0
    while done < len(jobs()):
        tell_of_terms(**jobs()[done])
        done += 1
    after = [None, *(str(one) for one in sorted([world.partner, partner]))]
    assert jobs() == [{"terms": str(terms.pk), "after": one} for one in after]
    tell_of_terms(**jobs()[0])
    told = Notice.objects.filter(kind="terms.published")
    params = {"number": 1, "begins_on": "2026-04-01"}
    assert sorted((one.person_id, one.partner_id, one.params, one.url) for one in told) == sorted(
        [
            (world.owner.person_id, world.partner, params, "/terms/"),
            (second.person_id, world.partner, params, "/terms/"),
            (third.person_id, partner, params, "/terms/"),
        ]
    )
    to_owner = Mail.objects.filter(person_id=third.person_id, subject="New terms to accept")
    assert [one.kind for one in to_owner] == [""]  # no way to stop it


def test_a_newer_version_replaces_one_that_has_not_begun(now: datetime) -> None:
    world = a_world(now)
    first, mistaken, mended = (
        publish_terms(THE_HOUSE, world.programme, f"# {text}", reason="x", effective_from=now + days(after), now=now)
        for text, after in (("One", 0), ("Mistaken", 300), ("Mended", 30))
    )
    assert [in_force(world.programme, now + days(after)) for after in (0, 29, 30, 400)] == [
        *(first, first, mended, mended)
    ]
    comes = [agreed(world.owner, world.partner, world.programme, now + days(after)).coming for after in (0, 31)]
    assert comes == [mended, None]
    assert [(one.id, one.is_replaced) for one in versions(THE_HOUSE)] == [
        (mended.pk, False),
        (mistaken.pk, True),
        (first.pk, False),
    ]


@pytest.mark.parametrize(
    ("text", "reason", "field"),
    [
        (" ", "why", "text"),
        ("x" * 60_001, "why", "text"),
        ("<script>alert(1)</script>", "why", "text"),
        ("# One", " ", "reason"),
    ],
)
def test_what_terms_must_be(now: datetime, text: str, reason: str, field: str) -> None:
    world = a_world(now)
    with pytest.raises(Refused) as refused:
        publish_terms(THE_HOUSE, world.programme, text, reason=reason, effective_from=now, now=now)
    assert list(refused.value.fields) == [field]


def test_what_is_refused(now: datetime) -> None:
    world = a_world(now)
    terms = publish_terms(THE_HOUSE, world.programme, "# One", reason="First.", effective_from=now + days(1), now=now)
    for begins in (now - days(1), now + days(400)):
        with pytest.raises(Refused, match="now or later"):
            publish_terms(THE_HOUSE, world.programme, "# Two", reason="x", effective_from=begins, now=now)
    imported = found_programme("history", name="History", timezone="UTC", clock="source")
    with pytest.raises(Refused, match="imported history"):
        publish_terms(THE_HOUSE, imported, "# One", reason="x", effective_from=now, now=now)
    with pytest.raises(NotFound):
        publish_terms(THE_HOUSE, uuid7(), "# One", reason="x", effective_from=now, now=now)
    with pytest.raises(Forbidden):
        publish_terms(world.owner, world.programme, "# One", reason="x", effective_from=now, now=now)
    with pytest.raises(Conflict, match="Newer terms"):
        accept_terms(world.owner, world.partner, terms.pk, now=now)
    with pytest.raises(Conflict, match="Newer terms"):
        accept_terms(THE_HOUSE, a_partner().pk, terms.pk, now=now)
    with pytest.raises(Forbidden):
        accept_terms(a_colleague(world.partner, now=now), world.partner, terms.pk, now=now)
    with pytest.raises(NotFound):
        accept_terms(world.owner, a_partner().pk, terms.pk, now=now)
    with pytest.raises(NotFound):
        terms_with(uuid7())
    assert (Terms.objects.count(), Acceptance.objects.count()) == (1, 0)
