"""A file of SQL becomes a migration that can be undone."""

import pytest

from pooledcare.kernel.sqlfiles import sql_file


def test_what_stands_before_the_line_goes_forward_and_what_stands_after_it_goes_back(tmp_path):
    path = tmp_path / "thing.sql"
    path.write_text("create table thing (name text); -- “£”\n-- reverse\ndrop table thing;\n", encoding="utf-8")
    operation = sql_file(path)
    assert operation.sql == "create table thing (name text); -- “£”\n"
    assert operation.reverse_sql == "drop table thing;\n"


@pytest.mark.parametrize("text", ["select 1;\n", "select 1;\n-- reverse\n", "select 1;\n-- reverse\n \n", "-- reverse"])
def test_a_file_that_cannot_be_undone_is_refused(tmp_path, text):
    path = tmp_path / "thing.sql"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"^thing.sql has no part after “-- reverse”\.$"):
        sql_file(path)
