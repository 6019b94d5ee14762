import pytest

from reconciler.checks import names
from reconciler.diagnostics import Severity


def codes(found):
    return [one.code for one in found]


def test_clean_tasks_are_clean(declare, offline):
    assert names.check([declare(index) for index in range(3)], offline) == []


def test_a_repeated_name_is_told_at_the_later_place_and_names_the_first(declare, offline):
    tasks = [
        declare(0, name="daily", file="a.yaml"),
        declare(1, name="other", file="a.yaml"),
        declare(0, name="daily", file="b.yaml"),
        declare(2, name="daily", file="b.yaml"),
    ]
    found = names.check(tasks, offline)
    assert codes(found) == ["N001", "N001"]
    assert [one.pointer for one in found] == [tasks[2].at("Name"), tasks[3].at("Name")]
    assert all("a.yaml:2" in one.message for one in found)


def test_names_are_told_apart_exactly(declare, offline):
    assert names.check([declare(0, name="Job"), declare(1, name="job")], offline) == []


def test_names_that_are_not_there_are_not_repeated(declare, offline):
    tasks = [declare(index, name="", unusable={"Name"}) for index in range(2)]
    assert names.check(tasks, offline) == []


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("Name", "name"),
        ("Schedule", "schedule"),
        ("EntityName", "entity_name"),
        ("ActionName", "action_name"),
        ("JobType", "job_type"),
    ],
)
def test_a_column_holds_a_hundred_characters(declare, offline, key, field):
    assert codes(names.check([declare(**{field: "é" * 100})], offline)) == []
    found = names.check([declare(**{field: "é" * 134})], offline)
    assert codes(found) == ["N002"]
    assert found[0].message == f"`{key}` is 134 characters long; its column holds 100"
    assert found[0].pointer == declare().at(key, span=(100, 134))


def test_an_address_is_in_no_column_of_the_task(declare, offline):
    assert names.check([declare(as_user_email="a" * 200 + "@example.com")], offline) == []


@pytest.mark.parametrize(
    ("text", "reason", "span"),
    [
        ("", "is blank", None),
        (" \u00a0\u3000\t", "is blank", None),
        (" report", "starts with white space", (0, 1)),
        ("report\u00a0\u00a0", "ends with white space", (6, 8)),
        ("report\n", "ends with white space", (6, 7)),
        ("re\x07port", "holds the character U+0007, which cannot be seen", (2, 3)),
        ("re\nport", "holds the character U+000A, which cannot be seen", (2, 3)),
        ("re\u202eport", "holds the character U+202E, which cannot be seen", (2, 3)),
        ("re\u2067port", "holds the character U+2067, which cannot be seen", (2, 3)),
    ],
)
def test_texts_that_deceive(declare, offline, text, reason, span):
    found = names.check([declare(entity_name=text)], offline)
    assert codes(found) == ["N003"]
    assert found[0].severity is Severity.ERROR
    assert found[0].message.startswith(f"`EntityName` {reason}")
    assert found[0].pointer == declare().at("EntityName", span=span)


@pytest.mark.parametrize(
    "text",
    [
        "Tägliche Meldung",
        "\u06af\u0632\u0627\u0631\u0634\u200c\u0647\u0627",
        "👩\u200d💻 digest",
        "a\u00a0b",
        "日報",
    ],
)
def test_names_of_every_script_are_welcome(declare, offline, text):
    assert names.check([declare(name=text)], offline) == []


def test_the_message_spells_what_cannot_be_seen(declare, offline):
    [found] = names.check([declare(name="a\u202eb\u00a0")], offline)
    assert found.message == '`Name` ends with white space: "a\\u202eb\\u00a0"'


@pytest.mark.parametrize("field", ["name", "schedule", "entity_name", "action_name", "as_user_email"])
def test_every_required_text_is_looked_at(declare, offline, field):
    assert codes(names.check([declare(**{field: "  "})], offline)) == ["N003"]


def test_a_job_type_may_be_empty_but_not_blank(declare, offline):
    assert names.check([declare(job_type="")], offline) == []
    assert codes(names.check([declare(job_type=" ")], offline)) == ["N003"]


def test_what_the_reader_has_told_is_not_told_again(declare, offline):
    task = declare(name="", as_user_email="", unusable={"Name", "AsUserEmail"}, absent={"AsUserEmail"})
    assert names.check([task], offline) == []


def test_one_key_does_not_hide_another(declare, offline):
    task = declare(name=" a", entity_name="b ", action_name="c" * 101)
    assert sorted(codes(names.check([task], offline))) == ["N002", "N003", "N003"]


def test_padding_does_not_count_towards_the_length(declare, offline):
    assert codes(names.check([declare(name="n" * 99 + "   ")], offline)) == ["N003"]
    assert codes(names.check([declare(name="n" * 101 + " ")], offline)) == ["N003", "N002"]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (" 0 8 * * * ", []),
        ("0 8\t* * *\n", []),
        (" @daily", ["N003"]),
        ("@daily\u00a0", ["N003"]),
        (" 61 * * * *", []),
        ("0 8\t* * 9", []),
        ("@dai\u202ely", ["N003"]),
        ("", ["N003"]),
    ],
)
def test_a_schedule_may_be_padded_where_the_engine_takes_it(declare, offline, schedule, expected):
    assert codes(names.check([declare(schedule=schedule)], offline)) == expected
