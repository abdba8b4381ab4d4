"""Who may do what: one table from verb to those who may, and one pure question, `may`.

Everything else in the house asks here. Whoever adds a verb adds a line; nobody compares roles anywhere else.
"""

from dataclasses import dataclass
from uuid import UUID

NOBODY_ID = UUID(int=0)  # the nil UUID: an actor that is no person

EXPERT, CURATOR, MANAGER, FINANCE, ADMINISTRATOR = "expert", "curator", "manager", "finance", "administrator"
STAFF_ROLES = (EXPERT, CURATOR, MANAGER, FINANCE, ADMINISTRATOR)
OWNER, MEMBER = "owner", "member"
SCOPES = ("read", "learn", "people", "deals", "live", "admin")
HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, as far as permissions go.

    `roles` are those of staff; `partner_id` and `member_role` say of which partner one is an active member.
    `scopes` narrow what a token may do; empty, as with every session, they narrow nothing.
    """

    person_id: UUID
    roles: frozenset[str] = frozenset()
    partner_id: UUID | None = None
    member_role: str | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def is_somebody(self) -> bool:
        """Whether this is a person, or the house itself; not a stranger who has not signed in."""
        return self.person_id != NOBODY_ID or HOUSE in self.roles

    @property
    def signature(self) -> UUID | None:
        """Whom to write down beside what was done; None for the house itself."""
        return self.person_id if self.person_id != NOBODY_ID else None

    @property
    def is_staff(self) -> bool:
        """Whether this is somebody of the house."""
        return bool(self.roles)


ANYONE = Actor(NOBODY_ID)
THE_HOUSE = Actor(NOBODY_ID, frozenset({HOUSE}))  # the command line, jobs and importers: it may do everything


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do one thing, and which scope a token needs for it.

    `staff` names roles; an administrator may all that any of them may. `owner` and `member` mean of the
    partner in question, `itself` the person in question, `somebody` whoever is signed in, `anyone` strangers
    too.
    """

    scope: str
    staff: frozenset[str] = frozenset()
    owner: bool = False
    member: bool = False
    itself: bool = False
    somebody: bool = False
    anyone: bool = False


def _rule(scope: str, *who: str) -> Rule:
    given = {name: name in who for name in ("owner", "member", "itself", "somebody", "anyone")}
    staff = frozenset(who).intersection(STAFF_ROLES)
    return Rule(scope, frozenset(STAFF_ROLES) if "staff" in who else staff, **given)


RULES = {
    # people
    "person.create": _rule("people", MANAGER),
    "person.see": _rule("read", "itself", "owner", "staff"),
    "person.edit": _rule("people", "itself"),
    "person.export": _rule("admin", "itself", ADMINISTRATOR),
    "person.erase": _rule("admin", "itself", ADMINISTRATOR),
    "role.see": _rule("read", ADMINISTRATOR),
    "role.grant": _rule("admin", ADMINISTRATOR),
    "second_step.forget": _rule("admin", ADMINISTRATOR),
    "session.see": _rule("read", "itself", ADMINISTRATOR),
    "session.end": _rule("admin", "itself", ADMINISTRATOR),
    "token.see": _rule("read", "itself", ADMINISTRATOR),
    "token.create": _rule("admin", "itself"),
    "token.revoke": _rule("admin", "itself", ADMINISTRATOR),
    # partners and their members
    "partner.create": _rule("people", MANAGER),
    "partner.see": _rule("read", "member", "staff"),
    "partner.see_any": _rule("read", MANAGER, FINANCE),
    "partner.edit": _rule("people", "owner", MANAGER),
    "partner.leave": _rule("people", "itself"),
    "member.see": _rule("read", "member", "staff"),
    "member.add": _rule("people", MANAGER),
    "member.invite": _rule("people", "owner", MANAGER),
    "member.remove": _rule("people", "owner", MANAGER),
    "member.change_role": _rule("people", "owner", MANAGER),
    "invitation.see": _rule("read", "owner", MANAGER),
    # learning
    "catalogue.see": _rule("read", "somebody"),
    "catalogue.edit": _rule("admin", CURATOR),
    "catalogue.import": _rule("admin", CURATOR),
    "course.enrol": _rule("learn", "itself"),
    "lesson.see": _rule("read", "somebody"),
    "lesson.progress": _rule("learn", "itself"),
    "quiz.attempt": _rule("learn", "itself"),
    "training.see": _rule("read", "itself", "owner", MANAGER, EXPERT, CURATOR),
    "topic.wish": _rule("learn", "itself"),
    "learning.assign": _rule("learn", "owner", MANAGER),
    # certificates
    "certificate.see": _rule("read", "itself", "owner", "staff"),
    "certificate.verify": _rule("read", "anyone"),
    "certificate.revoke": _rule("admin", CURATOR),
    # the programme
    "standing.see": _rule("read", "member", MANAGER, FINANCE),
    "standing.see_any": _rule("read", MANAGER, FINANCE),
    "standing.preview": _rule("read", "member", MANAGER, FINANCE),
    "amounts.see": _rule("read", "owner", MANAGER, FINANCE),
    "deal.see": _rule("read", "member", MANAGER, FINANCE),
    "deal.see_any": _rule("read", MANAGER, FINANCE),
    "deal.register": _rule("deals", "member"),
    "deal.lose": _rule("deals", "member", MANAGER),
    "deal.answer": _rule("deals", MANAGER),
    "deal.report": _rule("deals", FINANCE, MANAGER),
    "deal.match": _rule("deals", FINANCE, MANAGER),
    "commission.see": _rule("read", "owner", MANAGER, FINANCE),
    "line.question": _rule("deals", "owner"),
    "line.answer": _rule("deals", MANAGER, FINANCE),
    "line.correct": _rule("deals", FINANCE),
    "programme.enrol": _rule("people", MANAGER),
    "plan.see": _rule("read", "somebody"),
    "plan.publish": _rule("admin", MANAGER),
    "tier.pin": _rule("people", MANAGER),
    "promotion.approve": _rule("people", MANAGER),
    # notices and mail
    "notice.see": _rule("read", "itself"),
    "notice.read": _rule("people", "itself"),
    "notice.choose": _rule("people", "itself"),
    "mail.see_failing": _rule("read", MANAGER, FINANCE),
    "mail.report": _rule("admin", ADMINISTRATOR),
    # the month's end
    "close.see": _rule("read", MANAGER, FINANCE),
    "close.run": _rule("admin", FINANCE),
    "close.approve": _rule("admin", FINANCE),
    "payout.record": _rule("admin", FINANCE),
    "statement.see": _rule("read", "owner", MANAGER, FINANCE),
    "payee.see": _rule("read", "owner", FINANCE),
    "payee.edit": _rule("people", "owner"),
    "payee.check": _rule("admin", FINANCE),
    "terms.see": _rule("read", "somebody"),
    "terms.accept": _rule("people", "owner"),
    "terms.publish": _rule("admin", MANAGER),
    # the house
    "activity.see": _rule("read", "itself", MANAGER),
    "journal.see": _rule("read", MANAGER, FINANCE),
    "journal.verify": _rule("admin", ADMINISTRATOR),
    "live.open": _rule("live", "somebody"),
    "studio.enter": _rule("read", "staff"),
}


def may(actor: Actor, verb: str, *, partner_id: UUID | None = None, person_id: UUID | None = None) -> bool:
    """Whether an actor may do this, to this partner or person where the verb is about one.

    Somebody else's person is reached as owner by naming both: the partner, and the person in it. An unknown
    verb is a mistake in our code: KeyError.
    """
    rule = RULES[verb]
    return not lacks_scope(actor, verb) and _is_among(actor, rule, partner_id, person_id)


def lacks_scope(actor: Actor, verb: str) -> bool:
    """Whether it is only the token that stands in the way, or also: it does not carry the verb's scope."""
    return bool(actor.scopes) and RULES[verb].scope not in actor.scopes


def _is_among(actor: Actor, rule: Rule, partner_id: UUID | None, person_id: UUID | None) -> bool:
    if rule.anyone or HOUSE in actor.roles:
        return True
    if not actor.is_somebody:
        return False
    if rule.somebody or actor.roles & rule.staff or (rule.staff and ADMINISTRATOR in actor.roles):
        return True
    if rule.itself and person_id == actor.person_id:
        return True
    belongs = partner_id is not None and partner_id == actor.partner_id
    return belongs and (rule.member or (rule.owner and actor.member_role == OWNER))
