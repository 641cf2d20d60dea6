/* hub_internal.h - what hub.c (topics, turns, what comes from other threads) and hub_peer.c (one
 * WebSocket) share. */
#pragma once
#include "room/hub_loop.h"
#include <pthread.h>
#include <wslay/wslay.h>

#define HUB_MESSAGE_LIMIT ((gsize)64 * 1024)  /* of one message that comes in */
#define HUB_BACKLOG_LIMIT ((gsize)256 * 1024) /* that a listener may have waiting */

typedef enum {
    HUB_OPEN,
    HUB_LEFT, /* on no topic any more; says goodbye until its deadline */
} HubStage;

struct HubPeer {
    Hub *hub;
    guint64 id;
    HubNewcomer from; /* topic owned; early is a copy */
    gsize early_used;
    const HubCallbacks *callbacks; /* NULL: only listens */
    gpointer context;
    wslay_event_context_ptr frames;
    GString *out; /* framed, not yet taken by the socket; NULL: nothing */
    HubStage stage;
    guint16 close_code;  /* to be said when all else has been; 0: none */
    gboolean dead;       /* the socket is of no more use */
    gboolean is_writing; /* EPOLLOUT is watched */
    gboolean is_dirty;
    gint64 heard_us;
    gint64 due_us;      /* next ping, or the end of the goodbye */
    gsize taken;        /* bytes read in this turn */
    GList topic_link;   /* in its topic */
    GList due_link;     /* in hub->pings or hub->goodbyes */
    GList dirty_link;   /* in hub->dirty */
    GList leaving_link; /* in hub->leaving: `left` is still to be called */
};

struct Hub {
    int epoll;
    int wake;
    gint64 ping_us, silence_us;
    gint64 now_us;
    guint64 last_id;
    GArray *handlers;   /* of HubHandler */
    GHashTable *topics; /* text -> GQueue of HubPeer */
    GHashTable *ids;    /* guint64 -> HubPeer, open ones */
    GQueue pings;       /* by due_us: the open ones */
    GQueue goodbyes;    /* by due_us */
    GQueue dirty;
    GQueue leaving;
    guint peers;
    GString *scratch; /* frames of the peer that is being written */
    pthread_mutex_t lock;
    GQueue inbox; /* of HubErrand, under the lock */
};

/* --- hub_peer.c --- */
HubPeer *hub_peer_new(Hub *hub, const HubNewcomer *newcomer);
void hub_peer_free(HubPeer *peer);
void hub_peer_read(HubPeer *peer);
void hub_peer_write(HubPeer *peer);
void hub_peer_ping(HubPeer *peer);

/* --- hub.c --- */
void hub_peer_detach(HubPeer *peer); /* off its topic; `left` is called at the end of the turn */
void hub_peer_mark(HubPeer *peer);   /* something is to be written, or it may be finished */
