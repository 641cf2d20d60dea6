/* http_live.c - from a request to a WebSocket: the handshake of RFC 6455, 4.2, and the handing over
 * to the hub.
 *
 * The library gives the socket away (with TLS a socket pair that it goes on pumping) and asks to be
 * told when it is closed. Frames are the hub's. */
#include "room/hub_loop.h"
#include "web/http_internal.h"
#include <string.h>

void http_reply_websocket(HttpReply *reply, struct Hub *hub, const char *topic, gpointer member,
                          GDestroyNotify member_free)
{
    g_assert(!reply->live.wanted && hub == reply->request->server->hub);
    reply->live.wanted = TRUE;
    reply->live.topic = g_strdup(topic);
    reply->live.member = member;
    reply->live.member_free = member_free;
}

/* Is `wanted` one of the comma-separated words of the header? */
static gboolean header_names(const HttpRequest *request, const char *header, const char *wanted)
{
    const char *value = http_request_header(request, header);
    if (!value)
        return FALSE;
    g_auto(GStrv) words = g_strsplit(value, ",", 16);
    for (guint i = 0; words[i]; i++)
        if (g_ascii_strcasecmp(g_strstrip(words[i]), wanted) == 0)
            return TRUE;
    return FALSE;
}

/* Browsers always say where a page comes from; who sends no Origin is no browser and has no cookies
 * to abuse. */
static gboolean is_own_origin(const HttpRequest *request)
{
    const char *origin = http_request_header(request, "Origin");
    const char *host = http_request_header(request, "Host");
    const char *own = request->server->settings.origin;
    if (!origin)
        return TRUE;
    if (own && g_ascii_strcasecmp(origin, own) == 0)
        return TRUE;
    const char *authority = strstr(origin, "://");
    return authority && host && g_ascii_strcasecmp(authority + 3, host) == 0;
}

static gboolean is_key(const char *key)
{
    gsize length = 0;
    if (!key || strlen(key) != 24)
        return FALSE;
    g_free(g_base64_decode(key, &length));
    return length == 16;
}

static guint refusal_of(const HttpRequest *request)
{
    if (strcmp(request->method, MHD_HTTP_METHOD_GET) != 0 ||
        !header_names(request, "Upgrade", "websocket") ||
        !header_names(request, "Connection", "upgrade") ||
        !is_key(http_request_header(request, "Sec-WebSocket-Key")))
        return 400;
    if (g_strcmp0(http_request_header(request, "Sec-WebSocket-Version"), "13") != 0)
        return 426;
    return is_own_origin(request) ? 0 : 403;
}

static char *accept_of(const char *key)
{
    g_autofree char *text = g_strconcat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", NULL);
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA1);
    guint8 digest[20];
    gsize length = sizeof digest;
    g_checksum_update(checksum, (const guchar *)text, -1);
    g_checksum_get_digest(checksum, digest, &length);
    return g_base64_encode(digest, length);
}

static void release(gpointer handle)
{
    HttpRequest *request = handle;
    HttpServer *server = request->server;
    server->library_due = HTTP_RUNS_TO_PART;
    server->parting++;
    request->peer->hub_fd = 0;
    http_peer_stage(server, request->peer, PEER_LIVE, HTTP_HEADER_GRACE_US(server));
    MHD_upgrade_action(request->upgrade, MHD_UPGRADE_ACTION_CLOSE);
}

static void upgraded(void *cls, struct MHD_Connection *connection, void *con_cls,
                     const char *extra_in, size_t extra_in_size, MHD_socket sock,
                     struct MHD_UpgradeResponseHandle *urh)
{
    HttpRequest *request = con_cls;
    HttpServer *server = request->server;
    (void)cls;
    (void)connection;
    http_peer_stage(server, request->peer, PEER_LIVE, 0);
    if (sock != request->peer->fd)
        http_peer_watch(server, request->peer, sock);
    request->ended = TRUE;
    request->upgrade = urh;
    server->answering--;
    const HubNewcomer newcomer = {
        .fd = sock,
        .early = extra_in,
        .early_length = extra_in_size,
        .topic = request->reply.live.topic,
        .member = g_steal_pointer(&request->reply.live.member),
        .member_free = request->reply.live.member_free,
        .release = release,
        .handle = request,
    };
    request->reply.live.member_free = NULL;
    hub_add(server->hub, &newcomer);
}

enum MHD_Result http_live_answer(HttpRequest *request)
{
    guint refusal = request->server->stop_by_us ? 503 : refusal_of(request);
    if (refusal)
        return http_answer_refuse(request, refusal);

    g_autofree char *accept = accept_of(http_request_header(request, "Sec-WebSocket-Key"));
    struct MHD_Response *response = MHD_create_response_for_upgrade(upgraded, NULL);
    MHD_add_response_header(response, "Upgrade", "websocket");
    MHD_add_response_header(response, "Sec-WebSocket-Accept", accept);
    http_peer_stage(request->server, request->peer, PEER_REPLY,
                    HTTP_BODY_GRACE_US(request->server, 0));
    enum MHD_Result queued =
        MHD_queue_response(request->connection, MHD_HTTP_SWITCHING_PROTOCOLS, response);
    MHD_destroy_response(response);
    return queued;
}
