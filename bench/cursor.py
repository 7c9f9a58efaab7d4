"""Prints the signed cursor of the API for the page after a figure: python -m bench.cursor …"""

from __future__ import annotations

import json
import sys

import django

django.setup()

from pooledcare.kernel.rest.cursors import Cursor, binding, write_cursor  # noqa: E402

path, filters, client, key = json.loads(sys.argv[1])
print(write_cursor(Cursor((key,)), binding(path, filters, client)))
