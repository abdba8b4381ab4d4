"""Reading a table of deals, line by line and never more than one: what a line says, or why it is refused."""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from babel.numbers import is_currency

from academy.core.money import divided, exponent
from academy.integrations.catalogue.files import UnreadableError
from academy.integrations.deals.mapping import FIELDS, Mapping
from academy.integrations.tables import Lines, records
from academy.learning.catalog.rules import Problem
from academy.people.accounts.rules import clean_name, is_name
from academy.programme.clients.rules import is_client, key_of
from academy.programme.deals.rules import AHEAD, EARLIEST, Stage, most

MOST_REFUSED = 1_000
"""After so many refused lines the mapping is the wrong one, or the file."""
_LONGEST = {"external_id": 200, "partner": 200, "product": 60, "industry": 80}


@dataclass(frozen=True, slots=True)
class Row:
    """What one line says, in our terms: minor units, an instant; partner and product as they are written."""

    line: int
    external_id: str
    partner: str
    client: str
    client_key: str
    product: str
    industry: str
    stage: str
    currency: str
    amount: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where the text of a field stands, what it means here, and what stands for nothing."""

    name: str
    place: int | None
    values: Dict[str, str]
    usual: str

    def text(self, cells: list[str]) -> str:
        """The text of the field in a line."""
        text = "" if self.place is None else cells[self.place]
        # Two spellings of a partner are two partners: its name stays exactly as it is written.
        text = text if self.name == "partner" else text.strip()
        text = self.values.get(text, text)
        return text if text.strip() else self.usual


class _Wrong(Exception):
    """Why a line is refused."""


@dataclass(slots=True)
class Table:
    """A file under a mapping. Iterating gives its rows; lines that are refused are told to `refuse`."""

    path: Path
    mapping: Mapping
    now: datetime
    refuse: Callable[[Problem], None]
    position: int = field(default=0, init=False)
    """How many bytes of the file were read."""
    _dates: Callable[[str], datetime] = field(init=False)
    _most: Callable[[str], int] = field(init=False)

    def __post_init__(self) -> None:
        self._dates = lru_cache(maxsize=4_096)(self._instant)
        self._most = lru_cache(maxsize=512)(most)

    def __iter__(self) -> Iterator[Row]:
        """The rows in the order of the file. Raises UnreadableError where the file itself cannot be read on."""
        with self.path.open("rb") as file:
            lines = Lines(self.path.name, file)
            told = records(self.path.name, lines)
            _, header = next(told, (1, []))
            fields = self._cells(self._places(header))
            for line, cells in told:
                if not any(cells):
                    continue
                try:
                    row = self._row(line, cells, fields, len(header))
                except _Wrong as wrong:
                    self.refuse(Problem(self.path.name, line, str(wrong)))
                else:
                    self.position = lines.read
                    yield row

    def _places(self, header: list[str]) -> dict[str, int]:
        """Where each field stands."""
        known = self.mapping.columns
        for name in header:
            if name not in known:
                said = f"The column “{name[:60]}” is not known to the mapping “{self.mapping.name}”."
                raise UnreadableError(Problem(self.path.name, 1, f"{said} Its columns are {', '.join(known)}."))
            if header.count(name) > 1:
                raise UnreadableError(Problem(self.path.name, 1, f"There are two columns “{name[:60]}”."))
        if missing := [name for name, filled in known.items() if filled and name not in header]:
            raise UnreadableError(Problem(self.path.name, 1, f"The column “{missing[0]}” is missing."))
        return {known[name]: place for place, name in enumerate(header) if known[name]}

    def _row(self, line: int, cells: list[str], fields: list[_Cell], width: int) -> Row:
        if len(cells) != width:
            raise _Wrong(f"There are {len(cells)} cells in this line, and {width} in the first.")
        told = {one.name: one.text(cells) for one in fields}
        for name, longest in _LONGEST.items():
            if len(told[name]) > longest:
                raise _Wrong(f"The {_WORDS[name]} is longer than {longest} characters.")
        for name in ("external_id", "partner", "product"):
            if not told[name].strip():
                raise _Wrong(f"The {_WORDS[name]} is missing.")
        if not _is_partner(told["partner"]):
            raise _Wrong("The partner's name is longer than 120 characters.")
        if not is_client(told["client"]):
            raise _Wrong("The client's name is missing, or longer than 160 characters.")
        currency = told["currency"]
        if len(currency) != 3 or not currency.isupper() or not _is_currency(currency):
            raise _Wrong(f"“{currency[:40]}” is not a currency. Write a code such as GBP.")
        if told["stage"] not in _STAGES:
            raise _Wrong(f"“{told['stage'][:40]}” is not a stage. Stages are {', '.join(_STAGES)}.")
        client = " ".join(told["client"].split())
        return Row(
            line=line,
            external_id=told["external_id"],
            partner=told["partner"],
            client=client,
            client_key=key_of(client),
            product=told["product"],
            industry=told["industry"],
            stage=told["stage"],
            currency=currency,
            amount=self._amount(told["amount"], currency),
            occurred_at=self._time(told["occurred_at"]),
        )

    def _cells(self, places: dict[str, int]) -> list[_Cell]:
        """How the text of each field is found, told once for all lines."""
        mapping = self.mapping
        usual = {"currency": mapping.currency, "stage": mapping.stage, **mapping.otherwise}
        return [_Cell(name, places.get(name), mapping.values.get(name, {}), usual.get(name, "")) for name in FIELDS]

    def _amount(self, text: str, currency: str) -> int:
        whole, point, rest = text.removeprefix("-").partition(".")
        digits = whole + rest
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > 40 or (point and not rest):
            raise _Wrong(f"“{text[:40]}” is not an amount. Write it like 1200.50.")
        if len(rest) > self.mapping.decimals:
            raise _Wrong(f"“{text[:40]}” has more than {self.mapping.decimals} digits after the point.")
        minor = divided(int(digits) * 10 ** exponent(currency), 10 ** len(rest))
        amount = -minor if text.startswith("-") else minor
        if abs(amount) > self._most(currency):
            raise _Wrong(f"“{text[:40]}” is too large to be one sale.")
        if amount < 0 and not self.mapping.negative_is_credit:
            raise _Wrong("A deal is worth nothing or more. What a client takes back is a refund.")
        return amount

    def _time(self, text: str) -> datetime:
        at = self._dates(text)
        if at < EARLIEST:
            raise _Wrong(f"{text[:40]} is too long ago. Check the date.")
        if at > self.now + AHEAD:
            raise _Wrong(f"{text[:40]} lies in the future. Check the date.")
        return at

    def _instant(self, text: str) -> datetime:
        try:
            read = datetime.strptime(text, self.mapping.date_format)  # noqa: DTZ007 - its zone follows
            return (read if read.tzinfo else read.replace(tzinfo=self.mapping.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise _Wrong(f"“{text[:40]}” is not a date. Write it like {self._example()}.") from None

    def _example(self) -> str:
        return datetime(2026, 5, 31, 9, 30, tzinfo=UTC).strftime(self.mapping.date_format)


_STAGES = tuple(str(stage) for stage in Stage)
_WORDS = {"external_id": "deal's id", "partner": "partner's name", "product": "product", "industry": "industry"}


_is_currency = lru_cache(maxsize=512)(is_currency)
"""A file names few currencies, and each look-up goes through all there are."""


@lru_cache(maxsize=4_096)
def _is_partner(name: str) -> bool:
    """Whether a partner can have this name; a file tells of the same ones line after line."""
    return is_name(clean_name(name))


def header_of(path: Path) -> list[str]:
    """The first line of a table. Raises UnreadableError where there is none that can be read."""
    with path.open("rb") as file:
        return next(records(path.name, Lines(path.name, file)), (1, []))[1]
