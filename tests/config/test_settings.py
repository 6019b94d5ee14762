"""reconcile.yaml: what it may say, and what is refused with its place."""

import json
from pathlib import Path

import jsonschema
import pytest

from reconciler.config import Settings, read_settings
from reconciler.config.composer import compose
from reconciler.config.schema import schema_text
from reconciler.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Settings()),
        ("paths: tasks/", Settings(paths=("tasks/",))),
        ("paths: [a, b]\nowner: billing", Settings(paths=("a", "b"), owner="billing")),
        ("timezone: Europe/Berlin\nreader: daptin", Settings(timezone="Europe/Berlin", reader="daptin")),
        ("max_delete: 5\nmax_update: 12.5%", Settings(max_delete="5", max_update="12.5%")),
        ("strict: true", Settings(strict=True)),
    ],
)
def test_settings(tmp_path: Path, text: str, expected: Settings) -> None:
    (tmp_path / "reconcile.yaml").write_text(text)
    assert read_settings(tmp_path) == expected
    schema = json.loads(schema_text("reconcile"))
    assert jsonschema.Draft202012Validator(schema).is_valid(compose(text or "{}").values[0])


def test_no_file(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == Settings()


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("ownr: x", "reconcile.yaml:1:1: unknown key `ownr`", "did you mean `owner`?"),
        ("owner: 5", "reconcile.yaml:1:8: `owner` must be text", None),
        ("paths: []", "reconcile.yaml:1:8: `paths` must be a path or a list of paths", None),
        ("paths: ['']", "reconcile.yaml:1:8: `paths` must be a path or a list of paths", None),
        ("\nreader: [x]", "reconcile.yaml:2:9: `reader` must be scheduler or daptin", None),
        ("strict: yes", "reconcile.yaml:1:9: `strict` must be true or false", None),
        (
            "max_delete: 5.5",
            'reconcile.yaml:1:13: `max_delete` must be a count or a percentage ("30%")',
            None,
        ),
        ("max_update: -1", 'reconcile.yaml:1:13: `max_update` must be a count or a percentage ("30%")', None),
        (
            "max_update: true",
            'reconcile.yaml:1:13: `max_update` must be a count or a percentage ("30%")',
            None,
        ),
        ("owner:", "reconcile.yaml:1:1: `owner` must be text", None),
        ("- a", "reconcile.yaml:1:1: not a mapping of settings", None),
    ],
)
def test_refused(tmp_path: Path, text: str, message: str, hint: str | None) -> None:
    (tmp_path / "reconcile.yaml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_settings(tmp_path)
    assert (caught.value.message, caught.value.hint) == (message, hint)
    schema = json.loads(schema_text("reconcile"))
    assert not jsonschema.Draft202012Validator(schema).is_valid(compose(text).values[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"owner: @x", "reconcile.yaml:1:8: not YAML: a value cannot start with `@` unless it is quoted"),
        (
            b"owner: a\nowner: b",
            "reconcile.yaml:2:1: the key `owner` stands here twice: it is already on line 1",
        ),
        (b"owner: a\n---\nowner: b", "reconcile.yaml:3:1: more than one document"),
        (b"owner: \xff", "reconcile.yaml is not UTF-8"),
    ],
)
def test_refused_before_it_is_looked_at(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "reconcile.yaml").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_settings(tmp_path)
    assert caught.value.message == message


def test_a_zone_that_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "reconcile.yaml").write_text("timezone: Mars/Olympus")
    with pytest.raises(UsageError, match="`timezone` must be the name of a time zone"):
        read_settings(tmp_path)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "reconcile.yaml").mkdir()
    with pytest.raises(UsageError, match=r"reconcile\.yaml cannot be read: is a directory"):
        read_settings(tmp_path)
