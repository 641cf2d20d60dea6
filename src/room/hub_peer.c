/* hub_peer.c - one WebSocket: its frames (libwslay), what it is sent, how it ends.
 *
 * Closing is the exchange of RFC 6455, 7.1: whoever closes says so and waits for the other's word,
 * two seconds at most. After a violation what still comes is read and dropped, so that the client
 * sees the code and no reset.
 */
#include "room/hub_internal.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_A_TURN ((gsize)64 * 1024) /* so that nobody else waits for a flood */
#define SEND_AT_ONCE ((gsize)32 * 1024)

/* --- what libwslay asks of us -------------------------------------------------------------------
 */

static ssize_t would_block(wslay_event_context_ptr frames)
{
    wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static ssize_t read_early(HubPeer *peer, uint8_t *buffer, size_t length)
{
    gsize count = MIN(length, peer->from.early_length - peer->early_used);
    memcpy(buffer, peer->from.early + peer->early_used, count);
    peer->early_used += count;
    return (ssize_t)count;
}

static ssize_t on_recv(wslay_event_context_ptr frames, uint8_t *buffer, size_t length, int flags,
                       void *data)
{
    HubPeer *peer = data;
    (void)flags;
    if (peer->early_used < peer->from.early_length)
        return read_early(peer, buffer, length);
    if (peer->taken >= READ_A_TURN)
        return would_block(frames);
    ssize_t count = recv(peer->from.fd, buffer, length, MSG_DONTWAIT);
    if (count > 0) {
        peer->taken += (gsize)count;
        peer->heard_us = peer->hub->now_us;
        return count;
    }
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return would_block(frames);
    peer->dead = TRUE;
    wslay_event_set_error(frames, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

/* Frames are gathered, so that header and payload leave in one call. */
static ssize_t on_send(wslay_event_context_ptr frames, const uint8_t *bytes, size_t length,
                       int flags, void *data)
{
    HubPeer *peer = data;
    GString *scratch = peer->hub->scratch;
    (void)flags;
    if (scratch->len >= SEND_AT_ONCE)
        return would_block(frames);
    g_string_append_len(scratch, (const char *)bytes, (gssize)length);
    return (ssize_t)length;
}

static void on_message(wslay_event_context_ptr frames,
                       const struct wslay_event_on_msg_recv_arg *message, void *data)
{
    HubPeer *peer = data;
    (void)frames;
    if (peer->stage != HUB_OPEN || wslay_is_ctrl_frame(message->opcode))
        return;
    if (message->opcode == WSLAY_BINARY_FRAME)
        hub_peer_close(peer, WSLAY_CODE_UNSUPPORTED_DATA);
    else if (peer->callbacks && peer->callbacks->said)
        peer->callbacks->said(peer, (const char *)message->msg, message->msg_length, peer->context);
}

/* --- making and ending --------------------------------------------------------------------------
 */

HubPeer *hub_peer_new(Hub *hub, const HubNewcomer *newcomer)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv, .send_callback = on_send, .on_msg_recv_callback = on_message};
    HubPeer *peer = g_new0(HubPeer, 1);
    peer->hub = hub;
    peer->from = *newcomer;
    peer->from.topic = g_strdup(newcomer->topic);
    peer->from.early =
        newcomer->early_length ? g_memdup2(newcomer->early, newcomer->early_length) : NULL;
    peer->heard_us = hub->now_us;
    peer->topic_link.data = peer->due_link.data = peer->dirty_link.data = peer->leaving_link.data =
        peer;
    if (wslay_event_context_server_init(&peer->frames, &callbacks, peer) != 0)
        g_error("event=out_of_memory"); /* as GLib does */
    wslay_event_config_set_max_recv_msg_length(peer->frames, HUB_MESSAGE_LIMIT);
    return peer;
}

void hub_peer_free(HubPeer *peer)
{
    wslay_event_context_free(peer->frames);
    if (peer->from.release)
        peer->from.release(peer->from.handle);
    else
        close(peer->from.fd);
    if (peer->out)
        g_string_free(peer->out, TRUE);
    g_free((char *)peer->from.topic);
    g_free((char *)peer->from.early);
    g_free(peer);
}

/* --- in -----------------------------------------------------------------------------------------
 */

/* After a violation: nothing of it is read as frames any more. */
static void drop_input(HubPeer *peer)
{
    char buffer[4096];
    for (guint i = 0; i < READ_A_TURN / sizeof buffer; i++) {
        ssize_t count = recv(peer->from.fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (count <= 0) {
            peer->dead = TRUE;
            return;
        }
    }
}

void hub_peer_read(HubPeer *peer)
{
    peer->taken = 0;
    if (!wslay_event_get_read_enabled(peer->frames))
        drop_input(peer);
    else
        (void)wslay_event_recv(peer->frames); /* what fails ends the reading, seen below */
    if (peer->dead || !wslay_event_get_read_enabled(peer->frames))
        hub_peer_detach(peer);
    hub_peer_mark(peer); /* a pong, an answer to a close */
}

/* --- out ----------------------------------------------------------------------------------------
 */

/* Gives to the socket what it takes; what remains becomes peer->out. */
static void send_gathered(HubPeer *peer, GString *bytes)
{
    gsize sent = 0;
    while (sent < bytes->len && !peer->dead) {
        ssize_t count =
            send(peer->from.fd, bytes->str + sent, bytes->len - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count > 0)
            sent += (gsize)count;
        else if (errno == EAGAIN)
            break;
        else if (errno != EINTR)
            peer->dead = TRUE;
    }
    g_string_erase(bytes, 0, (gssize)sent);
}

static void send_waiting(HubPeer *peer)
{
    if (!peer->out)
        return;
    send_gathered(peer, peer->out);
    if (peer->out->len > 0)
        return;
    g_string_free(peer->out, TRUE);
    peer->out = NULL;
}

/* The library sends a close frame before the messages that were queued earlier, and nothing after
 * it: so it is queued when all of them have gone. */
static gboolean has_more(HubPeer *peer)
{
    if (peer->dead || peer->out)
        return FALSE;
    if (peer->close_code && !wslay_event_want_write(peer->frames)) {
        wslay_event_queue_close(peer->frames, peer->close_code, NULL, 0);
        peer->close_code = 0;
    }
    return wslay_event_want_write(peer->frames) != 0;
}

void hub_peer_write(HubPeer *peer)
{
    GString *scratch = peer->hub->scratch;
    send_waiting(peer);
    while (has_more(peer)) {
        g_string_truncate(scratch, 0);
        if (wslay_event_send(peer->frames) != 0)
            peer->dead = TRUE;
        send_gathered(peer, scratch);
        if (scratch->len > 0)
            peer->out = g_string_new_len(scratch->str, (gssize)scratch->len);
    }
}

static gsize waiting_bytes(const HubPeer *peer)
{
    return wslay_event_get_queued_msg_length(peer->frames) + (peer->out ? peer->out->len : 0);
}

static void queue(HubPeer *peer, uint8_t opcode, const char *text, gsize length)
{
    const struct wslay_event_msg message = {opcode, (const uint8_t *)text, length};
    if (wslay_event_queue_msg(peer->frames, &message) != 0)
        peer->dead = TRUE;
    if (waiting_bytes(peer) > HUB_BACKLOG_LIMIT) {
        hub_peer_write(peer);
        if (waiting_bytes(peer) > HUB_BACKLOG_LIMIT) /* a close frame would wait behind all that */
            peer->dead = TRUE;
    }
    if (peer->dead)
        hub_peer_detach(peer);
    hub_peer_mark(peer);
}

void hub_peer_ping(HubPeer *peer)
{
    queue(peer, WSLAY_PING, "", 0);
}

void hub_peer_send(HubPeer *peer, const char *text)
{
    if (peer->stage == HUB_OPEN)
        queue(peer, WSLAY_TEXT_FRAME, text, strlen(text));
}

void hub_peer_close(HubPeer *peer, guint16 code)
{
    if (peer->stage != HUB_OPEN)
        return;
    peer->close_code = code;
    hub_peer_detach(peer);
    hub_peer_mark(peer);
}

guint64 hub_peer_id(const HubPeer *peer)
{
    return peer->id;
}

const char *hub_peer_topic(const HubPeer *peer)
{
    return peer->from.topic;
}

gpointer hub_peer_member(const HubPeer *peer)
{
    return peer->from.member;
}
