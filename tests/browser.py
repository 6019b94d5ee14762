"""Chromium from Debian's package, without a screen: what a page looks like, what its script makes of it."""

import os
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

WITHIN = 120.0
"""Seconds; a busy machine takes long to start a browser."""


def chromium() -> str:
    """The program; where it is missing the test is skipped, and in CI it fails."""
    found = shutil.which("chromium")
    if found is None:
        reason = "chromium is not installed (apt-get install chromium, or `make servers`)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def browse(page: Path, home: Path, *options: str, size: tuple[int, int] = (1280, 900)) -> str:
    """What the browser prints, with a profile of its own."""
    command = [
        *(chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *("--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={home}/profile"),
        *(f"--window-size={size[0]},{size[1]}", *options, page.as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def title_of(page: Path, home: Path, script: str, size: tuple[int, int] = (1280, 900)) -> str:
    """The title that a script gives the page, after the page's own has run."""
    probe = home / f"probe-{page.name}"
    text = page.read_text(encoding="utf-8")
    probe.write_text(text.replace("</body>", f"<script>{{{script}}}</script></body>"), encoding="utf-8")
    whole = browse(probe, home, "--dump-dom", size=size)
    return whole.partition("<title>")[2].partition("</title>")[0]


def brightness(picture: Path) -> float:
    """The average of all pixels of a PNG, from 0 (black) to 255."""
    raw, line, depth = _pixels(picture.read_bytes())
    previous, total, number = bytearray(line), 0, 0
    for start in range(0, len(raw), line + 1):
        row = bytearray(raw[start + 1 : start + 1 + line])
        _unfilter(raw[start], row, previous, depth)
        total, number, previous = total + sum(row), number + line, row
    return total / number


def _pixels(data: bytes) -> tuple[bytes, int, int]:
    """The filtered lines, the bytes of one without its filter, and the bytes of a pixel."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, packed = 8, b""
    width, _, bits, colours = struct.unpack(">IIBB", data[16:26])
    assert (bits, colours) == (8, 2), "true colour without transparency"
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        packed += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    return zlib.decompress(packed), width * 3, 3


def _unfilter(kind: int, row: bytearray, above: bytearray, depth: int) -> None:
    for at in range(len(row)):
        left = row[at - depth] if at >= depth else 0
        corner = above[at - depth] if at >= depth else 0
        guess = {0: 0, 1: left, 2: above[at], 3: (left + above[at]) // 2}.get(kind)
        if guess is None:
            guess = _nearest(left, above[at], corner)
        row[at] = (row[at] + guess) & 255


def _nearest(left: int, above: int, corner: int) -> int:
    expected = left + above - corner
    return min((left, above, corner), key=lambda one: abs(one - expected))
