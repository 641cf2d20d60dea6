/* appointment.h - a time taken for a request. The database itself refuses two on one counter or
 * officer.
 *
 * Triggers keep one row per five-minute cell of every appointment that keeps its time (booked,
 * waiting, in call, done), buffer included; the primary key of the cells is what refuses an
 * overlap. So starts, ends and buffers are multiples of five minutes (STORE_ERROR_INVALID
 * otherwise).
 */
#pragma once
#include "store/audit.h"
#include "store/states.h"
#include "store/store.h"

#define APPOINTMENT_RESTORE_S 1800 /* "Ripristina" */

typedef enum { PARTICIPANT_CITIZEN, PARTICIPANT_OFFICER, PARTICIPANT_GUEST } ParticipantRole;
const char *participant_role_name(ParticipantRole role); /* "citizen", "officer", "guest" */

typedef struct Participant {
    gint64 id; /* from token_new_id: the link is computed from it */
    gint64 appointment_id;
    gint64 person_id; /* 0: none */
    ParticipantRole role;
    char *name, *email;
    guint generation;
    char *token_hash;   /* token_hash of the seat's link */
    char *partstat;     /* read only: the latest answer to the invitation ("ACCEPTED", "DECLINED",
                           "TENTATIVE", "COUNTER": another time is proposed), NULL: none yet */
    gint64 partstat_at; /* read only */
} Participant;

typedef struct Appointment {
    gint64 id; /* from token_new_id */
    gint64 organisation_id, office_id, request_id;
    gint64 service_id; /* 0: none */
    gint64 counter_id;
    gint64 officer_id;                         /* 0: nobody in particular */
    gint64 starts_at, ends_at, buffer_ends_at; /* multiples of 300 s */
    char *wall_date;                           /* "2026-11-24": the promise */
    gint wall_minute;                          /* of the day in `zone` */
    char *zone;
    AppointmentState state;
    gint sequence;      /* iTIP SEQUENCE: rises with move, cancel, restore */
    char *uid;          /* iCalendar UID, unique */
    char *cancelled_by; /* "citizen", "officer", "system" */
    char *cancelled_reason;
    gint64 cancelled_at;        /* office's now */
    gint64 cancelled_system_at; /* for Ripristina */
    gint64 waiting_since_at;    /* 0: not in the lobby */
    gint64 call_started_at;     /* of the call going on, 0: none */
    gint64 first_call_at;       /* 0: there was none */
    gint64 call_seconds;        /* of calls that ended */
    gint64 created_at;
    /* the request */
    char *request_code;
    RequestState request_state;
    char *subject, *practice, *summary, *language;
    /* the person */
    gint64 person_id;
    char *person_name, *person_email, *person_title, *person_phone, *person_phone_e164;
    /* the rest */
    gint counter_number;
    char *service_name; /* NULL when none */
    char *officer_name; /* NULL when none */
    char *office_slug, *office_name;
} Appointment;

void participant_free(Participant *participant);
void appointment_free(Appointment *appointment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Participant, participant_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Appointment, appointment_free)

/* A time to take: made by the agenda from a slot. */
typedef struct {
    gint64 starts_at, ends_at, buffer_ends_at;
    const char *wall_date; /* "2026-11-24" */
    const char *zone;
    gint wall_minute;
    gint counters; /* how many are open then: counters 1 to this are tried; 0: all of the office */
} AppointmentTime;

/* --- taking and leaving a time: each is audited; none touches the request's state
 * ----------------------- */
/* Borrowed fields used: id, organisation_id, office_id, request_id, service_id, officer_id, uid.
 * The first free counter is taken. CONFLICT: the time (or the officer) is taken. `participants`
 * holds Participant *, with id, person_id, role, name, email, generation, token_hash; may be NULL.
 */
bool appointment_book(Db *db, const Appointment *appointment, const AppointmentTime *time,
                      const GPtrArray *participants, const Actor *actor, GError **error);
/* One UPDATE; same counter first, then the others. From booked only. Sequence rises. CONFLICT:
 * taken. */
bool appointment_move(Db *db, gint64 id, const AppointmentTime *time, const Actor *actor,
                      GError **error);
/* cancelled_by is the actor's kind; actor->detail is not the reason. Sequence rises. The time is
 * free at once. */
bool appointment_cancel(Db *db, gint64 id, const char *reason, gint64 system_at, const Actor *actor,
                        GError **error);
/* Within APPOINTMENT_RESTORE_S of the cancellation by system time (else TRANSITION). Sequence
 * rises. CONFLICT: somebody has taken it. */
bool appointment_restore(Db *db, gint64 id, gint64 system_at, const Actor *actor, GError **error);
/* Every other change of state, checked by the table. Into `waiting` sets waiting_since_at, into
 * `in_call` call_started_at; out of `in_call` adds to call_seconds. actor->at is the time that
 * counts. */
bool appointment_change(Db *db, gint64 id, AppointmentState to, const Actor *actor, GError **error);
bool appointment_set_officer(Db *db, gint64 id, gint64 officer_id,
                             GError **error); /* CONFLICT: busy then */
/* Seconds of a call held by phone, written by the officer. */
bool appointment_set_call_seconds(Db *db, gint64 id, gint64 seconds, GError **error);

/* --- participants
 * ------------------------------------------------------------------------------------ */
bool participant_add(Db *db, const Participant *participant, GError **error);
/* A new generation revokes the old link. */
bool participant_renew(Db *db, gint64 id, guint generation, const char *token_hash, GError **error);
/* The answer of a calendar program (RFC 5545, 3.2.12) to the appointment as it is now. */
bool participant_answered(Db *db, gint64 id, const char *partstat, gint64 at, GError **error);
/* They answered to another time; moving and restoring call it. */
bool participant_forget_answers(Db *db, gint64 appointment_id, GError **error);
GPtrArray *participant_list(Db *db, gint64 appointment_id, GError **error); /* Participant * */
Participant *participant_find_by_seat(Db *db, const char *token_hash, GError **error);

/* --- finding
 * ----------------------------------------------------------------------------------------- */
Appointment *appointment_find(Db *db, gint64 id, GError **error);
Appointment *appointment_find_by_uid(Db *db, const char *uid, GError **error);
/* Any state: the page says what became of it. `participant` may be NULL. */
Appointment *appointment_find_by_seat(Db *db, const char *token_hash, Participant **participant,
                                      GError **error);
/* The latest of a request, cancelled or not; NOT_FOUND when it never had one. */
Appointment *appointment_find_for_request(Db *db, gint64 request_id, GError **error);
GPtrArray *appointment_list_for_request(Db *db, gint64 request_id,
                                        GError **error); /* oldest first */
/* Appointment * of the office that start in [from, until), by start; cancelled ones only when
 * asked. */
GPtrArray *appointment_list(Db *db, gint64 office_id, gint64 from, gint64 until, bool cancelled,
                            GError **error);
/* Appointment * of all offices in one state (the clock: who waits, what is in call), by start. */
GPtrArray *appointment_list_in_state(Db *db, AppointmentState state, GError **error);

/* --- availability
 * ------------------------------------------------------------------------------------ */
typedef struct {
    gint64 starts_at;
    gint64 ends_at; /* buffer included */
    gint64 counter_id;
} AppointmentTaken;
/* What keeps its time and overlaps [from, until), by start: AppointmentTaken. */
GArray *appointment_taken(Db *db, gint64 office_id, gint64 from, gint64 until, GError **error);
/* How many of the person's appointments in the office keep a time that starts in [from, until); -1
 * on error. */
gint appointment_count_for_person(Db *db, gint64 office_id, gint64 person_id, gint64 from,
                                  gint64 until, GError **error);
