"""Prepared writes leave what the ORM would leave, and say when there was nothing to write to."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from academy.core.writes import insert, save, update
from academy.programme.clients.models import Client
from academy.programme.standing.models import Standing

from ..worlds import a_world

pytestmark = [pytest.mark.django_db, pytest.mark.tampers]


def test_a_row_is_entered_with_every_column(now: datetime) -> None:
    partner = a_world(now).partner
    there = Standing.objects.filter(pk=partner).values().get()
    Standing.objects.filter(pk=partner).delete()

    row = Standing(**there | {"held": {"a": [1, None]}, "safe_until": None, "rate": 9_999})
    assert insert(row)

    assert Standing.objects.filter(pk=partner).values().get() == (
        there | {"held": {"a": [1, None]}, "safe_until": None, "rate": 9_999}
    )
    row.refresh_from_db()
    row.tier = "gold"
    row.save()  # the ORM takes it for a row that is there
    assert Standing.objects.get().tier == "gold"


def test_a_row_with_a_key_that_is_there_is_an_error_or_left_out() -> None:
    first = Client(id=uuid4(), key="oakline")
    assert insert(first)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Client(id=uuid4(), key="oakline"))
    assert not insert(Client(id=uuid4(), key="oakline"), unless_there=True)
    assert list(Client.objects.values_list("id", "key")) == [(first.pk, "oakline")]


def test_only_the_named_fields_are_written(now: datetime) -> None:
    row = Standing.objects.get(pk=a_world(now).partner)
    rate = row.rate
    row.tier, row.rate, row.levels, row.next_change_at = "gold", 1, {"sales": 5}, None

    save(row, "tier", "levels", "next_change_at")

    found = Standing.objects.get()
    assert (found.tier, found.rate, found.levels, found.next_change_at) == ("gold", rate, {"sales": 5}, None)


def test_what_is_not_there_is_not_written(now: datetime) -> None:
    key = uuid4()
    with pytest.raises(LookupError, match=str(key)):
        update(Standing, key, tier="gold")
    with pytest.raises(KeyError, match="colour"):
        update(Standing, key, colour="blue")


def test_counted_like_every_query() -> None:
    with CaptureQueriesContext(connection) as asked:
        insert(Client(id=uuid4(), key="oakline"))
    assert [one["sql"] for one in asked] == ['insert into "programme_client" ("id", "key") values (%s, %s) returning 1']
