/* http_peer.c - the accepted sockets: how many, and how long each may take for what it is doing.
 *
 * The library has one idle timeout that every byte renews, so that a client of a byte every three
 * seconds holds its place for ever. Here each stage of a connection has its own deadline; when the
 * places are taken, whoever has waited longest for a header gives way to the newcomer. A connection
 * is ended by shutting its socket down: the library then finds its end and cleans up.
 */
#include "web/http_internal.h"
#include <arpa/inet.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPTS_A_TURN 64
#define SWEEP_EVERY_US G_USEC_PER_SEC

void http_peers_listen(HttpServer *server, gboolean wanted)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = server->listener};
    if (server->listening == wanted || server->listener < 0)
        return;
    server->listening = wanted;
    if (epoll_ctl(server->epoll, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, server->listener,
                  &event) != 0)
        g_error("event=epoll_failed reason=\"%s\"", g_strerror(errno));
}

static void end_peer(HttpServer *server, HttpPeer *peer)
{
    if (peer->shut)
        return;
    peer->shut = TRUE;
    server->peers_shut++;
    shutdown(peer->fd, SHUT_RDWR);
}

void http_peer_stage(HttpServer *server, HttpPeer *peer, HttpPeerStage stage, gint64 grace_us)
{
    const gboolean was_waiting = peer->stage == PEER_HEAD;
    const gboolean is_waiting = stage == PEER_HEAD;
    if (was_waiting && !is_waiting)
        g_queue_unlink(&server->waiting, &peer->waiting);
    if (is_waiting && !was_waiting)
        g_queue_push_tail_link(&server->waiting, &peer->waiting);
    peer->stage = stage;
    peer->deadline_us = grace_us > 0 ? server->now_us + grace_us : 0;
    if (grace_us > 0)
        server->next_sweep_us =
            MIN(server->next_sweep_us, MAX(peer->deadline_us, server->now_us + SWEEP_EVERY_US));
}

void http_peers_sweep(HttpServer *server)
{
    gint64 next_us = G_MAXINT64;
    for (GList *link = server->peers.head; link; link = link->next) {
        HttpPeer *peer = link->data;
        if (peer->shut || peer->deadline_us == 0)
            continue;
        if (peer->deadline_us <= server->now_us)
            end_peer(server, peer);
        else
            next_us = MIN(next_us, peer->deadline_us);
    }
    if (!server->listening && !server->stop_by_us) { /* out of places or of files a moment ago */
        http_peers_listen(server, TRUE);
        next_us = MIN(next_us, server->now_us + SWEEP_EVERY_US);
    }
    server->next_sweep_us =
        next_us == G_MAXINT64 ? next_us : MAX(next_us, server->now_us + SWEEP_EVERY_US);
}

void http_peers_end_idle(HttpServer *server)
{
    for (GList *link = server->waiting.head; link; link = link->next)
        end_peer(server, link->data);
}

/* Whoever has waited longest for a header gives way. */
static gboolean make_room(HttpServer *server)
{
    for (GList *link = server->waiting.head; link; link = link->next) {
        HttpPeer *peer = link->data;
        if (peer->shut)
            continue;
        end_peer(server, peer);
        return TRUE;
    }
    return FALSE;
}

static void pause_listening(HttpServer *server)
{
    http_peers_listen(server, FALSE);
    server->next_sweep_us = MIN(server->next_sweep_us, server->now_us + SWEEP_EVERY_US);
}

static void remove_peer(HttpServer *server, HttpPeer *peer)
{
    if (peer->stage == PEER_HEAD)
        g_queue_unlink(&server->waiting, &peer->waiting);
    g_queue_unlink(&server->peers, &peer->link);
    if (peer->shut)
        server->peers_shut--;
    g_free(peer);
    if (!server->stop_by_us)
        http_peers_listen(server, TRUE);
}

static HttpPeer *add_peer(HttpServer *server, int fd, const struct sockaddr_storage *address)
{
    HttpPeer *peer = g_new0(HttpPeer, 1);
    const void *number = address->ss_family == AF_INET6
                             ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                             : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    if (!inet_ntop(address->ss_family, number, peer->address, sizeof peer->address))
        peer->address[0] = '\0';
    peer->fd = fd;
    peer->link.data = peer->waiting.data = peer;
    g_queue_push_tail_link(&server->peers, &peer->link);
    g_queue_push_tail_link(&server->waiting, &peer->waiting);
    http_peer_stage(server, peer, PEER_HEAD, HTTP_HEADER_GRACE_US(server));
    return peer;
}

/* At most once a turn, when a newcomer is known to wait: nobody gives way to nobody. */
static gboolean has_place(HttpServer *server, gboolean newcomer_waits)
{
    if (server->peers.length - server->peers_shut < server->peers_limit)
        return TRUE;
    if (!newcomer_waits)
        return FALSE;
    if (make_room(server))
        return TRUE;
    pause_listening(server);
    return FALSE;
}

static gboolean accept_one(HttpServer *server)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int fd = accept4(server->listener, (struct sockaddr *)&address, &length,
                     SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            make_room(server);
            pause_listening(server);
        }
        return FALSE;
    }
    HttpPeer *peer = add_peer(server, fd, &address);
    if (MHD_add_connection(server->daemon, fd, (struct sockaddr *)&address, length) != MHD_YES &&
        !peer->known)
        remove_peer(server, peer); /* the library has closed the socket */
    return TRUE;
}

void http_peers_accept(HttpServer *server)
{
    for (guint i = 0; i < ACCEPTS_A_TURN; i++)
        if (!has_place(server, i == 0) || !accept_one(server))
            return;
}

HttpPeer *http_peer_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static HttpPeer *find_unknown(HttpServer *server, int fd)
{
    for (GList *link = server->peers.tail; link; link = link->prev) {
        HttpPeer *peer = link->data;
        if (peer->fd == fd && !peer->known)
            return peer;
    }
    g_assert_not_reached();
}

void http_peer_notify(void *cls, struct MHD_Connection *connection, void **socket_context,
                      enum MHD_ConnectionNotificationCode code)
{
    HttpServer *server = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        HttpPeer *peer = find_unknown(server, fd);
        peer->known = TRUE;
        *socket_context = peer;
        return;
    }
    remove_peer(server, *socket_context);
    *socket_context = NULL;
}
