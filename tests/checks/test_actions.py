import pytest

from reconciler.checks import actions

UUID = "0190163d-8694-739b-aea5-966c26f8ad91"


def told(found):
    return [(one.code, one.message, one.hint) for one in found]


def test_clean_tasks(declare, context):
    site = declare(
        1, entity_name="site", action_name="sync_site_storage", attributes={"site_id": UUID, "path": "/"}
    )
    assert actions.check([declare(), site], context) == []


def test_nothing_is_looked_up_offline(declare, offline):
    assert actions.check([declare(entity_name="nothing")], offline) == []


@pytest.mark.parametrize(
    ("entity", "action", "hint"),
    [
        ("Report", "generate_report", 'did you mean "report"?'),
        ("reprot", "nothing", 'did you mean "report"?'),
        ("report/generate_report", "run", "write `EntityName: report` and `ActionName: generate_report`"),
        ("qqq", "generate_report", '"generate_report" exists on report'),
        ("qqq", "zzz", "`reconcile actions list` shows what there is"),
    ],
)
def test_an_unknown_entity_hides_the_unknown_action(declare, context, entity, action, hint):
    task = declare(entity_name=entity, action_name=action)
    found = actions.check([task], context)
    assert told(found) == [("A001", f'no entity "{entity}"', hint)]
    assert found[0].pointer == task.at("EntityName")


@pytest.mark.parametrize(
    ("entity", "action", "hint"),
    [
        ("report", "generate_reports", 'did you mean "generate_report"?'),
        ("report", "export_data", '"export_data" exists on world'),
        ("report", "zzz", "report has archive, generate_report"),
        ("mail_box", "zzz", "mail_box has no action"),
    ],
)
def test_an_unknown_action(declare, context, entity, action, hint):
    task = declare(entity_name=entity, action_name=action)
    found = actions.check([task], context)
    assert told(found) == [("A002", f'no action "{action}" on the entity "{entity}"', hint)]
    assert found[0].pointer == task.at("ActionName")


@pytest.mark.parametrize(
    ("entity", "action"),
    [("", "x"), (" report", "x"), ("r" * 101, "x"), ("report", ""), ("report", "x\n"), ("report", "x" * 101)],
)
def test_a_malformed_name_is_not_looked_up(declare, context, entity, action):
    assert actions.check([declare(entity_name=entity, action_name=action)], context) == []


def site(declare, attributes, **more):
    return declare(entity_name="site", action_name="sync_site_storage", attributes=attributes, **more)


def test_a_subject_is_missing(declare, context):
    task = site(declare, {"path": "/"})
    found = actions.check([task], context)
    assert told(found) == [
        (
            "A003",
            "sync_site_storage is about one row of site: `Attributes` must name it by `site_id`",
            "add `site_id:` with the row's UUID",
        )
    ]
    assert found[0].pointer == task.at("ActionName")


def test_a_misspelt_subject_is_told_at_its_key(declare, context):
    task = site(declare, {"path": "/", "siteid": UUID})
    [found] = actions.check([task], context)
    assert found.hint == "rename `siteid` to `site_id`"
    assert found.pointer == task.at("Attributes", "siteid", on_key=True)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (UUID.upper(), f'it is compared as text: write "{UUID}"'),
        (UUID.replace("-", ""), f'it is compared as text: write "{UUID}"'),
        ("{" + UUID + "}", f'it is compared as text: write "{UUID}"'),
        (f"urn:uuid:{UUID}", None),
        ("main", None),
        (7, None),
        (None, None),
    ],
)
def test_a_subject_is_a_uuid_in_its_canonical_spelling(declare, context, value, hint):
    task = site(declare, {"path": "/", "site_id": value})
    [found] = actions.check([task], context)
    assert found.code == "A003"
    assert found.pointer == task.at("Attributes", "site_id")
    generic = "a UUID is written as 0190163d-8694-739b-aea5-966c26f8ad91: lower case, hyphens, no braces"
    assert found.hint == (hint or generic)


def test_attributes_that_the_reader_refused_are_not_asked_for_a_subject(declare, context):
    assert actions.check([site(declare, {}, unusable={"Attributes"})], context) == []
