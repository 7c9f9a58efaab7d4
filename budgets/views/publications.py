"""Publications: which uploads published figures, and what each of them changed."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from budgets.queries import changes as queries
from budgets.tables.changes import change_table, counts_text, publication_table
from pooledcare.kernel.paging import Order, number_in, page_of
from pooledcare.kernel.table_files import download, download_links, wants_file

SIZE = 100  # figures on a page
MOST_PAGES = 10_000
MOST_IN_FILE = 100_000


@require_safe
def publication_list(request: HttpRequest) -> HttpResponseBase:
    """Every publication, newest first, with how many figures it added, changed and withdrew."""
    found = queries.publications_listed()
    if wants_file(request):
        rows = found.order_by("-published_on", "-pk")
        if file := download(request, [publication_table(rows)], name="publications"):
            return file
    page = page_of(request, found, order=Order("published_on", descending=True), what="a publication")
    table = publication_table(page.rows)
    context = {"table": table, "page": page, "links": download_links(request, table)}
    return render(request, "budgets/publication_list.jinja", context)


@require_safe
def publication_detail(request: HttpRequest, reference: str) -> HttpResponseBase:
    """All that one publication changed. Members of its organisation also see accepted uploads that are not public."""
    actor = request.actor  # type: ignore[attr-defined]
    upload = queries.publication_by(reference, actor=actor)
    if upload is None:
        raise Http404
    public = queries.is_public(upload)
    caption = f"What {upload.reference} changed"
    fits_a_file = upload.rows_staged <= MOST_IN_FILE
    if wants_file(request):
        if not fits_a_file:
            raise BadRequest(f"{upload.reference} has more figures than a file can hold. Use the API.")
        everything = change_table(queries.changes_of(upload, public=public), caption=caption)
        if file := download(request, [everything], name=upload.reference):
            return file
    number = number_in(request, "page", "a page") or 1
    if number > MOST_PAGES:
        raise Http404
    found = queries.changes_of(upload, public=public, most=SIZE + 1, start=(number - 1) * SIZE)
    if not found and number > 1:
        raise Http404
    table = change_table(found[:SIZE], caption=caption)
    context = {
        "upload": upload,
        "is_public": public,
        "says": counts_text(queries.public_counts(upload), queries.net_changes(upload, public=public)),
        "table": table,
        "links": download_links(request, table) if fits_a_file else [],
        "is_sorted": queries.is_sorted(upload),
        "previous_url": f"?page={number - 1}" if number > 1 else None,
        "next_url": f"?page={number + 1}" if len(found) > SIZE else None,
    }
    return render(request, "budgets/publication_detail.jinja", context)
