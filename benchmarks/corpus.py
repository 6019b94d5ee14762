"""A corpus of realistic tasks, the same for the same seed: about 270 bytes a task, every key of the table."""

import random
from collections.abc import Iterator
from pathlib import Path

USERS = tuple(
    f"{role}@example.com" for role in ("reports", "system", "billing", "backup", "mailer", "search")
)

ACTIONS = (
    ("report", "generate_report"),
    ("integration", "sync_external_data"),
    ("invoice", "send_invoices"),
    ("world", "export_data"),
    ("mail_server", "sync_mail_servers"),
    ("search_index", "rebuild_index"),
)
"""(entity, action), each of which a catalogue for the corpus must know; USERS[i] runs ACTIONS[i]."""

INPUTS = ("type", "format", "region", "limit", "verbose", "recipients")
"""The inputs that every one of ACTIONS takes."""

_FORMATS = ("pdf", "csv", "xlsx", "json")
_REGIONS = ("eu-west", "eu-central", "us-east", "us-west", "ap-south")


def write_corpus(path: Path, tasks: int, seed: int = 1) -> None:
    """Write one YAML file with that many tasks, each of another name."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("Tasks:\n")
        file.writelines(_task(number, source) for number, source in _numbered(tasks, seed))


def _numbered(tasks: int, seed: int) -> Iterator[tuple[int, random.Random]]:
    source = random.Random(seed)
    for number in range(tasks):
        yield number, source


def _task(number: int, source: random.Random) -> str:
    kind = source.randrange(len(ACTIONS))
    entity, action = ACTIONS[kind]
    return (
        f"  - Name: {action}_{number:06d}\n"
        f'    Schedule: "{_schedule(source)}"\n'
        f"    EntityName: {entity}\n"
        f"    ActionName: {action}\n"
        f"    AsUserEmail: {USERS[kind]}\n"
        f"    Active: {'true' if source.random() < 0.9 else 'false'}\n"
        f"    JobType: {entity}\n"
        f"    Attributes:\n{_attributes(source)}\n"
    )


def _schedule(source: random.Random) -> str:
    minute, hour = source.randrange(60), source.randrange(24)
    return source.choice(
        (
            f"{minute} {hour} * * *",
            f"{minute} {hour} * * 1-5",
            f"{minute} */{source.choice((2, 3, 4, 6, 8))} * * *",
            f"{minute} {hour} {source.randint(1, 28)} * *",
            f"*/{source.choice((5, 10, 15, 20, 30))} * * * *",
            f"@every {source.randint(1, 48)}h",
            "@daily",
        )
    )


def _attributes(source: random.Random) -> str:
    lines = [f"type: {source.choice(('daily', 'weekly', 'monthly'))}", f"format: {source.choice(_FORMATS)}"]
    if source.random() < 0.5:
        lines.append(f"limit: {source.randint(10, 5000)}")
    if source.random() < 0.3:
        lines.append(f"region: {source.choice(_REGIONS)}")
    if source.random() < 0.2:
        lines.append(f"recipients: [{', '.join(source.sample(USERS, 2))}]")
    return "".join(f"      {line}\n" for line in lines).rstrip("\n")
