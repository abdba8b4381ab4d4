"""What a person at a terminal reads: progress and hints on stderr, answers alone on stdout,
refusals in a sentence.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from academy.core.errors import Refused
from academy.postgres import PostgresError

err = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)


@contextmanager
def told() -> Iterator[None]:
    """Turn what an action refuses, or a database that is not there, into one sentence on stderr and
    exit code 1.
    """
    try:
        yield
    except (Refused, PostgresError) as error:
        _say_no(str(error))
        for field, sentence in getattr(error, "fields", {}).items():
            err.print(f"  {field}: {sentence}", markup=False)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except Exception as error:
        sentence = _database_says(error)
        if sentence is None:
            raise
        _say_no(sentence)
    else:
        return
    raise SystemExit(1)


def _say_no(sentence: str) -> None:
    err.print(sentence, style="red", markup=False)


def _database_says(error: Exception) -> str | None:
    """A sentence for what a database commonly refuses; None for what is our own mistake, whose
    traceback is wanted.
    """
    from django.db import OperationalError, ProgrammingError  # noqa: PLC0415 - only once something went wrong

    sqlstate = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, ProgrammingError) and sqlstate == "42P01":
        return "The database has no tables yet, or old ones. Run `academy migrate` first."
    if isinstance(error, OperationalError) and (sqlstate is None or sqlstate.startswith(("08", "28", "3D", "57"))):
        said = (str(error).strip().splitlines() or ["no reason given"])[0]
        return f"The database does not answer: {said}. `academy doctor` may say more."
    return None


def print_json(value: Any) -> None:
    """One JSON document on stdout, and nothing else there."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: Any) -> str:
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat() if isoformat else value)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr for work that takes long; the function to tell of what is done and what there is.

    Where nobody watches, in a file or a pipe, one line says what goes on.
    """
    if not err.is_terminal:
        err.print(f"{what} ...", markup=False)
        yield lambda done, total: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell
