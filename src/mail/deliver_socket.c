/* deliver_socket.c - the server's end of `sportello deliver`, on a listener: each client has a
 * thread and a limit.
 *
 * A client that hangs up instead of ending its message was killed halfway; what it sent is dropped,
 * the MTA still has it.
 */
#include "mail/deliver_internal.h"
#include "mail/listener.h"

#include <string.h>

#define CLIENTS_MOST 32                         /* Postfix runs 20 for one destination */
#define WHOLE_MOST_MS G_GINT64_CONSTANT(300000) /* for one message */
#define IDLE_MOST_MS G_GINT64_CONSTANT(30000)   /* between two pieces of it */
#define CHUNK 65536

struct DeliverSocket {
    const Config *config;
    Store *store;
    const Clock *clock;
    void (*arrived)(gpointer context);
    gpointer context;
    Listener *listener;
};

typedef struct {
    DeliverSocket *socket;
    Peer *peer;
    char slug[DELIVER_SLUG_MOST + 2]; /* with its line feed while it comes */
    gsize slug_length;
    bool slug_known;
    gint64 office_id;
    Arrival *arrival;
} Taking;

static int know_office(Taking *taking)
{
    DeliverSocket *socket = taking->socket;
    taking->slug[taking->slug_length] = '\0';
    taking->slug_known = true;
    int found = deliver_find_office(socket->store, taking->slug, &taking->office_id);
    if (found != DELIVER_DONE)
        return found;
    g_autoptr(GError) error = NULL;
    taking->arrival =
        arrival_new(socket->config->max_message, socket->config->upload_folder, &error);
    if (taking->arrival)
        return DELIVER_DONE;
    g_warning("event=deliver_failed error=\"%s\"", error->message);
    return DELIVER_LATER;
}

static int take_piece(Taking *taking, const char *bytes, gsize length)
{
    while (!taking->slug_known && length) {
        if (*bytes == '\n') {
            int found = know_office(taking);
            if (found != DELIVER_DONE)
                return found;
        } else if (taking->slug_length == DELIVER_SLUG_MOST) {
            return DELIVER_NO_OFFICE;
        } else {
            taking->slug[taking->slug_length++] = *bytes;
        }
        bytes++;
        length--;
    }
    g_autoptr(GError) error = NULL;
    if (!length || arrival_feed(taking->arrival, bytes, length, &error))
        return DELIVER_DONE;
    g_warning("event=deliver_failed error=\"%s\"", error->message);
    return DELIVER_LATER;
}

static int store(Taking *taking)
{
    DeliverSocket *socket = taking->socket;
    if (!taking->arrival || peer_hung_up(taking->peer))
        return DELIVER_LATER;
    g_autoptr(GError) error = NULL;
    gint64 id;
    bool is_new;
    if (!arrival_store(taking->arrival, socket->store, taking->office_id, clock_now(socket->clock),
                       &id, &is_new, &error)) {
        g_warning("event=deliver_failed error=\"%s\"", error->message);
        return DELIVER_LATER;
    }
    g_message("event=message_stored message=%" G_GINT64_FORMAT " by=deliver bytes=%" G_GINT64_FORMAT
              " new=%d",
              id, arrival_size(taking->arrival), (int)is_new);
    if (socket->arrived)
        socket->arrived(socket->context);
    return DELIVER_DONE;
}

static int take(Taking *taking)
{
    g_autofree char *chunk = g_malloc(CHUNK);
    for (;;) {
        gssize step = peer_read(taking->peer, chunk, CHUNK);
        if (step < 0)
            return DELIVER_LATER;
        if (step == 0)
            return store(taking);
        int so_far = take_piece(taking, chunk, (gsize)step);
        if (so_far != DELIVER_DONE)
            return so_far;
    }
}

static void serve_client(Peer *peer, gpointer socket)
{
    Taking taking = {.socket = socket, .peer = peer};
    peer_limit(peer, IDLE_MOST_MS, WHOLE_MOST_MS);
    int code = take(&taking);
    const char *answer = code == DELIVER_DONE        ? DELIVER_SAYS_OK
                         : code == DELIVER_NO_OFFICE ? DELIVER_SAYS_NO_OFFICE
                                                     : DELIVER_SAYS_LATER;
    bool is_told = peer_write(peer, answer, strlen(answer));
    if (!is_told && taking.slug_length) /* `doctor` only looks whether somebody is here */
        g_info("event=deliver_unanswered");
    g_clear_pointer(&taking.arrival, arrival_free);
}

DeliverSocket *deliver_socket_open(const Config *config, Store *store_, const Clock *clock,
                                   void (*arrived)(gpointer context), gpointer context,
                                   GError **error)
{
    DeliverSocket *socket = g_new0(DeliverSocket, 1);
    *socket = (DeliverSocket){config, store_, clock, arrived, context, NULL};
    const ListenerSettings settings = {
        .path = config->socket,
        .setting = "socket of [data]",
        .mode = 0600,
        .most = CLIENTS_MOST,
        .busy = DELIVER_SAYS_LATER,
        .serve = serve_client,
        .context = socket,
        .clock = clock,
    };
    socket->listener = listener_open(&settings, error);
    if (socket->listener)
        return socket;
    g_free(socket);
    return NULL;
}

void deliver_socket_close(DeliverSocket *socket)
{
    if (!socket)
        return;
    listener_close(socket->listener);
    g_free(socket);
}
