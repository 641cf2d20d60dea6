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

#define DELIVER_WAIT_S 60 /* far below what an MTA waits (Postfix: 1000 s) */

/* The whole of the client: message from `fd` to the server's socket, or straight into the store
 * when nobody listens. A server that takes or answers nothing for `wait_s` seconds is
 * DELIVER_LATER. Writes one line to stderr when it is not 0. */
int deliver_message(const Config *config, const char *office_slug, int fd, guint wait_s);

/* The server's end: config->socket (mode 0600), several clients at a time, each with a time limit
 * and up to `max_message`. `arrived` runs after each commit (wakes the intake), in the thread of
 * that client. */
typedef struct DeliverSocket DeliverSocket;
DeliverSocket *deliver_socket_open(const Config *config, Store *store, const Clock *clock,
                                   void (*arrived)(gpointer context), gpointer context,
                                   GError **error);
void deliver_socket_close(
    DeliverSocket *socket); /* finishes what it is taking, removes the socket */
