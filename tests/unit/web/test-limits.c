/* test-limits.c - how often somebody may try. */
#include "web/limits.h"

static void try_all(Limits *limits, const char *who, guint times, gint64 now_ms)
{
    guint wait_s;
    for (guint i = 0; i < times; i++)
        g_assert_true(limits_allow(limits, who, 5, 300, now_ms, true, &wait_s));
}

static void the_sixth_try_of_five_waits(void)
{
    Limits *limits = limits_new();
    guint wait_s = 99;
    try_all(limits, "login:a", 5, 1000);
    g_assert_false(limits_allow(limits, "login:a", 5, 300, 61 * 1000, true, &wait_s));
    g_assert_cmpuint(wait_s, ==, 240);
    g_assert_true(limits_allow(limits, "login:b", 5, 300, 61 * 1000, true, &wait_s));
    g_assert_cmpuint(wait_s, ==, 0);
    limits_free(limits);
}

static void the_window_slides(void)
{
    Limits *limits = limits_new();
    guint wait_s;
    try_all(limits, "login:a", 3, 0);
    try_all(limits, "login:a", 2, 200 * 1000);
    g_assert_false(limits_allow(limits, "login:a", 5, 300, 299 * 1000, true, &wait_s));
    g_assert_true(limits_allow(limits, "login:a", 5, 300, 300 * 1000, true,
                               &wait_s)); /* the first three are old */
    g_assert_true(limits_allow(limits, "login:a", 5, 300, 300 * 1000, true, &wait_s));
    g_assert_true(limits_allow(limits, "login:a", 5, 300, 300 * 1000, true, &wait_s));
    g_assert_false(limits_allow(limits, "login:a", 5, 300, 300 * 1000, true, &wait_s));
    g_assert_cmpuint(wait_s, ==, 200);
    limits_free(limits);
}

static void a_refused_try_makes_the_wait_no_longer(void)
{
    Limits *limits = limits_new();
    guint wait_s;
    try_all(limits, "login:a", 5, 0);
    for (gint64 second = 1; second < 300; second++)
        g_assert_false(limits_allow(limits, "login:a", 5, 300, second * 1000, true, &wait_s));
    g_assert_true(limits_allow(limits, "login:a", 5, 300, 300 * 1000, true, &wait_s));
    limits_free(limits);
}

static void asking_without_counting_changes_nothing(void)
{
    Limits *limits = limits_new();
    for (guint i = 0; i < 20; i++)
        g_assert_true(limits_allow(limits, "login:a", 5, 300, 0, false, NULL));
    try_all(limits, "login:a", 5, 0);
    g_assert_false(limits_allow(limits, "login:a", 5, 300, 0, false, NULL));
    limits_free(limits);
}

static void success_forgets_the_tries(void)
{
    Limits *limits = limits_new();
    try_all(limits, "login:a", 4, 0);
    limits_forget(limits, "login:a");
    limits_forget(limits, "login:never");
    try_all(limits, "login:a", 5, 0);
    g_assert_false(limits_allow(limits, "login:a", 5, 300, 0, true, NULL));
    limits_free(limits);
}

/* Whoever tries under ever new names must not fill the memory; who tried lately is still
 * remembered. */
static void the_oldest_are_forgotten_when_there_are_too_many(void)
{
    Limits *limits = limits_new();
    try_all(limits, "login:old", 5, 0);
    try_all(limits, "login:lately", 5, 1);
    for (guint i = 0; i < 19998; i++) {
        g_autofree char *who = g_strdup_printf("code:%u", i);
        g_assert_true(limits_allow(limits, who, 5, 300, 2, true, NULL));
    }
    g_assert_false(limits_allow(limits, "login:old", 5, 300, 3, true, NULL));
    g_assert_true(limits_allow(limits, "code:one more", 5, 300, 3, true, NULL));
    g_assert_true(limits_allow(limits, "login:old", 5, 300, 3, false, NULL));
    g_assert_false(limits_allow(limits, "login:lately", 5, 300, 3, true, NULL));
    limits_free(limits);
}

static void sweeping_keeps_who_must_still_wait(void)
{
    Limits *limits = limits_new();
    guint wait_s;
    try_all(limits, "login:a", 5, 0);
    limits_sweep(limits, 200 * 1000);
    g_assert_false(limits_allow(limits, "login:a", 5, 300, 200 * 1000, true, &wait_s));
    g_assert_cmpuint(wait_s, ==, 100);
    limits_free(limits);
}

static void a_try_that_is_taken_back_makes_room_for_one(void)
{
    Limits *limits = limits_new();
    for (guint i = 0; i < 9; i++) {
        g_assert_true(limits_allow(limits, "network:a", 5, 300, i, true, NULL));
        limits_take_back(limits, "network:a");
    }
    limits_take_back(limits, "network:never");
    for (guint i = 0; i < 5; i++)
        g_assert_true(limits_allow(limits, "network:a", 5, 300, 10, true, NULL));
    g_assert_false(limits_allow(limits, "network:a", 5, 300, 10, true, NULL));
    limits_free(limits);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web/limits/the_sixth_try_of_five_waits", the_sixth_try_of_five_waits);
    g_test_add_func("/web/limits/the_window_slides", the_window_slides);
    g_test_add_func("/web/limits/a_refused_try_makes_the_wait_no_longer",
                    a_refused_try_makes_the_wait_no_longer);
    g_test_add_func("/web/limits/asking_without_counting_changes_nothing",
                    asking_without_counting_changes_nothing);
    g_test_add_func("/web/limits/success_forgets_the_tries", success_forgets_the_tries);
    g_test_add_func("/web/limits/the_oldest_are_forgotten_when_there_are_too_many",
                    the_oldest_are_forgotten_when_there_are_too_many);
    g_test_add_func("/web/limits/sweeping_keeps_who_must_still_wait",
                    sweeping_keeps_who_must_still_wait);
    g_test_add_func("/web/limits/a_try_that_is_taken_back_makes_room_for_one",
                    a_try_that_is_taken_back_makes_room_for_one);
    return g_test_run();
}
