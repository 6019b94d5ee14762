"""An export holds a batch of rows, not the table."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import Database

ROWS = 200_000

PROGRAM = """
import sys
from pathlib import Path
from reconciler.actions.export import export_data
from tests.actions.build import running
from tests.databases import Database

kind, url, name, form, folder = sys.argv[1:]
database = Database(kind=kind, url=url, name=name)

def peak():
    (line,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024

with running(database, folder=Path(folder)) as run:
    export_data(run, {"table_name": "small", "format": form})
    before = peak()
    export_data(run, {"table_name": "large", "format": form})
    print(peak() - before)
"""


@pytest.fixture
def tables(database: Database) -> Database:
    """`large`, of 200,000 rows and about 60 MB, and `small`, which is a hundredth of it."""
    with database.connection() as connection:
        cursor = connection.cursor()
        for name in ("small", "large"):
            cursor.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, note VARCHAR(300))")
        cursor.execute("INSERT INTO large VALUES (1, '" + "x" * 300 + "')")
        done = 1
        while done < ROWS:
            step = min(done, ROWS - done)
            cursor.execute(f"INSERT INTO large SELECT id + {done}, note FROM large WHERE id <= {step}")
            done += step
        cursor.execute(f"INSERT INTO small SELECT id, note FROM large WHERE id <= {ROWS // 100}")
        connection.commit()
    return database


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_large_table_takes_no_more_memory_than_a_small_one(
    form: str, tables: Database, tmp_path: Path
) -> None:
    command = (sys.executable, "-c", PROGRAM, tables.kind, tables.url, tables.name, form, str(tmp_path))
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = tmp_path.glob("large-*")
    written = file.stat().st_size
    assert written > 55_000_000
    with file.open() as lines:
        assert sum(1 for _ in lines) == (ROWS + 2 if form == "json" else ROWS + 1)
    assert int(done.stdout) < written / 5
