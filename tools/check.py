"""Every check of the project in one go: style, types, the ladder, all tests, and coverage where it is a gate.

`python tools/check.py` runs them all; with names, only those: `python tools/check.py style types`.
"""

import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
DECIDING = ",".join(
    f"academy/{depth}{name}.py" for depth in ("*/", "*/*/", "*/*/*/") for name in ("rules", "access", "actions")
)

CORES = str(os.cpu_count() or 2)
TOLD = ROOT / "var" / "check" / "tests.xml"
"""What became of each test, as pytest writes it."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHECKS: dict[str, Sequence[Sequence[str]]] = {
    "style": [["ruff", "check", "--quiet", "."], ["ruff", "format", "--check", "--quiet", "."]],
    "types": [["mypy", "academy", "tests", "tools", "benchmarks"]],
    "ladder": [["lint-imports", "--no-logo"]],
    "migrations": [["python", "-m", "academy.cli", "manage", "makemigrations", "--check", "--dry-run"]],
    "sizes": [["python", "tools/largest.py"]],
    "tests": [
        ["coverage", "erase"],
        ["coverage", "run", "-m", "pytest", f"--junitxml={TOLD}", "-n", CORES, "--dist", "loadgroup"],
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


def not_tried(told: Path) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The tests that were skipped: by reason, and of each file of tests. Nothing where no test was run."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    cases = ElementTree.parse(told).iter("testcase") if told.exists() else ()  # noqa: S314 - pytest has just written it
    for case in cases:
        skipped = case.find("skipped")
        if skipped is not None and skipped.get("type") == "pytest.skip":
            found[skipped.get("message", "")][case.get("classname", "")].append(case.get("name", ""))
    return found


def say_what_was_not_tried(found: Mapping[str, Mapping[str, Sequence[str]]]) -> int:
    """Name every skipped test with its reason, so that a green run hides nothing; how many there are."""
    count = sum(len(names) for files in found.values() for names in files.values())
    if count:
        print(f"\n{'!' * 80}\nNOT TRIED: {counted(count)} skipped, so nothing here says whether that works.")
    for reason, files in found.items():
        print(f"\n  {reason}")
        for file, names in sorted(files.items()):
            print(f"    {file}: {', '.join(once(names))}")
    if count:
        print("!" * 80)
    return count


def counted(count: int) -> str:
    """So many tests, with their verb."""
    return "1 test was" if count == 1 else f"{count} tests were"


def once(names: Sequence[str]) -> list[str]:
    """Each test once, with how many cases of it there are."""
    tests = [name.partition("[")[0] for name in names]
    return [f"{name} ({tests.count(name)})" if tests.count(name) > 1 else name for name in dict.fromkeys(tests)]


def main() -> int:
    """Run the named checks, or all."""
    say_about_chromium()
    TOLD.unlink(missing_ok=True)
    names = sys.argv[1:] or list(CHECKS)
    failed = [name for name in names if not run(name)]
    count = say_what_was_not_tried(not_tried(TOLD))
    good = f"Everything that was tried passed; {counted(count)} not." if count else "Everything passed."
    print(f"\nFailed: {', '.join(failed)}" if failed else f"\n{good}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
