"""The command line that scripts and outside checks rely on: every form of it, with what it prints."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from academy.cli import app
from academy.core import clock
from academy.integrations.catalogue import export_catalogue
from academy.people.accounts.models import Person
from academy.programme.commissions.models import CommissionLine

from ..factories import a_member, a_partner, a_person
from ..integrations.deals.tables import Told, a_table
from ..worlds import a_course_draft, a_world, publish, win

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
REPORT = {"added", "changed", "archived", "unchanged", "refused", "counts"}
NO_MAPPING = {
    "catalogue": "Only deals are read by a mapping. A catalogue is recognised by its own form: leave --map out.\n",
    "people": (
        "Only deals are read by a mapping. People are read by the columns email, partner, name, role: "
        "leave --map out.\n"
    ),
}


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout, stderr, as a script sees them: with no terminal."""
    done = CliRunner().invoke(app, [str(one) for one in arguments], prog_name="academy")
    return done.exit_code, done.stdout, done.stderr


def made(*arguments: str) -> str:
    """The last command that `make` would run."""
    if not (make := shutil.which("make")):
        pytest.skip("make is not installed")
    # Asked by itself: under `make test` it would take itself for a part of that, and say where it comes and goes.
    alone = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    told = subprocess.run([make, "-n", *arguments], cwd=ROOT, env=alone, check=True, capture_output=True, text=True)
    return " ".join(told.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        ((), "academy demo --port 8000"),
        (("PORT=8001", "IMPORT=two words", "FRESH=1"), "academy demo --port 8001 --import 'two words' --fresh"),
        (("IMPORT=it's", "FRESH=0"), r"academy demo --port 8000 --import 'it'\''s'"),
        (("FRESH=no",), "academy demo --port 8000"),
    ],
)
def test_make_demo(given: tuple[str, ...], runs: str) -> None:
    assert made("demo", *given) == f".venv/bin/{runs}"


def test_make_test_and_make_bench() -> None:
    assert (made("test"), made("bench")) == (".venv/bin/python tools/check.py", ".venv/bin/python -m benchmarks")


def test_token_create() -> None:
    a_person(email="ada@example.com")
    for scopes in ((), ("--scope", "read", "--scope", "live")):
        code, out, err = run("token", "create", "--user", "ada@example.com", *scopes)
        assert (code, out[:5], out.count("\n"), err) == (0, "siso_", 1, "")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Something to import of each sort."""
    publish(a_course_draft(), now=clock.now())
    export_catalogue(tmp_path / "courses", by=None)
    a_partner(name="Anchor", slug="anchor")
    (tmp_path / "people.csv").write_text("email,partner,name,role\nmia@example.com,anchor,Mia,member\n")
    sales = a_table(tmp_path / "sales.csv", [Told("1")])
    return {"catalogue": tmp_path / "courses", "deals": sales, "people": tmp_path / "people.csv"}


@pytest.mark.parametrize("what", ["catalogue", "deals", "people"])
def test_import(files: dict[str, Path], what: str) -> None:
    mapped = ("--map", "gcloud") if what == "deals" else ()
    for told in (("--dry-run", "--json"), ("--json",)):
        code, out, _ = run("import", what, files[what], *mapped, *told)
        report: dict[str, Any] = json.loads(out)
        assert (code, REPORT - set(report), report["refused"]) == (0, set(), [])
    assert run("import", what, files[what], *mapped)[0] == 0
    if what in NO_MAPPING:
        assert run("import", what, files[what], "--map", "mine.yaml") == (1, "", NO_MAPPING[what])


HEADERS = {
    "catalogue": "kind,slug,title,minutes,level,language,skills,tags,source,source_id",
    "deals": "source,external_id,partner,",
    "lines": "source,external_id,partner,effective_at,amount,currency,rate,commission,kind,tier,plan_version",
    "people": "email,name,partner,role,language,timezone",
}


@pytest.mark.parametrize("what", HEADERS)
def test_export(tmp_path: Path, what: str) -> None:
    win(a_world(clock.now()).partner, 100_000, at=clock.now())
    code, out, err = run("export", what)
    assert (code, out.startswith(HEADERS[what]), err) == (0, True, "")
    assert len(out.splitlines()) > 1
    file = tmp_path / f"{what}.csv"
    lines = len(out.splitlines()) - 1
    assert run("export", what, "--csv", file) == (0, "", f"{lines} lines written to {file}.\n")
    assert file.read_text().splitlines() == out.splitlines()


def test_export_of_a_catalogue_as_a_folder(tmp_path: Path) -> None:
    publish(a_course_draft(), now=clock.now())
    assert run("export", "catalogue", tmp_path / "all") == (0, f"Written to {tmp_path / 'all'}.\n", "")
    assert run("export", "catalogue")[1].splitlines()[1:] == ["course,course,Course,16,,en,,,test,course"]
    assert run("export", "catalogue", tmp_path / "more", "--csv", tmp_path / "list.csv") == (
        1,
        "",
        "A folder holds the whole catalogue, a CSV file its list. Name one of them.\n",
    )


def test_verify() -> None:
    a_world(clock.now())
    for how in ((), ("--deep",)):
        code, out, _ = run("verify", *how, "--json")
        told = json.loads(out)
        assert (code, told["differences"], set(told)) == (0, [], {"partners", "facts", "differences", "overdue"})
        assert run("verify", *how)[0] == 0


def test_explain() -> None:
    win(a_world(clock.now()).partner, 100_000, at=clock.now())
    code, out, err = run("explain", str(CommissionLine.objects.get().pk))
    assert (code, "£100.00" in out, err) == (0, True, "")


def test_doctor() -> None:
    """Nothing runs here, which it says. Backup and restore have a file of their own, with a database of their own."""
    code, out, _ = run("doctor")
    assert (code, "mend worker: none runs\n       academy serve\n" in out) == (1, True)
    assert {one["check"] for one in json.loads(run("doctor", "--json")[1])} >= {"database", "mail queue", "address"}


def test_person_export_and_erase() -> None:
    anna = a_member(person=a_person(email="anna@example.com")).person
    code, out, err = run("person", "export", "anna@example.com")
    assert (code, json.loads(out)["person"]["email"], err) == (0, "anna@example.com", "")
    assert run("person", "erase", "anna@example.com") == (0, "Forgotten.\n", "")
    assert Person.objects.get(pk=anna.pk).email == f"{anna.pk}@erased.invalid"
