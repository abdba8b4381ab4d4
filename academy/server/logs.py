"""One set-up of logging: JSON lines in production, readable lines otherwise, each with what is bound to its
request.
"""

import logging
import re
import sys
from typing import Any

import structlog


def configure(*, json_lines: bool, process: str) -> None:
    """Send structlog's and every library's log lines to stderr, marked with the process they come from."""

    def mark(logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
        event["process"] = process
        return event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        mark,
        _without_secrets,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True) if json_lines else _short_time,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last: list[Any]  # tracebacks without local variables, which hold passwords and tokens
    if json_lines:
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        last = [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if json_lines else logging.WARNING)
    for name in ("uvicorn.error", "procrastinate", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("django.request").setLevel(logging.ERROR)  # a page that is not there is no event


# Addresses that let in whoever knows them.
_SECRETS = re.compile(r"(/(?:sign-in|invitations|unsubscribe|reset/key)/)[^/\s?]+")


def _without_secrets(logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A log is read by more people than a letter: what a link holds beyond its room is cut from it."""
    return {name: _SECRETS.sub(r"\1…", value) if isinstance(value, str) else value for name, value in event.items()}


def _short_time(logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
    return structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)(logger, method, event)  # type: ignore[return-value]
