"""The wheel: it carries all that is served, and runs where there is no checkout."""

import json
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from .conftest import House, running

ROOT = Path(__file__).parents[2]
CALL = """
import json
from academy.demo import content
from tests.server.holder import a_holder
print(json.dumps(a_holder() | {"module": content.__file__, "content": str(content.folder())}))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, unpacked. Nothing is fetched for it, and nothing is written into the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder, ROOT], check=True, capture_output=True, text=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(folder / "elsewhere")
    return folder / "elsewhere"


def test_it_serves_pages_styles_typeface_and_papers(package: Path, tmp_path: Path) -> None:
    elsewhere = House(tmp_path / "var", package)
    code, _, err = elsewhere.run("migrate")
    assert code == 0, err
    code, out, err = elsewhere.run("manage", "shell", "--no-imports", "-c", CALL, PYTHONPATH=f"{package}:{ROOT}")
    assert code == 0, err
    made = json.loads(out.splitlines()[-1])
    assert [Path(made[name]).is_relative_to(package) for name in ("module", "content")] == [True, True]
    with running(elsewhere) as academy:
        address = f"http://localhost:{academy.port}"
        page = fetch(f"{address}/accounts/login/").decode()
        (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
        fonts = set(re.findall(r"url\(\"?([^)\"]+\.woff2)", fetch(address + style).decode()))
        assert fonts
        for font in fonts:
            assert fetch(f"{address}/static/{font.removeprefix('/static/')}")[:4] == b"wOF2"
        for script in re.findall(r'<script type="module" src="([^"]+)"', page):
            assert fetch(address + script)
        paper = f"{address}/certificates/{made['serial']}/certificate.pdf"
        assert fetch(paper, cookie=made["cookie"])[:5] == b"%PDF-"


def fetch(address: str, *, cookie: str = "") -> bytes:
    """What lies at an address; an error where nothing does."""
    with urlopen(Request(address, headers={"Cookie": cookie} if cookie else {}), timeout=20) as answer:
        body: bytes = answer.read()
        return body


def test_it_is_not_built_without_the_typeface(tmp_path: Path) -> None:
    """As in a fresh clone, where nobody has run tools/frontend.py yet."""
    missing_in: Callable[[Path], str] = runpy.run_path(str(ROOT / "tools" / "wheel.py"))["missing_in"]
    assert missing_in(ROOT) == ""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "frontend.py", tmp_path / "tools")
    assert missing_in(tmp_path) == "academy/web/static/vendor/bricolage.woff2"
    hook: Any = runpy.run_path(str(ROOT / "tools" / "wheel.py"))["Complete"](str(tmp_path), {}, None, None, "", "wheel")
    hook.initialize("editable", {})
    with pytest.raises(SystemExit, match=r"bricolage.woff2 is missing in "):
        hook.initialize("standard", {})
