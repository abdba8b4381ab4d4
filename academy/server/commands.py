"""The commands that run the academy: demo, serve, worker."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from academy.core import clock
from academy.core.errors import Refused
from academy.server import folder
from academy.server.entry import data_folder, prepare, refuse_old_tables
from academy.server.terminal import err, out, told

if TYPE_CHECKING:
    from academy.server.parent import Parent

app = typer.Typer()

Port = Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes any free port.")]
Host = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is every network.")]


@app.command(epilog="Example: academy demo --port 8080 --import ./catalogues")
def demo(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    import_: Annotated[Path | None, typer.Option("--import", help="Also import this folder's catalogues.")] = None,
    fresh: Annotated[bool, typer.Option(help="Move the data folder aside and begin anew; nothing is deleted.")] = False,
) -> None:
    """Set up the demo academy and run it: pages, API, live updates and jobs on one port."""
    with told():
        if os.environ.get("ACADEMY_ENV") == "production":
            raise Refused("This is a production installation (ACADEMY_ENV=production); the demo has known passwords.")
        if import_ is not None and not import_.is_dir():
            raise Refused(f"There is no folder {import_} to import.")
        own = bool(os.environ.get("DATABASE_URL"))
        if fresh and own:
            raise Refused("DATABASE_URL names a database of your own; --fresh renews only the embedded one.")
        with _parent(host, port) as parent:
            if fresh or _was_cut_off(own=own):
                _begin_anew()
            prepare(may_be_empty=True)
            from academy.server import first_start  # noqa: PLC0415

            first_start.make_demo()
            if import_ is not None:
                first_start.import_folder(import_)
            with folder.running_at(data_folder(), os.environ["ACADEMY_ORIGIN"]):
                raise SystemExit(parent.run(when_up=lambda: _welcome(parent)))


def _was_cut_off(*, own: bool) -> bool:
    """Whether the last start ended while it made the demo academy, and we may begin anew."""
    mark = folder.half_filled(data_folder())
    if mark is None:
        return False
    if own:
        raise Refused(
            f"The last start was cut off while it made the demo academy in your database. "
            f"Empty that database, delete {mark}, and start again."
        )
    err.print("The last start was cut off while it made the demo academy. Beginning anew.")
    return True


def _begin_anew() -> None:
    aside = folder.set_aside(data_folder(), now=clock.now())
    if aside is not None:
        err.print(f"The academy as it was is now in {aside}.", markup=False)


@contextmanager
def _parent(host: str, port: int, *, worker: bool = True, web: bool = True) -> "Iterator[Parent]":
    """Take the port before anything else: whoever has to choose another one should not wait first."""
    from academy.server.parent import Parent, Wanted  # noqa: PLC0415 - imports uvicorn

    parent = Parent(Wanted(host, port, worker=worker, web=web), say=lambda line: err.print(line, markup=False))
    if web:
        os.environ.setdefault("ACADEMY_ORIGIN", parent.address)
    with closing(parent):
        yield parent


def _welcome(parent: "Parent") -> None:
    from academy.demo import PASSWORD, SIGN_INS  # noqa: PLC0415 - needs Django

    table = Table(title=None, show_edge=False, pad_edge=False)
    table.add_column("Sign in as")
    table.add_column("who")
    for address, who in SIGN_INS:
        table.add_row(address, who)
    out.print(f"\nThe academy is at [bold]{parent.address}[/bold]\n")
    out.print(table)
    out.print(f"\nOne password for all of them: [bold]{PASSWORD}[/bold]")
    out.print(f"By moment, with one click: {parent.address}/demo/\n\nCtrl-C stops it.")


@app.command(epilog="Example: ACADEMY_ENV=production academy serve --host 0.0.0.0 --port 8000")
def serve(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    worker: Annotated[bool, typer.Option(help="Also run jobs here.")] = True,
) -> None:
    """Run the academy: one process for pages and live updates, one for jobs."""
    with told():
        if not worker:
            os.environ["ACADEMY_WORKER"] = "off"
        with _parent(host, port, worker=worker) as parent:
            prepare(may_be_empty=True)
            refuse_old_tables()
            up = f"The academy is at {parent.address}. Ctrl-C stops it."
            with folder.running_at(data_folder(), os.environ["ACADEMY_ORIGIN"]):
                raise SystemExit(parent.run(when_up=lambda: out.print(up, markup=False)))


@app.command(epilog="Example: ACADEMY_ENV=production academy worker")
def worker() -> None:
    """Run jobs only, on a machine beside the one that serves pages."""
    with told(), _parent("127.0.0.1", 0, web=False) as parent:
        prepare(may_be_empty=True)
        refuse_old_tables()
        raise SystemExit(parent.run(when_up=lambda: out.print("The worker runs. Ctrl-C stops it.")))
