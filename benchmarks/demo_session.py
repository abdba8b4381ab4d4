"""Fill the bench database with the demo academy; print a session's key and how many queries Home asks.

`python -m benchmarks.demo_session more` gives the same partner nine times as many facts again.
"""

import os
import sys
from datetime import timedelta

from academy import start

ADDRESS = "partner@demo.academy"


def main() -> None:
    """Either of the two."""
    os.environ["ACADEMY_ENV"] = "demo"
    start.prepare()
    if sys.argv[1:] == ["more"]:
        more()
    else:
        print(*fill())


def fill() -> tuple[str, int, int]:
    """The demo; a key, and the queries of Home when asked again and when nothing of it is kept."""
    from allauth.usersessions.models import UserSession
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    from academy.core import clock
    from academy.demo import create
    from academy.people.accounts.models import Person
    from academy.settings import AUTHENTICATION_BACKENDS

    create(now=clock.now())
    person = Person.objects.get(email=ADDRESS)
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    UserSession.objects.create(user=person, session_key=session.session_key, ip="127.0.0.1", user_agent="bench")
    setup_test_environment()
    browser = Client()
    browser.cookies["sessionid"] = str(session.session_key)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            browser.get("/")
        counts.append(len(asked))
    return str(session.session_key), counts[1], counts[0]


def more() -> None:
    """Small sales spread over the last months, as many as there are facts, nine times."""
    from academy.core import clock
    from academy.journal.models import Fact
    from academy.people.partners.models import Membership
    from academy.people.permissions.rules import THE_HOUSE
    from academy.programme.deals.actions import Report, Sum, report_deal
    from academy.programme.deals.rules import Stage

    partner = Membership.objects.get(person__email=ADDRESS, left_at=None).partner_id
    now = clock.now()
    for number in range(9 * Fact.objects.filter(partner=partner).count()):
        now += timedelta(milliseconds=1)
        told = Sum(100, "GBP")
        report = Report("bench", str(number), partner, "Bench & Sons", "automation", told, Stage.WON, now)
        report_deal(THE_HOUSE, report, now=now)


if __name__ == "__main__":
    main()
