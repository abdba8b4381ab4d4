"""What a request is after our middlewares, typed: who is there, for which partner, and what time it is."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from academy.core.errors import Refused
from academy.people.accounts.models import Person
from academy.people.partners.models import Membership, Partner
from academy.people.permissions.rules import Actor


class Asked(HttpRequest):
    """What every request carries: when, under which id, in which language, for which partner.

    `actor` is what actions ask for as `by`; it is ANYONE before sign-in.
    """

    now: datetime
    request_id: str
    language: str
    actor: Actor
    membership: Membership | None
    partner: Partner | None
    unread: int  # how many notices the person has not read
    tier: str | None  # what the partner's tier is called, as last judged; None outside every programme
    htmx: HtmxDetails
    # How the page with the form shows a refusal beside its fields; see `academy.web.refusals.answer`.
    on_refusal: Callable[[Refused], HttpResponse] | None


class AnyoneRequest(Asked):
    """A request of somebody who may not have signed in."""

    person: Person | None


class PersonRequest(Asked):
    """A request behind `signed_in` or `staff`: there is a person."""

    person: Person
