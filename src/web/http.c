/* http.c - the server: making it, its loop, its end.
 *
 * One thread in one epoll: the listener, the library's own epoll descriptor (its internal thread
 * stalls when 128 sockets become ready at once, so the library is driven by MHD_run), the hub, and
 * an eventfd by which workers wake the loop. Sockets and deadlines are in http_peer.c, requests in
 * http_answer.c.
 */
#include "room/hub_loop.h"
#include "web/http_internal.h"
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTION_MEMORY ((size_t)16 * 1024)
#define STOP_GRACE_US ((gint64)5 * G_USEC_PER_SEC)
#define PART_EVERY_US                                                                              \
    ((gint64)20 * 1000)       /* with TLS the library may want more runs than it asks for */
#define FILES_FOR_OTHERS 64U  /* database, mail, uploads */
#define CONNECTIONS_SLACK 128 /* told to end, not yet gone */

G_DEFINE_QUARK(http - error, http_error)

/* --- making it ------------------------------------------------------------------------------- */

static void copy_settings(HttpServer *server, const HttpSettings *settings)
{
    HttpSettings *own = &server->settings;
    *own = *settings;
    own->address = g_strdup(settings->address);
    own->upload_folder =
        g_strdup(settings->upload_folder ? settings->upload_folder : g_get_tmp_dir());
    own->certificate_file = g_strdup(settings->certificate_file);
    own->key_file = g_strdup(settings->key_file);
    own->origin = g_strdup(settings->origin);
    own->queue_limit = settings->queue_limit ? settings->queue_limit : 1024;
    own->connections = settings->connections ? settings->connections : 1024;
    own->header_timeout_s = settings->header_timeout_s ? settings->header_timeout_s : 10;
    own->idle_timeout_s = settings->idle_timeout_s ? settings->idle_timeout_s : 60;
}

static void free_settings(HttpSettings *own)
{
    g_free((char *)own->address);
    g_free((char *)own->upload_folder);
    g_free((char *)own->certificate_file);
    g_free((char *)own->key_file);
    g_free((char *)own->origin);
}

static int bound_socket(const struct addrinfo *where)
{
    int yes = 1;
    int fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, where->ai_addr, where->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

static gboolean fail(GError **error, const HttpSettings *settings, const char *reason)
{
    g_set_error(error, HTTP_ERROR, 0, "%s port %u: %s", settings->address, settings->port, reason);
    return FALSE;
}

static gboolean open_listener(HttpServer *server, GError **error)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *where = NULL;
    HttpAddress bound = {0};
    socklen_t length = sizeof bound;
    char port[8];

    g_snprintf(port, sizeof port, "%u", server->settings.port);
    int wrong = getaddrinfo(server->settings.address, port, &hints, &where);
    if (wrong)
        return fail(error, &server->settings, gai_strerror(wrong));
    server->listener = bound_socket(where);
    freeaddrinfo(where);
    if (server->listener < 0 || getsockname(server->listener, &bound.any, &length) != 0)
        return fail(error, &server->settings, g_strerror(errno));
    server->port =
        g_ntohs(bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port);
    return TRUE;
}

/* Paths and arguments stay as they came: http_request.c decodes them, and refuses what is no UTF-8.
 */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

static guint connections_possible(guint wanted)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
        files.rlim_cur >= (rlim_t)wanted + FILES_FOR_OTHERS)
        return wanted;
    guint possible = files.rlim_cur / 2 > FILES_FOR_OTHERS
                         ? (guint)files.rlim_cur - FILES_FOR_OTHERS
                         : FILES_FOR_OTHERS;
    g_message("event=connections_limited wanted=%u possible=%u reason=open_files", wanted,
              possible);
    return possible;
}

static gboolean read_pem(const char *file, char **text, GError **error)
{
    g_autoptr(GError) reason = NULL;
    if (g_file_get_contents(file, text, NULL, &reason))
        return TRUE;
    g_set_error_literal(error, HTTP_ERROR, 0, reason->message);
    return FALSE;
}

static gboolean start_daemon(HttpServer *server, GError **error)
{
    const HttpSettings *settings = &server->settings;
    const gboolean tls = settings->certificate_file && settings->key_file;
    g_autofree char *certificate = NULL;
    g_autofree char *key = NULL;
    if (tls && (!read_pem(settings->certificate_file, &certificate, error) ||
                !read_pem(settings->key_file, &key, error)))
        return FALSE;

    const struct MHD_OptionItem secrets[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, key},
        {MHD_OPTION_END, 0, NULL},
    };
    const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    const unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
                           MHD_ALLOW_UPGRADE | (tls ? MHD_USE_TLS : 0U);
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, http_answer, server, MHD_OPTION_ARRAY, tls ? secrets : none,
        MHD_OPTION_NOTIFY_CONNECTION, http_peer_notify, server, MHD_OPTION_NOTIFY_COMPLETED,
        http_answer_completed, server, MHD_OPTION_URI_LOG_CALLBACK, http_answer_begun, server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
        server->peers_limit + CONNECTIONS_SLACK, MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_END);
    if (!server->daemon)
        return fail(error, settings,
                    tls ? "the library refuses certificate and key" : "the library does not start");
    return TRUE;
}

static void watch(HttpServer *server, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        g_error("event=epoll_failed reason=\"%s\"", g_strerror(errno));
}

static int daemon_epoll(const HttpServer *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

HttpServer *http_server_new(const HttpSettings *settings, HttpQuickHandler *quick,
                            HttpHandler *handler, gpointer context, GError **error)
{
    HttpServer *server = g_new0(HttpServer, 1);
    copy_settings(server, settings);
    server->quick = quick;
    server->handler = handler;
    server->context = context;
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->listener = -1;
    server->next_sweep_us = G_MAXINT64;
    server->peers_limit = connections_possible(server->settings.connections);
    if (!open_listener(server, error) || !start_daemon(server, error)) {
        http_server_free(server);
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN); /* the TLS library writes to sockets without MSG_NOSIGNAL */
    server->hub = hub_new();
    server->pool = http_pool_new(settings->workers, server->settings.queue_limit, http_answer_run);
    watch(server, server->wake);
    watch(server, daemon_epoll(server));
    watch(server, hub_fd(server->hub));
    http_peers_listen(server, TRUE);
    return server;
}

guint16 http_server_port(const HttpServer *server)
{
    return server->port;
}

struct Hub *http_server_hub(HttpServer *server)
{
    return server->hub;
}

/* --- the loop ------------------------------------------------------------------------------- */

void http_server_stop(HttpServer *server)
{
    const guint64 one = 1;
    atomic_store(&server->stop, true);
    if (write(server->wake, &one, sizeof one) < 0)
        return; /* the counter is full: the loop is awake */
}

/* Milliseconds until something is due; -1: nothing is. */
static int patience(HttpServer *server)
{
    MHD_UNSIGNED_LONG_LONG library_ms;
    if (server->library_due)
        return 0;
    if (MHD_get_timeout(server->daemon, &library_ms) == MHD_YES && library_ms == 0)
        return 0;
    gint64 due_us = MIN(server->next_sweep_us, hub_next_us(server->hub));
    if (server->stop_by_us)
        due_us = MIN(due_us, server->stop_by_us);
    if (server->parting > 0)
        due_us = MIN(due_us, g_get_monotonic_time() + PART_EVERY_US);
    if (due_us == G_MAXINT64)
        return -1;
    const gint64 left_us = due_us - g_get_monotonic_time();
    return left_us <= 0 ? 0 : (int)MIN(left_us / 1000 + 1, G_MAXINT);
}

typedef struct {
    gboolean accept, daemon, hub;
} Ready;

/* The flag is set before the last look at finished work, so that whoever finishes after it wakes
 * us. */
static Ready sleep_until_ready(HttpServer *server, int timeout_ms)
{
    struct epoll_event events[4];
    Ready ready = {FALSE, FALSE, FALSE};
    guint64 count;

    atomic_store(&server->sleeping, true);
    if (atomic_load(&server->done) || (atomic_load(&server->stop) && !server->stop_by_us))
        timeout_ms = 0;
    int n = epoll_wait(server->epoll, events, G_N_ELEMENTS(events), timeout_ms);
    atomic_store(&server->sleeping, false);
    for (int i = 0; i < n; i++) {
        if (events[i].data.fd == server->listener)
            ready.accept = TRUE;
        else if (events[i].data.fd == server->wake)
            (void)!read(server->wake, &count, sizeof count);
        else if (events[i].data.fd == hub_fd(server->hub))
            ready.hub = TRUE;
        else
            ready.daemon = TRUE;
    }
    return ready;
}

static void begin_stop(HttpServer *server)
{
    server->stop_by_us = server->now_us + STOP_GRACE_US;
    http_peers_listen(server, FALSE);
    close(server->listener);
    server->listener = -1;
    http_peers_end_idle(server);
    hub_farewell(server->hub);
}

static gboolean is_over(const HttpServer *server)
{
    if (!server->stop_by_us)
        return FALSE;
    return (server->answering == 0 && hub_is_empty(server->hub)) ||
           server->now_us >= server->stop_by_us;
}

static void run_library(HttpServer *server, gboolean is_ready)
{
    if (is_ready && server->parting > 0)
        server->library_due = HTTP_RUNS_TO_PART;
    if (server->library_due > 0)
        server->library_due--;
    MHD_run(server->daemon);
}

void http_server_run(HttpServer *server)
{
    int timeout_ms = 0;
    while (!is_over(server)) {
        Ready ready = sleep_until_ready(server, timeout_ms);
        server->now_us = g_get_monotonic_time();
        if (atomic_load(&server->stop) && !server->stop_by_us)
            begin_stop(server);
        if (ready.accept && server->listener >= 0)
            http_peers_accept(server);
        if (http_answer_collect(server) || ready.daemon || ready.accept || timeout_ms == 0 ||
            server->parting > 0)
            run_library(server, ready.daemon);
        if (ready.hub || hub_next_us(server->hub) <= server->now_us)
            hub_run(server->hub);
        if (server->now_us >= server->next_sweep_us)
            http_peers_sweep(server);
        timeout_ms = patience(server);
    }
    g_clear_pointer(&server->pool, http_pool_free);
    hub_end_all(server->hub);
    MHD_run(server->daemon);
}

void http_server_free(HttpServer *server)
{
    if (!server)
        return;
    http_pool_free(server->pool);
    if (server->hub)
        hub_end_all(server->hub);
    if (server->daemon) {
        http_answer_collect(server); /* the library refuses to end with suspended connections */
        MHD_stop_daemon(server->daemon);
    }
    hub_free(server->hub);
    if (server->listener >= 0)
        close(server->listener);
    close(server->epoll);
    close(server->wake);
    free_settings(&server->settings);
    g_free(server);
}
