"""Sealed secrets: opened by the key and for the purpose they were sealed with, and by nothing else."""

import pytest

from academy.core.sealing import UnreadableError, is_sealed, seal, unseal


def test_what_is_sealed_can_be_opened_by_its_key_and_for_its_purpose_only() -> None:
    sealed = seal("SECRET", ["new", "old"], purpose="steps")
    assert is_sealed(sealed)
    assert "SECRET" not in sealed
    assert unseal(sealed, ["new"], purpose="steps") == "SECRET"
    assert unseal(sealed, ["newest", "new"], purpose="steps") == "SECRET"
    for keys, purpose in ((["old"], "steps"), (["new"], "tokens")):
        with pytest.raises(UnreadableError):
            unseal(sealed, keys, purpose=purpose)


@pytest.mark.parametrize("text", ["", "SECRET", "sealed:", "sealed:nonsense", "sealed:é"])
def test_what_was_never_sealed_is_not_opened(text: str) -> None:
    with pytest.raises(UnreadableError):
        unseal(text, ["key"], purpose="steps")
