"""Notices of who joined."""

from django.utils.translation import gettext as _

from academy.notifications.notices.rules import Told, Words
from academy.web.notices.names import Names


def joined(told: Told, known: Names) -> Words:
    words = {"name": known.person(told), "partner": known.partner(told)}
    sentence = _("%(name)s joined %(partner)s. What they prove from now on counts for it.")
    return Words(_("%(name)s joined") % words, sentence % words)
