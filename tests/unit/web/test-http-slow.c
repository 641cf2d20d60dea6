/* test-http-slow.c - deadlines, places, and the end of the server: what clients do to others by
 * being slow.
 *
 * Bounds of time are loose: tests run on loaded machines. What matters is that an end comes at all,
 * long before the twenty seconds after which a client of these tests gives up. */
#include "http-fixture.h"
#include "room/hub.h"
#include "ws-client.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define GET "GET /quick HTTP/1.1\r\nHost: x\r\n\r\n"

static Running running;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    guint inside;
    gboolean open;
} Gate;
static Gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* "/wait" stays in the worker until the gate opens; "/live" is a WebSocket. */
static void answer(const HttpRequest *request, HttpReply *reply, gpointer context)
{
    (void)context;
    if (g_str_equal(http_request_path(request), "/live"))
        http_reply_websocket(reply, http_server_hub(running.server), "live", NULL, NULL);
    if (g_str_equal(http_request_path(request), "/wait")) {
        pthread_mutex_lock(&gate.lock);
        gate.inside++;
        pthread_cond_broadcast(&gate.changed);
        while (!gate.open)
            pthread_cond_wait(&gate.changed, &gate.lock);
        gate.inside--;
        pthread_mutex_unlock(&gate.lock);
    }
    http_reply_constant(reply, "done", 4);
}

static void gate_await(guint inside)
{
    pthread_mutex_lock(&gate.lock);
    while (gate.inside < inside)
        pthread_cond_wait(&gate.changed, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
}

static void gate_open(gboolean open)
{
    pthread_mutex_lock(&gate.lock);
    gate.open = open;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
}

static void start(HttpSettings settings)
{
    gate_open(FALSE);
    running_start(&running, settings, NULL, answer, NULL);
}

static void expect_served(void)
{
    g_auto(Answer) got = client_ask(&running, GET);
    g_assert_cmpuint(got.status, ==, 200);
    g_assert_cmpstr(got.body, ==, "done");
}

/* Sends a byte every `pause_us` until the server ends the connection: after how long? -1: it did
 * not. */
static double trickle_until_ended(int fd, const char *bytes, gulong pause_us)
{
    g_autoptr(GTimer) timer = g_timer_new();
    for (guint i = 0; g_timer_elapsed(timer, NULL) < 30; i++) {
        char got;
        ssize_t count = recv(fd, &got, 1, MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno != EAGAIN))
            return g_timer_elapsed(timer, NULL);
        send(fd, &bytes[i % strlen(bytes)], 1, MSG_NOSIGNAL);
        g_usleep(pause_us);
    }
    return -1;
}

/* --- deadlines
 * --------------------------------------------------------------------------------------- */

static void a_header_that_trickles_ends_at_its_deadline(void)
{
    start((HttpSettings){.header_timeout_s = 1, .idle_timeout_s = 60});
    int fd = client_open(&running);
    client_send(fd, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    double took = trickle_until_ended(fd, "a", 50000);
    g_assert_cmpfloat(took, >, 0.5);
    close(fd);
    running_stop(&running);
}

static void a_connection_that_says_nothing_ends(void)
{
    start((HttpSettings){.header_timeout_s = 1, .idle_timeout_s = 60});
    int fd = client_open(&running);
    g_assert_true(client_is_ended(fd));
    close(fd);
    running_stop(&running);
}

static void a_second_header_that_trickles_ends_too(void)
{
    start((HttpSettings){.header_timeout_s = 1, .idle_timeout_s = 60});
    int fd = client_open(&running);
    client_send(fd, GET);
    g_auto(Answer) got = client_read(fd, FALSE);
    g_assert_cmpuint(got.status, ==, 200);
    client_send(fd, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    g_assert_cmpfloat(trickle_until_ended(fd, "a", 50000), >, 0.5);
    close(fd);
    running_stop(&running);
}

static void an_idle_connection_outlives_the_header_deadline(void)
{
    start((HttpSettings){.header_timeout_s = 1, .idle_timeout_s = 60});
    int fd = client_open(&running);
    for (guint i = 0; i < 2; i++) {
        client_send(fd, GET);
        g_auto(Answer) got = client_read(fd, FALSE);
        g_assert_cmpuint(got.status, ==, 200);
        g_usleep(2500000);
    }
    client_send(fd, GET);
    g_auto(Answer) got = client_read(fd, FALSE);
    g_assert_cmpuint(got.status, ==, 200);
    close(fd);
    running_stop(&running);
}

static void an_idle_connection_ends_at_its_own(void)
{
    start((HttpSettings){.header_timeout_s = 1, .idle_timeout_s = 2});
    int fd = client_open(&running);
    client_send(fd, GET);
    g_auto(Answer) got = client_read(fd, FALSE);
    g_assert_true(client_is_ended(fd));
    close(fd);
    running_stop(&running);
}

static void a_body_that_trickles_ends(void)
{
    start((HttpSettings){.header_timeout_s = 1, .idle_timeout_s = 60});
    int fd = client_open(&running);
    client_send(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n");
    g_assert_cmpfloat(trickle_until_ended(fd, "a", 50000), >, 2.5);
    close(fd);
    running_stop(&running);
}

static void a_handler_may_take_longer_than_a_header(void)
{
    start((HttpSettings){.header_timeout_s = 1, .idle_timeout_s = 1});
    int fd = client_open(&running);
    client_send(fd, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    gate_await(1);
    g_usleep(3000000);
    gate_open(TRUE);
    g_auto(Answer) got = client_read(fd, FALSE);
    g_assert_cmpuint(got.status, ==, 200);
    close(fd);
    running_stop(&running);
}

static void a_live_connection_has_no_deadline(void)
{
    start((HttpSettings){.header_timeout_s = 1, .idle_timeout_s = 1});
    int fd = client_open(&running);
    client_send(fd,
                "GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    g_auto(Answer) got = client_read(fd, TRUE);
    g_usleep(3000000);
    hub_publish(http_server_hub(running.server), "live", "still here");
    g_auto(WsFrame) frame = ws_read(fd);
    g_assert_cmpstr(frame.payload, ==, "still here");
    close(fd);
    running_stop(&running);
}

/* --- places
 * ------------------------------------------------------------------------------------------- */

/* 2,000 clients that send a byte every three seconds, more than there are places, while others are
 * served. */
static void slow_clients_starve_nobody(void)
{
    enum { CLIENTS = 2000 };
    static int clients[CLIENTS];
    static const char *const beginnings[] = {
        "GET /slow HTT", "POST /slow HTTP/1.1\r\nHost: x\r\nX-A: ",
        "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n"};
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 2 * CLIENTS + 500) {
        files.rlim_cur = MIN((rlim_t)2 * CLIENTS + 500, files.rlim_max);
        setrlimit(RLIMIT_NOFILE, &files);
    }
    g_assert_cmpuint(files.rlim_cur, >=, 2 * CLIENTS + 500);
    start((HttpSettings){.header_timeout_s = 60, .idle_timeout_s = 60, .connections = 1000});
    for (guint i = 0; i < CLIENTS; i++) {
        clients[i] = client_open(&running);
        client_send(clients[i], beginnings[i % G_N_ELEMENTS(beginnings)]);
    }
    for (guint round = 0; round < 3; round++) {
        for (guint i = 0; i < 40; i++)
            expect_served();
        for (guint i = 0; i < CLIENTS; i++)
            send(clients[i], "a", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        g_usleep(1000000);
    }
    for (guint i = 0; i < CLIENTS; i++)
        close(clients[i]);
    expect_served();
    running_stop(&running);
}

/* Places full of bodies that trickle are given to newcomers; a body that comes quickly keeps its
 * own. */
static void a_quick_upload_keeps_its_place(void)
{
    enum { CLIENTS = 200, PIECE = 16 * 1024 };
    int clients[CLIENTS];
    g_autofree char *piece = g_strnfill(PIECE, 'x');
    start((HttpSettings){.header_timeout_s = 60,
                         .idle_timeout_s = 60,
                         .connections = 20,
                         .form_limit = (gsize)CLIENTS * PIECE});
    int upload = client_open(&running);
    g_autofree char *head = g_strdup_printf(
        "POST /quick HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", CLIENTS * PIECE);
    client_send(upload, head);
    for (guint i = 0; i < CLIENTS; i++) {
        client_send_bytes(upload, piece, PIECE);
        clients[i] = client_open(&running);
        client_send(clients[i], "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n");
        if (i % 20 == 0)
            expect_served();
    }
    g_auto(Answer) got = client_read(upload, FALSE);
    g_assert_cmpuint(got.status, ==, 200);
    for (guint i = 0; i < CLIENTS; i++)
        close(clients[i]);
    close(upload);
    running_stop(&running);
}

static void when_all_places_work_newcomers_wait(void)
{
    start((HttpSettings){.connections = 2, .workers = 2});
    int busy[2];
    for (guint i = 0; i < 2; i++) {
        busy[i] = client_open(&running);
        client_send(busy[i], "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    gate_await(2);
    int newcomer = client_open(&running);
    client_send(newcomer, GET);
    g_usleep(300000);
    char byte;
    g_assert_cmpint(recv(newcomer, &byte, 1, MSG_DONTWAIT), ==, -1);
    gate_open(TRUE);
    g_auto(Answer) got = client_read(newcomer, FALSE);
    g_assert_cmpuint(got.status, ==, 200);
    for (guint i = 0; i < 2; i++)
        close(busy[i]);
    close(newcomer);
    running_stop(&running);
}

static void too_many_that_wait_for_a_worker_get_503(void)
{
    start((HttpSettings){.workers = 1, .queue_limit = 1});
    int busy = client_open(&running);
    int queued = client_open(&running);
    client_send(busy, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    gate_await(1);
    client_send(queued, GET);
    guint status = 0;
    for (guint i = 0; i < 100 && status != 503; i++) { /* the queued one may come a little later */
        int late = client_open(&running);
        client_send(late, GET);
        g_usleep(10000);
        char byte;
        if (recv(late, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 1) {
            g_auto(Answer) got = client_read(late, FALSE);
            status = got.status;
        }
        close(late);
    }
    g_assert_cmpuint(status, ==, 503);
    gate_open(TRUE);
    g_auto(Answer) got = client_read(busy, FALSE);
    g_assert_cmpuint(got.status, ==, 200);
    close(busy);
    close(queued);
    running_stop(&running);
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void an_idle_server_uses_no_cpu(void)
{
    start((HttpSettings){0});
    int fd = client_open(&running);
    client_send(fd, GET);
    g_auto(Answer) got = client_read(fd, FALSE);
    g_usleep(100000);
    const double before = cpu_seconds();
    g_usleep(2000000);
    g_assert_cmpfloat(cpu_seconds() - before, <, 0.01);
    close(fd);
    running_stop(&running);
}

/* --- the end
 * ------------------------------------------------------------------------------------------- */

static void what_is_being_answered_is_finished(void)
{
    start((HttpSettings){.workers = 2});
    int busy = client_open(&running);
    int idle = client_open(&running);
    client_send(idle, GET);
    g_auto(Answer) first = client_read(idle, FALSE);
    client_send(busy, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    gate_await(1);
    http_server_stop(running.server);
    g_assert_true(client_is_ended(idle)); /* at once: it was doing nothing */
    gate_open(TRUE);
    g_auto(Answer) got = client_read(busy, FALSE);
    g_autofree char *connection = answer_header(&got, "Connection");
    g_assert_cmpuint(got.status, ==, 200);
    g_assert_cmpstr(got.body, ==, "done");
    g_assert_cmpstr(connection, ==, "close");
    close(busy);
    close(idle);
    running_stop(&running);
}

/* Bytes and end of a client that come together are one edge, of which the library reads the bytes
 * only. */
static void whoever_has_gone_holds_up_no_end(void)
{
    g_autoptr(GTimer) timer = NULL;
    start((HttpSettings){0});
    for (guint i = 0; i < 50; i++) {
        int fd = client_open(&running);
        client_send(fd, "POST /quick HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
        close(fd);
    }
    expect_served();
    timer = g_timer_new();
    running_stop(&running);
    g_assert_cmpfloat(g_timer_elapsed(timer, NULL), <, 4.5); /* five seconds are the grace */
}

static gpointer open_gate_later(gpointer unused)
{
    g_usleep(6000000);
    gate_open(TRUE);
    return unused;
}

/* Its answer is no longer sent, but nothing that it uses is taken away from it. */
static void a_handler_that_hangs_is_waited_for(void)
{
    start((HttpSettings){.workers = 1});
    int busy = client_open(&running);
    client_send(busy, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    gate_await(1);
    GThread *later = g_thread_new("later", open_gate_later, NULL);
    http_server_stop(running.server);
    g_thread_join(running.thread);
    g_assert_cmpuint(gate.inside, ==, 0);
    g_thread_join(later);
    http_server_free(running.server);
    g_assert_cmpint(rmdir(running.folder), ==, 0);
    g_free(running.folder);
    g_assert_true(client_is_ended(busy));
    close(busy);
}

static void an_address_that_is_taken_is_named(void)
{
    g_autoptr(GError) error = NULL;
    start((HttpSettings){0});
    const HttpSettings same = {
        .address = "127.0.0.1", .port = http_server_port(running.server), .workers = 1};
    g_assert_null(http_server_new(&same, NULL, answer, NULL, &error));
    g_assert_error(error, HTTP_ERROR, 0);
    g_assert_nonnull(strstr(error->message, "127.0.0.1"));
    g_assert_nonnull(strstr(error->message, g_strerror(EADDRINUSE)));
    running_stop(&running);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/slow/a_header_that_trickles_ends_at_its_deadline",
                    a_header_that_trickles_ends_at_its_deadline);
    g_test_add_func("/http/slow/a_connection_that_says_nothing_ends",
                    a_connection_that_says_nothing_ends);
    g_test_add_func("/http/slow/a_second_header_that_trickles_ends_too",
                    a_second_header_that_trickles_ends_too);
    g_test_add_func("/http/slow/an_idle_connection_outlives_the_header_deadline",
                    an_idle_connection_outlives_the_header_deadline);
    g_test_add_func("/http/slow/an_idle_connection_ends_at_its_own",
                    an_idle_connection_ends_at_its_own);
    g_test_add_func("/http/slow/a_body_that_trickles_ends", a_body_that_trickles_ends);
    g_test_add_func("/http/slow/a_handler_may_take_longer_than_a_header",
                    a_handler_may_take_longer_than_a_header);
    g_test_add_func("/http/slow/a_live_connection_has_no_deadline",
                    a_live_connection_has_no_deadline);
    g_test_add_func("/http/slow/slow_clients_starve_nobody", slow_clients_starve_nobody);
    g_test_add_func("/http/slow/a_quick_upload_keeps_its_place", a_quick_upload_keeps_its_place);
    g_test_add_func("/http/slow/when_all_places_work_newcomers_wait",
                    when_all_places_work_newcomers_wait);
    g_test_add_func("/http/slow/too_many_that_wait_for_a_worker_get_503",
                    too_many_that_wait_for_a_worker_get_503);
    g_test_add_func("/http/slow/an_idle_server_uses_no_cpu", an_idle_server_uses_no_cpu);
    g_test_add_func("/http/end/what_is_being_answered_is_finished",
                    what_is_being_answered_is_finished);
    g_test_add_func("/http/end/whoever_has_gone_holds_up_no_end", whoever_has_gone_holds_up_no_end);
    g_test_add_func("/http/end/a_handler_that_hangs_is_waited_for",
                    a_handler_that_hangs_is_waited_for);
    g_test_add_func("/http/end/an_address_that_is_taken_is_named",
                    an_address_that_is_taken_is_named);
    return g_test_run();
}
