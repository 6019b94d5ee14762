"""GitOps for scheduled tasks: YAML `Tasks:` in git, a plan in CI, the `task` table in one transaction.

files -> config -> checks -> planning -> database -> [task table] -> scheduler -> actions

pipeline.py   the story, one short function a step: read it first; applying.py is its last step,
              exporting.py the way back, causes/ who stands behind a change
saved_plan.py a plan as a file                 refs.py    a catalogue as a file
commands/     one file = one subcommand        config/    YAML text -> declarations
checks/       one file = one subject           planning/  desired + existing -> plan (pure)
database/     all SQL                          renderers/ one file = one format
report/       what a command found out         cli/       options in, exit code out
canonical/    the one spelling of a task file
schedule/     the cron dialect                 git.py ... nouns that everyone shares
scheduler/    loads the table, fires, runs     actions/   what a task may run: the public face
web/          health and metrics
Who may import whom is tests/test_architecture.py.
"""

__version__ = "0.1.0"
