"""Which tables a path holds and how each is read: as told, by a mapping beside it, or by its columns."""

from pathlib import Path

from academy.core.errors import Refused
from academy.integrations.catalogue.files import UnreadableError
from academy.integrations.deals.mapping import Mapping, find_mapping, read_mapping, shipped
from academy.integrations.deals.reading import header_of


def find_tables(path: Path, name: str | None) -> list[tuple[Path, Mapping]]:
    """The tables of a path, each with its mapping; of a folder every .csv file that something says how to read.

    Raises Refused where there is none, UnreadableError for a mapping or first line that cannot be read.
    """
    if not path.exists():
        raise Refused(f"There is nothing at {path}.")
    named = find_mapping(name) if name else None
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    found = [(file, named or _mapping_of(file)) for file in files]
    tables = [(file, mapping) for file, mapping in found if mapping is not None]
    if not tables:
        known = ", ".join(shipped())
        raise Refused(f"Nothing says how to read {path.name}. Name a mapping: --map FILE, or one of these: {known}.")
    return tables


def holds_deals(folder: Path) -> bool:
    """Whether a folder has a table that something says how to read. One that cannot be read counts: it is told then."""
    try:
        return any(_mapping_of(file) is not None for file in folder.glob("*.csv"))
    except UnreadableError:
        return True


def _mapping_of(file: Path) -> Mapping | None:
    for beside in (file.with_suffix(".yaml"), file.parent / "deals.yaml"):
        if beside.is_file():
            return read_mapping(beside)
    header = header_of(file)
    mappings = (find_mapping(name) for name in shipped())
    return next((mapping for mapping in mappings if mapping.recognises(header)), None)
