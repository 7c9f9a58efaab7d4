"""The schemes and funds of an agreement, and one scheme in full."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from partnerships.forms.agreements import MomentForm
from partnerships.queries.agreements.reach import Reached
from partnerships.tables import schemes as tables
from partnerships.tables.agreements import schemes
from partnerships.tables.money_terms import scheme_money_terms
from partnerships.views.reading import moment_of, opened, out_of_reach, reads_agreement, shown


@reads_agreement()
def agreement_schemes(request: HttpRequest, reached: Reached) -> HttpResponse:
    form = MomentForm(request.GET)
    page = opened(reached, form)
    reference, moment = page.agreement.reference, moment_of(page)
    return shown(
        request,
        page,
        form,
        "agreement_schemes",
        table_of_schemes=schemes(page.content, reference, moment) if page.content else None,
        funds=tables.funds(page.content, reference, moment) if page.content else [],
    )


@reads_agreement()
def agreement_funds(request: HttpRequest, reached: Reached) -> HttpResponse:
    """The former page of the funds: they are now on the page of the schemes."""
    address = reverse("partnerships:agreement-schemes", args=[reached.agreement.reference])
    asked = f"?{request.GET.urlencode()}" if request.GET else ""
    return HttpResponsePermanentRedirect(f"{address}{asked}#funds")


@reads_agreement()
def scheme_detail(request: HttpRequest, reached: Reached, slug: str) -> HttpResponseBase:
    """A scheme as at the day. If it is not in force then but is on another day, the page says so."""
    form = MomentForm(request.GET)
    page = opened(reached, form)
    scheme = page.content.scheme(slug) if page.content else None
    pool = page.content.pool(scheme.pool) if page.content and scheme else None
    named = {each.slug: each for deed in page.whole.deeds for each in deed.schemes}
    if slug not in named:
        return out_of_reach(request)
    return shown(
        request,
        page,
        form,
        "scheme_detail",
        here="agreement-schemes",
        scheme=scheme,
        name=(scheme or named[slug]).name,
        functions=tables.functions(scheme, page.day) if scheme else None,
        pool=pool,
        money=scheme_money_terms(scheme, pool) if scheme else [],
        main_terms=tables.main_terms(scheme) if scheme else None,
        facts=tables.facts(scheme) if scheme else [],
    )
