"""The whole permission table, written out a second time: who may do which verb, and how the others are refused."""

from uuid import UUID

import pytest

from academy.core.errors import Forbidden, NotFound, SignInNeeded
from academy.people.permissions.access import allow
from academy.people.permissions.rules import (
    ANYONE,
    RULES,
    SCOPES,
    STAFF_ROLES,
    THE_HOUSE,
    Actor,
    lacks_scope,
    may,
)

OURS, THEIRS = UUID(int=101), UUID(int=102)
ME, OTHER = UUID(int=1), UUID(int=2)

# Each asks about the partner OURS and the person ME. `foreign` is a member of another partner, `alone` of none.
ACTORS = {
    "anyone": ANYONE,
    "alone": Actor(OTHER),
    "foreign": Actor(OTHER, partner_id=THEIRS, member_role="owner"),
    "itself": Actor(ME),
    "member": Actor(OTHER, partner_id=OURS, member_role="member"),
    "owner": Actor(OTHER, partner_id=OURS, member_role="owner"),
    **{role: Actor(OTHER, frozenset({role})) for role in STAFF_ROLES},
    "house": THE_HOUSE,
}
STAFF = set(STAFF_ROLES)
SIGNED_IN = set(ACTORS) - {"anyone"}
EXPECTED = {
    "person.create": {"manager", "administrator"},
    "person.see": {"itself", "owner"} | STAFF,
    "person.edit": {"itself"},
    "person.export": {"itself", "administrator"},
    "person.erase": {"itself", "administrator"},
    "role.see": {"administrator"},
    "role.grant": {"administrator"},
    "second_step.forget": {"administrator"},
    "session.see": {"itself", "administrator"},
    "session.end": {"itself", "administrator"},
    "token.see": {"itself", "administrator"},
    "token.create": {"itself"},
    "token.revoke": {"itself", "administrator"},
    "partner.create": {"manager", "administrator"},
    "partner.see": {"member", "owner"} | STAFF,
    "partner.see_any": {"manager", "finance", "administrator"},
    "partner.edit": {"owner", "manager", "administrator"},
    "partner.leave": {"itself"},
    "member.see": {"member", "owner"} | STAFF,
    "member.add": {"manager", "administrator"},
    "member.invite": {"owner", "manager", "administrator"},
    "member.remove": {"owner", "manager", "administrator"},
    "member.change_role": {"owner", "manager", "administrator"},
    "invitation.see": {"owner", "manager", "administrator"},
    "catalogue.see": SIGNED_IN,
    "catalogue.edit": {"curator", "administrator"},
    "catalogue.import": {"curator", "administrator"},
    "course.enrol": {"itself"},
    "lesson.see": SIGNED_IN,
    "lesson.progress": {"itself"},
    "quiz.attempt": {"itself"},
    "training.see": {"itself", "owner", "manager", "expert", "curator", "administrator"},
    "topic.wish": {"itself"},
    "learning.assign": {"owner", "manager", "administrator"},
    "certificate.see": {"itself", "owner"} | STAFF,
    "certificate.verify": set(ACTORS),
    "certificate.revoke": {"curator", "administrator"},
    "standing.see": {"member", "owner", "manager", "finance", "administrator"},
    "standing.see_any": {"manager", "finance", "administrator"},
    "standing.preview": {"member", "owner", "manager", "finance", "administrator"},
    "amounts.see": {"owner", "manager", "finance", "administrator"},
    "deal.see": {"owner", "member", "manager", "finance", "administrator"},
    "deal.see_any": {"manager", "finance", "administrator"},
    "deal.register": {"owner", "member"},
    "deal.lose": {"owner", "member", "manager", "administrator"},
    "deal.answer": {"manager", "administrator"},
    "deal.match": {"manager", "finance", "administrator"},
    "commission.see": {"owner", "manager", "finance", "administrator"},
    "line.question": {"owner"},
    "line.answer": {"manager", "finance", "administrator"},
    "line.correct": {"finance", "administrator"},
    "deal.report": {"manager", "finance", "administrator"},
    "programme.enrol": {"manager", "administrator"},
    "plan.see": SIGNED_IN,
    "plan.publish": {"manager", "administrator"},
    "tier.pin": {"manager", "administrator"},
    "promotion.approve": {"manager", "administrator"},
    "notice.see": {"itself"},
    "notice.read": {"itself"},
    "notice.choose": {"itself"},
    "mail.see_failing": {"manager", "finance", "administrator"},
    "mail.report": {"administrator"},
    "close.see": {"manager", "finance", "administrator"},
    "close.run": {"finance", "administrator"},
    "close.approve": {"finance", "administrator"},
    "payout.record": {"finance", "administrator"},
    "statement.see": {"owner", "manager", "finance", "administrator"},
    "payee.see": {"owner", "finance", "administrator"},
    "payee.edit": {"owner"},
    "payee.check": {"finance", "administrator"},
    "terms.see": SIGNED_IN,
    "terms.accept": {"owner"},
    "terms.publish": {"manager", "administrator"},
    "activity.see": {"itself", "manager", "administrator"},
    "journal.see": {"manager", "finance", "administrator"},
    "journal.verify": {"administrator"},
    "live.open": SIGNED_IN,
    "studio.enter": STAFF,
}


def test_every_verb_is_written_down_here_too() -> None:
    assert set(EXPECTED) == set(RULES)


@pytest.mark.parametrize("verb", RULES)
def test_exactly_these_may(verb: str) -> None:
    allowed = {name for name, actor in ACTORS.items() if may(actor, verb, partner_id=OURS, person_id=ME)}
    assert allowed == EXPECTED[verb] | {"house"}


@pytest.mark.parametrize("verb", RULES)
def test_without_a_partner_or_person_only_staff_and_whoever_is_there_may(verb: str) -> None:
    allowed = {name for name, actor in ACTORS.items() if may(actor, verb)}
    assert allowed == EXPECTED[verb] - {"itself", "owner", "member"} | {"house"} | (
        {"itself", "owner", "member"} if EXPECTED[verb] >= SIGNED_IN else set()
    )


@pytest.mark.parametrize("verb", RULES)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_narrows_to_its_scope(verb: str, scope: str) -> None:
    token = Actor(ME, frozenset({"administrator"}), OURS, "owner", frozenset({scope}))
    assert may(token, verb, partner_id=OURS, person_id=ME) == (RULES[verb].scope == scope)
    assert lacks_scope(token, verb) == (RULES[verb].scope != scope)


def test_every_scope_serves_some_verb() -> None:
    assert {rule.scope for rule in RULES.values()} == set(SCOPES)


def test_an_unknown_verb_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        may(THE_HOUSE, "no.such_verb")


@pytest.mark.parametrize(
    ("actor", "somebody", "staff"),
    [
        (ANYONE, False, False),
        (THE_HOUSE, True, True),
        (ACTORS["manager"], True, True),
        (ACTORS["alone"], True, False),
    ],
)
def test_who_is_somebody_and_who_is_staff(actor: Actor, somebody: bool, staff: bool) -> None:
    assert (actor.is_somebody, actor.is_staff) == (somebody, staff)


NOT_HERE = "There is nothing here, or it is not yours to see."
READING = frozenset({"read"})


@pytest.mark.parametrize(
    ("actor", "verb", "about", "refusal", "sentence"),
    [
        (ANYONE, "standing.see", {"partner_id": OURS}, SignInNeeded, "Sign in first."),
        (ACTORS["foreign"], "standing.see", {"partner_id": OURS}, NotFound, NOT_HERE),
        (ACTORS["alone"], "person.see", {"person_id": ME}, NotFound, NOT_HERE),
        (
            ACTORS["member"],
            "member.invite",
            {"partner_id": OURS},
            Forbidden,
            "Only an owner may do this. Ask one of your company's owners.",
        ),
        (
            ACTORS["administrator"],
            "lesson.progress",
            {"person_id": ME},
            Forbidden,
            "Everybody does this for themselves only.",
        ),
        (
            ACTORS["expert"],
            "standing.see",
            {"partner_id": OURS},
            Forbidden,
            "This is for members of a partner.",
        ),
        (
            ACTORS["curator"],
            "plan.publish",
            {},
            Forbidden,
            "Your role does not allow this. Ask an administrator of the academy.",
        ),
        (
            Actor(ME, scopes=READING),
            "lesson.progress",
            {"person_id": ME},
            Forbidden,
            "This token lacks the scope “learn”. Make one that has it, in your profile.",
        ),
        (Actor(ME, scopes=READING), "lesson.progress", {"person_id": OTHER}, NotFound, NOT_HERE),
    ],
)
def test_refusals(actor: Actor, verb: str, about: dict[str, UUID], refusal: type[Exception], sentence: str) -> None:
    with pytest.raises(refusal) as refused:
        allow(actor, verb, **about)
    assert str(refused.value) == sentence


def test_whoever_may_goes_on() -> None:
    allow(ACTORS["owner"], "member.invite", partner_id=OURS)
