"""What the things, people, partners and tiers are called that notices mention."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from academy.notifications.notices.rules import Told
from academy.people.accounts.queries import names_of
from academy.people.partners.queries import partner_names
from academy.programme.plans.models import Clock
from academy.programme.plans.rules import Plan
from academy.programme.standing.queries import Stands, stands_of
from academy.web import formats, sentences
from academy.web.titles import titles_of


@dataclass(frozen=True, slots=True)
class Names:
    """What the things, people, partners and tiers of some notices are called."""

    titles: Mapping[UUID, str]
    people: Mapping[UUID, str]
    partners: Mapping[UUID, str]
    stands: Mapping[UUID, Stands]

    def thing(self, told: Told) -> str:
        """The title of what `params["thing"]` names."""
        return self.titles.get(UUID(told.params["thing"]), _("something no longer here"))

    def person(self, told: Told) -> str:
        """The name of whom `params["person"]` names."""
        return self.people.get(UUID(told.params["person"]), "") or _("Somebody")

    def partner(self, told: Told) -> str:
        """The name of the partner that a notice is about."""
        return self.partners.get(told.partner, "") if told.partner else ""

    def plan(self, told: Told) -> Plan | None:
        """The plan of the partner that a notice is about; None where it has none."""
        found = self._stands(told)
        return found.plan if found else None

    def is_paid_here(self, told: Told) -> bool:
        """Whether the lines of the partner that a notice is about come to statements: not those of imported history."""
        found = self._stands(told)
        return found is None or found.clock == Clock.LIVE

    def day(self, told: Told) -> date:
        """The day on which a notice was told, as the programme of its partner counts days; in UTC outside every one."""
        plan = self.plan(told)
        return (told.created_at.astimezone(plan.zone) if plan else told.created_at).date()

    def _stands(self, told: Told) -> Stands | None:
        return self.stands.get(told.partner) if told.partner else None

    def tier(self, told: Told, slug: str) -> str:
        """What the partner's plan calls a tier."""
        plan = self.plan(told)
        return sentences.tier_name(plan, slug) if plan else slug.capitalize()


def names(told: Iterable[Told]) -> Names:
    """Look up all that these notices mention; four queries for any number of them, fewer where nothing is mentioned."""
    them = list(told)
    things = [UUID(one.params["thing"]) for one in them if one.params.get("thing")]
    people = [UUID(one.params["person"]) for one in them if one.params.get("person")]
    partners = {one.partner for one in them if one.partner}
    stands = stands_of(list(partners)) if partners else {}
    return Names(titles_of(things), names_of(people), partner_names(partners), stands)


def instant(told: Told, name: str) -> datetime:
    """A time that a notice mentions."""
    return datetime.fromisoformat(told.params[name])


def day_of(told: Told, name: str) -> str:
    """The day of such a time in words, with its year; empty where there is none."""
    return formats.day(instant(told, name), form="long") if told.params.get(name) else ""
