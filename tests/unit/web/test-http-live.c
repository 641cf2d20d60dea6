/* test-http-live.c - from a request to a WebSocket, through the real server: handshake, frames,
 * ends. */
#include "http-fixture.h"
#include "room/hub.h"
#include "ws-client.h"
#include <string.h>
#include <unistd.h>

#define HANDSHAKE(path, extra)                                                                     \
    "GET " path " HTTP/1.1\r\nHost: sportello.example:8080\r\nUpgrade: websocket\r\n"              \
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"           \
    "Sec-WebSocket-Version: 13\r\n" extra "\r\n"

static gint members; /* alive */
static gint lefts;

static void member_free(gpointer member)
{
    g_free(member);
    g_atomic_int_add(&members, -1);
}

static void answer(const HttpRequest *request, HttpReply *reply, gpointer context)
{
    HttpServer *const *server = context;
    g_atomic_int_inc(&members);
    http_reply_websocket(reply, http_server_hub(*server), http_request_path(request) + 1,
                         g_strdup(http_request_path(request)), member_free);
}

/* Topics that begin with "echo" say back what they hear, and greet whoever comes. */
static void joined(HubPeer *peer, gpointer context)
{
    (void)context;
    hub_peer_send(peer, "welcome");
}

static void said(HubPeer *peer, const char *text, gsize length, gpointer context)
{
    g_autofree char *copy = g_strndup(text, length);
    (void)context;
    hub_peer_send(peer, copy);
    if (!g_str_equal(copy, "close me"))
        return;
    hub_peer_close(peer, 4004);
    hub_peer_send(peer, "too late");
}

static void left(HubPeer *peer, gpointer context)
{
    (void)context;
    g_assert_nonnull(hub_peer_member(peer));
    g_atomic_int_inc(&lefts);
}

static const HubCallbacks echo = {joined, said, left};
static Running running;

static void start_with(HttpSettings settings)
{
    g_atomic_int_set(&lefts, 0);
    running_start(&running, settings, NULL, answer, &running.server);
    hub_on(http_server_hub(running.server), "echo", &echo, NULL);
}

static void stop(void)
{
    running_stop(&running);
    g_assert_cmpint(g_atomic_int_get(&members), ==, 0);
}

static int open_live(const char *handshake)
{
    int fd = client_open(&running);
    client_send(fd, handshake);
    g_auto(Answer) got = client_read(fd, TRUE);
    g_assert_cmpuint(got.status, ==, 101);
    return fd;
}

static void expect_text(int fd, const char *text)
{
    g_auto(WsFrame) frame = ws_read(fd);
    g_assert_cmpuint(frame.opcode, ==, WS_TEXT);
    g_assert_cmpstr(frame.payload, ==, text);
}

static void expect_close(int fd, guint code)
{
    g_auto(WsFrame) frame = ws_read(fd);
    g_assert_cmpuint(frame.opcode, ==, WS_CLOSE);
    g_assert_cmpuint(ws_close_code(&frame), ==, code);
}

static int open_echo(void)
{
    int fd = open_live(HANDSHAKE("/echo", ""));
    expect_text(fd, "welcome");
    return fd;
}

/* --- the handshake
 * ---------------------------------------------------------------------------------- */

static void the_key_is_answered_as_in_the_rfc(void)
{
    start_with((HttpSettings){0});
    int fd = client_open(&running);
    client_send(fd, HANDSHAKE("/echo", ""));
    g_auto(Answer) got = client_read(fd, TRUE);
    g_autofree char *accept = answer_header(&got, "Sec-WebSocket-Accept");
    g_autofree char *upgrade = answer_header(&got, "Upgrade");
    g_assert_cmpuint(got.status, ==, 101);
    g_assert_cmpstr(accept, ==, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    g_assert_cmpstr(upgrade, ==, "websocket");
    close(fd);
    stop();
}

typedef struct {
    const char *name;
    const char *request;
    guint status;
} Refusal;

#define ASK(lines) "GET /echo HTTP/1.1\r\nHost: sportello.example:8080\r\n" lines "\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
static const Refusal refusals[] = {
    {"a_plain_get_is_refused", ASK(""), 400},
    {"no_key_is_refused",
     ASK("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"), 400},
    {"a_short_key_is_refused",
     ASK("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: abc\r\n"
         "Sec-WebSocket-Version: 13\r\n"),
     400},
    {"another_version_is_told_ours",
     ASK("Upgrade: websocket\r\nConnection: Upgrade\r\n" KEY "Sec-WebSocket-Version: 8\r\n"), 426},
    {"a_foreign_origin_is_refused", HANDSHAKE("/echo", "Origin: https://evil.example\r\n"), 403},
    {"an_origin_on_another_port_is_refused",
     HANDSHAKE("/echo", "Origin: https://sportello.example:8081\r\n"), 403},
    {"an_origin_that_only_begins_like_ours_is_refused",
     HANDSHAKE("/echo", "Origin: https://public.example.evil\r\n"), 403},
    {"the_null_origin_is_refused", HANDSHAKE("/echo", "Origin: null\r\n"), 403},
    {"the_host_of_the_request_is_welcome",
     HANDSHAKE("/echo", "Origin: http://sportello.example:8080\r\n"), 101},
    {"the_public_address_is_welcome", HANDSHAKE("/echo", "Origin: https://public.example\r\n"),
     101},
};

static void check_refusal(gconstpointer data)
{
    const Refusal *one = data;
    start_with((HttpSettings){.origin = "https://public.example"});
    g_auto(Answer) got = client_ask(&running, one->request);
    g_assert_cmpuint(got.status, ==, one->status);
    if (one->status == 426) {
        g_autofree char *version = answer_header(&got, "Sec-WebSocket-Version");
        g_assert_cmpstr(version, ==, "13");
    }
    stop();
    g_assert_cmpint(g_atomic_int_get(&lefts), ==, one->status == 101 ? 1 : 0);
}

/* --- messages
 * --------------------------------------------------------------------------------------- */

static void texts_are_echoed(void)
{
    start_with((HttpSettings){0});
    int fd = open_echo();
    g_autofree char *long_text = g_strnfill(60000, 'x');
    ws_say(fd, "ciao \303\240");
    expect_text(fd, "ciao \303\240");
    ws_say(fd, long_text);
    expect_text(fd, long_text);
    close(fd);
    stop();
}

static void what_comes_with_the_handshake_is_read(void)
{
    static const guint8 frame[] = {0x81, 0x82, 0, 0, 0, 0, 'h', 'i'};
    start_with((HttpSettings){0});
    g_autoptr(GString) together = g_string_new(HANDSHAKE("/echo", ""));
    g_string_append_len(together, (const char *)frame, sizeof frame);
    int fd = client_open(&running);
    client_send_bytes(fd, together->str, together->len);
    g_auto(Answer) got = client_read(fd, TRUE);
    g_assert_cmpuint(got.status, ==, 101);
    expect_text(fd, "welcome");
    expect_text(fd, "hi");
    close(fd);
    stop();
}

static void fragments_are_one_message(void)
{
    start_with((HttpSettings){0});
    int fd = open_echo();
    ws_send(fd, WS_TEXT, "uno \303", 5, TRUE); /* a character may be cut */
    ws_send(fd, 0x80 | WS_PING, "p", 1, TRUE); /* a control frame may stand between */
    ws_send(fd, WS_MORE, "\240 ", 2, TRUE);
    ws_send(fd, 0x80 | WS_MORE, "tre", 3, TRUE);
    g_auto(WsFrame) pong = ws_read(fd);
    g_assert_cmpuint(pong.opcode, ==, WS_PONG);
    g_assert_cmpstr(pong.payload, ==, "p");
    expect_text(fd, "uno \303\240 tre");
    close(fd);
    stop();
}

static void what_is_published_reaches_the_topic_alone(void)
{
    start_with((HttpSettings){0});
    int first = open_live(HANDSHAKE("/desk/1", ""));
    int second = open_live(HANDSHAKE("/desk/1", ""));
    int other = open_live(HANDSHAKE("/desk/2", ""));
    Hub *hub = http_server_hub(running.server);
    hub_publish(hub, "desk/1", "{\"event\":\"request\"}");
    hub_publish(hub, "desk/1", "{\"event\":\"letter\"}");
    hub_publish(hub, "desk/3", "{\"event\":\"nobody\"}");
    hub_publish(hub, "desk/2", "{\"event\":\"other\"}");
    expect_text(first, "{\"event\":\"request\"}");
    expect_text(first, "{\"event\":\"letter\"}");
    expect_text(second, "{\"event\":\"request\"}");
    expect_text(second, "{\"event\":\"letter\"}");
    expect_text(other, "{\"event\":\"other\"}");
    close(first);
    close(second);
    close(other);
    stop();
}

/* --- ends
 * -------------------------------------------------------------------------------------------- */

static void a_client_that_closes_is_answered(void)
{
    start_with((HttpSettings){0});
    int fd = open_echo();
    ws_send(fd, 0x80 | WS_CLOSE, "\x03\xe8", 2, TRUE);
    expect_close(fd, 1000);
    g_assert_true(client_is_ended(fd));
    close(fd);
    stop();
}

static void a_server_that_closes_says_all_and_then_why(void)
{
    start_with((HttpSettings){0});
    int fd = open_echo();
    ws_say(fd, "close me");
    expect_text(fd, "close me"); /* what was said before the close arrives before it */
    expect_close(fd, 4004);
    ws_send(fd, 0x80 | WS_CLOSE, "\x0f\xa4", 2, TRUE);
    g_assert_true(client_is_ended(fd));
    close(fd);
    stop();
}

typedef struct {
    const char *name;
    guint8 first;
    const char *payload;
    gsize length;
    gboolean unmasked;
    guint code;
} Violation;

static const Violation violations[] = {
    {"an_unmasked_frame_is_refused", 0x81, "hi", 2, TRUE, 1002},
    {"an_unknown_opcode_is_refused", 0x83, "hi", 2, FALSE, 1002},
    {"a_reserved_bit_is_refused", 0xc1, "hi", 2, FALSE, 1002},
    {"a_continuation_of_nothing_is_refused", 0x80, "hi", 2, FALSE, 1002},
    {"a_fragmented_ping_is_refused", 0x09, "hi", 2, FALSE, 0}, /* a close without a code */
    {"a_text_that_is_no_utf8_is_refused", 0x81, "a\xff", 2, FALSE, 1007},
    {"a_surrogate_is_refused", 0x81, "\xed\xa0\x80", 3, FALSE, 1007},
    {"binary_is_refused", 0x82, "hi", 2, FALSE, 1003},
    {"more_than_64_kb_is_refused", 0x81, NULL, 65537, FALSE, 1009},
};

static void check_violation(gconstpointer data)
{
    const Violation *one = data;
    g_autofree char *filled = g_strnfill(one->length, 'x');
    start_with((HttpSettings){0});
    int fd = open_echo();
    ws_send(fd, one->first, one->payload ? one->payload : filled, one->length, !one->unmasked);
    expect_close(fd, one->code);
    close(fd);
    stop();
    g_assert_cmpint(g_atomic_int_get(&lefts), ==, 1);
}

static void fragments_over_64_kb_are_refused(void)
{
    g_autofree char *piece = g_strnfill(40000, 'x');
    start_with((HttpSettings){0});
    int fd = open_echo();
    ws_send(fd, WS_TEXT, piece, 40000, TRUE);
    ws_send(fd, 0x80 | WS_MORE, piece, 40000, TRUE);
    expect_close(fd, 1009);
    close(fd);
    stop();
}

static void whoever_listens_too_slowly_is_let_go(void)
{
    g_autofree char *text = g_strnfill(60000, 'x');
    start_with((HttpSettings){0});
    int slow = open_live(HANDSHAKE("/echo/slow", ""));
    int quick = open_live(HANDSHAKE("/echo/slow", ""));
    expect_text(quick, "welcome");
    for (guint i = 0; i < 400 && g_atomic_int_get(&lefts) == 0; i++) { /* 24 MB fill every buffer */
        hub_publish(http_server_hub(running.server), "echo/slow", text);
        expect_text(quick, text);
    }
    g_assert_cmpint(g_atomic_int_get(&lefts), ==, 1);
    close(slow);
    close(quick);
    stop();
}

static void stopping_says_goodbye(void)
{
    start_with((HttpSettings){0});
    int fd = open_echo();
    http_server_stop(running.server);
    expect_close(fd, 1001);
    ws_send(fd, 0x80 | WS_CLOSE, "\x03\xe9", 2, TRUE);
    stop();
    g_assert_cmpint(g_atomic_int_get(&lefts), ==, 1);
    close(fd);
}

static void many_come_and_go(void)
{
    int clients[100];
    start_with((HttpSettings){0});
    for (guint round = 0; round < 3; round++) {
        for (guint i = 0; i < G_N_ELEMENTS(clients); i++)
            clients[i] = open_live(HANDSHAKE("/echo/many", ""));
        hub_publish(http_server_hub(running.server), "echo/many", "tutti");
        for (guint i = 0; i < G_N_ELEMENTS(clients); i++) {
            expect_text(clients[i], "welcome");
            expect_text(clients[i], "tutti");
            close(clients[i]);
        }
    }
    stop();
    g_assert_cmpint(g_atomic_int_get(&lefts), ==, 300);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/live/the_key_is_answered_as_in_the_rfc",
                    the_key_is_answered_as_in_the_rfc);
    for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *name = g_strconcat("/http/live/handshake/", refusals[i].name, NULL);
        g_test_add_data_func(name, &refusals[i], check_refusal);
    }
    g_test_add_func("/http/live/texts_are_echoed", texts_are_echoed);
    g_test_add_func("/http/live/what_comes_with_the_handshake_is_read",
                    what_comes_with_the_handshake_is_read);
    g_test_add_func("/http/live/fragments_are_one_message", fragments_are_one_message);
    g_test_add_func("/http/live/what_is_published_reaches_the_topic_alone",
                    what_is_published_reaches_the_topic_alone);
    g_test_add_func("/http/live/a_client_that_closes_is_answered",
                    a_client_that_closes_is_answered);
    g_test_add_func("/http/live/a_server_that_closes_says_all_and_then_why",
                    a_server_that_closes_says_all_and_then_why);
    for (guint i = 0; i < G_N_ELEMENTS(violations); i++) {
        g_autofree char *name = g_strconcat("/http/live/violation/", violations[i].name, NULL);
        g_test_add_data_func(name, &violations[i], check_violation);
    }
    g_test_add_func("/http/live/fragments_over_64_kb_are_refused",
                    fragments_over_64_kb_are_refused);
    g_test_add_func("/http/live/whoever_listens_too_slowly_is_let_go",
                    whoever_listens_too_slowly_is_let_go);
    g_test_add_func("/http/live/stopping_says_goodbye", stopping_says_goodbye);
    g_test_add_func("/http/live/many_come_and_go", many_come_and_go);
    return g_test_run();
}
