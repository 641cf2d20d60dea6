/* test-deliver.c - what an MTA is told: 0 only when the message is durable, and nothing
 * half-written.
 */
#include "installation.h"
#include "mail/deliver.h"
#include "store/db.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char mail[] = "From: a@b.example\r\nSubject: prova\r\n\r\nciao\r\n";

static int message_fd(const char *text, gsize length)
{
    g_autofree char *name = NULL;
    int fd = g_file_open_tmp("sportello-message-XXXXXX", &name, NULL);
    g_assert_cmpint(fd, >=, 0);
    unlink(name);
    g_assert_cmpint(write(fd, text, length), ==, (gssize)length);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static int deliver(Installation *installation, const char *slug, const char *text)
{
    int fd = message_fd(text, strlen(text));
    int code = deliver_message(&installation->config, slug, fd, 30);
    close(fd);
    return code;
}

static void count(gpointer context)
{
    g_atomic_int_inc((gint *)context);
}

static DeliverSocket *listen_there(Installation *installation, gint *arrived)
{
    g_autoptr(GError) error = NULL;
    DeliverSocket *socket = deliver_socket_open(&installation->config, installation->store,
                                                installation->clock, count, arrived, &error);
    g_assert_no_error(error);
    return socket;
}

static void goes_into_the_store_when_nobody_listens(Installation *installation,
                                                    gconstpointer unused)
{
    (void)unused;
    g_assert_cmpint(deliver(installation, "edilizia", mail), ==, DELIVER_DONE);
    g_assert_cmpuint(installation_waiting(installation), ==, 1);
    g_assert_cmpint(deliver(installation, "edilizia", mail), ==,
                    DELIVER_DONE); /* the MTA tries twice */
    g_assert_cmpuint(installation_waiting(installation), ==, 1);
}

static void knows_which_offices_there_are(Installation *installation, gconstpointer unused)
{
    (void)unused;
    g_assert_cmpint(deliver(installation, "anagrafe", mail), ==, DELIVER_NO_OFFICE);
    g_assert_cmpint(deliver(installation, "", mail), ==, DELIVER_NO_OFFICE);
    g_assert_cmpint(deliver(installation, "edilizia\nx", mail), ==, DELIVER_NO_OFFICE);
    gint arrived = 0;
    DeliverSocket *socket = listen_there(installation, &arrived);
    g_assert_cmpint(deliver(installation, "anagrafe", mail), ==, DELIVER_NO_OFFICE);
    g_autofree char *long_slug = g_strnfill(101, 'x');
    g_assert_cmpint(deliver(installation, long_slug, mail), ==, DELIVER_NO_OFFICE);
    deliver_socket_close(socket);
    g_assert_cmpint(arrived, ==, 0);
    g_assert_cmpuint(installation_waiting(installation), ==, 0);
}

static void goes_through_the_server_while_it_runs(Installation *installation, gconstpointer unused)
{
    (void)unused;
    gint arrived = 0;
    DeliverSocket *socket = listen_there(installation, &arrived);
    struct stat about;
    g_assert_cmpint(stat(installation->config.socket, &about), ==, 0);
    g_assert_cmpint(about.st_mode & 0777, ==, 0600);
    g_assert_cmpint(deliver(installation, "edilizia", mail), ==, DELIVER_DONE);
    g_assert_cmpint(g_atomic_int_get(&arrived), ==, 1);
    deliver_socket_close(socket);
    g_assert_cmpuint(installation_waiting(installation), ==, 1);
    g_assert_cmpint(stat(installation->config.socket, &about), ==, -1);
}

static void carries_large_messages(Installation *installation, gconstpointer unused)
{
    (void)unused;
    gint arrived = 0;
    DeliverSocket *socket = listen_there(installation, &arrived);
    g_autofree char *much = g_strnfill(9 * 1024 * 1024, 'x');
    g_assert_cmpint(deliver(installation, "edilizia", much), ==, DELIVER_DONE);
    deliver_socket_close(socket);
    Db *db = store_reader(installation->store);
    g_autoptr(GArray) ids = message_waiting(db, 2, NULL);
    store_reader_done(installation->store, db);
    g_assert_cmpuint(ids->len, ==, 1);
    g_autoptr(Message) message = installation_message(installation, g_array_index(ids, gint64, 0));
    g_assert_true(message->truncated);
    g_assert_cmpint(message->size, ==, 9 * 1024 * 1024);
}

static int connect_by_hand(Installation *installation)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, installation->config.socket, sizeof address.sun_path);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    g_assert_cmpint(connect(client, (struct sockaddr *)&address, sizeof address), ==, 0);
    return client;
}

static void drops_what_has_no_end(Installation *installation, gconstpointer unused)
{
    (void)unused;
    gint arrived = 0;
    DeliverSocket *socket = listen_there(installation, &arrived);
    int client = connect_by_hand(installation);
    static const char half[] = "edilizia\nFrom: a@b.example\r\n";
    g_assert_cmpint(write(client, half, strlen(half)), ==, (gssize)strlen(half));
    close(client); /* killed halfway */
    g_assert_cmpint(deliver(installation, "edilizia", mail), ==,
                    DELIVER_DONE); /* the one before is over */
    deliver_socket_close(socket);
    g_assert_cmpint(arrived, ==, 1);
    g_assert_cmpuint(installation_waiting(installation), ==, 1);
}

static void ends_soon_though_a_client_says_nothing(Installation *installation, gconstpointer unused)
{
    (void)unused;
    gint arrived = 0;
    DeliverSocket *socket = listen_there(installation, &arrived);
    int client = connect_by_hand(installation);
    g_assert_cmpint(write(client, "edil", 4), ==, 4);
    g_usleep(100000);
    gint64 before = g_get_monotonic_time();
    deliver_socket_close(socket);
    g_assert_cmpint(g_get_monotonic_time() - before, <, 8 * G_USEC_PER_SEC);
    char answer[16] = "";
    g_assert_cmpint(read(client, answer, sizeof answer - 1), >, 0);
    g_assert_cmpstr(answer, ==, "later\n");
    close(client);
}

static void silent_clients_hold_nobody_up_and_are_bounded(Installation *installation,
                                                          gconstpointer unused)
{
    (void)unused;
    gint arrived = 0;
    DeliverSocket *socket = listen_there(installation, &arrived);
    int clients[32];
    for (gsize i = 0; i + 1 < G_N_ELEMENTS(clients); i++)
        clients[i] = connect_by_hand(installation);
    gint64 before = g_get_monotonic_time();
    g_assert_cmpint(deliver(installation, "edilizia", mail), ==, DELIVER_DONE);
    g_assert_cmpint(g_get_monotonic_time() - before, <, 8 * G_USEC_PER_SEC);
    clients[31] = connect_by_hand(installation);
    int one_too_many = -1;
    char answer[16] = "";
    do { /* the one that was served may still be on its way out */
        if (one_too_many >= 0)
            close(one_too_many);
        one_too_many = connect_by_hand(installation);
        struct timeval soon = {.tv_sec = 2};
        setsockopt(one_too_many, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    } while (read(one_too_many, answer, sizeof answer - 1) < 0 &&
             g_get_monotonic_time() - before < 20 * G_USEC_PER_SEC);
    g_assert_cmpstr(answer, ==, "later\n");
    close(one_too_many);
    for (gsize i = 0; i < G_N_ELEMENTS(clients); i++)
        close(clients[i]);
    deliver_socket_close(socket);
    g_assert_cmpint(arrived, ==, 1);
}

/* Bound and listening, but nobody accepts: as a server that was stopped with SIGSTOP. */
static void a_server_that_says_nothing_is_later(Installation *installation, gconstpointer unused)
{
    (void)unused;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, installation->config.socket, sizeof address.sun_path);
    int frozen = socket(AF_UNIX, SOCK_STREAM, 0);
    g_assert_cmpint(bind(frozen, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(frozen, 1), ==, 0);
    g_autofree char *much = g_strnfill(2 * 1024 * 1024, 'x'); /* more than the kernel holds */
    const char *const texts[] = {mail, much};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        int fd = message_fd(texts[i], strlen(texts[i]));
        gint64 before = g_get_monotonic_time();
        g_assert_cmpint(deliver_message(&installation->config, "edilizia", fd, 1), ==,
                        DELIVER_LATER);
        g_assert_cmpint(g_get_monotonic_time() - before, <, 8 * G_USEC_PER_SEC);
        close(fd);
    }
    close(frozen);
    g_assert_cmpuint(installation_waiting(installation), ==, 0);
}

static void another_schema_is_later_and_stays(Installation *installation, gconstpointer unused)
{
    (void)unused;
    g_clear_pointer(&installation->store, store_close);
    const gint versions[] = {1, 99};
    for (gsize i = 0; i < G_N_ELEMENTS(versions); i++) {
        Db *db = db_open(installation->config.database, DB_WRITER, NULL);
        g_assert_true(db_set_schema_version(db, versions[i], NULL));
        g_assert_cmpint(deliver(installation, "edilizia", mail), ==, DELIVER_LATER);
        gint version = 0;
        g_assert_true(db_schema_version(db, &version, NULL));
        g_assert_cmpint(version, ==, versions[i]);
        db_close(db);
    }
}

static void two_servers_do_not_share_a_socket(Installation *installation, gconstpointer unused)
{
    (void)unused;
    gint arrived = 0;
    DeliverSocket *socket = listen_there(installation, &arrived);
    g_autoptr(GError) error = NULL;
    g_assert_null(deliver_socket_open(&installation->config, installation->store,
                                      installation->clock, NULL, NULL, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED);
    deliver_socket_close(socket);
    socket = listen_there(installation, &arrived); /* nobody listens any more */
    deliver_socket_close(socket);
}

static void everything_else_is_later(Installation *installation, gconstpointer unused)
{
    (void)unused;
    g_autofree char *database = installation->config.database;
    installation->config.database = g_build_filename(installation->folder, "missing.db", NULL);
    g_assert_cmpint(deliver(installation, "edilizia", mail), ==, DELIVER_LATER);
    g_free(installation->config.database);
    installation->config.database = g_steal_pointer(&database);
    g_autofree char *uploads = installation->config.upload_folder;
    installation->config.upload_folder = g_build_filename(installation->config.database, "x", NULL);
    g_assert_cmpint(deliver(installation, "edilizia", mail), ==, DELIVER_LATER);
    g_free(installation->config.upload_folder);
    installation->config.upload_folder = g_steal_pointer(&uploads);
    int unreadable = open("/dev/null", O_WRONLY);
    g_assert_cmpint(deliver_message(&installation->config, "edilizia", unreadable, 30), ==,
                    DELIVER_LATER);
    close(unreadable);
    g_assert_cmpuint(installation_waiting(installation), ==, 0);
}

/* In a child: its own mounts, a small tmpfs, a copy of the database on it. Exit code is what
 * deliver said. */
static int deliver_on_small_disk(Installation *installation, const char *disk, const char *text)
{
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", disk, "tmpfs", 0, "size=3m") < 0)
        return 99;
    g_autofree char *database = g_build_filename(disk, "sportello.db", NULL);
    g_autofree char *bytes = NULL;
    gsize length;
    if (!g_file_get_contents(installation->config.database, &bytes, &length, NULL) ||
        !g_file_set_contents(database, bytes, (gssize)length, NULL))
        return 98;
    installation->config.database = database;
    installation->config.upload_folder = (char *)disk;
    int code = deliver(installation, "edilizia", text);
    g_autoptr(Store) store = store_open(database, false, NULL);
    installation->store = store;
    if (!store || (code != DELIVER_DONE && installation_waiting(installation) != 0))
        return 97; /* something is left of it */
    if (code == DELIVER_LATER && deliver(installation, "edilizia", mail) != DELIVER_DONE)
        return 96; /* a small one still fits */
    return code;
}

static void a_full_disk_is_later_and_leaves_nothing(Installation *installation,
                                                    gconstpointer unused)
{
    (void)unused;
    g_clear_pointer(&installation->store,
                    store_close); /* everything in the file itself, no threads */
    g_autofree char *disk = g_build_filename(installation->folder, "disk", NULL);
    g_assert_cmpint(g_mkdir_with_parents(disk, 0700), ==, 0);
    /* too much for the file it arrives in; too much for the database beside that file */
    static const gsize sizes[] = {3500 * 1024, 1500 * 1024};
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *much = g_strnfill(sizes[i], 'x');
        pid_t child = fork();
        if (child == 0)
            _exit(deliver_on_small_disk(installation, disk, much));
        int status;
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        g_assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 99) {
            g_test_skip("no right to mount here");
            return;
        }
        g_assert_cmpint(WEXITSTATUS(status), ==, DELIVER_LATER);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    installation_add("/mail/deliver/goes_into_the_store_when_nobody_listens",
                     goes_into_the_store_when_nobody_listens);
    installation_add("/mail/deliver/knows_which_offices_there_are", knows_which_offices_there_are);
    installation_add("/mail/deliver/goes_through_the_server_while_it_runs",
                     goes_through_the_server_while_it_runs);
    installation_add("/mail/deliver/carries_large_messages", carries_large_messages);
    installation_add("/mail/deliver/drops_what_has_no_end", drops_what_has_no_end);
    installation_add("/mail/deliver/ends_soon_though_a_client_says_nothing",
                     ends_soon_though_a_client_says_nothing);
    installation_add("/mail/deliver/silent_clients_hold_nobody_up_and_are_bounded",
                     silent_clients_hold_nobody_up_and_are_bounded);
    installation_add("/mail/deliver/a_server_that_says_nothing_is_later",
                     a_server_that_says_nothing_is_later);
    installation_add("/mail/deliver/another_schema_is_later_and_stays",
                     another_schema_is_later_and_stays);
    installation_add("/mail/deliver/two_servers_do_not_share_a_socket",
                     two_servers_do_not_share_a_socket);
    installation_add("/mail/deliver/everything_else_is_later", everything_else_is_later);
    installation_add("/mail/deliver/a_full_disk_is_later_and_leaves_nothing",
                     a_full_disk_is_later_and_leaves_nothing);
    return g_test_run();
}
