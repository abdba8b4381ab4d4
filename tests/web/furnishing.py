"""What the demo academy has not got by itself, for a walk through all of its pages. Called inside of the demo."""

import tempfile
from pathlib import Path

from academy.core import clock
from academy.integrations.deals.actions import import_deals
from academy.learning.catalog.actions import publish_catalogue
from academy.learning.catalog.models import EditionLesson
from academy.learning.catalog.rules import Catalogue, CourseDraft, LessonDraft, ModuleDraft, PathDraft, ResourceDraft
from academy.learning.progress.actions import enrol
from academy.notifications.preferences.queries import unsubscribe_url
from academy.people.accounts.actions import answer_welcome
from academy.people.accounts.models import Person
from academy.people.accounts.queries import actor_of
from academy.people.invitations.actions import invite_member
from academy.programme.deals.registrations.actions import register_deal

from ..integrations.deals.tables import Told, a_table
from .partner.films import FILM

LONG_NAME = "é" * 160
"""A client's name as long as may be, and nowhere to break it."""

SENTENCE = "Say the price, then stop. " * 20


def furnish() -> dict[str, str]:
    """A lesson of each kind, a path, a resource, an invitation, imported sales, a newcomer who has answered, somebody
    without a password, a client with a long name. Returns what addresses need to name of it.
    """
    now = clock.now()
    maya, theo, hanne = (Person.objects.get(name=name) for name in ("Maya Okafor", "Theo Lindqvist", "Hanne Dahl"))
    hanne.set_unusable_password()
    hanne.save()
    nell = Person.objects.get(email="newcomer@demo.academy")
    answer_welcome(nell.pk, by=actor_of(nell.pk), now=now)
    owner = actor_of(theo.pk)
    assert owner.partner_id
    register_deal(actor_of(maya.pk), client=LONG_NAME, product="automation", amount="1840", expected_on=None, now=now)
    invited = invite_member(owner.partner_id, "ottilie@example.com", role="member", by=owner, now=now)
    with tempfile.TemporaryDirectory() as folder:
        sold = [Told(str(number), day=f"2012-{number:02}-01", spend="90000") for number in range(4, 10)]
        assert not import_deals(a_table(Path(folder) / "sales.csv", sold), mapping="gcloud", now=now).refused
    return {
        **_lessons(maya),
        "invitation": _last_part(invited.url),
        "unsubscribe": _last_part(unsubscribe_url(theo.pk, "certificate.issued")),
        "without_password": hanne.email,
        "second_step": Person.objects.get(name="Jonas Feldt").email,
    }


def _lessons(learner: Person) -> dict[str, str]:
    """A course with a lesson of each kind that the learner has begun; ids of lessons by their kind."""
    now = clock.now()
    kinds = {"video": {"attachments": (FILM,)}, "link": {"url": "https://example.com/talk"}}
    lessons = tuple(
        LessonDraft(uid=kind, kind=kind, title=f"A {kind}", minutes=3, text=SENTENCE, **more)  # type: ignore[arg-type]
        for kind, more in kinds.items()
    )
    course = CourseDraft(
        uid="kinds", slug="kinds", title="Kinds of lessons", modules=(ModuleDraft("m", "m", "All", lessons),)
    )
    path = PathDraft("path", "kinds-path", "A path", summary=SENTENCE, courses=("kinds",))
    resource = ResourceDraft("sheet", "sheet", "A sheet", summary=SENTENCE, minutes=4, url="https://example.com/sheet")
    told = publish_catalogue(Catalogue((course,), (path,), (resource,)), source="walk", by=None, now=now)
    assert told.refused == ()
    lines = EditionLesson.objects.filter(revision__kind__in=kinds).select_related("revision", "edition")
    enrol(actor_of(learner.pk), lines[0].edition.course_id, now=now)
    return {line.revision.kind: str(line.lesson_id) for line in lines}


def _last_part(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]
