"""Text to declarations: files are read, their tasks declared, every fault a diagnostic with its place."""

from reconciler.config.declarations import Declaration, declare
from reconciler.config.documents import Document, Reading, read
from reconciler.config.positions import locate
from reconciler.config.settings import Settings, read_settings
from reconciler.config.suppressions import silence

__all__ = [
    "Declaration",
    "Document",
    "Reading",
    "Settings",
    "declare",
    "locate",
    "read",
    "read_settings",
    "silence",
]
