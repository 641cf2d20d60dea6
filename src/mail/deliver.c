/* deliver.c - the client behind `sportello deliver`: to the server's socket, or into the store
 * itself.
 *
 * The dialogue: the office's slug and a line feed, the bytes, end of file; back comes one line,
 * "ok", "no-office" or "later". Nothing is acknowledged before it is durable, and every trouble is
 * DELIVER_LATER: the MTA keeps the mail, the digest makes a second try harmless.
 */
#include "mail/deliver.h"
#include "mail/deliver_internal.h"
#include "mail/listener.h"
#include "store/office.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK 65536

static int later(const char *why)
{
    g_printerr("event=deliver_later why=\"%s\"\n", why);
    return DELIVER_LATER;
}

static int no_office(const char *slug)
{
    g_printerr("event=deliver_refused office=%s why=\"no such office\"\n", slug);
    return DELIVER_NO_OFFICE;
}

/* --- through the server -------------------------------------------------------------------- */

/* -1: nobody listens; -2: somebody may, but cannot be reached. */
static int call_server(const char *path, guint wait_s)
{
    struct sockaddr_un address;
    if (!listener_address(path, &address))
        return -1;
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0)
        return -2;
    struct timeval patience = {.tv_sec = (time_t)wait_s};
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(server, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(server, (struct sockaddr *)&address, sizeof address) == 0)
        return server;
    int nobody = errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR;
    close(server);
    return nobody ? -1 : -2;
}

static bool send_all(int server, const char *bytes, gsize length)
{
    for (gsize done = 0; done < length;) {
        gssize step = send(server, bytes + done, length - done, MSG_NOSIGNAL);
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return false;
        done += (gsize)step;
    }
    return true;
}

/* False when the message itself could not be read to its end: nothing may be acknowledged then. A
 * server that stops listening has its reason, which its answer tells. */
static bool send_message(int server, int fd)
{
    g_autofree char *chunk = g_malloc(CHUNK);
    for (;;) {
        gssize step = read(fd, chunk, CHUNK);
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return false;
        if (step == 0 || !send_all(server, chunk, (gsize)step))
            return true;
    }
}

static void read_answer(int server, char *answer, gsize size)
{
    gsize length = 0;
    while (length + 1 < size) {
        gssize step = recv(server, answer + length, size - 1 - length, 0);
        if (step < 0 && errno == EINTR)
            continue;
        if (step <= 0)
            break;
        length += (gsize)step;
    }
    answer[length] = '\0';
}

static int through_server(int server, const char *slug, int fd)
{
    g_autofree char *first = g_strconcat(slug, "\n", NULL);
    bool whole = !send_all(server, first, strlen(first)) || send_message(server, fd);
    if (!whole) {
        close(server); /* not an end but a hang-up: the server drops it */
        return later("the message could not be read");
    }
    shutdown(server, SHUT_WR);
    char answer[32];
    read_answer(server, answer, sizeof answer);
    close(server);
    if (strcmp(answer, DELIVER_SAYS_OK) == 0)
        return DELIVER_DONE;
    if (strcmp(answer, DELIVER_SAYS_NO_OFFICE) == 0)
        return no_office(slug);
    return later(*answer ? "the server could not store it" : "the server does not answer");
}

/* --- without it ---------------------------------------------------------------------------- */

int deliver_find_office(Store *store, const char *slug, gint64 *office_id)
{
    Db *db = store_reader(store);
    g_autoptr(GError) error = NULL;
    g_autoptr(Office) office = office_find_by_slug(db, slug, &error);
    store_reader_done(store, db);
    if (office) {
        *office_id = office->id;
        return DELIVER_DONE;
    }
    return g_error_matches(error, STORE_ERROR, STORE_ERROR_NOT_FOUND) ? DELIVER_NO_OFFICE
                                                                      : DELIVER_LATER;
}

static int into_store(const Config *config, const char *slug, int fd)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = store_open_current(config->database, &error);
    if (!store)
        return later(error->message);
    gint64 office_id;
    int found = deliver_find_office(store, slug, &office_id);
    if (found == DELIVER_NO_OFFICE)
        return no_office(slug);
    if (found != DELIVER_DONE)
        return later("the store cannot be read");
    g_autoptr(Clock) clock = clock_new();
    g_autoptr(Arrival) arrival = arrival_new(config->max_message, config->upload_folder, &error);
    gint64 id;
    bool is_new;
    if (!arrival || !arrival_feed_fd(arrival, fd, &error) ||
        !arrival_store(arrival, store, office_id, clock_now(clock), &id, &is_new, &error))
        return later(error->message);
    return DELIVER_DONE;
}

int deliver_message(const Config *config, const char *office_slug, int fd, guint wait_s)
{
    if (!*office_slug || strpbrk(office_slug, "\r\n") || strlen(office_slug) > DELIVER_SLUG_MOST)
        return no_office("?");
    int server = call_server(config->socket, wait_s);
    if (server >= 0)
        return through_server(server, office_slug, fd);
    if (server == -1)
        return into_store(config, office_slug, fd);
    return later("the server's socket cannot be reached");
}
