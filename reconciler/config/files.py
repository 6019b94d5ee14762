"""Paths to texts: which files there are, each read once."""

import codecs
import os
import stat
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from reconciler.config.lines import Lines
from reconciler.diagnostics import Diagnostic, Place, diagnostic, did_you_mean

SIZE = 64 * 1024 * 1024
"""Bytes that a file may have."""

SETTINGS = "reconcile.yaml"
DEFAULTS = "_defaults.yaml"
ENVIRONMENTS = "env"
"""The folder, beside the tasks, with a folder of overlays for each environment."""

SUFFIXES = (".yaml", ".yml")


def texts(
    paths: Iterable[str], stdin: BinaryIO | None, found: list[Diagnostic], *, with_layers: bool = False
) -> Iterator[tuple[str, str]]:
    """Each file with its text, in the order of the paths; what cannot be read is added to `found`."""
    for file in _once(paths, found, with_layers=with_layers):
        text = text_of(file, stdin, found)
        if text is not None:
            yield file, text


def text_of(file: str, stdin: BinaryIO | None, found: list[Diagnostic]) -> str | None:
    """The text of one file; None where it cannot be read, and `found` tells why."""
    content = _content(file, stdin, found)
    return None if content is None else _decoded(file, content, found)


def found_text(file: str, found: list[Diagnostic]) -> str | None:
    """The same of a file that nobody named."""
    return text_of(file, None, found) if _is_plain(file, found) else None


def _once(paths: Iterable[str], found: list[Diagnostic], *, with_layers: bool) -> Iterator[str]:
    seen: set[str] = set()
    for path in paths:
        for file in files_below(path, found, with_layers=with_layers):
            if file != path and not _is_plain(file, found):
                continue
            identity = file if file == "-" or "\0" in file else os.path.realpath(file)
            if identity not in seen:
                seen.add(identity)
                yield file


def files_below(path: str, found: list[Diagnostic], *, with_layers: bool = False) -> list[str]:
    """The files of tasks of a path: itself, or every one below it in byte order, but not our own settings.

    Neither are defaults nor what lies in a folder of environments, unless asked for `with_layers`.
    """
    if path == "-" or not os.path.isdir(path):
        return [path]
    told = len(found)
    files = _walked(path, found, with_layers=with_layers)
    if not files and len(found) == told:
        message = "no YAML file in this directory or below it"
        found.append(_on_file(path, "F007", message, f"name a file that ends in {' or '.join(SUFFIXES)}"))
    settings = os.path.realpath(SETTINGS)
    return [file for file in files if not _is_settings(file, settings)]


def overlays_below(folder: str, found: list[Diagnostic]) -> list[str]:
    """The files of the folder of one environment, in byte order."""
    return _walked(folder, found, with_layers=True)


def _walked(path: str, found: list[Diagnostic], *, with_layers: bool) -> list[str]:
    files: list[str] = []
    failures: list[OSError] = []
    for folder, inner, names in os.walk(path, onerror=failures.append):
        if ENVIRONMENTS in inner and not with_layers:
            inner.remove(ENVIRONMENTS)
            found += _strays(os.path.join(folder, ENVIRONMENTS))
        files += (
            _joined(folder, name)
            for name in names
            if name.endswith(SUFFIXES) and (name != DEFAULTS or with_layers)
        )
    found += (_unreadable(failure.filename or path, failure) for failure in failures)
    return sorted(files, key=os.fsencode)


def _joined(folder: str, name: str) -> str:
    return os.path.normpath(os.path.join(folder, name))


def _strays(folder: str) -> Iterator[Diagnostic]:
    """Files that lie beside the folders of environments: nobody reads them."""
    for name in sorted(os.listdir(folder)) if os.access(folder, os.R_OK) else ():
        file = _joined(folder, name)
        if name.endswith(SUFFIXES) and os.path.isfile(file):
            message = f"is not read: it is in the folder {ENVIRONMENTS}, and in none of an environment"
            hint = f"move it to {ENVIRONMENTS}/NAME/ if it is an overlay, else out of {ENVIRONMENTS}"
            yield _on_file(file, "E009", message, hint)


def _is_settings(file: str, settings: str) -> bool:
    return os.path.basename(file) == SETTINGS and os.path.realpath(file) == settings


def _is_plain(file: str, found: list[Diagnostic]) -> bool:
    """Not a pipe or a device, whose end may never come; one that is named itself is another matter."""
    try:
        is_plain = stat.S_ISREG(os.stat(file).st_mode)
    except OSError:
        return True  # reading it tells why
    if not is_plain:
        found.append(_on_file(file, "F001", "cannot be read: it is no plain file", "move it away"))
    return is_plain


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
    near = _near(file) if isinstance(error, FileNotFoundError) else None
    return _on_file(file, "F001", f"cannot be read: {reason}", f"did you mean {near}?" if near else None)


def _near(file: str) -> str | None:
    """What lies where the file was looked for and is called almost like it."""
    folder, name = os.path.split(file)
    try:
        near = did_you_mean(name, os.listdir(folder or "."))
    except OSError:
        return None
    return os.path.join(folder, near) if near else None


def _on_file(file: str, code: str, message: str, hint: str | None = None) -> Diagnostic:
    return diagnostic(code, message, hint=hint, place=Place(file=file))
