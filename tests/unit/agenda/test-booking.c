/* test-booking.c - notice and horizon, working days, and why a wished time cannot be had. */
#include "office.h"

static void assert_instant(const AgendaRules *rules, gint64 found, const char *expected)
{
    g_autofree char *text = zone_format_local(rules->zone, found);
    g_assert_cmpstr(text, ==, expected);
}

static void notice_runs_until_the_end_of_the_last_working_day_before(void)
{
    static const struct {
        guint notice_days;
        const char *now, *from;
    } cases[] = {
        /* Monday until 23:59 for Tuesday */
        {1, "2026-11-23T23:59:59+01:00", "2026-11-24T00:00:00+01:00"},
        {1, "2026-11-24T00:00:00+01:00", "2026-11-25T00:00:00+01:00"},
        /* on Friday for Monday, on Saturday and Sunday no longer */
        {1, "2026-11-27T23:59:00+01:00", "2026-11-28T00:00:00+01:00"},
        {1, "2026-11-28T00:01:00+01:00", "2026-12-01T00:00:00+01:00"},
        {1, "2026-11-29T12:00:00+01:00", "2026-12-01T00:00:00+01:00"},
        /* 8 December is no working day */
        {1, "2026-12-08T10:00:00+01:00", "2026-12-10T00:00:00+01:00"},
        {2, "2026-12-07T10:00:00+01:00", "2026-12-10T00:00:00+01:00"},
        {3, "2026-11-26T10:00:00+01:00", "2026-12-01T00:00:00+01:00"},
        {0, "2026-11-24T10:05:00+01:00", "2026-11-24T10:05:00+01:00"},
        /* the two clock changes */
        {1, "2026-03-27T10:00:00+01:00", "2026-03-28T00:00:00+01:00"},
        {1, "2026-03-28T10:00:00+01:00", "2026-03-31T00:00:00+02:00"},
        {1, "2026-10-24T10:00:00+02:00", "2026-10-27T00:00:00+01:00"},
    };
    g_autoptr(AgendaRules) rules = building_office();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        rules->notice_days = cases[i].notice_days;
        Span bookable = agenda_bookable(rules, AGENDA_CITIZEN, at(cases[i].now));
        assert_instant(rules, bookable.from, cases[i].from);
    }
}

static void a_closed_day_is_no_notice(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    close_between(rules, "2026-11-23T00:00:00+01:00", "2026-11-24T00:00:00+01:00", "ponte");
    /* written on the closed Monday: Tuesday is the first working day, Wednesday can be had */
    Span bookable = agenda_bookable(rules, AGENDA_CITIZEN, at("2026-11-23T10:00:00+01:00"));
    assert_instant(rules, bookable.from, "2026-11-25T00:00:00+01:00");
}

static void the_horizon_ends_with_its_last_day_in_wall_clock(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    rules->horizon_days = 30;
    assert_instant(rules,
                   agenda_bookable(rules, AGENDA_CITIZEN, at("2026-10-01T10:00:00+02:00")).until,
                   "2026-11-01T00:00:00+01:00");
    assert_instant(rules,
                   agenda_bookable(rules, AGENDA_CITIZEN, at("2026-03-10T10:00:00+01:00")).until,
                   "2026-04-10T00:00:00+02:00");
}

static void the_desk_sees_from_now_to_twice_the_horizon(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    rules->horizon_days = 10;
    Span bookable = agenda_bookable(rules, AGENDA_DESK, at("2026-11-24T10:00:00+01:00"));
    assert_instant(rules, bookable.from, "2026-11-24T10:00:00+01:00");
    assert_instant(rules, bookable.until, "2026-12-15T00:00:00+01:00");
}

static void tells_working_days(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    rules->patron_month = 12;
    rules->patron_day = 4;
    close_between(rules, "2026-12-01T00:00:00+01:00", "2026-12-02T00:00:00+01:00", "ponte");
    close_between(rules, "2026-12-02T09:00:00+01:00", "2026-12-02T12:00:00+01:00", "corso");
    static const struct {
        const char *date;
        bool working;
    } cases[] = {
        {"2026-11-27", true},  {"2026-11-28", false}, {"2026-11-29", false}, {"2026-11-30", true},
        {"2026-12-01", false}, {"2026-12-02", true},  {"2026-12-03", true},  {"2026-12-04", false},
        {"2026-12-07", true},  {"2026-12-08", false}, {"2026-12-25", false},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(agenda_is_working_day(rules, on(cases[i].date)), ==, cases[i].working);
}

static void counts_working_days_in_both_directions(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    g_assert_cmpint(agenda_add_working_days(rules, on("2026-12-04"), 0), ==, on("2026-12-04"));
    g_assert_cmpint(agenda_add_working_days(rules, on("2026-12-04"), 1), ==, on("2026-12-07"));
    g_assert_cmpint(agenda_add_working_days(rules, on("2026-12-04"), 2), ==, on("2026-12-09"));
    g_assert_cmpint(agenda_working_day_before(rules, on("2026-12-09")), ==, on("2026-12-07"));
    g_assert_cmpint(agenda_working_day_before(rules, on("2026-12-07")), ==, on("2026-12-04"));
}

static void says_why_a_time_cannot_be_had(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    close_between(rules, "2026-12-03T10:00:00+01:00", "2026-12-03T11:00:00+01:00", "assemblea");
    g_autoptr(GArray) taken = nothing_taken();
    take(taken, "2026-12-01T10:00:00+01:00", "2026-12-01T10:20:00+01:00", 1);
    gint64 now = at("2026-11-24T10:05:00+01:00");
    static const struct {
        AgendaWho who;
        const char *starts, *reason, *detail;
    } cases[] = {
        {AGENDA_CITIZEN, "2026-12-01T10:20:00+01:00", "can", NULL},
        {AGENDA_CITIZEN, "2026-11-24T10:00:00+01:00", "past", NULL},
        {AGENDA_CITIZEN, "2026-12-08T10:00:00+01:00", "holiday", "immaculate"},
        {AGENDA_CITIZEN, "2026-12-03T10:40:00+01:00", "closure", "assemblea"},
        {AGENDA_CITIZEN, "2026-12-03T09:50:00+01:00", "closure", "assemblea"},
        {AGENDA_CITIZEN, "2026-12-02T11:00:00+01:00", "outside_hours", NULL},
        {AGENDA_CITIZEN, "2026-12-01T14:40:00+01:00", "outside_hours", NULL},
        {AGENDA_CITIZEN, "2026-12-01T12:20:00+01:00", "outside_hours", NULL},
        {AGENDA_CITIZEN, "2026-12-01T10:10:00+01:00", "off_grid", NULL},
        {AGENDA_CITIZEN, "2026-12-29T10:00:00+01:00", "horizon", NULL},
        {AGENDA_DESK, "2026-12-29T10:00:00+01:00", "can", NULL},
        {AGENDA_CITIZEN, "2026-11-24T10:20:00+01:00", "notice", NULL},
        {AGENDA_DESK, "2026-11-24T10:20:00+01:00", "can", NULL},
        {AGENDA_CITIZEN, "2026-12-01T10:00:00+01:00", "taken", NULL},
        {AGENDA_DESK, "2026-12-01T10:00:00+01:00", "taken", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *detail = "unset";
        AgendaReason reason =
            agenda_why_not(rules, taken, cases[i].who, now, at(cases[i].starts), &detail);
        g_test_message("%s", cases[i].starts);
        g_assert_cmpstr(agenda_reason_name(reason), ==, cases[i].reason);
        g_assert_cmpstr(detail, ==, cases[i].detail);
    }
    g_assert_cmpint(
        agenda_why_not(rules, taken, AGENDA_DESK, now, at("2026-12-08T10:00:00+01:00"), NULL), ==,
        AGENDA_HOLIDAY);
}

static void an_office_that_is_always_closed_ends_the_search(void)
{
    g_autoptr(AgendaRules) rules = building_office();
    close_between(rules, "2026-01-01T00:00:00+01:00", "2030-01-01T00:00:00+01:00", "trasloco");
    gint64 now = at("2026-11-24T10:00:00+01:00");
    Span bookable = agenda_bookable(rules, AGENDA_CITIZEN, now);
    g_assert_cmpint(bookable.from, >=, bookable.until);
    g_autoptr(GArray) none = agenda_free(rules, NULL, bookable);
    g_assert_cmpuint(none->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/agenda/booking/" #name, name)
    ADD(notice_runs_until_the_end_of_the_last_working_day_before);
    ADD(a_closed_day_is_no_notice);
    ADD(the_horizon_ends_with_its_last_day_in_wall_clock);
    ADD(the_desk_sees_from_now_to_twice_the_horizon);
    ADD(tells_working_days);
    ADD(counts_working_days_in_both_directions);
    ADD(says_why_a_time_cannot_be_had);
    ADD(an_office_that_is_always_closed_ends_the_search);
    return g_test_run();
}
