"""The inbox and its bell, choosing what is mailed, the words of every kind, and the link that stops a mail."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from academy.core import clock
from academy.core.ids import uuid7
from academy.journal.actions import action, record
from academy.learning.assignments.actions import assign
from academy.notifications.models import Mail
from academy.notifications.notices.actions import tell
from academy.notifications.notices.models import Notice
from academy.notifications.notices.queries import in_words, registry
from academy.notifications.notices.rules import Addressee, Told, Words
from academy.notifications.preferences.models import Choice, Quiet
from academy.notifications.preferences.queries import unsubscribe_url
from academy.notifications.returns.actions import keep_return
from academy.notifications.returns.models import Return
from academy.people.accounts.models import Person
from academy.people.memberships.actions import remove_member
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import correct_line
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.plans.models import Clock, Programme
from academy.programme.standing.actions import approve_promotion, bring_up_to_date
from academy.recognition.certificates import jobs as certificate_jobs
from academy.recognition.certificates.actions import revoke, tell_of_ending
from academy.recognition.certificates.models import Certificate
from academy.web.notices.kinds import KINDS, TOPICS

from ..factories import a_member, a_person, a_staff_member, acting, signed_in
from ..programme.closing.months import APRIL, after, collect
from ..worlds import World, a_colleague, a_report, a_world, days, pass_modules, refund, win, written_plan
from .parts import assert_parts_stand_alone
from .reading import main, notes, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_2026")]

SINCE = "2026-03-02T09:00:00+00:00"
EXAMPLES: dict[str, dict[str, Any]] = {
    "tier.warned": {
        "part": "tier", "from": "gold", "to": "silver", "falls_at": SINCE, "rate": 1300, "rate_then": 1150,
        "cause": "won", "missing": [{"metric": "won", "window": "trailing:12m", "have": 10, "need": 20}],
        "monthly": -500, "currency": "GBP",
    },
    "deal.leaving_window": {
        "tier": "gold", "metric": "won", "window": "trailing:12m", "by": SINCE, "have": 4_131_000, "stays": 3_181_000,
        "needs": 3_200_000, "on_the_day": True, "currency": "GBP", "safe_until": SINCE,
    },
    "tier.changed": {"from": "silver", "to": "gold", "cause": "won", "since": SINCE},
    "rate.changed": {"from": 1150, "to": 1300, "product": "automation", "cause": ["tier"], "since": SINCE},
    "promotion.awaiting": {"tier": "gold"},
    "promotion.approved": {"tier": "gold"},
    "promotion.to_decide": {"tier": "gold"},
    "certificate.issued": {"expires_at": SINCE},
    "certificate.expiring": {"expires_at": SINCE},
    "certificate.expired": {"ended_at": SINCE},
    "certificate.revoked": {},
    "learning.assigned": {"due_on": "2026-03-20"},
    "deal.accepted": {"protected_until": SINCE},
    "deal.refused": {"has_reason": False},
    "deal.won": {},
    "deal.lost": {"has_reason": True},
    "deal.explained": {},
    "deal.claimed": {"claimed_at": SINCE, "by": SINCE},
    "deal.freed": {},
    "deal.to_answer": {"by": SINCE},
    "claim.to_decide": {"by": SINCE},
    "claim.won": {},
    "commission.added": {"amount": 4_600, "currency": "GBP", "rate": 1150, "payable_on": "2026-04-01"},
    "commission.reversed": {"amount": -4_600, "currency": "GBP", "rate": 1150, "payable_on": "2026-04-01"},
    "commission.adjusted": {
        "amount": -100, "currency": "GBP", "rate": 1150, "payable_on": "2026-04-01", "by_hand": False,
    },
    "line.answered": {},
    "line.to_answer": {},
    "member.joined": {},
    "payee.changed": {},
    "terms.published": {"number": 2, "begins_on": "2026-04-01"},
    "statement.ready": {
        "month": "2026-04", "outcome": "pay", "pays_on": "2026-05-05", "amount": 20_000, "currency": "GBP",
        "minimum": 5_000,
    },
    "statement.paid": {
        "month": "2026-04", "amount": 20_000, "currency": "GBP", "paid_on": "2026-05-05", "reference": "BX-1",
    },
    "statement.returned": {"amount": 20_000, "currency": "GBP", "returned_on": "2026-05-08"},
}  # fmt: skip
"""What each kind is told with, for example; whoever adds a kind adds a line. `thing` and `person` are there anyway."""


@pytest.fixture
def world(now: datetime) -> World:
    return a_world(now)


@pytest.fixture
def browser(world: World) -> Client:
    return signed_in(Person.objects.get(pk=world.owner.person_id))


def inbox_of(person: UUID) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(person_id=person).order_by("created_at", "id")
    lines = in_words([Told(r.id, r.kind, r.partner_id, r.params, r.url, r.created_at, r.read_at) for r in rows])
    return [(line.told.kind, line.words.sentence) for line in lines]


def some_told(person: UUID, count: int, *, now: datetime) -> None:
    for number in range(count):
        tell("learning.assigned", [person], key=f"k{number}", params={"thing": uuid7()}, now=now)


# -- the words


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_every_kind_has_words_and_no_amount_in_its_subject(world: World, now: datetime, kind: str) -> None:
    partner = None if kind == "learning.assigned" else world.partner
    Person.objects.update(name="Ada")
    Partner.objects.update(name="Anchor")
    params = {"thing": str(uuid7()), "person": str(world.owner.person_id), **EXAMPLES[kind]}
    told = Told(uuid7(), kind, partner, params, "/here/", now, None)
    (line,) = in_words([told])
    assert line.words.title
    assert line.words.sentence
    assert not re.search(r"\d|%|£|€|\$", line.words.title)
    to = Addressee(world.owner.person_id, "a@example.com", "", "en", "Europe/London")
    letter = registry().letter(to, [told], None, now)
    assert letter.subject == line.words.title
    assert letter.text.startswith(f"Hello,\n\n{line.words.sentence}\n\n")
    assert f"http://localhost:8000/notices/{told.id}/" in letter.text


def said(kind: str, params: dict[str, Any], now: datetime, *, partner: UUID | None = None) -> Words:
    """What a kind says of these params."""
    (line,) = in_words([Told(uuid7(), kind, partner, {"thing": str(uuid7()), **params}, "/", now, None)])
    return line.words


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"month": "2026-04", "reference": "BX-1"},
            Words("Paid: your statement for April", "Paid 5 May, ref. BX-1: £200.00."),
        ),
        # As they were told before.
        ({"reference": "BX-1"}, Words("A statement was paid", "Paid 5 May, ref. BX-1: £200.00.")),
        ({}, Words("A statement was paid", "£200.00 was paid on 5 May. Its reference stands on it.")),
    ],
)
def test_a_payment_is_told_with_its_reference(now: datetime, more: dict[str, str], words: Words) -> None:
    params = {"amount": 20_000, "currency": "GBP", "paid_on": "2026-05-05", **more}
    assert said("statement.paid", params, now) == words


def test_nobody_is_told_of_a_line_that_comes_to_nothing(world: World, now: datetime) -> None:
    win(world.partner, 3, at=now, client="Oakline")
    assert CommissionLine.objects.get().amount == 0
    assert [kind for kind, _said in inbox_of(world.owner.person_id) if kind.startswith("commission.")] == []


def test_owners_are_told_what_a_deal_brings_and_what_is_taken_back(world: World, now: datetime) -> None:
    colleague = a_colleague(world.partner, now=now)
    deal = win(world.partner, 40_000, at=now, client="Oakline")
    refund(deal, 10_000, at=now + days(1))
    told = a_report(world.partner, 60_000, at=now + days(2), deal=deal, client="Oakline")
    report_deal(THE_HOUSE, told, now=now + days(2))
    told = a_report(world.partner, 50_000, at=now + days(3), deal=deal, client="Oakline")
    report_deal(THE_HOUSE, told, now=now + days(3))
    line = CommissionLine.objects.get(kind="earned")
    for amount in (700, -300):
        correct_line(THE_HOUSE, line.pk, amount, reason="So agreed.", now=now + days(4))
    win(world.partner, -5_000, at=now + days(5), client="Oakline")

    money = [one for one in inbox_of(world.owner.person_id) if one[0].startswith("commission.")]
    counts = "It counts on the April statement."
    assert money == [
        (
            "commission.added",
            f"Oakline brings you £40.00, at 10.00%. It is on hold until 1 Apr: the client may still cancel. {counts}",
        ),
        (
            "commission.reversed",
            f"Oakline took something back, so £10.00 of your commission goes back with it, at 10.00%. {counts}",
        ),
        (
            "commission.adjusted",
            f"The amount of Oakline rose, so £20.00 is added to your commission, at 10.00%. {counts}",
        ),
        (
            "commission.adjusted",
            f"The amount of Oakline fell, so £10.00 of your commission goes back, at 10.00%. {counts}",
        ),
        (
            "commission.adjusted",
            f"SISO corrected a line of Oakline: £7.00 is added. The reason stands beside it. {counts}",
        ),
        (
            "commission.adjusted",
            f"SISO corrected a line of Oakline: £3.00 is taken back. The reason stands beside it. {counts}",
        ),
        ("commission.added", f"A credit for Oakline takes back £5.00, at 10.00%. {counts}"),
    ]
    assert Notice.objects.filter(kind="commission.reversed").get().url.startswith("/earnings/lines/")
    assert not Notice.objects.filter(person_id=colleague.person_id, kind__startswith="commission.").exists()


def test_a_value_that_comes_after_its_hold_waits_for_nothing(world: World, now: datetime) -> None:
    deal = win(world.partner, 0, at=now, client="Oakline")
    told = a_report(world.partner, 9_000, at=now + days(40), deal=deal, client="Oakline")
    report_deal(THE_HOUSE, told, now=told.occurred_at)
    assert (
        "commission.added",
        "Oakline brings you £9.00, at 10.00%. It counts on the April statement.",
    ) in (inbox_of(world.owner.person_id))


def test_what_is_told_after_its_month_was_closed_counts_on_the_next(world: World, now: datetime) -> None:
    """As mail and page say it: a refund and a won deal of April, told once that was being closed; a correction is not
    late. One that falls on a first of a month by itself is told without a word of that.
    """
    deal = win(world.partner, 200_000, at=now, client="Oakline")
    collect(world, APRIL)
    then = after(APRIL, 4, 12)
    win(world.partner, 100_000, at=now + days(9), now=then, client="Fern")
    refund(deal, 50_000, at=now + days(34), now=then)
    line = CommissionLine.objects.get(kind="reversed")
    correct_line(THE_HOUSE, line.pk, -100, reason="So agreed.", now=then)
    told = dict(inbox_of(world.owner.person_id)[-3:])
    reversed_ = (
        "Oakline took something back, so £50.00 of your commission goes back with it, at 10.00%. It counts on the May "
        "statement: April was closed already when this was told."
    )
    assert told == {
        "commission.reversed": reversed_,
        "commission.added": (
            "Fern brings you £100.00, at 10.00%. It counts on the May statement: April was closed already when this "
            "was told."
        ),
        "commission.adjusted": (
            "SISO corrected a line of Oakline: £1.00 is taken back. The reason stands beside it. It counts on the May "
            "statement."
        ),
    }
    owner = Person.objects.get(pk=world.owner.person_id)
    assert reversed_ in main(signed_in(owner).get("/notices/"))
    notice = Notice.objects.get(kind="commission.reversed")
    mail = Mail.objects.get(subject="Taken back: Oakline")
    assert mail.text == (
        f"Hello {owner.name},\n\n{reversed_}\n\n"
        "The line shows how it was worked out, and where to say that it looks wrong.\n\n"
        f"http://localhost:8000/notices/{notice.pk}/\n\n"
        "-- \nNothing gets worse unannounced: we mail this whatever you choose.\n"
        "Choose what we mail you: http://localhost:8000/profile/notices/\n"
    )
    win(world.partner, 100_000, at=datetime.fromisoformat("2026-07-02T09:00:00+00:00"), client="Birch")
    assert inbox_of(world.owner.person_id)[-1][1] == (
        "Birch brings you £100.00, at 10.00%. It is on hold until 1 Aug: the client may still cancel. It counts on the "
        "August statement."
    )


def test_a_statement_of_another_year_is_told_with_it(now: datetime) -> None:
    params = {**EXAMPLES["commission.reversed"], "payable_on": "2027-01-01", "closed": "2026-12"}
    assert said("commission.reversed", params, now).sentence.endswith(
        "It counts on the January 2027 statement: December was closed already when this was told."
    )


def test_imported_history_counts_on_no_statement(now: datetime) -> None:
    history = a_world(now)
    Programme.objects.update(clock=Clock.SOURCE)
    params = EXAMPLES["commission.added"]
    assert said("commission.added", params, now, partner=history.partner).sentence == (
        "something no longer here brings you £46.00, at 11.50%. It is imported history: it was owed then, and is not "
        "paid here."
    )


def test_a_notice_from_before_it_told_why_still_reads(world: World, now: datetime) -> None:
    params = {"part": "tier", "from": "gold", "to": "silver", "falls_at": SINCE, "rate": 1300, "rate_then": 1150}
    (line,) = in_words([Told(uuid7(), "tier.warned", world.partner, params, "/", now, None)])
    assert line.words.sentence == (
        "Gold becomes Silver on 2 Mar unless its requirements hold again by then. "
        "Your rate is 13.00%; it would then be 11.50%."
    )


@pytest.mark.parametrize(
    ("more", "cost"),
    [
        (
            {"rate_with_all": 1150, "monthly_with_all": -500},
            (
                "Your rate is 13.00%; it would then be 11.50%, about £5.00 less a month by what you won in the last "
                "90 days."
            ),
        ),
        (
            {"rate_with_all": 1095, "monthly_with_all": -11_649},
            (
                "Your rate is 13.00%; with all that falls by then it would be 10.95%, about £116 less a month by what "
                "you won in the 90 days before this notice. By this alone it would be 11.50%."
            ),
        ),
        (
            {"rate_with_all": 1095, "monthly": 0, "monthly_with_all": 0},
            "Your rate is 13.00%; with all that falls by then it would be 10.95%. By this alone it would be 11.50%.",
        ),
    ],
)
def test_a_notice_says_what_all_that_falls_by_then_makes_of_the_rate(
    now: datetime, more: dict[str, int], cost: str
) -> None:
    sentence = said("tier.warned", {**EXAMPLES["tier.warned"], **more}, now).sentence
    assert sentence.split("To keep it: ")[1].split(". ", 1)[1] == cost


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (
            ("pay", 20_000),
            "£200.00 is paid on 5 May. The statement shows every line, and why it is not last month's sum.",
        ),
        (
            ("below_minimum", 1_840),
            "No payment planned: £18.40 is below the minimum of £50.00. It waits, it does not expire.",
        ),
        (
            ("negative", -1_840),
            "No payment: more was taken back than earned. £18.40 is owed and is set against what comes next.",
        ),
        (
            ("terms", 20_000),
            "No payment yet: the current terms are not accepted. £200.00 waits, it does not expire.",
        ),
        (
            ("payee", 20_000),
            "No payment yet: the payee details wait to be checked. £200.00 waits, it does not expire.",
        ),
        (
            ("held", 20_000),
            "Held by SISO this month: the reason stands on the statement. £200.00 waits, it does not expire.",
        ),
    ],
)
def test_a_statement_says_what_becomes_of_it(now: datetime, outcome: tuple[str, int], sentence: str) -> None:
    params = {**EXAMPLES["statement.ready"], "outcome": outcome[0], "amount": outcome[1]}
    assert said("statement.ready", params, now) == Words("Your statement for April", sentence)


def test_a_statement_that_was_told_without_its_sum_still_reads(now: datetime) -> None:
    params = {"month": "2026-04", "outcome": "pay", "pays_on": "2026-05-05"}
    assert said("statement.ready", params, now) == Words(
        "Your statement for April", "It says what it comes to, and what becomes of that."
    )


def test_what_must_be_mailed_says_why_and_every_topic_has_a_name() -> None:
    assert all(kind.why for kind in KINDS if kind.must(EXAMPLES[kind.name] | {"to": 0, "from": 1, "cause": "x"}))
    assert {kind.topic for kind in KINDS} <= set(TOPICS)


def test_the_sentence_is_the_same_on_page_and_mail_in_the_readers_zone(world: World, now: datetime) -> None:
    night = datetime.fromisoformat("2026-03-02T23:30:00+00:00")
    person = a_person(timezone="Asia/Tokyo", name="Aiko")
    tell(
        "certificate.expiring", [person.id], key="k", params={"thing": uuid7(), "expires_at": night}, now=now,
    )  # fmt: skip
    sentence = "“something no longer here” ends on 3 March 2026. Passing its quizzes again renews it."
    assert sentence in Mail.objects.get().text
    assert sentence in signed_in(person).get("/notices/").content.decode()


# -- who is told


def test_a_year_of_a_partner_stands_in_its_inboxes(world: World, now: datetime) -> None:
    owner = world.owner
    colleague = a_colleague(world.partner, now=now)
    name = Person.objects.get(pk=colleague.person_id).name
    win(world.partner, 150_000, at=now)
    pass_modules(colleague, world.course, now=now)
    serial = Certificate.objects.get().serial
    assert [kind for kind, _ in inbox_of(colleague.person_id)] == [
        "tier.changed", "rate.changed", "certificate.issued", "tier.changed", "rate.changed",
    ]  # fmt: skip
    joined = [sentence for kind, sentence in inbox_of(owner.person_id) if kind == "member.joined"]
    company = Partner.objects.get(pk=world.partner).name
    assert joined == [f"{name} joined {company}. What they prove from now on counts for it."]
    before = len(inbox_of(owner.person_id))
    revoke(THE_HOUSE, serial, reason="Copied.", now=now + days(1))
    assert inbox_of(colleague.person_id)[-1] == (
        "certificate.revoked",
        "“Master” was taken back. The reason stands beside it.",
    )
    assert [line[1] for line in inbox_of(owner.person_id)[before:]] == [
        f"{falls} Why: an advanced certificate ended, was taken back or left with a person. "
        "To keep it: 1 advanced certificate. Your rate is 14.65%; with all that falls by then it would be 12.08%, "
        "about £13 less a month by what you won in the 90 days before this notice. By this alone it would be "
        f"{alone}."
        for falls, alone in (
            (
                "Gold becomes Silver on 2 Apr unless its requirements hold again by then.",
                "13.08%",
            ),
            (
                "From 2 Apr no advanced certificate counts for your rate unless one is renewed.",
                "13.65%",
            ),
        )
    ]
    remove_member(world.partner, colleague.person_id, by=THE_HOUSE, now=now + days(2))
    bring_up_to_date(world.partner, now=now + days(40))
    fell = [line for line in inbox_of(owner.person_id) if line[0] in ("tier.changed", "rate.changed")]
    assert "the notice you were given has run out" in fell[-2][1]
    subjects = list(Mail.objects.filter(person_id=owner.person_id).values_list("subject", "kind"))
    assert ("Your tier is now Bronze", "") in subjects
    assert ("Your rate fell", "") in subjects


def of_tier(world: World) -> list[tuple[str, str]]:
    """What an owner was told, but for what each deal earned."""
    return [told for told in inbox_of(world.owner.person_id) if not told[0].startswith("commission.")]


def test_a_rise_that_waits_is_told_to_owners_and_to_who_decides(now: datetime) -> None:
    bronze, silver, _gold = written_plan([])["tiers"]
    world = a_world(now, tiers=[bronze, silver | {"promotion": "approve", "enter": _won(), "stay": _won()}])
    manager, curator = a_staff_member("manager"), a_staff_member("curator")
    win(world.partner, 20_000, at=now)
    win(world.partner, 20_000, at=now + days(1))
    assert of_tier(world) == [
        ("promotion.awaiting", "You meet what Silver asks for. SISO confirms it within 3 working days, by Thu 5 Mar.")
    ]
    ((kind, sentence),) = inbox_of(manager.pk)
    assert (kind, sentence.endswith("meets what Silver asks for and waits for somebody's word.")) == (
        "promotion.to_decide",
        True,
    )
    assert Notice.objects.get(person=manager).url.startswith("/studio/partners/partner")
    assert inbox_of(curator.pk) == []
    approve_promotion(acting(manager), world.partner, "silver", now=now + days(2))
    assert [kind for kind, _ in of_tier(world)] == [
        "promotion.awaiting",
        "promotion.approved",
        "tier.changed",
        "rate.changed",
    ]


def _won() -> dict[str, Any]:
    return {"metric": "won", "window": "trailing:12m", "value": {"GBP": 10_000}}


def test_who_holds_what_ends_soon_is_told_once_and_the_owners_too(world: World, now: datetime) -> None:
    colleague = a_colleague(world.partner, now=now)
    pass_modules(colleague, world.course, now=now)
    ends = Certificate.objects.get().expires_at
    assert ends is not None
    name = Person.objects.get(pk=colleague.person_id).name
    assert tell_of_ending(now=ends - days(31)) == 0
    assert (tell_of_ending(now=ends - days(30)), tell_of_ending(now=ends - days(1))) == (2, 0)
    assert inbox_of(colleague.person_id)[-1][1] == "“Master” ends on 2 March 2028. Passing its quizzes again renews it."
    assert inbox_of(world.owner.person_id)[-1][1] == (
        f"“Master” of {name} ends on 2 March 2028. Passing its quizzes again renews it."
    )
    certificate_jobs.tell_of_ending(timestamp=0)  # long before the end, by the clock of today: nobody
    assert Notice.objects.filter(kind="certificate.expiring").count() == 2
    remove_member(world.partner, colleague.person_id, by=THE_HOUSE, now=now + days(2))
    Notice.objects.all().delete()
    assert tell_of_ending(now=ends - days(2)) == 1


def test_a_certificate_that_ended_is_told_to_its_holder_and_the_owners(world: World, now: datetime) -> None:
    colleague = a_colleague(world.partner, now=now)
    pass_modules(colleague, world.course, now=now)
    ends = Certificate.objects.get().expires_at
    assert ends is not None
    bring_up_to_date(world.partner, now=ends + days(1))
    name = Person.objects.get(pk=colleague.person_id).name
    assert [line for line in inbox_of(colleague.person_id) if line[0] == "certificate.expired"] == [
        ("certificate.expired", "“Master” ended on 2 March 2028. Passing its quizzes again brings a new one.")
    ]
    assert [line for line in inbox_of(world.owner.person_id) if line[0] == "certificate.expired"] == [
        (
            "certificate.expired",
            f"“Master” of {name} ended on 2 March 2028. Passing its quizzes again brings a new one.",
        )
    ]


def test_nobody_is_told_that_a_certificate_ended_which_was_renewed(world: World, now: datetime) -> None:
    colleague = a_colleague(world.partner, now=now)
    pass_modules(colleague, world.course, now=now)
    first = Certificate.objects.get()
    assert first.expires_at is not None
    pass_modules(colleague, world.course, now=first.expires_at - days(10))
    win(world.partner, 1_000, at=first.expires_at - days(200), now=first.expires_at - days(9))
    bring_up_to_date(world.partner, now=first.expires_at + days(400))
    assert Certificate.objects.get(renews=first).expired is False
    assert list(Certificate.objects.filter(expired=True)) == [first]
    assert Notice.objects.filter(kind="certificate.expired").count() == 0


# -- the inbox


@pytest.mark.parametrize("count", [1, 3, 300])
def test_the_inbox_asks_as_often_however_much_it_holds(
    browser: Client, world: World, now: datetime, count: int, django_assert_num_queries: Any
) -> None:
    assign(world.owner.person_id, world.course.id, due_on=None, by=world.owner, now=now)
    rows = [
        Notice(
            person_id=world.owner.person_id, kind="tier.changed", key=f"{n}", partner_id=world.partner,
            params=EXAMPLES["tier.changed"] | {"thing": str(world.course.id), "person": str(world.owner.person_id)},
            url="/", created_at=now - timedelta(hours=n),
        )
        for n in range(count)
    ]  # fmt: skip
    Notice.objects.bulk_create(rows)
    browser.get("/notices/")
    # who asks and the bell, the journal's end, notices, titles, people, partners, standings, the address
    with django_assert_num_queries(8):
        browser.get("/notices/")


def test_an_empty_inbox_says_what_will_come(world: World) -> None:
    page = signed_in(a_person()).get("/notices/").content.decode()
    assert "Nothing has been told you yet" in page
    assert "When your tier or rate moves" in page
    assert "Mark all as read" not in page
    assert (
        "When a partner waits for your word" in signed_in(a_staff_member("manager")).get("/notices/").content.decode()
    )


def test_bell_and_list_follow_what_is_read(browser: Client, world: World, now: datetime) -> None:
    some_told(world.owner.person_id, 45, now=now)
    assert unread(browser) == "45"
    assert assert_parts_stand_alone(browser, "/notices/") == ["inbox"]
    first = Notice.objects.order_by("-created_at", "-id")[0]
    assert browser.post("/notices/read/", {"notice": str(first.id)}).headers["Location"] == "/notices/"
    opened = browser.get(f"/notices/{Notice.objects.order_by('created_at', 'id')[0].id}/")
    assert (opened.status_code, opened.headers["Location"], unread(browser)) == (302, "/training/", "43")
    older = re.search(r'href="(/notices/\?cursor=[^"]+)"', browser.get("/notices/").content.decode())
    assert older
    assert browser.get(older[1]).content.decode().count('class="unread"') == 4
    browser.post("/notices/read/")
    assert (unread(browser), "All read." in browser.get("/notices/").content.decode()) == ("0", True)
    assert "There is nothing older" in browser.get("/notices/?cursor=WyIyMDI2IiwieCJd").content.decode()


def unread(browser: Client) -> str:
    bell = browser.get("/notices/", headers={"X-Parts": "bell"}).content.decode()
    found = re.search(r'<b class="count"[^>]*>(\d+)</b>', bell)
    assert found
    return found[1]


def test_the_bell_stands_on_every_page_with_the_same_number(browser: Client, world: World, now: datetime) -> None:
    some_told(world.owner.person_id, 2, now=now)
    manager = a_staff_member("manager")
    some_told(manager.pk, 2, now=now)
    for who, address in ((browser, "/profile/"), (browser, "/activity/"), (signed_in(manager), "/studio/partners/")):
        assert 'aria-label="Notices, 2 unread"' in who.get(address).content.decode()


def test_what_is_somebody_elses_is_not_there(browser: Client, world: World, now: datetime) -> None:
    other = a_member()
    some_told(other.person_id, 1, now=now)
    (theirs,) = Notice.objects.filter(person_id=other.person_id)
    assert browser.get(f"/notices/{theirs.id}/").status_code == 404
    assert browser.post("/notices/read/", {"notice": str(theirs.id)}).status_code == 302
    assert browser.post("/notices/read/", {"notice": "nonsense"}).status_code == 422
    theirs.refresh_from_db()
    assert theirs.read_at is None
    assert Client().get("/notices/").status_code == 302


# -- choosing


def test_choosing_what_is_mailed_and_when_not(browser: Client, world: World) -> None:
    page = browser.get("/profile/notices/").content.decode()
    assert "Nothing gets worse unannounced: we mail this whatever you choose." in page
    assert 'name="tier.warned"' not in page
    sent = {
        "tier.changed": "daily",
        "tier.warned": "off",
        "quiet": "yes",
        "quiet_begins": "20:30",
        "quiet_ends": "08:00",
    }
    answer = browser.post("/profile/notices/", sent, follow=True)
    assert notes(answer)[0] == "Saved."
    assert list(Choice.objects.values_list("kind", "mail")) == [("tier.changed", "daily")]
    assert [str(one) for one in Quiet.objects.all()] == ["20:30:00-08:00:00"]
    browser.post("/profile/notices/", {"quiet_begins": "20:30", "quiet_ends": "08:00"})
    assert [str(one) for one in Quiet.objects.all()] == ["None-None"]


@pytest.mark.parametrize(
    ("sent", "beside"),
    [
        (
            {"quiet": "yes", "quiet_begins": "late", "quiet_ends": "08:00"},
            {"quiet_begins": "Write a time such as 21:00."},
        ),
        (
            {"quiet": "yes", "quiet_begins": "21:00", "quiet_ends": ""},
            {"quiet_ends": "Say both when quiet hours begin and when they end."},
        ),
        (
            {"quiet": "yes", "quiet_begins": "", "quiet_ends": "noon"},
            {
                "quiet_begins": "Say both when quiet hours begin and when they end.",
                "quiet_ends": "Write a time such as 21:00.",
            },
        ),
        (
            {"quiet": "yes"},
            dict.fromkeys(("quiet_begins", "quiet_ends"), "Say both when quiet hours begin and when they end."),
        ),
        (
            {"quiet": "yes", "quiet_begins": "21:00", "quiet_ends": "21:00"},
            {"quiet_ends": "Choose another time than the one at which they begin."},
        ),
        ({"tier.changed": "yearly"}, {"tier.changed": "Choose from the list."}),
    ],
)
def test_a_wrong_choice_is_refused_beside_its_field(
    browser: Client, sent: dict[str, str], beside: dict[str, str]
) -> None:
    answer = browser.post("/profile/notices/", sent)
    assert (answer.status_code, wrong(answer), Choice.objects.count()) == (422, beside, 0)
    assert ('name="quiet" value="yes" checked' in answer.content.decode()) is ("quiet" in sent)
    assert not Quiet.objects.exists()


# -- mail that comes back


def test_a_person_sees_that_its_mail_comes_back_and_says_that_the_address_is_right(
    browser: Client, world: World
) -> None:
    email = Person.objects.get(pk=world.owner.person_id).email
    keep_return(email, reason="550 no such box", reported=True, now=clock.now())
    for address in ("/profile/", "/notices/", "/profile/notices/"):
        assert f"Mail to {email} comes back since" in browser.get(address).content.decode()
    assert notes(browser.post("/profile/notices/try-again/", follow=True))[0] == "We write to your address again."
    assert Return.objects.count() == 0


def test_the_house_sees_failing_mail(manager: Client, curator: Client, now: datetime) -> None:
    assert "Every mail arrives" in manager.get("/studio/mail/").content.decode()
    person = a_member().person
    keep_return(person.email, reason="550 no such box", reported=False, now=now)
    page = manager.get("/studio/mail/").content.decode()
    assert (person.email in page, "550 no such box" in page) == (True, True)
    assert curator.get("/studio/mail/").status_code == 403
    assert "/studio/mail/" not in curator.get("/profile/").content.decode()


@pytest.mark.parametrize("count", [1, 3, 300])
def test_failing_mail_is_one_query_however_much(
    manager: Client, now: datetime, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        keep_return(f"a{number}@example.com", reason="550", reported=False, now=now)
    with django_assert_num_queries(3):
        manager.get("/studio/mail/")


# -- the link that stops a mail


@pytest.fixture
def link(world: World) -> str:
    return unsubscribe_url(world.owner.person_id, "member.joined").removeprefix(settings.ORIGIN)


def test_opening_the_link_asks_and_one_press_stops_without_signing_in(link: str, world: World) -> None:
    scanner = Client(enforce_csrf_checks=True)
    page = scanner.get(link).content.decode()
    assert ("Stop these mails?" in page, "Somebody joined your company" in page, Choice.objects.count()) == (
        True,
        True,
        0,
    )
    pressed = scanner.post(link, {"List-Unsubscribe": "One-Click"})
    assert (pressed.status_code, "These mails are stopped" in pressed.content.decode()) == (200, True)
    assert list(Choice.objects.values_list("person", "kind", "mail")) == [
        (world.owner.person_id, "member.joined", "off")
    ]
    assert scanner.post(link).status_code == 200


def test_a_link_that_was_tampered_with_is_not_there(link: str) -> None:
    for address in (link[:-2] + "x/", "/notices/unsubscribe/x/"):
        for answer in (Client().get(address), Client().post(address)):
            assert (answer.status_code, "This link does not open" in answer.content.decode()) == (404, True)
    assert Choice.objects.count() == 0


@pytest.mark.tampers
def test_facts_without_a_partner_or_person_tell_nobody(now: datetime) -> None:
    @action
    def happen() -> None:
        numbers = {"credential": "x"}
        record("certificate.revoked", at=now, now=now, numbers=numbers)

    happen()
    assert Notice.objects.count() == 0


def test_the_day_a_line_is_held_until_is_one_of_the_programme(now: datetime) -> None:
    """Half past midnight in London is the day before in UTC: what may be paid from that day on is not on hold."""
    world = a_world(now, hold_days=0)
    at = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)
    win(world.partner, 100_000, at=at, client="Oakline")
    assert CommissionLine.objects.get().payable_on == date(2026, 6, 1)
    (said,) = [said for kind, said in inbox_of(world.owner.person_id) if kind == "commission.added"]
    assert said == "Oakline brings you £100.00, at 10.00%. It counts on the June statement."
