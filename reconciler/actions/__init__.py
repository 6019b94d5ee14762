"""What a task may run: the public face for authors of actions, and the shipped ones."""

from reconciler.actions.declare import action
from reconciler.actions.files import new_file
from reconciler.actions.run import ActionFailed, Run

__all__ = ["ActionFailed", "Run", "action", "new_file"]
