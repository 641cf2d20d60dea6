/* arrival.h - a raw message becomes a durable row; nobody looks into it here.
 *
 * Above `max_message` headers and the first MiB are kept, and the row says how much had arrived.
 */
#pragma once
#include "base/clock.h"
#include "store/message.h"

typedef struct Arrival
    Arrival; /* bytes on their way in: in memory up to 1 MiB, then in an unlinked file */
Arrival *arrival_new(gint64 max_message, const char *folder,
                     GError **error); /* folder for the file, not NULL */
bool arrival_feed(Arrival *arrival, const void *bytes, gsize length, GError **error);
/* Reads to the end of `fd`. */
bool arrival_feed_fd(Arrival *arrival, int fd, GError **error);
/* Only the beginning was fed, of a message of `size` bytes: it is kept as one that is too long. The
 * digest is that of the beginning. */
void arrival_tell_size(Arrival *arrival, gint64 size);
gint64 arrival_size(const Arrival *arrival); /* bytes that arrived, or were told */
void arrival_free(Arrival *arrival);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arrival, arrival_free)

/* What became of it as a row for message_store: id new, bytes and digest borrowed from `arrival`.
 */
bool arrival_row(Arrival *arrival, gint64 office_id, gint64 received_at, MessageArrival *row,
                 GError **error);
/* Returns after the commit. The same bytes to the same office twice are one row (`is_new` false).
 */
bool arrival_store(Arrival *arrival, Store *store, gint64 office_id, gint64 received_at,
                   gint64 *message_id, bool *is_new, GError **error);
