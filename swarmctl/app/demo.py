"""The main job, played for real in a throwaway repository: one task lands, one is mended by its gate, one conflicts."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from swarmctl.core.outcome import Outcome
from swarmctl.edges.git.sample import make_repository

EXPECTED = {
    "Greet by name": Outcome.LANDED,
    "Say goodbye as well": Outcome.LANDED,
    "Greet in capitals": Outcome.CONFLICT,
}

FILES = {
    "greeting.py": 'def greet():\n    return "hello"\n',
    "test_greeting.py": (
        "import unittest\n\nimport greeting\n\n\n"
        "class Greeting(unittest.TestCase):\n"
        "    def test_it_says_hello(self):\n"
        "        self.assertTrue(callable(greeting.greet))\n"
    ),
    ".gitignore": "__pycache__/\n",
    "swarm.toml": """\
[[gate]]
name = "style"
run = "! grep -nE ' +$' *.py"
autofix = "sed -i 's/ *$//' *.py"

[[gate]]
name = "tests"
run = "python3 -m unittest"
count = "Ran (\\\\d+) tests?"
min_tests = 1
""",
}

PLAN = r"""
[[task]]
title = "Greet by name"
prompt = "greet() should say the name that it is given."
exec = '''
sleep 0.5
printf 'def greet(name="you"):\n    return f"hello, {name}"\n' > greeting.py
'''

[[task]]
title = "Say goodbye as well"
prompt = "Add a goodbye() in a file of its own."
exec = '''
sleep 1
printf 'def goodbye(name):  \n    return f"goodbye, {name}"   \n' > farewell.py
'''

[[task]]
title = "Greet in capitals"
prompt = "greet() should shout."
exec = '''
sleep 1.5
printf 'def greet():\n    return "HELLO"\n' > greeting.py
'''
"""


@contextmanager
def stage(*, keep: bool) -> Iterator[tuple[Path, Path]]:
    """A throwaway repository and a plan, with state of their own: nothing of the user's is touched."""
    place = Path(tempfile.mkdtemp(prefix="swarmctl-demo-"))
    before = Path.cwd()
    changed = {"XDG_STATE_HOME": str(place / "state"), "XDG_RUNTIME_DIR": "", "TMPDIR": str(place)}
    kept = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        repository = place / "project"
        make_repository(repository, FILES)
        plan = place / "plan.toml"
        plan.write_text(PLAN)
        os.chdir(repository)
        yield repository, plan
    finally:
        os.chdir(before)
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        if not keep:
            shutil.rmtree(place, ignore_errors=True)
