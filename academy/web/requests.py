"""What a request is after our middlewares: typed, so that a view need not ask twice who is there and what time it is."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from academy.core.errors import Refused
from academy.people.accounts.models import Person
from academy.people.partners.models import Membership, Partner


class Asked(HttpRequest):
    """What every request carries: when, under which id, in which language, and for which partner."""

    now: datetime
    request_id: str
    language: str
    membership: Membership | None
    partner: Partner | None
    htmx: HtmxDetails
    # How the page with the form shows a refusal beside its fields; see `academy.web.refusals.answer`.
    on_refusal: Callable[[Refused], HttpResponse] | None


class AnyoneRequest(Asked):
    """A request of somebody who may not have signed in."""

    person: Person | None


class PersonRequest(Asked):
    """A request behind `signed_in` or `staff`: there is a person."""

    person: Person
