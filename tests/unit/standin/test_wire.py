"""Values through the wire format, byte by byte where Terraform decides the bytes."""

from __future__ import annotations

import copy

import msgpack
import pytest

from modules.rehearsal.standin.wire import UNKNOWN, decode, encode, is_known, without_unknown


@pytest.mark.parametrize(
    "value",
    [None, True, 0, 7, 1.5, "", "grüß", [], ["a", None], {}, {"a": {"b": [1, {"c": None}]}}, UNKNOWN, {"a": [UNKNOWN]}],
    ids=repr,
)
def test_what_goes_out_comes_back(value: object) -> None:
    assert decode(encode(value)) == value


@pytest.mark.parametrize(
    ("packed", "text", "value"),
    [
        (b"", b"", None),
        (b"", b'{"a": [1, null]}', {"a": [1, None]}),
        (b"\xc0", b'"the packed form wins"', None),
        (b"\xd4\x00\x00", b"", UNKNOWN),
        (msgpack.packb(msgpack.ExtType(12, b"\x81\x01\xc2")), b"", UNKNOWN),
    ],
)
def test_what_terraform_sends_is_read(packed: bytes, text: bytes, value: object) -> None:
    assert decode(packed, text) == value


def test_unknown_is_sent_as_terraform_sends_it() -> None:
    assert encode(UNKNOWN) == b"\xd4\x00\x00"


def test_there_is_one_unknown() -> None:
    assert copy.deepcopy({"a": [UNKNOWN]})["a"][0] is UNKNOWN
    assert repr(UNKNOWN) == "UNKNOWN"


def test_a_stranger_in_the_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="extension code 5"):
        decode(msgpack.packb(msgpack.ExtType(5, b"")))


def test_what_terraform_has_no_type_for_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no place"):
        encode({"a": object()})


@pytest.mark.parametrize(
    ("value", "known", "bare"),
    [
        (None, True, None),
        (UNKNOWN, False, None),
        ({"a": [1, {"b": UNKNOWN}]}, False, {"a": [1, {"b": None}]}),
        ({"a": ("x", UNKNOWN)}, False, {"a": ["x", None]}),
        ({"a": ["x"]}, True, {"a": ["x"]}),
    ],
)
def test_unknown_is_found_and_emptied_at_any_depth(value: object, known: bool, bare: object) -> None:
    assert is_known(value) is known
    assert without_unknown(value) == bare
