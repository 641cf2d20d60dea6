/* decision.h - what is decided about a request, as one write job each: request, appointment, letter
 * and audit go together or not at all.
 *
 * The structs are filled by who asks (a page, the clock); every function here is a StoreJob for
 * store_write whose data is the struct named in its comment. Letters are composed before
 * (mail/correspondence.h) and only added.
 */
#pragma once
#include "store/appointment.h"
#include "store/letter.h"
#include "store/request.h"

typedef enum {
    DECISION_VIDEO,    /* booked */
    DECISION_PHONE,    /* phone */
    DECISION_ANSWER,   /* answered */
    DECISION_ASK,      /* waiting_citizen */
    DECISION_REDIRECT, /* redirected */
    DECISION_REFUSE,   /* refused */
    DECISIONS
} DecisionKind;
/* "video", "phone", "answer", "ask", "redirect", "refuse" */
const char *decision_name(DecisionKind kind);
bool decision_parse(const char *name, DecisionKind *kind);
RequestState decision_state(DecisionKind kind); /* what the request becomes */
/* "confirmation", "phone", "answer", "ask_info", ... */
const char *decision_letter_kind(DecisionKind kind);

typedef struct {
    DecisionKind kind;
    gint64 request_id;
    gint version;         /* of the request as the officer saw it; 0: any */
    const Letter *letter; /* NULL: no letter */
    /* video only: */
    const Appointment *appointment;
    const AppointmentTime *time;
    const GPtrArray *participants;
    Actor actor;
} Decision;
/* Decision. STORE_ERROR_CONFLICT: the time is taken. STORE_ERROR_STALE: decided by somebody else
 * meanwhile. An open appointment that the request already has is cancelled by the office in the
 * same job. */
bool decision_take(Db *db, gpointer decision, GError **error);

typedef struct {
    gint64 request_id;
    gint64 system_at;
    Actor actor;
} DecisionUndo;
/* DecisionUndo, "Annulla la decisione": withdraws the letter that is still held, cancels the
 * appointment, the request is new again. STORE_ERROR_TRANSITION when the letter has left, or when
 * what waits is the letter of a move, a cancellation or an outcome. */
bool decision_undo(Db *db, gpointer undo, GError **error);

typedef struct {
    gint64 request_id;
    const char *kind, *text; /* of the outcome; text may be NULL */
    gint64 call_seconds;     /* of a call by phone, answered_how becomes that; -1: as measured */
    const Letter *letter;    /* NULL: not sent to the citizen */
    Actor actor;
} DecisionOutcome;
/* DecisionOutcome: the appointment is done, the request closed. Also for a request without
 * appointment (a phone call made, an answer given). */
bool decision_close(Db *db, gpointer outcome, GError **error);

typedef struct {
    gint64 appointment_id;
    const AppointmentTime *time; /* move only */
    const char *reason;          /* cancel only */
    gint64 system_at;
    const Letter *letter;
    gint sequence; /* that the letter says; STALE when the job leaves another; 0: any */
    Actor actor;   /* the citizen by the link, or an officer */
} AppointmentDecision;
/* AppointmentDecision. Move: CONFLICT when taken. Cancel by the citizen closes the request (how
 * "cancelled"), by the office makes it new. Restore within APPOINTMENT_RESTORE_S makes it booked
 * again. */
bool decision_move(Db *db, gpointer decision, GError **error);
bool decision_cancel(Db *db, gpointer decision, GError **error);
bool decision_restore(Db *db, gpointer decision, GError **error);
/* AppointmentDecision: nobody came; the request is new again. */
bool decision_no_show(Db *db, gpointer decision, GError **error);
