-- What is recorded of contributions is recorded once; later rows change it.
create trigger contribution_append_only before update or delete on budgets_contribution
    for each row execute function refuse_rewriting('contribution_append_only');
create trigger component_append_only before update or delete on budgets_contributioncomponent
    for each row execute function refuse_rewriting('component_append_only');
create trigger contribution_notice_append_only before update or delete on budgets_contributionnotice
    for each row execute function refuse_rewriting('contribution_notice_append_only');
create trigger contribution_condition_append_only before update or delete on budgets_contributioncondition
    for each row execute function refuse_rewriting('contribution_condition_append_only');
create trigger condition_met_append_only before update or delete on budgets_conditionmet
    for each row execute function refuse_rewriting('condition_met_append_only');
create trigger in_kind_append_only before update or delete on budgets_inkindcontribution
    for each row execute function refuse_rewriting('in_kind_append_only');
create trigger outside_money_append_only before update or delete on budgets_outsidemoney
    for each row execute function refuse_rewriting('outside_money_append_only');
create trigger shortfall_append_only before update or delete on budgets_allocationshortfall
    for each row execute function refuse_rewriting('shortfall_append_only');
create trigger instalment_append_only before update or delete on budgets_instalment
    for each row execute function refuse_rewriting('instalment_append_only');
create trigger instalment_event_append_only before update or delete on budgets_instalmentevent
    for each row execute function refuse_rewriting('instalment_event_append_only');
create trigger balance_confirmation_append_only before update or delete on budgets_balanceconfirmation
    for each row execute function refuse_rewriting('balance_confirmation_append_only');
-- reverse
drop trigger contribution_append_only on budgets_contribution;
drop trigger component_append_only on budgets_contributioncomponent;
drop trigger contribution_notice_append_only on budgets_contributionnotice;
drop trigger contribution_condition_append_only on budgets_contributioncondition;
drop trigger condition_met_append_only on budgets_conditionmet;
drop trigger in_kind_append_only on budgets_inkindcontribution;
drop trigger outside_money_append_only on budgets_outsidemoney;
drop trigger shortfall_append_only on budgets_allocationshortfall;
drop trigger instalment_append_only on budgets_instalment;
drop trigger instalment_event_append_only on budgets_instalmentevent;
drop trigger balance_confirmation_append_only on budgets_balanceconfirmation;
