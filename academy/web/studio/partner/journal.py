"""A partner's journal on its page in the studio: what is recorded, and what each decision followed from."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from academy.core.errors import Refused
from academy.journal.queries import Line, of_partner
from academy.people.accounts.queries import names_of
from academy.people.partners.models import Partner
from academy.people.permissions.rules import may
from academy.programme.plans.queries import plan_by_reference
from academy.programme.plans.rules import Plan
from academy.web.requests import PersonRequest
from academy.web.studio import words
from academy.web.titles import titles_of

A_PAGE = 25


def journal(request: PersonRequest, partner: Partner, plan: Plan | None, *, until: datetime | None) -> dict[str, Any]:
    """A page of facts, the newest first; `?before=` goes on to older ones."""
    if not may(request.actor, "journal.see"):
        return {"facts": None, "older": None, "is_newest": True}
    before = _place(request)
    rows = of_partner(partner.pk, limit=A_PAGE + 1, before=before, until=until)
    lines = rows[:A_PAGE]
    return {
        "facts": _told(lines, plan),
        "older": lines[-1].pos if len(rows) > A_PAGE else None,
        "is_newest": before is None,
    }


def _place(request: PersonRequest) -> int | None:
    """Before which fact the journal is to be read."""
    text = request.GET.get("before", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refused(_("This address is not one of ours. Go back to the partner."))
    return int(text) if text else None


def _told(lines: list[Line], plan: Plan | None) -> list[dict[str, Any]]:
    plan_of = lru_cache(plan_by_reference)
    titles = titles_of([*(line.thing for line in lines if line.thing), *words.modules_named(lines)])
    names = names_of(line.person for line in lines if line.person)
    return [
        {
            "pos": line.pos,
            "text": words.told(line, titles.get(line.thing, _("something no longer here")), plan)
            if line.thing
            else line.kind,
            "at": line.effective_at,
            "claimed_at": line.occurred_at if line.occurred_at < line.effective_at else None,
            "who": names.get(line.person, "") if line.person else "",
            "why": words.why(line, plan_of, titles),
            "rule": line.rule,
        }
        for line in lines
    ]
