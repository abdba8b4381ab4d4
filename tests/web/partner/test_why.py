"""Why a line is not at today's rate: by its own product, and of the deal that brought the tier."""

from datetime import datetime
from uuid import UUID

import pytest

from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.explaining.queries import explained
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.standing.actions import bring_up_to_date
from academy.recognition.certificates.actions import revoke
from academy.recognition.certificates.models import Certificate
from academy.web.money.working import working

from ...worlds import a_colleague, a_partner_in, a_report, a_world, days, pass_modules, win

pytestmark = pytest.mark.django_db


def why(deal: UUID) -> list[str]:
    return list(working(explained(THE_HOUSE, CommissionLine.objects.get(deal=deal).pk)).why)


def test_the_deal_that_brought_the_tier_and_one_before(now: datetime) -> None:
    world = a_world(now)
    partner = a_partner_in(world.programme, now=now)
    owner = a_colleague(partner, now=now, role="owner")
    sold = a_report(partner, 1_000, at=now, product="website")
    report_deal(THE_HOUSE, sold, now=now)
    pass_modules(owner, world.course, now=now + days(1))
    lifting = win(partner, 150_000, at=now + days(2))

    assert sold.deal_id is not None
    first, *causes = why(sold.deal_id)
    assert first == (
        "Won 2 Mar, when you were Bronze. Gold began 4 Mar and counts for deals won since. "
        "Website is paid 11.92% today, for deals won from now on."
    )
    assert causes == [
        "new tier · counts for deals won since 4 Mar",
        "core training completed, advanced certificate · counts for deals won since 3 Mar",
    ]
    first, *causes = why(lifting)
    assert first == (
        "Won 4 Mar, when you were Bronze. This deal itself brought Gold, which counts for deals won after it. "
        "Automation is paid 14.65% today, for deals won from now on."
    )
    assert causes == ["14.65%, was 11.50% · new tier · counts for deals won since 4 Mar"]

    # What came after the tier that the deal brought is told beside it.
    revoke(THE_HOUSE, Certificate.objects.get().serial, reason="Copied.", now=now + days(3))
    bring_up_to_date(partner, now=now + days(60))
    assert why(lifting)[0] == (
        "Won 4 Mar, when you were Bronze. This deal itself brought Gold, which counts for deals won after it. "
        "Silver began 4 Apr and counts for deals won since. "
        "Automation is paid 12.08% today, for deals won from now on."
    )
