create trigger upload_layout_append_only before update or delete on uploads_uploadlayout
    for each row execute function refuse_rewriting('upload_layout_append_only');
-- reverse
drop trigger upload_layout_append_only on uploads_uploadlayout;
