"""UUIDs of version 7 (RFC 9562): the time in front, so that they sort as they were made."""

import os
import time
from collections.abc import Callable


def uuid7(
    milliseconds: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """16 bytes: 48 bits of Unix time, the version, the variant, 74 random bits."""
    bits = bytearray(milliseconds().to_bytes(6, "big") + random(10))
    bits[6] = bits[6] & 0x0F | 0x70
    bits[8] = bits[8] & 0x3F | 0x80
    return bytes(bits)
