"""How gunicorn serves PooledCare: few processes, some threads each, so that a slow reader holds up nobody."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from gunicorn.glogging import Logger

# A one-time link carries its secret in the path: a long part with a digit in it that is not one of our identifiers.
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TOKEN = re.compile(rf"(?<=/)(?!{UUID}(/|$))(?=[^/]*[0-9])[^/]{{24,}}")


class JsonLines(Logger):
    """One JSON object for each answer, no address, query or secret in it; passing health checks leave none."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        # Of a request that could not be read there is a line of status, and neither a number nor a path.
        status, path = int(str(resp.status).split(maxsplit=1)[0]), environ.get("PATH_INFO", "")
        if path.startswith("/health/") and status == 200:
            return
        headers = {name.lower(): value for name, value in resp.headers}
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": environ.get("REQUEST_METHOD"),
            "path": TOKEN.sub("…", path),
            "status": status,
            "bytes": resp.sent,
            "ms": round(request_time / timedelta(milliseconds=1)),
            "request_id": headers.get("x-request-id", ""),
        }
        self.access_log.info("%s", json.dumps(line))


bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
preload_app = True  # read once, held in memory once; nothing connects before the fork
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 120
graceful_timeout = 10
keepalive = 5
# A long-lived process must not grow for ever; staggered, so that both are never away together.
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True  # it would be made in somebody's home directory
logger_class = JsonLines
accesslog = errorlog = "-"
