/* hub_loop.h - the hub as the server's loop drives it. Loop thread only; everybody else includes
 * hub.h. */
#pragma once
#include "room/hub.h"

Hub *hub_new(void);
void hub_free(Hub *hub); /* after hub_end_all; what waits to be run in the loop is dropped */

/* Other pauses than 20 s between pings and 60 s of silence; before anybody comes. */
void hub_set_patience(Hub *hub, gint64 ping_us, gint64 silence_us);

int hub_fd(const Hub *hub); /* readable: call hub_run */
void hub_run(Hub *hub);     /* reads, tells the callbacks, writes; never blocks */
gint64
hub_next_us(const Hub *hub); /* when hub_run is due by itself, monotonic; G_MAXINT64: never */

/* A socket after its handshake; non-blocking. */
typedef struct {
    int fd;
    const char *early; /* bytes that came with the handshake */
    gsize early_length;
    const char *topic;
    gpointer member;
    GDestroyNotify member_free;
    void (*release)(gpointer handle); /* gives the socket back; NULL: it is closed */
    gpointer handle;
} HubNewcomer;
void hub_add(Hub *hub, const HubNewcomer *newcomer);

void hub_farewell(Hub *hub); /* closes everybody with 1001 (going away) */
gboolean hub_is_empty(const Hub *hub);
void hub_end_all(Hub *hub); /* at once; `left` has been called for everybody when it returns */
