"""Every page can be translated: in a language made up for the purpose no English is left over."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from academy.core import clock
from academy.notifications.models import Mail
from academy.notifications.preferences.queries import unsubscribe_url
from academy.people.accounts.adapter import AccountAdapter
from academy.people.accounts.models import Person
from academy.people.invitations.actions import invite_member
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.people.roles.actions import set_roles
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import ask_about_line
from academy.programme.deals.models import Deal
from academy.programme.deals.registrations.actions import accept_deal, lose_deal, refuse_deal, register_deal
from academy.programme.deals.reports.actions import take_report
from academy.programme.deals.reports.rules import Told
from academy.recognition.certificates.models import Certificate

from ..factories import a_staff_member, acting, signed_in
from ..programme.closing.months import APRIL, MAY, close_month, collect, make_payable
from ..worlds import World, a_colleague, a_partner_in, a_world, days, pass_modules, read_lesson, win
from .pseudo import LANGUAGE, LONGER, ROOT, pseudo, tools, untranslated, write_catalogue

# What the small academy is about, and what Babel writes: numbers, dates, distances, currencies, zones.
DATA = re.compile(
    r"""
    \b(?:Person|Partner|Module|Lesson|Check|Question)\ \d+(?:\.\d+)?\?? | \b(?:[Mm]odule|Lesson|Check|zzzz)\b
    | \b(?:Course|Master|Anchor|Bronze|Silver|Gold|[Aa]utomation|[Ww]ebsite)\b
    | \bClient\ [\w-]+ | \b(?:Oakline|Anker|crm|academy|d-1)\b | \b[0-9a-f]{8}-[0-9a-f-]{27}\b
    | \b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b
    | \bSay\ the\ price,\ then\ stop\. | \b(?:Right|Wrong|Because)\.
    | \bagencies-2026-\d\d-\d{4}\b | \b(?:Agencies|Ltd|United\ Kingdom|1\ Quay\ Street,\ Bristol|acct_anchor|R-)\b
    | \bGB\d{9}\b
    | \bmaster-1\b | \bagencies-1\b | \blearning-1\b
    | [\w.+-]+@[\w.-]+ | https?://\S+ | \b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b
    | \b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\b
    | \b(?:in\ )?\d+\ (?:second|minute|hour|day|week|month|year)s?(?:\ ago)?\b
    | \b(?:GBP|UTC|English|qps)\b | \b(?:Africa|A[mnstu]\w+|Europe|Indian|Pacific)/[\w/ -]+
    | \b(?:SISO\ Academy)\b
    """,
    re.VERBOSE,
)


def test_a_text_in_the_language_is_longer_and_keeps_its_places() -> None:
    assert pseudo("Go on") == "⟦Ğö öñ~~⟧"
    assert pseudo("%(count)d of 100%% for {name}") % {"count": 3} == "⟦3 öƒ 100% ƒöŕ {name}~~~~~~~~~~~~⟧"
    assert len(pseudo("x" * 100)) == 100 * (1 + LONGER) + 2


def test_what_is_left_in_english_is_found() -> None:
    page = (
        '<p title="Plain">⟦Ýöûŕ ŕåţé⟧ 12.08%</p><code>code</code><b>⟦öƒ ⟦Ğöļđ⟧ åñđ Plain data⟧</b>'
        '<input type="submit" value="Go on"><i>Anchor, 3 Mar</i>'
    )
    assert list(untranslated(page, DATA)) == ["Plain", "Go on"]


def test_the_template_of_catalogues_finds_texts_of_python_and_pages() -> None:
    found = tools().texts()
    assert len(found) > 800
    assert found.get(("%(count)d module", "%(count)d modules"))
    assert found.get("Show all partners").locations == [("academy/web/studio/partners/page.html", 0)]


def test_a_language_is_begun_brought_up_to_date_and_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tools()
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script, "CATALOGUES", tmp_path / "locale")
    monkeypatch.setattr(script, "TEMPLATE", tmp_path / "locale" / "django.pot")
    (tmp_path / "babel.cfg").write_text((ROOT / "babel.cfg").read_text())
    monkeypatch.setattr("sys.argv", ["translations.py", "cs"])
    assert script.main() == 0
    czech = tmp_path / "locale" / "cs" / "LC_MESSAGES" / "django.po"
    written = czech.read_text()
    assert '"Plural-Forms: nplurals=3;' in written

    czech.write_text(written.replace('msgid "Show all partners"\nmsgstr ""', 'msgid "Show all partners"\nmsgstr "Vše"'))
    monkeypatch.setattr("sys.argv", ["translations.py"])
    assert script.main() == 0
    assert 'msgstr "Vše"' in czech.read_text()
    assert czech.with_suffix(".mo").stat().st_size > 100
    before, after = re.findall(r"cs: (\d+) still to translate", capsys.readouterr().out)
    assert int(after) == int(before) - 1


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up language, compiled once."""
    folder = tmp_path_factory.mktemp("locale")
    assert write_catalogue(folder) > 800
    return folder


@pytest.fixture
def spoken(catalogue: Path, settings: LazySettings) -> Iterator[None]:
    """The language among those of the house, for one test."""
    settings.LOCALE_PATHS = [catalogue]
    settings.LANGUAGES = [("en", "English"), (LANGUAGE, LANGUAGE)]
    yield
    translation.deactivate()


@pytest.fixture
def world(db: None, now: datetime) -> World:
    """A partner with people, learning, sales, a certificate, an invitation and a notice."""
    world = a_world(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, now=now)
    colleague = a_colleague(world.partner, now=now)
    read_lesson(colleague, world.course.lessons[world.course.modules[0]][0], now=now + days(1))
    by = acting(a_staff_member("manager"))
    invite_member(world.partner, "ines@example.test", role="member", by=by, now=clock.now())
    accept_deal(by, _registered(world, "Oakline", now).pk, now=now)
    refuse_deal(by, _registered(world, "Oakline", now).pk, reason="Anchor", now=now)
    lose_deal(by, _registered(world, "Oakline", now).pk, reason="", now=now)
    _registered(world, "Oakline", now)
    other = a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner")
    register_deal(other, client="Oakline", product="website", amount="5", expected_on=None, now=now)
    won = CommissionLine.objects.filter(partner=world.partner).first()
    assert won
    ask_about_line(world.owner, won.pk, "Anchor?", now=now)
    _take_an_unknown_report(by, now)
    Person.objects.update(language=LANGUAGE)
    return world


def _take_an_unknown_report(by: Actor, now: datetime) -> None:
    told = Told("crm", "d-1", "Anker", "website", "Oakline", "5.00", "GBP", "won", now.isoformat())
    take_report(by, told, now=now)


def _registered(world: World, client: str, now: datetime) -> Deal:
    return register_deal(world.owner, client=client, product="automation", amount="1840", expected_on=None, now=now)


def left_over(browser: Client, addresses: list[str]) -> dict[str, list[str]]:
    """What stands untranslated in each page, refusals included."""
    found: dict[str, list[str]] = {}
    for address in addresses:
        answer = browser.get(address, follow=True, headers={"Accept-Language": LANGUAGE})
        page = answer.content.decode()
        assert "⟦" in page, address
        if left := list(dict.fromkeys(untranslated(page, DATA))):
            found[address] = left
    return found


def test_the_pages_of_a_partner(spoken: None, world: World) -> None:
    module = world.course.modules[0]
    lesson, quiz = world.course.lessons[module][0], world.course.quizzes[module]
    plain = (
        "notices",
        "profile-notices",
        "home",
        "what-if",
        "comparison",
        "activity",
        "deals",
        "deal-register",
        "earnings",
        "certificates",
        "team",
        "profile",
        "history",
        "training",
        "catalogue",
    )
    addresses = [
        *(reverse(name) for name in plain),
        *(reverse("course", args=["course"]), reverse("lesson", args=[lesson]), reverse("lesson-done", args=[lesson])),
        *(reverse("quiz", args=[quiz]), reverse("quiz-result", args=[quiz])),
        *("/search/?q=module", "/search/?q=zzzz", "/training/?minutes=15", "/training/catalogue/?q=zzzz"),
        *(f"/what-if/?module={module}&sales=nonsense", "/activity/?before=nonsense", "/accounts/2fa/"),
        *("/accounts/password/change/", "/accounts/email/", "/training/courses/nothing/"),
    ]
    addresses += [
        "/deals/?stage=lost",
        *(reverse("deal", args=[one]) for one in Deal.objects.values_list("pk", flat=True)),
        *(reverse("line", args=[one]) for one in CommissionLine.objects.values_list("pk", flat=True)),
        *("/earnings/?state=ready", "/earnings/?payment=waiting", "/earnings/?state=nonsense"),
    ]
    owner = signed_in(Person.objects.get(pk=world.owner.person_id))
    colleague = signed_in(Person.objects.exclude(pk=world.owner.person_id).get(memberships__partner=world.partner))
    assert left_over(owner, addresses) == {}
    assert left_over(colleague, addresses) == {}


def test_the_pages_of_the_house(spoken: None, world: World) -> None:
    serial = Certificate.objects.get().serial
    addresses = [
        *(
            "/studio/mail/",
            "/notices/",
            "/profile/notices/",
            "/studio/partners/",
            "/studio/partners/?q=zzzz",
            "/studio/partners/anchor/",
            "/profile/",
        ),
        "/studio/staff/",
        *("/studio/today/", "/studio/deals/", "/studio/deals/?q=zzzz", "/studio/deals/matching/"),
        *(reverse("studio-deal", args=[one]) for one in Deal.objects.values_list("pk", flat=True)),
        *(reverse("studio-line", args=[one]) for one in CommissionLine.objects.values_list("pk", flat=True)),
        *("/studio/partners/anchor/?as_of=2026-03-04", f"/studio/certificates/{serial}/revoke/", "/nowhere/"),
    ]
    for role in ("manager", "administrator", "finance", "curator", "expert"):
        person = a_staff_member(role)
        Person.objects.filter(pk=person.pk).update(language=LANGUAGE)
        assert left_over(signed_in(person), [*addresses, f"/studio/staff/{world.owner.person_id}/second-step/"]) == {}


def test_the_pages_of_a_months_end(spoken: None, world: World, now: datetime, settings: LazySettings) -> None:
    settings.FOUR_EYES = False
    make_payable(world.partner, now=now)
    close_month(world, APRIL)
    win(world.partner, 150_000, at=now + days(31))
    collect(world, MAY)
    paid, checked = (f"agencies-2026-{month}-0001" for month in ("04", "05"))
    by_role = {
        "finance": ("/studio/close/", "/studio/close/agencies/2026-04/", "/studio/close/agencies/2026-05/",
                    f"/studio/statements/{paid}/", f"/studio/statements/{checked}/", "/studio/payees/"),
        "manager": ("/studio/close/", "/studio/terms/"),
    }  # fmt: skip
    for role, addresses in by_role.items():
        person = a_staff_member(role)
        Person.objects.filter(pk=person.pk).update(language=LANGUAGE)
        assert left_over(signed_in(person), list(addresses)) == {}
    owner = signed_in(Person.objects.get(pk=world.owner.person_id))
    assert left_over(owner, ["/statements/", f"/statements/{paid}/", "/payee/", "/terms/", "/notices/"]) == {}


def test_the_pages_of_a_stranger(spoken: None, world: World, client: Client) -> None:
    serial = Certificate.objects.get().serial
    stop = unsubscribe_url(world.owner.person_id, "rate.changed").removeprefix(settings.ORIGIN)
    addresses = [
        *(
            "/accounts/login/",
            "/accounts/login/code/confirm/",
            "/accounts/password/reset/",
            "/invitations/nothing/",
            "/nowhere/",
            "/certificates/0000-0000-0000/",
        ),
        *(f"/certificates/{serial}/", "/demo/", "/notices/unsubscribe/x/", stop),
    ]
    assert left_over(client, addresses) == {}


NOTICES = (
    *("password_changed", "password_set", "password_reset", "email_changed", "email_confirm", "email_deleted"),
    *("totp_activated", "totp_deactivated", "recovery_codes_generated", "webauthn_added", "webauthn_removed", "other"),
)


def test_the_mails(spoken: None, world: World, settings: LazySettings) -> None:
    settings.FOUR_EYES = False
    Mail.objects.all().delete()  # what was written before they spoke the language
    owner = Person.objects.get(pk=world.owner.person_id)
    link = {"code": "123456", "password_reset_url": "https://x.test/a", "activate_url": "https://x.test/b"}
    with translation.override(LANGUAGE):
        for what in ("login_code", "password_reset_key", "email_confirmation", *NOTICES):
            AccountAdapter().send_mail(f"account/email/{what}", owner.email, link)
        AccountAdapter().send_mail("account/email/login_code", "nobody@example.test", link)
        invite_member(world.partner, "noa@example.test", role="owner", by=acting(owner), now=clock.now())
    eva = a_staff_member("manager")
    Person.objects.filter(pk=eva.pk).update(language=LANGUAGE)
    set_roles(eva.pk, ["expert"], reason="", by=THE_HOUSE, now=clock.now())

    letters = Mail.objects.order_by("created_at", "id")
    assert len(letters) == 18
    left = {one.subject: list(untranslated(f"{one.subject}\n{one.text}", DATA)) for one in letters}
    assert {subject: found for subject, found in left.items() if found} == {}
