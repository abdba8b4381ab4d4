"""A partner's own deals: registering a client, and what a person of the house answers."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused, Wrong
from academy.core.ids import uuid7
from academy.core.money import parse_field
from academy.journal.actions import action
from academy.people.partners.actions import lock_partner
from academy.people.partners.queries import currency_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.clients.actions import client_named
from academy.programme.clients.rules import shown
from academy.programme.deals import access, rules
from academy.programme.deals.actions import (
    Sum,
    accept,
    check_amount,
    check_product,
    close,
    record_registered,
    win,
    zone_of,
)
from academy.programme.deals.claims.actions import claim_if_taken, end_case, lock_client, refuse_while_undecided
from academy.programme.deals.models import Claim, Deal
from academy.programme.deals.rules import LONGEST_REASON, OPEN, OURS, Outcome, Stage
from academy.programme.deals.telling.actions import tell_of_registration

MONTHS_AHEAD = 24


class AlreadyRegistered(Refused):
    """One's own partner has an open deal with that client, of which whoever registers another may not know."""

    code = "already_registered"

    def __init__(self, deal: UUID) -> None:
        sentence = _("Your company has an open deal with this client already.")
        super().__init__(sentence, fields={"client": sentence})
        self.deal = deal


@action
def register_deal(
    by: Actor,
    *,
    client: str,
    product: str,
    amount: str,
    expected_on: date | None,
    now: datetime,
    beside: Collection[UUID] | None = None,
) -> Deal:
    """Register a client whom one's partner is about to win, for so many major units.

    Where another partner's deal with that client is open, a person decides; nobody is told who it is. `beside`: the
    open deals of one's own partner with that client that one knows of; None asks for no such knowledge.
    Raises Refused with a sentence a field, AlreadyRegistered where the latest of one's own is not among them,
    Forbidden, NotFound for people without a partner.
    """
    partner = by.partner_id
    if partner is None:
        raise NotFound(_("You are not a member of a partner, so there is nobody to register a deal for."))
    allow(by, "deal.register", partner_id=partner)
    wrong = Wrong()
    with wrong.gathered():
        whose = client_named(client)
        lock_client(whose)
        if beside is not None:
            _must_be_known(partner, whose, beside)
    at = lock_partner(partner, now)
    with wrong.gathered():
        check_product(partner, product, at)
    with wrong.gathered():
        value = Sum(_value(amount, currency_of(partner)), currency_of(partner))
    zone = zone_of(partner)
    with wrong.gathered():
        month = _month(expected_on, at.astimezone(zone).date())
    wrong.tell()
    number = uuid7()
    deal = Deal.objects.create(
        id=number,
        source=OURS,
        external_id=str(number),
        partner_id=partner,
        client_id=whose,
        client_name=shown(client),
        product=product,
        amount=value.amount,
        currency=value.currency,
        stage=Stage.REGISTERED,
        expected_on=month,
        registered_at=at,
        registered_by_id=by.person_id,
        answer_by=rules.answer_by(at, zone),
    )
    record_registered(deal, at, now)
    tell_of_registration(deal, claim_if_taken(deal, at, zone), now=now)
    return deal


def _must_be_known(partner: UUID, client: UUID, known: Collection[UUID]) -> None:
    """Refuse a deal of whose twin nobody has said that it is another, under the client's lock: twice at once too."""
    own = Deal.objects.filter(partner_id=partner, client_id=client, stage__in=OPEN)
    latest = own.order_by("-registered_at", "-id").values_list("pk", flat=True).first()
    if latest is not None and latest not in known:
        raise AlreadyRegistered(latest)


def _value(text: str, currency: str) -> int:
    value = parse_field(text.strip(), currency, field="amount")
    if value <= 0:
        sentence = _("Say what the deal is worth to the client, as more than nothing.")
        raise Refused(sentence, fields={"amount": sentence})
    check_amount(value, currency)
    return value


def _month(expected: date | None, today: date) -> date | None:
    """The first day of the month in which the deal is expected."""
    if expected is None:
        return None
    months = (expected.year - today.year) * 12 + expected.month - today.month
    if not 0 <= months <= MONTHS_AHEAD:
        sentence = _("Choose this month or one of the next two years.")
        raise Refused(sentence, fields={"month": sentence})
    return expected.replace(day=1)


@action
def accept_deal(by: Actor, deal_id: UUID, *, now: datetime) -> Deal:
    """Accept a registered deal and protect its client for a while. Raises Conflict, NotFound, Forbidden."""

    def decide(deal: Deal, at: datetime) -> None:
        _must_be_registered(deal)
        accept(deal, at=at, now=now)

    return _decided(by, "deal.answer", deal_id, now, decide)


@action
def refuse_deal(by: Actor, deal_id: UUID, *, reason: str, now: datetime) -> Deal:
    """Refuse a registered deal with a reason that its partner reads. Raises Refused, Conflict, NotFound, Forbidden."""
    allow(by, "deal.answer")
    said = _reason(reason)

    def decide(deal: Deal, at: datetime) -> None:
        _must_be_registered(deal)
        close(deal, Stage.REFUSED, at=at, now=now, reason=said, by=_person(by))

    return _decided(by, "deal.answer", deal_id, now, decide)


@action
def lose_deal(by: Actor, deal_id: UUID, *, reason: str, now: datetime) -> Deal:
    """Say that an open deal came to nothing; by its partner or the house. Raises Conflict, NotFound, Forbidden."""

    def decide(deal: Deal, at: datetime) -> None:
        if deal.stage not in OPEN:
            raise Conflict(_("Only an open deal can be lost."))
        close(deal, Stage.LOST, at=at, now=now, reason=_kept(reason), by=_person(by))

    return _decided(by, "deal.lose", deal_id, now, decide)


@action
def win_deal(by: Actor, deal_id: UUID, *, amount: str, now: datetime) -> Deal:
    """Enter by hand that an open deal is won today, for so many major units.

    Raises Refused, Conflict also while a case is undecided, NotFound, Forbidden.
    """

    def decide(deal: Deal, at: datetime) -> None:
        if deal.stage not in OPEN:
            raise Conflict(_("Only an open deal can be won."))
        refuse_while_undecided(deal)
        won = Sum(_value(amount, deal.currency), deal.currency)
        win(deal, won, at=at, now=now, occurred_at=now, is_by_hand=True)

    return _decided(by, "deal.report", deal_id, now, decide)


@action
def decide_claim(by: Actor, claim_id: UUID, *, granted: bool, reason: str, now: datetime) -> Claim:
    """Decide a second claim on a client: accept the later deal beside the earlier one, or refuse it with a reason.

    Raises Refused, Conflict where somebody decided already, NotFound, Forbidden.
    """
    found = access.claim(by, "deal.answer", claim_id)
    said = _kept(reason) if granted else _reason(reason)
    at = lock_partner(found.deal.partner_id, now)
    claim = Claim.objects.select_for_update(of=("self",), no_key=True).select_related("deal").get(pk=claim_id)
    if claim.outcome in (Outcome.GRANTED, Outcome.REFUSED):
        raise Conflict(_("Somebody has decided this case already."))
    if claim.decided_at is not None:
        raise Conflict(_("There is nothing left to decide: the two deals are no longer in each other's way."))
    deal = claim.deal
    if granted:
        end_case(deal, Outcome.GRANTED, at=at, by=_person(by), reason=said)
        accept(deal, at=at, now=now)
    else:
        close(deal, Stage.REFUSED, at=at, now=now, reason=said, by=_person(by))
    claim.refresh_from_db()
    return claim


def _decided(by: Actor, verb: str, deal_id: UUID, now: datetime, decide: Callable[[Deal, datetime], None]) -> Deal:
    """Find whose it is, lock, look again, decide."""
    partner = access.deal(by, verb, deal_id).partner_id
    at = lock_partner(partner, now)
    deal = Deal.objects.get(pk=deal_id)
    decide(deal, at)
    return deal


def _must_be_registered(deal: Deal) -> None:
    if deal.stage == Stage.ACCEPTED:
        raise Conflict(_("This deal is already accepted."))
    if deal.stage != Stage.REGISTERED:
        raise Conflict(_("This deal is closed. Nothing is left to answer."))


def _reason(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST_REASON or "\x00" in said:
        sentence = _("Give a reason in a sentence or two: the partner reads it.")
        raise Refused(sentence, fields={"reason": sentence})
    return said


def _kept(text: str) -> str:
    """A reason that need not be given, as far as it can be kept."""
    return text.replace("\x00", "").strip()[:LONGEST_REASON]


def _person(by: Actor) -> UUID | None:
    return by.person_id if by.person_id.int else None
