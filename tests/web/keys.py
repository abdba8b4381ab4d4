"""A passkey as it stands in the database after somebody made one. It is real, but nobody holds its private half."""

import json
from hashlib import sha256

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from academy.people.accounts.models import Person


def a_passkey(person: Person, name: str = "My phone") -> Authenticator:
    """Give a person a passkey."""
    credential = person.pk.bytes + name.encode()
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())  # type: ignore[no-untyped-call]
    held = AttestedCredentialData.create(Aaguid.NONE, credential, public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(sha256(b"localhost").digest(), flags, 0, bytes(held))
    client = {"type": "webauthn.create", "challenge": "AAAA", "origin": "http://localhost"}
    said = {
        "id": websafe_encode(credential),
        "rawId": websafe_encode(credential),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(client).encode()),
            "attestationObject": websafe_encode(bytes(AttestationObject.create("none", data, {}))),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    return Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": said}
    )
