/* intake.h - the thread that turns stored messages into requests, threads and receipts.
 *
 * It watches the incoming Maildir (inotify), stores what it finds, and reads every message in state
 * stored: sandbox -> MailMessage -> reading -> one write job (request or thread, receipt letter,
 * message marked read). A message that cannot be read becomes a request "da leggere", or goes to
 * the other mail, never away.
 */
#pragma once
#include "base/clock.h"
#include "base/config.h"
#include "base/value.h"
#include "mail/correspondence.h"
#include "reading/message.h"
#include "sandbox/sandbox.h"
#include "store/office.h"
#include "store/store.h"

/* Told after each commit: what the desks should know. event: "request" (a new one), "thread" (a
 * request got a message), "other" (mail that made no request); code is NULL for other. Called in
 * the intake's thread. */
typedef void IntakeChanged(gint64 office_id, const char *event, const char *request_code,
                           gpointer context);

typedef struct {
    const Config *config;
    Store *store;
    const Clock *clock;
    Sandbox *sandbox;
    const LetterBox *letters;
    IntakeChanged *changed;
    void (*letter_waits)(gpointer context); /* wakes the outbox */
    gpointer context;
} IntakeSettings;

typedef struct Intake Intake;
Intake *intake_start(const IntakeSettings *settings, GError **error);
void intake_wake(Intake *intake); /* any thread: something was stored */
void intake_stop(Intake *intake); /* finishes the message at hand */

/* Reads the message again as a request: "È una richiesta" at /scrivania/altra-posta. The code of
 * the request is owned by the caller. Any thread that holds no reader. No receipt is sent. */
char *intake_make_request(Intake *intake, gint64 message_id, const Actor *actor, GError **error);

/* The reading of one message for an office, as `sportello read` prints it and as request.reading
 * keeps it. */
Value *intake_read(Arena *arena, const MailMessage *message, const Office *office,
                   const GArray *openings, gint64 now);
