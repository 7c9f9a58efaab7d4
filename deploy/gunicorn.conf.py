"""How gunicorn serves PooledCare: few processes, some threads each, so that a slow reader holds up nobody."""

import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 120
graceful_timeout = 10
keepalive = 5
# A long-lived process must not grow for ever; staggered, so that both are never away together.
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True  # it would be made in somebody's home directory
errorlog = "-"
# PooledCare writes its own line for each request, with the request's id and no personal data.
accesslog = None
