/* outbox.h - the thread that sends letters whose time has come: today to the outgoing Maildir.
 *
 * At start it releases what a crash left half sent. A letter's file is named after its row, so
 * sending twice writes the same file. Failures are retried with growing pauses up to three days,
 * then shown on the desk.
 */
#pragma once
#include "base/clock.h"
#include "base/config.h"
#include "store/store.h"

typedef void OutboxChanged(gint64 office_id, const char *request_code,
                           gpointer context); /* sent or failed */

typedef struct Outbox Outbox;
Outbox *outbox_start(const Config *config, Store *store, const Clock *clock, OutboxChanged *changed,
                     gpointer context, GError **error);
void outbox_wake(
    Outbox *outbox); /* any thread, also from a signal-free callback: a letter was written */
void outbox_stop(Outbox *outbox);
