"""Globs of files, as policies have them."""

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeVar

from reconciler.checks.context import Context

Agreed = TypeVar("Agreed")

_SPELT = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def agreed_on(policy: Mapping[str, Agreed], context: Context) -> Callable[[str], list[Agreed]]:
    """For a file, what each glob that matches it asks for."""

    @cache
    def asked(file: str) -> list[Agreed]:
        path = relative(file, context)
        return [agreed for glob, agreed in policy.items() if file_glob(glob).fullmatch(path)]

    return asked


def relative(file: str, context: Context) -> str:
    """A file as globs see it, however it was named on the command line."""
    if file == "-":
        return file
    return os.path.relpath(os.path.join(context.directory, file), context.directory).replace(os.sep, "/")


@cache
def file_glob(glob: str) -> re.Pattern[str]:
    """`*` and `?` stay within a folder, `**` does not; what ends in / is everything below."""
    whole = f"{glob}**" if glob.endswith("/") else glob
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", whole.removeprefix("./"))
    return re.compile("".join(_SPELT.get(part) or re.escape(part) for part in parts), re.DOTALL)
