"""pgbench, with the statements that one of our runs is made of: how fast a client in C gets them done."""

import re
import subprocess
from pathlib import Path

from benchmarks.contenders.claims import FIRST
from reconciler.database import identity, runs
from tests.databases import Database
from tests.servers import PASSWORD

OF_A_CLIENT = 1_000_000
"""Numbers of runs between that of a client and the next one's."""

CLAIMED = """
INSERT INTO reconciler_run
    (run_id, reference_id, moment, name, entity_name, action_name, cause, state, process_id, claimed_at)
SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), decode('00', 'hex'), %s + n * interval '1 second',
    't', 'e', 'a', 'schedule', 'claimed', decode('00', 'hex'), now()
FROM (SELECT client * %s + one AS n FROM generate_series(0, %s) client, generate_series(1, %s) one) numbers
"""
RUN_ID = "decode(lpad(to_hex(:n::bigint), 32, '0'), 'hex')"
MOMENT = f"timestamp '{FIRST:%Y-%m-%d %H:%M:%S}'"


def transactions_a_second(database: Database, folder: Path, number: int, clients: int) -> float:
    """So many runs, spread over the clients, of claims that are there as ours are."""
    each = number // clients
    database.query(_filled(CLAIMED, MOMENT, str(OF_A_CLIENT), str(clients - 1), str(each)))
    script = folder / "run.pgbench"
    script.write_text(_script(database))
    tps = _told(database, script, each, clients)
    done = database.query("SELECT count(*) FROM reconciler_run WHERE state = 'ok'")[0][0]
    assert done == each * clients, "pgbench does what a run does"
    return tps


def _told(database: Database, script: Path, each: int, clients: int) -> float:
    assert database.server is not None, "it is PostgreSQL's"
    options = ("-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-t", str(each), "-D", "i=0")
    address = ("-h", "127.0.0.1", "-p", str(database.server.port), "-U", "postgres", database.name)
    ended = subprocess.run(
        ["pgbench", *options, "-f", str(script), *address],
        env={"PGPASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"^tps = ([0-9.]+)", ended.stdout, re.MULTILINE)
    assert found is not None, ended.stderr
    return float(found[1])


def _script(database: Database) -> str:
    """A run in pgbench's language."""
    ((user, entity, action),) = database.query("SELECT as_user_id, entity_name, action_name FROM task")
    statements = (
        _filled(runs.START, MOMENT, RUN_ID, MOMENT),
        "BEGIN",
        _filled(identity.QUESTION, f"'{entity}'", f"'{action}'", str(user), str(user)),
        f"INSERT INTO effect (run_id) VALUES ({RUN_ID})",
        _filled(runs.COMPLETE, MOMENT, RUN_ID),
        "COMMIT",
    )
    lines = [f"{' '.join(statement.split())};" for statement in statements]
    return "\n".join(["\\set i :i + 1", f"\\set n :client_id * {OF_A_CLIENT} + :i", *lines, ""])


def _filled(statement: str, *values: str) -> str:
    for value in values:
        statement = statement.replace("%s", value, 1)
    return statement
