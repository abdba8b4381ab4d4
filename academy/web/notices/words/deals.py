"""Notices of deals: what the house says to a registration, and what waits for its answer."""

from django.utils.translation import gettext as _

from academy.notifications.notices.rules import Told, Words
from academy.web import deal_words, formats
from academy.web.notices.names import Names, instant


def deal_accepted(told: Told, known: Names) -> Words:
    words = {"client": known.thing(told), "day": deal_words.last_day(instant(told, "protected_until"))}
    sentence = _("SISO accepted %(client)s as yours. It is protected until %(day)s.")
    return Words(_("Accepted: %(client)s") % words, sentence % words)


def deal_refused(told: Told, known: Names) -> Words:
    words = {"client": known.thing(told)}
    sentence = {
        True: _("SISO refused %(client)s. The reason stands beside the deal."),
        False: _("SISO refused %(client)s and gave no reason. Ask your partner manager why."),
        None: _("SISO refused %(client)s."),  # told before notices said whether there is a reason
    }[told.params.get("has_reason")]
    return Words(_("Refused: %(client)s") % words, sentence % words)


def deal_won(told: Told, known: Names) -> Words:
    """For a member, who may not see what it brings: so never an amount."""
    words = {"client": known.thing(told)}
    sentence = _("The deal with %(client)s that you registered is won. What it brings is visible to the owner.")
    return Words(_("Won: %(client)s") % words, sentence % words)


def deal_lost(told: Told, known: Names) -> Words:
    """Who said so is told by name where it was one of the partner's people."""
    words = {"client": known.thing(told)}
    said = _("The deal with %(client)s is marked as lost.")
    if told.params.get("person"):
        words |= {"name": known.person(told)}
        said = _("%(name)s marked the deal with %(client)s as lost.")
    elif told.params.get("by_house"):
        said = _("SISO marked the deal with %(client)s as lost.")
    why = _("The reason stands beside it.") if told.params["has_reason"] else _("No reason was given.")
    return Words(_("Lost: %(client)s") % words, f"{said % words} {why}")


def deal_explained(told: Told, known: Names) -> Words:
    """Somebody says why only after a deal was refused or lost."""
    words = {"client": known.thing(told)}
    sentence = _("Why the deal with %(client)s came to nothing stands beside it now.")
    return Words(_("The reason: %(client)s") % words, sentence % words)


def deal_claimed(told: Told, known: Names) -> Words:
    sentence = deal_words.claimed(instant(told, "claimed_at"), instant(told, "by"))
    return Words(_("A person decides about %(client)s") % {"client": known.thing(told)}, sentence)


def deal_freed(told: Told, known: Names) -> Words:
    words = {"client": known.thing(told)}
    sentence = _("The other partner's deal with %(client)s is no longer in the way. SISO answers yours like any other.")
    return Words(_("Nobody is in your way any more: %(client)s") % words, sentence % words)


def deal_to_answer(told: Told, known: Names) -> Words:
    words = _registered(told, known)
    sentence = _("%(partner)s registered %(client)s and waits for an answer by %(by)s.")
    return Words(_("%(partner)s registered %(client)s") % words, sentence % words)


def claim_to_decide(told: Told, known: Names) -> Words:
    words = _registered(told, known)
    sentence = _("%(partner)s registered %(client)s, for whom another partner's deal is open. Decide by %(by)s.")
    return Words(_("Two partners want %(client)s") % words, sentence % words)


def claim_won(told: Told, known: Names) -> Words:
    words = {"client": known.thing(told), "partner": known.partner(told)}
    sentence = _(
        "%(partner)s won %(client)s while another partner's deal with this client was open. Nothing is left to decide; "
        "the other partner may have to hear it from you."
    )
    return Words(_("Won, though two partners wanted it: %(client)s") % words, sentence % words)


def _registered(told: Told, known: Names) -> dict[str, str]:
    by = formats.day(instant(told, "by"), form="weekday")
    return {"partner": known.partner(told), "client": known.thing(told), "by": by}
