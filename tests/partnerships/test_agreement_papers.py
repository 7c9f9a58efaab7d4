"""Differences marked word by word, spells of partners, and a paper as a document: without the database."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import docx
from hypothesis import given
from hypothesis import strategies as st

from partnerships.papers import Paper, Section
from partnerships.rules.agreements import Joined
from partnerships.rules.agreements.membership import spells_of
from partnerships.tables.marking import MOST_WORDS, pieces
from partnerships.word import document_of
from tests.partnerships.test_agreement_reading import COUNTY, ICB, ORIGINAL, RECORD, START, SUCCESSORS, VARIATION

WORDS = st.lists(st.sampled_from(["the", "partners", "pool", "money,", "and", "staff.\n\n"]), max_size=12).map(" ".join)


@given(WORDS, WORDS)
def test_nothing_is_lost_between_two_wordings(before: str, after: str):
    found = pieces(before, after)
    assert "".join(each.text for each in found if each.kind != "new") == before
    assert "".join(each.text for each in found if each.kind != "gone") == after


@given(WORDS)
def test_the_same_wording_has_nothing_marked(text: str):
    assert {each.kind for each in pieces(text, text)} <= {"same"}


def test_very_long_and_very_different_texts_stand_side_by_side():
    long = "word " * (MOST_WORDS + 1)
    assert [each.kind for each in pieces(long, f"{long}more")] == ["gone", "new"]
    assert [each.kind for each in pieces("six months", "a year after signing")] == ["gone", "new"]


def test_partners_have_their_days_and_their_predecessors():
    spells = {each.body.code: each for each in spells_of(RECORD)}
    assert (spells["5XX"].since, spells["5XX"].until) == (START, dt.date(2013, 3, 31))
    assert (spells["00X"].since, spells["00X"].until) == (dt.date(2013, 4, 1), dt.date(2022, 6, 30))
    assert spells["QXX"].succeeds is not None
    assert spells["QXX"].succeeds.code == "00X"
    assert spells["E10"].until is None
    assert spells["E10"].deed == 0


def test_who_leaves_by_a_signed_deed_was_there_until_the_day_before_and_an_open_deed_ends_nothing():
    leaving = replace(VARIATION, left=(2,))
    signed = replace(RECORD, deeds=(ORIGINAL, leaving))
    assert {each.body.code: each.until for each in spells_of(signed)}["E10"] == dt.date(2016, 3, 31)
    drafted = replace(RECORD, deeds=(ORIGINAL, replace(leaving, state="draft", signed_on=None)))
    assert {each.body.code: each.until for each in spells_of(drafted)}["E10"] is None


def test_everybody_was_there_until_the_agreement_ended():
    ended = replace(RECORD, ended_on=dt.date(2024, 3, 31))
    assert {each.body.code: each.until for each in spells_of(ended)}["QXX"] == dt.date(2024, 3, 31)


def test_the_heirs_of_a_partner_whose_deed_is_not_known_are_no_partners():
    stranger = Joined(9, ICB, "provider", True, dt.date(2020, 1, 1), 99)
    known = replace(RECORD, deeds=(ORIGINAL,), successors=(*SUCCESSORS, stranger))
    assert sum(each.body == ICB for each in spells_of(known)) == 1
    assert COUNTY in [each.body for each in spells_of(known)]


def test_a_document_takes_any_text_that_the_database_holds():
    paper = Paper(
        "Title \x1f\ufffe", [("Agreement", "S75-0001 \x0b")], [Section("One \uffff", ["A\ttab\nand \x85 more"])]
    )
    document = docx.Document(io.BytesIO(document_of(paper)))
    texts = [each.text for each in document.paragraphs]
    assert texts[0] == "Title \ufffd\ufffd"
    assert texts[1] == "1. One \ufffd"
    assert texts[2].startswith("1.1\tA\ttab\nand")
    assert document.tables[0].cell(0, 1).text.startswith("S75-0001")
    assert document.core_properties.title == "Title \ufffd\ufffd"
