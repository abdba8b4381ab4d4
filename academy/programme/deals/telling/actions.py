"""Who hears of a deal that was just registered: the house that answers it, and its partner where a person decides; of
one that was won, and of one that was so while that was still to be decided; of one for which nothing is to be decided
any more; and of one that came to nothing. What follows from facts alone is told in web/notices/reactions.py; no fact
says who lost a deal.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from academy.notifications.notices.actions import tell
from academy.people.accounts.queries import people_with_role
from academy.people.partners.queries import member_ids, owner_ids
from academy.people.permissions.rules import MANAGER
from academy.programme.deals.models import Claim, Deal


def tell_of_registration(deal: Deal, claim: Claim | None, *, now: datetime) -> None:
    """Managers are told what waits for their word. Where another partner was first its own people are told as well,
    never who that is.
    """
    params = {"thing": deal.pk, "by": deal.answer_by if claim is None else claim.decide_by}
    kind = "deal.to_answer" if claim is None else "claim.to_decide"
    _tell_managers(kind, deal, key=f"{kind}:{(deal if claim is None else claim).pk}", params=params, now=now)
    if claim is not None:
        told = {**params, "claimed_at": claim.against.registered_at}
        key, where = f"deal.claimed:{claim.pk}", f"/deals/{deal.pk}/"
        tell("deal.claimed", who_follows(deal), key=key, partner=deal.partner_id, params=told, url=where, now=now)


def tell_of_win(deal: Deal, claim: Claim | None, *, now: datetime) -> None:
    """The member who registered a deal hears that it is won; owners hear of its commission. Managers hear it of a case
    that has ended with it, without their word.
    """
    params = {"thing": deal.pk}
    if claim is not None:
        _tell_managers("claim.won", deal, key=f"claim.won:{claim.pk}", params=params, now=now)
    if deal.registered_by_id is None:
        return  # as with most of what sources report: nobody is looked up
    if members := _registered_it(deal, owner_ids(deal.partner_id)):
        where, key = f"/deals/{deal.pk}/", f"deal.won:{deal.pk}"
        tell("deal.won", members, key=key, partner=deal.partner_id, params=params, url=where, now=now)


def tell_of_freedom(deal: Deal, claim: Claim, *, now: datetime) -> None:
    """No other partner's deal is in the way of this one any more: its people hear it, and it is answered like any."""
    where, key = f"/deals/{deal.pk}/", f"deal.freed:{claim.pk}"
    tell(
        "deal.freed", who_follows(deal), key=key, partner=deal.partner_id, params={"thing": deal.pk}, url=where, now=now
    )
    tell_of_registration(deal, None, now=now)


def tell_of_loss(deal: Deal, *, now: datetime, by: UUID | None) -> None:
    """A deal came to nothing: its people hear it, but for whoever said so, and who that was; of the house no name."""
    params: dict[str, object] = {"thing": deal.pk, "has_reason": bool(deal.reason), "by_house": by is not None}
    if by is not None and by in member_ids(deal.partner_id):
        params |= {"by_house": False, "person": by}
    tell(
        "deal.lost",
        [person for person in who_follows(deal) if person != by],
        key=f"deal.lost:{deal.pk}",
        partner=deal.partner_id,
        params=params,
        url=f"/deals/{deal.pk}/",
        now=now,
    )


def _tell_managers(kind: str, deal: Deal, *, key: str, params: Mapping[str, object], now: datetime) -> None:
    managers = [one.id for one in people_with_role(MANAGER)]
    room = f"/studio/deals/{deal.pk}/"
    tell(kind, managers, key=key, partner=deal.partner_id, params=params, url=room, now=now)


def who_follows(deal: Deal) -> list[UUID]:
    """Who of the partner hears how a deal goes: its owners, and whoever registered it and is still there."""
    owners = owner_ids(deal.partner_id)
    return [*owners, *_registered_it(deal, owners)]


def _registered_it(deal: Deal, owners: Sequence[UUID]) -> list[UUID]:
    """Whoever registered it, while they are a member of its partner and not an owner."""
    if deal.registered_by_id in owners:
        return []
    by = registrant(deal)
    return [by] if by else []


def registrant(deal: Deal) -> UUID | None:
    """Whoever registered it, while they are a member of its partner."""
    by = deal.registered_by_id
    return by if by and by in member_ids(deal.partner_id) else None
