from dataclasses import replace

import pytest

from reconciler.checks import reader


@pytest.fixture
def daptin(context):
    return replace(context, reader="daptin")


def told(found):
    return [(one.code, one.pointer.path, one.message) for one in found]


def test_our_own_scheduler_has_none_of_it(declare, context):
    assert reader.check([declare(active=False)], context) == []


def test_no_task_no_diagnostic(daptin):
    assert reader.check([], daptin) == []


def test_every_inactive_task_the_rest_once(declare, daptin):
    tasks = [declare(index, active=index % 2 == 1) for index in range(4)]
    found = reader.check(tasks, daptin)
    assert [(one.code, one.pointer.path) for one in found] == [
        ("D002", ("Tasks", 0, "Active")),
        ("D002", ("Tasks", 2, "Active")),
        ("D003", ("Tasks", 0)),
        ("D004", ("Tasks", 1)),
    ]
    assert found[2].message.endswith("4 tasks here")
    assert found[3].message.endswith("2 tasks here")


def test_those_that_a_guest_may_not_execute_are_counted(declare, daptin):
    tasks = [declare(0), declare(1, entity_name="world", action_name="export_data")]
    [found] = [one for one in reader.check(tasks, daptin) if one.code == "D003"]
    assert found.message.endswith("2 tasks here, 1 of which a guest may not execute")


@pytest.mark.parametrize(
    ("kind", "codes"), [("sqlite", []), ("postgresql", ["D004"]), ("mysql", ["D004"]), (None, ["D004"])]
)
def test_the_boot_sync_is_lost_on_the_servers(declare, daptin, kind, codes):
    found = reader.check([declare()], replace(daptin, kind=kind, catalogue=None))
    assert [one.code for one in found if one.code != "D003"] == codes


def test_the_boot_sync_needs_an_active_row(declare, daptin):
    assert "D004" not in [one.code for one in reader.check([declare(active=False)], daptin)]
