"""Who is let in, and when a socket ends."""

import asyncio
import socket as sockets
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from academy.live.rules import Close
from academy.live.socket import LONGEST_QUEUE
from academy.people.accounts.models import Person
from academy.people.partners.models import Membership
from academy.people.tokens.models import ApiToken

from .world import (
    NOW,
    Running,
    a_fact,
    a_membership,
    a_partner,
    a_person,
    a_session,
    a_token,
    announce,
    cookie,
    cursors,
    hello,
    nothing_comes,
    read,
)

pytestmark = pytest.mark.tampers  # facts are entered past every reaction: nothing follows from them


def closed_with(page: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        page.recv(timeout=5)
    assert closed.value.rcvd is not None
    return int(closed.value.rcvd.code)


def sweep(live: Running) -> None:
    """What the hub does by itself each half minute."""
    loop = live.hub._tasks[0].get_loop()
    asyncio.run_coroutine_threadsafe(live.hub._sweep_all(), loop).result(5)


@pytest.mark.parametrize("origin", [None, "https://evil.example", "http://localhost.evil.example", "null"])
def test_a_foreign_page_is_closed_with_4403(live: Running, origin: str | None) -> None:
    with live.as_page(a_person(), origin=origin) as page:
        assert closed_with(page) == 4403


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9999", "http://[::1]", "https://localhost"])
def test_a_page_of_any_allowed_host_is_let_in(live: Running, origin: str) -> None:
    with live.as_page(a_person(), origin=origin) as page:
        hello(page)


def without_cookie(person: Person) -> dict[str, str]:
    return {}


def with_unknown_session(person: Person) -> dict[str, str]:
    return {"Cookie": "sessionid=nosuchsession"}


def with_session_that_ran_out(person: Person) -> dict[str, str]:
    headers = cookie(person)
    Session.objects.update(expire_date=datetime.now(UTC) - timedelta(seconds=1))
    return headers


def with_session_of_nobody(person: Person) -> dict[str, str]:
    session = SessionStore()
    session["seen"] = 1
    session.create()
    return {"Cookie": f"sessionid={session.session_key}"}


def with_an_old_password(person: Person) -> dict[str, str]:
    headers = cookie(person)
    person.set_password("another long password")
    person.save()
    return headers


def of_somebody_locked_out(person: Person) -> dict[str, str]:
    headers = cookie(person)
    person.is_active = False
    person.save()
    return headers


@pytest.mark.parametrize(
    "headers",
    [
        without_cookie,
        with_unknown_session,
        with_session_that_ran_out,
        with_session_of_nobody,
        with_an_old_password,
        of_somebody_locked_out,
    ],
)
def test_without_a_good_session_a_page_is_closed_with_4401(
    live: Running, headers: Callable[[Person], dict[str, str]]
) -> None:
    with live.as_page(a_person(), additional_headers=headers(a_person("ben"))) as page:
        assert closed_with(page) == 4401


def test_a_program_shows_a_token_and_the_server_chooses_our_protocol(live: Running) -> None:
    anna, partner = a_person(), a_partner()
    a_membership(anna, partner)
    a_token(anna)
    with live.as_program("siso_secret") as program:
        assert program.subprotocol == "academy.v1"
        hello(program)
        fact = a_fact("tier.changed", partner=partner)
        assert cursors(program, 1) == [fact]


@pytest.mark.parametrize(
    "changed",
    [
        {"revoked_at": NOW},
        {"expires_at": NOW},
        {"scopes": ["learn"]},
    ],
)
def test_a_token_that_may_not_is_closed_with_4401(live: Running, changed: dict[str, Any]) -> None:
    a_token(a_person(), **changed)
    with live.as_program("siso_secret") as program:
        assert closed_with(program) == 4401
    with live.as_program("siso_other") as program:
        assert closed_with(program) == 4401


def test_a_token_for_live_alone_is_enough(live: Running) -> None:
    a_token(a_person(), scopes=["live"])
    with live.as_program("siso_secret") as program:
        hello(program)


def test_an_address_that_cannot_be_is_refused_in_words(live: Running) -> None:
    with live.open("/live/?after=x") as page, pytest.raises(ConnectionClosed) as closed:
        page.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (
        4400,
        "after must be a cursor: a whole number that a frame or a page gave you.",
    )


def test_there_is_no_other_socket(live: Running) -> None:
    with pytest.raises(InvalidStatus):
        live.open("/elsewhere/")


def test_an_announced_end_closes_just_what_ended(live: Running) -> None:
    anna, ben = a_person("anna"), a_person("ben")
    token = a_token(anna)
    key = a_session(anna)
    cookies = {"Cookie": f"sessionid={key}"}
    with (
        live.as_page(anna, additional_headers=cookies) as first,
        live.as_page(anna) as second,
        live.as_program("siso_secret") as program,
        live.as_page(ben) as bens,
    ):
        for page in (first, second, program, bens):
            hello(page)
        announce(f"session:{key}")
        assert (closed_with(first), nothing_comes(second)) == (4401, True)
        announce(f"token:{token.pk}")
        assert (closed_with(program), nothing_comes(second)) == (4401, True)
        announce("person:nonsense")
        announce(f"person:{anna.pk}")
        assert (closed_with(second), nothing_comes(bens)) == (4401, True)


def test_what_ended_without_a_word_is_found_by_the_sweep(live: Running) -> None:
    people = [a_person(name) for name in ("gone", "locked", "changed", "left", "token", "fine")]
    gone, locked, changed, left, token_holder, fine = people
    partner = a_partner()
    membership = a_membership(left, partner)
    token = a_token(token_holder)
    key = a_session(gone)
    with ExitStack() as stack:
        opened = [live.as_page(gone, additional_headers={"Cookie": f"sessionid={key}"})]
        opened += [live.as_page(one) for one in (locked, changed, left)]
        opened += [live.as_program("siso_secret"), live.as_page(fine)]
        pages = [stack.enter_context(one) for one in opened]
        for page in pages:
            hello(page)
        sweep(live)
        assert len(live.hub) == 6

        Session.objects.filter(session_key=key).delete()
        Person.objects.filter(pk=locked.pk).update(is_active=False)
        changed.set_password("another long password")
        changed.save()
        Membership.objects.filter(pk=membership.pk).update(left_at=datetime.now(UTC))
        ApiToken.objects.filter(pk=token.pk).update(revoked_at=datetime.now(UTC))
        sweep(live)

        assert [closed_with(page) for page in pages[:5]] == [4401] * 5
        assert nothing_comes(pages[5])


def test_whoever_leaves_a_partner_hears_nothing_more_of_it(live: Running) -> None:
    anna, ben, partner = a_person("anna"), a_person("ben"), a_partner()
    a_membership(anna, partner)
    a_membership(ben, partner)
    with live.as_page(anna) as page, live.as_page(ben) as other:
        hello(page)
        hello(other)
        left = a_fact("member.left", person=anna, partner=partner)
        later = a_fact("tier.changed", partner=partner)
        assert (closed_with(page), cursors(other, 2)) == (4401, [left, later])


def test_whoever_joins_hears_from_that_fact_on(live: Running) -> None:
    anna, partner = a_person("anna"), a_partner()
    with live.as_page(anna) as page:
        hello(page)
        a_fact("tier.changed", partner=partner)
        a_membership(anna, partner, "owner")
        joined = a_fact("member.joined", person=anna, partner=partner, role="owner")
        won = a_fact("deal.won", partner=partner, amount=1)
        assert cursors(page, 2) == [joined, won]


def test_another_role_is_found_by_the_sweep_and_the_socket_stays(live: Running) -> None:
    anna, partner = a_person("anna"), a_partner()
    membership = a_membership(anna, partner, "owner")
    with live.as_page(anna) as page:
        hello(page)
        Membership.objects.filter(pk=membership.pk).update(role="member")
        sweep(live)
        a_fact("commission.added", partner=partner, amount=1)
        won = a_fact("deal.won", partner=partner, amount=1)
        said = read(page)
        assert (said["cursor"], said["data"]) == (won, {})


def test_a_reader_too_slow_is_closed_with_1013_and_others_are_served(live: Running) -> None:
    anna, ben = a_person("anna"), a_person("ben")
    slow = sockets.socket()
    slow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", live.port))
    with live.as_page(ben) as quick, live.as_page(anna, sock=slow, max_queue=1) as page:
        hello(quick)
        live.wait(lambda: len(live.hub) == 2)
        before = live.hub.closed.get(Close.TOO_SLOW, 0)
        padding = "x" * 20_000
        for _ in range(LONGEST_QUEUE * 2):
            a_fact("plan.published", programme=padding)
            read(quick)
            if live.hub.closed.get(Close.TOO_SLOW, 0) > before:
                break
        live.wait(lambda: len(live.hub) == 1)
        last = a_fact("plan.published")
        assert cursors(quick, 1) == [last]
        assert reads_until_closed(page) == 1013


def reads_until_closed(page: ClientConnection) -> int:
    try:
        while True:
            page.recv(timeout=5)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0


def test_a_page_that_went_is_forgotten(live: Running) -> None:
    with live.as_page(a_person()) as page:
        hello(page)
        assert len(live.hub) == 1
    live.wait(lambda: len(live.hub) == 0)
    assert (live.hub.groups, live.hub.by_key) == ({}, {})


def test_no_database_no_entry_but_come_again(live: Running) -> None:
    anna = a_person()
    headers = cookie(anna)
    where, live.hub.door.where = live.hub.door.where, "dbname=nosuchdatabase"
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'academy live door' and datname = current_database()"
            )
        with live.as_page(anna, additional_headers=headers) as page:
            assert closed_with(page) == 1012
    finally:
        live.hub.door.where = where
