"""Taking away a second step that its owner has lost, so that they can sign in again."""

from datetime import datetime
from email.utils import format_datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound
from academy.journal.actions import action
from academy.people.accounts.models import Person
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


@action
def forget_second_step(person_id: UUID, *, by: Actor, now: datetime) -> Person:
    """Take away a person's authenticator app, recovery codes and passkeys; the person is told by mail.

    All of them, for whoever lost a phone has lost what lies on it. Password, mailed code and open sessions stay.
    Raises NotFound, Forbidden, and Conflict where there is none, and for one's own: those go in the profile, where
    one proves who one is.
    """
    allow(by, "second_step.forget")
    person = Person.objects.select_for_update(no_key=True).filter(id=person_id, is_active=True).first()
    if person is None:
        raise NotFound
    if by.person_id == person.pk:
        sentence = _("This is your own. Remove it in your profile; if you lost it, ask another administrator.")
        raise Conflict(sentence, code="own_second_step")
    removed, _each = Authenticator.objects.filter(user=person).delete()
    if not removed:
        raise Conflict(_("%(name)s has no second step.") % {"name": person}, code="no_second_step")
    _tell(person, now=now)
    return person


def _tell(person: Person, *, now: datetime) -> None:
    """The person is told, so that nobody's account becomes easier to enter unnoticed."""
    with translation.override(person.language):
        subject = _("Your second step was removed")
        text = _(
            "Hello,\n\nAn administrator of SISO Academy removed the second step from your account: your authenticator "
            "app, recovery codes and passkeys are no longer asked for.\n\nSign in at %(url)s with your password or a "
            "mailed code, and set a second step up again in your profile.\n\nIf you did not ask for this, set a new "
            "password now, end the sessions that you do not know, and answer whoever invited you.\n"
        ) % {"url": settings.ORIGIN}
    EmailMessage(subject, text, to=[person.email], headers={"Date": format_datetime(now)}).send()
