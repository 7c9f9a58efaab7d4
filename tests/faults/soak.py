"""Run a whole PooledCare with traffic for some minutes and fail if any of its logs tells of an error.

    python -m tests.faults.soak [--minutes 30]

Uploads of 2,000 rows are sent and accepted throughout, and pages are read. It is no test because it takes so long.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.faults.installation import PRODUCTION, Installation

UPLOADS = 50  # the installation can write a few more files that have no figure in common
PAGES = ("/", "/health/ready", "/places/", "/agreements/", "/law/", "/api/docs/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    pause = parser.parse_args().minutes * 60 / UPLOADS
    with tempfile.TemporaryDirectory(prefix="pooledcare-soak-") as folder:
        installation = Installation(Path(folder) / "var")
        installation.periods = PRODUCTION
        began = {"worker": 0, "beat": 0, "web": 0}
        installation.start()
        try:
            programs = installation.run_file()["processes"]
            installation.populate()
            pages = sum(one_upload_and_pages(installation, pause) for _ in range(UPLOADS))
            assert installation.run_file()["processes"] == programs, installation.output.read_text()
            installation.check_everything()
        finally:
            installation.leave()
        errors = installation.errors_since(began)
    sys.stdout.write(f"{UPLOADS} uploads accepted, {pages} pages read, {len(errors)} lines of an error\n")
    sys.exit("\n".join(errors) if errors else 0)


def one_upload_and_pages(installation: Installation, seconds: float) -> int:
    """Returns how many pages were read. Raises HTTPError if any is not there, AssertionError if the upload fails."""
    until = time.monotonic() + seconds
    figures = installation.figures(2_000)
    upload = installation.send(figures)
    installation.wait_for_state(upload, {"awaiting_second_person"})
    assert installation.accept(upload).status == 202
    installation.wait_for_state(upload, {"accepted"})
    installation.check_accepted_once(upload, figures)
    pages = 0
    while time.monotonic() < until:
        for page in PAGES:
            with urllib.request.urlopen(f"http://localhost:{installation.port}{page}", timeout=60) as answer:
                answer.read()
            pages += 1
        time.sleep(1)
    return pages


if __name__ == "__main__":
    main()
