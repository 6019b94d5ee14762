"""Paths to texts: which files there are, each read once."""

import codecs
import os
import stat
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from reconciler.config.lines import Lines
from reconciler.diagnostics import Diagnostic, Place, diagnostic

SIZE = 64 * 1024 * 1024
"""Bytes that a file may have."""

SETTINGS = "reconcile.yaml"

SUFFIXES = (".yaml", ".yml")


def texts(paths: Iterable[str], stdin: BinaryIO | None, found: list[Diagnostic]) -> Iterator[tuple[str, str]]:
    """Each file with its text, in the order of the paths; what cannot be read is added to `found`."""
    for file in _once(paths, found):
        content = _content(file, stdin, found)
        if content is not None:
            text = _decoded(file, content, found)
            if text is not None:
                yield file, text


def _once(paths: Iterable[str], found: list[Diagnostic]) -> Iterator[str]:
    seen: set[str] = set()
    for path in paths:
        for file in files_below(path, found):
            if file != path and not _is_plain(file):
                found.append(_on_file(file, "F001", "cannot be read: it is no plain file", "move it away"))
                continue
            identity = file if file == "-" or "\0" in file else os.path.realpath(file)
            if identity not in seen:
                seen.add(identity)
                yield file


def files_below(path: str, found: list[Diagnostic]) -> list[str]:
    """The files of a path: itself, or every YAML file below it in byte order, but not our own settings."""
    if path == "-" or not os.path.isdir(path):
        return [path]
    files: list[str] = []
    failures: list[OSError] = []
    for folder, _, names in os.walk(path, onerror=failures.append):
        files += (os.path.normpath(os.path.join(folder, name)) for name in names if name.endswith(SUFFIXES))
    found += (_unreadable(failure.filename or path, failure) for failure in failures)
    if not files and not failures:
        message = "no YAML file in this directory or below it"
        found.append(_on_file(path, "F007", message, f"name a file that ends in {' or '.join(SUFFIXES)}"))
    settings = os.path.realpath(SETTINGS)
    return sorted((file for file in files if not _is_settings(file, settings)), key=os.fsencode)


def _is_settings(file: str, settings: str) -> bool:
    return os.path.basename(file) == SETTINGS and os.path.realpath(file) == settings


def _is_plain(file: str) -> bool:
    """Not a pipe or a device, whose end may never come; one that is named itself is another matter."""
    try:
        return stat.S_ISREG(os.stat(file).st_mode)
    except OSError:
        return True  # reading it tells why


def _content(file: str, stdin: BinaryIO | None, found: list[Diagnostic]) -> bytes | None:
    try:
        content = _bytes(file, stdin)
    except OSError as error:
        found.append(_unreadable(file, error))
        return None
    except ValueError:  # a NUL in the path
        found.append(_on_file(file, "F001", "cannot be read: not a file name"))
        return None
    if len(content) > SIZE:
        found.append(_on_file(file, "F006", f"larger than {SIZE // 1024 // 1024} MB", "split it"))
        return None
    return content


def _bytes(file: str, stdin: BinaryIO | None) -> bytes:
    if file == "-":
        return stdin.read(SIZE + 1) if stdin else b""
    with open(file, "rb") as stream:
        return stream.read(SIZE + 1)


def _decoded(file: str, content: bytes, found: list[Diagnostic]) -> str | None:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        found.append(_on_file(file, "F001", "is UTF-16, not UTF-8", "save it as UTF-8"))
        return None
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        found.append(_not_utf8(file, content, error))
        return None


def _not_utf8(file: str, content: bytes, error: UnicodeDecodeError) -> Diagnostic:
    readable = content.decode("utf-8", "replace")
    index = len(content[: error.start].decode())
    return diagnostic(
        "F001",
        f"is not UTF-8: the byte 0x{content[error.start]:02x} stands for no character here",
        hint="save it as UTF-8",
        place=Lines(file, readable).place(index, index + 1),
    )


def _unreadable(file: str, error: OSError) -> Diagnostic:
    reason = (error.strerror or str(error)).lower()
    return _on_file(file, "F001", f"cannot be read: {reason}")


def _on_file(file: str, code: str, message: str, hint: str | None = None) -> Diagnostic:
    return diagnostic(code, message, hint=hint, place=Place(file=file))
