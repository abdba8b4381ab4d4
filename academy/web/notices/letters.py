"""A notice, or a day of them, as a mail: in the reader's language, on the reader's clock."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.notifications.notices.queries import Line, in_words, registry
from academy.notifications.notices.rules import Addressee, Composed, Told, zone
from academy.web import formats

CHOOSE = "/profile/notices/"


def letter(to: Addressee, told: Sequence[Told], stop: str | None, now: datetime) -> Composed:
    """One notice as a mail of its own, or several as the mail of a day."""
    shown = formats.present.set(now)
    try:
        with translation.override(to.language), timezone.override(zone(to.timezone)):
            lines = in_words(told)
            body = _one(lines[0]) if len(lines) == 1 else _many(lines)
            hello = _("Hello %(name)s,") % {"name": to.name} if to.name else _("Hello,")
            return Composed(_subject(lines), "\n\n".join([hello, *body, _foot(lines, stop)]) + "\n")
    finally:
        formats.present.reset(shown)


def _subject(lines: Sequence[Line]) -> str:
    if len(lines) == 1:
        return lines[0].words.title
    count = len(lines)
    return ngettext("%(count)d notice from the academy", "%(count)d notices from the academy", count) % {"count": count}


def _one(line: Line) -> list[str]:
    return [line.words.sentence, *line.words.more, f"{settings.ORIGIN}/notices/{line.told.id}/"]


def _many(lines: Sequence[Line]) -> list[str]:
    return [f"{line.words.title}\n{line.words.sentence}\n{settings.ORIGIN}/notices/{line.told.id}/" for line in lines]


def _foot(lines: Sequence[Line], stop: str | None) -> str:
    choose = _("Choose what we mail you: %(url)s") % {"url": settings.ORIGIN + CHOOSE}
    if stop is None:
        kind = registry().kinds[lines[0].told.kind]
        return f"-- \n{kind.why}\n{choose}" if kind.why else f"-- \n{choose}"
    return "-- \n" + _("Stop these mails: %(url)s") % {"url": stop} + f"\n{choose}"
