/* test-outbox-post.c - what becomes of letters, by what the server says and by the time it is. */
#include "mail/outbox_post.h"
#include "smtp-peer.h"

#include <signal.h>
#include <string.h>

#define NOW 1000000
#define DAY_S 86400

typedef struct {
    SmtpPeer *peer;
    Config config;
    ConfigSmtp ways[2]; /* mail, pec */
    Post *post;
} Desk;

static void desk_open(Desk *desk, gconstpointer unused)
{
    (void)unused;
    desk->peer = smtp_peer_start();
    for (guint i = 0; i < 2; i++)
        desk->ways[i] = (ConfigSmtp){
            .name = (char *)(i ? "certified" : "plain"),
            .url = g_strdup_printf("smtp://127.0.0.1:%u", desk->peer->port),
            .auth = (char *)"password",
            .tls = (char *)"none",
            .pec = i == 1,
            .from = (char *)(i ? "edilizia@pec.comune.example" : NULL),
        };
    desk->config.smtp = g_ptr_array_new();
    g_ptr_array_add(desk->config.smtp, &desk->ways[0]);
    desk->post = post_new(&desk->config, 7);
}

static void desk_close(Desk *desk, gconstpointer unused)
{
    (void)unused;
    post_free(desk->post);
    smtp_peer_stop(desk->peer);
    g_ptr_array_unref(desk->config.smtp);
    g_free(desk->ways[0].url);
    g_free(desk->ways[1].url);
}

static PostOutcome post_to(Desk *desk, const char *recipient, gint attempts, gint64 now_at,
                           LetterRoute route)
{
    static const char text[] = "Subject: x\r\n\r\n.ciao\r\n.\r\n";
    g_autoptr(GBytes) content = g_bytes_new_static(text, sizeof text - 1);
    const Letter letter = {.id = 1,
                           .recipient = (char *)recipient,
                           .message_id = (char *)"s.abc@x",
                           .sender = (char *)"edilizia@comune.example",
                           .office_slug = (char *)"edilizia",
                           .content = content,
                           .route = route,
                           .attempts = attempts,
                           .due_at = NOW};
    return post_letter(desk->post, &letter, now_at);
}

static void assert_taken(Desk *desk, const char *recipients)
{
    g_autofree char *taken = smtp_peer_taken(desk->peer);
    g_assert_cmpstr(taken, ==, recipients);
}

#define POST(recipient, attempts, now_at) post_to(desk, recipient, attempts, now_at, LETTER_BY_MAIL)

static void a_domain_that_says_not_now_is_left_alone(Desk *desk, gconstpointer unused)
{
    (void)unused;
    smtp_peer_refuse(desk->peer, "@slow.example", "450 4.2.0 later");
    PostOutcome first = POST("a@slow.example", 1, NOW);
    g_assert_cmpint(first.kind, ==, POST_AGAIN);
    g_assert_cmpint(first.again_at, >=, NOW + 48);
    g_assert_cmpint(first.again_at, <=, NOW + 72);
    g_assert_true(g_str_has_prefix(first.reason, "450 4.2.0 "));
    PostOutcome second = POST("b@SLOW.example", 1, NOW + 1);
    g_assert_cmpint(second.kind, ==, POST_POSTPONED);
    g_assert_cmpint(second.again_at, ==, first.again_at);
    g_assert_cmpint(POST("c@quick.example", 1, NOW + 1).kind, ==, POST_SENT);
    assert_taken(desk, "c@quick.example");
    g_free(first.reason);
    PostOutcome again = POST("a@slow.example", 2, first.again_at);
    g_assert_cmpint(again.kind, ==, POST_AGAIN);
    g_assert_cmpint(again.again_at, >=, first.again_at + 96); /* it grows */
    smtp_peer_refuse(desk->peer, NULL, NULL);
    g_assert_cmpint(POST("a@slow.example", 3, again.again_at).kind, ==, POST_SENT);
    g_assert_cmpint(POST("b@slow.example", 2, again.again_at).kind, ==, POST_SENT);
    assert_taken(desk, "a@slow.example b@slow.example");
    g_free(second.reason);
    g_free(again.reason);
}

static void a_refusal_is_for_good_and_pauses_nobody(Desk *desk, gconstpointer unused)
{
    (void)unused;
    smtp_peer_refuse(desk->peer, "bad@b.example", "550 5.1.1 <bad@b.example>: who?");
    PostOutcome refused = POST("bad@b.example", 1, NOW);
    g_assert_cmpint(refused.kind, ==, POST_FAILED);
    g_assert_true(g_str_has_prefix(refused.reason, "550 5.1.1 "));
    g_assert_null(strstr(refused.reason, "b.example"));
    g_free(refused.reason);
    g_assert_cmpint(POST("good@b.example", 1, NOW).kind, ==, POST_SENT);
    assert_taken(desk, "good@b.example");
}

static void a_letter_is_given_up_after_three_days(Desk *desk, gconstpointer unused)
{
    (void)unused;
    smtp_peer_refuse(desk->peer, "@slow.example", "450 later");
    PostOutcome before = POST("a@slow.example", 1, NOW + 2 * DAY_S);
    g_assert_cmpint(before.kind, ==, POST_AGAIN);
    PostOutcome after = POST("a@slow.example", 25, NOW + 3 * DAY_S);
    g_assert_cmpint(after.kind, ==, POST_FAILED);
    g_assert_true(g_str_has_prefix(after.reason, "450 "));
    g_free(before.reason);
    g_free(after.reason);
}

static void a_server_that_is_down_stops_everything_for_a_while(Desk *desk, gconstpointer unused)
{
    (void)unused;
    smtp_peer_refuse(desk->peer, "@a.example", "421 4.3.2 closing");
    PostOutcome first = POST("x@a.example", 1, NOW);
    g_assert_cmpint(first.kind, ==, POST_AGAIN);
    g_assert_cmpint(first.again_at, >=, NOW + 4);
    g_assert_cmpint(first.again_at, <=, NOW + 6);
    g_assert_true(g_str_has_prefix(first.reason, "plain: 421 4.3.2 "));
    PostOutcome other = POST("y@b.example", 1, NOW + 1);
    g_assert_cmpint(other.kind, ==, POST_POSTPONED);
    g_assert_cmpint(other.again_at, ==, first.again_at);
    smtp_peer_refuse(desk->peer, NULL, NULL);
    g_assert_cmpint(POST("y@b.example", 1, first.again_at).kind, ==, POST_SENT);
    g_assert_cmpint(POST("x@a.example", 1, first.again_at).kind, ==, POST_SENT);
    g_free(first.reason);
    g_free(other.reason);
}

static void pec_leaves_by_pec_alone(Desk *desk, gconstpointer unused)
{
    (void)unused;
    PostOutcome none = post_to(desk, "s@pec.example", 1, NOW, LETTER_BY_PEC);
    g_assert_cmpint(none.kind, ==, POST_AGAIN);
    g_assert_cmpstr(none.reason, ==, "no [smtp] section with pec = yes for this office");
    assert_taken(desk, "");
    g_ptr_array_add(desk->config.smtp, &desk->ways[1]);
    post_free(desk->post);
    desk->post = post_new(&desk->config, 7);
    g_assert_cmpint(post_to(desk, "s@pec.example", 1, NOW, LETTER_BY_PEC).kind, ==, POST_SENT);
    assert_taken(desk, "s@pec.example");
    g_free(none.reason);
}

static void an_address_that_is_none_is_never_said(Desk *desk, gconstpointer unused)
{
    (void)unused;
    PostOutcome outcome = POST("a@b.example>\r\nRCPT TO:<c@d.example", 1, NOW);
    g_assert_cmpint(outcome.kind, ==, POST_FAILED);
    g_assert_cmpint(g_atomic_int_get(&desk->peer->connections), ==, 0);
    g_free(outcome.reason);
}

static void one_connection_carries_many_letters(Desk *desk, gconstpointer unused)
{
    (void)unused;
    for (guint i = 0; i < 20; i++)
        g_assert_cmpint(POST("a@b.example", 1, NOW).kind, ==, POST_SENT);
    g_assert_cmpint(g_atomic_int_get(&desk->peer->connections), ==, 1);
    g_assert_true(post_is_open(desk->post));
    post_close(desk->post);
    g_assert_false(post_is_open(desk->post));
    g_assert_cmpint(POST("a@b.example", 1, NOW).kind, ==, POST_SENT);
    g_assert_cmpint(g_atomic_int_get(&desk->peer->connections), ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR); /* warnings about failures are what is tested here */
    signal(SIGPIPE, SIG_IGN);
#define CASE(name) g_test_add("/mail/outbox_post/" #name, Desk, NULL, desk_open, name, desk_close)
    CASE(a_domain_that_says_not_now_is_left_alone);
    CASE(a_refusal_is_for_good_and_pauses_nobody);
    CASE(a_letter_is_given_up_after_three_days);
    CASE(a_server_that_is_down_stops_everything_for_a_while);
    CASE(pec_leaves_by_pec_alone);
    CASE(an_address_that_is_none_is_never_said);
    CASE(one_connection_carries_many_letters);
    return g_test_run();
}
