"""The one table of what people are told. A kind is one entry here; docs/architecture.md has the recipe.

A title is the mail's subject: it may name a thing, a person or a tier and never an amount. The sentence is the same on
page, mail and API and comes from `sentences` where the house says the same elsewhere.
"""

from django.utils.translation import gettext_lazy

from academy.notifications.notices.rules import (
    MEMBERS,
    OWNERS,
    PARTNERS_PEOPLE,
    STAFF,
    Cadence,
    Kind,
    Registry,
    Topic,
    ever,
)
from academy.programme.statements.actions import READY
from academy.programme.terms.actions import PUBLISHED
from academy.web.notices.letters import letter
from academy.web.notices.names import names
from academy.web.notices.words import deals, learning, money, people, tier

PROTECTS = gettext_lazy("It protects your money: we mail this whatever you choose.")
WORSE = gettext_lazy("Nothing gets worse unannounced: we mail this whatever you choose.")

KINDS = (
    Kind(
        "tier.warned", Topic.TIER, OWNERS, gettext_lazy("Tier, bonus or rate will fall"), tier.warned,
        must=ever, why=WORSE, by_night=True,
    ),
    Kind(
        "deal.leaving_window", Topic.TIER, OWNERS, gettext_lazy("Sales that keep your tier leave in 30 days"),
        tier.leaving,
    ),
    Kind(
        "tier.changed", Topic.TIER, PARTNERS_PEOPLE, gettext_lazy("Your tier changed"), tier.tier_changed,
        must=tier.fell, why=WORSE,
    ),
    Kind(
        "rate.changed", Topic.TIER, PARTNERS_PEOPLE, gettext_lazy("Your rate changed"), tier.rate_changed,
        mail=Cadence.DAILY, must=tier.fell, why=WORSE,
    ),
    Kind(
        "promotion.awaiting", Topic.TIER, OWNERS, gettext_lazy("A higher tier waits for SISO"),
        tier.promotion_awaiting,
    ),
    Kind("promotion.approved", Topic.TIER, OWNERS, gettext_lazy("A higher tier is confirmed"), tier.promotion_approved),
    Kind(
        "promotion.to_decide", Topic.TIER, STAFF, gettext_lazy("A partner waits for a higher tier"),
        tier.promotion_to_decide, url="/studio/partners/",
    ),
    Kind(
        "certificate.issued", Topic.LEARNING, PARTNERS_PEOPLE, gettext_lazy("You earned a certificate"),
        learning.issued, url="/certificates/",
    ),
    Kind(
        "certificate.expiring", Topic.LEARNING, PARTNERS_PEOPLE, gettext_lazy("A certificate ends in 30 days"),
        learning.expiring, url="/certificates/",
    ),
    Kind(
        "certificate.expired", Topic.LEARNING, PARTNERS_PEOPLE, gettext_lazy("A certificate ended"),
        learning.expired, url="/certificates/",
    ),
    Kind(
        "certificate.revoked", Topic.LEARNING, PARTNERS_PEOPLE, gettext_lazy("A certificate was taken back"),
        learning.revoked, url="/certificates/",
    ),
    Kind(
        "learning.assigned", Topic.LEARNING, PARTNERS_PEOPLE, gettext_lazy("You are asked to take a course"),
        learning.assigned, url="/training/",
    ),
    Kind(
        "deal.accepted", Topic.DEALS, PARTNERS_PEOPLE, gettext_lazy("SISO accepted a deal"), deals.deal_accepted,
        url="/deals/",
    ),
    Kind(
        "deal.refused", Topic.DEALS, PARTNERS_PEOPLE, gettext_lazy("SISO refused a deal"), deals.deal_refused,
        url="/deals/",
    ),
    Kind(
        "deal.won", Topic.DEALS, MEMBERS, gettext_lazy("A deal that you registered is won"), deals.deal_won,
        url="/deals/",
    ),
    Kind(
        "deal.lost", Topic.DEALS, PARTNERS_PEOPLE, gettext_lazy("A deal is marked as lost"), deals.deal_lost,
        url="/deals/",
    ),
    Kind(
        "deal.explained", Topic.DEALS, PARTNERS_PEOPLE, gettext_lazy("Why a deal was refused or lost"),
        deals.deal_explained, url="/deals/", mail=Cadence.DAILY,
    ),
    Kind(
        "deal.claimed", Topic.DEALS, PARTNERS_PEOPLE, gettext_lazy("Another partner registered the same client"),
        deals.deal_claimed, url="/deals/",
    ),
    Kind(
        "deal.freed", Topic.DEALS, PARTNERS_PEOPLE, gettext_lazy("No other partner is in the way any more"),
        deals.deal_freed, url="/deals/",
    ),
    Kind(
        "deal.to_answer", Topic.DEALS, STAFF, gettext_lazy("A partner registered a deal"), deals.deal_to_answer,
        url="/studio/today/", mail=Cadence.DAILY,
    ),
    Kind(
        "claim.to_decide", Topic.DEALS, STAFF, gettext_lazy("Two partners registered the same client"),
        deals.claim_to_decide, url="/studio/today/", mail=Cadence.DAILY,
    ),
    Kind(
        "claim.won", Topic.DEALS, STAFF, gettext_lazy("A deal was won that two partners wanted"), deals.claim_won,
        url="/studio/deals/",
    ),
    Kind(
        "commission.added", Topic.MONEY, OWNERS, gettext_lazy("A deal earned commission"), money.line_earned,
        url="/earnings/", mail=Cadence.DAILY, must=money.is_less, why=WORSE,
    ),
    Kind(
        "commission.reversed", Topic.MONEY, OWNERS, gettext_lazy("Commission was taken back"), money.line_reversed,
        url="/earnings/", must=ever, why=WORSE,
    ),
    Kind(
        "commission.adjusted", Topic.MONEY, OWNERS, gettext_lazy("Commission was corrected"), money.line_adjusted,
        url="/earnings/", must=money.is_less, why=WORSE,
    ),
    Kind(
        "line.answered", Topic.MONEY, OWNERS, gettext_lazy("Your question about a line is answered"),
        money.line_answered, url="/deals/",
    ),
    Kind(
        "line.to_answer", Topic.MONEY, STAFF, gettext_lazy("A partner asks about a line"), money.line_to_answer,
        url="/studio/today/", mail=Cadence.DAILY,
    ),
    Kind(
        "member.joined", Topic.PEOPLE, OWNERS, gettext_lazy("Somebody joined your company"), people.joined,
        url="/team/", mail=Cadence.DAILY,
    ),
    Kind(
        "payee.changed", Topic.MONEY, OWNERS, gettext_lazy("Payee details changed"), money.payee_changed,
        url="/payee/", must=ever, why=PROTECTS, by_night=True,
    ),
    Kind(
        PUBLISHED, Topic.MONEY, OWNERS, gettext_lazy("New terms to accept"), money.terms_published,
        url="/terms/", must=ever, why=PROTECTS,
    ),
    Kind(
        READY, Topic.MONEY, OWNERS, gettext_lazy("A month's statement is there"), money.statement_ready,
        url="/statements/", mail=Cadence.DAILY,
    ),
    Kind(
        "statement.paid", Topic.MONEY, OWNERS, gettext_lazy("A statement was paid"), money.statement_paid,
        url="/statements/",
    ),
    Kind(
        "statement.returned", Topic.MONEY, OWNERS, gettext_lazy("A payment came back"), money.statement_returned,
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
