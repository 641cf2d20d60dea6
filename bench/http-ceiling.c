/* http-ceiling.c - the most that the HTTP library can do on this machine: a 20 KB page generated in
 * its own loop.
 *
 * `http-ceiling PORT` answers every GET on 127.0.0.1:PORT until SIGTERM, 120 seconds at most. The
 * library is driven as the server drives it (MHD_run over its epoll descriptor), but there is no
 * worker, no database, no template and no header of ours: what the server reaches is told as a part
 * of this.
 */
#include <errno.h>
#include <glib.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define ROWS 360
#define PAGE_BYTES ((gsize)20 * 1024)
#define RUN_S 120

static volatile sig_atomic_t ended;

static void end(int signal_number)
{
    (void)signal_number;
    ended = 1;
}

/* A row for each of 360 times, with the digits that change and a text that does not; filled up to
 * 20 KB. */
static GString *generate_page(guint seed)
{
    GString *page = g_string_sized_new(PAGE_BYTES + 64);
    for (guint row = 0; row < ROWS; row++) {
        char time[5] = {(char)('0' + row / 60 % 24 / 10), (char)('0' + row / 60 % 24 % 10), ':',
                        (char)('0' + row % 60 / 10), (char)('0' + row % 10)};
        g_string_append(page, "<li><a href=\"/prenota?fascia=");
        g_string_append_len(page, time, sizeof time);
        g_string_append(page, (row + seed) % 3 ? "\">libera</a></li>\n" : "\">occupata</a></li>\n");
    }
    while (page->len < PAGE_BYTES)
        g_string_append_c(page, ' ');
    return page;
}

static enum MHD_Result answer(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload_data,
                              size_t *upload_data_size, void **con_cls)
{
    static int seen;
    static guint seed;
    (void)cls, (void)url, (void)method, (void)version, (void)upload_data;
    if (!*con_cls) {
        *con_cls = &seen;
        return MHD_YES;
    }
    *upload_data_size = 0;
    GString *page = generate_page(seed++);
    const gsize length = page->len;
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback(
        length, g_string_free(page, FALSE), g_free);
    MHD_add_response_header(response, "Content-Type", "text/html; charset=utf-8");
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return queued;
}

static void run(struct MHD_Daemon *daemon)
{
    const gint64 until_us = g_get_monotonic_time() + (gint64)RUN_S * G_USEC_PER_SEC;
    const int library = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    struct epoll_event event = {.events = EPOLLIN};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, library, &event) != 0)
        g_error("epoll: %s", g_strerror(errno));
    while (!ended && g_get_monotonic_time() < until_us) {
        MHD_UNSIGNED_LONG_LONG library_ms;
        gboolean is_due = MHD_get_timeout(daemon, &library_ms) == MHD_YES && library_ms == 0;
        epoll_wait(epoll, &event, 1, is_due ? 0 : 1000);
        MHD_run(daemon);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        g_printerr("usage: http-ceiling PORT\n");
        return 2;
    }
    const guint16 port = (guint16)strtoul(argv[1], NULL, 10);
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = g_htons(port),
                                        .sin_addr.s_addr = g_htonl(INADDR_LOOPBACK)};
    signal(SIGTERM, end);
    signal(SIGINT, end);
    signal(SIGPIPE, SIG_IGN);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL, port, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR, &address,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16 * 1024, MHD_OPTION_END);
    if (!daemon) {
        g_printerr("http-ceiling: cannot listen on port %u\n", port);
        return 1;
    }
    run(daemon);
    MHD_stop_daemon(daemon);
    return 0;
}
