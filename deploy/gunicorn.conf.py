"""Settings of gunicorn: a few processes with several threads each, so that a slow client does not block others."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from gunicorn.glogging import Logger

# The secret of a one-time link, which is in its path: a part of 24 or more characters with a digit, and not a UUID.
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TOKEN = re.compile(rf"(?<=/)(?!{UUID}(/|$))(?=[^/]*[0-9])[^/]{{24,}}")


class JsonLines(Logger):
    """Logs one JSON object for each response, without IP address, query or secrets. Omits successful health checks."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        # For a request that could not be parsed, gunicorn gives only a status such as "400 Bad Request", and no path.
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
preload_app = (
    True  # the processes share the memory of the loaded code; nothing connects to the database before the fork
)
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 120
graceful_timeout = 10
keepalive = 5
# Restart each process after about this many requests, to limit the growth of its memory. The jitter staggers restarts.
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True  # it would be created in a home directory
logger_class = JsonLines
accesslog = errorlog = "-"
