/* test-sessions.c - who is logged in, and for how long. */
#include "base/token.h"
#include "web/sessions.h"
#include <string.h>

#define HOUR_MS (3600 * 1000LL)

static void a_session_is_found_by_its_token_alone(void)
{
    Sessions *sessions = sessions_new();
    Session session;
    g_autofree char *token = sessions_open(sessions, 7, 0, 0);
    char other[TOKEN_LENGTH + 1];
    token_random(other);

    g_assert_true(sessions_find(sessions, token, 1, &session));
    g_assert_cmpint(session.officer_id, ==, 7);
    g_assert_cmpuint(strlen(session.csrf_secret), >=, TOKEN_LENGTH);
    g_assert_cmpstr(session.csrf_secret, !=, token);
    g_assert_false(sessions_find(sessions, other, 1, &session));
    g_assert_false(sessions_find(sessions, "", 1, &session));
    g_assert_false(sessions_find(sessions, NULL, 1, &session));
    sessions_free(sessions);
}

static void two_sessions_share_nothing(void)
{
    Sessions *sessions = sessions_new();
    Session one, other;
    g_autofree char *first = sessions_open(sessions, 7, 0, 0);
    g_autofree char *second = sessions_open(sessions, 7, 0, 0);
    g_assert_true(sessions_find(sessions, first, 1, &one));
    g_assert_true(sessions_find(sessions, second, 1, &other));
    g_assert_cmpstr(first, !=, second);
    g_assert_cmpstr(one.csrf_secret, !=, other.csrf_secret);
    sessions_free(sessions);
}

static void eight_hours_without_a_request_end_it(void)
{
    Sessions *sessions = sessions_new();
    Session session;
    g_autofree char *token = sessions_open(sessions, 7, 0, 0);
    g_assert_true(
        sessions_find(sessions, token, 8 * HOUR_MS - 1, &session)); /* and keeps it alive */
    g_assert_true(sessions_find(sessions, token, 15 * HOUR_MS, &session));
    g_assert_false(sessions_find(sessions, token, 23 * HOUR_MS, &session));
    g_assert_false(sessions_find(sessions, token, 15 * HOUR_MS, &session)); /* gone for good */
    sessions_free(sessions);
}

static void logging_out_ends_one(void)
{
    Sessions *sessions = sessions_new();
    Session session;
    g_autofree char *first = sessions_open(sessions, 7, 0, 0);
    g_autofree char *second = sessions_open(sessions, 7, 0, 0);
    sessions_close(sessions, first);
    g_assert_false(sessions_find(sessions, first, 1, &session));
    g_assert_true(sessions_find(sessions, second, 1, &session));
    sessions_free(sessions);
}

static void what_a_page_asks_by_itself_keeps_nothing_alive(void)
{
    Sessions *sessions = sessions_new();
    Session session;
    g_autofree char *token = sessions_open(sessions, 7, 0, 0);
    g_assert_true(sessions_peek(sessions, token, 8 * HOUR_MS - 1, &session));
    g_assert_false(sessions_peek(sessions, token, 8 * HOUR_MS, &session));
    sessions_free(sessions);
}

static void a_new_password_ends_those_of_that_officer(void)
{
    Sessions *sessions = sessions_new();
    Session session;
    g_autofree char *ended = sessions_open(sessions, 7, 0, 0);
    g_autofree char *foreign = sessions_open(sessions, 8, 0, 0);
    sessions_close_officer(sessions, 7);
    g_assert_false(sessions_find(sessions, ended, 1, &session));
    g_assert_true(sessions_find(sessions, foreign, 1, &session));
    sessions_free(sessions);
}

static void sweeping_keeps_what_is_alive(void)
{
    Sessions *sessions = sessions_new();
    Session session;
    g_autofree char *old = sessions_open(sessions, 7, 0, 0);
    g_autofree char *young = sessions_open(sessions, 7, 0, 5 * HOUR_MS);
    sessions_sweep(sessions, 9 * HOUR_MS);
    g_assert_false(
        sessions_find(sessions, old, 1, &session)); /* even for a clock that says it lives */
    g_assert_true(sessions_find(sessions, young, 9 * HOUR_MS, &session));
    sessions_free(sessions);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web/sessions/a_session_is_found_by_its_token_alone",
                    a_session_is_found_by_its_token_alone);
    g_test_add_func("/web/sessions/two_sessions_share_nothing", two_sessions_share_nothing);
    g_test_add_func("/web/sessions/eight_hours_without_a_request_end_it",
                    eight_hours_without_a_request_end_it);
    g_test_add_func("/web/sessions/logging_out_ends_one", logging_out_ends_one);
    g_test_add_func("/web/sessions/what_a_page_asks_by_itself_keeps_nothing_alive",
                    what_a_page_asks_by_itself_keeps_nothing_alive);
    g_test_add_func("/web/sessions/a_new_password_ends_those_of_that_officer",
                    a_new_password_ends_those_of_that_officer);
    g_test_add_func("/web/sessions/sweeping_keeps_what_is_alive", sweeping_keeps_what_is_alive);
    return g_test_run();
}
