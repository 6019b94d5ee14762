"""What a snapshot of users and actions holds."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFacts:
    file: str
    exported_at: datetime  # aware
    database: str  # sqlite, postgresql, mysql
    hashed: bool  # e-mails stand as hashes
    users: int
    groups: int
    entities: int
    actions: int
