"""Secrets that have to be read again, sealed so that nobody reads them from the database alone, or from a backup."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MARK = "sealed:"


class UnreadableError(ValueError):
    """The text was sealed with none of these keys, or is damaged."""


def is_sealed(text: str) -> bool:
    """Whether a kept text is one of ours."""
    return text.startswith(MARK)


def seal(text: str, keys: Sequence[str], *, purpose: str) -> str:
    """Seal a text with the first of the keys. What is sealed for one purpose cannot be opened for another."""
    return MARK + _box(keys, purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, keys: Sequence[str], *, purpose: str) -> str:
    """The text again, by whichever of the keys it was sealed with. Raises UnreadableError."""
    if not is_sealed(sealed):
        raise UnreadableError("This was never sealed.")
    try:
        return _box(keys, purpose).decrypt(sealed.removeprefix(MARK)).decode()
    except (InvalidToken, ValueError):  # the latter where it is no base64 at all
        raise UnreadableError("None of the keys opens this.") from None


def _box(keys: Sequence[str], purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key, purpose)) for key in keys])


def _derived(key: str, purpose: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return urlsafe_b64encode(derived.derive(key.encode()))
