/* outbox.h - the thread that sends letters whose time has come: by the [smtp] section of their
 * office and route, or to the outgoing Maildir when there is no section at all for them.
 *
 * At start it releases what a crash left half sent: a letter leaves at least once, and twice only
 * when the program ended between the server's 250 and the mark; then it is the same message with
 * the same Message-ID (in the Maildir: the same file). Failures are retried with growing pauses up
 * to three days, then shown on the desk; what a server refuses for good is shown at once.
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
