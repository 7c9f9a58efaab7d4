"""Starting PostgreSQL as an ordinary user, also when we are root and only root may enter our directory.

PostgreSQL refuses to run as root. As root we run it as `nobody`; if the checkout lies under a directory that `nobody`
may not enter, it is given the one capability of passing through directories, and no other.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

USER = "nobody"
# The first lets a process read and pass through; the second, which containers more often leave, also write.
CAPABILITIES = ("dac_read_search", "dac_override")


class CannotRunUnprivileged(Exception):
    """We are root, and found no way to run PostgreSQL as anyone else."""


def account() -> tuple[int, int] | None:
    """The user and group to run PostgreSQL as, or None when we are an ordinary user ourselves."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(USER)
    return entry.pw_uid, entry.pw_gid


def prefix(program: Path, directory: Path, *, dies_with_parent: bool = False) -> list[str]:
    """What to put before `program` so that it runs unprivileged and can work in `directory`, which it owns."""
    target = account()
    if target is None:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise CannotRunUnprivileged("PostgreSQL does not run as root, and setpriv (of util-linux) is not installed.")
    drop = [setpriv, f"--reuid={target[0]}", f"--regid={target[1]}", "--clear-groups"]
    if dies_with_parent:
        drop.append("--pdeathsig=INT")  # changing user clears what the parent asked for
    for extra in ([], *(_keeping(name) for name in CAPABILITIES)):
        if _can_work([*drop, *extra], program, directory):
            return [*drop, *extra]
    raise CannotRunUnprivileged(
        f"PostgreSQL does not run as root, and the user {USER} may not enter {directory}. "
        f"Open its parents to others (chmod o+x), or run as an ordinary user."
    )


def _keeping(capability: str) -> list[str]:
    """The secure bit lets access(2), by which PostgreSQL judges its own programs, count the capability too."""
    return ["--securebits=+no_setuid_fixup", f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}"]


def _can_work(drop: list[str], program: Path, directory: Path) -> bool:
    """Whether it can enter the directory, and finds itself as PostgreSQL's programs do."""
    script = 'cd "$1" && "$2" --bindir'
    attempt = [*drop, "sh", "-c", script, "sh", str(directory), str(program.parent / "pg_config")]
    return subprocess.run(attempt, capture_output=True, cwd="/").returncode == 0
