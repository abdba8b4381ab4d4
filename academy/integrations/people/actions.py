"""Importing and exporting people and where they belong. Staff are entered one by one, not by a table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch

from academy.core.errors import Refused
from academy.integrations.catalogue.files import UnreadableError
from academy.integrations.tables import Lines, escaped, records, unescaped
from academy.journal.actions import action
from academy.learning.catalog.rules import Problem
from academy.people.accounts.actions import create_person
from academy.people.accounts.models import Person
from academy.people.accounts.queries import person_by_address
from academy.people.accounts.rules import clean_address
from academy.people.invitations.actions import invite_member
from academy.people.memberships.actions import add_member, change_role
from academy.people.partners.models import Invitation, MemberRole, Membership, Partner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import THE_HOUSE, Actor

Progress = Callable[[int, int], None]
COLUMNS = ("email", "name", "partner", "role", "language", "timezone")
NEEDED = ("email", "partner")


@dataclass(slots=True)
class Report:
    """What an import of people did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The shape that the command line prints."""
        return {
            "added": self.added,
            "changed": self.changed,
            "archived": 0,
            "unchanged": self.unchanged,
            "refused": [problem.as_json() for problem in self.refused],
            "counts": {"people": self.added + self.changed + self.unchanged},
        }


def export_people(by: Actor) -> Iterator[tuple[str, ...]]:
    """Everybody who can sign in, by address, as `COLUMNS` names them; staff belong to no partner."""
    allow(by, "person.see")
    here = Membership.objects.filter(left_at=None).select_related("partner")
    people = Person.objects.filter(is_active=True).order_by("email")
    for person in people.prefetch_related(Prefetch("memberships", here, to_attr="here")).iterator(2_000):
        membership = next(iter(getattr(person, "here")), None)  # noqa: B009 - put there by the line above
        yield (
            *(escaped(person.email), escaped(person.name)),
            *((membership.partner.slug, membership.role) if membership else ("", "")),
            *(person.language, person.timezone),
        )


def import_people(
    path: Path,
    *,
    by: Actor = THE_HOUSE,
    now: datetime,
    inviting: Actor | None = None,
    dry_run: bool = False,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Enter the people of a table at their partners, each line a transaction. Repeating it changes nothing.

    Nobody is written to: who is entered signs in by a code. With `inviting`, a person of the house or an owner, those
    who are not here yet are invited by mail instead. Raises Refused where there is no such file.
    """
    allow(by, "member.add")
    if not path.is_file():
        raise Refused(f"There is no file {path}.")
    report = Report()
    try:
        lines = list(_lines(path))
    except UnreadableError as error:
        return Report(refused=[error.problem])
    for done, (line, told) in enumerate(lines, 1):
        try:
            what = _dry(by, inviting, told, now) if dry_run else _enter(by, inviting, told, now)
        except Refused as refused:
            report.refused.append(Problem(path.name, line, refused.sentence))
        else:
            setattr(report, what, getattr(report, what) + 1)
        progress(done, len(lines))
    return report


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line by the names of its columns, in whichever order they stand. Raises UnreadableError."""
    with path.open("rb") as file:
        rows = records(path.name, Lines(path.name, file))
        header = [name.strip().lower() for name in next(rows, (1, []))[1]]
        if unknown := [name for name in header if name not in COLUMNS]:
            known = ", ".join(COLUMNS)
            raise UnreadableError(Problem(path.name, 1, f"The column “{unknown[0]}” is not known. Known are {known}."))
        if missing := [name for name in NEEDED if name not in header]:
            raise UnreadableError(Problem(path.name, 1, f"The column “{missing[0]}” is missing."))
        for line, cells in rows:
            if any(cells):
                if len(cells) != len(header):
                    said = f"There are {len(cells)} cells in this line, and {len(header)} in the first."
                    raise UnreadableError(Problem(path.name, line, said))
                yield line, dict(zip(header, (unescaped(cell.strip()) for cell in cells), strict=True))


def _dry(by: Actor, inviting: Actor | None, told: dict[str, str], now: datetime) -> str:
    """What entering would come to: it is done, and taken back."""
    with transaction.atomic():
        what = _enter(by, inviting, told, now)
        transaction.set_rollback(True)
    return what


@action
def _enter(by: Actor, inviting: Actor | None, told: dict[str, str], now: datetime) -> str:
    """One line: whether it was `added`, `changed` or `unchanged`."""
    address, role = clean_address(told["email"]), told.get("role") or MemberRole.MEMBER
    known = person_by_address(address)
    if not told["partner"]:
        if known is None:
            raise Refused("Name the partner. Staff are entered by academy person create.")
        return "unchanged"
    partner = _partner(told["partner"])
    if known is None and inviting is not None:
        return _invited(inviting, partner, address, role, now)
    if known is None:
        given = {name: told[name] for name in ("language", "timezone") if told.get(name)}
        name = told.get("name") or address.partition("@")[0]
        made = create_person(address, by=by, now=now, name=name, verified=True, **given)
        add_member(partner, made.pk, role=role, by=by, now=now)
        return "added"
    here = Membership.objects.filter(person=known, left_at=None).select_related("partner").first()
    if here is None:
        add_member(partner, known.pk, role=role, by=by, now=now)
        return "changed"
    if here.partner_id != partner:
        raise Refused(f"This person is at {here.partner.name}. Nobody belongs to two: leaving comes first.")
    if here.role == role or not told.get("role"):
        return "unchanged"
    change_role(partner, known.pk, role=role, by=by, now=now)
    return "changed"


def _invited(inviting: Actor, partner: UUID, address: str, role: str, now: datetime) -> str:
    open_ones = Invitation.objects.filter(partner_id=partner, email=address, accepted_at=None, withdrawn_at=None)
    if open_ones.filter(role=role, expires_at__gt=now).exists():
        return "unchanged"
    invite_member(partner, address, role=role, by=inviting, now=now)
    return "added"


def _partner(name: str) -> UUID:
    """By address or by a name that one partner alone has. Raises Refused."""
    found = list(Partner.objects.filter(slug=name)[:1]) or list(Partner.objects.filter(name=name)[:2])
    if len(found) != 1:
        raise Refused(f"“{name[:60]}” is {'not a partner here' if not found else 'the name of several partners'}.")
    return found[0].pk
