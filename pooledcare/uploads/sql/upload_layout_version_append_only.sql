create trigger upload_layout_version_append_only before update or delete on uploads_uploadlayoutversion
    for each row execute function refuse_rewriting('upload_layout_version_append_only');
-- reverse
drop trigger upload_layout_version_append_only on uploads_uploadlayoutversion;
