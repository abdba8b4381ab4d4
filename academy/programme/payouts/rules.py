"""Reading a payment file back: lines of text in, payments and sentences' codes out; and what may be entered when."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

COLUMNS = ("number", "date", "reference", "amount", "currency")
"""What a payment file must name; further columns are left alone."""
LONGEST_REFERENCE = 60


class Fault(StrEnum):
    """What is wrong with a line of a payment file."""

    COLUMNS = "columns"
    QUOTES = "quotes"  # a quotation mark opens and never closes: where this line ends can only be guessed
    DATE = "date"
    REFERENCE = "reference"
    AMOUNT = "amount"
    UNKNOWN = "unknown"  # no statement of this close has this number
    NOT_PAID_BY_IT = "not_paid_by_it"  # the statement says that nothing is paid
    OTHER_AMOUNT = "other_amount"
    OTHER_CURRENCY = "other_currency"
    PAID_ALREADY = "paid_already"
    TOO_EARLY = "too_early"
    IN_FUTURE = "in_future"
    NOT_HANDED_OVER = "not_handed_over"  # its payee was not checked, so it never stood in a payment file
    CAME_BACK = "came_back"  # the very payment that came back
    OWN = "own"  # whoever enters it handed it over, and a second person is asked for


@dataclass(frozen=True, slots=True)
class Payment:
    """One line of the file: `line` counts from 1, the heading included. `amount` as it is written."""

    line: int
    number: str
    paid_on: date
    reference: str
    amount: str
    currency: str


@dataclass(frozen=True, slots=True)
class Faulty:
    """A line that is not taken, and why."""

    line: int
    number: str
    fault: Fault
    told: str = ""


def payments(text: str) -> tuple[list[Payment], list[Faulty]]:
    """Every line of a payment file, or what is wrong with it. Commas or semicolons; the columns in any order.

    A file that cannot be taken apart to its end is not read at all.
    """
    lines = text.replace("\0", "").lstrip("\ufeff")
    heading = lines.partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    reader = csv.DictReader(io.StringIO(lines, newline=""), delimiter=delimiter, strict=True)
    try:
        names = {str(name).strip().lower(): name for name in reader.fieldnames or ()}
        if missing := [name for name in COLUMNS if name not in names]:
            return [], [Faulty(1, "", Fault.COLUMNS, missing[0])]
        rows = list(_rows(reader))
    except csv.Error:
        return [], [Faulty(reader.line_num + 1, "", Fault.QUOTES)]
    read: list[Payment] = []
    wrong: list[Faulty] = []
    for line, row in rows:
        one = _payment(line, {name: str(row.get(names[name]) or "").strip() for name in COLUMNS})
        if isinstance(one, Payment):
            read.append(one)
        else:
            wrong.append(one)
    return read, wrong


def _rows(reader: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for row in reader:
        if any(str(value or "").strip() for value in row.values()):
            yield reader.line_num, row


def _payment(line: int, said: Mapping[str, str]) -> Payment | Faulty:
    number = plain(said["number"])
    try:
        paid_on = date.fromisoformat(said["date"])
    except ValueError:
        return Faulty(line, number, Fault.DATE, said["date"][:40])
    reference = plain(said["reference"])
    if not reference or len(reference) > LONGEST_REFERENCE:
        return Faulty(line, number, Fault.REFERENCE)
    return Payment(line, number, paid_on, reference, plain(said["amount"]), said["currency"].upper())


def plain(cell: str) -> str:
    """A cell without the apostrophe that `safe` puts before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def safe(cell: str) -> str:
    """A cell of a CSV as no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def table(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV (RFC 4180). Texts are made safe for spreadsheets; numbers are written as they are."""
    made = io.StringIO()
    writer = csv.writer(made)
    for row in rows:
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in row])
    return made.getvalue()


@dataclass(frozen=True, slots=True)
class Payable:
    """A statement as payments see it: minor units; its last payment of so many, and whether that came back.

    `payee`: the number of the payee profile to which it was handed over last; 0 where it never was.
    """

    pays: bool
    amount: int
    currency: str
    attempts: int = 0
    paid_on: date | None = None
    reference: str = ""
    came_back: bool = False
    payee: int = 0

    def paid_by(self, payment: Payment) -> "Payable":
        """The same after one payment more."""
        return replace(
            self,
            attempts=self.attempts + 1,
            paid_on=payment.paid_on,
            reference=payment.reference,
            came_back=False,
        )


def why_not_paid(
    statement: Payable, payment: Payment, amount: int, *, earliest: date, today: date, is_own: bool = False
) -> Fault | None:
    """Why a payment is not entered; None when it is, or when it is the one that is known.

    `is_own`: it takes somebody else, since whoever enters it handed it over.
    """
    if not (statement.pays and statement.payee):
        return Fault.NOT_HANDED_OVER if statement.pays else Fault.NOT_PAID_BY_IT
    if payment.currency != statement.currency:
        return Fault.OTHER_CURRENCY
    if amount != statement.amount:
        return Fault.OTHER_AMOUNT
    if payment.paid_on > today:
        return Fault.IN_FUTURE
    if payment.paid_on < earliest:
        return Fault.TOO_EARLY
    if is_known(statement, payment):
        return None
    if statement.paid_on is not None and not (statement.came_back and payment.reference != statement.reference):
        return Fault.CAME_BACK if statement.came_back else Fault.PAID_ALREADY
    return Fault.OWN if is_own else None


def is_known(statement: Payable, payment: Payment) -> bool:
    """Whether this very payment was entered before."""
    same = (statement.paid_on, statement.reference) == (payment.paid_on, payment.reference)
    return same and not statement.came_back
