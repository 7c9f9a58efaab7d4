"""Clients that are generated from the committed schema compile under strict settings, and make a whole journey."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pooledcare.api_pages import SCHEMA
from tests.world import World

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

HERE = Path(__file__).parent / "clients"
CACHE = SCHEMA.parent.parent / ".mypy_cache" / "clients"
# Mypy reads no settings of this repository.
PYTHON = """
"$PYTHON" -m openapi_python_client generate --path "$SCHEMA" --meta none --output-path pooledcare_client \\
  --config settings.yml --fail-on-warning
"$PYTHON" -m mypy --config-file= --cache-dir "$CACHE" --strict journey.py pooledcare_client
"""
TYPESCRIPT = """
node_modules/.bin/openapi-typescript "$SCHEMA" --output schema.ts
node_modules/.bin/tsc --project .
"""


class Making:
    """A client that is being generated and compiled, in a folder of its own, while others are."""

    def __init__(self, folder: Path, script: str) -> None:
        self.folder = folder
        known = {"PYTHON": sys.executable, "SCHEMA": str(SCHEMA), "CACHE": str(CACHE), "PATH": os.environ["PATH"]}
        self.process = subprocess.Popen(
            ["bash", "-eu", "-c", script],
            cwd=folder,
            env={**known, "HOME": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def made(self) -> Path:
        printed, _ = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, printed
        return self.folder


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Making]]:
    """Both are made at the same time, once for all tests."""
    modules = HERE / "node_modules"
    if not modules.is_dir():
        pytest.fail(
            f"The programs that make the TypeScript client are not installed: make {modules.name} with `make test`"
        )
    folders = {name: tmp_path_factory.mktemp(name) for name in ("python", "typescript")}
    shutil.copy(HERE / "journey.py", folders["python"])
    (folders["python"] / "settings.yml").write_text("post_hooks: []\n")
    for name in ("journey.ts", "tsconfig.json", "package.json"):
        shutil.copy(HERE / name, folders["typescript"])
    (folders["typescript"] / "node_modules").symlink_to(modules)
    making = {
        "python": Making(folders["python"], PYTHON),
        "typescript": Making(folders["typescript"], TYPESCRIPT),
    }
    yield making
    for each in making.values():
        each.process.kill()
        each.process.wait()


@pytest.mark.parametrize(
    ("language", "command", "note"),
    [
        ("python", [sys.executable, "journey.py"], "From Python"),
        ("typescript", ["node", "compiled/journey.js"], "From TypeScript"),
    ],
)
def test_a_generated_client_compiles_and_makes_a_whole_journey(
    language: str, command: list[str], note: str, clients: dict[str, Making], server: Any
):
    world = World().with_figures()
    keys = {"KEY": world.tokens["officer"], "APPROVER_KEY": world.tokens["approver"]}
    done = subprocess.run(
        command,
        cwd=clients[language].made(),
        env={"PATH": os.environ["PATH"], "SITE": server.url, **keys},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    published = world.api().results("/allocations/?page_size=1000")
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "figures": len(published) - 1,
        "lines": len(published),
        "one": True,
        "wrong": ["refused", [["NOT_A_NUMBER", "amount", "about 300"]]],
        "by_officer": [403, "forbidden"],
        "outdated": [412, "precondition-failed"],
        "done": "accepted",
        "read_back": [["1234.50", note, "2026-27"]],
        "unknown": [404, "not-found"],
        "impossible_year": [400, "invalid-parameter"],
    }
    assert len(published) > 3
