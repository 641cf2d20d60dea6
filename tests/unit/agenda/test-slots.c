/* test-slots.c - the slots of an office's week, and what appointments leave of them. */
#include "office.h"

static void assert_starts(const AgendaRules *rules, const char *from, const char *until,
                          const char *expected)
{
    g_autoptr(GArray) slots = agenda_slots(rules, NULL, (Span){at(from), at(until)});
    g_autofree char *found = starts(slots);
    g_assert_cmpstr(found, ==, expected);
}

static void divides_openings_into_slots_that_end_in_time(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    assert_starts(rules, "2026-11-23T00:00:00+01:00", "2026-11-30T00:00:00+01:00",
                  "24 09:00 24 09:20 24 09:40 24 10:00 24 10:20 24 10:40 24 11:00 24 11:20 "
                  "24 11:40 24 12:00 24 15:00 24 15:20 24 15:40 24 16:00 24 16:20 24 16:40 "
                  "24 17:00 26 09:00 26 09:20 26 09:40 26 10:00 26 10:20 26 10:40 26 11:00 "
                  "26 11:20 26 11:40 26 12:00");
}

static void slot_and_step_may_differ(void)
{
    g_autoptr(AgendaRules) rules = agenda_rules_new(zone_find("Europe/Rome"));
    open_on(rules, 2, 9, 0, 10, 0);
    rules->slot_min = 30;
    rules->step_min = 15;
    assert_starts(rules, "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z",
                  "24 09:00 24 09:15 24 09:30");
    g_autoptr(GArray) slots =
        agenda_slots(rules, NULL, (Span){at("2026-11-24T00:00:00Z"), at("2026-11-25T00:00:00Z")});
    const Slot *first = &g_array_index(slots, Slot, 0);
    g_assert_cmpint(first->starts_at, ==, at("2026-11-24T09:00:00+01:00"));
    g_assert_cmpint(first->ends_at, ==, at("2026-11-24T09:30:00+01:00"));
}

static void the_span_is_half_open(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    assert_starts(rules, "2026-11-24T10:00:00+01:00", "2026-11-24T10:20:00+01:00", "24 10:00");
    assert_starts(rules, "2026-11-24T10:00:01+01:00", "2026-11-24T10:20:00+01:00", "");
    assert_starts(rules, "2026-11-24T10:20:00+01:00", "2026-11-24T10:20:00+01:00", "");
    assert_starts(rules, "2026-11-24T12:00:00+01:00", "2026-11-24T09:00:00+01:00", "");
}

static void keeps_wall_clock_hours_over_both_clock_changes(void)
{
    static const struct {
        const char *day, *first_start;
    } weeks[] = {
        {"2026-03-24", "2026-03-24T08:00:00Z"},
        {"2026-03-31", "2026-03-31T07:00:00Z"},
        {"2026-10-20", "2026-10-20T07:00:00Z"},
        {"2026-10-27", "2026-10-27T08:00:00Z"},
    };
    g_autoptr(AgendaRules) rules = building_office();
    for (gsize i = 0; i < G_N_ELEMENTS(weeks); i++) {
        gint64 from = zone_midnight(rules->zone, on(weeks[i].day));
        g_autoptr(GArray) slots = agenda_slots(rules, NULL, (Span){from, from + 86400});
        g_assert_cmpuint(slots->len, ==, 17);
        g_assert_cmpint(g_array_index(slots, Slot, 0).starts_at, ==, at(weeks[i].first_start));
        g_assert_cmpuint(g_array_index(slots, Slot, 0).minute, ==, 540);
    }
}

static void skips_the_hour_that_does_not_exist(void)
{
    g_autoptr(AgendaRules) rules = agenda_rules_new(zone_find("Europe/Rome"));
    open_on(rules, 7, 1, 0, 4, 0);
    rules->slot_min = rules->step_min = 30;
    assert_starts(rules, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00",
                  "29 01:00 29 01:30 29 03:00 29 03:30");
    g_autoptr(GArray) slots = agenda_slots(
        rules, NULL, (Span){at("2026-03-29T00:00:00+01:00"), at("2026-03-30T00:00:00+02:00")});
    g_assert_cmpint(g_array_index(slots, Slot, 2).starts_at, ==, at("2026-03-29T01:00:00Z"));
}

static void offers_the_hour_that_exists_twice_once(void)
{
    g_autoptr(AgendaRules) rules = agenda_rules_new(zone_find("Europe/Rome"));
    open_on(rules, 7, 1, 0, 4, 0);
    rules->slot_min = rules->step_min = 30;
    assert_starts(rules, "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00",
                  "25 01:00 25 01:30 25 02:00 25 02:30 25 03:00 25 03:30");
    g_autoptr(GArray) slots = agenda_slots(
        rules, NULL, (Span){at("2026-10-25T00:00:00+02:00"), at("2026-10-26T00:00:00+01:00")});
    g_assert_cmpint(g_array_index(slots, Slot, 2).starts_at, ==, at("2026-10-25T00:00:00Z"));
    g_assert_cmpint(g_array_index(slots, Slot, 4).starts_at, ==, at("2026-10-25T02:00:00Z"));
}

static void holds_nothing_on_holidays(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    /* Tuesday 8 December, and Thursday 10 December as the patron's day */
    assert_starts(rules, "2026-12-08T00:00:00+01:00", "2026-12-09T00:00:00+01:00", "");
    rules->patron_month = 12;
    rules->patron_day = 10;
    assert_starts(rules, "2026-12-10T00:00:00+01:00", "2026-12-11T00:00:00+01:00", "");
}

static void leaves_out_what_a_closure_touches(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    close_between(rules, "2026-11-24T09:30:00+01:00", "2026-11-24T12:00:00+01:00", "assemblea");
    close_between(rules, "2026-11-24T15:00:00+01:00", "2026-11-24T17:00:00+01:00", NULL);
    assert_starts(rules, "2026-11-24T00:00:00+01:00", "2026-11-25T00:00:00+01:00",
                  "24 09:00 24 12:00 24 17:00");
}

static void openings_hold_between_their_dates(void)
{
    g_autoptr(AgendaRules) rules = agenda_rules_new(zone_find("Europe/Rome"));
    AgendaOpening autumn = {2, 540, 560, on("2026-11-10"), on("2026-11-17"), 1};
    g_array_append_val(rules->openings, autumn);
    assert_starts(rules, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", "10 09:00 17 09:00");
}

static void overlapping_openings_are_merged_with_the_most_counters(void)
{
    g_autoptr(AgendaRules) rules = agenda_rules_new(zone_find("Europe/Rome"));
    AgendaOpening one = {2, 540, 600, G_MININT32, G_MAXINT32, 1};
    AgendaOpening three = {2, 560, 620, G_MININT32, G_MAXINT32, 3};
    g_array_append_val(rules->openings, three);
    g_array_append_val(rules->openings, one);
    Span day = {at("2026-11-24T00:00:00Z"), at("2026-11-25T00:00:00Z")};
    g_autoptr(GArray) slots = agenda_slots(rules, NULL, day);
    static const guint counters[] = {1, 3, 3, 3};
    g_assert_cmpuint(slots->len, ==, G_N_ELEMENTS(counters));
    for (guint i = 0; i < slots->len; i++)
        g_assert_cmpuint(g_array_index(slots, Slot, i).counters, ==, counters[i]);
}

static void counts_the_counters_still_free(void)
{
    g_autoptr(AgendaRules) rules = agenda_rules_new(zone_find("Europe/Rome"));
    AgendaOpening two = {2, 540, 600, G_MININT32, G_MAXINT32, 2};
    g_array_append_val(rules->openings, two);
    g_autoptr(GArray) taken = nothing_taken();
    take(taken, "2026-11-24T09:00:00+01:00", "2026-11-24T09:40:00+01:00", 1);
    take(taken, "2026-11-24T09:20:00+01:00", "2026-11-24T09:40:00+01:00", 2);
    take(taken, "2026-11-24T09:40:00+01:00", "2026-11-24T10:00:00+01:00", 3); /* not open then */
    Span day = {at("2026-11-24T00:00:00Z"), at("2026-11-25T00:00:00Z")};
    g_autoptr(GArray) slots = agenda_slots(rules, taken, day);
    static const guint free[] = {1, 0, 2};
    g_assert_cmpuint(slots->len, ==, G_N_ELEMENTS(free));
    for (guint i = 0; i < slots->len; i++)
        g_assert_cmpuint(g_array_index(slots, Slot, i).free, ==, free[i]);

    g_autoptr(GArray) left = agenda_free(rules, taken, day);
    g_autofree char *found = starts(left);
    g_assert_cmpstr(found, ==, "24 09:00 24 09:40");
}

static void a_buffer_keeps_the_next_start_away(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    rules->buffer_min = 10;
    g_autoptr(GArray) taken = nothing_taken();
    take(taken, "2026-11-24T10:00:00+01:00", "2026-11-24T10:30:00+01:00", 1); /* with its buffer */
    g_autoptr(GArray) left = agenda_free(
        rules, taken, (Span){at("2026-11-24T09:20:00+01:00"), at("2026-11-24T11:00:00+01:00")});
    g_autofree char *found = starts(left);
    /* 9:40 would run its buffer into 10:00, 10:20 begins within the other's */
    g_assert_cmpstr(found, ==, "24 09:20 24 10:40");
}

static void finds_the_slot_at_an_instant_free_or_taken(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    g_autoptr(GArray) taken = nothing_taken();
    take(taken, "2026-11-24T10:00:00+01:00", "2026-11-24T10:20:00+01:00", 1);
    Slot slot;
    g_assert_true(agenda_slot_at(rules, taken, at("2026-11-24T10:00:00+01:00"), &slot));
    g_assert_cmpuint(slot.free, ==, 0);
    g_assert_true(agenda_slot_at(rules, taken, at("2026-11-24T10:20:00+01:00"), &slot));
    g_assert_cmpuint(slot.free, ==, 1);
    g_assert_false(agenda_slot_at(rules, taken, at("2026-11-24T10:10:00+01:00"), &slot));
    g_assert_false(agenda_slot_at(rules, taken, at("2026-11-25T10:00:00+01:00"), &slot));
}

static void the_nearest_slots_stand_around_the_instant(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    g_autoptr(GArray) slots =
        agenda_slots(rules, NULL, (Span){at("2026-11-24T00:00:00Z"), at("2026-11-27T00:00:00Z")});
    static const struct {
        const char *near, *expected;
    } cases[] = {
        {"2026-11-24T10:00:00+01:00", "24 09:40 24 10:00 24 10:20"},
        {"2026-11-24T10:05:00+01:00", "24 09:40 24 10:00 24 10:20"},
        {"2026-11-24T10:15:00+01:00", "24 10:00 24 10:20 24 10:40"},
        {"2026-11-20T10:00:00+01:00", "24 09:00 24 09:20 24 09:40"},
        {"2026-12-20T10:00:00+01:00", "26 11:20 26 11:40 26 12:00"},
        {"2026-11-24T13:00:00+01:00", "24 11:20 24 11:40 24 12:00"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) nearest = agenda_nearest(slots, at(cases[i].near), 3);
        g_autofree char *found = starts(nearest);
        g_assert_cmpstr(found, ==, cases[i].expected);
    }
    g_autoptr(GArray) all = agenda_nearest(slots, at("2026-11-24T10:00:00+01:00"), 500);
    g_assert_cmpuint(all->len, ==, slots->len);
}

static void the_third_next_free_time_needs_three(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    g_autoptr(GArray) slots =
        agenda_slots(rules, NULL, (Span){at("2026-11-24T00:00:00Z"), at("2026-11-27T00:00:00Z")});
    gint64 third = 0;
    g_assert_true(agenda_third_next(slots, &third));
    g_assert_cmpint(third, ==, at("2026-11-24T09:40:00+01:00"));
    g_array_set_size(slots, 2);
    g_assert_false(agenda_third_next(slots, &third));
}

static void never_computes_more_than_two_years(void)
{
    g_autoptr(AgendaRules) rules = agenda_rules_new(zone_find("Europe/Rome"));
    open_on(rules, 1, 9, 0, 9, 20);
    g_autoptr(GArray) slots =
        agenda_slots(rules, NULL, (Span){at("2026-11-24T00:00:00Z"), G_MAXINT64});
    g_assert_cmpuint(slots->len, >, 95);
    g_assert_cmpuint(slots->len, <, 106);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/agenda/slots/" #name, name)
    ADD(divides_openings_into_slots_that_end_in_time);
    ADD(slot_and_step_may_differ);
    ADD(the_span_is_half_open);
    ADD(keeps_wall_clock_hours_over_both_clock_changes);
    ADD(skips_the_hour_that_does_not_exist);
    ADD(offers_the_hour_that_exists_twice_once);
    ADD(holds_nothing_on_holidays);
    ADD(leaves_out_what_a_closure_touches);
    ADD(openings_hold_between_their_dates);
    ADD(overlapping_openings_are_merged_with_the_most_counters);
    ADD(counts_the_counters_still_free);
    ADD(a_buffer_keeps_the_next_start_away);
    ADD(finds_the_slot_at_an_instant_free_or_taken);
    ADD(the_nearest_slots_stand_around_the_instant);
    ADD(the_third_next_free_time_needs_three);
    ADD(never_computes_more_than_two_years);
    return g_test_run();
}
