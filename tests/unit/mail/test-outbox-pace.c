/* test-outbox-pace.c - pauses grow, scatter and end. */
#include "mail/outbox_pace.h"

#define MIDDLE 0.5 /* no jitter */

static void pauses_grow_and_stay_at_the_last(void)
{
    static const struct {
        PaceOf of;
        guint failures;
        gint64 seconds;
    } cases[] = {{PACE_LETTER, 1, 30},    {PACE_LETTER, 2, 60},     {PACE_LETTER, 3, 300},
                 {PACE_LETTER, 8, 14400}, {PACE_LETTER, 99, 14400}, {PACE_LETTER, 0, 30},
                 {PACE_DOMAIN, 1, 60},    {PACE_DOMAIN, 99, 3600},  {PACE_SERVER, 1, 5},
                 {PACE_SERVER, 99, 900}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(pace_s(cases[i].of, cases[i].failures, MIDDLE), ==, cases[i].seconds);
    for (guint i = 1; i < 8; i++)
        g_assert_cmpint(pace_s(PACE_LETTER, i + 1, MIDDLE), >, pace_s(PACE_LETTER, i, MIDDLE));
}

static void chance_moves_them_by_a_fifth(void)
{
    g_assert_cmpint(pace_s(PACE_LETTER, 3, 0), ==, 240);
    g_assert_cmpint(pace_s(PACE_LETTER, 3, 0.25), ==, 270);
    g_assert_cmpint(pace_s(PACE_LETTER, 3, 0.999999), ==, 360);
}

static void a_letter_is_tried_for_three_days(void)
{
    g_assert_false(pace_is_over(1000, 1000 + 3 * 86400));
    g_assert_true(pace_is_over(1000, 1001 + 3 * 86400));
    gint64 at = 0;
    guint attempts = 0;
    while (!pace_is_over(0, at))
        at += pace_s(PACE_LETTER, ++attempts, MIDDLE);
    g_assert_cmpuint(attempts, ==, 25);
}

static void a_pause_grows_only_when_it_is_over(void)
{
    Pause pause = {0};
    g_assert_false(pause_holds(&pause, 1000));
    pause_fail(&pause, PACE_SERVER, 1000, MIDDLE);
    g_assert_cmpint(pause.until_at, ==, 1005);
    g_assert_true(pause_holds(&pause, 1004));
    pause_fail(&pause, PACE_SERVER, 1004, MIDDLE); /* what was under way meanwhile */
    g_assert_cmpuint(pause.failures, ==, 1);
    g_assert_false(pause_holds(&pause, 1005));
    pause_fail(&pause, PACE_SERVER, 1005, MIDDLE);
    g_assert_cmpint(pause.until_at, ==, 1020);
    pause_end(&pause);
    g_assert_false(pause_holds(&pause, 1006));
    pause_fail(&pause, PACE_SERVER, 1006, MIDDLE);
    g_assert_cmpint(pause.until_at, ==, 1011);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/mail/outbox_pace/" #name, name)
    CASE(pauses_grow_and_stay_at_the_last);
    CASE(chance_moves_them_by_a_fifth);
    CASE(a_letter_is_tried_for_three_days);
    CASE(a_pause_grows_only_when_it_is_over);
    return g_test_run();
}
