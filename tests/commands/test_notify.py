"""`--notify`: who is told of an apply, and that nothing that goes wrong there changes how it ends."""

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.cli import plan_steps
from reconciler.cli.main import run
from reconciler.commands import notifying
from reconciler.report.plan import Outcome
from reconciler.shipped import schema_text
from tests.renderers.build import report
from tests.repositories import TASKS

SECRET = "s3cret"


class Hook(ThreadingHTTPServer):
    """A server that keeps what it is told, and answers as it is asked to."""

    daemon_threads = True

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.told: list[tuple[str, dict[str, str], bytes]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.told.append((self.path, dict(self.headers), body))
                with contextlib.suppress(OSError):  # who asked may be gone
                    answer(self)

            def log_message(self, *words: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def hook(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[Hook]:
    with Hook(answer) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def status(code: int) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        request.send_header("Content-Length", "0")
        request.send_header("Location", "http://127.0.0.1:9/elsewhere")
        request.end_headers()

    return answer


def hang(request: BaseHTTPRequestHandler) -> None:
    time.sleep(2)


def drip(request: BaseHTTPRequestHandler) -> None:
    """Alive, byte by byte, and never done."""
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 40:
        request.wfile.write(bytes([byte]))
        time.sleep(0.1)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for name in ("RECONCILE_NOTIFY", "RECONCILE_DATABASE_URL", "GITHUB_ACTIONS", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(notifying, "TIMEOUT", 1.0)
    Path("tasks.yaml").write_text(TASKS)
    for line in (
        ["init"],
        ["users", "add", "reports@example.com"],
        ["actions", "add", "report", "generate_report"],
    ):
        with contextlib.redirect_stdout(io.StringIO()):
            assert ended(*line) == 0


def ended(*words: str) -> Any:
    with pytest.raises(SystemExit) as end:
        run(words)
    return end.value.code


def test_a_url_is_told_of_an_apply_once_it_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    with hook(status(204)) as server:
        assert ended("--yes", "--notify", f"{server.url}/hook?token={SECRET}", "--format", "json") == 0
        assert ended("--yes", "--notify", server.url) == 0  # nothing to apply: nothing to tell
        assert ended("--dry-run", "--notify", server.url) == 0
    said = capsys.readouterr()
    ((path, headers, body),) = server.told
    document = json.loads(body)
    assert path == f"/hook?token={SECRET}"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("task-reconciler/")
    Draft202012Validator(json.loads(schema_text("plan"))).validate(document)
    assert document["outcome"]["verified"] is True
    assert document == json.JSONDecoder().raw_decode(said.out)[0]
    assert said.err == ""


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (status(500), "it answered 500"),
        (status(302), "it answered 302"),
        (hang, "no answer within 1 s"),
        (drip, "no answer within 1 s"),
        (lambda request: request.connection.shutdown(socket.SHUT_RDWR), "RemoteProtocolError"),
    ],
    ids=["fails", "moves", "hangs", "drips", "hangs up"],
)
def test_a_server_that_fails_is_a_warning(
    answer: Callable[[BaseHTTPRequestHandler], None], wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with hook(answer) as server:
        address = server.url.replace("//", f"//ann:{SECRET}@")
        began = time.monotonic()
        assert ended("--yes", "--notify", f"{address}/{SECRET}?{SECRET}#{SECRET}") == 0
        assert time.monotonic() - began < 5
        said = capsys.readouterr()
        assert said.err == f"reconcile: applied, but {server.url} could not be told: {wrong}\n"
    assert "Applied and verified" in said.out
    assert SECRET not in said.out + said.err


def test_nobody_there_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert ended("--yes", "--notify", f"{url}/{SECRET}") == 0
    assert capsys.readouterr().err == f"reconcile: applied, but {url} could not be told: no connection\n"


def test_a_command_gets_the_document(capfd: pytest.CaptureFixture[str]) -> None:
    assert ended("--yes", "--notify", "command:sh -c 'cat > told.json; echo heard'", "--format", "json") == 0
    said = capfd.readouterr()
    assert Path("told.json").read_text() == said.out
    assert said.err == "heard\n"


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("false", "could not be told: it ended with exit code 1"),
        ("sh -c 'sleep 30 & wait'", "could not be told: it did not end within 1 s"),
        ("./not-there", "could not be told: No such file or directory"),
        ("true", None),  # without reading
    ],
)
def test_a_command_that_fails_is_a_warning(
    command: str, wrong: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended("--yes", "--notify", f"command:{command}") == 0
    said = capsys.readouterr()
    assert "Applied and verified" in said.out
    assert (f"applied, but {command.split()[0]} {wrong}" in said.err) if wrong else said.err == ""


def test_what_a_command_started_ends_with_it() -> None:
    assert ended("--yes", "--notify", "command:sh -c 'sleep 30 & echo $! > child; wait'") == 0
    child = int(Path("child").read_text())
    deadline = time.monotonic() + 5
    while _is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(child)


def _is_alive(pid: int) -> bool:
    """A zombie that nobody has waited for yet is none."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_a_refused_apply_is_not_told_of() -> None:
    assert ended("--yes") == 0
    Path("tasks.yaml").write_text("Tasks: []\n")
    assert ended("--yes", "--notify", "command:touch told") == 3
    assert not Path("told").exists()


def test_an_apply_in_doubt_is_told_of() -> None:
    """Exit code 5: it is committed, and something else wrote since."""
    doubtful = Outcome(applied=True, verified=False, apply_id="x")
    plan_steps._teller({"notify": "command:sh -c 'cat >told.json'"})(report(outcome=doubtful))
    assert json.loads(Path("told.json").read_text())["outcome"]["verified"] is False


def test_an_apply_that_cannot_be_shown_is_told_of() -> None:
    """Its exit code is that of the output that cannot be written."""
    Path("out").touch()
    assert ended("--yes", "--output", "json=/dev/full", "--notify", "command:touch told") == 1
    assert Path("told").exists()


def test_the_option_before_the_variable_before_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("reconcile.yaml").write_text("notify: command:touch by-settings\n")
    assert ended("--yes") == 0
    monkeypatch.setenv("RECONCILE_NOTIFY", "command:touch by-variable")
    Path("tasks.yaml").write_text(TASKS.replace("0 8", "0 9"))
    assert ended("--yes") == 0
    Path("tasks.yaml").write_text(TASKS.replace("0 8", "0 10"))
    assert ended("--yes", "--notify", "command:touch by-option") == 0
    assert sorted(path.name for path in Path().glob("by-*")) == ["by-option", "by-settings", "by-variable"]


@pytest.mark.parametrize(
    "text",
    ["ftp://example.com", "example.com", "http://", "http://[", "http://x:y", "command:", "command:'x"],
)
def test_what_cannot_be_told_is_refused_before_anything_is_done(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path("daptin.db").read_bytes()
    assert ended("--yes", "--notify", text) == 64
    assert Path("daptin.db").read_bytes() == before
    assert "hint: write it like" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["https://ann:pw@example.com/x", "ftp://x", "command: ", ""])
def test_settings_that_tell_nobody(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("reconcile.yaml").write_text(f"notify: {json.dumps(text)}\n")
    assert ended("--yes") == 64
    assert "reconcile.yaml:1:9: `notify` must be an http(s) URL without a user" in capsys.readouterr().err


def test_the_thread_of_a_slow_server_does_not_keep_the_program(tmp_path: Path) -> None:
    """A program of its own ends at once, whatever is still open."""
    with hook(hang) as server:
        program = (
            "from reconciler.commands import notifying; notifying.TIMEOUT = 0.3\n"
            "from reconciler.cli.main import main; main()"
        )
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", program, "--yes", "--notify", server.url],
            capture_output=True,
            text=True,
            env={**os.environ, "HOME": str(tmp_path)},
            timeout=30,
            check=False,
        )
        assert time.monotonic() - began < 20
    assert (done.returncode, done.stderr.count("no answer within 0.3 s")) == (0, 1)
