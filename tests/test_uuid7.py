"""Ids: the layout of RFC 9562."""

import itertools
from uuid import RFC_4122, UUID

from reconciler.uuid7 import uuid7, uuid7s


def test_the_time_stands_in_front() -> None:
    (made,) = uuid7s(1, lambda: 0x017F22E279B0, lambda count: b"\xff" * count)
    assert UUID(bytes=made) == UUID("017f22e2-79b0-7fff-bfff-ffffffffffff")


def test_version_and_variant_stand_whatever_chance_says() -> None:
    (made,) = uuid7s(1, lambda: 0, bytes)
    assert (UUID(bytes=made).version, UUID(bytes=made).variant) == (7, RFC_4122)
    assert UUID(bytes=made).int == 7 << 76 | 1 << 63


def test_each_of_many_has_bits_of_its_own() -> None:
    first, second = uuid7s(2, lambda: 0, lambda count: bytes(count // 2) + b"\xff" * (count // 2))
    assert UUID(bytes=first).int == 7 << 76 | 1 << 63
    assert UUID(bytes=second) == UUID("00000000-0000-7fff-bfff-ffffffffffff")
    assert uuid7s(0) == []


def test_later_ids_are_larger() -> None:
    clock = itertools.count(1_700_000_000_000)
    made = [uuid7s(1, lambda: next(clock))[0] for _ in range(100)]
    assert made == sorted(made)
    assert len({*made, uuid7(), uuid7()}) == 102
