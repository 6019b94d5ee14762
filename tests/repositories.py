"""Repositories of tasks, as tests make them."""

import subprocess
from pathlib import Path

TASKS = """Tasks:
  - Name: daily_report
    Schedule: "0 8 * * *"
    EntityName: report
    ActionName: generate_report
    AsUserEmail: reports@example.com
"""
"""A file of one task."""

_ANN = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")


def git(folder: str | Path, *words: str) -> str:
    """What git says in a folder, as Ann."""
    command = ("git", *_ANN, "-C", str(folder), *words)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
