/* rules.c - the rules of an office as the agenda keeps them, with an office's defaults. */
#include "agenda/agenda.h"

static void closure_clear(gpointer closure)
{
    g_free(((AgendaClosure *)closure)->reason);
}

AgendaRules *agenda_rules_new(const Zone *zone)
{
    AgendaRules *rules = g_new0(AgendaRules, 1);
    rules->zone = zone;
    rules->slot_min = 20;
    rules->step_min = 20;
    rules->notice_days = 1;
    rules->horizon_days = 30;
    rules->openings = g_array_new(FALSE, FALSE, sizeof(AgendaOpening));
    rules->closures = g_array_new(FALSE, FALSE, sizeof(AgendaClosure));
    g_array_set_clear_func(rules->closures, closure_clear);
    return rules;
}

void agenda_rules_free(AgendaRules *rules)
{
    if (!rules)
        return;
    g_array_unref(rules->openings);
    g_array_unref(rules->closures);
    g_free(rules);
}
