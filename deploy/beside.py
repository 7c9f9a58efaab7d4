#!/usr/bin/env python
"""Run a command with the settings of the PooledCare that `make run` started: `beside.py [--var DIR] -- command…`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from deploy.environment import Place, base_environment  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--var", type=Path, default=ROOT / "var")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    run_file = options.var / "run.json"
    if not command:
        parser.error("no command given")
    if not run_file.exists():
        sys.exit("PooledCare is not running here. Start it in another terminal: make run")
    running = json.loads(run_file.read_text())
    environment = base_environment(Place(options.var.resolve(), running["port"])) | running["environment"]
    os.execvpe(command[0], command, environment)


if __name__ == "__main__":
    main()
