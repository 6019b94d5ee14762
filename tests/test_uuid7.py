"""Ids: the layout of RFC 9562."""

import itertools
from uuid import RFC_4122, UUID

from reconciler.uuid7 import uuid7


def test_the_time_stands_in_front() -> None:
    made = uuid7(lambda: 0x017F22E279B0, lambda count: b"\xff" * count)
    assert UUID(bytes=made) == UUID("017f22e2-79b0-7fff-bfff-ffffffffffff")


def test_version_and_variant_stand_whatever_chance_says() -> None:
    made = UUID(bytes=uuid7(lambda: 0, bytes))
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int == 7 << 76 | 1 << 63


def test_later_ids_are_larger() -> None:
    clock = itertools.count(1_700_000_000_000)
    made = [uuid7(lambda: next(clock)) for _ in range(100)]
    assert made == sorted(made)
    assert len(set(made)) == 100
