"""How long each thing is kept: one table. docs/running.md shows it, and a test keeps the two equal."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of a table that are deleted once they are old enough.

    `since` is the SQL of a row's age; a row for which it is null is kept. `key` names the rows to delete, in
    batches.
    """

    what: str
    table: str
    since: str
    days: int
    why: str
    key: str = "id"

    def before(self, now: datetime) -> datetime:
        """Rows older than this go."""
        return now - timedelta(days=self.days)


RETENTION = (
    Kept("Mail", "notifications_mail", "coalesce(sent_at, created_at)", 30, "to answer what was sent"),
    Kept("How notices went out", "notifications_delivery", "due_at", 30, "to answer why a mail came, or did not"),
    Kept("Notices", "notifications_notice", "created_at", 400, "a year and a month to look back on"),
    Kept("Plays of lessons", "learning_play", "started_at", 365, "their sum stays in the progress"),
    Kept("Sessions that ended", "django_session", "expire_date", 0, "nobody can use them", key="session_key"),
    Kept(
        "Invitations used, withdrawn or run out",
        "people_invitation",
        "coalesce(accepted_at, withdrawn_at, expires_at)",
        90,
        "long enough to see who was invited",
    ),
    Kept(
        "Tokens revoked or run out",
        "people_apitoken",
        "coalesce(revoked_at, expires_at)",
        90,
        "long enough to ask what had access",
    ),
    Kept("Answers to requests with an Idempotency-Key", "api_answer", "created_at", 1, "as the API promises"),
    Kept("Counts of requests", "api_minute", "began_at", 1, "they are of one minute"),
    Kept(
        "Jobs that are done",
        "procrastinate_jobs",
        "case when status in ('succeeded', 'cancelled', 'aborted') then"
        " (select max(at) from procrastinate_events where job_id = procrastinate_jobs.id) end",
        7,
        "long enough to see what ran",
    ),
    Kept(
        "Jobs that failed",
        "procrastinate_jobs",
        "case when status = 'failed' then"
        " (select max(at) from procrastinate_events where job_id = procrastinate_jobs.id) end",
        90,
        "long enough to find out why",
    ),
)

FOR_EVER = (
    "The journal and what follows from it: standing, progress, certificates",
    "the evidence behind every rate, in ids and numbers; what tells who somebody is can be erased",
)


def as_markdown() -> str:
    """The table as docs/running.md shows it."""
    lines = ["| What | Kept for | Why |", "|---|---|---|"]
    for kept in RETENTION:
        length = f"{kept.days} days" if kept.days else "not at all"
        lines.append(f"| {kept.what} | {length} | {kept.why} |")
    return "\n".join([*lines, f"| {FOR_EVER[0]} | for ever | {FOR_EVER[1]} |"])
