"""Every check of the project in one go: style, types, the ladder, all tests, and coverage where it is a gate.

`python tools/check.py` runs them all; with names, only those: `python tools/check.py style types`.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
DECIDING = ",".join(
    f"academy/{depth}{name}.py" for depth in ("*/", "*/*/", "*/*/*/") for name in ("rules", "access", "actions")
)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHECKS: dict[str, Sequence[Sequence[str]]] = {
    "style": [["ruff", "check", "--quiet", "."], ["ruff", "format", "--check", "--quiet", "."]],
    "types": [["mypy", "academy", "tests", "tools", "benchmarks"]],
    "ladder": [["lint-imports", "--no-logo"]],
    "migrations": [["python", "-m", "academy.cli", "manage", "makemigrations", "--check", "--dry-run"]],
    "sizes": [["python", "tools/largest.py"]],
    "tests": [
        ["coverage", "erase"],
        ["coverage", "run", "-m", "pytest", "-n", str(os.cpu_count() or 2), "--dist", "loadgroup"],
        ["coverage", "combine", "--quiet"],
        ["coverage", "report", f"--include={DECIDING}", "--skip-covered", "--fail-under=100"],
    ],
}


def environment() -> dict[str, str]:
    """A data folder of its own, so that checks never touch a running academy, and the browser that was found."""
    folder = ROOT / "var" / "check"
    found = {"ACADEMY_DATA_DIR": str(folder), "ACADEMY_ENV": "test", "ACADEMY_CHROMIUM": chromium() or ""}
    return {**os.environ, **found}


def chromium() -> str | None:
    """The browser for the tests that need one: the one that is named, or the first that is installed."""
    return os.environ.get("ACADEMY_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def run(name: str) -> bool:
    """Run one check, its output as it comes; whether it passed. Every step runs, whatever the one before it said."""
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    codes = [
        subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, env=environment(), check=False).returncode
        for command in CHECKS[name]
    ]
    passed = not any(codes)
    print(f"== {name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - began:.0f} s", flush=True)
    return passed


def say_about_chromium() -> None:
    """Say at the start what will be skipped, and the line that mends it."""
    if not chromium():
        print(
            "No Chromium was found, so the tests in a browser are skipped. On Debian: apt-get install chromium. "
            "Elsewhere set ACADEMY_CHROMIUM to its path."
        )


def main() -> int:
    """Run the named checks, or all."""
    say_about_chromium()
    names = sys.argv[1:] or list(CHECKS)
    failed = [name for name in names if not run(name)]
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nEverything passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
