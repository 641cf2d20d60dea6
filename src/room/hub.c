/* hub.c - topics, turns of the loop, and what other threads ask for. One WebSocket is hub_peer.c's.
 *
 * A turn reads what came, tells the callbacks, runs the errands of other threads, then writes to
 * everybody who has something waiting. Whoever ends is off its topic at once; its `left` is called
 * at the end of the turn, never from inside another callback.
 */
#include "room/hub_internal.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PING_EVERY_US ((gint64)20 * G_USEC_PER_SEC)
#define SILENCE_US ((gint64)60 * G_USEC_PER_SEC)
#define GOODBYE_US ((gint64)2 * G_USEC_PER_SEC)
#define EVENTS_A_TURN 256

typedef struct {
    char *prefix;
    const HubCallbacks *callbacks;
    gpointer context;
} HubHandler;

typedef struct { /* from another thread: something to publish or to call */
    char *topic, *text;
    void (*call)(gpointer data);
    gpointer data;
    GDestroyNotify data_free;
} HubErrand;

static void handler_clear(gpointer data)
{
    g_free(((HubHandler *)data)->prefix);
}

static void errand_free(HubErrand *errand)
{
    if (errand->data_free)
        errand->data_free(errand->data);
    g_free(errand->topic);
    g_free(errand->text);
    g_free(errand);
}

/* --- making and ending --------------------------------------------------------------------------
 */

Hub *hub_new(void)
{
    Hub *hub = g_new0(Hub, 1);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    hub->epoll = epoll_create1(EPOLL_CLOEXEC);
    hub->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    hub->ping_us = PING_EVERY_US;
    hub->silence_us = SILENCE_US;
    hub->now_us = g_get_monotonic_time();
    hub->handlers = g_array_new(FALSE, FALSE, sizeof(HubHandler));
    g_array_set_clear_func(hub->handlers, handler_clear);
    hub->topics = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    hub->ids = g_hash_table_new(g_int64_hash, g_int64_equal);
    hub->scratch = g_string_sized_new(4096);
    pthread_mutex_init(&hub->lock, NULL);
    if (epoll_ctl(hub->epoll, EPOLL_CTL_ADD, hub->wake, &event) != 0)
        g_error("event=epoll_failed reason=\"%s\"", g_strerror(errno));
    return hub;
}

void hub_free(Hub *hub)
{
    if (!hub)
        return;
    g_assert(hub->peers == 0);
    for (HubErrand *errand = g_queue_pop_head(&hub->inbox); errand;
         errand = g_queue_pop_head(&hub->inbox))
        errand_free(errand);
    pthread_mutex_destroy(&hub->lock);
    g_string_free(hub->scratch, TRUE);
    g_hash_table_unref(hub->ids);
    g_hash_table_unref(hub->topics);
    g_array_unref(hub->handlers);
    close(hub->wake);
    close(hub->epoll);
    g_free(hub);
}

void hub_on(Hub *hub, const char *prefix, const HubCallbacks *callbacks, gpointer context)
{
    HubHandler handler = {g_strdup(prefix), callbacks, context};
    g_array_append_val(hub->handlers, handler);
}

void hub_set_patience(Hub *hub, gint64 ping_us, gint64 silence_us)
{
    hub->ping_us = ping_us;
    hub->silence_us = silence_us;
}

int hub_fd(const Hub *hub)
{
    return hub->epoll;
}

gboolean hub_is_empty(const Hub *hub)
{
    return hub->peers == 0;
}

/* --- coming and going ---------------------------------------------------------------------------
 */

static void find_callbacks(HubPeer *peer)
{
    for (guint i = 0; i < peer->hub->handlers->len; i++) {
        const HubHandler *handler = &g_array_index(peer->hub->handlers, HubHandler, i);
        if (!g_str_has_prefix(peer->from.topic, handler->prefix))
            continue;
        peer->callbacks = handler->callbacks;
        peer->context = handler->context;
        return;
    }
}

static void join_topic(HubPeer *peer)
{
    GQueue *topic = g_hash_table_lookup(peer->hub->topics, peer->from.topic);
    if (!topic) {
        topic = g_new0(GQueue, 1);
        g_hash_table_insert(peer->hub->topics, g_strdup(peer->from.topic), topic);
    }
    g_queue_push_tail_link(topic, &peer->topic_link);
}

static void leave_topic(HubPeer *peer)
{
    GQueue *topic = g_hash_table_lookup(peer->hub->topics, peer->from.topic);
    g_queue_unlink(topic, &peer->topic_link);
    if (topic->length == 0)
        g_hash_table_remove(peer->hub->topics, peer->from.topic);
}

void hub_add(Hub *hub, const HubNewcomer *newcomer)
{
    hub->now_us = g_get_monotonic_time();
    HubPeer *peer = hub_peer_new(hub, newcomer);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    peer->id = ++hub->last_id;
    peer->due_us = hub->now_us + hub->ping_us;
    hub->peers++;
    find_callbacks(peer);
    join_topic(peer);
    g_hash_table_insert(hub->ids, &peer->id, peer);
    g_queue_push_tail_link(&hub->pings, &peer->due_link);
    if (epoll_ctl(hub->epoll, EPOLL_CTL_ADD, newcomer->fd, &event) != 0)
        peer->dead = TRUE;
    if (peer->callbacks && peer->callbacks->joined)
        peer->callbacks->joined(peer, peer->context);
    hub_peer_read(peer);
}

void hub_peer_mark(HubPeer *peer)
{
    if (peer->is_dirty)
        return;
    peer->is_dirty = TRUE;
    g_queue_push_tail_link(&peer->hub->dirty, &peer->dirty_link);
}

void hub_peer_detach(HubPeer *peer)
{
    Hub *hub = peer->hub;
    if (peer->stage != HUB_OPEN)
        return;
    peer->stage = HUB_LEFT;
    leave_topic(peer);
    g_hash_table_remove(hub->ids, &peer->id);
    g_queue_unlink(&hub->pings, &peer->due_link);
    peer->due_us = hub->now_us + GOODBYE_US;
    g_queue_push_tail_link(&hub->goodbyes, &peer->due_link);
    g_queue_push_tail_link(&hub->leaving, &peer->leaving_link);
}

static void tell_left(HubPeer *peer)
{
    if (peer->callbacks && peer->callbacks->left)
        peer->callbacks->left(peer, peer->context);
    if (peer->from.member_free)
        peer->from.member_free(peer->from.member);
    peer->from.member = NULL;
    peer->from.member_free = NULL;
}

static void finish(HubPeer *peer)
{
    Hub *hub = peer->hub;
    g_queue_unlink(&hub->goodbyes, &peer->due_link);
    if (peer->is_dirty)
        g_queue_unlink(&hub->dirty, &peer->dirty_link);
    epoll_ctl(hub->epoll, EPOLL_CTL_DEL, peer->from.fd, NULL);
    hub->peers--;
    hub_peer_free(peer);
}

/* --- a turn
 * ---------------------------------------------------------------------------------------- */

static void watch_writing(HubPeer *peer)
{
    const gboolean wanted = peer->out != NULL;
    struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0U), .data.ptr = peer};
    if (wanted == peer->is_writing)
        return;
    peer->is_writing = wanted;
    if (epoll_ctl(peer->hub->epoll, EPOLL_CTL_MOD, peer->from.fd, &event) != 0)
        peer->dead = TRUE;
}

/* Both sides have said goodbye, or nothing can be said any more. */
static gboolean is_finished(const HubPeer *peer)
{
    return peer->dead || (!peer->out && wslay_event_get_close_sent(peer->frames) &&
                          wslay_event_get_close_received(peer->frames));
}

/* Writes to everybody who has something waiting, tells who left, and frees who is finished, until
 * all is quiet: `left` may make others speak. */
static void settle(Hub *hub)
{
    GQueue finished = G_QUEUE_INIT;
    while (hub->dirty.length > 0 || hub->leaving.length > 0) {
        while (hub->leaving.length > 0)
            tell_left(g_queue_pop_head_link(&hub->leaving)->data);
        if (hub->dirty.length == 0)
            continue;
        HubPeer *peer = g_queue_pop_head_link(&hub->dirty)->data;
        peer->is_dirty = FALSE;
        hub_peer_write(peer);
        watch_writing(peer);
        if (peer->dead)
            hub_peer_detach(peer);
        if (peer->stage == HUB_LEFT && is_finished(peer))
            g_queue_push_tail(&finished, peer);
    }
    for (HubPeer *peer = g_queue_pop_head(&finished); peer; peer = g_queue_pop_head(&finished))
        finish(peer);
}

static void publish(Hub *hub, const char *topic, const char *text)
{
    GQueue *peers = g_hash_table_lookup(hub->topics, topic);
    GList *next;
    for (GList *link = peers ? peers->head : NULL; link; link = next) {
        next = link->next; /* whoever is too slow leaves the topic, which goes with its last */
        hub_peer_send(link->data, text);
    }
}

static void run_errands(Hub *hub)
{
    GQueue errands = G_QUEUE_INIT;
    guint64 count;
    (void)!read(hub->wake, &count, sizeof count);
    pthread_mutex_lock(&hub->lock);
    errands = hub->inbox;
    g_queue_init(&hub->inbox);
    pthread_mutex_unlock(&hub->lock);
    for (HubErrand *errand = g_queue_pop_head(&errands); errand;
         errand = g_queue_pop_head(&errands)) {
        if (errand->call)
            errand->call(errand->data);
        else
            publish(hub, errand->topic, errand->text);
        errand_free(errand);
    }
}

static void tend(HubPeer *peer, guint32 events)
{
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        hub_peer_read(peer);
    else
        hub_peer_mark(peer);
}

/* The queues are in order of time, since each pause is the same for all. */
static void keep_time(Hub *hub)
{
    HubPeer *peer;
    while ((peer = g_queue_peek_head(&hub->goodbyes)) && peer->due_us <= hub->now_us) {
        peer->dead = TRUE;
        peer->due_us = hub->now_us + GOODBYE_US;
        g_queue_unlink(&hub->goodbyes, &peer->due_link);
        g_queue_push_tail_link(&hub->goodbyes, &peer->due_link);
        hub_peer_mark(peer);
    }
    while ((peer = g_queue_peek_head(&hub->pings)) && peer->due_us <= hub->now_us) {
        g_queue_unlink(&hub->pings, &peer->due_link);
        peer->due_us = hub->now_us + hub->ping_us;
        g_queue_push_tail_link(&hub->pings, &peer->due_link);
        if (hub->now_us - peer->heard_us >= hub->silence_us) {
            peer->dead = TRUE;
            hub_peer_mark(peer);
        } else {
            hub_peer_ping(peer);
        }
    }
}

void hub_run(Hub *hub)
{
    struct epoll_event events[EVENTS_A_TURN];
    hub->now_us = g_get_monotonic_time();
    int n = epoll_wait(hub->epoll, events, EVENTS_A_TURN, 0);
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr)
            tend(events[i].data.ptr, events[i].events);
        else
            run_errands(hub);
    }
    keep_time(hub);
    settle(hub);
}

gint64 hub_next_us(const Hub *hub)
{
    if (hub->dirty.length > 0 || hub->leaving.length > 0)
        return 0;
    const HubPeer *ping = g_queue_peek_head((GQueue *)&hub->pings);
    const HubPeer *goodbye = g_queue_peek_head((GQueue *)&hub->goodbyes);
    return MIN(ping ? ping->due_us : G_MAXINT64, goodbye ? goodbye->due_us : G_MAXINT64);
}

void hub_farewell(Hub *hub)
{
    for (HubPeer *peer = g_queue_peek_head(&hub->pings); peer;
         peer = g_queue_peek_head(&hub->pings))
        hub_peer_close(peer, WSLAY_CODE_GOING_AWAY);
}

void hub_end_all(Hub *hub)
{
    hub_farewell(hub);
    settle(hub);
    for (GList *link = hub->goodbyes.head; link; link = link->next) {
        HubPeer *peer = link->data;
        peer->dead = TRUE;
        hub_peer_mark(peer);
    }
    settle(hub);
}

/* --- from any thread
 * ----------------------------------------------------------------------------------- */

static void give(Hub *hub, HubErrand *errand)
{
    const guint64 one = 1;
    pthread_mutex_lock(&hub->lock);
    const gboolean was_empty = hub->inbox.length == 0;
    g_queue_push_tail(&hub->inbox, errand);
    pthread_mutex_unlock(&hub->lock);
    if (was_empty && write(hub->wake, &one, sizeof one) < 0)
        return; /* the counter is full: the loop has been told */
}

void hub_publish(Hub *hub, const char *topic, const char *text)
{
    HubErrand *errand = g_new0(HubErrand, 1);
    errand->topic = g_strdup(topic);
    errand->text = g_strdup(text);
    give(hub, errand);
}

void hub_call(Hub *hub, void (*call)(gpointer data), gpointer data, GDestroyNotify data_free)
{
    HubErrand *errand = g_new0(HubErrand, 1);
    errand->call = call;
    errand->data = data;
    errand->data_free = data_free;
    give(hub, errand);
}

/* --- from the loop
 * ----------------------------------------------------------------------------------- */

HubPeer *hub_peer_find(Hub *hub, guint64 id)
{
    return g_hash_table_lookup(hub->ids, &id);
}

GPtrArray *hub_peers(Hub *hub, const char *topic)
{
    const GQueue *peers = g_hash_table_lookup(hub->topics, topic);
    GPtrArray *list = g_ptr_array_sized_new(peers ? peers->length : 0);
    for (const GList *link = peers ? peers->head : NULL; link; link = link->next)
        g_ptr_array_add(list, link->data);
    return list;
}
