/* listener.h - unix sockets on which a mail server of this machine hands mail over: accepting, one
 * thread for each client, limits of time. What is said on them is its users' (deliver_socket.c,
 * lmtp.c).
 */
#pragma once
#include "base/clock.h"
#include <stdbool.h>
#include <sys/un.h>

typedef struct Listener Listener;
typedef struct Peer Peer; /* one client, in its own thread */

typedef struct {
    const char *path;    /* of the socket; borrowed as long as the listener lives */
    const char *setting; /* what names it, for errors: "socket of [data]" */
    guint mode;          /* 0600 */
    guint most;          /* clients at a time */
    const char *busy;    /* said to one too many, who is then hung up on */
    void (*serve)(Peer *peer, gpointer context); /* the client is hung up on when it returns */
    gpointer context;
    const Clock *clock;
} ListenerSettings;

/* Removes the socket of a server that was killed; refuses that of one that lives. Errors:
 * G_FILE_ERROR_FAILED. */
Listener *listener_open(const ListenerSettings *settings, GError **error);
/* Each client has five seconds more; returns when all are gone, and removes the socket. */
void listener_close(Listener *listener);

/* False when the path is too long for a socket: then nobody can listen there. */
bool listener_address(const char *path, struct sockaddr_un *address);

/* From now on: at most `idle_ms` between two pieces, at most `whole_ms` for all of them. */
void peer_limit(Peer *peer, gint64 idle_ms, gint64 whole_ms);
/* How many bytes came, at least one; 0 at the end; -1 on an error or after a limit. */
gssize peer_read(Peer *peer, char *bytes, gsize length);
bool peer_write(Peer *peer, const char *bytes, gsize length);
/* Whether something is at hand that five more seconds may finish when the server wants to end; else
 * peer_read ends at once. At the beginning there is. */
void peer_at_hand(Peer *peer, bool something);
bool peer_hung_up(const Peer *peer); /* it will not read an answer: it was killed */
bool peer_is_last(const Peer *peer); /* the server wants to end */
