"""An action of a system task."""

from collections.abc import Mapping
from typing import Any

from reconciler.actions import Run, action


@action("sync_site_storage", entity="site")
def sync(run: Run, attributes: Mapping[str, Any]) -> None:
    """Nothing is to be synchronised here."""
