"""What the fields of a payee profile are called, and countries by name."""

from django.utils.translation import gettext as _

from academy.programme.payees.rules import countries
from academy.web import formats


def field_names() -> dict[str, str]:
    """The fields in the order of the form."""
    return {
        "legal_name": _("Legal name"),
        "address": _("Address"),
        "country": _("Country"),
        "tax_number": _("Tax number"),
        "invoice_email": _("Address for remittance advice"),
        "provider_reference": _("Reference at the payment provider"),
    }


def country(code: str) -> str:
    """A country's name in the reader's language."""
    return str(formats.locale().territories.get(code, code))


def country_choices() -> list[tuple[str, str]]:
    """Every country by name, with an empty choice first."""
    named = sorted(((code, country(code)) for code in countries()), key=lambda one: one[1])
    return [("", _("Choose")), *named]
