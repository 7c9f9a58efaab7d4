#!/usr/bin/env python
"""Run all of PooledCare on this machine until Ctrl-C: `run.py [--port N] [--var DIR] [--no-demo] [--fresh]`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from deploy.database import DatabaseFailed  # noqa: E402
from deploy.environment import Place  # noqa: E402
from deploy.lock import AlreadyRunning, only_one  # noqa: E402
from deploy.supervisor import Supervisor, Unusable  # noqa: E402
from deploy.unprivileged import CannotRunUnprivileged  # noqa: E402


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="directory for its data, files and logs")
    parser.add_argument("--no-demo", action="store_true", help="leave out the demonstration people and uploads")
    parser.add_argument(
        "--fresh", action="store_true", help="first delete the embedded database and every uploaded file"
    )
    return parser.parse_args()


def main() -> int:
    options = arguments()
    place = Place(options.var.resolve(), options.port)
    place.make_folders()
    try:
        with only_one(place.var / "run.lock"):
            if options.fresh:
                place.forget()
            return Supervisor(place, demo=not options.no_demo).run()
    except AlreadyRunning as other:
        sys.exit(f"PooledCare is already running from this directory (process {other.pid}). Stop that one first.")
    except (DatabaseFailed, CannotRunUnprivileged, Unusable) as failure:
        sys.exit(f"PooledCare did not start. {failure}")


if __name__ == "__main__":
    sys.exit(main())
