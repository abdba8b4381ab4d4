"""Identifiers: in the order of time, lasting, or unguessable."""

import re
import time
from uuid import UUID

from academy.core.ids import SERIAL_ALPHABET, lasting_id, new_serial, uuid7


def test_a_key_says_its_version_and_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    key = uuid7()
    after = time.time_ns() // 1_000_000
    assert (key.version, key.variant) == (7, "specified in RFC 4122")
    assert before <= key.int >> 80 <= after


def test_keys_are_their_own() -> None:
    assert len({uuid7() for _ in range(1000)}) == 1000


def test_the_same_names_have_the_same_id_for_ever() -> None:
    assert lasting_id("credential", "pricing") == UUID("b1fe91c6-b91e-5f4b-ae54-964b0dae53e3")
    assert lasting_id("a", "bc") != lasting_id("ab", "c")


def test_a_serial_can_be_read_out_over_the_phone() -> None:
    serials = {new_serial() for _ in range(1000)}
    pattern = re.compile(rf"[{SERIAL_ALPHABET}]{{4}}-[{SERIAL_ALPHABET}]{{4}}-[{SERIAL_ALPHABET}]{{4}}")
    assert len(serials) == 1000
    assert all(pattern.fullmatch(serial) for serial in serials)
    assert not set("ILOU") & set(SERIAL_ALPHABET)
