"""Asking the table, and saying no in words."""

from uuid import UUID

from django.utils.translation import gettext as _

from academy.core.errors import Forbidden, NotFound, SignInNeeded
from academy.people.permissions.rules import RULES, Actor, Rule, lacks_scope, may


def allow(actor: Actor, verb: str, *, partner_id: UUID | None = None, person_id: UUID | None = None) -> None:
    """Go on if the actor may; otherwise raise what to tell it.

    NotFound when the partner or person is not the actor's, since then even its being there is not told;
    SignInNeeded for strangers; Forbidden, with who may, for the rest.
    """
    if may(actor, verb, partner_id=partner_id, person_id=person_id):
        return
    if not actor.is_somebody:
        raise SignInNeeded
    rule = RULES[verb]
    if not actor.is_staff and _is_foreign(actor, partner_id, person_id):
        raise NotFound
    if lacks_scope(actor, verb):
        sentence = _("This token lacks the scope “%(scope)s”. Make one that has it, in your profile.")
        raise Forbidden(sentence % {"scope": rule.scope})
    raise Forbidden(_who_may(rule))


def _is_foreign(actor: Actor, partner_id: UUID | None, person_id: UUID | None) -> bool:
    """Whether what is asked for is neither the actor's partner nor the actor."""
    if partner_id is not None:
        return partner_id != actor.partner_id
    return person_id is not None and person_id != actor.person_id


def _who_may(rule: Rule) -> str:
    if rule.owner:
        return _("Only an owner may do this. Ask one of your company's owners.")
    if rule.itself:
        return _("Everybody does this for themselves only.")
    if rule.member:
        return _("This is for members of a partner.")
    return _("Your role does not allow this. Ask an administrator of the academy.")
