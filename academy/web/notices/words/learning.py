"""Notices of certificates, and of what somebody is asked to learn."""

from datetime import date

from django.utils.translation import gettext as _

from academy.notifications.notices.rules import Told, Words
from academy.web import formats
from academy.web.notices.names import Names, day_of


def issued(told: Told, known: Names) -> Words:
    words = {"title": known.thing(told), "day": day_of(told, "expires_at")}
    sentence = _("“%(title)s” is yours until %(day)s.") if words["day"] else _("“%(title)s” is yours.")
    return Words(_("Your certificate: %(title)s") % words, sentence % words)


def expiring(told: Told, known: Names) -> Words:
    words = {"title": known.thing(told), "day": day_of(told, "expires_at")}
    if told.params.get("person"):
        words["name"] = known.person(told)
        sentence = _("“%(title)s” of %(name)s ends on %(day)s. Passing its quizzes again renews it.")
    else:
        sentence = _("“%(title)s” ends on %(day)s. Passing its quizzes again renews it.")
    return Words(_("Ends soon: %(title)s") % words, sentence % words)


def expired(told: Told, known: Names) -> Words:
    words = {"title": known.thing(told), "day": day_of(told, "ended_at")}
    if told.params.get("person"):
        words["name"] = known.person(told)
        sentence = _("“%(title)s” of %(name)s ended on %(day)s. Passing its quizzes again brings a new one.")
    else:
        sentence = _("“%(title)s” ended on %(day)s. Passing its quizzes again brings a new one.")
    return Words(_("Ended: %(title)s") % words, sentence % words)


def revoked(told: Told, known: Names) -> Words:
    words = {"title": known.thing(told)}
    sentence = _("“%(title)s” was taken back. The reason stands beside it.")
    return Words(_("Taken back: %(title)s") % words, sentence % words)


def assigned(told: Told, known: Names) -> Words:
    asker = known.person(told) if told.params.get("person") else _("Your partner manager")
    words = {"who": asker, "course": known.thing(told), "day": ""}
    asks = _("%(who)s asks you to take “%(course)s”.")
    if due_on := told.params.get("due_on"):
        words["day"] = formats.day(date.fromisoformat(due_on), form="long")
        asks = _("%(who)s asks you to finish “%(course)s” by %(day)s.")
    return Words(_("For you: %(course)s") % words, asks % words)
