"""What is wrong with this installation, each finding with the line that mends it."""

import os
import resource
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from academy.operations.queries import Figures, figures

OLDEST_POSTGRES = 18
EXTENSIONS = ("pg_trgm", "unaccent")
LEAST_SPACE = 1024**3
LEAST_FILES = 4096
HEARTBEAT = 60.0
OVERDUE = 300.0
CLOCKS = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `mend` is empty where it is well."""

    name: str
    found: str
    mend: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.mend

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {"check": self.name, "well": self.well, "found": self.found, "mend": self.mend or None}


def examine(*, now: datetime) -> Iterator[Check]:
    """Look at everything, one check at a time. Changes nothing."""
    try:
        yield _version()
    except OperationalError as error:
        said = str(error).strip().splitlines()[0]
        yield Check("database", f"does not answer: {said}", "See that it runs and that DATABASE_URL is right.")
    else:
        migrations = _migrations()
        yield migrations
        yield _extensions()
        yield _durable()
        yield _clocks(now)
        if migrations.well:
            yield from _running(figures(now))
    for look in (_secret_key, _disk, _files, _mail, _origin):
        yield look()


def _version() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        version = str(cursor.fetchone()[0])
    mend = (
        ""
        if int(version.split(".", maxsplit=1)[0]) >= OLDEST_POSTGRES
        else f"Use PostgreSQL {OLDEST_POSTGRES} or later."
    )
    return Check("database", f"PostgreSQL {version}", mend)


def _migrations() -> Check:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    found = f"{missing} not applied" if missing else "all applied"
    return Check("migrations", found, "academy migrate" if missing else "")


def _extensions() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("select extname from pg_extension where extname = any(%s)", [list(EXTENSIONS)])
        missing = sorted(set(EXTENSIONS) - {row[0] for row in cursor.fetchall()})
    mend = "; ".join(f"CREATE EXTENSION {name}" for name in missing)
    return Check("extensions", f"missing: {', '.join(missing)}" if missing else ", ".join(EXTENSIONS), mend)


def _durable() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("show fsync")
        on = cursor.fetchone()[0] == "on"
    if on or not settings.PRODUCTION:
        return Check("durability", "fsync is on" if on else "fsync is off, as tests want it")
    return Check("durability", "fsync is off: a power cut may lose everything", "ALTER SYSTEM SET fsync = on")


def _clocks(now: datetime) -> Check:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        apart = abs((cursor.fetchone()[0].astimezone(UTC) - now).total_seconds())
    mend = "Let both machines keep time by NTP." if apart > CLOCKS else ""
    return Check("clocks", f"ours and the database's are {apart:.1f} seconds apart", mend)


def _running(of: Figures) -> Iterator[Check]:
    yield _worker(of)
    yield _hub()
    mend = "academy manage procrastinate shell, then list_jobs status=failed" if of.jobs_failed else ""
    yield Check("jobs", f"{of.jobs_waiting} waiting, {of.jobs_failed} failed", mend)
    late = of.oldest_unjudged > OVERDUE
    found = f"the oldest is {of.oldest_unjudged:.0f} seconds overdue" if late else "none overdue"
    yield Check("standings", found, "academy serve, whose worker brings them forward" if late else "")
    mend = "See ACADEMY_MAIL_URL; /studio/mail/ says why each message failed." if of.mails_failed else ""
    kept = max(of.mails_unsent - of.mails_waiting, 0)
    only_kept = f", {kept} kept and not to be sent" if kept else ""
    yield Check("mail queue", f"{of.mails_waiting} waiting, {of.mails_failed} failed{only_kept}", mend)
    mend = "academy mail returned, which says whose and why" if of.addresses_returned else ""
    yield Check("addresses", f"mail to {of.addresses_returned} comes back" if mend else "none comes back", mend)


def _worker(of: Figures) -> Check:
    if not settings.WORKER:
        return Check("worker", "runs elsewhere, as ACADEMY_WORKER=off says")
    if of.worker_heartbeat is None:
        return Check("worker", "none runs", "academy serve")
    mend = "academy serve" if of.worker_heartbeat > HEARTBEAT else ""
    return Check("worker", f"last heard of {of.worker_heartbeat:.0f} seconds ago", mend)


def _hub() -> Check:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity"
            " where application_name = 'academy live listen' and datname = current_database()"
        )
        hubs = cursor.fetchone()[0]
    return Check("live", f"{hubs} listening" if hubs else "no server listens", "" if hubs else "academy serve")


def _secret_key() -> Check:
    if os.environ.get("ACADEMY_SECRET_KEY"):
        return Check("secret key", "from the environment")
    kept: Path = settings.DATA_DIR / "secret.key"
    open_to_others = stat.S_IMODE(kept.stat().st_mode) & 0o077
    found = f"{kept} can be read by others" if open_to_others else f"{kept}, readable to its owner alone"
    return Check("secret key", found, f"chmod 600 {kept}" if open_to_others else "")


def _disk() -> Check:
    free = shutil.disk_usage(settings.DATA_DIR).free
    mend = f"Make room on the disk of {settings.DATA_DIR}." if free < LEAST_SPACE else ""
    return Check("disk", f"{free / 1024**3:.1f} GiB free at {settings.DATA_DIR}", mend)


def _files() -> Check:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    mend = f"ulimit -Hn {LEAST_FILES * 4}" if 0 <= most < LEAST_FILES else ""
    return Check("open files", "no limit" if most < 0 else f"at most {most}, one for each open page", mend)


def _mail() -> Check:
    if settings.MAIL_URL:
        return Check("mail", f"sent by {settings.MAIL_URL.split('://')[0]}")
    if settings.PRODUCTION:
        return Check("mail", "kept and never sent", "Set ACADEMY_MAIL_URL, such as smtp://user:password@host:587")
    return Check("mail", "kept and shown at /demo/mail")


def _origin() -> Check:
    if not settings.PRODUCTION or settings.ORIGIN.startswith("https://"):
        return Check("address", settings.ORIGIN)
    return Check("address", f"{settings.ORIGIN} is not encrypted", "Set ACADEMY_ORIGIN=https://your.host")
