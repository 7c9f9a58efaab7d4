"""The peer of the API's lists: one view in psycopg and orjson, as a minimal implementation by hand.

It checks the key, its organisation and its maker's permissions, counts the request, filters by stream and basis, and
returns the same rows with the same names as the list.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from budgets.queries.listing_columns import RESTATED

_KEY = """
select k.secret_hash, k.organisation_id, k.permissions, m.roles
from directory_apikey k
join directory_user u on u.id = k.created_by_id and u.is_active
join directory_membership m on m.user_id = u.id and m.organisation_id = k.organisation_id and m.ended_at is null
where k.prefix = %s and k.revoked_at is null and k.expires_at > now()
"""
_COUNT = """
insert into request_count as c (client, window_start, used) values (%s, %s, 1)
on conflict (client) do update set
    used = case when c.window_start = excluded.window_start then c.used + 1 else 1 end,
    window_start = excluded.window_start
returning used
"""
_ROWS = f"""
select a.id, o.code, s.code, a.financial_year, a.basis, a.gross_or_net, a.recurrence, a.amount::text,
       case when a.amount is null then a.published_text end, a.version, {RESTATED}, p.code, a.published_on,
       a.accepted_at, a.published_text, a.upload_id, u.filename, a.sheet, a.row, a.cell, a.note
from budgets_allocation a
join directory_organisation o on o.id = a.organisation_id
join directory_organisation p on p.id = a.source_id
join budgets_fundingstream s on s.id = a.stream_id
join uploads_upload u on u.id = a.upload_id
where a.stream_id = (select id from budgets_fundingstream where code = %s) and a.basis = %s
  and a.is_current and not a.withdrawn and (a.published_on <= current_date or a.organisation_id = %s)
  and a.id > %s
order by a.id limit 101
"""


def allocation_page(request: HttpRequest) -> HttpResponse:
    token = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    with connection.cursor() as cursor:
        cursor.execute(_KEY, [token[3:11]])
        key = cursor.fetchone()
        if key is None or not hmac.compare_digest(key[0], hashlib.sha256(token.encode()).hexdigest()):
            return HttpResponse(status=401)
        now = int(time.time())
        cursor.execute(_COUNT, [f"hand:{token[3:11]}", now - now % 60])
        if cursor.fetchone()[0] > settings.API_RATE_KEY:
            return HttpResponse(status=429)
        after = int(request.GET.get("after", "0"))
        cursor.execute(_ROWS, [request.GET["stream"], request.GET["basis"], key[1], after])
        rows = cursor.fetchall()
    page = rows[:100]
    following = f"/bench/allocations/?after={page[-1][0]}" if len(rows) > 100 else None
    body = orjson.dumps({"results": [_figure(row) for row in page], "next": following})
    return HttpResponse(body, content_type="application/json")


def _figure(row: tuple[Any, ...]) -> dict[str, Any]:
    (pk, organisation, stream, year, basis, gross, recurrence, amount, missing, version, restated, source, published,
     accepted, text, upload, file, sheet, line, cell, note) = row  # fmt: skip
    api = f"{settings.PUBLIC_URL}/api/v1"
    return {
        "reference": f"AL-{pk}",
        "organisation": organisation,
        "stream": stream,
        "financial_year": f"{year}-{(year + 1) % 100:02d}",
        "basis": basis,
        "gross_or_net": gross,
        "recurrence": recurrence,
        "amount": amount,
        "not_reported": missing,
        "version": version,
        "restated": restated,
        "source": source,
        "published_on": published,
        "accepted_at": accepted,
        "published_text": text,
        "note": note,
        "lineage": {"upload": f"UP-{upload}", "file": file, "sheet": sheet or None, "row": line, "cell": cell or None},
        "links": {
            "self": f"{api}/allocations/AL-{pk}/",
            "organisation": f"{api}/organisations/{organisation}/",
            "stream": f"{api}/funding-streams/{stream}/",
            "source": f"{api}/organisations/{source}/",
            "upload": f"{api}/uploads/UP-{upload}/",
        },
    }
