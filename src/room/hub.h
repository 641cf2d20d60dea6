/* hub.h - live connections: who listens to what, and what is said to them.
 *
 * The hub lives in the server's loop thread. Topics are texts such as "desk/1" or "room/42".
 * hub_publish may be called from any thread; everything else runs in the loop. A slow listener that
 * has more than 256 KB waiting is closed, nobody else waits for it. Pings every 20 s; silence for
 * 60 s closes.
 */
#pragma once
#include <glib.h>

typedef struct Hub Hub;
typedef struct HubPeer HubPeer; /* one WebSocket */

typedef struct {
    void (*joined)(HubPeer *peer, gpointer context);
    void (*said)(HubPeer *peer, const char *text, gsize length,
                 gpointer context); /* one text message, <= 64 KB, UTF-8 */
    void (*left)(HubPeer *peer, gpointer context);
} HubCallbacks;

/* Called once before the server runs: what happens on topics that begin with `prefix` ("room/").
 * Topics without callbacks only listen: what they say is dropped. */
void hub_on(Hub *hub, const char *prefix, const HubCallbacks *callbacks, gpointer context);

/* Any thread: sends `text` (JSON) to everybody on the topic. */
void hub_publish(Hub *hub, const char *topic, const char *text);

/* Loop thread only. */
guint64 hub_peer_id(const HubPeer *peer); /* unique while the program runs */
const char *hub_peer_topic(const HubPeer *peer);
gpointer hub_peer_member(const HubPeer *peer);
void hub_peer_send(HubPeer *peer, const char *text);
void hub_peer_close(HubPeer *peer, guint16 code);
HubPeer *hub_peer_find(Hub *hub, guint64 id);
GPtrArray *hub_peers(Hub *hub,
                     const char *topic); /* HubPeer borrowed, container owned by the caller */
/* Runs `call` in the loop thread soon; any thread. */
void hub_call(Hub *hub, void (*call)(gpointer data), gpointer data, GDestroyNotify data_free);
