/* states.h - the states of requests and appointments and the one table of allowed transitions.
 *
 * Pure. The store asks it before every change of state; pages ask it to know which buttons to show.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef enum {
    REQUEST_NEW,
    REQUEST_WAITING_CITIZEN,
    REQUEST_ANSWERED,
    REQUEST_PHONE,
    REQUEST_OFFERED,
    REQUEST_BOOKED,
    REQUEST_REDIRECTED,
    REQUEST_REFUSED,
    REQUEST_CLOSED,
    REQUEST_STATES /* how many */
} RequestState;

typedef enum {
    APPOINTMENT_BOOKED,
    APPOINTMENT_WAITING,
    APPOINTMENT_IN_CALL,
    APPOINTMENT_DONE,
    APPOINTMENT_NO_SHOW,
    APPOINTMENT_MISSED_BY_OFFICE,
    APPOINTMENT_CANCELLED,
    APPOINTMENT_STATES
} AppointmentState;

/* "waiting_citizen", "in_call": as stored and as in JSON. */
const char *request_state_name(RequestState state);
const char *appointment_state_name(AppointmentState state);
bool request_state_parse(const char *name, RequestState *state);
bool appointment_state_parse(const char *name, AppointmentState *state);

/* Is there a row in the table (product.md, "States")? */
bool request_may_become(RequestState from, RequestState to);
bool appointment_may_become(AppointmentState from, AppointmentState to);

/* Does the officer still have to decide (state new)? */
bool request_is_to_decide(RequestState state);
/* Redirected, refused and closed need nothing more from anybody. */
bool request_is_over(RequestState state);
/* Does an appointment in this state keep its time: booked, waiting, in_call, done? */
bool appointment_keeps_time(AppointmentState state);
/* Is it still to come or going on: booked, waiting, in_call? */
bool appointment_is_open(AppointmentState state);
