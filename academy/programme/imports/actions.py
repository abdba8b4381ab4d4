"""Entering many won deals at once: folded in memory, written by COPY. A chunk is one transaction, whole or nothing.

What stands in the tables afterwards is what `report_deal` would have left there, deal by deal; only steps between deals
of one instant, which nobody could have seen, are not there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core.ids import uuid7
from academy.core.jsontext import json_text
from academy.journal.actions import Decision, Recorded, Thing, action
from academy.journal.bulk.actions import write_history
from academy.people.partners.actions import lock_partners
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.clients.actions import clients_named
from academy.programme.clients.rules import key_of, shown
from academy.programme.commissions.actions import numbers_of
from academy.programme.commissions.rules import LineKind
from academy.programme.deals.rules import DealKind, Stage, Telling
from academy.programme.imports import queries
from academy.programme.imports.rules import Decided, History, Sold, Told, Won
from academy.programme.judging.rules import first_position
from academy.programme.plans.queries import versions_of
from academy.programme.plans.rules import Version
from academy.programme.standing.actions import follow_source
from academy.programme.standing.rules import rate

PARTNERS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class WonDeal:
    """A won deal that is new here, checked already: known partner, its currency, a product that is paid for."""

    source: str
    external_id: str
    partner: UUID
    client: str
    product: str
    industry: str
    amount: int
    currency: str
    occurred_at: datetime


@dataclass(slots=True)
class _Written:
    """Rows on their way into their tables."""

    now: datetime
    deals: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[tuple[Any, ...]] = field(default_factory=list)
    sales: list[tuple[Any, ...]] = field(default_factory=list)
    facts: list[Recorded] = field(default_factory=list)

    def fact(
        self,
        kind: str,
        partner: UUID,
        thing: Thing,
        at: datetime,
        numbers: Mapping[str, Any],
        *,
        occurred_at: datetime | None = None,
        decision: Decision | None = None,
        key: str | None = None,
    ) -> UUID:
        made = Recorded(uuid7(), kind, partner, None, thing, numbers, occurred_at or at, at, self.now, decision, key)
        self.facts.append(made)
        return made.id

    def decided(self, partner: UUID, decided: Decided) -> None:
        decision = Decision(decided.rule, decided.inputs)
        self.fact(decided.kind, partner, Thing("partner", partner), decided.at, decided.numbers, decision=decision)

    def followed(self, partner: UUID, history: History, until: datetime) -> None:
        """Whatever falls due up to and including an instant."""
        for decided in history.follow(until):
            self.decided(partner, decided)

    def won(self, deal: WonDeal, won: Won) -> None:
        told, partner = won.told, deal.partner
        kind = DealKind.CREDIT if told.amount < 0 else DealKind.SALE
        self.deals.append(
            (
                *(told.deal, deal.source, deal.external_id, partner, told.client, shown(deal.client), told.product),
                *(deal.industry, kind.value, told.amount, deal.currency, "", 0, Stage.WON.value, won.at, won.at, ""),
                json_text(Telling(Stage.WON, told.amount, told.occurred_at).as_json()),
            )
        )
        figures = {"product": told.product, "amount": told.amount, "currency": deal.currency}
        fact = self.fact(
            "deal.won",
            partner,
            Thing("deal", told.deal),
            won.at,
            {"client": str(told.client), **figures},
            occurred_at=told.occurred_at,
            key=f"deal.won:{told.deal}",
        )
        self.sales.append((fact, partner, told.deal, told.client, told.product, told.amount, won.at, won.at))
        if won.line is not None:
            self._line(deal, won)

    def _line(self, deal: WonDeal, won: Won) -> None:
        line, made = won.line, uuid7()
        assert line is not None
        inputs = json_text(line.inputs)
        self.lines.append(
            (
                *(made, deal.partner, won.told.deal, LineKind.EARNED.value, line.amount, deal.currency, line.rate),
                *(won.at, line.payable_on, line.plan_id, inputs),
            )
        )
        self.fact(
            "commission.added",
            deal.partner,
            Thing("commission", made),
            won.at,
            numbers_of(won.told.deal, line.amount, deal.currency, line.rate, line.payable_on),
            decision=Decision(line.rule, line.inputs),
        )


_DEALS = """programme_deal (id, source, external_id, partner_id, client_id, client_name, product, industry, kind,
    amount, currency, original_currency, refunded, stage, registered_at, won_at, reason, last_line)"""
_LINES = """programme_commissionline (id, partner_id, deal_id, kind, amount, currency, rate, effective_at, payable_on,
    plan_id, inputs)"""
_SALES = "programme_sale (id, partner_id, deal, client, product, amount, won_at, counts_from)"
_STANDINGS = """programme_standing (partner_id, plan_id, tier, tier_since, rate, held, levels, judged_at, before,
    next_change_at, safe_until, at_risk, version, programme_id)"""


@action
def enter_won(by: Actor, deals: Sequence[WonDeal], *, programme: UUID, now: datetime) -> None:
    """Enter won deals of partners that can be folded (see queries), each partner's in the order of their instants.

    Partners in no programme yet are enrolled in this one. Every deal of a partner's instant belongs into one call: that
    is when it is judged. Were some to come later, they would be priced alike and the instant judged again.
    """
    allow(by, "deal.report")
    clients = clients_named(deal.client for deal in deals)
    latest = lock_partners({deal.partner for deal in deals})
    known = queries.histories_of(latest)
    written = _Written(now)
    currencies = {deal.partner: deal.currency for deal in deals}
    missing = [partner for partner in latest if partner not in known]
    versions = versions_of(programme) if missing else ()
    new = {partner: _enrolled(partner, currencies[partner], programme, versions, written) for partner in missing}
    histories = {**known, **new}
    for deal in deals:
        told = Told(uuid7(), clients[key_of(deal.client)], deal.product, deal.amount, deal.occurred_at)
        for event in histories[deal.partner].win(told):
            if isinstance(event, Won):
                written.won(deal, event)
            else:
                written.decided(deal.partner, event)
    for partner, history in histories.items():
        assert history.latest is not None  # it has won something
        written.followed(partner, history, history.latest)
    _copy(_STANDINGS, [(*_standing(partner, one, one.judgements), programme) for partner, one in new.items()])
    _copy(_DEALS, written.deals)
    _copy(_LINES, written.lines)
    _copy(_SALES, written.sales)
    _move(known)
    write_history(written.facts)


def _enrolled(partner: UUID, currency: str, programme: UUID, versions: Sequence[Version], written: _Written) -> History:
    """A partner that comes into the programme, as `enrol_partner` has it: at its beginning."""
    first = versions[0]
    at = first.effective_from
    position = first_position(first.id, first.plan, currency, at, judges_once=True)
    written.fact(
        "partner.enrolled",
        partner,
        Thing("programme", programme),
        at,
        {"tier": position.held.tier, "rate": rate(first.plan, position.held).basis_points},
        key=f"partner.enrolled:{partner}",
    )
    history = History(versions, position, Sold(), at)
    written.followed(partner, history, at)
    return history


def follow_all(by: Actor, programme: UUID, until: datetime, *, now: datetime) -> None:
    """Judge every partner of a programme up to and including an instant of which its source has told.

    Also those that sell nothing any more. So many partners a transaction; repeating it goes on where it stopped.
    """
    allow(by, "deal.report")
    folds, after = queries.foldable(programme), UUID(int=0)
    while partners := queries.behind(programme, until, after=after, limit=PARTNERS_AT_ONCE):
        peopled = queries.with_people(partners) if folds else set(partners)
        _follow(sorted(set(partners) - peopled), until, now=now)
        for partner in sorted(peopled):
            follow_source(partner, until, now=now)
        after = partners[-1]


@action
def _follow(partners: Iterable[UUID], until: datetime, *, now: datetime) -> None:
    histories = queries.histories_of(lock_partners(partners))
    written = _Written(now)
    for partner, history in histories.items():
        written.followed(partner, history, until)
    _move(histories)
    write_history(written.facts)


def _move(histories: Mapping[UUID, History]) -> None:
    """The standings of partners that have one, as their histories leave them."""
    if not histories:
        return
    rows = [_standing(partner, history, history.judgements) for partner, history in histories.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update programme_standing s
               set plan_id = moved.plan_id, tier = moved.tier, tier_since = moved.tier_since, rate = moved.rate,
                   held = moved.held, levels = moved.levels, judged_at = moved.judged_at, before = moved.before,
                   next_change_at = moved.next_change_at, safe_until = moved.safe_until, at_risk = moved.at_risk,
                   version = s.version + moved.judgements
              from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[], %s::int[], %s::jsonb[], %s::jsonb[],
                          %s::timestamptz[], %s::jsonb[], %s::timestamptz[], %s::timestamptz[], %s::bool[],
                          %s::bigint[])
                   moved (partner_id, plan_id, tier, tier_since, rate, held, levels, judged_at, before, next_change_at,
                          safe_until, at_risk, judgements)
             where s.partner_id = moved.partner_id
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )


def _standing(partner: UUID, history: History, version: int) -> tuple[Any, ...]:
    now = history.position
    return (
        partner,
        now.plan_id,
        now.held.tier,
        now.tier_since,
        rate(now.plan, now.held).basis_points,
        json_text(now.held.as_json()),
        json_text(dict(now.levels)),
        now.judged_at,
        json_text(now.before.as_json()),
        now.next_change_at,
        history.safe_until(),
        False,
        version,
    )


def _copy(into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor, cursor.copy(f"copy {into} from stdin") as copy:
        for row in rows:
            copy.write_row(row)
