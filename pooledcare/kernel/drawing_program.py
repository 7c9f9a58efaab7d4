"""The program of the drawing process: `drawing_program.py SCRIPT IDLE_MS`. It imports nothing of PooledCare.

Reads one JSON object a line: the arguments of `drawn`, which SCRIPT defines.
Writes one JSON object a line: {"svg": …} or {"error": …}.
It ends when its input ends, or when nobody has asked for IDLE_MS milliseconds.
"""

from __future__ import annotations

import json
import os
import select
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from py_mini_racer import DEFAULT_V8_FLAGS, JSEvalException, MiniRacer, init_mini_racer

HEAP_MB = 192  # it uses 20; beyond this, V8 ends the process
MOST_SECONDS = 10.0  # who asks waits less; this is for when nobody waits any more


def main() -> NoReturn:
    """Ends the process by itself: in the usual way, V8 would be taken apart, and sometimes that waits forever."""
    code = 1
    try:
        script, idle_ms = sys.argv[1:]
        init_mini_racer(flags=(*DEFAULT_V8_FLAGS, f"--max-old-space-size={HEAP_MB}"))
        v8 = MiniRacer()
        v8.eval(Path(script).read_text())
        say({"ready": True})
        answer_until_idle(v8, int(idle_ms) / 1000)
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(code)


def answer_until_idle(v8: MiniRacer, idle_seconds: float) -> None:
    while select.select([sys.stdin], [], [], idle_seconds)[0]:
        asked = sys.stdin.readline()
        if not asked:
            return
        try:
            say({"svg": v8.call("drawing.drawn", json.loads(asked), timeout_sec=MOST_SECONDS)})
        except JSEvalException as refused:  # or ended, after MOST_SECONDS
            say({"error": str(refused).strip().splitlines()[0]})


def say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
