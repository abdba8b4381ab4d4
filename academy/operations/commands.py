"""The commands of whoever keeps the academy: migrate, verify, backup, restore, doctor."""

import json as json_text
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from academy.core import clock
from academy.core.errors import Refused
from academy.server import terminal
from academy.server.entry import prepare
from academy.server.terminal import err, out, told

app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, for programs.")]


@app.command(epilog="Example: academy migrate")
def migrate() -> None:
    """Bring the database to this release. Repeating it does nothing."""
    with told():
        prepare(may_be_empty=True)
        from academy.server import first_start  # noqa: PLC0415

        with terminal.progress("Migrating") as tell:
            applied = first_start.migrate(tell)
        out.print(f"{applied} migrations applied." if applied else "Nothing to do: the database is up to date.")


@app.command(epilog="Example: academy verify --deep")
def verify(
    deep: Annotated[bool, typer.Option("--deep", help="Also recompute what each decision was made from.")] = False,
    json: Json = False,
) -> None:
    """Read the whole journal again and compare: every number shown must follow from it.

    The exit code is 1 if one does not.
    """
    with told():
        prepare()
        found = _verify(deep=deep)
        if json:
            terminal.print_json(found)
        else:
            _show(found)
        if found["differences"]:
            raise SystemExit(1)


def _verify(*, deep: bool) -> dict[str, Any]:
    from academy.programme.verification.queries import verify as run  # noqa: PLC0415

    with terminal.progress("Reading the journal") as tell:
        return run(now=clock.now(), deep=deep, progress=tell).as_json()


def _show(found: dict[str, Any]) -> None:
    for difference in found["differences"]:
        err.print(difference, style="red", markup=False)
    count = len(found["differences"])
    said = f"{count} differences" if count else "No difference"
    out.print(f"{said}: {found['partners']} partners, {found['facts']} facts, {found['overdue']} overdue.")


@app.command(epilog="Example: academy backup academy-2026-03-02.backup")
def backup(file: Annotated[Path, typer.Argument(help="A file that is not there yet.")]) -> None:
    """Write the whole database into one file. Nobody has to stop working meanwhile."""
    with told():
        prepare(may_be_empty=True)
        from academy.operations import backup as backups  # noqa: PLC0415

        with terminal.progress("Writing the backup"):
            size = backups.backup(file.absolute(), url=os.environ["DATABASE_URL"])
        out.print(f"{file}: {size / 1024**2:.1f} MiB. Try it with: academy restore {file} --check", markup=False)


@app.command(epilog="Example: ACADEMY_DATA_DIR=./new academy restore academy-2026-03-02.backup")
def restore(
    file: Annotated[Path, typer.Argument(help="What `academy backup` wrote.")],
    check: Annotated[
        bool, typer.Option("--check", help="Only read and verify it, in a database made for that.")
    ] = False,
) -> None:
    """Read a backup into an empty database, bring it to this release, and verify it."""
    with told():
        prepare(may_be_empty=True)
        from academy.operations import backup as backups  # noqa: PLC0415

        url = os.environ["DATABASE_URL"]
        if check:
            with backups.scratch(url) as elsewhere:
                found = _restored(backups, file, elsewhere)
        else:
            found = _restored(backups, file, url)
        _show(found)
        if found["differences"]:
            raise SystemExit(1)
        out.print("The backup is good." if check else "Restored.")


def _restored(backups: Any, file: Path, url: str) -> dict[str, Any]:
    with terminal.progress("Reading the backup"):
        backups.restore(file.absolute(), url=url)
        for command in (["migrate"], ["verify", "--deep", "--json"]):
            done = backups.elsewhere(url, *command)
            if done.returncode and not done.stdout:
                raise Refused(f"`academy {' '.join(command)}` failed on it: {done.stderr.strip()[-500:]}")
    found: dict[str, Any] = json_text.loads(done.stdout)
    return found


@app.command(epilog="Example: academy doctor")
def doctor(json: Json = False) -> None:
    """Look at everything this installation needs, and say what is wrong with the line that mends it."""
    with told():
        prepare(may_be_empty=True)
        from academy.operations.doctor import examine  # noqa: PLC0415

        checks = list(examine(now=clock.now()))
        if json:
            terminal.print_json([check.as_json() for check in checks])
        else:
            for check in checks:
                mark, style = ("ok  ", "green") if check.well else ("mend", "red")
                out.print(f"[{style}]{mark}[/{style}] {check.name}: ", end="")
                out.print(check.found, markup=False)
                if check.mend:
                    out.print(f"       {check.mend}", style="bold", markup=False)
        if not all(check.well for check in checks):
            raise SystemExit(1)
