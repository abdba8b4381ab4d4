"""What happens by itself."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app

from academy.operations.jobs import delete_old, retry_stalled
from academy.server.discovery import import_jobs


def test_every_job_of_the_house_is_found_and_upkeep_has_its_times() -> None:
    assert {"academy.operations.jobs", "academy.programme.standing.jobs", "academy.notifications.jobs"} <= set(
        import_jobs()
    )
    times = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert {name: times[name] for name in ("operations.delete_old", "operations.retry_stalled")} == {
        "operations.delete_old": "17 3 * * *",
        "operations.retry_stalled": "* * * * *",
    }
    assert times["programme.bring_forward"] == "* * * * *"


def a_doing(worker_age: int, lock: str) -> int:
    """A job in the hands of a worker last heard of so many seconds ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_workers (last_heartbeat) values (now() - %s * interval '1 s') returning id",
            [worker_age],
        )
        [worker] = cursor.fetchone() or [None]
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, queueing_lock) values ('q', 't', %s) returning id",
            [lock],
        )
        [job] = cursor.fetchone() or [0]
        cursor.execute("update procrastinate_jobs set status = 'doing', worker_id = %s where id = %s", [worker, job])
    return int(job)


def statuses() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("select id, status from procrastinate_jobs")
        return dict(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_worker_was_doing_is_tried_again_unless_the_same_waits() -> None:
    living, dead, doubled = a_doing(5, "a"), a_doing(60, "b"), a_doing(60, "c")
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_jobs (queue_name, task_name, queueing_lock) values ('q', 't', 'c')")

    async_to_sync(retry_stalled.func)(0)

    found = statuses()
    assert (found[living], found[dead], found[doubled]) == ("doing", "todo", "failed")


@pytest.mark.django_db
def test_the_nightly_job_applies_the_table() -> None:
    delete_old.func(0)
