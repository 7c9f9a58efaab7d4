"""Where each of the 171 hostile cases is proved: in `cases.py`, by a named test, or with a later capability."""

from __future__ import annotations

COUNTS = {"F": 45, "S": 20, "A": 28, "C": 21, "D": 11, "B": 13, "X": 33}

_HTTP = "tests/hostile/test_http.py::"
_ENGINE = "tests/uploads/test_engine.py::"
_PROBLEMS = "tests/api/test_problems.py::"
_UPLOADS = "tests/api/test_uploads.py::"
_LISTS = "tests/api/test_lists.py::"
_CHECKS = "tests/budgets/test_allocation_checks.py::"
_ACCEPTANCE = "tests/budgets/test_allocation_acceptance.py::"
_PAPERS = "tests/partnerships/test_documents.py::"
_WORK = "tests/uploads/test_pipeline.py::"
_TOGETHER = "tests/uploads/test_concurrency.py::"

# Several tests for one case prove its several halves.
COVERED_BY: dict[str, tuple[str, ...]] = {
    "F21": (f"{_HTTP}test_f21_a_compressed_body_is_not_unpacked",),
    "F22": (
        f"{_HTTP}test_f22_a_file_at_the_cap_is_refused_in_the_words_of_the_service_manual",
        f"{_UPLOADS}test_a_file_beyond_the_limit_is_refused_before_it_is_kept",
    ),
    "F23": (f"{_HTTP}test_f23_a_row_too_many_refuses_the_file",),
    "F34": (f"{_HTTP}test_f34_a_name_is_shown_safely_and_never_used",),
    "F35": (
        f"{_PAPERS}test_an_infected_paper_is_refused_and_not_kept",
        f"{_PAPERS}test_a_scanner_that_is_away_lets_nothing_in",
    ),
    "F37": (
        f"{_HTTP}test_f37_one_file_is_asked_for_on_the_page",
        f"{_HTTP}test_f37_one_file_is_asked_for_over_the_api",
    ),
    "F38": (
        f"{_ENGINE}test_f38_the_same_bytes_again_name_the_earlier_upload",
        f"{_UPLOADS}test_what_the_action_refuses_keeps_its_reason",
    ),
    "F39": (f"{_HTTP}test_f39_the_same_figures_with_other_line_ends_are_unchanged",),
    "S20": (f"{_HTTP}test_s20_thousands_of_bad_rows_are_all_told_and_grouped_on_the_page",),
    "A27": (f"{_CHECKS}test_a27_figures_in_thousands_are_warned_of_with_the_ratio",),
    "A28": (
        f"{_CHECKS}test_a28_a_million_pennies_are_exactly_ten_thousand_pounds",
        "tests/kernel/test_money.py::test_a28_a_million_pennies_are_ten_thousand_pounds",
    ),
    "C13": ("tests/budgets/test_allocation_profiles.py::test_c13_the_name_of_another_body_is_warned_of",),
    "D01": (f"{_HTTP}test_d01_over_the_api_a_date_is_written_in_that_way",),
    "D02": (f"{_HTTP}test_d02_to_d11_over_the_api_a_date_is_written_in_one_way",),
    "D10": (f"{_HTTP}test_d10_a_date_of_publication_is_plausible",),
    "B03": (f"{_HTTP}test_b03_and_b04_what_stands_is_unchanged_and_another_amount_is_changed_before_anything_changes",),
    "B04": (f"{_HTTP}test_b03_and_b04_what_stands_is_unchanged_and_another_amount_is_changed_before_anything_changes",),
    "B08": (
        f"{_ACCEPTANCE}test_b08_a_sender_who_lost_the_right_meanwhile_refuses_the_upload",
        f"{_WORK}test_a_key_that_is_dead_when_the_worker_comes_accepts_nothing",
    ),
    "B09": (f"{_ACCEPTANCE}test_b09_a_body_that_closed_meanwhile_refuses_the_upload",),
    "B10": (f"{_TOGETHER}test_b10_of_two_uploads_that_touch_the_same_figures_the_second_is_shown_again",),
    "B11": (f"{_ENGINE}test_b11_nobody_accepts_their_own_upload",),
    "B12": (f"{_ACCEPTANCE}test_b12_an_upload_is_reversed_once",),
    "X01": (
        f"{_UPLOADS}test_json_that_could_mean_two_things_is_refused",
        f"{_UPLOADS}test_a_field_of_the_form_that_is_not_accepted_is_named",
    ),
    "X02": (f"{_UPLOADS}test_json_that_could_mean_two_things_is_refused",),
    "X03": (f"{_UPLOADS}test_json_that_could_mean_two_things_is_refused",),
    "X04": (f"{_UPLOADS}test_json_that_could_mean_two_things_is_refused",),
    "X05": (
        f"{_PROBLEMS}test_broken_and_hostile_bytes_in_the_address_are_refused",
        f"{_PROBLEMS}test_things_that_do_not_exist_are_not_found",
        f"{_UPLOADS}test_json_that_could_mean_two_things_is_refused",
    ),
    "X06": (f"{_UPLOADS}test_json_that_could_mean_two_things_is_refused",),
    "X07": (f"{_PROBLEMS}test_uploads_that_do_not_exist_or_are_not_ones_own_look_the_same",),
    "X08": (f"{_UPLOADS}test_a_body_in_another_format_is_refused",),
    "X09": (f"{_PROBLEMS}test_a_format_that_is_not_offered_is_refused",),
    "X10": (
        f"{_UPLOADS}test_a_creation_needs_a_key_of_its_own",
        f"{_UPLOADS}test_a_key_used_for_something_else_is_refused",
        f"{_UPLOADS}test_twenty_requests_at_once_have_one_effect",
    ),
    "X11": (f"{_UPLOADS}test_a_step_needs_the_version_that_was_seen",),
    "X12": (
        f"{_LISTS}test_a_cursor_belongs_to_its_list_its_filters_and_its_client",
        f"{_LISTS}test_a_cursor_lasts_for_a_day",
    ),
    "X13": (
        f"{_LISTS}test_a_page_size_out_of_range_is_refused",
        f"{_PROBLEMS}test_a_parameter_that_is_not_accepted_is_named",
    ),
    "X14": (f"{_PROBLEMS}test_a_parameter_that_is_not_accepted_is_named",),
    "X15": (f"{_PROBLEMS}test_no_header_changes_the_method",),
    "X16": (f"{_PROBLEMS}test_without_the_final_slash_the_method_and_the_body_are_kept",),
    "X17": (
        f"{_LISTS}test_a_head_request_gives_the_headers_alone",
        f"{_PROBLEMS}test_methods_that_exist_are_told",
        f"{_PROBLEMS}test_figures_and_history_are_never_changed_by_method",
    ),
    "X18": (f"{_PROBLEMS}test_a_host_that_is_not_ours_is_refused_and_what_proxies_claim_is_ignored",),
    "X19": ("tests/faults/test_wire.py::test_x19_a_request_that_could_be_two_is_refused_and_the_connection_closed",),
    "X21": (f"{_UPLOADS}test_a_hostile_form_is_refused_at_once",),
    "X24": (f"{_HTTP}test_x24_a_form_from_another_site_is_refused", f"{_PROBLEMS}test_a_login_does_not_count_as_a_key"),
    "X25": (f"{_PROBLEMS}test_a_key_in_the_address_is_ignored",),
    "X26": (f"{_UPLOADS}test_of_many_who_accept_the_same_version_one_does",),
    "X27": (f"{_PROBLEMS}test_figures_and_history_are_never_changed_by_method",),
    "X28": (f"{_TOGETHER}test_x28_an_export_in_the_middle_of_an_acceptance_sees_one_instant",),
    "X29": (f"{_UPLOADS}test_a_repeat_gets_the_first_answer",),
    "X30": (
        f"{_HTTP}test_x30_a_part_of_an_export_is_never_given_for_the_whole",
        f"{_LISTS}test_answers_depend_on_format_and_key",
    ),
    "X31": (f"{_LISTS}test_what_has_not_changed_is_not_sent_again",),
    "X32": (f"{_PROBLEMS}test_a_parameter_that_is_not_accepted_is_named",),
    "X33": (f"{_HTTP}test_x33_after_a_decision_the_browser_is_sent_on_and_a_repeat_shows_the_result",),
}

# The subject of these does not exist yet; the capability that brings it brings their tests.
LATER: dict[str, str] = {
    "F44": "periods of the ledger",
    "F45": "periods of the ledger",
    "C19": "schemes of agreements",
    "B05": "contributions to pools",
    "B06": "contributions to pools and virements",
    "B07": "journals of the ledger",
    "B13": "schemes of agreements",
    "X20": "deployment behind a proxy that takes slow bodies whole before it passes them on",
    "X22": "calls to addresses of other systems",
    "X23": "tokens of other issuers on the API; its keys today are no tokens of that form",
}
