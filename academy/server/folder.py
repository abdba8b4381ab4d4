"""The data folder: marked when we make it, so that only a folder of ours is ever moved aside."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from academy.core.errors import Refused
from academy.postgres import wait_until_stopped

MARK = "academy.folder"
UNFINISHED = "demo.unfinished"
ADDRESS = "address"
TEXT = "This folder was made by SISO Academy and holds its data: the database, and the key of its sessions.\n"
PATIENCE = 4.0  # seconds for a server that is just stopping


def claim(folder: Path) -> None:
    """Make and mark the folder where there is none, or an empty one. A folder with anything in it
    is left as it is.
    """
    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            (folder / MARK).write_text(TEXT)
    except OSError as error:
        raise Refused(
            f"The data folder {folder} cannot be made: {error.strerror}. Name another one in ACADEMY_DATA_DIR."
        ) from None


@contextmanager
def being_filled(folder: Path) -> Iterator[None]:
    """Note for as long as it takes that the demo academy is being made: one that was cut off is not used."""
    (folder / UNFINISHED).touch()
    yield
    (folder / UNFINISHED).unlink()


@contextmanager
def running_at(folder: Path, address: str) -> Iterator[None]:
    """Note where the academy of this folder is entered while it runs, for commands that say so or write links."""
    note = folder / ADDRESS
    note.write_text(f"{address}\n")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def half_filled(folder: Path) -> Path | None:
    """The note that the making of the demo academy was cut off here; None where it was not."""
    note = folder / UNFINISHED
    return note if note.exists() else None


def set_aside(folder: Path, *, now: datetime) -> Path | None:
    """Move the folder to a name with the time in it; where it is now. None when there was nothing to move.

    Raises Refused for a folder that we did not make, and while something uses its database.
    """
    if not folder.exists() or not any(folder.iterdir()):
        return None
    if not (folder / MARK).is_file():
        raise Refused(
            f"{folder} was not made by the academy, so it is not moved. Name another folder in ACADEMY_DATA_DIR, "
            f"or move it yourself."
        )
    if not wait_until_stopped(folder, seconds=PATIENCE):
        raise Refused(f"An academy still runs on {folder}. Stop it first, with Ctrl-C in its terminal.")
    aside = folder.with_name(f"{folder.name}.{now:%Y-%m-%d-%H%M%S}")
    folder.rename(aside)
    return aside
