/* http.h - the HTTP server behind which the library hides.
 *
 * One loop thread owns every socket (epoll over libmicrohttpd and the hub); a pool of worker
 * threads runs handlers as plain synchronous code. A handler reads an HttpRequest and fills an
 * HttpReply; both belong to the server. Handlers never see the library's types.
 */
#pragma once
#include <glib.h>

typedef struct HttpServer HttpServer;
typedef struct HttpRequest HttpRequest;
typedef struct HttpReply HttpReply;

typedef struct HttpSettings {
    const char *address;    /* "127.0.0.1" or "::1" */
    guint16 port;           /* 0: any free one, see http_server_port */
    guint workers;          /* handlers that run at the same time */
    guint connections;      /* most at once */
    guint header_timeout_s; /* a request whose header is not whole by then is closed; bodies must
                             * come at 4 KiB/s on the average after three times this grace */
    guint idle_timeout_s;
    gsize form_limit;             /* bytes of an urlencoded or JSON body, kept in memory */
    gint64 upload_limit;          /* bytes of a multipart body, streamed to files */
    const char *upload_folder;    /* where uploads are streamed to */
    const char *certificate_file; /* PEM; NULL: no TLS */
    const char *key_file;
    const char *origin; /* "https://host[:port]" of public_url, for WebSockets; NULL: only the
                           request's Host */
    guint queue_limit;  /* requests that may wait for a worker, more get 503; 0: 1024 */
    /* Words for what the server itself refuses (400, 413, 431, 503): status and Connection are set,
     * fills the rest. Runs in the loop thread, must not block. NULL: a line of plain text. */
    void (*refused)(const HttpRequest *request, HttpReply *reply, guint status, gpointer context);
} HttpSettings;

/* Runs in a worker thread. Nothing set: 200 with an empty body. */
typedef void HttpHandler(const HttpRequest *request, HttpReply *reply, gpointer context);

/* Runs in the loop thread, must not block; fills the reply and returns TRUE when it answers (static
 * files, healthz), FALSE to hand the request to a worker. */
typedef gboolean HttpQuickHandler(const HttpRequest *request, HttpReply *reply, gpointer context);

HttpServer *http_server_new(const HttpSettings *settings, HttpQuickHandler *quick,
                            HttpHandler *handler, gpointer context,
                            GError **error); /* listens; HTTP_ERROR with address and reason */
guint16 http_server_port(const HttpServer *server);
/* The loop: returns after http_server_stop, when what was being answered has been answered (clients
 * have 5 s to take it). No handler runs any more then, and every live connection has ended. */
void http_server_run(HttpServer *server);
void http_server_stop(HttpServer *server); /* any thread, also from a signal handler */
void http_server_free(HttpServer *server); /* after http_server_run has returned */

/* --- the request
 * ------------------------------------------------------------------------------------- */
const char *http_request_method(const HttpRequest *request); /* "GET" also for HEAD */
const char *
http_request_path(const HttpRequest *request); /* decoded, starts with '/'; valid UTF-8 */
const char *http_request_header(const HttpRequest *request,
                                const char *name); /* NULL when absent */
/* All of a header that may come in several lines, joined by commas in their order (RFC 9110, 5.3);
 * owned by the caller, NULL when absent. */
char *http_request_header_joined(const HttpRequest *request, const char *name);
const char *http_request_query(const HttpRequest *request,
                               const char *name); /* decoded; NULL when absent */
const char *http_request_cookie(const HttpRequest *request, const char *name);
const char *http_request_form(const HttpRequest *request,
                              const char *name); /* urlencoded or multipart field */
GPtrArray *http_request_form_all(const HttpRequest *request,
                                 const char *name); /* borrowed texts, container owned */
const char *http_request_body(const HttpRequest *request,
                              gsize *length); /* of other types, up to form_limit */
const char *
http_request_peer(const HttpRequest *request); /* textual address of the other end of the socket */
gboolean http_request_wants_json(
    const HttpRequest *request); /* Accept prefers application/json over text/html */

/* Around a time in which the handler waits for others, such as for a durable write: meanwhile
 * another handler may run. */
void http_request_step_aside(const HttpRequest *request);
void http_request_step_back(const HttpRequest *request);

typedef struct {
    const char *field; /* name in the form */
    const char *name;  /* as the browser says: hostile */
    const char *type;  /* as the browser says: hostile */
    const char *file;  /* where the bytes are; removed when the request ends */
    gint64 size;
} HttpUpload;
guint http_request_uploads(const HttpRequest *request);
const HttpUpload *http_request_upload(const HttpRequest *request, guint index);

/* --- the reply
 * --------------------------------------------------------------------------------------- */
void http_reply_status(HttpReply *reply, guint status);
void http_reply_header(HttpReply *reply, const char *name,
                       const char *value); /* CR, LF refused by assertion */
void http_reply_type(HttpReply *reply, const char *content_type);
void http_reply_body(HttpReply *reply, GString *body);  /* takes the string over */
void http_reply_bytes(HttpReply *reply, GBytes *bytes); /* takes a reference */
void http_reply_constant(HttpReply *reply, const void *bytes,
                         gsize length);                           /* lives as long as the program */
void http_reply_redirect(HttpReply *reply, const char *location); /* 303 */
/* HttpOnly; SameSite=Lax; Path=/. max_age_s < 0: until the browser closes; 0: deletes the cookie.
 */
void http_reply_cookie(HttpReply *reply, const char *name, const char *value, gint64 max_age_s,
                       gboolean secure);
/* What was set so far: 200 when nothing was. */
guint http_reply_get_status(const HttpReply *reply);

/* --- live connections
 * -------------------------------------------------------------------------------- */
/* The reply becomes a WebSocket (RFC 6455) that belongs to `hub` as a member of `topic`. `member`
 * is handed to the hub's callbacks; `member_free` runs when the connection ends or when it is
 * refused: with 400 when the request is no upgrade, with 426 for another version than 13, with 403
 * when its Origin is neither the settings' `origin` nor the host (and port) that the request itself
 * names. */
struct Hub;
void http_reply_websocket(HttpReply *reply, struct Hub *hub, const char *topic, gpointer member,
                          GDestroyNotify member_free);
struct Hub *http_server_hub(HttpServer *server);

#define HTTP_ERROR http_error_quark()
GQuark http_error_quark(void);
