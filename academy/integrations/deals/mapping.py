"""Mapping files: how the columns of somebody's table of deals become deals here. docs/importing.md tells the format."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from babel.numbers import is_currency

from academy.core.errors import Refused
from academy.core.periods import time_zones
from academy.integrations.catalogue.files import UnreadableError, decoded
from academy.integrations.catalogue.located import Fields, Named, Scalar, load
from academy.learning.catalog.rules import Problem
from academy.programme.deals.rules import OURS, Stage
from academy.programme.plans.models import Clock
from academy.programme.plans.rules import Plan, PlanError, parse_plan

SHIPPED = Path(__file__).parent / "mappings"
FIELDS = ("external_id", "partner", "client", "product", "occurred_at", "amount", "currency", "stage", "industry")
NEEDED = ("external_id", "partner", "client", "product", "occurred_at", "amount")
MOST_DECIMALS = 8


@dataclass(frozen=True, slots=True)
class ProgrammeFile:
    """A programme to found where it is not there yet, with the first version of its plan as written."""

    slug: str
    name: str
    timezone: str
    clock: str
    begins: datetime
    reason: str
    written: Dict[str, Any]
    plan: Plan


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one kind of file is read.

    `columns`: header -> field, or "" for what is not read. `values`: field -> text in the file -> text here.
    """

    name: str
    source: str
    columns: Dict[str, str]
    values: Dict[str, Dict[str, str]]
    otherwise: Dict[str, str]
    date_format: str
    zone: ZoneInfo
    decimals: int
    negative_is_credit: bool
    currency: str
    stage: str
    creates_partners: bool
    partner_timezone: str
    partner_kind: str
    programme: ProgrammeFile | None

    def recognises(self, header: list[str]) -> bool:
        """Whether these are its columns, in whichever order."""
        return set(header) == set(self.columns)


def shipped() -> list[str]:
    """The names of the mappings that come with the academy."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml") if not path.stem.endswith("-plan"))


def find_mapping(name: str) -> Mapping:
    """A shipped mapping by its name, or the one of a file. Raises UnreadableError, and Refused where there is none."""
    if name in shipped():
        return read_mapping(SHIPPED / f"{name}.yaml")
    if Path(name).is_file():
        return read_mapping(Path(name))
    raise Refused(f"There is no mapping “{name}”: name a file, or one of those that are here: {', '.join(shipped())}.")


def read_mapping(path: Path) -> Mapping:
    """The mapping of a file. Raises UnreadableError with the first line that is wrong."""
    problems: list[Problem] = []
    fields = Fields(path.name, load(path.name, decoded(path.name, path.read_bytes())), problems)
    mapping = _mapping(fields, path)
    if problems:
        raise UnreadableError(min(problems, key=lambda problem: problem.line))
    return mapping


def _mapping(fields: Fields, path: Path) -> Mapping:
    fields.only(
        *("name", "source", "columns", "values", "otherwise", "dates", "amounts", "currency", "stage"),
        *("partners", "programme"),
    )
    columns = _texts(fields, "columns")
    _check_columns(fields, columns)
    dates, amounts, partners = (_within(fields, name) for name in ("dates", "amounts", "partners"))
    dates.only("format", "zone")
    amounts.only("decimals", "negative")
    partners.only("create", "timezone", "kind")
    source = fields.text("source", None)
    if source == OURS or len(source) > 40:
        fields.wrong(f"“source” has at most 40 letters and is not “{OURS}”, which is ours.", "source")
    return Mapping(
        name=fields.text("name") or path.stem,
        source=source,
        columns=columns,
        values=_values(fields),
        otherwise=_texts(fields, "otherwise"),
        date_format=dates.text("format", "%Y-%m-%d"),
        zone=_zone(dates, "zone"),
        decimals=_decimals(amounts),
        negative_is_credit=_one_of(amounts, "negative", "refused", "credit") == "credit",
        currency=_currency(fields, columns),
        stage=_stage(fields, columns),
        creates_partners=partners.flag("create"),
        partner_timezone=str(_zone(partners, "timezone")),
        partner_kind=_one_of(partners, "kind", "company", "freelancer"),
        programme=_programme(fields, path, creates=partners.flag("create")),
    )


def _check_columns(fields: Fields, columns: Dict[str, str]) -> None:
    filled = [field for field in columns.values() if field]
    for field in filled:
        if field not in FIELDS:
            fields.wrong(f"“{field}” is no field of a deal. Fields are {', '.join(FIELDS)}.", "columns")
    for field in NEEDED:
        if filled.count(field) != 1:
            fields.wrong(f"Exactly one column must fill “{field}”.", "columns")
    for field in FIELDS:
        if field not in NEEDED and filled.count(field) > 1:
            fields.wrong(f"Two columns fill “{field}”.", "columns")


def _within(fields: Fields, name: str) -> Fields:
    return fields.within(name) or Fields(fields.file, Named(fields.line(name)), fields.problems)


def _texts(fields: Fields, name: str) -> dict[str, str]:
    """A mapping of plain texts; nothing is the empty text."""
    within = fields.within(name)
    if within is None:
        return {}
    for key, node in within.node.nodes.items():
        if not isinstance(node, Scalar):
            within.wrong(f"“{key}” is a single text.", key)
    return {key: within.text(key) for key in within.node.nodes}


def _values(fields: Fields) -> dict[str, dict[str, str]]:
    within = fields.within("values")
    if within is None:
        return {}
    within.only(*FIELDS)
    return {field: _texts(within, field) for field in within.node.nodes}


def _zone(fields: Fields, name: str) -> ZoneInfo:
    text = fields.text(name, "UTC")
    if text in time_zones():
        return ZoneInfo(text)
    fields.wrong(f"“{text}” is not a time zone; write one such as Europe/London.", name)
    return ZoneInfo("UTC")


def _decimals(fields: Fields) -> int:
    decimals = fields.number("decimals", 2)
    if not 0 <= decimals <= MOST_DECIMALS:
        fields.wrong(f"“decimals” is from 0 to {MOST_DECIMALS}.", "decimals")
    return decimals


def _one_of(fields: Fields, name: str, usual: str, *others: str) -> str:
    text = fields.text(name, usual)
    if text not in (usual, *others):
        fields.wrong(f"“{name}” is {' or '.join((usual, *others))}, not “{text[:40]}”.", name)
    return text


def _currency(fields: Fields, columns: Dict[str, str]) -> str:
    text = fields.text("currency")
    if not text and "currency" not in columns.values():
        fields.wrong("Name the currency, or the column that holds it.", "currency")
    if text and not (len(text) == 3 and text.isupper() and is_currency(text)):
        fields.wrong(f"“{text[:40]}” is not a currency; write a code such as GBP.", "currency")
    return text


def _stage(fields: Fields, columns: Dict[str, str]) -> str:
    text = fields.text("stage")
    if not text and "stage" not in columns.values():
        fields.wrong("Name the stage of every deal, or the column that holds it.", "stage")
    if text and text not in list(Stage):
        fields.wrong(f"“{text[:40]}” is not a stage; stages are {', '.join(Stage)}.", "stage")
    return text


def _programme(fields: Fields, path: Path, *, creates: bool) -> ProgrammeFile | None:
    name = fields.text("programme")
    if not name:
        if creates:
            fields.wrong("New partners need a programme: name the file of its plan.", "programme")
        return None
    file = path.parent / name
    if not file.is_file():
        fields.wrong(f"There is no file {name} beside the mapping.", "programme")
        return None
    try:
        return _read_programme(yaml.safe_load(decoded(name, file.read_bytes())))
    except (PlanError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        fields.wrong(f"{name} is no programme: {reason}", "programme")
        return None


def _read_programme(written: Any) -> ProgrammeFile:
    programme, plan = written["programme"], written["plan"]
    zone = str(programme["timezone"])
    parsed = parse_plan(plan, reference=f"{programme['slug']}-1", zone=zone)
    begins = datetime.fromisoformat(str(written["begins"]))
    return ProgrammeFile(
        slug=str(programme["slug"]),
        name=str(programme["name"]),
        timezone=zone,
        clock=Clock(programme.get("clock", Clock.LIVE)).value,
        begins=begins.astimezone(UTC) if begins.tzinfo else begins.replace(tzinfo=parsed.zone).astimezone(UTC),
        reason=str(written.get("reason", "It came with an import.")),
        written=plan,
        plan=parsed,
    )
