"""Text to declarations: files are read, their tasks declared, every fault a diagnostic with its place."""

from reconciler.config.declarations import Declaration
from reconciler.config.declaring import declare
from reconciler.config.documents import Document, Reading, read, read_texts
from reconciler.config.files import files_below
from reconciler.config.folders import defaults_above, layers_above
from reconciler.config.origins import PlacedOrigin, Said, said_by
from reconciler.config.overlays import unmatched
from reconciler.config.policies import NO_POLICIES, Policies
from reconciler.config.positions import locate
from reconciler.config.settings import Setting, Settings, read_settings
from reconciler.config.severities import codes_set, settled
from reconciler.config.suppressions import silence
from reconciler.config.variables import Allowed

__all__ = [
    "NO_POLICIES",
    "Allowed",
    "Declaration",
    "Document",
    "PlacedOrigin",
    "Policies",
    "Reading",
    "Said",
    "Setting",
    "Settings",
    "codes_set",
    "declare",
    "defaults_above",
    "files_below",
    "layers_above",
    "locate",
    "read",
    "read_settings",
    "read_texts",
    "said_by",
    "settled",
    "silence",
    "unmatched",
]
