/* request_pages.h - what the pages of one request share (/scrivania/r/{code} and below). */
#pragma once
#include "desk/decision.h"
#include "mail/correspondence.h"
#include "store/verdict.h"
#include "web/desk_pages.h"

typedef struct {
    Request *request;
    Office *office;
} RequestAtHand;

/* The request of the path, when the officer works in its office; false: answered with 404. */
bool request_at_hand_open(Page *page, RequestAtHand *at);
void request_at_hand_clear(RequestAtHand *at);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RequestAtHand, request_at_hand_clear)

/* --- parts of the page (request.c, request_thread.c, request_proposals.c) --- */
void request_show_self(Page *page, const RequestAtHand *at); /* value.request and value.office */
/* after the proposals: marks them in the text */
bool request_show_thread(Page *page, const RequestAtHand *at, const Value *reading, GError **error);
bool request_show_history(Page *page, const RequestAtHand *at, GError **error);
/* value.proposals, what the reading found, numbered as in the thread, with what was said of it. */
void request_show_proposals(Page *page, const RequestAtHand *at, const Value *reading,
                            const GPtrArray *verdicts);
/* value.wishes and value.times, and of each wish that is shown whether it can be had. */
bool request_show_times(Page *page, const RequestAtHand *at, const Value *reading,
                        const GPtrArray *verdicts, GError **error);

/* --- letters (request_letter.c) --- */
/* Completes `what` (kind and what is particular stand in it already) and composes: NULL without
 * error when the person has no e-mail. */
Letter *request_letter(Page *page, const RequestAtHand *at, Correspondence *what, GError **error);
/* value.letter = {subject, text, recipient}; nothing for NULL. */
void request_show_letter(Page *page, const Letter *letter);

/* --- a time chosen in a form --- */
typedef struct {
    Slot slot;
    AppointmentTime time;
    char wall_date[11];
} RequestTime;
/* `inizio` (Unix seconds or RFC 3339, of the form or the query) as a slot of the office. False:
 * answered, with 422 and why there is no such time, or 409 with the nearest free ones. */
bool request_time_open(Page *page, const RequestAtHand *at, const DeskTimes *times,
                       RequestTime *time);
/* The instant of `inizio`, or of `quando` in the office's wall clock; 0 when there is none. */
gint64 request_time_wanted(Page *page, const RequestAtHand *at);
/* Only the day of the wanted time is read. */
DeskTimes *request_times_of_day(Page *page, const RequestAtHand *at, gint64 at_s, GError **error);
/* 409: "questa fascia è appena stata presa", the nearest free ones; what was typed stays. */
void request_time_taken(Page *page, const RequestAtHand *at, gint64 starts_at);

/* The job that takes a decision (its data: a Decision). Who decides has read, so "da leggere" goes
 * with it. */
StoreJob *request_decision_job(const RequestAtHand *at);

/* --- ends of a decision --- */
/* A write that failed: 409 when somebody was faster or the state does not allow it, else
 * page_failed. Frees `error`. */
void request_not_written(Page *page, const RequestAtHand *at, GError *error);
/* A write that worked: outbox and desks are told, 303 to the request with ?fatto=<done>. */
void request_written(Page *page, const RequestAtHand *at, const char *done);
/* `versione` of the form, 0 when there is none. */
gint request_version(Page *page);
/* Is this step of the form only a look at the letter (`passo=anteprima`)? */
bool request_is_preview(Page *page);

/* --- handlers, listed in request.c --- */
void request_confirm_show(Page *page);
void request_confirm(Page *page);
void request_decide_show(Page *page); /* telefono, rispondi, chiedi, indirizza, rifiuta */
void request_decide(Page *page);
void request_undo(Page *page);
void request_mark_read(Page *page);
void request_verdict(Page *page);
void request_outcome_show(Page *page);
void request_outcome(Page *page);
void request_cancel_show(Page *page);
void request_cancel(Page *page);
void request_move_show(Page *page);
void request_move(Page *page);
void request_restore(Page *page);
void request_no_show(Page *page);
void request_attachment(Page *page);
