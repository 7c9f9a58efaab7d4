"""From a proposal to decisions: what is taken as proposed, and which questions are still open."""

from __future__ import annotations

from pooledcare.uploads.proposals.decisions import Decisions
from pooledcare.uploads.proposals.shapes import Proposal, Question


def default_decisions(proposal: Proposal) -> Decisions:
    """The decisions as proposed. What only a person can decide is left empty."""
    raise NotImplementedError


def open_questions(proposal: Proposal, decisions: Decisions) -> list[Question]:
    """The questions that nobody has answered yet. A layout can be made once there are none."""
    raise NotImplementedError


def answered(decisions: Decisions, question: Question, answer: str) -> Decisions:
    """The decisions with the answer to a question. Raises `Refused` if it is not one of the options."""
    raise NotImplementedError
