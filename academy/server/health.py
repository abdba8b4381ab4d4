"""Whether the academy is up: its pages, its live stream and its jobs, each asked the way a visitor would need
it.
"""

import asyncio
from concurrent.futures import Executor
from typing import Any

import psycopg
from django.conf import settings
from django.db import Error, close_old_connections, connection

from academy.live.hub import Hub
from academy.operations.queries import worker_heartbeat_age

PATIENCE = 5.0  # seconds; a part that answers later is not up
OLDEST_HEARTBEAT = 60.0


async def parts(hub: Hub, pages: Executor) -> dict[str, str]:
    """`up`, or what is wrong, of each of `pages`, `live` and `jobs`."""
    loop = asyncio.get_running_loop()
    read = asyncio.gather(loop.run_in_executor(pages, _read_as_a_page), _live(hub))
    try:
        async with asyncio.timeout(PATIENCE):
            (pages_part, jobs_part), live_part = await read
    except TimeoutError:
        late = f"no answer within {PATIENCE:.0f} seconds"
        return {"pages": late, "live": "unknown", "jobs": "unknown"}
    return {"pages": pages_part, "live": live_part, "jobs": jobs_part}


def are_up(parts: dict[str, str]) -> bool:
    """Whether nothing is wrong."""
    return all(state == "up" for state in parts.values())


async def _live(hub: Hub) -> str:
    try:
        return "up" if await hub.is_up() else "not listening to the journal, or behind it"
    except (psycopg.Error, TimeoutError):
        return "the database does not answer"


def _read_as_a_page() -> tuple[str, str]:
    """In one of the threads and on one of the connections that pages use."""
    close_old_connections()
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1 from journal_fact limit 1")
        return "up", _jobs()
    except Error:
        return "the database does not answer", "unknown"
    finally:
        close_old_connections()


def _jobs() -> str:
    if not settings.WORKER:
        return "up"
    age = worker_heartbeat_age()
    if age is None:
        return "no worker runs"
    return "up" if age < OLDEST_HEARTBEAT else f"the worker was last heard of {age:.0f} seconds ago"


def told(parts: dict[str, str]) -> dict[str, Any]:
    """The answer's JSON."""
    return {"status": "up" if are_up(parts) else "down", "parts": parts}
