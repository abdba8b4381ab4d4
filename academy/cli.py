"""The command line. Every command prepares the database and Django first; what it needs is imported
only then.
"""

import sys
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer

from academy.core import clock
from academy.core.errors import NotFound, Refused
from academy.operations import commands as operations
from academy.operations import exchange
from academy.server import commands as running
from academy.server import terminal
from academy.server.entry import prepare
from academy.server.terminal import out, told

app = typer.Typer(
    name="academy",
    help="SISO Academy: a partner academy that pays.",
    epilog="Begin with: academy demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
token = typer.Typer(
    help="Bearer tokens, by which programs act for a person.",
    epilog="Example: academy token create --user partner@demo.academy",
    no_args_is_help=True,
)
person = typer.Typer(
    help="People: enter staff, tell what is held of somebody, forget somebody.",
    epilog="Example: academy person export anna@example.com > anna.json",
    no_args_is_help=True,
)
mail = typer.Typer(
    help="Mail that does not arrive: take note of it, see it.",
    epilog="Example: academy mail returned",
    no_args_is_help=True,
)
app.add_typer(running.app)
app.add_typer(operations.app)
app.add_typer(token, name="token")
app.add_typer(exchange.app)
app.add_typer(exchange.importing, name="import")
app.add_typer(exchange.exporting, name="export")
app.add_typer(person, name="person")
app.add_typer(mail, name="mail")

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, for programs.")]
Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]


# -- people and tokens


@token.command("create", epilog="Example: academy token create --user partner@demo.academy --scope read --scope live")
def create_token(
    user: Annotated[str, typer.Option(help="The e-mail address of the person it acts for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may do; without any, all that the person may.")
    ] = None,
    label: Annotated[str, typer.Option(help="What it is for, shown in the profile.")] = "made on the command line",
) -> None:
    """Make a token and print its secret, and nothing else, on stdout. It is told this once."""
    with told():
        prepare()
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415
        from academy.people.tokens import actions  # noqa: PLC0415

        made = actions.create_token(_person(user), by=THE_HOUSE, now=clock.now(), label=label, scopes=scope or ())
        sys.stdout.write(f"{made.secret}\n")


def _person(email: str) -> UUID:
    from academy.people.accounts.queries import person_by_address  # noqa: PLC0415

    found = person_by_address(email)
    if found is None:
        raise NotFound(f"Nobody here has the address {email}.")
    return found.pk


@person.command("create", epilog="Example: academy person create ada@example.com --name Ada --staff administrator")
def create_person(
    email: Email,
    staff: Annotated[list[str], typer.Option(help="expert, curator, manager, finance or administrator.")],
    name: Annotated[str, typer.Option(help="The name that others see.")] = "",
) -> None:
    """Enter somebody of the house.

    They then sign in by a code that is sent by mail. Partners' people are invited instead.
    """
    with told():
        prepare()
        from academy.people.accounts import actions  # noqa: PLC0415
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415

        shown = name or email.partition("@")[0]
        made = actions.create_person(email, by=THE_HOUSE, now=clock.now(), name=shown, roles=staff, verified=True)
        out.print(f"{made.email} may now sign in with a code sent to that address.", markup=False)


@person.command("roles", epilog='Example: academy person roles ada@example.com --give finance --reason "Closes months"')
def change_roles(
    email: Email,
    give: Annotated[list[str] | None, typer.Option(help="A staff role to give; may be repeated.")] = None,
    take: Annotated[list[str] | None, typer.Option(help="A staff role to take; may be repeated.")] = None,
    reason: Annotated[str, typer.Option(help="Why; finance and administrator need one. The person reads it.")] = "",
) -> None:
    """Give staff roles to somebody who is entered already, or take them. Without either, print them.

    The same as the staff room does. This is also how the first administrator is made.
    """
    with told():
        prepare()
        from academy.people.accounts.queries import actor_of  # noqa: PLC0415
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415
        from academy.people.roles.actions import set_roles  # noqa: PLC0415

        wanted = _person(email)
        if give or take:
            held = actor_of(wanted).roles
            roles = sorted((held | set(give or ())) - set(take or ()))
            set_roles(wanted, roles, reason=reason, by=THE_HOUSE, now=clock.now())
        out.print(", ".join(sorted(actor_of(wanted).roles)) or "No staff role.", markup=False)


@person.command("forget-second-step", epilog="Example: academy person forget-second-step anna@example.com")
def forget_second_step(
    email: Email, yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False
) -> None:
    """Take away the authenticator app, recovery codes and passkeys that somebody lost.

    They sign in by password or mailed code from then on, and are told by mail.
    """
    with told():
        prepare()
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415
        from academy.people.second_steps.actions import forget_second_step as forget  # noqa: PLC0415

        wanted = _person(email)
        if not yes and not typer.confirm(f"Remove every second step of {email}?", err=True):
            raise Refused("Nothing was changed.")
        forget(wanted, by=THE_HOUSE, now=clock.now())
        out.print(f"Removed. {email} signs in without a second step now, and is told by mail.", markup=False)


@person.command("export", epilog="Example: academy person export anna@example.com > anna.json")
def export_person(email: Email) -> None:
    """Print all that is held of a person, as JSON."""
    with told():
        prepare()
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415
        from academy.people.privacy.queries import export_person as held  # noqa: PLC0415

        terminal.print_json(held(THE_HOUSE, _person(email)))


@person.command("erase", epilog="Example: academy person erase anna@example.com")
def erase_person(
    email: Email, yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False
) -> None:
    """Forget who somebody was, for ever.

    What happened stays, under a bare id; money and evidence still agree. At a terminal it asks whether you are sure.
    """
    with told():
        prepare()
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415
        from academy.people.privacy.actions import erase_person as erase  # noqa: PLC0415

        wanted = _person(email)
        asks = sys.stdin.isatty() and not yes
        if asks and not typer.confirm(f"Forget {email} for ever?", err=True):
            raise Refused("Nothing was changed.")
        erase(wanted, by=THE_HOUSE, now=clock.now())
        out.print("Forgotten.")


# -- mail


@mail.command("bounced", epilog='Example: academy mail bounced anna@example.com --reason "550 no such box"')
def mail_bounced(
    address: Annotated[str, typer.Argument(help="The address whose mail came back.")],
    reason: Annotated[str, typer.Option(help="What was said of it; the person reads it.")] = "",
    works: Annotated[bool, typer.Option("--works", help="Take it back: the address works after all.")] = False,
) -> None:
    """Take a mail provider's word that mail to an address comes back.

    With --works, that it arrives after all. A provider's webhook calls POST /api/v1/mail/returns instead.
    """
    with told():
        prepare()
        from academy.notifications.returns import actions  # noqa: PLC0415
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415

        if works:
            known = actions.clear_return(THE_HOUSE, address)
            out.print(f"Mail goes to {address} again." if known else f"Nothing was known against {address}.")
            return
        actions.report_return(THE_HOUSE, address, reason=reason, now=clock.now())
        out.print(f"Noted. The person at {address} sees it, and is mailed only what must be mailed.", markup=False)


@mail.command("returned", epilog="Example: academy mail returned")
def mail_returned(json: Json = False) -> None:
    """List the addresses whose mail comes back or waits after a failed try, with what was said."""
    with told():
        prepare()
        from academy.notifications.returns.queries import failing  # noqa: PLC0415
        from academy.people.permissions.rules import THE_HOUSE  # noqa: PLC0415

        lines = failing(THE_HOUSE)
        if json:
            terminal.print_json([asdict(line) for line in lines])
            return
        for line in lines:
            state = "comes back" if line.comes_back else "is tried again"
            out.print(f"{line.address} {state} since {line.since:%Y-%m-%d}: {line.reason}", markup=False)
        if not lines:
            out.print("Every mail arrives.")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog="Example: academy manage showmigrations",
)
def manage(context: typer.Context) -> None:
    """Pass a command on to Django's own management."""
    with told():
        prepare(may_be_empty=True)
        from django.core.management import execute_from_command_line  # noqa: PLC0415

        execute_from_command_line(["academy manage", *context.args])


def main(arguments: list[str] | None = None) -> Any:
    """The entry point: exit code 0, 1 for what was refused, 2 for what was not understood."""
    return app(args=arguments, prog_name="academy")


if __name__ == "__main__":
    main()
