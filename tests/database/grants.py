"""The accounts of docs/databases.md, made for real."""

import re
from pathlib import Path

from tests.databases import Database

PAGE = Path(__file__).parents[2] / "docs" / "databases.md"


def grants(database: Database) -> None:
    """Run the page's statements for this kind, with accounts of the test's own."""
    blocks = re.findall(r"^(\w[^\n]*):\n\n```sql\n(.*?)```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    name = {"postgresql": "PostgreSQL", "mysql": "MySQL"}[database.kind]
    chosen = [sql for title, sql in blocks if title.startswith(name)]
    assert len(chosen) == 3
    assert database.server is not None
    sql = "".join(chosen).replace("daptin.", f"{database.name}.")
    database.server.run(
        re.sub(r"(?:reconcile|task)_(plan|apply|scheduler)\b", rf"\1_{database.name}", sql), database.name
    )


def url_of(database: Database, account: str) -> str:
    return re.sub(r"//[^@]*@", f"//{account}_{database.name}:choose-one@", database.url)
