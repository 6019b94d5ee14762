"""`reconcile fmt`."""

from pathlib import Path

from reconciler import canonical
from reconciler.commands.files import write_anew
from reconciler.config import read_texts
from reconciler.diagnostics import by_place
from reconciler.report.formatting import FormatReport, FormattedFile
from reconciler.request import Request


def fmt(request: Request, *, is_check: bool) -> FormatReport:
    """Bring files to their canonical form.

    One that is no YAML is left alone, and so is one that would lose something.
    """
    texts, found = read_texts(request.paths, stdin=request.stdin)
    failed = {one.place.file for one in found if one.place}
    files = tuple(_formatted(path, text, path in failed) for path, text in texts.items())
    if not is_check:
        for file in files:
            if file.state == "formatted" and file.path != "-":
                write_anew(request.directory / Path(file.path), (file.after,))
    return FormatReport(
        files=files,
        diagnostics=tuple(by_place(found)),
        is_check=is_check,
    )


def _formatted(path: str, text: str, has_failed: bool) -> FormattedFile:
    if has_failed:
        return FormattedFile(path=path, state="left alone", before=text, after=text)
    try:
        after = canonical.formatted(text)
    except canonical.Unkept as reason:
        return FormattedFile(path=path, state="left alone", reason=str(reason), before=text, after=text)
    return FormattedFile(
        path=path, state="canonical" if after == text else "formatted", before=text, after=after
    )
