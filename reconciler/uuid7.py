"""UUIDs of version 7 (RFC 9562): the time in front, so that they sort as they were made."""

import os
import time
from collections.abc import Callable

FIXED = 7 << 76 | 0b10 << 62
"""Version and variant."""

RANDOM = (1 << 12) - 1 << 64 | (1 << 62) - 1
"""The bits that are left to chance."""


def uuid7(
    milliseconds: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """16 bytes: 48 bits of Unix time, the version, the variant, 74 random bits."""
    bits = milliseconds() << 80 | int.from_bytes(random(10), "big") & RANDOM | FIXED
    return bits.to_bytes(16, "big")
