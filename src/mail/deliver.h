/* deliver.h - what an MTA pipes a message to, and the unix socket of the running server behind it.
 *
 * Exit codes of `sportello deliver` are those an MTA understands (sysexits.h): 0 the message is
 * durable, 67 the office is unknown, 75 anything else, so that the MTA keeps the mail and tries
 * again.
 */
#pragma once
#include "base/config.h"
#include "mail/arrival.h"

#define DELIVER_DONE 0
#define DELIVER_NO_OFFICE 67
#define DELIVER_LATER 75

/* The whole of the client: message from `fd` to the server's socket, or straight into the store
 * when nobody listens. Writes one line to stderr when it is not 0. */
int deliver_message(const Config *config, const char *office_slug, int fd);

/* The server's end: a thread that accepts on config->socket (mode 0600), one connection at a time
 * with a time limit, up to `max_message` each. `arrived` runs after each commit (wakes the intake).
 */
typedef struct DeliverSocket DeliverSocket;
DeliverSocket *deliver_socket_open(const Config *config, Store *store, const Clock *clock,
                                   void (*arrived)(gpointer context), gpointer context,
                                   GError **error);
void deliver_socket_close(
    DeliverSocket *socket); /* finishes what it is taking, removes the socket */
