"""`--only` and `--exclude`: of which tasks a plan speaks."""

from collections.abc import Iterable
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


def require_names(globs: Iterable[str], names: Iterable[str]) -> None:
    """Raises UsageError for a glob that fits none of the names."""
    known = frozenset(names)
    for glob in globs:
        if glob not in known and not any(fits(glob, name) for name in known):
            nearest = did_you_mean(glob, sorted(known))
            hint = f"did you mean {nearest!r}?" if nearest else "a name, or a glob such as 'report_*'"
            raise UsageError(f"no task is named {glob!r}, nor like it", hint=hint)


def fits(glob: str, name: str) -> bool:
    """Whether a name is meant. One that is a glob too means itself."""
    return glob == name or fnmatchcase(name, glob)
