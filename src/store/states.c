/* states.c - the table of allowed transitions (product.md, "States") and the names of the states.
 *
 * Every change of a state is a row here; whatever has no row is refused. Nothing else decides.
 */
#include "store/states.h"
#include "store/db.h"
#include "store/names.h"

const char *const request_state_names[] = {
    [REQUEST_NEW] = "new",
    [REQUEST_WAITING_CITIZEN] = "waiting_citizen",
    [REQUEST_ANSWERED] = "answered",
    [REQUEST_PHONE] = "phone",
    [REQUEST_OFFERED] = "offered",
    [REQUEST_BOOKED] = "booked",
    [REQUEST_REDIRECTED] = "redirected",
    [REQUEST_REFUSED] = "refused",
    [REQUEST_CLOSED] = "closed",
    [REQUEST_STATES] = NULL,
};

const char *const appointment_state_names[] = {
    [APPOINTMENT_BOOKED] = "booked",       [APPOINTMENT_WAITING] = "waiting",
    [APPOINTMENT_IN_CALL] = "in_call",     [APPOINTMENT_DONE] = "done",
    [APPOINTMENT_NO_SHOW] = "no_show",     [APPOINTMENT_MISSED_BY_OFFICE] = "missed_by_office",
    [APPOINTMENT_CANCELLED] = "cancelled", [APPOINTMENT_STATES] = NULL,
};

#define TO(state) (1u << (state))
#define DECISIONS                                                                                  \
    (TO(REQUEST_WAITING_CITIZEN) | TO(REQUEST_ANSWERED) | TO(REQUEST_PHONE) |                      \
     TO(REQUEST_OFFERED) | TO(REQUEST_BOOKED) | TO(REQUEST_REDIRECTED) | TO(REQUEST_REFUSED))
#define REOPEN TO(REQUEST_NEW)   /* the citizen writes again, or the decision is taken back */
#define CLOSE TO(REQUEST_CLOSED) /* from any other state */

/* Asking, answering, phoning and offering may be repeated, so those states lead to themselves too.
 */
static const guint request_table[REQUEST_STATES] = {
    [REQUEST_NEW] = DECISIONS | CLOSE,
    [REQUEST_WAITING_CITIZEN] = DECISIONS | REOPEN | CLOSE,
    [REQUEST_ANSWERED] = DECISIONS | REOPEN | CLOSE,
    [REQUEST_PHONE] = DECISIONS | REOPEN | CLOSE,
    [REQUEST_OFFERED] = DECISIONS | REOPEN | CLOSE,
    [REQUEST_BOOKED] = REOPEN | CLOSE,
    [REQUEST_REDIRECTED] = REOPEN | CLOSE,
    [REQUEST_REFUSED] = REOPEN | CLOSE,
    [REQUEST_CLOSED] = REOPEN | TO(REQUEST_BOOKED), /* Ripristina */
};

static const guint appointment_table[APPOINTMENT_STATES] = {
    [APPOINTMENT_BOOKED] = TO(APPOINTMENT_WAITING) | TO(APPOINTMENT_CANCELLED) |
                           TO(APPOINTMENT_DONE) | TO(APPOINTMENT_NO_SHOW),
    [APPOINTMENT_WAITING] = TO(APPOINTMENT_BOOKED) | TO(APPOINTMENT_IN_CALL) |
                            TO(APPOINTMENT_CANCELLED) | TO(APPOINTMENT_DONE) |
                            TO(APPOINTMENT_MISSED_BY_OFFICE),
    [APPOINTMENT_IN_CALL] = TO(APPOINTMENT_WAITING) | TO(APPOINTMENT_DONE),
    [APPOINTMENT_DONE] = 0,
    [APPOINTMENT_NO_SHOW] = TO(APPOINTMENT_BOOKED) | TO(APPOINTMENT_DONE),
    [APPOINTMENT_MISSED_BY_OFFICE] = 0,
    [APPOINTMENT_CANCELLED] = TO(APPOINTMENT_BOOKED), /* Ripristina */
};

const char *request_state_name(RequestState state)
{
    return state < REQUEST_STATES ? request_state_names[state] : "unknown";
}

const char *appointment_state_name(AppointmentState state)
{
    return state < APPOINTMENT_STATES ? appointment_state_names[state] : "unknown";
}

bool request_state_parse(const char *name, RequestState *state)
{
    gint index = db_name_index(request_state_names, name);
    if (index < 0)
        return false;
    *state = (RequestState)index;
    return true;
}

bool appointment_state_parse(const char *name, AppointmentState *state)
{
    gint index = db_name_index(appointment_state_names, name);
    if (index < 0)
        return false;
    *state = (AppointmentState)index;
    return true;
}

bool request_may_become(RequestState from, RequestState to)
{
    return from < REQUEST_STATES && to < REQUEST_STATES && (request_table[from] & TO(to)) != 0;
}

bool appointment_may_become(AppointmentState from, AppointmentState to)
{
    return from < APPOINTMENT_STATES && to < APPOINTMENT_STATES &&
           (appointment_table[from] & TO(to)) != 0;
}

bool request_is_to_decide(RequestState state)
{
    return state == REQUEST_NEW;
}

bool request_is_over(RequestState state)
{
    return state == REQUEST_REDIRECTED || state == REQUEST_REFUSED || state == REQUEST_CLOSED;
}

bool appointment_keeps_time(AppointmentState state)
{
    return appointment_is_open(state) || state == APPOINTMENT_DONE;
}

bool appointment_is_open(AppointmentState state)
{
    return state == APPOINTMENT_BOOKED || state == APPOINTMENT_WAITING ||
           state == APPOINTMENT_IN_CALL;
}
