"""The fastest bulk write of each driver: rows of the three tables of an apply into a new database.

A program: `bulk.py KIND ADDRESS ROWS`, where ROWS is a pickle of {table: (columns, rows)}; it prints the
seconds of processor time and of the clock that connecting, writing and committing took.
"""

import pickle
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

Tables = Mapping[str, tuple[Sequence[str], Sequence[tuple[Any, ...]]]]

TABLES = ("task", "task_task_id_has_usergroup_usergroup_id", "reconciler_task")


def into_sqlite(url: str, tables: Tables) -> None:
    connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    for table, (columns, rows) in tables.items():
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
    connection.execute("COMMIT")
    connection.close()


def into_postgresql(url: str, tables: Tables) -> None:
    import psycopg

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for table, (columns, rows) in tables.items():
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def into_mysql(url: str, tables: Tables) -> None:
    """PyMySQL's executemany joins the rows to statements of a megabyte."""
    import pymysql

    address = make_url(url)
    connection = pymysql.connect(
        host=address.host,
        port=address.port or 3306,
        user=address.username,
        password=address.password or "",
        database=address.database,
        charset="utf8mb4",
    )
    with connection, connection.cursor() as cursor:
        for table, (columns, rows) in tables.items():
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
        connection.commit()


WRITERS: Mapping[str, Callable[[str, Tables], None]] = {
    "sqlite": into_sqlite,
    "postgresql": into_postgresql,
    "mysql": into_mysql,
}


def main(kind: str, url: str, path: str) -> None:
    if kind != "sqlite":
        __import__({"postgresql": "psycopg", "mysql": "pymysql"}[kind])  # not what is measured
    tables: Tables = pickle.loads(Path(path).read_bytes())
    start, processor = time.perf_counter(), time.process_time()
    WRITERS[kind](url, tables)
    print(time.process_time() - processor, time.perf_counter() - start)


if __name__ == "__main__":
    main(*sys.argv[1:])
