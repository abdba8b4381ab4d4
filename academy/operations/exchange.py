"""The commands that bring in what other systems hold, and take out what this academy holds."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from academy.core import clock
from academy.core.errors import NotFound, Refused
from academy.server import terminal
from academy.server.entry import prepare
from academy.server.terminal import err, out, told

app = typer.Typer()
importing = typer.Typer(
    help="Bring in what other systems hold.",
    epilog="Example: academy import deals sales.csv --map gcloud --dry-run",
    no_args_is_help=True,
)
exporting = typer.Typer(
    help="Take out what this academy holds.",
    epilog="Example: academy export lines --csv lines.csv",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, for programs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]
Map = Annotated[str | None, typer.Option("--map", help="How columns are read; only of deals.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="A file that is not there yet; without it, stdout.")]


@importing.command("catalogue", epilog="Example: academy import catalogue ./courses --dry-run")
def import_catalogue(
    path: Annotated[
        Path, typer.Argument(help="Our own folder of Markdown and YAML, or MS Learn's; or an archive of one.")
    ],
    mapping: Map = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Import courses.

    A second import of the same changes nothing. What cannot be read is told with file and line, and then
    nothing is written.
    """
    with told():
        _refuse_mapping(mapping, "A catalogue is recognised by its own form")
        if not path.exists():
            raise Refused(f"There is nothing at {path}.")
        prepare()
        from academy.integrations.catalogue import import_catalogue as run  # noqa: PLC0415

        with terminal.progress(f"Importing {path.name}") as tell:
            report = run(path, by=None, now=clock.now(), dry_run=dry_run, progress=tell).as_json()
        _tell_report(report, json=json, dry_run=dry_run)


@importing.command("deals", epilog="Example: academy import deals sales.csv --map gcloud --dry-run")
def import_deals(
    path: Annotated[Path, typer.Argument(help="A CSV file of deals, or a folder of them.")],
    mapping: Annotated[
        str | None, typer.Option("--map", help="How its columns are read: a shipped mapping, or a file of your own.")
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Import deals with all tiers and commission lines that follow. A second import of the same changes nothing; what
    cannot be entered is told with file and line. See docs/importing.md.
    """
    with told():
        prepare()
        from academy.integrations.deals import import_deals as run  # noqa: PLC0415

        with terminal.progress(f"Importing {path.name}") as tell:
            report = run(path, mapping=mapping, now=clock.now(), dry_run=dry_run, progress=tell).as_json()
        _tell_report(report, json=json, dry_run=dry_run)


def _refuse_mapping(mapping: str | None, instead: str) -> None:
    if mapping is not None:
        raise Refused(f"Only deals are read by a mapping. {instead}: leave --map out.")


def _tell_report(report: dict[str, Any], *, json: bool, dry_run: bool) -> None:
    """What an import came to, as text or JSON; exit code 1 where something was refused."""
    if json:
        terminal.print_json(report)
    else:
        _show(report, dry_run=dry_run)
    if report["refused"]:
        raise SystemExit(1)


def _show(report: dict[str, Any], *, dry_run: bool) -> None:
    for refused in report["refused"]:
        err.print(f"{refused['file']}:{refused['line']}: {refused['reason']}", style="red", markup=False)
    if report["refused"] and not any(report[word] for word in ("added", "changed", "archived", "unchanged")):
        err.print("Nothing was written.")
        return
    words = [f"{report[word]} {word}" for word in ("added", "changed", "archived", "unchanged")]
    out.print(f"{'Would be: ' if dry_run else ''}{', '.join(words)}.", markup=False)
    out.print(", ".join(f"{count} {what}" for what, count in report["counts"].items()), markup=False)


@exporting.command("catalogue", epilog="Example: academy export catalogue ./courses")
def export_catalogue(
    path: Annotated[Path | None, typer.Argument(help="A folder that is not there yet; without it, a list.")] = None,
    file: Csv = None,
) -> None:
    """Write the catalogue as a folder of Markdown and YAML, which can be imported again. Without a folder, list its
    courses, paths and resources as CSV.
    """
    with told():
        if path is not None and file is not None:
            raise Refused("A folder holds the whole catalogue, a CSV file its list. Name one of them.")
        prepare()
        from academy.integrations import catalogue  # noqa: PLC0415

        if path is None:
            _write(file, catalogue.LISTED, catalogue.listed())
            return
        catalogue.export_catalogue(path, by=None)
        out.print(f"Written to {path}.", markup=False)


@importing.command("people", epilog="Example: academy import people team.csv --dry-run")
def import_people(
    path: Annotated[Path, typer.Argument(help="A CSV file with the columns email, partner, name, role.")],
    invite_as: Annotated[
        str | None,
        typer.Option(help="Invite who is not here yet by mail, in the name of this person."),
    ] = None,
    mapping: Map = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Enter people at their partners. Nobody is written to, unless --invite-as says in whose name. A second import of
    the same changes nothing.
    """
    with told():
        _refuse_mapping(mapping, "People are read by the columns email, partner, name, role")
        prepare()
        from academy.integrations.people import import_people as run  # noqa: PLC0415
        from academy.people.accounts.queries import actor_of, person_by_address  # noqa: PLC0415

        inviter = person_by_address(invite_as) if invite_as else None
        if invite_as and inviter is None:
            raise NotFound(f"Nobody here has the address {invite_as}.")
        inviting = actor_of(inviter.pk) if inviter else None
        with terminal.progress(f"Importing {path.name}") as tell:
            report = run(path, now=clock.now(), inviting=inviting, dry_run=dry_run, progress=tell).as_json()
        _tell_report(report, json=json, dry_run=dry_run)


@exporting.command("deals", epilog="Example: academy export deals --csv deals.csv")
def export_deals(file: Csv = None) -> None:
    """Write every deal as CSV."""
    with told():
        prepare()
        from academy.integrations.deals import exporting as tables  # noqa: PLC0415
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415

        _write(file, tables.DEALS, tables.deals(THE_HOUSE))


@exporting.command("lines", epilog="Example: academy export lines --csv lines.csv")
def export_lines(file: Csv = None) -> None:
    """Write every commission line as CSV, with the rate and the tier that it was priced with."""
    with told():
        prepare()
        from academy.integrations.deals import exporting as tables  # noqa: PLC0415
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415

        _write(file, tables.LINES, tables.lines(THE_HOUSE))


@exporting.command("people", epilog="Example: academy export people --csv people.csv")
def export_people(file: Csv = None) -> None:
    """Write everybody who can sign in as CSV, with their partner and role."""
    with told():
        prepare()
        from academy.integrations.people import COLUMNS  # noqa: PLC0415
        from academy.integrations.people import export_people as rows  # noqa: PLC0415
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415

        _write(file, COLUMNS, rows(THE_HOUSE))


def _write(file: Path | None, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table to stdout, or to a new file, which is not left half-written."""
    from academy.integrations.tables import write_table  # noqa: PLC0415

    if file is None:
        write_table(sys.stdout, header, rows)
        return
    try:
        with file.open("x", encoding="utf-8", newline="") as opened:
            count = write_table(opened, header, rows)
    except FileExistsError:
        raise Refused(f"{file} is there already. Choose a new name.") from None
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}.") from None
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    err.print(f"{count} lines written to {file}.", markup=False)


@app.command(epilog="Example: academy explain 01a2b3c4-5d6e-7f80-9a1b-2c3d4e5f6071")
def explain(
    line: Annotated[str, typer.Argument(help="The id of a commission line, as its page shows it.")],
) -> None:
    """Say in words how a commission line came to its amount: what was sold, at which rate, why, and when it is paid."""
    with told():
        prepare()
        from academy.operations.explaining import in_words  # noqa: PLC0415
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415
        from academy.web.money.line import opened  # noqa: PLC0415

        try:
            found = opened(THE_HOUSE, UUID(line), clock.now())
        except (ValueError, NotFound):
            raise NotFound(f"There is no commission line {line[:60]}.") from None
        for text in in_words(found):
            out.print(text, markup=False)
