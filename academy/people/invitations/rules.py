"""What is pure about invitations: the hash of a link, and reading a list of people to invite.

What is wrong with a line is a code and its parameters; actions word it.
"""

import csv
import hashlib
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from academy.people.accounts.rules import is_address

LINES_AT_MOST = 500
ROLES = ("owner", "member")
HEADER = ("email", "role")


def hash_of(secret: str) -> bytes:
    """What is kept of a link's secret."""
    return hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class Invitee:
    """One line of a list of people to invite."""

    line: int
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a line: a code, and the words or number that its sentence needs."""

    code: str
    what: str | int = ""


@dataclass(frozen=True, slots=True)
class InviteList:
    """What a list says, and what is wrong with it by line number. Nobody is invited unless nothing is
    wrong.
    """

    invitees: tuple[Invitee, ...]
    wrong: dict[int, Wrong]


def read_invite_list(text: str, *, members: Collection[str]) -> InviteList:
    """Read lines of `email` or `email,role`; a first line that names the columns is skipped.

    `members` are the lower-case addresses of those who are there already.
    """
    invitees: list[Invitee] = []
    wrong: dict[int, Wrong] = {}
    for line, cells in _lines(text, wrong):
        invitee = Invitee(line, cells[0].lower(), (cells[1].lower() if len(cells) > 1 else "") or "member")
        if reason := _why_not(invitee, cells, invitees, members):
            wrong[line] = reason
        else:
            invitees.append(invitee)
    if not invitees and not wrong:
        wrong[1] = Wrong("empty")
    if len(invitees) > LINES_AT_MOST:
        wrong[invitees[LINES_AT_MOST].line] = Wrong("too_many", LINES_AT_MOST)
    return InviteList(tuple(invitees), wrong)


def _lines(text: str, wrong: dict[int, Wrong]) -> Iterator[tuple[int, list[str]]]:
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), strict=True, delimiter=";" if ";" in first else ",")
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            is_header = reader.line_num == 1 and tuple(cell.lower() for cell in cells) in (HEADER, HEADER[:1])
            if any(cells) and not is_header:
                yield reader.line_num, cells
    except csv.Error:
        wrong[reader.line_num] = Wrong("quotes")


def _why_not(invitee: Invitee, cells: list[str], before: list[Invitee], members: Collection[str]) -> Wrong | None:
    if len(cells) > len(HEADER):
        return Wrong("columns")
    if not is_address(invitee.email):
        return Wrong("address", invitee.email[:60])
    if invitee.role not in ROLES:
        return Wrong("role", invitee.role[:30])
    if invitee.email in members:
        return Wrong("member", invitee.email)
    for other in before:
        if other.email == invitee.email:
            return Wrong("twice", other.line)
    return None
