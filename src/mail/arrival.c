/* arrival.c - bytes of one message on their way to a row: in memory, then in a file without a name.
 *
 * The digest (fingerprint.h) counts all bytes that came, also those that are not kept, so that a
 * message sent twice is one row whatever its size and way. Nothing here looks into the message but
 * for the end of its headers.
 */
#include "mail/arrival.h"
#include "base/token.h"
#include "mail/fingerprint.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define IN_MEMORY ((gsize)1024 * 1024)
#define KEPT_OF_BODY ((gsize)1024 * 1024)
#define KEPT_OF_HEADERS ((gsize)1024 * 1024)
#define CHUNK 65536

struct Arrival {
    gint64 max_message;
    char *folder;
    gint64 size;        /* bytes that came */
    gint64 kept;        /* of them, in `memory` or `file`; never more than max_message */
    GByteArray *memory; /* NULL once the file is used */
    int file;           /* -1: none */
    GMappedFile *map;   /* of `file`, once it is complete */
    Fingerprint *digest;
};

Arrival *arrival_new(gint64 max_message, const char *folder, GError **error)
{
    if (g_mkdir_with_parents(folder, 0700) < 0) {
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "no folder %s: %s",
                    folder, g_strerror(errno));
        return NULL;
    }
    Arrival *arrival = g_new0(Arrival, 1);
    arrival->max_message = max_message;
    arrival->folder = g_strdup(folder);
    arrival->memory = g_byte_array_new();
    arrival->file = -1;
    arrival->digest = fingerprint_new();
    return arrival;
}

void arrival_free(Arrival *arrival)
{
    if (!arrival)
        return;
    g_clear_pointer(&arrival->map, g_mapped_file_unref);
    if (arrival->file >= 0)
        close(arrival->file);
    if (arrival->memory)
        g_byte_array_unref(arrival->memory);
    fingerprint_free(arrival->digest);
    g_free(arrival->folder);
    g_free(arrival);
}

void arrival_tell_size(Arrival *arrival, gint64 size)
{
    arrival->size = MAX(arrival->size, size);
}

gint64 arrival_size(const Arrival *arrival)
{
    return arrival->size;
}

static bool failed(const char *what, GError **error)
{
    int code = errno;
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "%s: %s", what,
                g_strerror(code));
    return false;
}

static bool write_file(int file, const guint8 *bytes, gsize length, GError **error)
{
    for (gsize done = 0; done < length;) {
        gssize step = write(file, bytes + done, length - done);
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return failed("writing the message", error);
        done += (gsize)step;
    }
    return true;
}

static bool open_file(Arrival *arrival, GError **error)
{
    arrival->file = open(arrival->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (arrival->file < 0) { /* not every file system has files without a name */
        g_autofree char *name = g_build_filename(arrival->folder, "arrival-XXXXXX", NULL);
        arrival->file = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600);
        if (arrival->file < 0)
            return failed("no file for the message", error);
        g_unlink(name);
    }
    if (!write_file(arrival->file, arrival->memory->data, arrival->memory->len, error))
        return false;
    g_clear_pointer(&arrival->memory, g_byte_array_unref);
    return true;
}

bool arrival_feed(Arrival *arrival, const void *bytes, gsize length, GError **error)
{
    fingerprint_feed(arrival->digest, bytes, length);
    arrival->size += (gint64)length;
    gint64 room = arrival->max_message - arrival->kept;
    gsize keep = room > 0 ? (gsize)MIN((gint64)length, room) : 0;
    if (!keep)
        return true;
    if (arrival->memory && arrival->memory->len + keep > IN_MEMORY && !open_file(arrival, error))
        return false;
    arrival->kept += (gint64)keep;
    if (!arrival->memory)
        return write_file(arrival->file, bytes, keep, error);
    g_byte_array_append(arrival->memory, bytes, (guint)keep);
    return true;
}

bool arrival_feed_fd(Arrival *arrival, int fd, GError **error)
{
    struct stat about;
    if (arrival->memory && !arrival->memory->len && fstat(fd, &about) == 0) /* else it grows */
        g_byte_array_set_size(arrival->memory, (guint)CLAMP(about.st_size, 0, (goffset)IN_MEMORY));
    if (arrival->memory)
        g_byte_array_set_size(arrival->memory, 0);
    g_autofree guint8 *chunk = g_malloc(CHUNK);
    for (;;) {
        gssize step = read(fd, chunk, CHUNK);
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return failed("reading the message", error);
        if (step == 0)
            return true;
        if (!arrival_feed(arrival, chunk, (gsize)step, error))
            return false;
    }
}

/* --- the row ------------------------------------------------------------------------------- */

typedef struct {
    MessageArrival row;
    gint64 id;
    bool is_new;
} Storing;

static bool store_job(Db *db, gpointer data, GError **error)
{
    Storing *storing = data;
    return message_store(db, &storing->row, &storing->id, &storing->is_new, error);
}

/* Headers and the first MiB after them. */
static gsize kept_of_too_large(const char *bytes, gsize length)
{
    gsize search = MIN(length, KEPT_OF_HEADERS);
    const char *lf = memmem(bytes, search, "\n\n", 2);
    const char *crlf = memmem(bytes, search, "\r\n\r\n", 4);
    gsize headers = search;
    if (crlf && (!lf || crlf < lf))
        headers = (gsize)(crlf - bytes) + 4;
    else if (lf)
        headers = (gsize)(lf - bytes) + 2;
    return MIN(length, headers + KEPT_OF_BODY);
}

bool arrival_row(Arrival *arrival, gint64 office_id, gint64 received_at, MessageArrival *row,
                 GError **error)
{
    if (!arrival->memory && !arrival->map)
        arrival->map = g_mapped_file_new_from_fd(arrival->file, FALSE, error);
    if (!arrival->memory && !arrival->map)
        return false;
    const char *bytes = "";
    if (arrival->map)
        bytes = g_mapped_file_get_contents(arrival->map);
    else if (arrival->memory->len)
        bytes = (const char *)arrival->memory->data;
    bool truncated = arrival->size > arrival->kept;
    gsize kept = (gsize)arrival->kept;
    *row = (MessageArrival){
        .id = token_new_id(),
        .office_id = office_id,
        .bytes = bytes,
        .length = truncated ? kept_of_too_large(bytes, kept) : kept,
        .size = arrival->size,
        .truncated = truncated,
        .digest = fingerprint_text(arrival->digest),
        .received_at = received_at,
    };
    return true;
}

bool arrival_store(Arrival *arrival, Store *store, gint64 office_id, gint64 received_at,
                   gint64 *message_id, bool *is_new, GError **error)
{
    Storing storing = {0};
    if (!arrival_row(arrival, office_id, received_at, &storing.row, error) ||
        !store_write(store, store_job, &storing, error))
        return false;
    *message_id = storing.id;
    *is_new = storing.is_new;
    return true;
}
