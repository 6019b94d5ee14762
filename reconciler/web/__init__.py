"""The scheduler seen from outside: health, readiness, metrics."""

from reconciler.web.server import serving

__all__ = ["serving"]
