/* test-digest.c - when the morning's letter to an officer is due. */
#include "clock/digest.h"

static void is_due_once_on_the_morning_of_a_working_day(void)
{
    static const struct {
        const char *now, *zone, *sent_on;
        gint patron_month, patron_day;
        bool is_due;
    } cases[] = {
        {"2026-11-24T07:59:59+01:00", "Europe/Rome", "", 0, 0, false},
        {"2026-11-24T08:00:00+01:00", "Europe/Rome", "", 0, 0, true},
        {"2026-11-24T08:00:00+01:00", "Europe/Rome", NULL, 0, 0, true},
        {"2026-11-24T11:59:59+01:00", "Europe/Rome", "2026-11-23", 0, 0, true},
        {"2026-11-24T12:00:00+01:00", "Europe/Rome", "2026-11-23", 0, 0, false},
        {"2026-11-24T08:00:00+01:00", "Europe/Rome", "2026-11-24", 0, 0, false},
        {"2026-11-24T08:00:00+01:00", "Europe/Rome", "2036-01-01", 0, 0,
         true}, /* a clock gone wrong */
        {"2026-07-14T08:00:00+02:00", "Europe/Rome", "", 0, 0, true},
        {"2026-07-14T07:30:00+02:00", "Europe/Rome", "", 0, 0, false},
        {"2026-11-24T07:00:00Z", "Europe/London", "", 0, 0, false},
        {"2026-11-24T08:00:00Z", "Europe/London", "", 0, 0, true},
        {"2026-11-28T08:00:00+01:00", "Europe/Rome", "", 0, 0, false},  /* Saturday */
        {"2026-11-29T08:00:00+01:00", "Europe/Rome", "", 0, 0, false},  /* Sunday */
        {"2026-12-08T09:00:00+01:00", "Europe/Rome", "", 0, 0, false},  /* Immaculate */
        {"2026-04-06T09:00:00+02:00", "Europe/Rome", "", 0, 0, false},  /* Easter Monday */
        {"2026-05-21T09:00:00+02:00", "Europe/Rome", "", 5, 21, false}, /* the patron */
        {"2026-05-21T09:00:00+02:00", "Europe/Rome", "", 0, 0, true},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint64 now;
        g_assert_true(instant_parse_rfc3339(cases[i].now, &now));
        g_test_message("%s %s", cases[i].now, cases[i].zone);
        g_assert_true(digest_due(now, zone_find(cases[i].zone), cases[i].patron_month,
                                 cases[i].patron_day, cases[i].sent_on) == cases[i].is_due);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock/digest/is_due_once_on_the_morning_of_a_working_day",
                    is_due_once_on_the_morning_of_a_working_day);
    return g_test_run();
}
