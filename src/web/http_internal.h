/* http_internal.h - what the files of the HTTP server share; nobody else includes it.
 *
 * http.c: the server and its loop; http_peer.c: sockets and their deadlines; http_answer.c: the way
 * of one request from the library to a worker and back; http_request.c: what a request says;
 * http_body.c: bodies on their way in; http_reply.c: replies on their way out; http_live.c:
 * upgrades to WebSockets; http_pool.c: threads.
 */
#pragma once
#include "web/http.h"
#include "web/http_form.h"
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>

/* --- http_pool.c
 * --------------------------------------------------------------------------------------- */
typedef struct HttpPool HttpPool;
typedef struct HttpJob {
    struct HttpJob *next;
} HttpJob;
/* Threads are made when they are needed, at most `threads`; `queue_limit` jobs may wait. */
HttpPool *http_pool_new(guint threads, guint queue_limit, void (*run)(HttpJob *job));
gboolean http_pool_push(HttpPool *pool, HttpJob *job); /* FALSE: too many wait */
/* Called by a job around a time in which it waits for others and needs no processor. */
void http_pool_step_aside(HttpPool *pool);
void http_pool_step_back(HttpPool *pool);
void http_pool_free(HttpPool *pool); /* runs what waits, then joins */

/* --- http_reply.c
 * -------------------------------------------------------------------------------------- */
struct HttpReply {
    const HttpRequest *request;
    guint status;
    GString *headers; /* "Name\0value\0" pairs; NULL when none */
    GString *body;
    GBytes *bytes;
    const void *constant;
    gsize constant_length;
    gboolean close; /* the connection must not be used again */
    struct {        /* wanted by http_reply_websocket */
        gboolean wanted;
        char *topic;
        gpointer member;
        GDestroyNotify member_free;
    } live;
};
void http_reply_reset(HttpReply *reply); /* forgets all but the request */
gsize http_reply_length(const HttpReply *reply);
struct MHD_Response *http_reply_build(HttpReply *reply); /* takes the body out of the reply */

/* --- http_peer.c
 * --------------------------------------------------------------------------------------- */
typedef enum {
    PEER_HEAD,  /* nothing or a part of a header has come */
    PEER_BODY,  /* a body is coming */
    PEER_WORK,  /* a worker has it */
    PEER_REPLY, /* the answer is on its way */
    PEER_LIVE,  /* a WebSocket, the hub's */
} HttpPeerStage;

typedef struct HttpPeer { /* one accepted socket */
    GList link;           /* in server->peers */
    GList turn;           /* in the queue of its stage */
    int fd;
    int hub_fd; /* the hub's end of the socket pair behind TLS; 0: none */
    HttpPeerStage stage;
    gboolean known;     /* the library has told us of its connection */
    gboolean shut;      /* already told to end */
    gint64 deadline_us; /* of its stage, monotonic; 0: none */
    char address[INET6_ADDRSTRLEN];
} HttpPeer;

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} HttpAddress;

void http_peers_accept(HttpServer *server);
void http_peers_listen(HttpServer *server, gboolean wanted); /* is the listener watched? */
void http_peers_sweep(HttpServer *server);                   /* ends whose deadline has passed */
void http_peers_end_idle(
    HttpServer *server); /* those that wait for a header, and those that are gone */
void http_peer_stage(HttpServer *server, HttpPeer *peer, HttpPeerStage stage,
                     gint64 grace_us);                                /* 0: no deadline */
void http_peer_watch(HttpServer *server, HttpPeer *peer, int hub_fd); /* is it still there? */
void http_peer_renew(HttpServer *server, HttpPeer *peer); /* does what it should: gives way last */
HttpPeer *http_peer_of(struct MHD_Connection *connection);
void http_peer_notify(void *cls, struct MHD_Connection *connection, void **socket_context,
                      enum MHD_ConnectionNotificationCode code);

/* --- http.c
 * -------------------------------------------------------------------------------------------- */
struct HttpServer {
    HttpSettings settings; /* texts owned */
    HttpQuickHandler *quick;
    HttpHandler *handler;
    gpointer context;
    struct MHD_Daemon *daemon;
    HttpPool *pool;
    struct Hub *hub;
    int listener;
    int epoll;
    int wake;
    gboolean listening;
    guint16 port;
    guint peers_limit;
    guint peers_shut;     /* of the peers */
    GQueue peers;         /* newest last */
    GQueue waiting;       /* PEER_HEAD and PEER_BODY: the first gives way first */
    GQueue replying;      /* PEER_REPLY: gives way when nobody waits */
    GQueue busy;          /* the others: give way to nobody */
    guint answering;      /* requests between their first call and their end */
    gint64 now_us;        /* of this turn of the loop */
    gint64 next_sweep_us; /* G_MAXINT64: nobody has a deadline */
    gint64 stop_by_us;    /* 0: serving */
    guint library_due;    /* times it must be run though no socket tells it */
    guint parting;        /* sockets of the hub given back that the library has not yet closed */
    atomic_bool stop;
    atomic_bool sleeping;    /* the loop waits in epoll: finished work must wake it */
    _Atomic(HttpJob *) done; /* finished work, latest first */
};
#define HTTP_HEADER_GRACE_US(server) ((gint64)(server)->settings.header_timeout_s * G_USEC_PER_SEC)
/* The library marks a given back socket as resumed in one run and closes it in the next; with TLS
 * it waits for its end of the socket pair between the two. Neither wakes its epoll. */
#define HTTP_RUNS_TO_PART 2
/* For `bytes` on their way in or out. */
#define HTTP_BODY_GRACE_US(server, bytes)                                                          \
    (3 * HTTP_HEADER_GRACE_US(server) + (gint64)(bytes)*G_USEC_PER_SEC / 4096)

/* --- http_answer.c
 * ------------------------------------------------------------------------------------- */
enum MHD_Result http_answer(void *cls, struct MHD_Connection *connection, const char *url,
                            const char *method, const char *version, const char *upload_data,
                            size_t *upload_data_size, void **con_cls);
void http_answer_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                           enum MHD_RequestTerminationCode code);
void *http_answer_begun(void *cls, const char *uri, struct MHD_Connection *connection);
void http_answer_run(HttpJob *job); /* in a worker */
gboolean http_answer_collect(
    HttpServer *server); /* resumes what the workers have finished; FALSE: nothing */
/* Answers with `status` in the words of the settings. */
enum MHD_Result http_answer_refuse(HttpRequest *request, guint status);

/* --- http_request.c
 * ------------------------------------------------------------------------------------ */
typedef enum {
    BODY_NONE,
    BODY_URLENCODED,
    BODY_MULTIPART,
    BODY_OTHER,
} HttpBodyKind;

typedef struct {     /* found in one pass over the header */
    guint hosts;     /* Host lines */
    guint lengths;   /* Content-Length lines */
    guint encodings; /* Transfer-Encoding lines */
    gboolean malformed;
    const char *length;
    const char *encoding;
    const char *coding; /* Content-Encoding */
    const char *type;
    const char *expect;
} HttpHeaderFacts;

struct HttpRequest {
    HttpJob job; /* first: the pool's link */
    HttpServer *server;
    HttpPeer *peer;
    struct MHD_Connection *connection;
    const char *method; /* the library's text, lives as long as the request */
    char *path;
    GArray *query; /* of HttpField; NULL when none */
    GArray *form;
    HttpBodyKind kind;
    gint64 started_us;
    gint64 received; /* bytes of the body */
    guint refusal;   /* status that the body earned; 0: fine */
    GString *body;
    HttpMultipart *multipart;
    gsize field_bytes; /* of plain fields of a multipart form */
    GArray *uploads;   /* of HttpUpload, texts owned */
    int upload_fd;     /* being written; -1: a plain field */
    char *field_name;
    HttpReply reply;
    struct MHD_Response *response; /* made by the worker */
    gboolean worked;
    gboolean ended; /* no longer counted as answering: a WebSocket */
    struct MHD_UpgradeResponseHandle *upgrade;
};
HttpRequest *http_request_new(HttpServer *server, HttpPeer *peer, struct MHD_Connection *connection,
                              const char *method);
/* The path, the query and the header: 0 or the status to refuse with. */
guint http_request_open(HttpRequest *request, const char *url);
void http_request_free(HttpRequest *request);

/* --- http_body.c
 * --------------------------------------------------------------------------------------- */
guint http_body_open(HttpRequest *request,
                     const HttpHeaderFacts *facts); /* 0 or the status to refuse with */
gboolean http_body_feed(HttpRequest *request, const char *bytes,
                        gsize length);      /* FALSE: end the connection */
void http_body_close(HttpRequest *request); /* parses what came; sets refusal */
void http_body_free(HttpRequest *request);  /* removes the files */

/* --- http_live.c
 * --------------------------------------------------------------------------------------- */
/* Queues the 101 or a refusal. */
enum MHD_Result http_live_answer(HttpRequest *request);
