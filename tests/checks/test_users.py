from dataclasses import replace

import pytest

from reconciler.catalogue import Access
from reconciler.checks import users


def told(found):
    return [(one.code, one.message, one.hint) for one in found]


def test_a_clean_task(declare, context):
    assert users.check([declare()], context) == []


def test_a_missing_user_is_told_offline_too(declare, offline):
    task = declare(as_user_email="", absent={"AsUserEmail"}, unusable={"AsUserEmail"})
    [found] = users.check([task], offline)
    assert found.code == "U001"
    assert found.pointer == task.at()


@pytest.mark.parametrize("email", ["", " ", " reports@example.com", "rep\u202eorts@example.com"])
def test_a_malformed_address_is_not_looked_up(declare, context, email):
    assert users.check([declare(as_user_email=email)], context) == []


def test_users_are_not_looked_up_offline(declare, offline):
    assert users.check([declare(as_user_email="nobody@example.com")], offline) == []


@pytest.mark.parametrize(
    ("email", "hint"),
    [
        ("Reports@Example.com", 'did you mean "reports@example.com"?'),
        ("report@example.com", 'did you mean "reports@example.com"?'),
        ("bob@example.com", "`reconcile users list` shows those that there are"),  # only the domain is alike
        ("x@y", "`reconcile users list` shows those that there are"),
    ],
)
def test_an_unknown_user(declare, context, email, hint):
    task = declare(as_user_email=email)
    found = users.check([task], context)
    assert told(found) == [("U002", f'no user "{email}"', hint)]
    assert found[0].pointer == task.at("AsUserEmail")


def test_an_unknown_user_or_action_hides_the_permission(declare, context):
    tasks = [
        declare(0, as_user_email="nobody@example.org", entity_name="vault", action_name="open"),
        declare(1, entity_name="vault", action_name="opne"),
        declare(2, entity_name="volt", action_name="open"),
    ]
    assert [one.code for one in users.check(tasks, context)] == ["U002"]


def test_the_action_refuses(declare, context):
    task = declare(entity_name="world", action_name="export_data")
    found = users.check([task], context)
    assert told(found) == [
        (
            "U003",
            '"reports@example.com" may not execute export_data of world: the action export_data refuses',
            "put the user in the group ops; or share the action export_data with the user's group users "
            "(the join row's permission with GroupExecute, 524288)",
        )
    ]
    assert found[0].pointer == task.at("AsUserEmail")


def test_the_entity_and_the_action_refuse(declare, context):
    [found] = users.check([declare(entity_name="vault", action_name="open")], context)
    assert found.message == (
        '"reports@example.com" may not execute open of vault: the entity vault and the action open refuse'
    )
    assert found.hint == (
        "put the user in the group ops; or share the entity vault and the action open "
        "with the user's group users (the join row's permission with GroupExecute, 524288)"
    )


@pytest.mark.parametrize("email", ["ops@example.com", "admin@example.com"])
def test_a_granted_group_and_administrators_pass(declare, context, email):
    assert users.check([declare(as_user_email=email, entity_name="vault", action_name="open")], context) == []


def test_without_a_group_that_is_granted_the_hint_is_to_share(declare, context, catalogue):
    action = replace(catalogue.actions["world", "export_data"], access=Access(owner_id=1, permission=0))
    actions = {**catalogue.actions, ("world", "export_data"): action}
    alone = replace(context, catalogue=replace(catalogue, actions=actions))
    [found] = users.check([declare(entity_name="world", action_name="export_data")], alone)
    assert found.hint == (
        "share the action export_data with the user's group users "
        "(the join row's permission with GroupExecute, 524288); or name an administrator"
    )


def test_every_task_is_told_about(declare, context):
    tasks = [declare(index, as_user_email="x@y") for index in range(3)]
    assert [one.pointer for one in users.check(tasks, context)] == [task.at("AsUserEmail") for task in tasks]
