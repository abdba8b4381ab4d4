"""Which roles weigh so much that they need a reason and a second person."""

from collections.abc import Iterable

from academy.people.permissions.rules import ADMINISTRATOR, FINANCE, STAFF_ROLES

WEIGHTY = frozenset({FINANCE, ADMINISTRATOR})
LONGEST_REASON = 500


def difference(held: Iterable[str], wanted: Iterable[str]) -> tuple[list[str], list[str]]:
    """What has to be given and what to be taken, in the order in which roles are listed."""
    has, wants = set(held), set(wanted)
    return [role for role in STAFF_ROLES if role in wants - has], [role for role in STAFF_ROLES if role in has - wants]


def unknown(wanted: Iterable[str]) -> list[str]:
    """What is no staff role."""
    return sorted(set(wanted) - set(STAFF_ROLES))


def needs_reason(role: str) -> bool:
    """Whether giving this role has to be explained."""
    return role in WEIGHTY


def needs_second(role: str, *, four_eyes: bool) -> bool:
    """Whether giving this role waits for a second person, where the house wants that."""
    return four_eyes and role in WEIGHTY
