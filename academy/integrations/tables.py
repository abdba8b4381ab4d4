"""CSV files: read line by line with what is wrong where, written so that no spreadsheet takes a text for a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, TextIO

from academy.integrations.catalogue.files import UnreadableError
from academy.learning.catalog.rules import Problem

csv.field_size_limit(1_000_000)


class Lines:
    """The lines of a file as text, one at a time, with the number of the last one."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.name, self.file, self.number, self.read = name, file, 0, 0

    def __iter__(self) -> Iterator[str]:
        for raw in iter(lambda: self.file.readline(2_000_000), b""):
            self.number += 1
            self.read += len(raw)
            if self.number == 1 and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
                self._wrong("The file is written in UTF-16. Save it as UTF-8.")
            if b"\0" in raw:
                self._wrong("There is a zero byte in this line, as UTF-16 and programs have. Save the file as UTF-8.")
            try:
                text = raw.decode("utf-8-sig" if self.number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                byte = f"0x{raw[error.start]:02X}"
                self._wrong(f"The byte {byte} is not UTF-8, perhaps it is Windows-1252. Save the file as UTF-8.")
            yield text

    def _wrong(self, reason: str) -> None:
        raise UnreadableError(Problem(self.name, self.number, reason))


def records(name: str, lines: Lines) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it begins; a quoted cell may go on over several."""
    reader = csv.reader(iter(lines), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = lines.number + 1
    except csv.Error as error:
        unclosed = "end of data" in str(error) or "field larger" in str(error)
        reason = "A quotation mark is opened here and not closed." if unclosed else f"This is not CSV: {error}."
        raise UnreadableError(Problem(name, begins, reason)) from error


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def escaped(text: str) -> str:
    """A text that no spreadsheet takes for a formula. One that looks escaped already is escaped once more."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def unescaped(text: str) -> str:
    """The inverse of `escaped`."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA) else text


def write_table(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write a table as it comes, row by row; how many there were."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    return count
