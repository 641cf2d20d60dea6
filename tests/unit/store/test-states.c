#include "store/states.h"
#include <string.h>

/* product.md, "States", row by row: what each state may become, and nothing else. */
static const char *const request_rows[REQUEST_STATES] = {
    [REQUEST_NEW] = "waiting_citizen answered phone offered booked redirected refused closed",
    [REQUEST_WAITING_CITIZEN] =
        "waiting_citizen answered phone offered booked redirected refused new closed",
    [REQUEST_ANSWERED] =
        "waiting_citizen answered phone offered booked redirected refused new closed",
    [REQUEST_PHONE] = "waiting_citizen answered phone offered booked redirected refused new closed",
    [REQUEST_OFFERED] =
        "waiting_citizen answered phone offered booked redirected refused new closed",
    [REQUEST_BOOKED] = "closed new",
    [REQUEST_REDIRECTED] = "closed new",
    [REQUEST_REFUSED] = "closed new",
    [REQUEST_CLOSED] = "new booked",
};

static const char *const appointment_rows[APPOINTMENT_STATES] = {
    [APPOINTMENT_BOOKED] = "waiting cancelled done no_show",
    [APPOINTMENT_WAITING] = "booked in_call cancelled done missed_by_office",
    [APPOINTMENT_IN_CALL] = "waiting done",
    [APPOINTMENT_DONE] = "",
    [APPOINTMENT_NO_SHOW] = "booked done",
    [APPOINTMENT_MISSED_BY_OFFICE] = "",
    [APPOINTMENT_CANCELLED] = "booked",
};

static bool has_word(const char *words, const char *word)
{
    g_auto(GStrv) list = g_strsplit(words, " ", -1);
    return g_strv_contains((const char *const *)list, word);
}

static void test_request_row(gconstpointer data)
{
    RequestState from = (RequestState)GPOINTER_TO_UINT(data);
    for (RequestState to = 0; to < REQUEST_STATES; to++) {
        bool expected = has_word(request_rows[from], request_state_name(to));
        if (request_may_become(from, to) != expected)
            g_error("%s -> %s should be %d", request_state_name(from), request_state_name(to),
                    expected);
    }
}

static void test_appointment_row(gconstpointer data)
{
    AppointmentState from = (AppointmentState)GPOINTER_TO_UINT(data);
    for (AppointmentState to = 0; to < APPOINTMENT_STATES; to++) {
        bool expected = has_word(appointment_rows[from], appointment_state_name(to));
        if (appointment_may_become(from, to) != expected)
            g_error("%s -> %s should be %d", appointment_state_name(from),
                    appointment_state_name(to), expected);
    }
}

static void test_unknown_states(void)
{
    g_assert_false(request_may_become(REQUEST_STATES, REQUEST_NEW));
    g_assert_false(request_may_become(REQUEST_NEW, REQUEST_STATES));
    g_assert_false(appointment_may_become(APPOINTMENT_STATES, APPOINTMENT_BOOKED));
    g_assert_false(appointment_may_become(APPOINTMENT_BOOKED, APPOINTMENT_STATES));
}

static void test_names_read_back(void)
{
    for (RequestState state = 0; state < REQUEST_STATES; state++) {
        RequestState read = REQUEST_STATES;
        g_assert_true(request_state_parse(request_state_name(state), &read));
        g_assert_cmpint(read, ==, state);
    }
    for (AppointmentState state = 0; state < APPOINTMENT_STATES; state++) {
        AppointmentState read = APPOINTMENT_STATES;
        g_assert_true(appointment_state_parse(appointment_state_name(state), &read));
        g_assert_cmpint(read, ==, state);
    }
    RequestState untouched = REQUEST_BOOKED;
    g_assert_false(request_state_parse("gone", &untouched));
    g_assert_false(request_state_parse(NULL, &untouched));
    g_assert_cmpint(untouched, ==, REQUEST_BOOKED);
}

static void test_who_keeps_time(void)
{
    static const struct {
        AppointmentState state;
        bool keeps, open;
    } rows[] = {
        {APPOINTMENT_BOOKED, true, true},      {APPOINTMENT_WAITING, true, true},
        {APPOINTMENT_IN_CALL, true, true},     {APPOINTMENT_DONE, true, false},
        {APPOINTMENT_NO_SHOW, false, false},   {APPOINTMENT_MISSED_BY_OFFICE, false, false},
        {APPOINTMENT_CANCELLED, false, false},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpint(appointment_keeps_time(rows[i].state), ==, rows[i].keeps);
        g_assert_cmpint(appointment_is_open(rows[i].state), ==, rows[i].open);
    }
}

static void test_what_is_over(void)
{
    for (RequestState state = 0; state < REQUEST_STATES; state++) {
        bool expected = has_word("redirected refused closed", request_state_name(state));
        g_assert_cmpint(request_is_over(state), ==, expected);
        g_assert_cmpint(request_is_to_decide(state), ==, state == REQUEST_NEW);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint from = 0; from < REQUEST_STATES; from++) {
        g_autofree char *path = g_strdup_printf(
            "/store/states/a_%s_request_becomes_what_the_table_says", request_state_name(from));
        g_test_add_data_func(path, GUINT_TO_POINTER(from), test_request_row);
    }
    for (guint from = 0; from < APPOINTMENT_STATES; from++) {
        g_autofree char *path =
            g_strdup_printf("/store/states/a_%s_appointment_becomes_what_the_table_says",
                            appointment_state_name(from));
        g_test_add_data_func(path, GUINT_TO_POINTER(from), test_appointment_row);
    }
    g_test_add_func("/store/states/an_unknown_state_becomes_nothing", test_unknown_states);
    g_test_add_func("/store/states/names_read_back", test_names_read_back);
    g_test_add_func("/store/states/some_appointments_keep_their_time", test_who_keeps_time);
    g_test_add_func("/store/states/some_requests_are_over", test_what_is_over);
    return g_test_run();
}
