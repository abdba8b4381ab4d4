"""How sign-in (django-allauth) behaves here: closed to strangers, six-digit codes, and mail in our own
words.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.core import clock, sealing
from academy.core.errors import Conflict
from academy.people.accounts import access, actions, queries
from academy.people.accounts.models import Person


def sign_in_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign in whoever pressed the button behind a mailed link, and answer with where to go on.

    A second factor is still asked for. Raises NotFound or Conflict with what to do about the link. To be
    called for POST only: mail scanners open every link.
    """
    return sign_in(request, access.person_by_link(secret, now=clock.now()), method="code")


def sign_in(request: HttpRequest, person: Person, *, method: str) -> HttpResponse:
    """Sign in somebody who has just shown, by `method`, who it is; answers with where to go on.

    `method` is `code` for a mailed link, `invitation` for its first use, `demo` for the demo's buttons. A second
    factor is still asked for. `next` in the request leads on to a page of ours, else Home does.
    """
    # Whoever has just come into being has nothing yet by which to show once more who it is.
    is_new = method == "invitation"
    record_authentication(request, person, method=method, email=person.email, reauthenticated=is_new)
    response: HttpResponse = perform_login(request, person, email=person.email)
    return response


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What allauth asks us about accounts. Everything not said here is its default."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("That address and password do not belong together."),
        "incorrect_code": gettext_lazy("That is not the code. Look again, or send a new one."),
        "incorrect_password": gettext_lazy("That is not your password."),
        "enter_current_password": gettext_lazy("That is not your present password."),
        "invalid_password_reset": gettext_lazy("This link was used already, or is too old. Ask for a new one."),
        "too_many_login_attempts": gettext_lazy("Too many attempts. Wait five minutes, then try again."),
        "rate_limited": gettext_lazy("A little too fast. Wait a minute, then try again."),
        "same_as_current": gettext_lazy("That is the address you have."),
        "email_taken": gettext_lazy("This address cannot be used. Take another one."),
        "duplicate_email": gettext_lazy("That is your address already."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation, on a page of our own."""
        return False

    def logout(self, request: HttpRequest) -> None:
        """End the session here and wherever it holds something open."""
        key = request.session.session_key
        super().logout(request)
        if key:
            actions.forget_session(key, now=clock.now())

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Leave a sentence for the next page, in our own words; nothing where that page says it already."""
        what = (message_template or "").rpartition("/")[2].removesuffix(".txt")
        if sentence := message or self._told(what, message_context or {}):
            super().add_message(request, level, extra_tags=extra_tags, message=sentence)

    def _told(self, what: str, context: dict[str, Any]) -> str:
        email = context.get("email", "")
        return {
            "cannot_delete_primary_email": _("You need one address. Add another one first."),
            "email_confirmation_failed": _("%(email)s cannot be confirmed.") % {"email": email},
            "email_confirmation_sent": _("A link is on its way to %(email)s.") % {"email": email},
            "email_confirmed": _("%(email)s is confirmed.") % {"email": email},
            "email_deleted": _("%(email)s was removed.") % {"email": email},
            "password_changed": _("Your password is changed. Sign in with the new one."),
            "password_set": _("Your password is set."),
            "primary_email_set": _("Your address is changed."),
            "unverified_primary_email": _("Confirm the address first."),
            "recovery_codes_generated": _("New recovery codes are made; the old ones no longer work."),
            "totp_activated": _("Your authenticator app is on."),
            "totp_deactivated": _("Your authenticator app is off."),
            "webauthn_added": _("Your passkey is ready. Use it the next time you sign in."),
            "webauthn_removed": _("The passkey is removed."),
            "sessions_logged_out": _("You are signed out everywhere else."),
        }.get(what, "")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write a message in our own words; it becomes a row through Django's mail backend."""
        subject, text = self._letter(template_prefix.rpartition("/")[2], email, context)
        EmailMessage(subject, text, to=[email]).send()

    def _letter(self, what: str, email: str, context: dict[str, Any]) -> tuple[str, str]:
        match what:
            case "login_code":
                return self._code_letter(email, str(context["code"]))
            case "password_reset_key":
                return _("Set a new password"), _(
                    "Hello,\n\nOpen this link to set a new password for SISO Academy:\n\n%(url)s\n\n"
                    "It works once. If you did not ask for it, do nothing: your password stays as it is.\n"
                ) % {"url": context["password_reset_url"]}
            case "email_confirmation" | "email_confirmation_signup":
                return _("Confirm your address"), _(
                    "Hello,\n\nOpen this link to confirm that this address is yours:\n\n%(url)s\n\n"
                    "If you do not know SISO Academy, do nothing.\n"
                ) % {"url": context["activate_url"]}
        return self._notice_letter(what)

    def _code_letter(self, email: str, code: str) -> tuple[str, str]:
        """Code and link in one message: the code for the page that waits, the link for any other device."""
        person = queries.person_by_address(email)
        if person is None:  # the address changed while the code was on its way
            return _("Your sign-in code"), _("Your code for SISO Academy is %(code)s.\n") % {"code": code}
        secret = access.link_secret(person, now=clock.now())
        words = {"code": code, "url": f"{settings.ORIGIN}/sign-in/{secret}/"}
        return _("%(code)s is your sign-in code") % words, _(
            "Hello,\n\nYour code for SISO Academy is\n\n    %(code)s\n\n"
            "Type it into the page that asks for it, or open this link and press the button there:\n\n%(url)s\n\n"
            "Both hold for 15 minutes. If you did not ask for them, do nothing.\n"
        ) % words

    def _notice_letter(self, what: str) -> tuple[str, str]:
        """What changed about somebody's sign-in, so that nobody changes it unnoticed."""
        happened = {
            "password_changed": _("Your password was changed."),
            "password_set": _("A password was set for your account."),
            "password_reset": _("Your password was reset."),
            "email_changed": _("Your e-mail address was changed."),
            "email_confirm": _("Your e-mail address was confirmed."),
            "email_deleted": _("An e-mail address was removed from your account."),
            "totp_activated": _("An authenticator app now protects your account."),
            "totp_deactivated": _("The authenticator app was removed from your account."),
            "recovery_codes_generated": _("New recovery codes were made; the old ones no longer work."),
            "webauthn_added": _("A passkey was added to your account."),
            "webauthn_removed": _("A passkey was removed from your account."),
        }.get(what, _("Somebody used your address at SISO Academy."))
        return happened.rstrip("."), _(
            "Hello,\n\n%(happened)s\n\nIf that was you, do nothing. If not, sign in at %(url)s, "
            "set a new password and end the sessions that you do not know.\n"
        ) % {"happened": happened, "url": settings.ORIGIN}


SEALED_FOR = "academy.people.second_step"


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What allauth asks us about second steps: their secrets lie sealed in the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("That is not the code of this moment. Wait for the next one and type it."),
        "unverified_email": gettext_lazy("Confirm your e-mail address first."),
        "add_email_blocked": gettext_lazy("Remove the second step first, then add an address."),
    }

    def encrypt(self, text: str) -> str:
        """Seal an authenticator app's key, or the seed of recovery codes, with the academy's secret key."""
        return sealing.seal(text, _keys(), purpose=SEALED_FOR)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again. Raises Conflict, with the way out, where the academy's secret key has changed since."""
        try:
            return sealing.unseal(encrypted_text, _keys(), purpose=SEALED_FOR)
        except sealing.UnreadableError:
            sentence = _(
                "This second step can no longer be checked. Use a passkey, or ask an administrator to remove it."
            )
            raise Conflict(sentence, code="second_step_unreadable") from None


def _keys() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
