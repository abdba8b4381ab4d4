"""What a package must not be built without: the files that tools/frontend.py fetches, which no repository holds.

Hatchling calls the hook at the beginning of each build; see pyproject.toml.
"""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Complete(BuildHookInterface[Any]):
    """Refuses to build a package that would lack something, and says what to do."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Look before anything is written. A working copy that is installed as it lies may be completed later."""
        if version == "editable":
            return
        if missing := missing_in(Path(self.root)):
            raise SystemExit(f"{missing} is missing in {self.root}. Run tools/frontend.py there, then build again.")


def missing_in(root: Path) -> str:
    """What is missing in a checkout, by its path in it; "" where everything is there."""
    frontend = runpy.run_path(str(root / "tools" / "frontend.py"))
    vendor: Path = frontend["VENDOR"]
    return next((str((vendor / name).relative_to(root)) for name in frontend["SERVED"].values()
                 if not (vendor / name).is_file()), "")  # fmt: skip
