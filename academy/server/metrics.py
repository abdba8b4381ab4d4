"""Figures for Prometheus at /metrics: for the machine itself, or for a token of somebody of the house."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import Executor
from ipaddress import ip_address
from typing import Any

from django.db import close_old_connections
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from academy.core.clock import now as clock
from academy.live.door import is_token_of_staff
from academy.live.hub import Hub
from academy.operations.queries import Figures, figures
from academy.server.problems import Problem, answer

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip")
NOT_FOUND = Problem(404, "Not found", "There is nothing here, or it is not yours to see.")


async def serve(scope: Scope, send: Send, *, hub: Hub, pages: Executor) -> None:
    """Answer a scrape; to strangers there is nothing here."""
    headers = dict(scope["headers"])
    if not is_local(scope.get("client"), headers) and not await is_token_of_staff(hub, bearer(headers)):
        await NOT_FOUND.answer(send)
        return
    loop = asyncio.get_running_loop()
    measured = await loop.run_in_executor(pages, _read)
    registry = CollectorRegistry()
    registry.register(Collected(measured, hub))
    await answer(send, 200, generate_latest(registry), kind=CONTENT_TYPE_LATEST)


def is_local(client: tuple[str, int] | None, headers: dict[bytes, bytes]) -> bool:
    """Whether the request was made on this machine, and not only passed on by a proxy on it."""
    if client is None or any(name in headers for name in FORWARDED):
        return False
    try:
        return ip_address(client[0]).is_loopback
    except ValueError:
        return False


def bearer(headers: dict[bytes, bytes]) -> str:
    """The token of an Authorization header; empty without one."""
    kind, _, secret = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


def _read() -> Figures:
    close_old_connections()
    try:
        return figures(clock())
    finally:
        close_old_connections()


class Collected:
    """One scrape: what the database says and what this process's hub says."""

    def __init__(self, measured: Figures, hub: Hub) -> None:
        self.measured = measured
        self.hub = hub

    def collect(self) -> Iterator[Metric]:
        """Every figure with its meaning."""
        of, hub = self.measured, self.hub
        for name, meaning, value in (
            ("academy_journal_head", "Position of the newest fact.", of.journal_head),
            ("academy_live_cursor", "Position that this process's hub has handed out.", hub.cursor),
            ("academy_live_listening", "1 while the hub hears of new facts.", int(hub.listening)),
            ("academy_live_sockets", "Open sockets in this process.", len(hub)),
            (
                "academy_oldest_unjudged_seconds",
                "How overdue the most overdue standing is.",
                of.oldest_unjudged,
            ),
            ("academy_job_oldest_seconds", "How long the oldest due job has waited.", of.oldest_job),
            ("academy_jobs_waiting", "Jobs that wait.", of.jobs_waiting),
            ("academy_jobs_failed", "Jobs that failed for good.", of.jobs_failed),
            ("academy_mail_failed", "Messages that could not be sent.", of.mails_failed),
            ("academy_mail_waiting", "Messages that wait to be sent.", of.mails_waiting),
            ("academy_mail_returned", "Addresses whose mail comes back.", of.addresses_returned),
        ):
            yield GaugeMetricFamily(name, meaning, value)
        if of.worker_heartbeat is not None:
            meaning = "Seconds since a worker was last heard of."
            yield GaugeMetricFamily("academy_worker_heartbeat_seconds", meaning, of.worker_heartbeat)
        yield CounterMetricFamily("academy_live_frames", "Frames handed to sockets.", hub.delivered)
        closed = CounterMetricFamily("academy_live_closed", "Sockets closed by us, by code.", labels=["code"])
        for code, count in hub.closed.items():
            closed.add_metric([str(code)], count)
        yield closed
