-- History is written once: a row of the named table is never changed or deleted, by anybody.
create function refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name
        using errcode = 'check_violation', constraint = tg_argv[0];
end
$$;

create trigger audit_event_append_only before update or delete on directory_auditevent
    for each row execute function refuse_rewriting('audit_event_append_only');

create trigger change_append_only before update or delete on directory_change
    for each row execute function refuse_rewriting('change_append_only');
-- reverse
drop trigger change_append_only on directory_change;
drop trigger audit_event_append_only on directory_auditevent;
drop function refuse_rewriting();
