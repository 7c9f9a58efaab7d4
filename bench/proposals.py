"""A workbook of 10 MB with an unknown layout: the time until it is proposed how to read it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from bench.measures import Ratio, median
from bench.scale import Scale
from deploy.environment import ROOT

FIGURES_FOR_ONE_ROW = 1_000  # a thousand rows in each sheet, in a run of a million figures
SECONDS = 5.0


def proposals(scale: Scale) -> list[Ratio]:
    """The time for a proposal, and that of the processor alone, each compared with its limit."""
    with scale.small_database.copy("proposals") as database:
        environment = {
            **os.environ,
            "DATABASE_URL": database.urls.application,
            "DATABASE_OWNER_URL": database.urls.owner,
            "DJANGO_SETTINGS_MODULE": "pooledcare.settings",
        }
        rows = max(50, scale.rows // FIGURES_FOR_ONE_ROW)
        done = subprocess.run(
            [sys.executable, "-m", "bench.proposing", str(rows), str(scale.runs)],
            cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
    told = json.loads(done.stdout)
    name = f"proposal for an unknown workbook of {told['bytes'] / 1e6:.1f} MB"
    return [
        Ratio(name, median(told["seconds"]), SECONDS, 1.0, "what is allowed"),
        Ratio(f"{name}, processor", median(told["processor"]), SECONDS, 1.0, "what is allowed"),
    ]
