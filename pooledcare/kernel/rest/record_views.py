"""The API of a record that an app adds to: a list of its rows, and one more made by POST."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from pooledcare.kernel.records import Record
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import require_key
from pooledcare.kernel.rest.bodies import read_body
from pooledcare.kernel.rest.changing import IDEMPOTENCY_KEY, body, created
from pooledcare.kernel.rest.documented import entry_of
from pooledcare.kernel.rest.idempotency import once
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.parsers import StrictJsonParser
from pooledcare.kernel.rest.records import body_fields, json_example, json_values, values_in
from pooledcare.kernel.rest.schema import Operation
from pooledcare.kernel.rest.views import ListView, json_answer


class RecordList(ListView):
    """All rows that the client may read, and the address at which one is made. Records with references to other rows
    extend this: only the app knows how its users name them."""

    parser_classes = [StrictJsonParser]
    record: ClassVar[Record]
    rows: ClassVar[Listing]

    @abstractmethod
    def make(self, request: Request, values: dict[str, Any]) -> Any:
        """The row that was made, by an action, from values by the names of the model."""

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        return self.rows

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return self.rows.entry(row)

    def post(self, request: Request) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)
        return once(request, self.client.reference, lambda: self._made(request))

    def _made(self, request: Request) -> HttpResponse:
        values = values_in(read_body(request.data, body_fields(self.record.plain)), self.record)
        return json_answer(json_values(self.record.plain, self.make(request, values)), 201)


def list_operations(name: str, plural: str, record: Record, rows: Listing) -> dict[str, Operation]:
    """How `RecordList` is documented: GET and POST of a record called `name`, such as `SupportOffer`."""
    entry, words = entry_of(name, rows.columns), plural.replace("-", " ")
    example = {field.key: json_example(field) for field in record.plain if field.example}
    return {
        "GET": Operation(
            id=f"list{name}s",
            summary=f"List {words}",
            description="What the client may read.",
            answers={200: entry.page},
            parameters=p.LIST,
            curl=f'curl "$API/{plural}/"',
        ),
        "POST": Operation(
            id=f"create{name}",
            summary=f"Add to the {words}",
            description="What is not given stays empty.",
            answers={201: created(entry.schema, entry.example)},
            body=body(f"New{name}", body_fields(record.plain), example),
            headers=(IDEMPOTENCY_KEY,),
            problems=(403, 409, 413, 415, 422),
            key_needed=True,
        ),
    }
