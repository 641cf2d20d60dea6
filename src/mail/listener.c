/* listener.c - see listener.h. The thread that accepts never waits for a client; how many threads
 * there are is bounded, and so is how long each may live.
 */
#include "mail/listener.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAST_MOST_MS G_GINT64_CONSTANT(5000) /* for each client when the server wants to end */
#define SHORT_OF_US 100000 /* no busy loop while the server is short of something */

struct Listener {
    ListenerSettings settings;
    int socket;
    int stop; /* eventfd; readable once the server wants to end */
    GThread *thread;
    GMutex lock;
    GCond gone;
    guint clients; /* under the lock */
};

struct Peer {
    Listener *listener;
    int socket;
    gint64 idle_ms;
    gint64 until_ms;
    bool is_last;
    bool ends_at_once;
};

/* --- one client ---------------------------------------------------------------------------- */

static gint64 now_ms(const Peer *peer)
{
    return clock_monotonic_ms(peer->listener->settings.clock);
}

void peer_limit(Peer *peer, gint64 idle_ms, gint64 whole_ms)
{
    gint64 until_ms = now_ms(peer) + whole_ms;
    peer->idle_ms = idle_ms;
    peer->until_ms = peer->is_last ? MIN(peer->until_ms, until_ms) : until_ms;
}

static void hurry(Peer *peer)
{
    peer->is_last = true;
    peer->until_ms = MIN(peer->until_ms, now_ms(peer) + LAST_MOST_MS);
}

/* False when it took too long. */
static bool wait_for(Peer *peer, short events)
{
    struct pollfd fds[2] = {{peer->socket, events, 0}, {peer->listener->stop, POLLIN, 0}};
    gint64 idle_until = now_ms(peer) + peer->idle_ms;
    for (;;) {
        gint64 left = MIN(peer->until_ms, idle_until) - now_ms(peer);
        if (left <= 0)
            return false;
        int ready = poll(fds, peer->is_last ? 1 : 2, (int)MIN(left, G_MAXINT));
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready > 0 && !peer->is_last && fds[1].revents)
            hurry(peer); /* also one that never pauses */
        if (ready > 0 && fds[0].revents)
            return true;
        if (peer->is_last && peer->ends_at_once)
            return false;
    }
}

gssize peer_read(Peer *peer, char *bytes, gsize length)
{
    while (wait_for(peer, POLLIN)) {
        gssize step = recv(peer->socket, bytes, length, MSG_DONTWAIT);
        if (step >= 0 || (errno != EINTR && errno != EAGAIN))
            return step;
    }
    return -1;
}

bool peer_write(Peer *peer, const char *bytes, gsize length)
{
    for (gsize done = 0; done < length;) {
        gssize step = send(peer->socket, bytes + done, length - done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (step >= 0)
            done += (gsize)step;
        else if (errno == EAGAIN ? !wait_for(peer, POLLOUT) : errno != EINTR)
            return false;
    }
    return true;
}

void peer_at_hand(Peer *peer, bool something)
{
    peer->ends_at_once = !something;
}

bool peer_hung_up(const Peer *peer)
{
    struct pollfd fd = {peer->socket, 0, 0};
    return poll(&fd, 1, 0) > 0 && (fd.revents & (POLLHUP | POLLERR));
}

bool peer_is_last(const Peer *peer)
{
    struct pollfd stop = {peer->listener->stop, POLLIN, 0};
    return peer->is_last || poll(&stop, 1, 0) > 0;
}

static void forget(Peer *peer)
{
    Listener *listener = peer->listener;
    close(peer->socket);
    g_free(peer);
    g_mutex_lock(&listener->lock);
    listener->clients--;
    g_cond_signal(&listener->gone);
    g_mutex_unlock(&listener->lock);
}

static gpointer serve(gpointer data)
{
    Peer *peer = data;
    const ListenerSettings *settings = &peer->listener->settings;
    settings->serve(peer, settings->context);
    forget(peer);
    return NULL;
}

/* --- accepting ----------------------------------------------------------------------------- */

static bool has_room(Listener *listener)
{
    g_mutex_lock(&listener->lock);
    bool has = listener->clients < listener->settings.most;
    if (has)
        listener->clients++;
    g_mutex_unlock(&listener->lock);
    return has;
}

static void turn_away(const Listener *listener, int client)
{
    const char *busy = listener->settings.busy;
    g_message("event=mail_busy most=%u", listener->settings.most);
    send(client, busy, strlen(busy), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void welcome(Listener *listener, int client)
{
    if (!has_room(listener)) {
        turn_away(listener, client);
        close(client);
        return;
    }
    Peer *peer = g_new0(Peer, 1);
    *peer = (Peer){.listener = listener, .socket = client};
    GThread *thread = g_thread_try_new("mail-client", serve, peer, NULL);
    if (thread) {
        g_thread_unref(thread);
        return;
    }
    turn_away(listener, client);
    forget(peer);
}

static gpointer accept_all(gpointer data)
{
    Listener *listener = data;
    struct pollfd fds[2] = {{listener->socket, POLLIN, 0}, {listener->stop, POLLIN, 0}};
    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return NULL;
        if (fds[1].revents)
            return NULL;
        int client = accept4(listener->socket, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0)
            welcome(listener, client);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            g_usleep(SHORT_OF_US);
    }
}

/* --- its life ------------------------------------------------------------------------------ */

bool listener_address(const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    return g_strlcpy(address->sun_path, path, sizeof address->sun_path) < sizeof address->sun_path;
}

static bool somebody_listens(const struct sockaddr_un *address)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool listens = connect(probe, (const struct sockaddr *)address, sizeof *address) == 0 ||
                   errno == EAGAIN; /* and has no time */
    close(probe);
    return listens;
}

static bool failed(const ListenerSettings *settings, const char *why, GError **error)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot listen on %s, the %s: %s",
                settings->path, settings->setting, why);
    return false;
}

static bool listen_on(Listener *listener, GError **error)
{
    const ListenerSettings *settings = &listener->settings;
    struct sockaddr_un address;
    if (!listener_address(settings->path, &address))
        return failed(settings, "the path is too long for a socket", error);
    if (somebody_listens(&address))
        return failed(settings, "another server listens there", error);
    g_unlink(settings->path); /* of a server that was killed */
    listener->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->socket < 0 ||
        bind(listener->socket, (struct sockaddr *)&address, sizeof address) < 0 ||
        chmod(settings->path, settings->mode) < 0 || listen(listener->socket, 128) < 0)
        return failed(settings, g_strerror(errno), error);
    return true;
}

Listener *listener_open(const ListenerSettings *settings, GError **error)
{
    Listener *listener = g_new0(Listener, 1);
    listener->settings = *settings;
    listener->socket = -1;
    if (!listen_on(listener, error)) {
        if (listener->socket >= 0)
            close(listener->socket);
        g_free(listener);
        return NULL;
    }
    g_mutex_init(&listener->lock);
    g_cond_init(&listener->gone);
    listener->stop = eventfd(0, EFD_CLOEXEC);
    listener->thread = g_thread_new("mail-listener", accept_all, listener);
    return listener;
}

void listener_close(Listener *listener)
{
    if (!listener)
        return;
    eventfd_write(listener->stop, 1);
    g_thread_join(listener->thread);
    g_unlink(listener->settings.path);
    close(listener->socket); /* who waits to be accepted is told at once */
    g_mutex_lock(&listener->lock);
    while (listener->clients)
        g_cond_wait(&listener->gone, &listener->lock);
    g_mutex_unlock(&listener->lock);
    close(listener->stop);
    g_mutex_clear(&listener->lock);
    g_cond_clear(&listener->gone);
    g_free(listener);
}
