"""Pages on the law: rules on any day, the timeline, Acts and regulations, and a case to check."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from partnerships.forms.law import CheckForm, Choices, RuleFilter
from partnerships.queries import law as queries
from partnerships.reference.parameters import parameters_on
from partnerships.rules.law import Question, answer, changes_between, gravest_first, other_powers
from partnerships.tables import law as tables
from partnerships.terms import Side
from pooledcare.kernel.shown_tables import SORT, sorted_table


@require_safe
def law_rules(request: HttpRequest) -> HttpResponse:
    proposals = queries.proposals_listed()
    today = timezone.localdate()
    data = request.GET.copy()
    if not data.get("as_at"):
        data["as_at"] = today.isoformat()
    form = RuleFilter(data, function=_functions(), proposed=[(p.slug, p.title) for p in proposals])
    valid = form.is_valid()
    asked = form.cleaned_data if valid else {}
    day = asked.get("as_at") or today
    is_narrowed = any(name != SORT for name in request.GET)
    context: dict[str, Any] = {"form": form, "day": day, "tables": [], "is_narrowed": is_narrowed}
    if valid:
        rules = list(
            queries.rules_found(
                queries.RuleFilters(
                    on=day,
                    power=asked["power"],
                    kind=asked["kind"],
                    body=asked["body"],
                    function=asked["function"],
                    confidence=asked["confidence"],
                    proposals=tuple(asked["proposed"]),
                )
            )
        )
        context |= {
            "tables": [sorted_table(request, one) for one in tables.rules_by_kind(rules)],
            "sentence": tables.rules_sentence(len(rules), day, file_url=tables.file_address(asked, day)),
            "parameters": sorted_table(request, tables.parameters(parameters_on(day))),
        }
    return render(request, "partnerships/law_rules.jinja", context, status=200 if valid else 400)


@require_safe
def law_check(request: HttpRequest) -> HttpResponse:
    proposals = [(p.slug, p.title) for p in queries.proposals_listed()]
    form = CheckForm(
        request.GET or None,
        today=timezone.localdate(),
        function=_functions(),
        proposed=proposals,
        together_with=[(each.code, each.name) for each in queries.parents_listed()],
    )
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        context |= _answered(form.cleaned_data, dict(proposals))
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "partnerships/law_check.jinja", context, status=status)


def _answered(asked: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    """The answer under the law in force, and how it would change with the chosen proposals."""
    question = Question(
        power=asked["power"],
        on=asked["on"],
        bodies=frozenset(asked["body"]),
        function=asked["function"],
        exclusions=frozenset(asked["exclusions"]),
        together_with=frozenset(asked["together_with"]),
    )
    both = queries.law_with(asked["proposed"])
    in_force = both.in_force()
    instruments = queries.slugs_by_citation()
    now = answer(question, in_force)
    points = [each for each in gravest_first(now.findings) if not now.bodies or not each.about.startswith("body:")]
    shown: dict[str, Any] = {
        "asked": tables.question_text(question, both),
        "now": now,
        "sentence": tables.verdict_sentence(now),
        "bodies": tables.bodies(now.bodies, instruments),
        "findings": tables.findings("findings", "The arrangement" if now.bodies else "Why", points, instruments),
        "needed": tables.needed(now.also_needed, instruments),
        "powers": tables.other_powers(other_powers(question, in_force), instruments),
    }
    if asked["proposed"]:
        then = answer(question, both)
        shown |= {
            "then": then,
            "then_sentence": tables.verdict_sentence(then),
            "then_bodies": tables.bodies(then.bodies, instruments, caption="Each body, with the proposal"),
            "proposals": [titles[slug] for slug in asked["proposed"]],
            "changes": tables.changes(changes_between(now, then), instruments),
        }
    return shown


@require_safe
def law_timeline(request: HttpRequest) -> HttpResponse:
    context = {"sides": [(side, queries.timeline(side)) for side in Side], "undated": queries.undated_amendments()}
    return render(request, "partnerships/law_timeline.jinja", context)


@require_safe
def law_instruments(request: HttpRequest) -> HttpResponse:
    listed = sorted_table(request, tables.instruments(queries.instruments_listed()))
    return render(request, "partnerships/law_instruments.jinja", {"listed": listed})


@require_safe
def law_instrument(request: HttpRequest, slug: str) -> HttpResponse:
    instrument = queries.instrument_by_slug(slug)
    if instrument is None:
        raise Http404
    rules = queries.rules_of(instrument)
    context = {
        "instrument": instrument,
        "brought": sorted_table(request, tables.rules("brought", "Rules it brought", rules.brought)),
        "ended": sorted_table(request, tables.rules("ended", "Rules it ended", rules.ended)),
        "amended_by": rules.amended_by,
    }
    return render(request, "partnerships/law_instrument.jinja", context)


def _functions() -> Choices:
    return [(each.code, each.name) for each in queries.functions_listed()]
