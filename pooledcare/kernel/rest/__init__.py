"""The bases of the REST API: strict filters, cursors, conditional requests, idempotency, problem+json and CSV.

Nothing here knows what the resources are about; the apps declare theirs in their own `api.py`.
"""

from pooledcare.kernel.rest.authentication import ActorAuthentication, Client, Denied, KeyHolder, Public, require_key
from pooledcare.kernel.rest.catalogue import ERRORS_PATH, KINDS, Kind
from pooledcare.kernel.rest.conditional import conditional, entity_tag, require_version
from pooledcare.kernel.rest.idempotency import fingerprint_of, forget_old_records, once
from pooledcare.kernel.rest.listings import Column, Listing
from pooledcare.kernel.rest.parsers import FormParser, StrictJsonParser
from pooledcare.kernel.rest.problems import (
    HttpProblem,
    body_problem,
    parameter_problem,
    problem_answer,
    problem_response,
)
from pooledcare.kernel.rest.rates import forget_old_counts
from pooledcare.kernel.rest.schema import Answer, Operation, Schema, component
from pooledcare.kernel.rest.views import (
    LIST_PARAMETERS,
    DetailView,
    ListView,
    ResourceView,
    UnknownPath,
    absolute,
    json_answer,
)

__all__ = [
    "ERRORS_PATH",
    "KINDS",
    "LIST_PARAMETERS",
    "ActorAuthentication",
    "Answer",
    "Client",
    "Column",
    "Denied",
    "DetailView",
    "FormParser",
    "HttpProblem",
    "KeyHolder",
    "Kind",
    "ListView",
    "Listing",
    "Operation",
    "Public",
    "ResourceView",
    "Schema",
    "StrictJsonParser",
    "UnknownPath",
    "absolute",
    "body_problem",
    "component",
    "conditional",
    "entity_tag",
    "fingerprint_of",
    "forget_old_counts",
    "forget_old_records",
    "json_answer",
    "once",
    "parameter_problem",
    "problem_answer",
    "problem_response",
    "require_key",
    "require_version",
]
