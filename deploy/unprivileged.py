"""Starting PostgreSQL as an ordinary user when we are root, even if only root may enter the checkout.

PostgreSQL refuses to run as root, so root runs it as `nobody`. If the checkout is under a directory that `nobody` may
not enter, the process also gets one capability that lets it pass through directories.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

USER = "nobody"
# Tried in this order. The first allows reading files and passing through directories. The second also allows writing,
# but more containers grant it.
CAPABILITIES = ("dac_read_search", "dac_override")


class CannotRunUnprivileged(Exception):
    """We are root, and there is no way to run PostgreSQL as another user."""


def account() -> tuple[int, int] | None:
    """The ids of the user and group to run PostgreSQL as, or None if we are not root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(USER)
    return entry.pw_uid, entry.pw_gid


def prefix(program: Path, directory: Path, *, dies_with_parent: bool = False) -> list[str]:
    """The arguments to put before `program` so that it runs unprivileged and can work in `directory`, its own.

    Empty if we are not root. Raises CannotRunUnprivileged.
    """
    target = account()
    if target is None:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise CannotRunUnprivileged("PostgreSQL does not run as root, and setpriv (of util-linux) is not installed.")
    drop = [setpriv, f"--reuid={target[0]}", f"--regid={target[1]}", "--clear-groups"]
    if dies_with_parent:
        drop.append("--pdeathsig=INT")  # changing user clears the signal set by die_with_parent
    for extra in ([], *(_keeping(name) for name in CAPABILITIES)):
        if _can_work([*drop, *extra], program, directory):
            return [*drop, *extra]
    raise CannotRunUnprivileged(
        f"PostgreSQL does not run as root, and the user {USER} may not enter {directory}. "
        f"Open its parents to others (chmod o+x), or run as an ordinary user."
    )


def _keeping(capability: str) -> list[str]:
    """The options of setpriv that keep a capability.

    The secure bit makes access(2), with which PostgreSQL checks its own programs, take the capability into account.
    """
    return ["--securebits=+no_setuid_fixup", f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}"]


def _can_work(drop: list[str], program: Path, directory: Path) -> bool:
    """Whether it can enter the directory, and PostgreSQL's programs can find their own location."""
    script = 'cd "$1" && "$2" --bindir'
    attempt = [*drop, "sh", "-c", script, "sh", str(directory), str(program.parent / "pg_config")]
    return subprocess.run(attempt, capture_output=True, cwd="/").returncode == 0
