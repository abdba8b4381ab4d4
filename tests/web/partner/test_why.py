"""Why a line is not at today's rate: by its own product, and of the deal that brought the tier."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from academy.integrations.deals import import_deals
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.explaining.queries import explained
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.deals.models import Deal
from academy.programme.standing.actions import bring_up_to_date
from academy.recognition.certificates.actions import revoke
from academy.recognition.certificates.models import Certificate
from academy.web.money.working import working

from ...integrations.deals.tables import NOW, Told, a_table
from ...worlds import a_colleague, a_partner_in, a_report, a_world, days, pass_modules, win

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_2026")]


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


def test_a_deal_of_the_day_on_which_older_sales_left_brought_no_tier(tmp_path: Path) -> None:
    """Its partner fell on that day; and a product that its source calls by a number reads as one."""
    sold = (
        Told("1", "Acme", "2012-04-01", "2000000", lot="3"),
        Told("2", "Acme", "2013-04-01", "150000", lot="3"),
        Told("3", "Acme", "2013-06-01", "10", lot="3"),
        Told("4", "Bolt", "2013-06-01", "600000", lot="3"),
        Told("5", "Bolt", "2013-06-01", "-10", lot="3"),
    )
    import_deals(a_table(tmp_path / "sales.csv", sold), mapping="gcloud", now=NOW)
    assert why(Deal.objects.get(external_id="2").pk)[0] == (
        "Won 1 Apr 2013, when you were Platinum. "
        "That day the sales still counted no longer kept Platinum; Silver counts for deals won after it. "
        "Product 3 is paid 11.50% today, for deals won from now on."
    )
    assert why(Deal.objects.get(external_id="1").pk)[0] == (
        "Won 1 Apr 2012, when you were Bronze. This deal itself brought Platinum, which counts for deals won after it. "
        "Silver began 1 Apr 2013 and counts for deals won since. "
        "Product 3 is paid 11.50% today, for deals won from now on."
    )
    # Those of one moment are judged together: neither of them alone brought anything.
    for number in ("4", "5"):
        assert why(Deal.objects.get(external_id=number).pk)[0] == (
            "Won 1 Jun 2013, when you were Bronze. "
            "The deals of that moment together brought Gold, which counts for deals won after them. "
            "Product 3 is paid 13.00% today, for deals won from now on."
        )
