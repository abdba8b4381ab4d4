"""Every address of a page, whose it is, and which line of the permission table guards looking at it and sending to it.

Two tests hold it against the house: one asks each as everybody, the other looks at each in a browser.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from django.urls import URLPattern, URLResolver, get_resolver


class Room(Enum):
    """Whose an address is. What lies in a room that is not yours is not there: 404."""

    OPEN = "anybody's"
    MINE = "whoever is signed in, about oneself"
    OURS = "one's own partner's"
    THEIRS = "a thing of the one partner of the small academy"
    PERSONS = "a thing of its owner"
    HOUSE = "the staff's"
    NOWHERE = "not there: the demo's own pages outside of one, secrets that nobody was given"


@dataclass(frozen=True, slots=True)
class Address:
    """How an address is asked.

    `verbs` holds, by each method that it takes, the line of the permission table that guards it; "" where the room
    says it all. `values` fill its pattern with what is named so.
    """

    room: Room
    verbs: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)


def get(room: Room, verb: str = "", **values: str) -> Address:
    return Address(room, {"GET": verb}, values)


def post(room: Room, verb: str = "", **values: str) -> Address:
    return Address(room, {"POST": verb}, values)


def both(room: Room, verb: str = "", sends: str | None = None, **values: str) -> Address:
    """A page with a form that comes back to it; `sends` where another line guards what is sent."""
    return Address(room, {"GET": verb, "POST": verb if sends is None else sends}, values)


OPEN, MINE, OURS, THEIRS, PERSONS, HOUSE, NOWHERE = Room
LESSON, QUIZ, COURSE = {"lesson_id": "lesson"}, {"lesson_id": "quiz"}, {"slug": "course"}
PAID, CHECKED = ({"programme": "agencies", "month": month} for month in ("2026-04", "2026-05"))

ADDRESSES = {
    "": get(MINE),
    "what-if/": get(MINE),
    "what-if/plan/": post(MINE),
    "deals/": get(OURS, "deal.see"),
    "deals/new/": both(OURS, "deal.register"),
    "deals/<uuid:deal_id>/": get(THEIRS, "deal.see", deal_id="deal"),
    "deals/<uuid:deal_id>/lose/": post(THEIRS, "deal.lose", deal_id="deal"),
    "earnings/": get(OURS, "deal.see"),
    "earnings/lines.csv": get(OURS, "commission.see"),
    "earnings/lines/<uuid:line_id>/": get(THEIRS, "commission.see", line_id="line"),
    "earnings/lines/<uuid:line_id>/question/": post(THEIRS, "line.question", line_id="line"),
    "earnings/training/": get(MINE),
    "statements/": get(OURS, "statement.see"),
    "statements/<str:number>/": get(THEIRS, "statement.see", number="statement"),
    "statements/<str:number>/pdf/": get(THEIRS, "statement.see", number="statement"),
    "statements/<str:number>/csv/": get(THEIRS, "statement.see", number="statement"),
    "payee/": get(OURS, "payee.see"),
    "payee/change/": both(OURS, "payee.edit"),
    "terms/": both(OURS, "terms.see", "terms.accept"),
    "activity/": get(MINE),
    "training/": get(MINE),
    "training/catalogue/": get(MINE, "catalogue.see"),
    "training/wishes/": post(MINE),
    "training/history/": get(MINE),
    "training/courses/<slug:slug>/": get(MINE, "catalogue.see", **COURSE),
    "training/courses/<slug:slug>/start/": post(MINE, **COURSE),
    "training/courses/<slug:slug>/newer/": post(MINE, **COURSE),
    "training/paths/<slug:slug>/": get(MINE, "catalogue.see", slug="path"),
    "training/resources/<slug:slug>/": get(MINE, "catalogue.see", slug="resource"),
    "training/lessons/<uuid:lesson_id>/": get(MINE, "lesson.see", **LESSON),
    "training/lessons/<uuid:lesson_id>/complete/": post(MINE, **LESSON),
    "training/files/<uuid:file_id>/<str:name>": get(MINE, file_id="file", name="brief.md"),
    "training/quizzes/<uuid:lesson_id>/": both(MINE, **QUIZ),
    "training/quizzes/<uuid:lesson_id>/result/": get(MINE, **QUIZ),
    "training/lessons/<uuid:lesson_id>/done/": get(MINE, **LESSON),
    "search/": get(MINE),
    "team/": get(OURS, "member.invite"),
    "team/assign/": post(OURS, "learning.assign"),
    "team/invitations/": post(OURS, "member.invite"),
    "team/invitations/list/": post(OURS, "member.invite"),
    "team/invitations/<uuid:invitation_id>/withdraw/": post(THEIRS, "member.invite", invitation_id="invitation"),
    "team/members/<uuid:person_id>/remove/": post(THEIRS, "member.remove", person_id="colleague"),
    "team/members/<uuid:person_id>/role/": post(THEIRS, "member.change_role", person_id="colleague"),
    "notices/unsubscribe/<str:token>/": both(OPEN, token="unsubscribe"),
    "notices/": get(MINE),
    "notices/read/": post(MINE),
    "notices/<uuid:notice_id>/": get(PERSONS, "notice.see", notice_id="notice"),
    "profile/": both(MINE),
    "profile/sessions/<int:session_id>/end/": post(PERSONS, "session.end", session_id="session"),
    "profile/sessions/end-others/": post(MINE),
    "profile/leave/": post(OURS, "partner.see"),
    "profile/tokens/": both(MINE),
    "profile/tokens/<uuid:token_id>/revoke/": post(PERSONS, "token.revoke", token_id="token"),
    "profile/notices/": both(MINE),
    "profile/notices/try-again/": post(MINE),
    "profile/data/": get(MINE),
    "profile/erase/": both(MINE),
    "welcome/": both(MINE),
    "welcome/first/": get(MINE),
    "invitations/<str:secret>/": both(OPEN, secret="secret"),
    "accounts/login/": both(OPEN),
    "accounts/login/code/": both(OPEN),
    "accounts/login/code/confirm/": both(OPEN),
    "accounts/logout/": both(MINE),
    "accounts/inactive/": get(OPEN),
    "accounts/signup/": both(OPEN),
    "accounts/reauthenticate/": both(MINE),
    "accounts/email/": both(MINE),
    "accounts/confirm-email/": get(OPEN),
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": both(OPEN, key="x"),
    "accounts/password/change/": both(MINE),
    "accounts/password/set/": both(MINE),
    "accounts/password/reset/": both(OPEN),
    "accounts/password/reset/done/": get(OPEN),
    "accounts/password/reset/key/done/": get(OPEN),
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": both(OPEN, uidb36="1", key="x"),
    "accounts/2fa/": get(MINE),
    "accounts/2fa/authenticate/": both(MINE),
    "accounts/2fa/reauthenticate/": both(MINE),
    "accounts/2fa/totp/activate/": both(MINE),
    "accounts/2fa/totp/deactivate/": both(PERSONS),
    "accounts/2fa/recovery-codes/": get(PERSONS),
    "accounts/2fa/recovery-codes/generate/": both(MINE),
    "accounts/2fa/recovery-codes/download/": get(PERSONS),
    "accounts/2fa/webauthn/": get(MINE),
    "accounts/2fa/webauthn/add/": both(MINE),
    "accounts/2fa/webauthn/reauthenticate/": both(MINE),
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": both(PERSONS, pk="key"),
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": both(PERSONS, pk="key"),
    "accounts/2fa/webauthn/login/": both(MINE),
    "accounts/sessions/": both(MINE),
    "sign-in/<str:secret>/": both(OPEN, secret="link"),
    "demo/": get(NOWHERE),
    "demo/enter/": post(NOWHERE),
    "demo/stage/": get(NOWHERE),
    "demo/stage/refund/": post(NOWHERE),
    "demo/sales/": both(NOWHERE),
    "demo/mail/": get(NOWHERE),
    "certificates/": get(MINE),
    "certificates/<slug:serial>/": get(OPEN, "certificate.verify", serial="serial"),
    "certificates/<slug:serial>/certificate.pdf": get(PERSONS, serial="serial"),
    "worker.js": get(OPEN),
    "offline/": get(OPEN),
    "studio/today/": get(HOUSE, "deal.see_any"),
    "studio/today/first/": get(HOUSE, "deal.see_any"),
    "studio/today/news/": get(HOUSE, "deal.see_any"),
    "studio/deals/": get(HOUSE, "deal.see_any"),
    "studio/deals/<uuid:deal_id>/": get(HOUSE, "deal.see_any", deal_id="deal"),
    "studio/deals/<uuid:deal_id>/accept/": post(HOUSE, "deal.answer", deal_id="deal"),
    "studio/deals/<uuid:deal_id>/refuse/": post(HOUSE, "deal.answer", deal_id="deal"),
    "studio/deals/<uuid:deal_id>/win/": post(HOUSE, "deal.report", deal_id="deal"),
    "studio/deals/<uuid:deal_id>/lose/": post(HOUSE, "deal.lose", deal_id="deal"),
    "studio/deals/<uuid:deal_id>/claims/<uuid:claim_id>/grant/": post(
        HOUSE, "deal.answer", deal_id="claimed", claim_id="claim"
    ),
    "studio/deals/<uuid:deal_id>/claims/<uuid:claim_id>/refuse/": post(
        HOUSE, "deal.answer", deal_id="claimed", claim_id="claim"
    ),
    "studio/deals/matching/": both(HOUSE, "deal.match"),
    "studio/deals/matching/<uuid:report_id>/drop/": post(HOUSE, "deal.match", report_id="report"),
    "studio/partners/<slug:slug>/pin/": post(HOUSE, "tier.pin", slug="partner"),
    "studio/partners/<slug:slug>/unpin/": post(HOUSE, "tier.pin", slug="partner"),
    "studio/partners/": get(HOUSE, "studio.enter"),
    "studio/partners/<slug:slug>/": get(HOUSE, "partner.see_any", slug="partner"),
    "studio/partners/<slug:slug>/approve/": post(HOUSE, "promotion.approve", slug="partner"),
    "studio/certificates/<slug:serial>/revoke/": both(HOUSE, "certificate.revoke", serial="serial"),
    "studio/close/": get(HOUSE, "close.see"),
    "studio/close/start/": post(HOUSE, "close.run"),
    "studio/close/<slug:programme>/<str:month>/": get(HOUSE, "close.see", **PAID),
    "studio/close/<slug:programme>/<str:month>/continue/": post(HOUSE, "close.run", **CHECKED),
    "studio/close/<slug:programme>/<str:month>/seen/": post(HOUSE, "close.run", **CHECKED),
    "studio/close/<slug:programme>/<str:month>/approve/": post(HOUSE, "close.approve", **CHECKED),
    "studio/close/<slug:programme>/<str:month>/hand-over/": post(HOUSE, "payout.record", **PAID),
    "studio/close/<slug:programme>/<str:month>/payments.csv": get(HOUSE, "payout.record", **PAID),
    "studio/close/<slug:programme>/<str:month>/payments/": post(HOUSE, "payout.record", **PAID),
    "studio/statements/<str:number>/": get(HOUSE, "statement.see", number="statement"),
    "studio/statements/<str:number>/hold/": post(HOUSE, "close.run", number="checked"),
    "studio/statements/<str:number>/again/": post(HOUSE, "close.run", number="checked"),
    "studio/statements/<str:number>/seen/": post(HOUSE, "close.run", number="checked"),
    "studio/statements/<str:number>/paid/": post(HOUSE, "payout.record", number="statement"),
    "studio/statements/<str:number>/returned/": post(HOUSE, "payout.record", number="statement"),
    "studio/payees/": get(HOUSE, "payee.check"),
    "studio/payees/check/": post(HOUSE, "payee.check"),
    "studio/terms/": both(HOUSE, "terms.publish"),
    "studio/lines/<uuid:line_id>/": get(HOUSE, "commission.see", line_id="line"),
    "studio/lines/<uuid:line_id>/questions/<uuid:question_id>/answer/": post(
        HOUSE, "line.answer", line_id="line", question_id="question"
    ),
    "studio/lines/<uuid:line_id>/correct/": post(HOUSE, "line.correct", line_id="line"),
    "studio/corrections/<uuid:correction_id>/confirm/": post(HOUSE, "line.correct", correction_id="correction"),
    "studio/corrections/<uuid:correction_id>/drop/": post(HOUSE, "line.correct", correction_id="correction"),
    "studio/mail/": get(HOUSE, "mail.see_failing"),
    "studio/staff/": get(HOUSE, "role.see"),
    "studio/staff/enter/": post(HOUSE, "role.grant"),
    "studio/staff/second-step/": get(HOUSE, "second_step.forget"),
    "studio/staff/<uuid:person_id>/": both(HOUSE, "role.see", "role.grant", person_id="staff"),
    "studio/staff/<uuid:person_id>/second-step/": both(HOUSE, "second_step.forget", person_id="staff"),
    "studio/staff/changes/<uuid:change_id>/confirm/": post(HOUSE, "role.grant", change_id="change"),
    "studio/staff/changes/<uuid:change_id>/decline/": post(HOUSE, "role.grant", change_id="change"),
    "style/": get(OPEN),
    "style/<slug:scene>/": get(OPEN, scene="home"),
}


def patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every address of a page; the API has a walk of its own."""
    for one in (resolver or get_resolver()).url_patterns:
        pattern = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield pattern
        elif isinstance(one, URLResolver) and not pattern.startswith("api/"):
            yield from patterns(one, pattern)
