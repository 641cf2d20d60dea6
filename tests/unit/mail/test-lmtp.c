/* test-lmtp.c - an MTA's dialogue: who is a recipient, what is answered when, what becomes a row.
 */
#include "installation.h"
#include "mail/lmtp.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define OFFICE "appuntamentiedilizia@comune.esempio.example"
#define PEC "sportello@pec.comune.esempio.example"
#define MESSAGE "From: a@b.example\r\nMessage-ID: <1@b.example>\r\nSubject: prova\r\n\r\nciao\r\n"

typedef struct {
    Installation *installation;
    Lmtp *lmtp;
    gint arrived;
    int client;
} Call;

static void count(gpointer context)
{
    g_atomic_int_inc((gint *)context);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    struct timeval patience = {.tv_sec = 20};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    g_assert_cmpint(connect(client, (struct sockaddr *)&address, sizeof address), ==, 0);
    return client;
}

static void call(Call *call, Installation *installation)
{
    *call = (Call){.installation = installation};
    g_autoptr(GError) error = NULL;
    g_free(installation->config.lmtp_socket);
    installation->config.lmtp_socket = g_build_filename(installation->folder, "lmtp", NULL);
    call->lmtp = lmtp_open(&installation->config, installation->store, installation->clock, count,
                           &call->arrived, &error);
    g_assert_no_error(error);
    call->client = connect_to(installation->config.lmtp_socket);
}

static void hang_up(Call *call)
{
    close(call->client);
    lmtp_close(call->lmtp);
    g_clear_pointer(&call->installation->config.lmtp_socket, g_free);
}

static void say(const Call *call, const char *text)
{
    gsize length = strlen(text);
    g_assert_cmpint(send(call->client, text, length, MSG_NOSIGNAL), ==, (gssize)length);
}

/* Codes of the replies up to now, once there are `most`; continued ones count once. */
static char *hear(const Call *call, guint most)
{
    GString *codes = g_string_new(NULL);
    for (guint i = 0; i < most;) {
        GString *line = g_string_new(NULL);
        char c;
        while (read(call->client, &c, 1) == 1) {
            g_string_append_c(line, c);
            if (c == '\n')
                break;
        }
        bool ended = line->len == 0, is_last = line->len > 3 && line->str[3] == ' ';
        if (is_last)
            g_string_append_printf(codes, "%s%.3s", codes->len ? " " : "", line->str);
        g_string_free(line, TRUE);
        if (ended)
            break;
        i += is_last;
    }
    return g_string_free(codes, FALSE);
}

static void expect(const Call *call, const char *text, const char *codes)
{
    g_auto(GStrv) wanted = g_strsplit(codes, " ", -1);
    if (text)
        say(call, text);
    g_autofree char *heard = hear(call, g_strv_length(wanted));
    g_assert_cmpstr(heard, ==, codes);
}

static char *first_raw(Installation *installation)
{
    Db *db = store_reader(installation->store);
    g_autoptr(GArray) ids = message_waiting(db, 1, NULL);
    store_reader_done(installation->store, db);
    g_assert_cmpuint(ids->len, ==, 1);
    gsize length;
    return installation_raw(installation, g_array_index(ids, gint64, 0), &length);
}

static void takes_a_message_step_by_step(Installation *installation, gconstpointer unused)
{
    (void)unused;
    Call mta;
    call(&mta, installation);
    struct stat about;
    g_assert_cmpint(stat(installation->config.lmtp_socket, &about), ==, 0);
    g_assert_cmpint(about.st_mode & 0777, ==, 0660);
    expect(&mta, NULL, "220");
    expect(&mta, "LHLO mail.example\r\n", "250");
    expect(&mta, "MAIL FROM:<a@b.example> SIZE=60000000\r\n", "250");
    expect(&mta, "RCPT TO:<Appuntamentiedilizia+Tag7@Comune.Esempio.Example>\r\n", "250");
    expect(&mta, "RCPT TO:<" PEC ">\r\n", "250");
    expect(&mta, "RCPT TO:<nessuno@comune.esempio.example>\r\n", "550");
    expect(&mta, "DATA\r\n", "354");
    g_assert_cmpuint(installation_waiting(installation), ==, 0);
    expect(&mta, "Subject: prova\r\n\r\n..punto\r\n.\r\n", "250 250"); /* one for each recipient */
    g_assert_cmpuint(installation_waiting(installation), ==, 1);
    g_assert_cmpint(g_atomic_int_get(&mta.arrived), ==, 1);
    g_autofree char *raw = first_raw(installation);
    g_assert_cmpstr(raw, ==,
                    "Return-Path: <a@b.example>\r\n"
                    "Delivered-To: Appuntamentiedilizia+Tag7@Comune.Esempio.Example\r\n"
                    "Delivered-To: " PEC "\r\n"
                    "Subject: prova\r\n\r\n.punto\r\n");
    expect(&mta, "QUIT\r\n", "221");
    hang_up(&mta);
}

static void takes_all_at_once_and_several_messages(Installation *installation, gconstpointer unused)
{
    (void)unused;
    Call mta;
    call(&mta, installation);
    expect(&mta,
           "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<" OFFICE ">\r\nDATA\r\n" MESSAGE ".\r\n"
           "MAIL FROM:<a@b.example>\r\nRCPT TO:<" OFFICE ">\r\nDATA\r\n" MESSAGE ".\r\n"
           "MAIL FROM:<a@b.example>\r\nRCPT TO:<" OFFICE ">\r\nRSET\r\nDATA\r\n"
           "MAIL FROM:<a@b.example>\r\nRCPT TO:<" OFFICE
           ">\r\nDATA\r\nSubject: altra\r\n\r\n.\r\nQUIT\r\n",
           "220 250 250 250 354 250 250 250 354 250 250 250 250 503 250 250 354 250 221");
    g_assert_cmpuint(installation_waiting(installation), ==, 2); /* the first one came twice */
    hang_up(&mta);
}

static void keeps_to_the_order_of_commands(Installation *installation, gconstpointer unused)
{
    (void)unused;
    Call mta;
    call(&mta, installation);
    expect(&mta, "MAIL FROM:<a@b.example>\r\nRCPT TO:<" OFFICE ">\r\nDATA\r\n", "220 503 503 503");
    expect(&mta, "EHLO x\r\nHELO x\r\nLHLO\r\nLHLO x\r\n", "500 500 501 250");
    expect(&mta, "RCPT TO:<" OFFICE ">\r\nDATA\r\n", "503 503");
    expect(&mta, "MAIL FROM:<a>\r\nMAIL FROM:<a@b.example> X=1\r\n", "501 555");
    expect(&mta, "MAIL FROM:<a@b.example>\r\nMAIL FROM:<a@b.example>\r\n", "250 503");
    expect(&mta, "RCPT TO:<x@y.example>\r\nDATA\r\n", "550 503");
    expect(&mta, "NOOP\r\nVRFY x\r\n", "250 252");
    g_assert_cmpuint(installation_waiting(installation), ==, 0);
    hang_up(&mta);
}

static void bounds_lines_and_errors(Installation *installation, gconstpointer unused)
{
    (void)unused;
    Call mta;
    call(&mta, installation);
    g_autofree char *word = g_strnfill(100000, 'x');
    g_autofree char *line = g_strconcat("NOOP ", word, "\r\nNOOP\r\n", NULL);
    expect(&mta, line, "220 500 250");
    g_autofree char *just = g_strnfill(2039, 'x');
    g_autofree char *fits = g_strconcat("NOOP ", just, "\r\n", NULL);
    expect(&mta, fits, "250");
    for (guint i = 0; i < 18; i++)
        expect(&mta, "HELP\r\n", "500");
    expect(&mta, "HELP\r\n", "500 421");
    g_autofree char *rest = hear(&mta, 1);
    g_assert_cmpstr(rest, ==, "");
    hang_up(&mta);
}

static void drops_what_has_no_end(Installation *installation, gconstpointer unused)
{
    (void)unused;
    Call mta;
    call(&mta, installation);
    expect(&mta, "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<" OFFICE ">\r\nDATA\r\n" MESSAGE,
           "220 250 250 250 354");
    hang_up(&mta);
    g_assert_cmpuint(installation_waiting(installation), ==, 0);
    g_assert_cmpint(mta.arrived, ==, 0);
}

static void cuts_what_is_too_long(Installation *installation, gconstpointer unused)
{
    (void)unused;
    Call mta;
    call(&mta, installation);
    g_autofree char *much = g_strnfill(9 * 1024 * 1024, 'x');
    expect(&mta,
           "LHLO x\r\nMAIL FROM:<> SIZE=99000000\r\nRCPT TO:<" OFFICE
           ">\r\nDATA\r\nSubject: a\r\n\r\n",
           "220 250 250 250 354");
    say(&mta, much);
    expect(&mta, "\r\n.\r\nQUIT\r\n", "250 221");
    Db *db = store_reader(installation->store);
    g_autoptr(GArray) ids = message_waiting(db, 2, NULL);
    store_reader_done(installation->store, db);
    g_assert_cmpuint(ids->len, ==, 1);
    g_autoptr(Message) message = installation_message(installation, g_array_index(ids, gint64, 0));
    g_assert_true(message->truncated);
    g_assert_cmpint(message->size, >, 9 * 1024 * 1024);
    hang_up(&mta);
}

static void what_may_pass_is_later(Installation *installation, gconstpointer unused)
{
    (void)unused;
    Call mta;
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR); /* warnings about failures are what is tested here */
    call(&mta, installation);
    g_autofree char *uploads = installation->config.upload_folder;
    installation->config.upload_folder = g_build_filename(installation->config.database, "x", NULL);
    expect(&mta,
           "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<" OFFICE ">\r\nRCPT TO:<" PEC ">\r\nDATA\r\n" MESSAGE
           ".\r\n",
           "220 250 250 250 250 354 451 451");
    g_free(installation->config.upload_folder);
    installation->config.upload_folder = g_steal_pointer(&uploads);
    expect(&mta, "MAIL FROM:<>\r\nRCPT TO:<" OFFICE ">\r\nDATA\r\n" MESSAGE ".\r\n",
           "250 250 354 250");
    g_assert_cmpuint(installation_waiting(installation), ==, 1);
    hang_up(&mta);
}

static void bounds_its_clients_and_ends_with_the_server(Installation *installation,
                                                        gconstpointer unused)
{
    (void)unused;
    Call mta;
    call(&mta, installation);
    int clients[31];
    for (gsize i = 0; i < G_N_ELEMENTS(clients); i++)
        clients[i] = connect_to(installation->config.lmtp_socket);
    Call extra = mta;
    extra.client = connect_to(installation->config.lmtp_socket);
    expect(&extra, NULL, "421");
    close(extra.client);
    expect(&mta, "LHLO x\r\n", "220 250");
    gint64 before = g_get_monotonic_time();
    lmtp_close(g_steal_pointer(&mta.lmtp));
    g_assert_cmpint(g_get_monotonic_time() - before, <, 4 * G_USEC_PER_SEC); /* nothing at hand */
    expect(&mta, NULL, "421");
    for (gsize i = 0; i < G_N_ELEMENTS(clients); i++)
        close(clients[i]);
    g_assert_false(g_file_test(installation->config.lmtp_socket, G_FILE_TEST_EXISTS));
    hang_up(&mta);
}

static gpointer pour(gpointer client)
{
    char text[4096];
    memset(text, 'x', sizeof text);
    while (send(GPOINTER_TO_INT(client), text, sizeof text, MSG_NOSIGNAL) > 0)
        continue;
    return NULL;
}

static void ends_also_under_a_client_that_never_pauses(Installation *installation,
                                                       gconstpointer unused)
{
    (void)unused;
    Call mta;
    call(&mta, installation);
    expect(&mta, "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<" OFFICE ">\r\nDATA\r\n",
           "220 250 250 250 354");
    GThread *thread = g_thread_new("pour", pour, GINT_TO_POINTER(mta.client));
    gint64 before = g_get_monotonic_time();
    lmtp_close(g_steal_pointer(&mta.lmtp));
    g_assert_cmpint(g_get_monotonic_time() - before, <, (gint64)15 * G_USEC_PER_SEC);
    g_thread_join(thread);
    g_assert_cmpuint(installation_waiting(installation), ==, 0);
    hang_up(&mta);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) installation_add("/mail/lmtp/" #name, name)
    T(takes_a_message_step_by_step);
    T(takes_all_at_once_and_several_messages);
    T(keeps_to_the_order_of_commands);
    T(bounds_lines_and_errors);
    T(drops_what_has_no_end);
    T(cuts_what_is_too_long);
    T(what_may_pass_is_later);
    T(bounds_its_clients_and_ends_with_the_server);
    T(ends_also_under_a_client_that_never_pauses);
    return g_test_run();
}
