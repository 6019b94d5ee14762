"""Actions for task-scheduler. The entry point names this package, so what is imported here is found."""

from example_actions.cleanup import cleanup_old_data
from example_actions.report import generate_report
from example_actions.sync import sync_external_data

__all__ = ["cleanup_old_data", "generate_report", "sync_external_data"]
