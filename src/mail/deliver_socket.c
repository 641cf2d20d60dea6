/* deliver_socket.c - the server's end of `sportello deliver`: one connection at a time, each with a
 * limit.
 *
 * A client that hangs up instead of ending its message was killed halfway; what it sent is dropped,
 * the MTA still has it.
 */
#include "mail/deliver_internal.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHOLE_MOST_MS G_GINT64_CONSTANT(300000) /* for one message */
#define IDLE_MOST_MS G_GINT64_CONSTANT(30000)   /* between two pieces of it */
#define LAST_MOST_MS G_GINT64_CONSTANT(5000)    /* when the server wants to end */
#define CHUNK 65536

struct DeliverSocket {
    const Config *config;
    Store *store;
    const Clock *clock;
    void (*arrived)(gpointer context);
    gpointer context;
    int listener;
    int stop; /* eventfd */
    GThread *thread;
};

/* --- one connection ------------------------------------------------------------------------ */

typedef struct {
    DeliverSocket *socket;
    int client;
    gint64 until_ms;
    char slug[DELIVER_SLUG_MOST + 2]; /* with its line feed while it comes */
    gsize slug_length;
    bool slug_known;
    gint64 office_id;
    Arrival *arrival;
} Taking;

static gint64 now_ms(const Taking *taking)
{
    return clock_monotonic_ms(taking->socket->clock);
}

/* Waits for more; false when it took too long. */
static bool wait_for_more(Taking *taking)
{
    struct pollfd fds[2] = {{taking->client, POLLIN, 0}, {taking->socket->stop, POLLIN, 0}};
    gint64 idle_until = now_ms(taking) + IDLE_MOST_MS;
    nfds_t watched = 2;
    for (;;) {
        gint64 left = MIN(taking->until_ms, idle_until) - now_ms(taking);
        if (left <= 0)
            return false;
        int ready = poll(fds, watched, (int)left);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready > 0 && fds[0].revents)
            return true;
        if (ready > 0 && watched == 2 && fds[1].revents) {
            taking->until_ms = MIN(taking->until_ms, now_ms(taking) + LAST_MOST_MS);
            watched = 1;
        }
    }
}

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

static bool hung_up(int client)
{
    struct pollfd fd = {client, 0, 0};
    return poll(&fd, 1, 0) > 0 && (fd.revents & (POLLHUP | POLLERR));
}

static int store(Taking *taking)
{
    DeliverSocket *socket = taking->socket;
    if (!taking->arrival || hung_up(taking->client))
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
        if (!wait_for_more(taking))
            return DELIVER_LATER;
        gssize step = recv(taking->client, chunk, CHUNK, MSG_DONTWAIT);
        if (step < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (step < 0)
            return DELIVER_LATER;
        if (step == 0)
            return store(taking);
        int so_far = take_piece(taking, chunk, (gsize)step);
        if (so_far != DELIVER_DONE)
            return so_far;
    }
}

static void serve_client(DeliverSocket *socket, int client)
{
    Taking taking = {.socket = socket, .client = client};
    taking.until_ms = now_ms(&taking) + WHOLE_MOST_MS;
    int code = take(&taking);
    const char *answer = code == DELIVER_DONE        ? DELIVER_SAYS_OK
                         : code == DELIVER_NO_OFFICE ? DELIVER_SAYS_NO_OFFICE
                                                     : DELIVER_SAYS_LATER;
    if (send(client, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        g_info("event=deliver_unanswered");
    g_clear_pointer(&taking.arrival, arrival_free);
    close(client);
}

/* --- the thread ---------------------------------------------------------------------------- */

static gpointer accept_all(gpointer data)
{
    DeliverSocket *socket = data;
    struct pollfd fds[2] = {{socket->listener, POLLIN, 0}, {socket->stop, POLLIN, 0}};
    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return NULL;
        if (fds[1].revents)
            return NULL;
        int client = accept4(socket->listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0)
            serve_client(socket, client);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            g_usleep(100000); /* no busy loop while the server is short of something */
    }
}

static bool somebody_listens(const struct sockaddr_un *address)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool listens = connect(probe, (const struct sockaddr *)address, sizeof *address) == 0;
    close(probe);
    return listens;
}

static bool failed(const char *path, const char *why, GError **error)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                "cannot listen on %s, the socket of [data]: %s", path, why);
    return false;
}

static bool listen_on(DeliverSocket *socket_, const char *path, GError **error)
{
    struct sockaddr_un address;
    if (!deliver_address(path, &address))
        return failed(path, "the path is too long for a socket", error);
    if (somebody_listens(&address))
        return failed(path, "another server listens there", error);
    g_unlink(path); /* of a server that was killed */
    socket_->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_->listener < 0 ||
        bind(socket_->listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        chmod(path, 0600) < 0 || listen(socket_->listener, 64) < 0)
        return failed(path, g_strerror(errno), error);
    return true;
}

DeliverSocket *deliver_socket_open(const Config *config, Store *store_, const Clock *clock,
                                   void (*arrived)(gpointer context), gpointer context,
                                   GError **error)
{
    DeliverSocket *socket = g_new0(DeliverSocket, 1);
    *socket = (DeliverSocket){config, store_, clock, arrived, context, -1, -1, NULL};
    if (!listen_on(socket, config->socket, error)) {
        if (socket->listener >= 0)
            close(socket->listener);
        g_free(socket);
        return NULL;
    }
    socket->stop = eventfd(0, EFD_CLOEXEC);
    socket->thread = g_thread_new("deliver", accept_all, socket);
    return socket;
}

void deliver_socket_close(DeliverSocket *socket)
{
    if (!socket)
        return;
    eventfd_write(socket->stop, 1);
    g_thread_join(socket->thread);
    g_unlink(socket->config->socket);
    close(socket->listener);
    close(socket->stop);
    g_free(socket);
}
