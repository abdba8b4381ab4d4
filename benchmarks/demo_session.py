"""Fill the bench database with the demo academy; print a session's key and how many queries Home asks.

`python -m benchmarks.demo_session 10` makes the facts of the same partner ten times as many.
"""

import os
import sys
from typing import Any

from academy import start

ADDRESS = "partner@demo.academy"


def main() -> None:
    """Either of the two."""
    os.environ["ACADEMY_ENV"] = "demo"
    start.prepare()
    if sys.argv[1:]:
        grow(int(sys.argv[1]))
    else:
        print(*fill())


def fill() -> tuple[str, int, int]:
    """The demo; a key, and the queries of Home when asked again and when nothing of it is kept."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    from academy.core import clock
    from academy.demo import create
    from academy.people.accounts.models import Person

    create(now=clock.now())
    key = session_of(Person.objects.get(email=ADDRESS))
    setup_test_environment()
    browser = Client()
    browser.cookies["sessionid"] = key
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            browser.get("/")
        counts.append(len(asked))
    return key, counts[1], counts[0]


def session_of(person: Any) -> str:
    """The key of a session in which this person is signed in."""
    from allauth.usersessions.models import UserSession
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from academy.settings import AUTHENTICATION_BACKENDS

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    UserSession.objects.create(user=person, session_key=session.session_key, ip="127.0.0.1", user_agent="bench")
    return str(session.session_key)


SALES = """
    insert into programme_sale (id, partner_id, deal, client, product, amount, won_at, counts_from)
    select uuidv7(), partner_id, uuidv7(), uuidv7(), product, 100, won_at, counts_from
      from programme_sale, generate_series(2, %(times)s) where partner_id = %(partner)s
"""
FACTS = """
    insert into journal_fact (id, kind, partner, person, thing_kind, thing, numbers, occurred_at, effective_at,
                              recorded_at, rule, inputs)
    select uuidv7(), kind, partner, person, thing_kind, thing, numbers, occurred_at, effective_at, recorded_at, rule,
           inputs
      from journal_fact, generate_series(2, %(times)s) where partner = %(partner)s
"""


def grow(times: int) -> None:
    """Every fact of the partner so many times, with as many small sales, spread over the year as the first are."""
    from django.db import connection

    from academy.people.partners.models import Membership

    partner = Membership.objects.get(person__email=ADDRESS, left_at=None).partner_id
    with connection.cursor() as cursor:
        cursor.execute(SALES, {"times": times, "partner": partner})
        cursor.execute(FACTS, {"times": times, "partner": partner})
        cursor.execute("vacuum analyze")


if __name__ == "__main__":
    main()
