-- Who a provider is, is recorded once; a later row replaces an earlier one.
create trigger provider_match_append_only before update or delete on partnerships_providermatch
    for each row execute function refuse_rewriting('provider_match_append_only');
-- reverse
drop trigger provider_match_append_only on partnerships_providermatch;
