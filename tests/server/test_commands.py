"""The command line, as a person and a script meet it."""

import json

import pytest
from allauth.mfa.models import Authenticator
from typer.testing import CliRunner

from academy.cli import app
from academy.people.roles.models import RoleChange

from ..factories import a_person


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    done = CliRunner().invoke(app, arguments, prog_name="academy")
    return done.exit_code, done.stdout, done.stderr


def test_staff_are_entered_and_a_token_is_alone_on_stdout(db: None) -> None:
    code, out, err = run("person", "create", "Ada@example.com", "--staff", "administrator")
    assert (code, out, err) == (0, "ada@example.com may now sign in with a code sent to that address.\n", "")
    code, out, err = run("token", "create", "--user", "ada@example.com", "--scope", "read", "--scope", "live")
    assert (code, out[:5], out.count("\n"), len(out), err) == (0, "siso_", 1, 46, "")

    assert run("token", "create", "--user", "ada@example.com", "--scope", "all") == (
        1,
        "",
        "“all” is not a scope.\n  scopes: Choose from the list.\n",
    )
    assert run("token", "create", "--user", "nobody@example.com") == (
        1,
        "",
        "Nobody here has the address nobody@example.com.\n",
    )
    code, out, err = run("person", "export", "ada@example.com")
    told = json.loads(out)
    assert (code, told["person"]["roles"], told["tokens"][0]["scopes"]) == (0, ["administrator"], ["live", "read"])


def test_roles_of_somebody_who_is_entered_are_changed(db: None) -> None:
    a_person(name="Ada", email="ada@example.com")
    assert run("person", "roles", "ada@example.com") == (0, "No staff role.\n", "")
    assert run("person", "roles", "ada@example.com", "--give", "administrator") == (
        1,
        "",
        (
            "Finance and administrator need a reason.\n"
            "  reason: Write why this person needs it. It is kept with the change.\n"
        ),
    )
    first = ("person", "roles", "ada@example.com", "--give", "administrator", "--give", "expert", "--reason", "First.")
    assert run(*first) == (0, "administrator, expert\n", "")
    assert run("person", "roles", "ADA@example.com", "--take", "expert") == (0, "administrator\n", "")
    assert run("person", "roles", "ada@example.com", "--take", "administrator") == (
        1,
        "",
        "The last administrator stays one. Make somebody else an administrator first.\n",
    )
    assert list(RoleChange.objects.order_by("asked_at", "id").values_list("role", "granted", "reason")) == [
        ("expert", True, "First."),
        ("administrator", True, "First."),
        ("expert", False, ""),
    ]


def test_a_second_step_is_forgotten_after_a_question(db: None) -> None:
    ada = a_person(name="Ada", email="ada@example.com")
    Authenticator.objects.create(user=ada, type="totp", data={"secret": "x"})
    assert run("person", "forget-second-step", "ada@example.com")[0] == 1
    assert Authenticator.objects.count() == 1
    assert run("person", "forget-second-step", "ada@example.com", "--yes") == (
        0,
        "Removed. ada@example.com signs in without a second step now, and is told by mail.\n",
        "",
    )
    assert Authenticator.objects.count() == 0
    assert run("person", "forget-second-step", "ada@example.com", "--yes") == (1, "", "Ada has no second step.\n")


def test_mail_that_came_back_is_noted_listed_and_taken_back(db: None) -> None:
    assert run("mail", "returned") == (0, "Every mail arrives.\n", "")
    code, said, _ = run("mail", "bounced", "Ada@example.com", "--reason", "550 no such box")
    assert (code, said) == (
        0,
        "Noted. The person at Ada@example.com sees it, and is mailed only what must be mailed.\n",
    )
    assert run("mail", "returned")[1].endswith(": 550 no such box\n")
    (line,) = json.loads(run("mail", "returned", "--json")[1])
    assert (line["address"], line["reason"], line["comes_back"]) == ("ada@example.com", "550 no such box", True)
    assert run("mail", "bounced", "ada@example.com", "--works")[1] == "Mail goes to ada@example.com again.\n"
    assert run("mail", "bounced", "ada@example.com", "--works")[1] == "Nothing was known against ada@example.com.\n"
    assert run("mail", "bounced", "nonsense")[0] == 1


def test_verify_prints_json_alone(db: None) -> None:
    code, out, _ = run("verify", "--deep", "--json")
    assert (code, json.loads(out)) == (0, {"partners": 0, "facts": 0, "differences": [], "overdue": 0})


def test_what_is_not_understood_is_two(db: None) -> None:
    assert [run("nonsense")[0], run("token", "create")[0], run("serve", "--port", "x")[0]] == [
        2,
        2,
        2,
    ]


def test_the_demo_is_refused_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACADEMY_ENV", "production")
    assert run("demo") == (
        1,
        "",
        "This is a production installation (ACADEMY_ENV=production); the demo has known passwords.\n",
    )


def test_fresh_is_refused_for_a_database_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///x")
    assert run("demo", "--fresh", "--port", "0") == (
        1,
        "",
        "DATABASE_URL names a database of your own; --fresh renews only the embedded one.\n",
    )


def test_management_is_passed_on(db: None) -> None:
    code, out, err = run("manage", "showmigrations", "journal", "--plan")
    assert (code, out.splitlines()[0], err) == (0, "[X]  journal.0001_initial", "")


@pytest.mark.parametrize("command", sorted(name for name in ("demo", "serve", "verify", "backup", "restore", "doctor")))
def test_each_command_explains_itself(command: str) -> None:
    code, out, err = run(command, "--help")
    assert (code, f"Usage: academy {command}" in out, err) == (0, True, "")


def test_every_command_has_a_help_text() -> None:
    groups = [app, *(group.typer_instance for group in app.registered_groups if group.typer_instance)]
    commands = [command for group in groups for command in group.registered_commands]
    assert len(commands) > 12
    assert [
        command.callback.__name__ for command in commands if command.callback and not command.callback.__doc__
    ] == []
    assert [
        command.callback.__name__
        for command in commands
        if command.callback and not (command.epilog or "").startswith("Example: ")
    ] == []
