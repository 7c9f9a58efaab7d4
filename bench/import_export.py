"""The peer of the upload pipeline: django-import-export in bulk mode, as its documentation advises.

python -m bench.import_export FILE [--eased]                 prints the seconds it took and its peak memory as JSON

It reads the same file, finds organisation and stream by code (loaded once, not queried for each row), checks year,
words, amounts and holders, looks up the current figure, does a dry run to show what would change, and then imports.
`--eased` leaves out the dry run and the lookup of current figures.
"""

from __future__ import annotations

import argparse
import json
import resource as process
import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import django

django.setup()

import tablib  # noqa: E402
from import_export import resources, widgets  # noqa: E402
from import_export.fields import Field  # noqa: E402

from budgets.models import Allocation, FundingStream  # noqa: E402
from budgets.terms import Basis, Recurrence  # noqa: E402
from pooledcare.directory.models import Organisation  # noqa: E402
from pooledcare.kernel.periods import FinancialYear  # noqa: E402
from pooledcare.uploads.models import Upload  # noqa: E402


class YearWidget(widgets.Widget):
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> int:
        return FinancialYear.parse(value).start


class WordWidget(widgets.Widget):
    def __init__(self, words: list[str]) -> None:
        super().__init__()
        self.words = frozenset(words)

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        if value not in self.words:
            raise ValueError(f"Not one of {sorted(self.words)}")
        return value


class PenceWidget(widgets.Widget):
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Decimal:
        try:
            amount = Decimal(value)
        except InvalidOperation:
            raise ValueError("Not an amount") from None
        if not amount.is_finite() or amount != amount.quantize(Decimal("0.01")):
            raise ValueError("Not an amount in pounds and pence")
        return amount


def resource_class(*, eased: bool) -> type[resources.ModelResource]:
    by_code = widgets.CachedForeignKeyWidget

    class AllocationResource(resources.ModelResource):
        organisation = Field("organisation", "organisation", by_code(Organisation, "code"))
        stream = Field("stream", "stream", by_code(FundingStream, "code"))
        financial_year = Field("financial_year", "financial_year", YearWidget())
        basis = Field("basis", "basis", WordWidget(Basis.values))
        recurrence = Field("recurrence", "recurrence", WordWidget(Recurrence.values))
        amount = Field("amount", "amount", PenceWidget())
        note = Field("note", "note")

        class Meta:
            model = Allocation
            fields = ("organisation", "stream", "financial_year", "basis", "recurrence", "amount", "note")
            import_id_fields = ("organisation", "stream", "financial_year", "basis", "recurrence")
            use_bulk = True
            batch_size = 1000
            skip_diff = True
            report_skipped = False
            force_init_instance = eased

        def __init__(self, upload: Upload) -> None:
            super().__init__()
            self.upload = upload

        def before_save_instance(self, instance: Allocation, row: Any, **kwargs: Any) -> None:
            body, stream, year = instance.organisation, instance.stream, instance.financial_year
            if body.kind not in stream.holder_kinds or not stream.first_year <= year <= (stream.last_year or 9999):
                raise ValueError(f"{body.code} does not hold {stream.code} in that year")
            if (body.opened and body.opened.year > year + 1) or (body.closed and body.closed.year < year):
                raise ValueError(f"{body.code} did not exist in that year")
            instance.source_id, instance.upload = self.upload.organisation_id, self.upload
            instance.gross_or_net, instance.published_on = stream.gross_or_net, self.upload.published_on
            instance.version, instance.published_text, instance.cell = 1, row["amount"], "E"

    return AllocationResource


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--eased", action="store_true")
    chosen = parser.parse_args()
    upload = Upload.objects.get(state="accepted")
    before = Allocation.objects.count()
    began = time.perf_counter()
    dataset = tablib.Dataset().load(chosen.file.read_text(encoding="utf-8"), format="csv")
    resource = resource_class(eased=chosen.eased)(upload)
    for dry_run in [False] if chosen.eased else [True, False]:
        result = resource.import_data(dataset, dry_run=dry_run, raise_errors=True, use_transactions=True)
    seconds = time.perf_counter() - began
    if result.totals["new"] != len(dataset) or Allocation.objects.count() - before != len(dataset):
        raise SystemExit(f"{result.totals}")
    peak_mb = process.getrusage(process.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main()
