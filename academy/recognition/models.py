"""The chapter's tables, where Django looks for them."""

from academy.recognition.certificates.models import Certificate
from academy.recognition.credentials.models import Credential, CredentialVersion

__all__ = ["Certificate", "Credential", "CredentialVersion"]
