/* http_answer.c - the way of one request: from the library's calls to a worker, and its reply back.
 *
 * The library calls http_answer with the header, then for each piece of the body, then once more
 * when all is there. What the quick handler does not answer is suspended and pushed to the workers;
 * a worker leaves the finished request on a list, and the loop itself resumes it: without an
 * internal thread of the library a resume from elsewhere wakes nobody.
 */
#include "web/http_internal.h"
#include <string.h>
#include <unistd.h>

static enum MHD_Result send_reply(HttpRequest *request)
{
    HttpServer *server = request->server;
    HttpReply *reply = &request->reply;
    if (reply->live.wanted)
        return http_live_answer(request);

    gsize length = http_reply_length(reply);
    struct MHD_Response *response = g_steal_pointer(&request->response);
    if (!response)
        response = http_reply_build(reply);
    if (server->stop_by_us && !reply->close)
        MHD_add_response_header(response, "Connection", "close");
    http_peer_stage(server, request->peer, PEER_REPLY, HTTP_BODY_GRACE_US(server, length));
    enum MHD_Result queued =
        MHD_queue_response(request->connection, http_reply_get_status(reply), response);
    MHD_destroy_response(response);
    return queued;
}

enum MHD_Result http_answer_refuse(HttpRequest *request, guint status)
{
    HttpReply *reply = &request->reply;
    http_reply_reset(reply);
    http_reply_status(reply, status);
    reply->close = TRUE;
    if (status == 426)
        http_reply_header(reply, "Sec-WebSocket-Version", "13");
    if (request->server->settings.refused) {
        request->server->settings.refused(request, reply, status, request->server->context);
    } else {
        GString *line = g_string_new(NULL);
        g_string_printf(line, "%u\n", status);
        http_reply_type(reply, "text/plain; charset=utf-8");
        http_reply_body(reply, line);
    }
    return send_reply(request);
}

/* --- the library's calls ------------------------------------------------------------------------
 */

static enum MHD_Result begin(HttpServer *server, struct MHD_Connection *connection, const char *url,
                             const char *method, void **con_cls)
{
    HttpPeer *peer = http_peer_of(connection);
    HttpRequest *request = http_request_new(server, peer, connection, method);
    *con_cls = request;
    server->answering++;
    http_peer_stage(server, peer, PEER_BODY, HTTP_BODY_GRACE_US(server, 0));
    guint refusal = http_request_open(request, url);
    return refusal ? http_answer_refuse(request, refusal) : MHD_YES;
}

static enum MHD_Result take_body(HttpRequest *request, const char *bytes, size_t *length)
{
    HttpServer *server = request->server;
    if (!http_body_feed(request, bytes, *length))
        return MHD_NO;
    *length = 0;
    /* counted from the beginning of the request: the average is what matters */
    const gint64 due_us = request->started_us + HTTP_BODY_GRACE_US(server, request->received);
    http_peer_stage(server, request->peer, PEER_BODY, MAX(due_us - server->now_us, 1));
    if (due_us - server->now_us >=
        HTTP_BODY_GRACE_US(server, 0)) /* quick enough without the grace */
        http_peer_renew(server, request->peer);
    return MHD_YES;
}

static enum MHD_Result hand_on(HttpRequest *request)
{
    HttpServer *server = request->server;
    http_body_close(request);
    if (request->refusal)
        return http_answer_refuse(request, request->refusal);
    if (server->quick && server->quick(request, &request->reply, server->context))
        return send_reply(request);

    http_reply_reset(&request->reply);
    if (!http_pool_push(server->pool, &request->job))
        return http_answer_refuse(request, 503);
    http_peer_stage(server, request->peer, PEER_WORK, 0);
    MHD_suspend_connection(request->connection);
    return MHD_YES;
}

enum MHD_Result http_answer(void *cls, struct MHD_Connection *connection, const char *url,
                            const char *method, const char *version, const char *upload_data,
                            size_t *upload_data_size, void **con_cls)
{
    HttpServer *server = cls;
    HttpRequest *request = *con_cls;
    (void)version;
    if (!request)
        return begin(server, connection, url, method, con_cls);
    if (*upload_data_size > 0)
        return take_body(request, upload_data, upload_data_size);
    if (request->worked)
        return send_reply(request);
    return hand_on(request);
}

/* The request line is there: from now on the rest of the header must come as quickly as a first
 * one's. */
void *http_answer_begun(void *cls, const char *uri, struct MHD_Connection *connection)
{
    HttpServer *server = cls;
    HttpPeer *peer = http_peer_of(connection);
    gint64 left_us = peer->deadline_us - server->now_us;
    (void)uri;
    if (left_us > HTTP_HEADER_GRACE_US(server))
        http_peer_stage(server, peer, PEER_HEAD, HTTP_HEADER_GRACE_US(server));
    return NULL;
}

void http_answer_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                           enum MHD_RequestTerminationCode code)
{
    HttpServer *server = cls;
    HttpRequest *request = *con_cls;
    (void)connection;
    if (!request)
        return;
    *con_cls = NULL;
    if (request->ended) {
        server->parting--;
    } else {
        server->answering--;
        http_peer_stage(server, request->peer, PEER_HEAD,
                        (gint64)server->settings.idle_timeout_s * G_USEC_PER_SEC);
    }
    http_request_free(request);
    (void)code;
}

/* --- to the workers and back
 * ----------------------------------------------------------------------- */

static void wake_if_asleep(HttpServer *server)
{
    const guint64 one = 1;
    if (atomic_exchange(&server->sleeping, false) && write(server->wake, &one, sizeof one) < 0)
        return; /* the counter is full: the loop is awake */
}

void http_answer_run(HttpJob *job)
{
    HttpRequest *request = (HttpRequest *)job;
    HttpServer *server = request->server;

    server->handler(request, &request->reply, server->context);
    if (!request->reply.live.wanted)
        request->response = http_reply_build(&request->reply);
    job->next = atomic_load(&server->done);
    while (!atomic_compare_exchange_weak(&server->done, &job->next, job))
        continue;
    wake_if_asleep(server);
}

gboolean http_answer_collect(HttpServer *server)
{
    HttpJob *job = atomic_exchange(&server->done, NULL);
    HttpJob *in_order = NULL;
    while (job) {
        HttpJob *next = job->next;
        job->next = in_order;
        in_order = job;
        job = next;
    }
    for (job = in_order; job; job = job->next) {
        HttpRequest *request = (HttpRequest *)job;
        request->worked = TRUE;
        MHD_resume_connection(request->connection);
    }
    return in_order != NULL;
}
