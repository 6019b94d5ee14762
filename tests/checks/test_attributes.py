from dataclasses import replace

import pytest

from reconciler.catalogue import Action, Input
from reconciler.checks import attributes

UUID = "0190163d-8694-739b-aea5-966c26f8ad91"
NAN, INFINITY = float("nan"), float("inf")


def told(found):
    return [(one.code, one.message, one.hint) for one in found]


@pytest.fixture
def values(declare, offline):
    """The diagnostics about the values alone, with the paths below Attributes."""

    def check(given):
        found = attributes.check([declare(attributes=given)], offline)
        return [(one.code, one.pointer.path[3:], one.pointer.on_key) for one in found]

    return check


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"a": "x", "b": 1, "c": True, "d": None, "e": 1.5, "f": [1, "x", None], "g": {"h": {"i": []}}},
        {"a": 2**53, "b": -(2**53), "c": [2**53]},
        {"text": "NaN", "list": ["x", "y"]},
    ],
)
def test_json_is_clean(values, given):
    assert values(given) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": NAN}, [("J001", ("a",), False)]),
        ({"a": {"b": [0, -INFINITY]}}, [("J001", ("a", "b", 1), False)]),
        ({1: "x"}, [("J001", (1,), True)]),
        ({"a": [{True: "x"}]}, [("J001", ("a", 0, True), True)]),
        ({None: NAN}, [("J001", (None,), True), ("J001", (None,), False)]),
        ({"a": 10**4000}, [("J001", ("a",), False)]),
        ({"a": [["x"], [-(10**4000)]]}, [("J001", ("a", 1, 0), False)]),
        ({"a": 2**53 + 1}, [("J004", ("a",), False)]),
        ({"a": {"b": -(2**60)}}, [("J004", ("a", "b"), False)]),
        ({"a": 10**400}, [("J004", ("a",), False)]),
        (
            {"a": INFINITY, "b": 2**64, "c": {2: 3}},
            [("J001", ("a",), False), ("J004", ("b",), False), ("J001", ("c", 2), True)],
        ),
    ],
)
def test_what_is_not_json_is_told_at_its_own_place(values, given, expected):
    assert values(given) == expected


def test_the_messages_say_what_is_read(declare, offline):
    [found] = attributes.check([declare(attributes={"id": 9007199254740993})], offline)
    assert told([found]) == [
        (
            "J004",
            "9007199254740993 is beyond 2^53: Daptin reads it as a float, 9007199254740992",
            "quote it if every digit matters",
        )
    ]
    [found] = attributes.check([declare(attributes={1: "x"})], offline)
    assert told([found]) == [
        ("J001", "the key 1 is no string, as the keys of a JSON object are", 'quote it: "1"')
    ]


@pytest.mark.parametrize("text", ["x", "é", "\u0001", "👍", '"'])
def test_the_size_is_that_of_the_text_stored(declare, context, text):
    stored = {"x": 6, "é": 2, "\u0001": 6, "👍": 4, '"': 2}
    stored["x"] = 1
    fits = (65_535 - len('{"type":""}')) // stored[text]
    assert attributes.check([declare(attributes={"type": text * fits})], context) == []
    task = declare(attributes={"type": text * (fits + 1)})
    [found] = attributes.check([task], context)
    assert (found.code, found.pointer) == ("J005", task.at("Attributes"))
    size = len('{"type":""}') + stored[text] * (fits + 1)
    assert (
        found.message == f"`Attributes` is {size:,} bytes as JSON; the column of this database holds 65,535"
    )


def test_without_a_limit_there_is_no_size(declare, context):
    unlimited = replace(context, attributes_limit=None)
    assert attributes.check([declare(attributes={"type": "x" * 100_000})], unlimited) == []


def test_what_is_no_json_has_no_size(declare, context):
    task = declare(attributes={"type": "x" * 70_000, "limit": 10**4000})
    assert [one.code for one in attributes.check([task], context)] == ["J001"]


def test_an_unknown_input(declare, context):
    task = declare(attributes={"type": "daily", "formt": "pdf", "colour": "red"})
    found = attributes.check([task], context)
    assert told(found) == [
        ("J002", "`formt` is not an input of generate_report of report", "did you mean `format`?"),
        (
            "J002",
            "`colour` is not an input of generate_report of report",
            "its inputs are type, format, limit",
        ),
    ]
    assert found[0].pointer == task.at("Attributes", "formt", on_key=True)


def test_the_subject_is_always_an_input(declare, context):
    assert attributes.check([declare(attributes={"type": "daily", "report_id": UUID})], context) == []


def test_an_action_without_inputs(declare, context):
    [found] = attributes.check([declare(action_name="archive", attributes={"x": 1})], context)
    assert (found.code, found.hint) == ("J002", "the action has no inputs")


def test_a_missing_input(declare, context):
    task = declare(attributes={"format": "pdf"})
    found = attributes.check([task], context)
    assert told(found) == [
        ("J003", "generate_report of report misses the input `type`", "add it to `Attributes`")
    ]
    assert found[0].pointer == task.at("Attributes", on_key=True)


def test_missing_inputs_are_one_diagnostic(declare, context, catalogue):
    inputs = (Input(name="a"), Input(name="b"), Input(name="c", nullable=True))
    action = replace(catalogue.actions["report", "generate_report"], inputs=inputs)
    asking = replace(context, catalogue=replace(catalogue, actions={("report", "generate_report"): action}))
    task = declare(attributes={})
    found = attributes.check([task], asking)
    assert told(found) == [
        ("J003", "generate_report of report misses the inputs `a` and `b`", "add them to `Attributes`")
    ]
    assert found[0].pointer == task.at("ActionName")


def test_an_input_that_may_not_be_null(declare, context):
    tasks = [
        declare(0),
        declare(1, attributes={"type": None}),
        declare(2, attributes={"type": "x", "format": None}),
    ]
    found = attributes.check(tasks, context)
    assert told(found) == [("J003", "the input `type` may not be null", "give it a value")]
    assert found[0].pointer == tasks[1].at("Attributes", "type")


def test_a_misspelt_input_is_not_missing_too(declare, context):
    found = attributes.check([declare(attributes={"tpye": "daily"})], context)
    assert [(one.code, one.hint) for one in found] == [("J002", "did you mean `type`?")]


def test_the_subject_is_told_by_a003_alone(declare, context, catalogue):
    action = Action(
        name="remove",
        entity_name="site",
        access=catalogue.actions["site", "sync_site_storage"].access,
        inputs=(Input(name="site_id"),),
        instance_optional=False,
    )
    asking = replace(context, catalogue=replace(catalogue, actions={("site", "remove"): action}))
    tasks = [
        declare(0, entity_name="site", action_name="remove", attributes={}),
        declare(1, entity_name="site", action_name="remove", attributes={"siteid": UUID}),
    ]
    assert attributes.check(tasks, asking) == []


def test_unknown_actions_and_unread_attributes_are_passed_over(declare, context):
    tasks = [
        declare(0, action_name="nothing", attributes={"x": 1}),
        declare(1, attributes={}, unusable={"Attributes"}),
    ]
    assert attributes.check(tasks, context) == []


def test_attributes_that_were_not_read_do_not_hide_others(declare, context):
    tasks = [declare(0, attributes={}, unusable={"Attributes"}), declare(1, attributes={})]
    assert [(one.code, one.pointer.path[1]) for one in attributes.check(tasks, context)] == [("J003", 1)]


def test_integers_that_python_does_not_print_have_no_size(declare, context):
    found = attributes.check([declare(attributes={"type": 16**3999})], context)
    assert [one.code for one in found] == ["J001"]


def test_clean_tasks_do_not_hide_others_of_the_same_shape(declare, context):
    tasks = [declare(0), declare(1, attributes={"typ": "x"}), declare(2), declare(3, attributes={"typ": "y"})]
    assert [one.pointer.path[1] for one in attributes.check(tasks, context)] == [1, 3]
