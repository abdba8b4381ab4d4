"""The ways to the catalogue for somebody who asks. Whoever is signed in sees what is published and not archived."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from academy.core.errors import NotFound
from academy.learning.catalog.models import Item, Lesson
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor, may


def may_publish(by: Actor) -> None:
    """Go on if `by` may import or publish catalogues. Raises Forbidden or SignInNeeded."""
    allow(by, "catalogue.import")


def seen_by(by: Actor, *, now: datetime) -> QuerySet[Item]:
    """The items that `by` can see: curators all, others what is shown, and what they are enrolled in."""
    allow(by, "catalogue.see")
    if may(by, "catalogue.edit"):
        return Item.objects.all()
    taken = Item.objects.filter(enrolments__person=by.person_id).values("id")
    return Item.objects.filter(Q(published_at__lte=now, archived_at__isnull=True) | Q(id__in=taken))


def item(by: Actor, kind: str, slug: str, *, now: datetime) -> Item:
    """One item by its address. Raises NotFound."""
    found = seen_by(by, now=now).filter(kind=kind, slug=slug).first()
    if found is None:
        raise NotFound
    return found


def lesson(by: Actor, lesson_id: UUID, *, now: datetime) -> Lesson:
    """A lesson of a course that `by` can see. Raises NotFound."""
    courses = seen_by(by, now=now).values("id")
    found = Lesson.objects.filter(id=lesson_id, module__course__in=courses).select_related("module__course").first()
    if found is None:
        raise NotFound
    return found
