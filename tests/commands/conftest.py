"""The surroundings of the scheduler's tests."""

from tests.behaviour.conftest import here as here
from tests.scheduler.conftest import stage as stage
