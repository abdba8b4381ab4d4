"""Publishing: how a catalogue comes to stand in the academy."""

from datetime import datetime

from academy.journal.actions import action
from academy.learning.catalog import access
from academy.learning.catalog.changes.rules import known_besides, plan, turned
from academy.learning.catalog.checks.rules import problems_of
from academy.learning.catalog.publishing.actions import lock_catalogue, write
from academy.learning.catalog.publishing.queries import shelf_of
from academy.learning.catalog.rules import Catalogue, Progress, Report
from academy.people.permissions.rules import THE_HOUSE, Actor


@action
def publish_catalogue(
    catalogue: Catalogue,
    *,
    source: str,
    by: Actor | None,
    now: datetime,
    progress: Progress | None = None,
    dry_run: bool = False,
) -> Report:
    """Make the academy show a catalogue of one source, whole or not at all; `by` is None for the command line.

    With any problem nothing is written, and the report says what was refused. The same content makes no new revision
    and the same outline no new edition; what is gone from the part of the source that the catalogue covers is
    archived. A dry run reports what would be done. `progress` is told how many items are written.
    """
    access.may_publish(by or THE_HOUSE)
    lock_catalogue()
    shelf = shelf_of(source)
    problems = [*problems_of(catalogue, known=known_besides(catalogue, shelf)), *turned(catalogue, shelf)]
    if problems:
        return Report(refused=tuple(problems), counts=catalogue.counts())
    changes = plan(source, catalogue, shelf)
    if not dry_run and (changes.changes or changes.archived):
        write(source, changes, shelf, now=now, progress=progress)
    return Report(
        added=changes.added,
        changed=len(changes.changes) - changes.added,
        archived=len(changes.archived),
        unchanged=changes.unchanged,
        counts=catalogue.counts(),
    )
