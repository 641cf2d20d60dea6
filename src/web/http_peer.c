/* http_peer.c - the accepted sockets: how many, and how long each may take for what it is doing.
 *
 * The library has one idle timeout that every byte renews, so that a client of a byte every three
 * seconds holds its place for ever. Here each stage of a connection has its own deadline. When the
 * places are taken, a newcomer gets the place of whoever has waited longest: first among those
 * whose header or body is late (a body that comes quickly enough is not), then among those that
 * read slowly. A connection is ended by shutting its socket down: the library then finds its end
 * and cleans up.
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

static GQueue *queue_of(HttpServer *server, HttpPeerStage stage)
{
    if (stage == PEER_HEAD || stage == PEER_BODY)
        return &server->waiting;
    return stage == PEER_REPLY ? &server->replying : &server->busy;
}

static void move_to(HttpServer *server, HttpPeer *peer, HttpPeerStage stage)
{
    g_queue_unlink(queue_of(server, peer->stage), &peer->turn);
    g_queue_push_tail_link(queue_of(server, stage), &peer->turn);
    peer->stage = stage;
}

void http_peer_stage(HttpServer *server, HttpPeer *peer, HttpPeerStage stage, gint64 grace_us)
{
    if (stage != peer->stage)
        move_to(server, peer, stage);
    peer->deadline_us = grace_us > 0 ? server->now_us + grace_us : 0;
    if (grace_us > 0)
        server->next_sweep_us =
            MIN(server->next_sweep_us, MAX(peer->deadline_us, server->now_us + SWEEP_EVERY_US));
}

void http_peer_renew(HttpServer *server, HttpPeer *peer)
{
    move_to(server, peer, peer->stage);
}

static gboolean is_at_its_end(int fd)
{
    char byte;
    ssize_t count = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

/* The client has gone and the library has not seen it: when the last bytes and the end come
 * together it reads the bytes, takes the socket for empty and gets no second edge. */
static gboolean is_gone(const HttpPeer *peer)
{
    return (peer->stage == PEER_HEAD || peer->stage == PEER_BODY) && is_at_its_end(peer->fd);
}

/* Behind TLS the library sees the end of a WebSocket and does not tell the hub, which would find it
 * out by its pings, a minute later. */
void http_peer_watch(HttpServer *server, HttpPeer *peer, int hub_fd)
{
    peer->hub_fd = hub_fd;
    server->next_sweep_us = MIN(server->next_sweep_us, server->now_us + SWEEP_EVERY_US);
}

static void look_after_live(HttpPeer *peer)
{
    if (!is_at_its_end(peer->fd))
        return;
    shutdown(peer->hub_fd, SHUT_RDWR);
    peer->hub_fd = 0;
}

void http_peers_sweep(HttpServer *server)
{
    gint64 next_us = G_MAXINT64;
    for (GList *link = server->peers.head; link; link = link->next) {
        HttpPeer *peer = link->data;
        if (peer->hub_fd) {
            look_after_live(peer);
            next_us = MIN(next_us, server->now_us + SWEEP_EVERY_US);
        }
        if (peer->shut || peer->deadline_us == 0)
            continue;
        if (peer->deadline_us <= server->now_us || is_gone(peer))
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
    for (GList *link = server->waiting.head; link; link = link->next) {
        HttpPeer *peer = link->data;
        if (peer->stage == PEER_HEAD || is_gone(peer))
            end_peer(server, peer);
    }
}

static gboolean end_first(HttpServer *server, const GQueue *queue)
{
    for (GList *link = queue->head; link; link = link->next) {
        HttpPeer *peer = link->data;
        if (peer->shut)
            continue;
        end_peer(server, peer);
        return TRUE;
    }
    return FALSE;
}

static gboolean make_room(HttpServer *server)
{
    return end_first(server, &server->waiting) || end_first(server, &server->replying);
}

static void pause_listening(HttpServer *server)
{
    http_peers_listen(server, FALSE);
    server->next_sweep_us = MIN(server->next_sweep_us, server->now_us + SWEEP_EVERY_US);
}

static void remove_peer(HttpServer *server, HttpPeer *peer)
{
    g_queue_unlink(queue_of(server, peer->stage), &peer->turn);
    g_queue_unlink(&server->peers, &peer->link);
    if (peer->shut)
        server->peers_shut--;
    g_free(peer);
    if (!server->stop_by_us)
        http_peers_listen(server, TRUE);
}

static HttpPeer *add_peer(HttpServer *server, int fd, const HttpAddress *address)
{
    HttpPeer *peer = g_new0(HttpPeer, 1);
    const void *number = address->any.sa_family == AF_INET6 ? (const void *)&address->v6.sin6_addr
                                                            : (const void *)&address->v4.sin_addr;
    if (!inet_ntop(address->any.sa_family, number, peer->address, sizeof peer->address))
        peer->address[0] = '\0';
    peer->fd = fd;
    peer->link.data = peer->turn.data = peer;
    g_queue_push_tail_link(&server->peers, &peer->link);
    g_queue_push_tail_link(&server->waiting, &peer->turn);
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
    HttpAddress address = {0};
    socklen_t length = sizeof address;
    int fd = accept4(server->listener, &address.any, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            make_room(server);
            pause_listening(server);
        }
        return FALSE;
    }
    const HttpPeer *peer = add_peer(server, fd, &address);
    const gboolean is_taken =
        MHD_add_connection(server->daemon, fd, &address.any, length) == MHD_YES;
    const GList *last = server->peers.tail; /* no longer the newcomer when it was told of its end */
    if (!is_taken && last && last->data == peer && !peer->known)
        remove_peer(server, last->data); /* the library has closed the socket */
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
