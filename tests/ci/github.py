"""A GitHub that has one pull request, and the little of Actions that runs a composite action."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import yaml

from tests.consoles import ROOT

ME = "github-actions[bot]"
TOKEN = "ghs_token"
PAGE = 2
"""Comments of a page, whatever is asked for: a server may give fewer."""

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
_EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")


@dataclass(kw_only=True)
class Comment:
    id: int
    author: str
    body: str


@dataclass(kw_only=True)
class PullRequest:
    """Its comments; and whether the token may write any."""

    number: int = 7
    is_writable: bool = True
    comments: list[Comment] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def add(self, author: str, body: str) -> Comment:
        comment = Comment(id=100 + len(self.comments), author=author, body=body)
        self.comments.append(comment)
        return comment

    def page(self, after: str | None) -> dict[str, Any]:
        start = int(after or 0)
        shown = self.comments[start : start + PAGE]
        return {
            "nodes": [
                {"databaseId": one.id, "body": one.body, "viewerDidAuthor": one.author == ME} for one in shown
            ],
            "pageInfo": {"hasNextPage": start + PAGE < len(self.comments), "endCursor": str(start + PAGE)},
        }


@contextlib.contextmanager
def serving(pull: PullRequest) -> Iterator[str]:
    """The address of the API."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self._body()
            if self.path == "/graphql":
                assert body["variables"]["owner"] == "ops"
                assert body["variables"]["number"] == pull.number
                page = pull.page(body["variables"]["after"])
                self._answer(200, {"data": {"repository": {"pullRequest": {"comments": page}}}})
            elif self.path == f"/repos/ops/tasks/issues/{pull.number}/comments":
                self._write(lambda: pull.add(ME, body["body"]), 201)
            else:
                self._answer(404, {})

        def do_PATCH(self) -> None:
            body = self._body()
            (comment,) = [one for one in pull.comments if self.path.endswith(f"/issues/comments/{one.id}")]
            self._write(lambda: setattr(comment, "body", body["body"]), 200)

        def _body(self) -> Any:
            pull.asked.append(f"{self.command} {self.path}")
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def _write(self, write: Any, code: int) -> None:
            if not pull.is_writable or self.headers["Authorization"] != f"Bearer {TOKEN}":
                self._answer(403, {"message": "Resource not accessible by integration"})
                return
            write()
            self._answer(code, {})

        def _answer(self, code: int, document: Any) -> None:
            text = json.dumps(document).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a run of the action left behind."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str


def use(folder: Path, pull: PullRequest | None = None, **inputs: str) -> Job:
    """Runs the steps of action.yml in a folder, but for those that install: the program is installed already.

    `_` in the name of an input stands for `-`.
    """
    temporary = folder.parent / "runner"
    programs = temporary / "task-reconciler" / "bin"
    if not programs.exists():
        programs.parent.mkdir(parents=True)
        programs.symlink_to(Path(sys.executable).parent)
    given = {name.replace("_", "-"): text for name, text in inputs.items()}
    with serving(pull or PullRequest()) as api:
        return _run(folder, temporary, api, pull, given)


def _run(folder: Path, temporary: Path, api: str, pull: PullRequest | None, given: Mapping[str, str]) -> Job:
    values = {
        "github.token": TOKEN,
        "github.event.pull_request.number": str(pull.number) if pull else "",
    }
    values |= {
        f"inputs.{name}": given.get(name, _filled(one.get("default", ""), values))
        for name, one in ACTION["inputs"].items()
    }
    summary = temporary / "summary"
    summary.write_text("")
    log, code = "", 0
    for step in ACTION["runs"]["steps"]:
        if "run" not in step or step.get("name") == "Install" or code or not _is_wanted(step, values):
            continue
        told, code = _step(step, values, folder, temporary, api)
        log += told
    outputs = {name: _filled(one["value"], values) for name, one in ACTION["outputs"].items()}
    return Job(code=code, log=log, outputs=outputs, summary=summary.read_text())


def _is_wanted(step: Mapping[str, Any], values: Mapping[str, str]) -> bool:
    condition = step.get("if")
    if condition is None:
        return True
    assert condition == "inputs.comment != 'never' && github.event.pull_request.number"
    return values["inputs.comment"] != "never" and bool(values["github.event.pull_request.number"])


def _step(
    step: Mapping[str, Any], values: dict[str, str], folder: Path, temporary: Path, api: str
) -> tuple[str, int]:
    written = temporary / "outputs"
    written.write_text("")
    home = temporary / "home"
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=folder / _filled(step.get("working-directory", "."), values),
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "GIT_CEILING_DIRECTORIES": str(folder.parent),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_API_URL": api,
            "GITHUB_GRAPHQL_URL": f"{api}/graphql",
            "GITHUB_REPOSITORY": "ops/tasks",
            "GITHUB_OUTPUT": str(written),
            "GITHUB_STEP_SUMMARY": str(temporary / "summary"),
            "RUNNER_TEMP": str(temporary),
            **{name: _filled(text, values) for name, text in step.get("env", {}).items()},
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    for line in written.read_text().splitlines():
        name, _, text = line.partition("=")
        values[f"steps.{step['id']}.outputs.{name}"] = text
    return done.stdout, done.returncode


def _filled(text: str, values: Mapping[str, str]) -> str:
    """What an expression that is not known stands for is empty, as in Actions."""
    return _EXPRESSION.sub(lambda match: values.get(match[1], ""), text)
