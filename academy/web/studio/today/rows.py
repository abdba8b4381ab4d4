"""What waits for somebody of the house, a row each: what, why, since and until when, and the one thing to do.

A row whose matter is decided says so where it stands, so that nothing moves under the hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.people.permissions.rules import may
from academy.programme.commissions.questions.queries import Proposal, Question, corrections, questions
from academy.programme.deals.queries import DealLine, deal_lines
from academy.programme.deals.reports.queries import Backlog
from academy.programme.deals.rules import Stage
from academy.programme.payees.queries import Waiting as PayeeWaiting
from academy.programme.plans.queries import plan_version
from academy.programme.promotions.rules import confirmed_by
from academy.programme.roster.rules import Quiet, Waiting
from academy.web import deal_words, formats, promotions, sentences
from academy.web.requests import PersonRequest
from academy.web.studio import words
from academy.web.templates import render_part, url

TEMPLATE = "studio/today/page.html"
PREFIX = "row-"
DEAL_FACTS = "deal.accepted deal.refused deal.lost deal.won"


@dataclass(frozen=True, slots=True)
class Does:
    """Something to press: a link, or with `post` a form."""

    label: str
    address: str
    post: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that waits, or has just been decided: then `done` says how, and there is nothing left to press."""

    id: str
    title: str
    href: str
    partner: str = ""
    partner_href: str = ""
    why: str = ""
    amount: str = ""
    since: datetime | None = None
    until: date | None = None
    late: bool = False
    done: str = ""
    tone: str = ""
    does: tuple[Does, ...] = ()
    live: str = ""


def of_deal(request: PersonRequest, deal: DealLine) -> Row:
    """A registered deal, or a second claim on its client."""
    waits = deal.stage == Stage.REGISTERED
    why = deal_words.for_house(deal, request.now)
    until = (deal.decide_by or deal.answer_by) if waits else None
    where = url("studio-deal", deal.id)
    return Row(
        id=f"{PREFIX}deal-{deal.id}",
        title=deal.client,
        href=where,
        partner=deal.partner_name,
        why=why if waits else deal.reason or why,
        amount=formats.money(deal.amount, deal.currency),
        since=deal.registered_at,
        until=until,
        late=until is not None and until < request.now,
        done="" if waits else deal_words.state(deal),
        tone=deal_words.tone(deal),
        does=_for_deal(deal, where) if waits and may(request.actor, "deal.answer") else (),
        live=DEAL_FACTS,
    )


def _for_deal(deal: DealLine, where: str) -> tuple[Does, ...]:
    about = _("%(client)s of %(partner)s") % {"client": deal.client, "partner": deal.partner_name}
    if deal.claim is not None:
        return (Does(_("Decide"), f"{where}#decide", about=about),)
    return (
        Does(_("Accept"), url("studio-deal-accept", deal.id), post=True, about=about),
        Does(_("Refuse"), f"{where}#decide", about=about),
    )


def of_question(request: PersonRequest, one: Question) -> Row:
    """A question about money."""
    answered = one.answered_at is not None
    where = url("studio-line", one.line)
    return Row(
        id=f"{PREFIX}question-{one.id}",
        title=one.client,
        href=where,
        partner=one.partner_name,
        partner_href=url("studio-partner", one.partner_slug),
        why=_("“%(text)s”, asks %(name)s") % {"text": _cut(one.text), "name": one.asked_by},
        amount=formats.money(one.amount, one.currency),
        since=one.asked_at,
        done=_("Answered by %(name)s") % {"name": one.answered_by} if answered else "",
        tone="good",
        does=() if answered else (Does(_("Answer"), f"{where}#answer", about=one.client),),
        live="line.answered",
    )


def of_correction(request: PersonRequest, one: Proposal) -> Row:
    """A large correction, which a second person confirms."""
    where = url("studio-line", one.line)
    done = _("Confirmed") if one.confirmed_at else _("Dropped") if one.dropped_at else ""
    mine = one.proposed_by_id == request.person.pk
    confirm = Does(_("Confirm"), url("studio-correction-confirm", one.id), post=True, about=one.client)
    drop = Does(_("Drop"), url("studio-correction-drop", one.id), post=True, about=one.client)
    return Row(
        id=f"{PREFIX}correction-{one.id}",
        title=one.client,
        href=where,
        partner=one.partner_name,
        partner_href=url("studio-partner", one.partner_slug),
        why=(_("You proposed it, so somebody else confirms it: %(reason)s") if mine else _("%(name)s: %(reason)s"))
        % {"name": one.proposed_by, "reason": _cut(one.reason)},
        amount=formats.money(one.amount, one.currency, signed=True),
        since=one.proposed_at,
        done=done,
        tone="good" if one.confirmed_at else "",
        does=() if done else (drop,) if mine else (confirm, drop),
        live="correction.made",
    )


def of_backlog(one: Backlog) -> Row:
    """Reports of a source that nobody understands yet."""
    return Row(
        id=f"{PREFIX}backlog-{one.source}",
        title=one.source,
        href=url("studio-matching"),
        why=ngettext(
            "%(count)s report waits until somebody says who or what is meant",
            "%(count)s reports wait until somebody says who or what is meant",
            one.reports,
        )
        % {"count": formats.number(one.reports)},
        since=one.since,
        does=(Does(_("Match"), url("studio-matching"), about=one.source),),
    )


def of_payee(one: PayeeWaiting) -> Row:
    """Payee details that finance has not checked: until then the partner is not paid."""
    new = _("New payee details wait for a check; payments are held until then")
    changed = _("Changed payee details wait for a check; payments are held until then")
    return Row(
        id=f"{PREFIX}payee-{one.slug}",
        title=one.name,
        href=url("studio-payees"),
        why=new if one.before is None else changed,
        since=one.now.changed_at,
        does=(Does(_("Check"), url("studio-payees"), about=one.name),),
    )


def of_partner(request: PersonRequest, one: Waiting) -> Row:
    """A promotion that waits for a person's word, or a notice that runs."""
    plan = plan_version(one.plan)
    where = url("studio-partner", one.slug)
    row_id = f"{PREFIX}partner-{one.slug}"
    held = one.held
    if held.awaiting is not None:
        may_decide = may(request.actor, "promotion.approve")
        tier = {"tier": sentences.tier_name(plan, held.awaiting)}
        does = Does(_("Decide") if may_decide else _("See why"), f"{where}#decide", about=one.name)
        why = _("Meets %(tier)s and waits for a person's word") % tier
        return Row(
            row_id,
            one.name,
            where,
            why=why,
            since=held.awaiting_since,
            until=confirmed_by(held.awaiting_since, plan.zone) if held.awaiting_since else None,
            late=promotions.is_late(plan, held, request.now),
            does=(does,),
            live="tier.changed promotion.awaited promotion.approved",
        )
    first = one.first
    others = len(held.warnings) - 1
    why = words.falls(plan, held.tier, first.part, first.to, first.falls_at) if first else ""
    if others > 0:
        more = ngettext("and %(count)d more notice", "and %(count)d more notices", others) % {"count": others}
        why = f"{why}, {more}"
    return Row(
        row_id,
        one.name,
        where,
        why=why,
        until=first.falls_at if first else None,
        does=(Does(_("See what keeps it"), f"{where}#standing", about=one.name),),
        live="tier.changed rate.changed tier.warned",
    )


def of_quiet(one: Quiet) -> Row:
    """A partner that has stalled."""
    where = url("studio-partner", one.slug)
    begun = _("Nobody there has done anything here since")
    return Row(
        f"{PREFIX}quiet-{one.slug}",
        one.name,
        where,
        why=begun if one.has_begun else _("Nobody there has begun yet"),
        since=one.since,
        does=(Does(_("Look"), where, about=one.name),),
    )


def no_longer(partner_slug: str, name: str) -> Row:
    """A partner for whom nothing waits any more."""
    where = url("studio-partner", partner_slug)
    return Row(f"{PREFIX}partner-{partner_slug}", name, where, done=_("Nothing waits any more"), tone="good")


def asked_again(request: PersonRequest, kind: str, ids: list[UUID]) -> Mapping[UUID, Row]:
    """Rows of one kind as they are now, whether they still wait or not."""
    match kind:
        case "deal":
            return {key: of_deal(request, one) for key, one in deal_lines(ids).items()}
        case "question":
            return {key: of_question(request, one) for key, one in questions(request.actor, ids).items()}
        case _:
            return {key: of_correction(request, one) for key, one in corrections(request.actor, ids).items()}


def answer_with(request: PersonRequest, kind: str, key: UUID) -> HttpResponse:
    """The row alone, after something was done about it."""
    row = asked_again(request, kind, [key])[key]
    return render_part(request, TEMPLATE, "row", row=row)


def _cut(text: str) -> str:
    return text if len(text) <= 140 else text[:139].rstrip() + "…"
