"""Importing deals: read, staged, checked, and only then entered, a chunk a transaction.

An import that is stopped anywhere leaves whole chunks; running it again goes on where it stopped.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core.errors import Conflict, Refused
from academy.core.money import Money
from academy.integrations.catalogue.files import UnreadableError
from academy.integrations.deals import entering, staging
from academy.integrations.deals.finding import find_tables
from academy.integrations.deals.mapping import Mapping
from academy.integrations.deals.reading import MOST_REFUSED, Table
from academy.integrations.deals.staging import Staged
from academy.journal.actions import attempted, tried
from academy.learning.catalog.rules import Problem
from academy.people.permissions.access import allow
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.imports.actions import follow_all
from academy.programme.imports.queries import latest_told
from academy.programme.imports.rules import folds
from academy.programme.imports.turns import importing
from academy.programme.plans.models import Clock, Programme
from academy.programme.plans.queries import versions_of
from academy.programme.plans.rules import Version

Progress = Callable[[int, int], None]
_ONE_IMPORT_A_SOURCE = 7_237_016
_UNFOUNDED = UUID(int=0)
"""Stands for a programme that is not there yet."""


@dataclass(slots=True)
class Report:
    """What an import of deals did. `amounts` are the ledger's sums of all deals of the files, by currency."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Problem] = field(default_factory=list)
    amounts: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The shape that the command line prints. In several currencies the amount is one a currency."""
        sums = {currency: f"{Money(amount, currency).decimal():f}" for currency, amount in self.amounts.items()}
        return {
            "added": self.added,
            "changed": self.changed,
            "archived": 0,
            "unchanged": self.unchanged,
            "refused": [problem.as_json() for problem in self.refused],
            "counts": {
                "deals": self.added + self.changed + self.unchanged,
                "amount": sums if len(sums) > 1 else next(iter(sums.values()), "0.00"),
            },
        }

    def take_in(self, other: "Report") -> None:
        """What another source's files came to."""
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.refused += other.refused
        for currency, amount in other.amounts.items():
            self.amounts[currency] = self.amounts.get(currency, 0) + amount


def import_deals(
    path: Path,
    *,
    by: Actor = THE_HOUSE,
    now: datetime,
    mapping: str | None = None,
    dry_run: bool = False,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Import a table of deals, or every one of a folder. Repeating it changes nothing.

    Lines that cannot be are refused and the others entered; where a file cannot be read on, nothing is. Raises Refused
    where nothing says how to read it, Conflict while another import of the source is running.
    """
    allow(by, "deal.report")
    report = Report()
    try:
        tables = find_tables(path, mapping)
    except UnreadableError as error:
        return Report(refused=[error.problem])
    for one in {used.source: used for _, used in tables}.values():
        files = [(file, used) for file, used in tables if used.source == one.source]
        with _alone(one.source):
            report.take_in(_Import(by, one, files, now, progress).run(dry_run=dry_run))
    return report


@contextmanager
def _alone(source: str) -> Iterator[None]:
    """One import a source at a time: the second would count as new what the first is about to enter."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, hashtext(%s))", [_ONE_IMPORT_A_SOURCE, source])
        if not cursor.fetchone()[0]:
            raise Conflict(f"Another import of {source} is running. Wait until it is done.")
    try:
        staging.make()
        try:
            with importing():
                yield
        finally:
            staging.drop()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s, hashtext(%s))", [_ONE_IMPORT_A_SOURCE, source])


@dataclass(slots=True)
class _Alone:
    """What became of lines that were told by themselves: those that were refused, with why, and how many say nothing
    new.
    """

    refused: list[tuple[Staged, str]] = field(default_factory=list)
    unchanged: int = 0

    def take_in(self, other: "_Alone") -> None:
        """What became of others."""
        self.refused += other.refused
        self.unchanged += other.unchanged


@dataclass(slots=True)
class _Import:
    """One import of the files of one source; `mapping` says where its partners and programme come from."""

    by: Actor
    mapping: Mapping
    files: Sequence[tuple[Path, Mapping]]
    now: datetime
    progress: Progress
    refused: list[Problem] = field(default_factory=list)
    kept: list[Staged] = field(default_factory=list)

    def run(self, *, dry_run: bool) -> Report:
        try:
            self._read()
            programme = self._check()
        except UnreadableError as error:
            return Report(refused=[*self.refused, error.problem])
        new, moved, unchanged, amounts = staging.counts()
        report = Report(new, moved, unchanged, self.refused, amounts)
        # What is entered many at a time was checked as a whole; what becomes of any other line is known by telling it.
        told = self._try(programme, new + moved) if dry_run else self._enter(programme, new + moved)
        self._take_in(told, report)
        self.refused.sort(key=lambda problem: (problem.file, problem.line))
        return report

    # -- reading

    def _read(self) -> None:
        size, before = sum(file.stat().st_size for file, _ in self.files), 0
        for number, (file, mapping) in enumerate(self.files):
            table = Table(file, mapping, self.now, self._say)
            staging.fill(table, number, partial(self._tell, table, before, size))
            before += file.stat().st_size

    def _tell(self, table: Table, before: int, size: int) -> None:
        self.progress(before + table.position, size)

    def _say(self, problem: Problem) -> None:
        self.refused.append(problem)
        if len(self.refused) == MOST_REFUSED:
            reason = f"{MOST_REFUSED} lines were refused up to here, so nothing was taken. Is this the right mapping?"
            raise UnreadableError(Problem(problem.file, problem.line, reason))

    def _refuse(self, row: Staged, reason: str) -> None:
        self._say(Problem(self.files[row.file][0].name, row.line, reason))

    def _keep(self, row: Staged, reason: str) -> None:
        """Refused for now, and kept until a person says what the word means."""
        self.kept.append(row)
        name = self.files[row.file][0].name
        self.refused.append(Problem(name, row.line, f"{reason} The line is kept for matching."))

    # -- checking

    def _check(self) -> UUID | None:
        """Settle what each row is about; refuse or keep what cannot be entered. Says where new partners go."""
        staging.refuse_ambiguous(self._refuse)
        programme, versions, can_fold = self._programme()
        staging.find_partners(self.mapping.source, programme, also_by_name=not self.mapping.creates_partners)
        if not self.mapping.creates_partners:
            for row in staging.take("s.partner is null"):
                self._keep(row, f"“{row.partner_name[:60]}” is not a partner here.")
        staging.find_deals(self.mapping.source)
        self._check_partners(programme, versions)
        for one in staging.programmes():
            self._check_products(one, versions if one == programme else versions_of(one))
        staging.compare_with_deals(self.mapping.source, self._refuse)
        staging.choose_ways(programme if can_fold else None, len(versions))
        return programme

    def _programme(self) -> tuple[UUID | None, Sequence[Version], bool]:
        """Where new partners go: the programme, its plans, and whether its partners' histories can be folded."""
        file = self.mapping.programme
        if file is None:
            return None, (), False
        found = Programme.objects.filter(slug=file.slug).first()
        if found is None:
            versions: Sequence[Version] = (Version(_UNFOUNDED, 1, file.begins, file.plan),)
            return _UNFOUNDED, versions, file.clock == Clock.SOURCE and folds(versions)
        versions = versions_of(found.pk)
        return found.pk, versions, found.clock == Clock.SOURCE and folds(versions)

    def _check_partners(self, programme: UUID | None, versions: Sequence[Version]) -> None:
        for row in staging.take("s.programme is null"):
            self._refuse(row, "This partner is in no programme yet, so nothing says what its deals earn.")
        for row in staging.take(
            "s.partner is not null and s.currency <> (select p.currency from people_partner p where p.id = s.partner)"
        ):
            self._refuse(row, f"This partner is paid in another currency than {row.currency}.")
        if programme is None:
            return
        paid = sorted(versions[0].plan.currencies) if versions else []
        for row in staging.take("s.partner is null and not s.currency = any(%s)", paid):
            self._refuse(row, f"The programme pays in {', '.join(paid)}, not in {row.currency}.")
        for row in staging.take(
            "s.partner is null and s.currency <> (select f.currency from staged_deal f where f.whose = s.whose"
            " order by f.occurred_at, f.file, f.line limit 1)"
        ):
            self._refuse(row, f"This partner is paid in the currency of its first deal, which is not {row.currency}.")

    def _check_products(self, programme: UUID, versions: Sequence[Version]) -> None:
        for row in staging.take(
            "s.programme = %s and s.deal is null and s.occurred_at < %s", programme, versions[0].effective_from
        ):
            self._refuse(row, f"The programme begins on {versions[0].effective_from:%Y-%m-%d}; this was before it.")
        ends = [*(one.effective_from for one in versions[1:]), None]
        for version, until in zip(versions, ends, strict=True):
            under = (programme, version.effective_from, until)
            staging.match_products(self.mapping.source, self._unpaid(version, under), *under)
            for row in staging.take_products(self._unpaid(version, under), *under):
                reason = f"“{row.product}” is not among the products of the partner's programme."
                if self.mapping.creates_partners:
                    self._refuse(row, reason)
                else:
                    self._keep(row, reason)

    def _unpaid(self, version: Version, under: tuple[UUID, datetime, datetime | None]) -> list[str]:
        return [product for product in staging.products(*under) if not version.plan.pays_for(product)]

    # -- entering

    def _enter(self, programme: UUID | None, total: int) -> _Alone:
        done = 0
        staging.remember()
        if programme == _UNFOUNDED and total:
            programme = entering.found(self.mapping, now=self.now)
        for chunk in staging.many():
            assert programme is not None  # only its partners go this way
            entering.enter_many(self.by, self.mapping, chunk, programme, now=self.now)
            done += len(chunk)
            self.progress(done, total)
        where = programme
        told = self._tell_alone(
            staging.alone(), lambda enter: enter(where), lambda count: self.progress(done + count, total)
        )
        entering.keep(self.mapping.source, self.kept, now=self.now)
        touched = {*staging.programmes(), *([programme] if programme else [])} - {_UNFOUNDED}
        for one in touched:
            if Programme.objects.filter(pk=one, clock=Clock.SOURCE).exists() and (until := latest_told(one)):
                follow_all(self.by, one, until, now=self.now)
        return told

    def _try(self, programme: UUID | None, total: int) -> _Alone:
        """What becomes of the lines that are told by themselves, by telling each and undoing it at once.

        So nobody waits longer for a partner than one line takes. A line needs nothing that another one leaves: an id
        stands in a file once, and those before it are no later, so that they do not move the instant from which it
        counts. Only where a person has to decide about a client may one line make way for another: those are few, and
        undone together.
        """
        staging.part_cases()

        def where() -> UUID | None:
            return entering.found(self.mapping, now=self.now) if programme == _UNFOUNDED else programme

        def together() -> _Alone:
            into = where()
            return self._tell_alone(contested, lambda enter: attempted(lambda: enter(into)))

        told = self._tell_alone(
            staging.alone(), lambda enter: tried(lambda: enter(where())), lambda count: self.progress(count, total)
        )
        contested = list(staging.alone("case"))
        if contested:
            told.take_in(tried(together))
        return told

    def _tell_alone(
        self,
        chunks: Iterable[Sequence[Staged]],
        each: Callable[[Callable[[UUID | None], bool]], bool],
        tell: Callable[[int], None] = lambda count: None,
    ) -> _Alone:
        """Tell of every such line by itself, oldest first. `each` says where those go who are in no programme."""
        alone, done = _Alone(), 0
        for chunk in chunks:
            for row in chunk:
                try:
                    has_changed = each(partial(entering.enter_alone, self.by, self.mapping, row, now=self.now))
                except Refused as why:
                    alone.refused.append((row, why.sentence))
                else:
                    alone.unchanged += not has_changed
            done += len(chunk)
            tell(done)
        return alone

    def _take_in(self, alone: _Alone, report: Report) -> None:
        report.changed -= alone.unchanged
        report.unchanged += alone.unchanged
        for row, reason in alone.refused:
            self.refused.append(Problem(self.files[row.file][0].name, row.line, reason))
            report.amounts[row.currency] -= row.amount
            if row.deal is None:
                report.added -= 1
            else:
                report.changed -= 1
