"""Files with an unknown layout: how they are probably meant, what a person must decide, and what would then be read.

`propose` looks at a file and gives a `Proposal`, with a reason for each choice and a `Question` for whatever the file
leaves open. `default_decisions` turns it into `Decisions`, which people change. `stated_layout` makes the layout from
them, as plain data in the shape of our TOML files, and `outcome` says what that layout reads from the file.
"""

from pooledcare.directory.bodies import Bodies, Body, BodyCode
from pooledcare.uploads.proposals.deciding import answered, default_decisions, open_questions
from pooledcare.uploads.proposals.decisions import ColumnDecision, Decisions, SheetDecisions
from pooledcare.uploads.proposals.layout_data import stated_layout
from pooledcare.uploads.proposals.outcomes import Outcome, outcome
from pooledcare.uploads.proposals.proposing import propose
from pooledcare.uploads.proposals.shapes import (
    DoubtfulName,
    Marker,
    Nearest,
    Option,
    Proposal,
    ProposedColumn,
    ProposedRow,
    ProposedSheet,
    Question,
    Role,
    ValueColumn,
)

__all__ = [
    "Bodies",
    "Body",
    "BodyCode",
    "ColumnDecision",
    "Decisions",
    "DoubtfulName",
    "Marker",
    "Nearest",
    "Option",
    "Outcome",
    "Proposal",
    "ProposedColumn",
    "ProposedRow",
    "ProposedSheet",
    "Question",
    "Role",
    "SheetDecisions",
    "ValueColumn",
    "answered",
    "default_decisions",
    "open_questions",
    "outcome",
    "propose",
    "stated_layout",
]
