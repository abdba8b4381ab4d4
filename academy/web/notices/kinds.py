"""The one table of what people are told. A kind is one entry here; docs/architecture.md has the recipe.

A title is the mail's subject: it may name a thing, a person or a tier and never an amount. The sentence is the same on
page, mail and API and comes from `sentences` where the house says the same elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.notifications.notices.rules import (
    OWNERS,
    PARTNERS_PEOPLE,
    STAFF,
    Cadence,
    Kind,
    Params,
    Registry,
    Told,
    Topic,
    Words,
    ever,
)
from academy.people.accounts.queries import names_of
from academy.people.partners.queries import partner_names
from academy.programme.lapses.rules import Leaving
from academy.programme.plans.rules import Plan
from academy.programme.standing.queries import Change, stands_of
from academy.programme.statements.actions import READY
from academy.programme.statements.rules import Outcome
from academy.web import deal_words, formats, payments, sentences
from academy.web.notices.letters import letter
from academy.web.titles import titles_of


@dataclass(frozen=True, slots=True)
class Names:
    """What the things, people, partners and tiers of some notices are called."""

    titles: Mapping[UUID, str]
    people: Mapping[UUID, str]
    partners: Mapping[UUID, str]
    plans: Mapping[UUID, Plan]

    def thing(self, told: Told) -> str:
        """The title of what `params["thing"]` names."""
        return self.titles.get(UUID(told.params["thing"]), _("something no longer here"))

    def person(self, told: Told) -> str:
        """The name of whom `params["person"]` names."""
        return self.people.get(UUID(told.params["person"]), "") or _("Somebody")

    def partner(self, told: Told) -> str:
        """The name of the partner that a notice is about."""
        return self.partners.get(told.partner, "") if told.partner else ""

    def tier(self, told: Told, slug: str) -> str:
        """What the partner's plan calls a tier."""
        plan = self.plans.get(told.partner) if told.partner else None
        return sentences.tier_name(plan, slug) if plan else slug.capitalize()


def names(told: Iterable[Told]) -> Names:
    """Look up all that these notices mention; four queries for any number of them, fewer where nothing is mentioned."""
    them = list(told)
    things = [UUID(one.params["thing"]) for one in them if one.params.get("thing")]
    people = [UUID(one.params["person"]) for one in them if one.params.get("person")]
    partners = {one.partner for one in them if one.partner}
    found = stands_of(list(partners)) if partners else {}
    return Names(
        titles_of(things),
        names_of(people),
        partner_names(partners),
        {partner: stands.plan for partner, stands in found.items()},
    )


# -- tier and rate


def _warned(told: Told, known: Names) -> Words:
    numbers, plan = told.params, known.plans.get(told.partner) if told.partner else None
    falls_at = datetime.fromisoformat(numbers["falls_at"])
    sentence = (
        sentences.warned(plan, numbers["part"], numbers["from"], numbers["to"], falls_at)
        if plan
        else _("Your standing falls on %(when)s") % {"when": formats.day(falls_at)}
    )
    at_risk = {
        "tier": _("%(tier)s is at risk"),
        "bonus": _("Your core training bonus is at risk"),
        "uplift": _("What your advanced certificates add is at risk"),
    }
    rates = {"now": formats.percent(int(numbers["rate"])), "then": formats.percent(int(numbers["rate_then"]))}
    return Words(
        at_risk[numbers["part"]] % {"tier": known.tier(told, str(numbers["from"]))},
        sentence + ".",
        (
            _("Your rate is %(now)s; it would then be %(then)s. Deals won before that day keep today's rate.") % rates,
            _("What keeps it stands on your home page, under Tier."),
        ),
    )


def _leaving(told: Told, known: Names) -> Words:
    params, plan = told.params, known.plans.get(told.partner) if told.partner else None
    tier = {"tier": known.tier(told, params["tier"]), "day": _day(params["safe_until"])}
    one = Leaving(
        tier=params["tier"],
        metric=params["metric"],
        window=params["window"],
        by=datetime.fromisoformat(params["by"]),
        **{name: params[name] for name in ("have", "stays", "needs", "on_the_day")},
    )
    said = sentences.leaving(one, plan, params["currency"], sees_amounts=True) if plan else ""
    return Words(
        _("What keeps %(tier)s is about to leave its window") % tier,
        f"{said}." if said else _("Sales that your tier rests on leave soon."),
        (_("Until %(day)s %(tier)s is safe even if nothing more is won.") % tier,),
    )


def _tier_changed(told: Told, known: Names) -> Words:
    tier = known.tier(told, told.params["to"])
    title = _("Your tier is now %(tier)s") if fell(told.params) else _("You are now %(tier)s")
    return Words(title % {"tier": tier}, _changed(told, known))


def _rate_changed(told: Told, known: Names) -> Words:
    return Words(_("Your rate fell") if fell(told.params) else _("Your rate rose"), _changed(told, known))


def _changed(told: Told, known: Names) -> str:
    plan = known.plans.get(told.partner) if told.partner else None
    since = datetime.fromisoformat(told.params["since"])
    if plan is not None:
        return sentences.change(Change(told.kind, told.params, since, 0), plan) + "."
    old, new = (
        formats.percent(value) if isinstance(value, int) else known.tier(told, value)
        for value in (told.params["from"], told.params["to"])
    )
    return _("%(new)s, was %(old)s, since %(since)s.") % {"new": new, "old": old, "since": formats.day(since)}


def fell(numbers: Params) -> bool:
    """Whether a change of tier or rate was for the worse."""
    if isinstance(numbers["to"], int):
        return bool(numbers["to"] < numbers["from"])
    return bool(numbers["cause"] == "grace_ended")


def _promotion_awaiting(told: Told, known: Names) -> Words:
    tier = known.tier(told, told.params["tier"])
    sentence = _("You meet what %(tier)s asks for. SISO confirms it within 3 working days.")
    return Words(_("%(tier)s is waiting for SISO") % {"tier": tier}, sentence % {"tier": tier})


def _promotion_to_decide(told: Told, known: Names) -> Words:
    words = {"tier": known.tier(told, told.params["tier"]), "partner": known.partner(told)}
    sentence = _("%(partner)s meets what %(tier)s asks for and waits for somebody's word.")
    return Words(_("%(partner)s waits for %(tier)s") % words, sentence % words)


def _promotion_approved(told: Told, known: Names) -> Words:
    tier = {"tier": known.tier(told, told.params["tier"])}
    return Words(_("%(tier)s is confirmed") % tier, _("SISO confirmed your promotion to %(tier)s.") % tier)


# -- learning


def _certificate_issued(told: Told, known: Names) -> Words:
    words = {"title": known.thing(told), "day": _day(told.params.get("expires_at"))}
    sentence = _("“%(title)s” is yours until %(day)s.") if words["day"] else _("“%(title)s” is yours.")
    return Words(_("Your certificate: %(title)s") % words, sentence % words)


def _certificate_expiring(told: Told, known: Names) -> Words:
    words = {"title": known.thing(told), "day": _day(told.params["expires_at"])}
    if told.params.get("person"):
        words["name"] = known.person(told)
        sentence = _("“%(title)s” of %(name)s ends on %(day)s. Passing its quizzes again renews it.")
    else:
        sentence = _("“%(title)s” ends on %(day)s. Passing its quizzes again renews it.")
    return Words(_("Ends soon: %(title)s") % words, sentence % words)


def _certificate_expired(told: Told, known: Names) -> Words:
    words = {"title": known.thing(told), "day": _day(told.params["ended_at"])}
    if told.params.get("person"):
        words["name"] = known.person(told)
        sentence = _("“%(title)s” of %(name)s ended on %(day)s. Passing its quizzes again brings a new one.")
    else:
        sentence = _("“%(title)s” ended on %(day)s. Passing its quizzes again brings a new one.")
    return Words(_("Ended: %(title)s") % words, sentence % words)


def _certificate_revoked(told: Told, known: Names) -> Words:
    words = {"title": known.thing(told)}
    sentence = _("“%(title)s” was taken back. The reason stands beside it.")
    return Words(_("Taken back: %(title)s") % words, sentence % words)


def _assigned(told: Told, known: Names) -> Words:
    asker = known.person(told) if told.params.get("person") else _("Your partner manager")
    words = {"who": asker, "course": known.thing(told), "day": ""}
    asks = _("%(who)s asks you to take “%(course)s”.")
    if due_on := told.params.get("due_on"):
        words["day"] = formats.day(date.fromisoformat(due_on), form="long")
        asks = _("%(who)s asks you to finish “%(course)s” by %(day)s.")
    return Words(_("For you: %(course)s") % words, asks % words)


def _day(at: str | None) -> str:
    return formats.day(datetime.fromisoformat(at), form="long") if at else ""


# -- deals and money


def _deal_accepted(told: Told, known: Names) -> Words:
    words = {"client": known.thing(told), "day": deal_words.last_day(_instant(told, "protected_until"))}
    sentence = _("SISO accepted %(client)s as yours. It is protected until %(day)s.")
    return Words(_("Accepted: %(client)s") % words, sentence % words)


def _deal_refused(told: Told, known: Names) -> Words:
    words = {"client": known.thing(told)}
    sentence = _("SISO refused %(client)s. The reason stands beside the deal.")
    return Words(_("Refused: %(client)s") % words, sentence % words)


def _deal_claimed(told: Told, known: Names) -> Words:
    sentence = deal_words.claimed(_instant(told, "claimed_at"), _instant(told, "by"))
    return Words(_("A person decides about %(client)s") % {"client": known.thing(told)}, sentence)


def _deal_to_answer(told: Told, known: Names) -> Words:
    words = _registered(told, known)
    sentence = _("%(partner)s registered %(client)s and waits for an answer by %(by)s.")
    return Words(_("%(partner)s registered %(client)s") % words, sentence % words)


def _claim_to_decide(told: Told, known: Names) -> Words:
    words = _registered(told, known)
    sentence = _("%(partner)s registered %(client)s, for whom another partner's deal is open. Decide by %(by)s.")
    return Words(_("Two partners want %(client)s") % words, sentence % words)


def _registered(told: Told, known: Names) -> dict[str, str]:
    by = formats.day(_instant(told, "by"), form="weekday")
    return {"partner": known.partner(told), "client": known.thing(told), "by": by}


def _line_answered(told: Told, known: Names) -> Words:
    words = {"client": known.thing(told)}
    sentence = _("Your question about a line of %(client)s is answered. The answer stands beside the line.")
    return Words(_("Answered: your question about %(client)s") % words, sentence % words)


def _line_to_answer(told: Told, known: Names) -> Words:
    words = {"client": known.thing(told), "partner": known.partner(told)}
    sentence = _("%(partner)s says that a line of %(client)s looks wrong, and waits for an answer.")
    return Words(_("%(partner)s asks about a line") % words, sentence % words)


def _instant(told: Told, name: str) -> datetime:
    return datetime.fromisoformat(told.params[name])


# -- people


def _joined(told: Told, known: Names) -> Words:
    words = {"name": known.person(told), "partner": known.partner(told)}
    sentence = _("%(name)s joined %(partner)s. What they prove from now on counts for it.")
    return Words(_("%(name)s joined") % words, sentence % words)


# -- money


def _payee_changed(told: Told, known: Names) -> Words:
    by = known.person(told) if told.params.get("person") else _("Somebody")
    sentence = _("%(name)s changed the payee details of %(partner)s. Nothing is paid before SISO has checked them.")
    more = (_("If that was not meant to happen, change them back and tell us."),)
    return Words(_("Payee details changed"), sentence % {"name": by, "partner": known.partner(told)}, more)


def _statement_ready(told: Told, known: Names) -> Words:
    month = payments.month(date.fromisoformat(f"{told.params['month']}-01"), year=False)
    words = {"month": month, "day": formats.day(date.fromisoformat(told.params["pays_on"]))}
    said = {
        Outcome.PAY: _("It is paid on %(day)s. Every line of it is there, and why it is not last month's sum."),
        Outcome.BELOW_MINIMUM: _("It stays below the minimum, so it is carried into the next month."),
        Outcome.NEGATIVE: _("More was taken back than earned, which is set against what comes next."),
        Outcome.TERMS: _("Nothing of it is paid before an owner has accepted the terms."),
        Outcome.PAYEE: _("Nothing of it is paid before your payee details are entered and checked."),
        Outcome.HELD: _("SISO holds it back. The reason stands on it."),
    }[Outcome(told.params["outcome"])]
    return Words(_("Your statement for %(month)s") % words, said % words)


def _statement_paid(told: Told, known: Names) -> Words:
    words = {
        "amount": formats.money(int(told.params["amount"]), told.params["currency"]),
        "day": formats.day(date.fromisoformat(told.params["paid_on"])),
    }
    return Words(_("A statement was paid"), _("%(amount)s was paid on %(day)s. Its reference stands on it.") % words)


def _statement_returned(told: Told, known: Names) -> Words:
    words = {
        "amount": formats.money(int(told.params["amount"]), told.params["currency"]),
        "day": formats.day(date.fromisoformat(told.params["returned_on"])),
    }
    sentence = _("The payment of %(amount)s came back on %(day)s. It is tried again; check your payee details.")
    return Words(_("A payment came back"), sentence % words)


PROTECTS = gettext_lazy("It protects your money: we mail this whatever you choose.")
WORSE = gettext_lazy("Nothing gets worse unannounced: we mail this whatever you choose.")

KINDS = (
    Kind(
        "tier.warned", Topic.TIER, OWNERS, gettext_lazy("Tier, bonus or rate will fall"), _warned,
        must=ever, why=WORSE, by_night=True,
    ),
    Kind(
        "deal.leaving_window", Topic.TIER, OWNERS, gettext_lazy("Sales that keep your tier leave in 30 days"), _leaving,
    ),
    Kind(
        "tier.changed", Topic.TIER, PARTNERS_PEOPLE, gettext_lazy("Your tier changed"), _tier_changed,
        must=fell, why=WORSE,
    ),
    Kind(
        "rate.changed", Topic.TIER, PARTNERS_PEOPLE, gettext_lazy("Your rate changed"), _rate_changed,
        mail=Cadence.DAILY, must=fell, why=WORSE,
    ),
    Kind("promotion.awaiting", Topic.TIER, OWNERS, gettext_lazy("A higher tier waits for SISO"), _promotion_awaiting),
    Kind("promotion.approved", Topic.TIER, OWNERS, gettext_lazy("A higher tier is confirmed"), _promotion_approved),
    Kind(
        "promotion.to_decide", Topic.TIER, STAFF, gettext_lazy("A partner waits for a higher tier"),
        _promotion_to_decide, url="/studio/partners/",
    ),
    Kind(
        "certificate.issued", Topic.LEARNING, PARTNERS_PEOPLE, gettext_lazy("You earned a certificate"),
        _certificate_issued, url="/certificates/",
    ),
    Kind(
        "certificate.expiring", Topic.LEARNING, PARTNERS_PEOPLE, gettext_lazy("A certificate ends in 30 days"),
        _certificate_expiring, url="/certificates/",
    ),
    Kind(
        "certificate.expired", Topic.LEARNING, PARTNERS_PEOPLE, gettext_lazy("A certificate ended"),
        _certificate_expired, url="/certificates/",
    ),
    Kind(
        "certificate.revoked", Topic.LEARNING, PARTNERS_PEOPLE, gettext_lazy("A certificate was taken back"),
        _certificate_revoked, url="/certificates/",
    ),
    Kind(
        "learning.assigned", Topic.LEARNING, PARTNERS_PEOPLE, gettext_lazy("You are asked to take a course"), _assigned,
        url="/training/",
    ),
    Kind(
        "deal.accepted", Topic.DEALS, PARTNERS_PEOPLE, gettext_lazy("SISO accepted a deal"), _deal_accepted,
        url="/deals/",
    ),
    Kind(
        "deal.refused", Topic.DEALS, PARTNERS_PEOPLE, gettext_lazy("SISO refused a deal"), _deal_refused,
        url="/deals/",
    ),
    Kind(
        "deal.claimed", Topic.DEALS, PARTNERS_PEOPLE, gettext_lazy("Another partner registered the same client"),
        _deal_claimed, url="/deals/",
    ),
    Kind(
        "deal.to_answer", Topic.DEALS, STAFF, gettext_lazy("A partner registered a deal"), _deal_to_answer,
        url="/studio/today/", mail=Cadence.DAILY,
    ),
    Kind(
        "claim.to_decide", Topic.DEALS, STAFF, gettext_lazy("Two partners registered the same client"),
        _claim_to_decide, url="/studio/today/", mail=Cadence.DAILY,
    ),
    Kind(
        "line.answered", Topic.MONEY, OWNERS, gettext_lazy("Your question about a line is answered"), _line_answered,
        url="/deals/",
    ),
    Kind(
        "line.to_answer", Topic.MONEY, STAFF, gettext_lazy("A partner asks about a line"), _line_to_answer,
        url="/studio/today/", mail=Cadence.DAILY,
    ),
    Kind(
        "member.joined", Topic.PEOPLE, OWNERS, gettext_lazy("Somebody joined your company"), _joined,
        url="/team/", mail=Cadence.DAILY,
    ),
    Kind(
        "payee.changed", Topic.MONEY, OWNERS, gettext_lazy("Payee details changed"), _payee_changed,
        url="/payee/", must=ever, why=PROTECTS, by_night=True,
    ),
    Kind(
        READY, Topic.MONEY, OWNERS, gettext_lazy("A month's statement is there"), _statement_ready,
        url="/statements/", mail=Cadence.DAILY,
    ),
    Kind(
        "statement.paid", Topic.MONEY, OWNERS, gettext_lazy("A statement was paid"), _statement_paid,
        url="/statements/",
    ),
    Kind(
        "statement.returned", Topic.MONEY, OWNERS, gettext_lazy("A payment came back"), _statement_returned,
        url="/statements/", must=ever, why=PROTECTS,
    ),
)  # fmt: skip

TOPICS = {
    Topic.TIER: gettext_lazy("Tier and rate"),
    Topic.MONEY: gettext_lazy("Money"),
    Topic.DEALS: gettext_lazy("Deals"),
    Topic.LEARNING: gettext_lazy("Learning"),
    Topic.PEOPLE: gettext_lazy("People"),
}

NOTICES = Registry({kind.name: kind for kind in KINDS}, names, letter)
