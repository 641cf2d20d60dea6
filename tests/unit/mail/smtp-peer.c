/* smtp-peer.c - see smtp-peer.h. */
#include "smtp-peer.h"

#include <stdbool.h>
#include <string.h>

typedef struct {
    SmtpPeer *peer;
    char *recipient;
    GDataInputStream *in;
    GOutputStream *out;
} Talk;

static void say(Talk *talk, const char *reply)
{
    g_autofree char *line = g_strconcat(reply, "\r\n", NULL);
    g_output_stream_write_all(talk->out, line, strlen(line), NULL, NULL, NULL);
}

static char *hear(Talk *talk)
{
    char *line = g_data_input_stream_read_line(talk->in, NULL, NULL, NULL);
    if (line)
        g_strchomp(line);
    return line;
}

static void answer_recipient(Talk *talk, const char *line)
{
    SmtpPeer *peer = talk->peer;
    g_auto(GStrv) parts = g_strsplit_set(line, "<>", 3);
    g_free(talk->recipient);
    talk->recipient = g_strdup(parts[1]);
    g_mutex_lock(&peer->lock);
    bool is_refused = peer->domain && g_str_has_suffix(talk->recipient, peer->domain);
    const char *reply = is_refused ? peer->reply : "250 2.1.5 ok";
    g_mutex_unlock(&peer->lock);
    say(talk, reply);
}

static void take_letter(Talk *talk)
{
    say(talk, "354 go on");
    for (bool is_over = false; !is_over;) {
        g_autofree char *line = hear(talk);
        is_over = !line || strcmp(line, ".") == 0;
    }
    g_mutex_lock(&talk->peer->lock);
    g_ptr_array_add(talk->peer->taken, g_strdup(talk->recipient));
    g_mutex_unlock(&talk->peer->lock);
    say(talk, "250 2.0.0 taken");
}

static gboolean talk_to(GThreadedSocketService *service, GSocketConnection *connection,
                        GObject *source, gpointer data)
{
    (void)service, (void)source;
    Talk talk = {.peer = data, .out = g_io_stream_get_output_stream(G_IO_STREAM(connection))};
    talk.in = g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(connection)));
    g_data_input_stream_set_newline_type(talk.in, G_DATA_STREAM_NEWLINE_TYPE_LF);
    g_atomic_int_inc(&talk.peer->connections);
    say(&talk, "220 peer");
    for (bool goes_on = true; goes_on;) {
        g_autofree char *line = hear(&talk);
        goes_on = line && !g_str_has_prefix(line, "QUIT");
        if (!goes_on)
            break;
        if (g_str_has_prefix(line, "RCPT"))
            answer_recipient(&talk, line);
        else if (g_str_has_prefix(line, "DATA"))
            take_letter(&talk);
        else
            say(&talk, "250 ok");
    }
    g_object_unref(talk.in);
    g_free(talk.recipient);
    return TRUE;
}

static gpointer run_loop(gpointer data)
{
    g_main_loop_run(data);
    return NULL;
}

/* From within: a loop that has not begun cannot be ended. */
static gboolean end_loop(gpointer data)
{
    g_main_loop_quit(data);
    return G_SOURCE_REMOVE;
}

static GMainLoop *loop;
static GThread *thread;

SmtpPeer *smtp_peer_start(void)
{
    SmtpPeer *peer = g_new0(SmtpPeer, 1);
    peer->service = g_threaded_socket_service_new(8);
    peer->taken = g_ptr_array_new_with_free_func(g_free);
    g_mutex_init(&peer->lock);
    g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new(loopback, 0);
    g_autoptr(GSocketAddress) found = NULL;
    g_assert_true(g_socket_listener_add_address(G_SOCKET_LISTENER(peer->service), any,
                                                G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                                &found, NULL));
    peer->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(found));
    g_signal_connect(peer->service, "run", G_CALLBACK(talk_to), peer);
    loop = g_main_loop_new(NULL, FALSE);
    thread = g_thread_new("peer", run_loop, loop);
    return peer;
}

void smtp_peer_stop(SmtpPeer *peer)
{
    g_socket_service_stop(peer->service);
    g_socket_listener_close(G_SOCKET_LISTENER(peer->service));
    g_idle_add(end_loop, loop);
    g_thread_join(thread);
    g_main_loop_unref(loop);
    g_object_unref(peer->service);
    g_ptr_array_unref(peer->taken);
    g_mutex_clear(&peer->lock);
    g_free(peer);
}

void smtp_peer_refuse(SmtpPeer *peer, const char *domain, const char *reply)
{
    g_mutex_lock(&peer->lock);
    peer->domain = domain;
    peer->reply = reply;
    g_mutex_unlock(&peer->lock);
}

char *smtp_peer_taken(SmtpPeer *peer)
{
    g_mutex_lock(&peer->lock);
    g_ptr_array_add(peer->taken, NULL);
    char *all = g_strjoinv(" ", (char **)peer->taken->pdata);
    g_ptr_array_set_size(peer->taken, 0);
    g_mutex_unlock(&peer->lock);
    return all;
}
