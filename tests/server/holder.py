"""Somebody with a certificate, made inside of another academy's process."""

from django.conf import settings

from academy.core import clock
from academy.people.accounts.models import Person
from academy.recognition.certificates.models import Certificate

from ..factories import a_session
from ..worlds import a_world, days, pass_modules


def a_holder() -> dict[str, str]:
    """The small academy, whose owner passed everything: the certificate's number, and the cookie of a session."""
    at = clock.now() - days(1)
    world = a_world(at)
    pass_modules(world.owner, world.course, now=at)
    session = a_session(Person.objects.get(pk=world.owner.person_id))
    return {"serial": Certificate.objects.get().serial, "cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
