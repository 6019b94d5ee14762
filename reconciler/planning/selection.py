"""Of which tasks a plan speaks: `--only`, `--exclude`, what has drifted, names given to a command."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconciler.diagnostics import did_you_mean
from reconciler.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Of these tasks, named exactly or by globs; checks and guards look at all of them nevertheless."""

    only: tuple[str, ...] = ()  # none: every task
    exclude: tuple[str, ...] = ()
    drifted: bool = False  # of these the rows that somebody moved, as far as they are still declared

    @property
    def is_whole(self) -> bool:
        return not (self.only or self.exclude or self.drifted)

    def names(self, *names: str) -> bool:
        """Whether a task of these names is meant: one that is renamed answers to both."""
        is_wanted = not self.only or any(fits(glob, name) for glob in self.only for name in names)
        return is_wanted and not any(fits(glob, name) for glob in self.exclude for name in names)


EVERYTHING = Selection()


def require_names(globs: Iterable[str], names: Iterable[str], *, what: str = "task") -> None:
    """Raises UsageError for what fits none of the names."""
    known = frozenset(names)
    missing = [glob for glob in globs if glob not in known and not any(fits(glob, name) for name in known)]
    if missing:
        said = ", nor ".join(f"{'like ' if _is_glob(glob) else ''}{glob!r}" for glob in missing)
        raise UsageError(f"no {what} is named {said}", hint=_hint(missing[0], sorted(known), what))


def fits(glob: str, name: str) -> bool:
    """Whether a name is meant. One that looks like a glob means itself too."""
    return glob == name or fnmatchcase(name, glob)


def _is_glob(text: str) -> bool:
    return any(character in text for character in "*?[")


def _hint(name: str, every: Sequence[str], what: str) -> str:
    near = did_you_mean(name, every)
    if near:
        return f"did you mean {near!r}?"
    return f"there is no {what} at all" if not every else "a name, or a glob such as 'report_*' in quotes"
