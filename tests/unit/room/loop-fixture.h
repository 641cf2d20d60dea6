/* loop-fixture.h - a hub with a loop thread of its own and WebSockets over socket pairs: no HTTP.
 */
#pragma once
#include "../web/ws-client.h"
#include "room/hub_loop.h"
#include <stdatomic.h>
#include <stdbool.h>

typedef struct {
    Hub *hub;
    GThread *thread;
    atomic_bool stop;
} Loop;

void loop_start(Loop *loop); /* after hub_new and hub_on */
void loop_stop(Loop *loop);  /* ends everybody; the hub is still to be freed */
/* The client's end of a new member of `topic`; member_free may be NULL. */
int loop_join(Loop *loop, const char *topic, gpointer member, GDestroyNotify member_free);
void loop_run(Loop *loop, void (*call)(gpointer data),
              gpointer data); /* in the loop; waits for its end */
