/* test-http.c - requests and replies over raw sockets: what goes in, what a handler sees, what
 * comes out. */
#include "http-fixture.h"
#include <string.h>
#include <unistd.h>

/* --- a handler that tells what it sees
 * ------------------------------------------------------------ */

static void say(HttpReply *reply, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void say(HttpReply *reply, const char *format, ...)
{
    va_list arguments;
    GString *text = g_string_new(NULL);
    va_start(arguments, format);
    g_string_vprintf(text, format, arguments);
    va_end(arguments);
    http_reply_type(reply, "text/plain; charset=utf-8");
    http_reply_body(reply, text);
}

static const char *shown(const char *text)
{
    return text ? text : "(none)";
}

static void see_request(const HttpRequest *request, HttpReply *reply)
{
    say(reply, "%s %s q=%s c=%s h=%s json=%d peer=%s", http_request_method(request),
        http_request_path(request), shown(http_request_query(request, "q")),
        shown(http_request_cookie(request, "c")), shown(http_request_header(request, "X-Test")),
        http_request_wants_json(request), http_request_peer(request));
}

static void see_form(const HttpRequest *request, HttpReply *reply)
{
    g_autoptr(GPtrArray) all = http_request_form_all(request, "a");
    gsize length;
    const char *body = http_request_body(request, &length);
    say(reply, "a=%s b=%s n=%u body=%zu:%s", shown(http_request_form(request, "a")),
        shown(http_request_form(request, "b")), all->len, length, body);
}

static void not_modified(const HttpRequest *request, HttpReply *reply)
{
    (void)request;
    http_reply_status(reply, 304);
    http_reply_header(reply, "ETag", "\"one\"");
    http_reply_header(reply, "Content-Encoding", "br");
}

static void redirect(const HttpRequest *request, HttpReply *reply)
{
    (void)request;
    http_reply_redirect(reply, "/p/x");
    http_reply_cookie(reply, "sid", "abc", -1, TRUE);
    http_reply_cookie(reply, "old", "", 0, FALSE);
}

static void constant(const HttpRequest *request, HttpReply *reply)
{
    (void)request;
    http_reply_constant(reply, "constant", 8);
}

static void bytes(const HttpRequest *request, HttpReply *reply)
{
    g_autoptr(GBytes) text = g_bytes_new("bytes", 5);
    (void)request;
    http_reply_status(reply, 404);
    http_reply_bytes(reply, text);
}

static void nothing(const HttpRequest *request, HttpReply *reply)
{
    (void)request;
    (void)reply;
}

static void big(const HttpRequest *request, HttpReply *reply)
{
    GString *page = g_string_new(NULL);
    (void)request;
    for (guint i = 0; i < 20000; i++)
        g_string_append_printf(page, "%09u\n", i);
    http_reply_body(reply, page);
}

static void answer(const HttpRequest *request, HttpReply *reply, gpointer context)
{
    static const struct {
        const char *path;
        void (*show)(const HttpRequest *request, HttpReply *reply);
    } pages[] = {{"/form", see_form},
                 {"/304", not_modified},
                 {"/redirect", redirect},
                 {"/constant", constant},
                 {"/bytes", bytes},
                 {"/nothing", nothing},
                 {"/big", big}};
    (void)context;
    for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
        if (!g_str_equal(http_request_path(request), pages[i].path))
            continue;
        pages[i].show(request, reply);
        return;
    }
    see_request(request, reply);
}

static gboolean answer_quickly(const HttpRequest *request, HttpReply *reply, gpointer context)
{
    (void)context;
    if (!g_str_equal(http_request_path(request), "/healthz")) {
        http_reply_status(reply, 599); /* to be forgotten, since FALSE is returned */
        return FALSE;
    }
    http_reply_constant(reply, "ok\n", 3);
    return TRUE;
}

static void start(Running *running)
{
    running_start(running, (HttpSettings){0}, answer_quickly, answer, NULL);
}

/* --- one request, one answer
 * ---------------------------------------------------------------------- */

typedef struct {
    const char *name;
    const char *request;
    guint status;
    const char *body;
} Case;

#define HOST "Host: x\r\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
static const Case cases[] = {
    {"a_get_reaches_a_worker", "GET /a HTTP/1.1\r\n" HOST "\r\n", 200,
     "GET /a q=(none) c=(none) h=(none) json=0 peer=127.0.0.1"},
    {"the_quick_handler_answers_in_the_loop", "GET /healthz HTTP/1.1\r\n" HOST "\r\n", 200, "ok\n"},
    {"path_and_query_are_decoded_once",
     "GET /%C3%A8/%2541?q=a%2Bb+c%26%C3%A0 HTTP/1.1\r\n" HOST "\r\n", 200,
     "GET /\303\250/%41 q=a+b c&\303\240 c=(none) h=(none) json=0 peer=127.0.0.1"},
    {"an_argument_without_value_is_empty", "GET /?q HTTP/1.1\r\n" HOST "\r\n", 200,
     "GET / q= c=(none) h=(none) json=0 peer=127.0.0.1"},
    {"headers_and_cookies_are_found",
     "GET / HTTP/1.1\r\n" HOST "x-test: v w\r\nCookie: b=1; c=2\r\n\r\n", 200,
     "GET / q=(none) c=2 h=v w json=0 peer=127.0.0.1"},
    {"head_has_the_length_of_get_and_no_body", "HEAD /constant HTTP/1.1\r\n" HOST "\r\n", 200, ""},
    {"an_empty_reply_is_200", "GET /nothing HTTP/1.1\r\n" HOST "\r\n", 200, ""},
    {"constants_are_sent", "GET /constant HTTP/1.1\r\n" HOST "\r\n", 200, "constant"},
    {"bytes_are_sent", "GET /bytes HTTP/1.1\r\n" HOST "\r\n", 404, "bytes"},
    {"a_urlencoded_form_is_read",
     "POST /form HTTP/1.1\r\n" HOST FORM "Content-Length: 23\r\n\r\na=1&b=%C3%A0+x&a=2&c=%zz", 200,
     "a=1 b=\303\240 x n=2 body=0:"},
    {"a_chunked_form_is_read",
     "POST /form HTTP/1.1\r\n" HOST FORM
     "Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n",
     200, "a=1 b=2 n=1 body=0:"},
    {"another_body_is_kept_as_it_is",
     "POST /form HTTP/1.1\r\n" HOST
     "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
     200, "a=(none) b=(none) n=0 body=7:{\"a\":1}"},
    {"an_empty_post_is_answered", "POST /form HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 200,
     "a=(none) b=(none) n=0 body=0:"},
    {"a_form_that_is_no_utf8_is_refused",
     "POST /form HTTP/1.1\r\n" HOST FORM "Content-Length: 5\r\n\r\na=%ff", 400, "400\n"},
    {"a_compressed_body_is_refused",
     "POST /form HTTP/1.1\r\n" HOST FORM "Content-Length: 5\r\nContent-Encoding: gzip\r\n\r\nxxxxx",
     415, "415\n"},
    {"a_path_that_is_no_utf8_is_refused", "GET /%ff HTTP/1.1\r\n" HOST "\r\n", 400, "400\n"},
    {"a_path_with_a_nul_is_refused", "GET /a%00b HTTP/1.1\r\n" HOST "\r\n", 400, "400\n"},
    {"a_query_that_is_no_utf8_is_refused", "GET /?q=%c3 HTTP/1.1\r\n" HOST "\r\n", 400, "400\n"},
    {"an_absolute_target_is_refused", "GET http://x/ HTTP/1.1\r\n" HOST "\r\n", 400, "400\n"},
    {"content_length_twice_is_refused",
     "POST /form HTTP/1.1\r\n" HOST FORM "Content-Length: 3\r\nContent-Length: 3\r\n\r\na=1", 400,
     "400\n"},
    {"content_length_beside_transfer_encoding_is_refused",
     "POST /form HTTP/1.1\r\n" HOST FORM
     "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n",
     400, "400\n"},
    {"transfer_encoding_twice_is_refused",
     "POST /form HTTP/1.1\r\n" HOST FORM
     "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n3\r\na=1\r\n0\r\n\r\n",
     400, "400\n"},
    {"a_get_with_content_length_twice_is_refused",
     "GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400, "400\n"},
    {"a_blank_before_the_colon_is_refused",
     "POST /form HTTP/1.1\r\n" HOST FORM "Content-Length : 3\r\n\r\na=1", 400, NULL},
    {"two_hosts_are_refused", "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400, "400\n"},
    {"no_host_is_refused", "GET / HTTP/1.1\r\n\r\n", 400, NULL},
};

static void check_case(gconstpointer data)
{
    const Case *one = data;
    Running running;
    start(&running);
    g_auto(Answer) got = client_ask(&running, one->request);
    g_assert_cmpuint(got.status, ==, one->status);
    if (one->body)
        g_assert_cmpstr(got.body, ==, one->body);
    running_stop(&running);
}

static void head_says_the_length(void)
{
    Running running;
    start(&running);
    g_auto(Answer) got = client_ask(&running, "HEAD /constant HTTP/1.1\r\n" HOST "\r\n");
    g_autofree char *length = answer_header(&got, "Content-Length");
    g_assert_cmpstr(length, ==, "8");
    running_stop(&running);
}

static void not_modified_has_no_body(void)
{
    Running running;
    start(&running);
    int fd = client_open(&running);
    client_send(fd, "GET /304 HTTP/1.1\r\n" HOST "\r\nGET /constant HTTP/1.1\r\n" HOST "\r\n");
    g_auto(Answer) first = client_read(fd, TRUE);
    g_auto(Answer) second = client_read(fd, FALSE);
    g_autofree char *tag = answer_header(&first, "ETag");
    g_autofree char *coding = answer_header(&first, "Content-Encoding");
    g_assert_cmpuint(first.status, ==, 304);
    g_assert_cmpstr(tag, ==, "\"one\"");
    g_assert_cmpstr(coding, ==, "br");
    g_assert_cmpstr(second.body, ==, "constant");
    close(fd);
    running_stop(&running);
}

static void redirects_carry_their_cookies(void)
{
    Running running;
    start(&running);
    g_auto(Answer) got =
        client_ask(&running, "POST /redirect HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
    g_autofree char *location = answer_header(&got, "Location");
    g_assert_cmpuint(got.status, ==, 303);
    g_assert_cmpstr(location, ==, "/p/x");
    g_assert_nonnull(
        strstr(got.head, "Set-Cookie: sid=abc; Path=/; HttpOnly; SameSite=Lax; Secure\r\n"));
    g_assert_nonnull(
        strstr(got.head, "Set-Cookie: old=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\r\n"));
    running_stop(&running);
}

/* --- connections
 * ------------------------------------------------------------------------------------ */

static void pipelined_requests_are_answered_in_order(void)
{
    Running running;
    start(&running);
    int fd = client_open(&running);
    client_send(fd, "GET /healthz HTTP/1.1\r\n" HOST "\r\n"
                    "GET /one HTTP/1.1\r\n" HOST "\r\n"
                    "POST /form HTTP/1.1\r\n" HOST FORM "Content-Length: 3\r\n\r\na=7"
                    "GET /constant HTTP/1.1\r\n" HOST "\r\n");
    g_auto(Answer) first = client_read(fd, FALSE);
    g_auto(Answer) second = client_read(fd, FALSE);
    g_auto(Answer) third = client_read(fd, FALSE);
    g_auto(Answer) fourth = client_read(fd, FALSE);
    g_assert_cmpstr(first.body, ==, "ok\n");
    g_assert_true(g_str_has_prefix(second.body, "GET /one "));
    g_assert_true(g_str_has_prefix(third.body, "a=7 "));
    g_assert_cmpstr(fourth.body, ==, "constant");
    close(fd);
    running_stop(&running);
}

static void a_connection_serves_many_requests(void)
{
    Running running;
    start(&running);
    int fd = client_open(&running);
    for (guint i = 0; i < 50; i++) {
        client_send(fd, i % 2 ? "GET /big HTTP/1.1\r\n" HOST "\r\n"
                              : "GET /constant HTTP/1.1\r\n" HOST "\r\n");
        g_auto(Answer) got = client_read(fd, FALSE);
        g_assert_cmpuint(got.status, ==, 200);
        g_assert_cmpuint(got.length, ==, i % 2 ? 200000 : 8);
    }
    close(fd);
    running_stop(&running);
}

static void a_refusal_ends_the_connection(void)
{
    Running running;
    start(&running);
    int fd = client_open(&running);
    client_send(fd, "POST /form HTTP/1.1\r\n" HOST FORM
                    "Content-Length: 3\r\nContent-Length: 3\r\n\r\na=1"
                    "GET /constant HTTP/1.1\r\n" HOST "\r\n");
    g_auto(Answer) got = client_read(fd, FALSE);
    g_assert_cmpuint(got.status, ==, 400);
    g_assert_true(client_is_ended(fd));
    close(fd);
    running_stop(&running);
}

/* The library's own epoll thread stalled when exactly 128 sockets, or a multiple, became ready at
 * once. */
static void many_ready_at_once(gconstpointer data)
{
    const guint count = GPOINTER_TO_UINT(data);
    g_autofree int *clients = g_new(int, count);
    Running running;
    start(&running);
    for (guint i = 0; i < count; i++)
        clients[i] = client_open(&running);
    for (guint round = 0; round < 5; round++) {
        for (guint i = 0; i < count; i++)
            client_send(clients[i], round % 2 ? "GET /constant HTTP/1.1\r\n" HOST "\r\n"
                                              : "GET /healthz HTTP/1.1\r\n" HOST "\r\n");
        for (guint i = 0; i < count; i++) {
            g_auto(Answer) got = client_read(clients[i], FALSE);
            g_assert_cmpuint(got.status, ==, 200);
        }
    }
    for (guint i = 0; i < count; i++)
        close(clients[i]);
    running_stop(&running);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strconcat("/http/request/", cases[i].name, NULL);
        g_test_add_data_func(name, &cases[i], check_case);
    }
    g_test_add_func("/http/reply/head_says_the_length", head_says_the_length);
    g_test_add_func("/http/reply/not_modified_has_no_body", not_modified_has_no_body);
    g_test_add_func("/http/reply/redirects_carry_their_cookies", redirects_carry_their_cookies);
    g_test_add_func("/http/connection/pipelined_requests_are_answered_in_order",
                    pipelined_requests_are_answered_in_order);
    g_test_add_func("/http/connection/serves_many_requests", a_connection_serves_many_requests);
    g_test_add_func("/http/connection/a_refusal_ends_it", a_refusal_ends_the_connection);
    g_test_add_data_func("/http/connection/128_ready_at_once", GUINT_TO_POINTER(128),
                         many_ready_at_once);
    g_test_add_data_func("/http/connection/256_ready_at_once", GUINT_TO_POINTER(256),
                         many_ready_at_once);
    return g_test_run();
}
