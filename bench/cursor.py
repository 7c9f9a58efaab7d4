"""Writes the signed cursor behind a figure, as the API does for whoever has read so far: python -m bench.cursor …"""

from __future__ import annotations

import json
import sys

import django

django.setup()

from pooledcare.kernel.rest.cursors import Cursor, binding, write_cursor  # noqa: E402

path, filters, client, key = json.loads(sys.argv[1])
print(write_cursor(Cursor((key,)), binding(path, filters, client)))
