"""Two claims on one client: the one place that says when there is a case, what waits for it, and how it ends.

A deal comes to a client when it is registered, entered from elsewhere, or its client is put right; that is when another
partner's open deal is looked for, under the lock of the client, whom partners share. A case ends with a person's word,
or as soon as one of the two deals is no longer open, or the earlier one no longer protected.
"""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from academy.core import reads
from academy.core.errors import Conflict
from academy.journal.actions import action
from academy.programme.deals.models import Claim, Deal
from academy.programme.deals.rules import OPEN, Outcome, Registration, Stage, answer_by
from academy.programme.deals.telling.actions import tell_of_freedom


def lock_client(client: UUID) -> None:
    """Let nobody else come to this client meanwhile. Before any partner's lock."""
    with connection.cursor() as cursor:
        cursor.execute("select 1 from programme_client where id = %s for no key update", [client])


def claim_if_taken(deal: Deal, at: datetime, zone: ZoneInfo) -> Claim | None:
    """Open a case where another partner's deal holds this client, under the client's lock; against the earliest.

    Whoever ends that deal at this moment has done so before it is looked at, or finds this case.
    """
    other = _who_holds_the_client(deal, at, lock=True)
    if other is None:
        return None
    return Claim.objects.create(deal=deal, against=other, opened_at=at, decide_by=answer_by(at, zone))


# Asked of every deal that is won, and hardly ever so.
_IS_CLIENT_OF_OTHERS = """
    select exists (select from programme_deal
                    where client_id = %s and partner_id <> %s and stage = any(%s::text[]))
"""
_IS_UNDECIDED = "select exists (select from programme_claim where deal_id = %s and decided_at is null)"
_IS_IN_THE_WAY = "select exists (select from programme_claim where against_id = %s and decided_at is null)"


def _is(question: str, *values: Any) -> bool:
    [(answer,)] = reads.rows(question, values)
    return bool(answer)


def _who_holds_the_client(deal: Deal, at: datetime, *, lock: bool = False) -> Deal | None:
    if not _is(_IS_CLIENT_OF_OTHERS, deal.client_id, deal.partner_id, sorted(OPEN)):
        return None
    others = Deal.objects.filter(client_id=deal.client_id, stage__in=OPEN).exclude(partner_id=deal.partner_id)
    if lock:
        others = others.select_for_update(of=("self",), no_key=True)
    for other in others.order_by("registered_at", "id"):
        if Registration(Stage(other.stage), other.protected_until).holds_its_client(at):
            return other
    return None


def is_undecided(deal: Deal) -> bool:
    """Whether a person has to decide first about another partner's deal with its client."""
    return _is(_IS_UNDECIDED, deal.pk)


def refuse_while_undecided(deal: Deal) -> None:
    """Refuse what waits for a case of this deal. Raises Conflict."""
    if is_undecided(deal):
        raise Conflict(_("Another partner registered this client first. Decide the case instead."))


def end_case(deal: Deal, outcome: Outcome, *, at: datetime, by: UUID | None = None, reason: str = "") -> Claim | None:
    """End the open case of a deal, if it has one, under the lock of the deal's partner."""
    if not is_undecided(deal):
        return None
    claim = Claim.objects.get(deal=deal, decided_at=None)
    claim.decided_at, claim.outcome, claim.decided_by_id, claim.reason = at, outcome, by, reason
    claim.save(update_fields=["decided_at", "outcome", "decided_by", "reason"])
    return claim


def free_who_waits(deal: Deal, at: datetime, *, now: datetime) -> None:
    """This deal is no longer in anybody's way: a case against it is one against whoever else holds the client, or none.

    Who is freed so is told, and the house that there is one more to answer. Only the cases are written, not the deals
    of the others, so their partners' locks are not needed: whoever decides a case at this moment does so by its row,
    and the later of the two finds it decided.
    """
    if not _is(_IS_IN_THE_WAY, deal.pk):
        return
    for claim in Claim.objects.select_for_update(of=("self",), no_key=True).filter(against=deal, decided_at=None):
        later = Deal.objects.get(pk=claim.deal_id)
        # The one that is out of the way may be of another client by now; then the place is free all the same.
        other = _who_holds_the_client(later, at)
        if other is not None and other.registered_at <= later.registered_at:
            claim.against = other
            claim.save(update_fields=["against"])
        else:
            claim.decided_at, claim.outcome = at, Outcome.FREED
            claim.save(update_fields=["decided_at", "outcome"])
            tell_of_freedom(later, claim, now=now)


def free_what_ran_out(*, now: datetime) -> int:
    """End the cases against deals whose protection is over by now, or that are no longer open: a case may have come to
    one while that ended. How many such deals there were.

    Each in a transaction of its own. Repeating it changes nothing.
    """
    ran_out = Q(against__stage=Stage.ACCEPTED, against__protected_until__lte=now)
    open_cases = Claim.objects.filter(ran_out | ~Q(against__stage__in=OPEN), decided_at=None)
    over = list(open_cases.order_by("against").values_list("against", flat=True).distinct())
    for deal in over:
        _free_who_waits_for(deal, now=now)
    return len(over)


@action
def _free_who_waits_for(deal: UUID, *, now: datetime) -> None:
    free_who_waits(Deal.objects.get(pk=deal), now, now=now)
