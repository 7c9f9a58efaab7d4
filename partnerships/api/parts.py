"""What the APIs of schemes and pools share: list, add, read, change and drop a part of an agreement."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from partnerships.api.asking import DAYS, OF_AGREEMENT, PATH_REFERENCE, PATH_SLUG, reached_for, text_of
from partnerships.api.drafting import a_new, changing
from partnerships.api.presenting import agreement_link, part_link
from partnerships.api_schema import changing as changes
from partnerships.queries.agreements.drafts import Draft
from partnerships.rules.agreements import Content
from pooledcare.directory.access import Actor
from pooledcare.directory.api import actor_of
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import Public, require_key
from pooledcare.kernel.rest.bodies import BodyField, read_body
from pooledcare.kernel.rest.conditional import conditional
from pooledcare.kernel.rest.idempotency import once
from pooledcare.kernel.rest.parameters import Parameter
from pooledcare.kernel.rest.parsers import StrictJsonParser
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import Answer, Operation
from pooledcare.kernel.rest.views import DetailView, ListView, json_answer

_REFUSED = (403, 404, 409, 412, 413, 415, 428)
_PATH = {"reference": PATH_REFERENCE, "slug": PATH_SLUG}


@dataclass(frozen=True)
class Shapes:
    """The documented responses and example bodies of one kind of part."""

    page: Answer
    one: Answer
    created: Answer
    changed: Answer
    new_example: Mapping[str, Any]
    change_example: Mapping[str, Any]


class Part:
    """One kind of part: its name, its fields, and how it is read from and saved in a draft."""

    noun: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]  # of its listing, in their order
    fields: ClassVar[tuple[BodyField, ...]]
    shapes: ClassVar[Shapes]

    @property
    def plural(self) -> str:
        return f"{self.noun}s"

    @abstractmethod
    def of(self, content: Content, slug: str) -> Any:
        """The part of an agreement with this slug, or None."""

    @abstractmethod
    def present(self, found: Any, reference: str) -> dict[str, Any]:
        """The part as JSON."""

    @abstractmethod
    def save(self, draft: Draft, slug: str, said: Mapping[str, Any], by: Actor) -> str:
        """Save the given fields in the draft and return the slug of the part. An empty `slug` adds a new part."""

    @abstractmethod
    def drop(self, draft: Draft, slug: str, by: Actor) -> None:
        """Remove the part by the open deed."""

    # ── Documentation ────────────────────────────────────────────────────────────────────────────────────────────────

    def on_list(self, *filters: Parameter, says: str, asking: str) -> dict[str, Operation]:
        title, noun = self.noun.title(), self.noun
        return {
            "GET": Operation(
                id=f"list{title}s",
                summary=f"List {self.plural}",
                description=says,
                answers={200: self.shapes.page},
                parameters=(*OF_AGREEMENT, *filters, *p.LIST),
                problems=(404,),
                curl=f'curl "$API/{self.plural}/?{asking}"',
            ),
            "POST": Operation(
                id=f"create{title}",
                summary=f"Add a {noun} to the open deed",
                description="Its address is made from its name. A draft can be incomplete: only the name is needed.",
                answers={201: self.shapes.created},
                body=changes.body(f"New{title}", a_new(self.fields), self.shapes.new_example),
                headers=(changes.IDEMPOTENCY_KEY,),
                problems=(403, 404, 409, 413, 415, 422),
                key_needed=True,
                curl=(
                    f'curl -H "Authorization: Bearer $KEY" -H "Idempotency-Key: a-new-{noun}" \\\n'
                    '  -H "Content-Type: application/json" \\\n'
                    '  -d "{\\"agreement\\": \\"$AGREEMENT\\", \\"name\\": \\"Equipment\\"}" '
                    f'"$API/{self.plural}/"'
                ),
            ),
        }

    def on_one(self) -> dict[str, Operation]:
        title, noun = self.noun.title(), self.noun
        return {
            "GET": Operation(
                id=f"get{title}",
                summary=f"Read one {noun}",
                description=("As at the day `as_at`. `version`, for partners only, is that of the agreement."),
                answers={200: self.shapes.one},
                parameters=DAYS,
                path_parameters=_PATH,
                problems=(404,),
                curl=f'curl "$API/{self.plural}/S75-0001/reablement/"',
            ),
            "PATCH": Operation(
                id=f"change{title}",
                summary=f"Change a {noun} in the open deed",
                description=(
                    "Fields that you do not send do not change. Signed text cannot be changed: without an open deed "
                    "this is refused."
                ),
                answers={200: self.shapes.changed},
                body=changes.body(f"{title}Change", self.fields, self.shapes.change_example),
                path_parameters=_PATH,
                headers=(changes.IF_MATCH,),
                problems=_REFUSED,
                key_needed=True,
                curl=(
                    'curl -X PATCH -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" \\\n'
                    '  -H "Content-Type: application/json" -d \'{"name": "Reablement at home"}\' \\\n'
                    f'  "$API/{self.plural}/$AGREEMENT/reablement/"'
                ),
            ),
            "DELETE": Operation(
                id=f"drop{title}",
                summary=f"Remove a {noun} by the open deed",
                description=(
                    f"Removes the deed's own terms of it; if the deed has none, the {noun} ends by this deed."
                ),
                answers={204: Answer("Done.")},
                path_parameters=_PATH,
                headers=(changes.IF_MATCH,),
                problems=(403, 404, 409, 412, 428),
                key_needed=True,
                curl=(
                    'curl -X DELETE -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" \\\n'
                    f'  "$API/{self.plural}/$AGREEMENT/reablement/"'
                ),
            ),
        }


class PartList(ListView):
    """The list of parts of one kind that the client may read; POST adds one to a draft."""

    part: ClassVar[Part]
    permission_classes = [Public]
    parser_classes = [StrictJsonParser]

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        values = dict(zip(self.part.columns, row, strict=True))
        reference = values["agreement"]
        here = part_link(self.part.plural, reference, values["slug"])
        return values | {"links": {"self": here, "agreement": agreement_link(reference)}}

    def post(self, request: Request) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)
        return once(request, self.client.reference, lambda: self._made(request))

    def _made(self, request: Request) -> HttpResponse:
        part, actor = self.part, actor_of(request)
        said = read_body(request.data, a_new(part.fields))
        reference = said.pop("agreement")
        slug = changing(request, reference, lambda draft: part.save(draft, "", said, actor), versioned=False)
        return part_answer(part, request, reference, slug, {"draft": True}, 201)


class PartDetail(DetailView):
    """One part of an agreement as at a day; PATCH and DELETE change it by the open deed."""

    part: ClassVar[Part]
    permission_classes = [Public]
    parser_classes = [StrictJsonParser]

    def get(self, request: Request, **names: str) -> HttpResponse:
        return part_answer(self.part, request, names["reference"], names["slug"], self.parameters(request))

    def patch(self, request: Request, reference: str, slug: str) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)
        said, actor = read_body(request.data, self.part.fields), actor_of(request)

        def change(draft: Draft) -> None:
            self._demand(draft, slug)
            self.part.save(draft, slug, said, actor)

        changing(request, reference, change)
        return part_answer(self.part, request, reference, slug, {"draft": True})

    def delete(self, request: Request, reference: str, slug: str) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)

        def drop(draft: Draft) -> None:
            self._demand(draft, slug)
            self.part.drop(draft, slug, actor_of(request))

        changing(request, reference, drop)
        return HttpResponse(status=204)

    def _demand(self, draft: Draft, slug: str) -> None:
        if self.part.of(draft.content, slug) is None:
            raise HttpProblem("not-found")


def part_answer(
    part: Part, request: Request, reference: str, slug: str, asked: dict[str, Any], status: int = 200
) -> HttpResponse:
    """One part as at the requested day. For partners the ETag holds the version of the agreement."""
    reached = reached_for(request, reference)
    text = text_of(reached, asked)
    found = part.of(text.content, slug)
    if found is None:
        raise HttpProblem("not-found")
    version = reached.agreement.version if reached.is_partner else None
    answer = json_answer({**part.present(found, reference), "as_at": text.day, "version": version}, status)
    if status == 200:
        return conditional(request, answer, version)
    answer.headers["ETag"] = f'"{version}"'
    answer.headers["Location"] = part_link(part.plural, reference, slug)
    return answer
