"""The chapter's tables, where Django looks for them."""

from academy.people.accounts.models import Person
from academy.people.partners.models import Invitation, Membership, Partner
from academy.people.roles.models import RoleChange
from academy.people.tokens.models import ApiToken

__all__ = ["ApiToken", "Invitation", "Membership", "Partner", "Person", "RoleChange"]
