create trigger upload_status_append_only before update or delete on uploads_uploadstatus
    for each row execute function refuse_rewriting('upload_status_append_only');
-- reverse
drop trigger upload_status_append_only on uploads_uploadstatus;
