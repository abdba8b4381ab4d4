"""One partner in the studio: standing with reasons, people, certificates, journal; now and as of a day."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from academy.core import clock
from academy.people.invitations.actions import invite_member
from academy.people.memberships.actions import remove_member
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.queries import stands
from academy.recognition.certificates.models import Certificate

from ...api.calls import Program
from ...factories import a_member, a_partner, a_person, a_staff_member, acting, signed_in
from ...integrations.deals.tables import Told, imported
from ...programme.closing.months import make_payable
from ...worlds import World, a_colleague, a_world, days, pass_modules, win, written_plan
from ..parts import assert_parts_stand_alone
from ..reading import heading, main, notes, plain, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_2026")]
ADDRESS = "/studio/partners/anchor/"


@pytest.fixture
def world(now: datetime) -> World:
    """Anchor: Silver from the first day, Gold from the tenth, by what its owner learned."""
    world = a_world(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    pass_modules(world.owner, world.course, world.course.modules[1], now=now + days(10))
    return world


def shown(browser: Client, address: str = ADDRESS) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return str(answer.content.decode())


def table(page: str, section: str) -> list[list[str]]:
    """The body rows of the first table of a section."""
    found = re.search(rf'<section id="{section}".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    rows = re.findall(r"<tr.*?</tr>", found[1], re.DOTALL) if found else []
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def facts(page: str) -> list[str]:
    """What the journal says, newest first."""
    return [row[1] for row in table(page, "journal")]


def test_standing_with_its_reasons(world: World, now: datetime) -> None:
    with time_machine.travel(now + days(20), tick=False):
        browser = signed_in(a_staff_member("manager"))
        answer = browser.get(ADDRESS)
    page = answer.content.decode()
    assert heading(answer) == "Anchor"
    stats = re.search(r'<dl class="facts four">.*?</dl>', page, re.DOTALL)
    assert stats
    assert plain(stats[0]) == "Tier Gold Since 12 Mar Safe until 1 Apr 2027 Rate 14.65%"
    assert table(page, "standing") == [
        ["Core modules passed", "2", "Done: 2"],
        ["Won in 12 months", "£1,500", "Done: £800"],
        ["Advanced certificates held", "1", "Done: 1"],
    ]
    assert "The highest tier. There is nothing above it." in main(answer)
    steps = re.findall(r"<li[^>]*><span>(.*?)</span><span>(.*?)</span></li>", page)
    assert [(plain(label), value) for label, value in steps] == [
        ("Base", "10.00%"),
        ("× 1.30 Gold", "13.00%"),
        ("× 1.05 core training", "13.65%"),
        ("+ 1.00 points, 1 advanced certificate", "14.65%"),
    ]


def test_a_past_day_shows_what_held_when_it_ended(world: World, manager: Client, now: datetime) -> None:
    page = shown(manager, f"{ADDRESS}?as_of=2026-03-05")
    assert "As it was when 5 March 2026 ended in Europe/London" in plain(page)
    assert table(page, "standing") == [
        ["Core modules passed", "1", "Done: 1", "Open: 2", "1 core module"],
        ["Won in 12 months", "£1,500", "Done: £80", "Done: £1,000", ""],
        ["Advanced certificates held", "0", "", "Open: 1", "1 advanced certificate"],
    ]
    assert [row[2:4] for row in table(page, "people")] == [["1 1 nobody else has", "0"]]
    assert "No certificate yet." in plain(page)
    assert facts(page)[0] == "Rate: 10.00% → 11.50%"
    assert 'data-live="' not in page.partition("<main")[2]
    assert "Back to now" in page


def test_the_day_before_everything_there_was_no_programme(world: World, manager: Client) -> None:
    page = shown(manager, f"{ADDRESS}?as_of=2026-03-01")
    assert "Anchor was in no programme then." in plain(page)
    assert facts(page) == []


def money(page: str) -> tuple[str, ...]:
    """What was owed and of how many lines, and beside it what was on hold."""
    found = re.search(r"planned: (\S+) was owed then.*?here. (.+?), no payment planned On hold (\S+)", plain(page))
    assert found is not None
    return found.groups()


def test_on_its_sources_clock_every_later_day_shows_the_last_that_was_told(manager: Client, tmp_path: Path) -> None:
    """Two years after its last sale its window would be empty, had its source told of those years."""
    imported(tmp_path / "sales.csv", [Told("1", "Quay", spend="100000"), Told("2", "Quay", day="2012-06-01")])
    address = f"/studio/partners/{Partner.objects.get(name='Quay').slug}/"
    won = [["Won in 12 months", "£100,100", "Done: £80,000", "Open: £500,000", "£399,900 more to win"]]
    told = "which has told of them until 1 June 2012. Everything here is as of then."
    for query in ("", "?as_of=2012-06-01", "?as_of=2014-06-01"):
        page = shown(manager, address + query)
        assert (query, table(page, "standing")) == (query, won)
        assert (query, "Silver" in plain(page), told in plain(page)) == (query, True, True)
        assert (query, "As it was when" in page, "Back to now" in page) == (query, False, query != "")
    nothing = "£0.00 was owed then. It is imported history, and nothing of it is paid here. On hold £10,000.00"
    assert nothing in plain(shown(manager, f"{address}?as_of=2012-04-20"))
    assert money(shown(manager, f"{address}?as_of=2012-06-01")) == ("£10,000.00", "1 line", "£11.50")
    assert money(shown(manager, address)) == ("£10,011.50", "2 lines", "£0.00")
    page = shown(manager, f"{address}?as_of=2012-05-31")
    assert ("As it was when 31 May 2012 ended in UTC" in plain(page), told in plain(page)) == (True, False)
    assert table(shown(manager, f"{address}?as_of=2012-03-31"), "standing") == [
        ["Won in 12 months", "£0", "", "Open: £100,000", "£100,000 more to win"]
    ]


def test_a_day_that_is_not_over_is_now(world: World, now: datetime) -> None:
    with time_machine.travel(now + days(20), tick=False):
        manager = signed_in(a_staff_member("manager"))
        assert "As it was when" not in shown(manager, f"{ADDRESS}?as_of=2026-03-22")
        ahead = shown(manager, f"{ADDRESS}?as_of=2030-01-01")
        assert "As it was when" not in ahead
        assert "1 January 2030 has not come yet. This is how it stands now." in plain(ahead)
        assert "has not come yet" not in shown(manager, f"{ADDRESS}?as_of=2026-03-22")
        assert "As it was when" in shown(manager, f"{ADDRESS}?as_of=2026-03-21")
        for nonsense in ("soon", "2026-02-30", "9999-12-31"):
            assert manager.get(f"{ADDRESS}?as_of={nonsense}").status_code in (200, 422)


def test_notices_with_their_day_and_what_the_rate_would_be(world: World, now: datetime) -> None:
    later = now + days(366)
    bring_up_to_date(world.partner, now=later)
    with time_machine.travel(later + days(1), tick=False):
        answer = signed_in(a_staff_member("manager")).get(ADDRESS)
    (notice,) = notes(answer)
    assert notice == (
        "Gold becomes Bronze on 2 Apr , and the rate would then be 11.50%. "
        "Told on 3 Mar; it does not happen if the requirements hold again before."
    )


def test_who_carries_what_and_what_hangs_on_one(world: World, manager: Client, now: datetime) -> None:
    colleague = a_colleague(world.partner, now=now + days(11))
    page = shown(manager)
    assert [row[1:] for row in table(page, "people")] == [
        ["Owner", "2 2 nobody else has", "1 1 nobody else has"],
        ["Member", "0", "0"],
    ]
    assert "All core modules hang on" in plain(page)

    pass_modules(colleague, world.course, world.course.modules[0], now=now + days(12))
    page = shown(manager)
    assert [row[2] for row in table(page, "people")] == ["2 1 nobody else has", "1"]
    assert "All core modules hang on" not in plain(page)

    remove_member(world.partner, colleague.person_id, by=THE_HOUSE, now=now + days(13))
    page = shown(manager)
    assert len(table(page, "people")) == 1
    assert "1 person has left" in plain(page)
    assert len(table(shown(manager, f"{ADDRESS}?as_of=2026-03-14"), "people")) == 2


def test_its_days_are_the_programmes_wherever_it_is_read(world: World) -> None:
    """Half past midnight in London is the day before in New York, and the page of its line says London too."""
    half_past = datetime(2026, 6, 10, 23, 30, tzinfo=UTC)
    win(world.partner, 100_000, at=half_past, client="Owl")
    far = signed_in(a_person(roles=("manager",), timezone="America/New_York"))
    with time_machine.travel(half_past, tick=False):
        page = shown(far)
        line = main(far.get(f"/studio/lines/{CommissionLine.objects.get(deal__client_name='Owl').pk}/"))
    assert "all dates in London time" in plain(page)
    assert table(page, "deals")[0][:3] == ["Owl", "Automation", "Won 11 Jun"]
    assert "Owl Automation 11 Jun £1,000.00" in plain(page)
    assert 'max="2026-06-11"' in page
    assert facts(page)[0].startswith("Commission")
    assert table(page, "journal")[0][0] == "11 Jun, 00:30"
    assert "When London time Jun 11 Won" in line


def test_a_pin_ends_on_the_day_that_was_chosen(world: World, now: datetime) -> None:
    with time_machine.travel(now + days(20), tick=False):
        far = signed_in(a_person(roles=("manager",), timezone="America/New_York"))
        far.post(f"{ADDRESS}pin/", {"tier": "gold", "until": "2026-05-31", "reason": "A promise."})
        page = plain(shown(far))
    assert "The tier is pinned until 31 May." in page
    assert "Gold is pinned until 31 May." in page


def test_invitations_are_for_those_who_may_see_them(world: World) -> None:
    invite_member(
        world.partner, "ines@example.test", role="member", by=acting(a_staff_member("manager")), now=clock.now()
    )
    assert "ines@example.test" in shown(signed_in(a_staff_member("manager")))
    assert "ines@example.test" not in shown(signed_in(a_staff_member("finance")))


def test_the_journal_gives_each_decision_its_reasons(world: World, manager: Client) -> None:
    page = shown(manager)
    told = {row[1]: row[3] for row in table(page, "journal")}
    assert told["Tier: Silver → Gold"] == (
        "by rule agencies-1 Cause: core modules passed Core modules passed: 2 of 2 "
        "Won in 12 months: £1,500 of £1,000 Advanced certificates held: 1 of 1"
    )
    assert told["Rate: 11.50% → 14.65%"] == (
        "by rule agencies-1 Base: 10.00% × 1.30 Gold: 13.00% × 1.05 core training: 13.65% "
        "+ 1.00 points, 1 advanced certificate: 14.65%"
    )
    assert told["Certificate issued: Master"] == ("by rule master-1 Module 0, passed 2 Mar Module 1, passed 12 Mar")
    assert told["Module passed: Module 1"] == "by rule learning-1 2 of 2 required"
    (won,) = [why for what, why in told.items() if what.startswith("Deal won: £1,500.00 · Client ")]
    assert won == ""
    # A score is its person's own.
    assert told["Quiz passed: Check 1"] == ""


def test_the_journal_is_cut_into_pages(world: World, manager: Client, now: datetime) -> None:
    for number in range(30):
        win(world.partner, 100 + number, at=now + days(11))
    page = shown(manager)
    older = re.search(r'href="([^"]*before=\d+)#journal"', page)
    assert older
    first, second = ([what.partition(" · ")[0] for what in facts(one)] for one in (page, shown(manager, older[1])))
    assert (len(first), first[:2], second[:3]) == (
        25,
        ["Commission: £0.19 at 14.65%", "Deal won: £1.29"],
        ["Deal won: £1.17", "Commission: £0.17 at 14.65%", "Deal won: £1.16"],
    )
    assert manager.get(f"{ADDRESS}?before=nonsense").status_code == 422
    assert manager.get(f"{ADDRESS}?before=99999999999999999999").status_code == 422


def test_parts_stand_alone(world: World, manager: Client) -> None:
    assert assert_parts_stand_alone(manager, ADDRESS) == [
        "standing",
        "deals",
        "lines",
        "people",
        "certificates",
        "journal",
    ]


def test_the_page_asks_as_often_for_one_and_for_three_of_everything(
    world: World, manager: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shown(manager)
    with django_assert_num_queries(17):
        shown(manager)
    for _ in range(2):
        colleague = a_colleague(world.partner, now=now + days(11))
        pass_modules(colleague, world.course, now=now + days(12))
        win(world.partner, 20_000, at=now + days(12))
    bring_up_to_date(world.partner, now=now + days(13))
    with django_assert_num_queries(17):
        shown(manager)


def lines_of(page: str) -> list[str]:
    """The lines that the page shows: where each leads, and its commission."""
    found = re.findall(r'<tr id="line-([^"]+)">.*?href="([^"]+)".*?<td class="n key">(.*?)</td>', page, re.DOTALL)
    assert all(href == f"/studio/lines/{line}/" for line, href, _ in found)
    return [amount for _, _, amount in found]


def test_its_lines_stand_under_the_sums_that_open_them(world: World, manager: Client, now: datetime) -> None:
    finance = signed_in(a_staff_member("finance"))
    win(world.partner, 200_000, at=now + days(20), client="Oakline")
    with time_machine.travel(now + days(35), tick=False):
        page = shown(manager)
        assert lines_of(page) == ["£293.00", "£150.00"]
        assert "On hold £293.00 1 line · until 21 Apr, the client may still cancel" in plain(page)
        assert "Ready £150.00 1 line · April statement On its way nothing now Paid nothing now" in plain(page)
        of_day = "Payment of 5 May 2026, once the payee details are checked £443.00"
        assert f"{of_day} On hold clients may still cancel · 1 line £293.00" in plain(page)
        ready = shown(finance, f"{ADDRESS}?state=ready")
        assert lines_of(ready) == ["£150.00"]
        assert f'href="{ADDRESS}#lines"' in ready
        assert "No line is in this. Choose another state." in plain(shown(manager, f"{ADDRESS}?state=paid"))
        assert lines_of(shown(manager, f"{ADDRESS}?as_of=2026-03-13")) == []
    for query in ("state=lost", "lines=zz"):
        assert manager.get(f"{ADDRESS}?{query}").status_code == 422


def test_its_lines_go_on_to_the_oldest(world: World, manager: Client, now: datetime) -> None:
    for number in range(22):
        win(world.partner, 10_000 + 100 * number, at=now + days(11 + number))
    first = shown(manager)
    more = re.search(r'href="([^"]*lines=[^"]*)#lines"', first)
    assert more is not None
    second = shown(manager, more[1].replace("&amp;", "&"))
    assert (len(lines_of(first)), len(lines_of(second))) == (20, 3)
    assert len({*lines_of(first), *lines_of(second)}) == 23
    assert '<section id="lines" class="card stack" data-live=' in first
    assert '<section id="lines" class="card stack">' in second  # what is older does not move under the hand


@pytest.fixture
def waiting(now: datetime) -> World:
    """Anchor meets Silver, which a person must confirm."""
    tiers = written_plan([])["tiers"]
    tiers[1] |= {"promotion": "approve"}
    world = a_world(now, tiers=tiers)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    win(world.partner, 50_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    return world


def test_a_manager_confirms_a_promotion(waiting: World, manager: Client) -> None:
    page = shown(manager)
    said = plain(page)
    assert "Anchor meets Silver and waits for your word. Met since 2 Mar; promised by 5 Mar" in said
    assert "Silver met: it waits for SISO's word" in facts(page)
    answer = manager.post(f"{ADDRESS}approve/", {"tier": "silver"}, follow=True)
    assert notes(answer) == ["Anchor is Silver from now on."]
    found = stands(waiting.partner)
    assert found
    assert (found.held.tier, found.held.awaiting, found.rate().basis_points) == ("silver", None, 1150)
    assert facts(answer.content.decode())[:3] == [
        "Rate: 10.00% → 11.50%",
        "Tier: Bronze → Silver",
        "Promotion confirmed by SISO",
    ]
    again = manager.post(f"{ADDRESS}approve/", {"tier": "silver"})
    assert (again.status_code, "This partner is not waiting for that tier." in main(again)) == (409, True)


def test_finance_sees_that_it_waits_and_cannot_confirm(waiting: World) -> None:
    finance = signed_in(a_staff_member("finance"))
    page = shown(finance)
    assert "Meets Silver and waits for a partner manager's word. Met since 2 Mar; promised by 5 Mar" in plain(page)
    assert "approve/" not in page
    assert finance.post(f"{ADDRESS}approve/", {"tier": "silver"}).status_code == 403
    assert finance.get(f"{ADDRESS}approve/").status_code == 405


def test_an_administrator_revokes_for_a_reason(world: World, administrator: Client) -> None:
    certificate = Certificate.objects.get()
    address = f"/studio/certificates/{certificate.serial}/revoke/"
    assert address in shown(administrator)
    assert heading(administrator.get(address)) == "Revoke “Master”?"

    refused = administrator.post(address, {"reason": "  "})
    assert (refused.status_code, wrong(refused)) == (422, {"reason": "A reason is needed."})

    answer = administrator.post(address, {"reason": "The quiz was taken by somebody else."}, follow=True)
    assert answer.redirect_chain == [(ADDRESS, 302)]
    assert "Master is revoked." in notes(answer)
    assert "revoked" in main(answer)
    assert ": The quiz was taken by somebody else." in main(answer)
    certificate.refresh_from_db()
    assert certificate.revoked_reason == "The quiz was taken by somebody else."
    assert administrator.get(address).status_code == 409


def test_a_curator_revokes_from_the_public_page(world: World, curator: Client, manager: Client) -> None:
    serial = Certificate.objects.get().serial
    public, address = f"/certificates/{serial}/", f"/studio/certificates/{serial}/revoke/"
    assert address in shown(curator, public)
    assert address not in shown(manager, public)
    assert manager.get(address).status_code == 403
    assert curator.get(address.replace(serial, "0000-0000-0000")).status_code == 404
    answer = curator.post(address, {"reason": "Found wrong."}, follow=True)
    assert answer.redirect_chain == [(public, 302)]
    assert "Revoked" in main(answer)
    assert "Found wrong." not in main(answer)


def test_who_may_come_in(world: World, owner: Client) -> None:
    for role, status in [("manager", 200), ("finance", 200), ("administrator", 200), ("expert", 403), ("curator", 403)]:
        assert signed_in(a_staff_member(role)).get(ADDRESS).status_code == status, role
    assert owner.get(ADDRESS).status_code == 404
    assert signed_in(a_staff_member("manager")).get("/studio/partners/nobody/").status_code == 404


def test_a_partner_in_no_programme(manager: Client) -> None:
    a_member(partner=a_partner(name="Cable", slug="cable"), role="owner")
    page = shown(manager, "/studio/partners/cable/?as_of=2025-01-01")
    assert "Cable is in no programme, so it has no tier and no rate." in plain(page)
    assert len(facts(page)) == 1  # that its owner joined


def test_its_deals_stand_on_its_page(world: World, manager: Client, now: datetime) -> None:
    page = shown(manager)
    assert [row[1:] for row in table(page, "deals")] == [["Automation", "Won 2 Mar", "£1,500.00", "10.00%", "£150.00"]]
    assert "Won 1, £1,500.00" in plain(page)
    assert '<section id="deals" class="card stack" hidden>' in shown(manager, f"{ADDRESS}?as_of=2026-03-04")


def test_a_tier_is_pinned_with_a_reason_and_an_end_and_let_go(now: datetime) -> None:
    low = a_world(now)
    Partner.objects.filter(pk=low.partner).update(name="Anchor", slug="anchor")
    with time_machine.travel(now + days(20), tick=False):
        browser = signed_in(a_staff_member("manager", name="Priya"))
        good = {"tier": "silver", "until": "2026-06-30", "reason": "Their best person is ill."}
        for changed, said in (
            ({"until": "soon"}, {"until": "This is not a day. Write it like 2026-05-31."}),
            ({"until": "2029-01-01"}, {"until": "A pin ends on a day within the next two years."}),
            ({"tier": "lead"}, {"tier": "Pin the tier that this partner has, or a higher one."}),
            ({"reason": " "}, {"reason": "Give a reason in a sentence or two."}),
        ):
            answer = browser.post(f"{ADDRESS}pin/", good | changed)
            assert (answer.status_code, wrong(answer)) == (422, said)
        assert 'value="2026-06-30"' in answer.content.decode()
        answer = browser.post(f"{ADDRESS}pin/", good, follow=True)
        assert "The tier is pinned until 30 Jun." in main(answer)
        assert "Silver is pinned until 30 Jun. Priya: Their best person is ill." in notes(answer)
        assert "Tier pinned by SISO: Silver until 30 Jun" in facts(answer.content.decode())
        assert_parts_stand_alone(browser, ADDRESS)
        finance = signed_in(a_staff_member("finance"))
        assert "Pin a tier" not in main(finance.get(ADDRESS))
        assert finance.post(f"{ADDRESS}pin/", good).status_code == 403
        answer = browser.post(f"{ADDRESS}unpin/", follow=True)
        assert "SISO no longer pins the tier" in facts(answer.content.decode())
        again = browser.post(f"{ADDRESS}unpin/")
        assert (again.status_code, notes(again)[-1]) == (409, "No tier of this partner is pinned.")


def test_what_comes_next_and_what_is_on_hold(world: World, manager: Client, now: datetime) -> None:
    make_payable(world.partner, now=now + days(10.5))
    win(world.partner, 100_000, at=now + days(12))
    with time_machine.travel(now + days(13), tick=False):
        today, then, before = (
            re.findall(r"Next payment .*? On hold £[\d.,]+", main(manager.get(f"{ADDRESS}{day}")))
            for day in ("", "?as_of=2026-03-14", "?as_of=2026-03-13")
        )
    said = "Next payment 5 May: about £296.50 2 lines, on hold until 13 Apr On hold £296.50"
    assert today == then == [said]
    assert before == ["Next payment 5 May: about £150.00 1 line, on hold until 1 Apr On hold £150.00"]


def test_a_plan_with_one_rate_for_all_shows_no_code_and_no_nothing_of_nothing(
    manager: Client, now: datetime, tmp_path: Path
) -> None:
    """Imported suppliers: their plan has no core modules, and its rate is for whatever is sold."""
    imported(tmp_path / "sales.csv", [Told("1", "Quay", spend="100000")])
    supplier = Partner.objects.get(name="Quay")
    said = main(manager.get(f"/studio/partners/{supplier.slug}/"))
    assert "How the rate is made Any product" in said
    assert "*" not in said
    assert "0 of 0" not in main(manager.get("/studio/partners/"))
    told = Program(acting(a_staff_member("manager")), now=now).get(f"/partners/{supplier.pk}/standing")
    assert told["commission"]["product"] == "any product"
