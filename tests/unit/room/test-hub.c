/* test-hub.c - the hub by itself: topics, order, errands of other threads, silence. What needs the
 * handshake is tested through the server (tests/unit/web/test-http-live.c). */
#include "loop-fixture.h"
#include <string.h>
#include <unistd.h>

static GString *log_of_callbacks; /* loop thread only, read after loop_stop */

static void joined(HubPeer *peer, gpointer context)
{
    g_string_append_printf(log_of_callbacks, "%s+%s ", (const char *)context,
                           (const char *)hub_peer_member(peer));
}

static void said(HubPeer *peer, const char *text, gsize length, gpointer context)
{
    g_string_append_printf(log_of_callbacks, "%s:%.*s ", (const char *)context, (int)length, text);
    hub_peer_send(peer, "heard");
}

static void left(HubPeer *peer, gpointer context)
{
    g_string_append_printf(log_of_callbacks, "%s-%s ", (const char *)context,
                           (const char *)hub_peer_member(peer));
}

static const HubCallbacks callbacks = {joined, said, left};

static void open_hub(Loop *loop)
{
    loop->hub = hub_new();
    log_of_callbacks = g_string_new(NULL);
}

static void close_hub(Loop *loop)
{
    loop_stop(loop);
    hub_free(loop->hub);
    g_string_free(log_of_callbacks, TRUE);
}

static void expect_text(int fd, const char *text)
{
    g_auto(WsFrame) frame = ws_read(fd);
    g_assert_cmpuint(frame.opcode, ==, WS_TEXT);
    g_assert_cmpstr(frame.payload, ==, text);
}

static void callbacks_go_by_the_beginning_of_the_topic(void)
{
    Loop loop;
    open_hub(&loop);
    hub_on(loop.hub, "room/", &callbacks, (gpointer) "room");
    hub_on(loop.hub, "desk/", &callbacks, (gpointer) "desk");
    loop_start(&loop);
    int room = loop_join(&loop, "room/1", (gpointer) "anna", NULL);
    int desk = loop_join(&loop, "desk/1", (gpointer) "bruno", NULL);
    int other = loop_join(&loop, "roomy", (gpointer) "carla", NULL);
    ws_say(room, "one");
    expect_text(room, "heard");
    ws_say(other, "dropped");
    ws_say(desk, "two");
    expect_text(desk, "heard");
    close(room);
    loop_stop(&loop);
    g_assert_true(
        g_str_has_prefix(log_of_callbacks->str, "room+anna desk+bruno room:one desk:two "));
    g_assert_nonnull(strstr(log_of_callbacks->str, "room-anna "));
    g_assert_nonnull(strstr(log_of_callbacks->str, "desk-bruno "));
    g_assert_null(strstr(log_of_callbacks->str, "carla"));
    hub_free(loop.hub);
    g_string_free(log_of_callbacks, TRUE);
    close(desk);
    close(other);
}

typedef struct {
    Loop *loop;
    char name;
} Speaker;

static gpointer speak(gpointer data)
{
    const Speaker *speaker = data;
    for (guint i = 0; i < 200; i++) {
        g_autofree char *text = g_strdup_printf("%c%u", speaker->name, i);
        hub_publish(speaker->loop->hub, "desk/1", text);
    }
    return NULL;
}

/* Each thread's words stay in their order, and everybody hears the same. */
static void words_of_many_threads_keep_their_order(void)
{
    Loop loop;
    open_hub(&loop);
    loop_start(&loop);
    int first = loop_join(&loop, "desk/1", NULL, NULL);
    int second = loop_join(&loop, "desk/1", NULL, NULL);
    Speaker speakers[3] = {{&loop, 'a'}, {&loop, 'b'}, {&loop, 'c'}};
    GThread *threads[3];
    guint next[3] = {0, 0, 0};
    for (guint i = 0; i < 3; i++)
        threads[i] = g_thread_new("speaker", speak, &speakers[i]);
    for (guint i = 0; i < 600; i++) {
        g_auto(WsFrame) one = ws_read(first);
        g_auto(WsFrame) two = ws_read(second);
        g_assert_cmpuint(one.opcode, ==, WS_TEXT);
        g_assert_cmpstr(one.payload, ==, two.payload);
        g_assert_cmpuint(g_ascii_strtoull(one.payload + 1, NULL, 10), ==,
                         next[one.payload[0] - 'a']++);
    }
    for (guint i = 0; i < 3; i++)
        g_thread_join(threads[i]);
    close(first);
    close(second);
    close_hub(&loop);
}

static gint freed;

static void count_free(gpointer data)
{
    (void)data;
    g_atomic_int_inc(&freed);
}

static void count_call(gpointer data)
{
    (*(gint *)data)++;
}

static void errands_run_once_and_are_freed(void)
{
    Loop loop;
    gint calls = 0;
    freed = 0;
    open_hub(&loop);
    loop_start(&loop);
    hub_call(loop.hub, count_call, &calls, count_free);
    loop_run(&loop, count_call, &calls);
    g_assert_cmpint(calls, ==, 2);
    g_assert_cmpint(g_atomic_int_get(&freed), ==, 1);
    loop_stop(&loop);
    hub_call(loop.hub, count_call, &calls, count_free); /* too late to run */
    hub_free(loop.hub);
    g_string_free(log_of_callbacks, TRUE);
    g_assert_cmpint(calls, ==, 2);
    g_assert_cmpint(freed, ==, 2);
}

static void whoever_is_silent_is_let_go(void)
{
    Loop loop;
    open_hub(&loop);
    hub_set_patience(loop.hub, 50000, 500000);
    hub_on(loop.hub, "room/", &callbacks, (gpointer) "room");
    loop_start(&loop);
    int silent = loop_join(&loop, "room/1", (gpointer) "silent", NULL);
    guint pings = 0;
    for (;;) {
        g_auto(WsFrame) frame = ws_read_any(silent);
        if (frame.opcode == WS_ENDED)
            break;
        g_assert_cmpuint(frame.opcode, ==, WS_PING);
        pings++;
    }
    g_assert_cmpuint(pings, >=, 1);
    close(silent);
    close_hub(&loop);
}

static void whoever_answers_pings_stays(void)
{
    Loop loop;
    open_hub(&loop);
    hub_set_patience(loop.hub, 20000, 2000000);
    loop_start(&loop);
    int fd = loop_join(&loop, "desk/1", NULL, NULL);
    const gint64 until_us = g_get_monotonic_time() + 4 * G_USEC_PER_SEC;
    while (g_get_monotonic_time() < until_us) {
        g_auto(WsFrame) frame = ws_read_any(fd);
        g_assert_cmpuint(frame.opcode, ==, WS_PING);
        ws_send(fd, 0x80 | WS_PONG, frame.payload, frame.length, TRUE);
    }
    close(fd);
    close_hub(&loop);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hub/callbacks_go_by_the_beginning_of_the_topic",
                    callbacks_go_by_the_beginning_of_the_topic);
    g_test_add_func("/hub/words_of_many_threads_keep_their_order",
                    words_of_many_threads_keep_their_order);
    g_test_add_func("/hub/errands_run_once_and_are_freed", errands_run_once_and_are_freed);
    g_test_add_func("/hub/whoever_is_silent_is_let_go", whoever_is_silent_is_let_go);
    g_test_add_func("/hub/whoever_answers_pings_stays", whoever_answers_pings_stays);
    return g_test_run();
}
