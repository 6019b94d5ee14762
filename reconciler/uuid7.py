"""UUIDs of version 7 (RFC 9562): the time in front, so that they sort as they were made."""

import os
import time
from collections.abc import Callable

FIXED = 7 << 76 | 0b10 << 62
"""Version and variant."""

RANDOM = (1 << 12) - 1 << 64 | (1 << 62) - 1
"""The bits that are left to chance."""


def uuid7s(
    number: int,
    milliseconds: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    random: Callable[[int], bytes] = os.urandom,
) -> list[bytes]:
    """So many, of 16 bytes each: 48 bits of Unix time, the version, the variant, 74 random bits."""
    fixed, drawn = milliseconds() << 80 | FIXED, random(number * 10)
    pieces = (drawn[at : at + 10] for at in range(0, number * 10, 10))
    return [(int.from_bytes(piece, "big") & RANDOM | fixed).to_bytes(16, "big") for piece in pieces]


def uuid7() -> bytes:
    """One of them."""
    return uuid7s(1)[0]
