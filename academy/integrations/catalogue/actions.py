"""Importing a catalogue in whichever form it comes, and exporting what stands in our own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from academy.core.errors import Refused
from academy.integrations.catalogue.academy_folder import reading as academy_folder
from academy.integrations.catalogue.academy_folder.writing import write_catalogue
from academy.integrations.catalogue.files import Files, UnreadableError, open_files
from academy.integrations.catalogue.mslearn import reading as mslearn
from academy.integrations.catalogue.reading import Reading
from academy.journal.actions import action
from academy.learning.catalog import access
from academy.learning.catalog.actions import publish_catalogue
from academy.learning.catalog.exporting.queries import sources, standing_catalogue
from academy.learning.catalog.rules import Counts, Problem, Progress, Report
from academy.people.permissions.rules import THE_HOUSE, Actor


class _NothingTaken(Exception):
    """Something was refused, so the transaction must leave nothing behind."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def import_catalogue(
    path: Path | str,
    *,
    by: Actor | None,
    now: datetime,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Take in a folder or archive whose format is found by looking; `by` is None for the command line.

    All or nothing, also where it holds several sources: with anything refused, nothing is written and the report
    counts nothing as added. Files are read before the transaction begins.
    """
    access.may_publish(by or THE_HOUSE)
    try:
        readings = _read(open_files(Path(path)), Path(path).name)
        return _publish(readings, Path(path).name, by=by, now=now, dry_run=dry_run, progress=progress)
    except UnreadableError as error:
        return Report(refused=(error.problem,))
    except _NothingTaken as nothing:
        return nothing.report


def holds_catalogue(path: Path) -> bool:
    """Whether a folder or archive is a catalogue of some format. One that cannot be read counts: it is told then."""
    try:
        files = open_files(path)
    except UnreadableError:
        return True
    return mslearn.recognises(files) or academy_folder.recognises(files)


def _read(files: Files, name: str) -> list[Reading]:
    if mslearn.recognises(files):
        return mslearn.read(files)
    if academy_folder.recognises(files):
        return academy_folder.read(files)
    reason = (
        "There is no catalogue here: neither courses/<course>/course.yaml "
        "nor a .yml file that begins with ### YamlMime."
    )
    raise UnreadableError(Problem(name, 1, reason))


@action
def _publish(
    readings: Sequence[Reading],
    name: str,
    *,
    by: Actor | None,
    now: datetime,
    dry_run: bool,
    progress: Progress | None,
) -> Report:
    report = Report()
    for reading in readings:
        done = publish_catalogue(
            reading.catalogue,
            source=reading.source,
            by=by,
            now=now,
            progress=progress,
            dry_run=dry_run or bool(reading.problems) or bool(report.refused),
        )
        refused = _together(reading.problems, done.refused, name)
        report += Report(
            done.added, done.changed, done.archived, done.unchanged, refused, done.counts, tuple(reading.notes)
        )
    if report.refused:
        raise _NothingTaken(Report(refused=report.refused, counts=report.counts, notes=report.notes))
    return report


def _together(read: Sequence[Problem], checked: Sequence[Problem], name: str) -> tuple[Problem, ...]:
    """Both kinds of problems by file and line; what reading has said, or what only follows from it, is left out."""
    said = {("", 1), *((problem.file, problem.line) for problem in read)} if read else set()
    both = {*read, *(problem for problem in checked if (problem.file, problem.line) not in said)}
    named = [replace(problem, file=problem.file or name) for problem in both]
    return tuple(sorted(named, key=lambda problem: (problem.file, problem.line, problem.reason)))


def export_catalogue(folder: Path | str, *, by: Actor | None, source: str | None = None) -> Counts:
    """Write what stands in the academy as our own folders, so that importing them changes nothing.

    One source is written into the folder itself, several each into a folder of its name. Archived items are left
    out. Raises Refused where the folder holds something already: nothing is ever overwritten.
    """
    access.may_publish(by or THE_HOUSE)
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target} is there already and not empty. Choose a new folder.")
    wanted = [source] if source else sources()
    counts = Counts()
    for name in wanted:
        catalogue = standing_catalogue(name)
        write_catalogue(catalogue, name, target if len(wanted) == 1 else target / name)
        counts += catalogue.counts()
    return counts
