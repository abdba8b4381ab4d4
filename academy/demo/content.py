"""Where the written academy lies, and how its plan and credentials are read."""

from pathlib import Path
from typing import Any

import yaml

PACKAGED = Path(__file__).parent / "content"
CHECKED_OUT = Path(__file__).parent.parent.parent / "content"


def folder() -> Path:
    """The folder of courses, plan, credentials and cast: inside the installed package, or beside it in a checkout."""
    return PACKAGED if PACKAGED.is_dir() else CHECKED_OUT


def read(name: str) -> Any:
    """One of the YAML files beside the courses."""
    with (folder() / name).open(encoding="utf-8") as file:
        return yaml.safe_load(file)
