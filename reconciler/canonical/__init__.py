"""The one spelling of a task file: what `reconcile export` writes, and `reconcile fmt` brings files to."""

from reconciler.canonical.formatting import formatted
from reconciler.canonical.printing import Unkept
from reconciler.canonical.tasks import Item, file_text

__all__ = ["Item", "Unkept", "file_text", "formatted"]
