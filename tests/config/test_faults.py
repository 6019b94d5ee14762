"""Every F code and D001: the exact place, the words and the hint."""

import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.config import declare, locate, read, silence
from reconciler.diagnostics import Diagnostic, by_place

TASK = "- {Name: a, Schedule: '@daily', EntityName: e, ActionName: f, AsUserEmail: u@x}\n"
GOOD = "Tasks:\n" + TASK


def check(folder: Path, files: Mapping[str, str | bytes], *paths: str) -> list[Diagnostic]:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    reading = read(paths or list(files))
    declarations, found = declare(reading.documents)
    located = locate([*reading.diagnostics, *found], reading.texts)
    return by_place(silence(located, declarations, reading.texts))


def told(diagnostics: list[Diagnostic]) -> list[str]:
    lines = []
    for one in diagnostics:
        assert one.place is not None
        at = one.place
        span = f":{at.line}:{at.column}-{at.end_line}:{at.end_column}" if at.line else ""
        lines.append(f"{at.file}{span} {one.severity}[{one.code}] {one.message} ({one.hint})")
    return lines


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


FULL = """\
Tasks:
  - Name: daily_report
    Schedule: "0 8 * * *"
    EntityName: report
    ActionName: generate_report
    AsUserEmail: reports@example.com
"""

CASES: list[tuple[str, str | bytes, list[str]]] = [
    ("nothing wrong", FULL, []),
    ("a byte order mark", b"\xef\xbb\xbf" + FULL.encode(), []),
    (
        "not UTF-8",
        b"Tasks:\r\n- \xc3\xa9\xff\n",
        [
            "t.yaml:2:4-2:5 error[F001] is not UTF-8: the byte 0xff stands for no character here "
            "(save it as UTF-8)"
        ],
    ),
    (
        "not UTF-8 after a byte order mark",
        b"\xef\xbb\xbf\xc3\xa9\xc3",
        [
            "t.yaml:1:2-1:3 error[F001] is not UTF-8: the byte 0xc3 stands for no character here "
            "(save it as UTF-8)"
        ],
    ),
    (
        "UTF-16",
        FULL.encode("utf-16"),
        ["t.yaml error[F001] is UTF-16, not UTF-8 (save it as UTF-8)"],
    ),
    (
        "an unquoted shorthand",
        FULL.replace('"0 8 * * *"', "@daily"),
        [
            "t.yaml:3:15-3:21 error[F002] not YAML: a value cannot start with `@` unless it is quoted "
            '(quote it: "@daily")'
        ],
    ),
    (
        "a control character, after a line that an editor does not break at U+2028",
        "# \u2028é\nTasks:\n- a\x07",
        [
            "t.yaml:3:4-3:5 error[F002] the control character U+0007 is not allowed in YAML "
            '(take it out, or write it as "\\x07")'
        ],
    ),
    (
        "a tag",
        FULL + "    Active: !!bool true\n",
        [
            "t.yaml:7:13-7:24 error[F002] the tag `!!bool` is not supported "
            "(take it away: values are plain text, numbers, true, false and null)"
        ],
    ),
    (
        "a merge key in a task",
        "x-d: &d {EntityName: e, Schedule: '@daily'}\nTasks:\n- Name: a\n  <<: *d\n",
        ["t.yaml:4:3-4:5 error[F002] the merge key `<<` is not supported (write the keys out in each task)"],
    ),
    (
        "a merge key in attributes",
        FULL + "    Attributes: {<<: {a: 1}, b: 2}\n",
        [
            "t.yaml:7:18-7:20 error[F002] the merge key `<<` is not supported (write the keys out, "
            "or give a whole mapping an anchor and use that: `Attributes: *shared`)"
        ],
    ),
    (
        "an undefined alias",
        FULL.replace("report\n    Act", "*rep\n    Act") + "    Scheduler: {CatchUp: {Policy: *rep}}\n",
        [
            f"t.yaml:{spot} error[F002] `*rep` refers to an anchor that is not defined above it "
            '(define it with `&rep`, or quote the value: "*rep")'
            for spot in ("4:17-4:21", "7:35-7:39")
        ],
    ),
    (
        "no task, but an undefined alias of one",
        "Tasks:\n- *t\n- 5\n",
        [
            "t.yaml:2:3-2:5 error[F002] `*t` refers to an anchor that is not defined above it "
            '(define it with `&t`, or quote the value: "*t")',
            "t.yaml:3:3-3:4 error[F004] a task must be a mapping, not the number 5 "
            "(start each task with `- Name:`)",
        ],
    ),
    (
        "a tag on all tasks",
        "Tasks: !include other.yaml\n",
        [
            "t.yaml:1:8-1:27 error[F002] the tag `!include` is not supported "
            "(take it away: values are plain text, numbers, true, false and null)"
        ],
    ),
    *[
        (
            f"an unresolved merge conflict, {end!r}",
            FULL.replace("    EntityName", f"<<<<<<< HEAD{end}=======\n>>>>>>> x\n    EntityName"),
            ["t.yaml:4:1-4:13 error[F002] an unresolved merge conflict (resolve it: keep one side)"],
        )
        for end in ("\n", "\r\n")
    ],
    (
        "no space after a colon, with CRLF",
        FULL.replace("Name: d", "Name:d").replace("\n", "\r\n"),
        ["t.yaml:2:5-2:10 error[F002] a space is missing after `Name:` (write `Name: daily_report`)"],
    ),
    (
        "what looks like a merge conflict inside a text",
        FULL + "    Attributes:\n      a: |\n        <<<<<<< HEAD\n        =======\n",
        [],
    ),
    *[
        (
            f"no space after a colon: {slip}",
            FULL.replace(right, slip) + end,
            [f"t.yaml:{spot} error[F002] a space is missing after `{slip.split(':')[0]}:` ({hint})"],
        )
        for right, slip, end, spot, hint in (
            ("Name: daily_report", "Name:daily_report", "", "2:5-2:10", "write `Name: daily_report`"),
            ("EntityName: report", "EntityName:report # x", "", "4:5-4:16", "write `EntityName: report`"),
            ('Schedule: "0 8', 'Schedule:"0 8', "", "3:5-3:14", 'write `Schedule: "0 8 * * *"`'),
            ("AsUserEmail: r", "AsUserEmail:r", "\n", "6:5-6:17", "write `AsUserEmail: reports@example.com`"),
        )
    ],
    (
        "duplicate keys",
        FULL + '    "Name": other\n    Attributes: {a: 1, b: 2, a: 3}\nTasks: []\n',
        [
            't.yaml:7:5-7:11 error[F003] the key `"Name"` stands here twice: it is already on line 2 '
            "(keep one of them)",
            "t.yaml:8:30-8:31 error[F003] the key `a` stands here twice: it is already on line 8 "
            "(keep one of them)",
            "t.yaml:9:1-9:6 error[F003] the key `Tasks` stands here twice: it is already on line 1 "
            "(keep one of them)",
        ],
    ),
    (
        "no mapping",
        "- a\n- b\n",
        [
            "t.yaml:1:1-1:4 error[F004] a document is a mapping with `Tasks:` in it "
            "(start the file with `Tasks:`)",
        ],
    ),
    (
        "no tasks after the key",
        "Tasks:\n",
        ["t.yaml:1:1-1:6 error[F004] `Tasks` has no value (null) (for no tasks at all write `Tasks: []`)"],
    ),
    (
        "no list",
        "Tasks: {Name: a}\n",
        [
            "t.yaml:1:8-1:17 error[F004] `Tasks` must be a list, not a mapping "
            "(start each task with `- Name:`)"
        ],
    ),
    (
        "no mapping as a task",
        "Tasks:\n- \n- 5\n- [a]\n",
        [
            "t.yaml:2:2-2:2 error[F004] a task must be a mapping, not null (start each task with `- Name:`)",
            "t.yaml:3:3-3:4 error[F004] a task must be a mapping, not the number 5 "
            "(start each task with `- Name:`)",
            "t.yaml:4:3-4:6 error[F004] a task must be a mapping, not a list "
            "(start each task with `- Name:`)",
        ],
    ),
    (
        "keys are missing",
        "Tasks:\n  - Name: a\n    AsUserEmail: u@x\n",
        [
            "t.yaml:2:5-2:12 error[F004] `ActionName` is missing (add `ActionName:` to the task)",
            "t.yaml:2:5-2:12 error[F004] `EntityName` is missing (add `EntityName:` to the task)",
            "t.yaml:2:5-2:12 error[F004] `Schedule` is missing (add `Schedule:` to the task)",
        ],
    ),
    (
        "wrong types",
        "Tasks:\n  - Name: 5\n    Schedule: true\n    EntityName: ~\n    ActionName: &x\n"
        "    AsUserEmail: {}\n    Active: no\n    JobType: 1.5\n    Attributes: [1]\n",
        [
            't.yaml:2:11-2:12 error[F004] `Name` must be text, not the number 5 (quote it: "5")',
            't.yaml:3:15-3:19 error[F004] `Schedule` must be text, not true (quote it: "true")',
            "t.yaml:4:17-4:18 error[F004] `EntityName` has no value (null) "
            "(give it a value, or take the key away)",
            "t.yaml:5:17-5:19 error[F004] `ActionName` has no value (null) "
            "(give it a value, or take the key away)",
            "t.yaml:6:18-6:20 error[F004] `AsUserEmail` must be text, not a mapping (None)",
            't.yaml:7:13-7:15 error[F004] `Active` must be true or false, not the text "no" (write `false`)',
            't.yaml:8:14-8:17 error[F004] `JobType` must be text, not the number 1.5 (quote it: "1.5")',
            "t.yaml:9:17-9:20 error[F004] `Attributes` must be a mapping, not a list (None)",
        ],
    ),
    (
        "wrong options",
        FULL + "    Lifecycle: {Protected: yes, PreviousNames: [1], IgnoreChanges: [active]}\n"
        "    Scheduler: {Overlap: skp, CatchUp: {Window: 2h}, Timeout: 30, Jitter: 5 minutes}\n",
        [
            't.yaml:7:28-7:31 error[F004] `Protected` must be true or false, not the text "yes" '
            "(write `true`)",
            't.yaml:7:49-7:50 error[F004] `PreviousNames` must be text, not the number 1 (quote it: "1")',
            "t.yaml:7:69-7:75 error[F004] `IgnoreChanges` must be one of Schedule, EntityName, ActionName, "
            'AsUserEmail, Active, JobType, Attributes, not "active" (did you mean `Active`?)',
            't.yaml:8:26-8:29 error[F004] `Overlap` must be one of allow, skip, queue, not "skp" '
            "(did you mean `skip`?)",
            "t.yaml:8:40-8:52 error[F004] `Policy` is missing (add `Policy:`)",
            "t.yaml:8:63-8:65 error[F004] `Timeout` must be text, not the number 30 "
            '(write it as "30s", "5m" or "1h30m")',
            't.yaml:8:75-8:84 error[F004] `Jitter` is no duration: "5 minutes" '
            '(write it as "30s", "5m" or "1h30m")',
        ],
    ),
    (
        "a wrong word for CatchUp",
        FULL + "    Scheduler: {CatchUp: onze}\n",
        [
            't.yaml:7:26-7:30 error[F004] `CatchUp` must be one of none, once, all, not "onze" '
            "(did you mean `once`?)"
        ],
    ),
    (
        "unknown keys; the one that is misspelt is not missing as well",
        FULL.replace("EntityName", "entityname") + "    Lifecycle: {Protectd: true}\n    on: x\n    1: y\n",
        [
            "t.yaml:4:5-4:15 error[F005] unknown key `entityname` (did you mean `EntityName`?)",
            "t.yaml:7:17-7:25 error[F005] unknown key `Protectd` (did you mean `Protected`?)",
            "t.yaml:8:5-8:7 error[F005] unknown key `on` (known here: Name, Schedule, EntityName, "
            "ActionName, "
            "AsUserEmail, Active, JobType, Attributes, Lifecycle, Scheduler)",
            "t.yaml:9:5-9:6 error[F005] unknown key `1` (known here: Name, Schedule, EntityName, ActionName, "
            "AsUserEmail, Active, JobType, Attributes, Lifecycle, Scheduler)",
        ],
    ),
    (
        "keys of other tools",
        "Tasks:\n- Name: a\n  cron: x\n  Entity: e\n  Action: f\n  RunAs: u\n  Enabled: true\n  Params: {}\n"
        "  Args: {}\n- {Name: a, Schedule: x, EntityName: e, ActionName: f, AsUserEmail: u@x, User: u@x}\n",
        [
            "t.yaml:3:3-3:7 error[F005] unknown key `cron` (did you mean `Schedule`?)",
            "t.yaml:4:3-4:9 error[F005] unknown key `Entity` (did you mean `EntityName`?)",
            "t.yaml:5:3-5:9 error[F005] unknown key `Action` (did you mean `ActionName`?)",
            "t.yaml:6:3-6:8 error[F005] unknown key `RunAs` (did you mean `AsUserEmail`?)",
            "t.yaml:7:3-7:10 error[F005] unknown key `Enabled` (did you mean `Active`?)",
            "t.yaml:8:3-8:9 error[F005] unknown key `Params` (did you mean `Attributes`?)",
            "t.yaml:9:3-9:7 error[F005] unknown key `Args` (did you mean `Attributes`?)",
            "t.yaml:10:74-10:78 error[F005] unknown key `User` (known here: Name, Schedule, EntityName, "
            "ActionName, AsUserEmail, Active, JobType, Attributes, Lifecycle, Scheduler)",
        ],
    ),
    (
        "too deep",
        "Tasks: " + "[" * 100,
        ["t.yaml:1:107-1:108 error[F006] nested deeper than 100 levels (flatten it)"],
    ),
    (
        "tasks by another name",
        "tasks:\n" + TASK,
        ["t.yaml:1:1-1:6 error[F007] `tasks:` is not `Tasks:`, so no task is read (did you mean `Tasks`?)"],
    ),
    (
        "no tasks at all",
        "Tables: []\n",
        ["t.yaml error[F007] no `Tasks:` in it (start the file with `Tasks:`)"],
    ),
    ("an empty file", "# to do\n", ["t.yaml error[F007] no `Tasks:` in it (start the file with `Tasks:`)"]),
    ("an empty list and several documents", "---\nTasks: []\n---\n---\n" + GOOD + "...\n", []),
    (
        "top-level keys",
        GOOD + "Tabels: []\nx-notes: 1\nActions: []\nfoo: 1\n",
        [
            "t.yaml:3:1-3:7 warning[F009] unknown top-level key `Tabels`: it is passed over "
            "(did you mean `Tables`?)",
            "t.yaml:6:1-6:4 warning[F009] unknown top-level key `foo`: it is passed over "
            "(a key of your own starts with `x-`)",
        ],
    ),
    (
        "a later document and CRLF",
        "Tasks: []\r\n---\r\nTasks:\r\n- Name: a\r\n",
        [
            f"t.yaml:4:3-4:10 error[F004] `{key}` is missing (add `{key}:` to the task)"
            for key in ("ActionName", "EntityName", "Schedule")
        ],
    ),
]


@pytest.mark.parametrize(
    ("content", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_file(folder: Path, content: str | bytes, expected: list[str]) -> None:
    assert told(check(folder, {"t.yaml": content})) == expected


class TestFiles:
    def test_what_cannot_be_opened(self, folder: Path) -> None:
        (folder / "sub").mkdir()
        assert told(check(folder, {}, "none.yaml", "sub", "a\0b")) == [
            "a\0b error[F001] cannot be read: not a file name (None)",
            "none.yaml error[F001] cannot be read: no such file or directory (None)",
            "sub error[F007] no YAML file in this directory or below it "
            "(name a file that ends in .yaml or .yml)",
        ]

    def test_no_permission(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(path: str, *_: object) -> None:
            raise PermissionError(13, "Permission denied", path)

        check(folder, {"t.yaml": GOOD, "sub/t.yaml": GOOD})
        monkeypatch.setattr("reconciler.config.files.open", refuse, raising=False)
        monkeypatch.setattr("os.scandir", refuse)
        assert told(check(folder, {}, "t.yaml", "sub")) == [
            "sub error[F001] cannot be read: permission denied (None)",
            "t.yaml error[F001] cannot be read: permission denied (None)",
        ]

    def test_a_file_over_the_cap(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("reconciler.config.files.SIZE", 1024 * 1024)
        assert told(check(folder, {"t.yaml": "#" * (1024 * 1024 + 1)})) == [
            "t.yaml error[F006] larger than 1 MB (split it)"
        ]

    def test_one_of_several_without_tasks_is_a_warning(self, folder: Path) -> None:
        assert told(check(folder, {"a.yaml": GOOD, "b.yaml": "Tables: []\n"})) == [
            "b.yaml warning[F007] no `Tasks:` in it (start the file with `Tasks:`)"
        ]

    def test_a_bad_file_does_not_hide_the_others(self, folder: Path) -> None:
        files = {"a.yaml": "Tasks: [", "b.yaml": "Tasks:\n- x\n", "c.yaml": GOOD}
        assert [line[:14] for line in told(check(folder, files))] == ["a.yaml:1:9-1:1", "b.yaml:2:3-2:4"]

    def test_a_directory_is_every_yaml_file_below_it_in_byte_order(self, folder: Path) -> None:
        names = ["z.yml", "a/b.yaml", "a.yaml", "B.yaml", "é.yaml", "a/notes.txt", "a.yaml.bak"]
        check(folder, {f"tasks/{name}": GOOD for name in names})
        assert list(read(["tasks/"]).texts) == [
            f"tasks/{name}" for name in ["B.yaml", "a.yaml", "a/b.yaml", "z.yml", "é.yaml"]
        ]

    def test_a_directory_is_read_without_our_own_settings(self, folder: Path) -> None:
        check(folder, {"reconcile.yaml": "owner: a\n", "t.yaml": GOOD, "below/reconcile.yaml": GOOD})
        assert list(read(["."]).texts) == ["below/reconcile.yaml", "t.yaml"]
        assert list(read([str(folder)]).texts) == [f"{folder}/below/reconcile.yaml", f"{folder}/t.yaml"]

    def test_each_file_is_read_once(self, folder: Path) -> None:
        check(folder, {"tasks/a.yaml": GOOD})
        reading = read(["tasks/a.yaml", "tasks", "./tasks/a.yaml"])
        assert [document.file for document in reading.documents] == ["tasks/a.yaml"]

    def test_standard_input(self) -> None:
        reading = read(["-"], stdin=io.BytesIO(b"Tasks:\n- Name: 5\n"))
        declarations, found = declare(reading.documents)
        assert [(one.file, one.line) for one in declarations] == [("-", 2)]
        assert '-:2:9-2:10 error[F004] `Name` must be text, not the number 5 (quote it: "5")' in told(
            locate(found, reading.texts)
        )

    def test_a_name_that_daptin_would_load(self, folder: Path) -> None:
        assert told(check(folder, {"schema_tasks.yaml": GOOD, "schema_tables.yaml": "Tables: []\n"})) == [
            "schema_tables.yaml warning[F007] no `Tasks:` in it (start the file with `Tasks:`)",
            "schema_tasks.yaml:1:1-1:6 warning[D001] the name of this file starts with `schema_`: "
            "a Daptin that starts beside it loads it too (give the file another name)",
        ]


def test_a_task_with_faults_is_declared_for_what_is_right_in_it(folder: Path) -> None:
    text = "Tasks:\n- Name: a\n  Schedul: x\n  EntityName: 5\n  Active: null\n  Scheduler: {Overlap: skip}\n"
    (folder / "t.yaml").write_text(text)
    (one,), _ = declare(read(["t.yaml"]).documents)
    assert one.absent == {"ActionName", "AsUserEmail"}
    assert one.unusable >= {"Schedule", "EntityName", "ActionName", "AsUserEmail", "Active"}
    assert not one.unusable & {"Name", "Scheduler", "Attributes", "JobType"}
    assert (one.task.name, one.task.entity_name, one.task.active) == ("a", "", True)
    assert one.task.scheduler.overlap == "skip"


def test_a_missing_user_is_left_to_its_own_rule(folder: Path) -> None:
    assert check(folder, {"t.yaml": GOOD.replace(", AsUserEmail: u@x", "")}) == []


def test_lines_of_tasks_with_every_line_end(folder: Path) -> None:
    text = GOOD + "\r\n# x\r" + TASK + "-\n  " + TASK[2:]
    (folder / "t.yaml").write_bytes(text.encode())
    declarations, _ = declare(read(["t.yaml"]).documents)
    assert [one.line for one in declarations] == [2, 5, 7]


def test_a_value_that_could_not_be_read_is_passed_over(folder: Path) -> None:
    """Whatever is wrong with it is told: the checks see neither a missing key nor an empty value."""
    text = "x-a: &a {b: *c}\n" + FULL.replace("reports@example.com", "!mail x") + "    Attributes: *a\n"
    (folder / "t.yaml").write_text(text)
    (one,), found = declare(read(["t.yaml"]).documents)
    assert found == []
    assert (one.absent, one.unusable) == (frozenset(), {"AsUserEmail", "Attributes"})


def test_after_a_merge_key_whatever_is_not_written_is_passed_over(folder: Path) -> None:
    (folder / "t.yaml").write_text("Tasks:\n- Name: a\n  <<: {}\n")
    (one,), _ = declare(read(["t.yaml"]).documents)
    assert one.absent == frozenset()
    assert {"AsUserEmail", "Schedule", "Attributes"} <= one.unusable
    assert "Name" not in one.unusable
