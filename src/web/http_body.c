/* http_body.c - bodies on their way in: small ones to memory, files of a multipart form to disk.
 *
 * A body over its limit is refused at once when the client asked first (Expect: 100-continue) or
 * means to send far too much; else the rest is read and dropped, because a client that is still
 * sending does not see an answer on a connection that is closed under it, and a person shall read
 * why the upload was refused.
 */
#include "web/http_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DRAIN_LIMIT ((gint64)256 * 1024 * 1024) /* bytes read and dropped beyond a limit */

static gint64 limit_of(const HttpRequest *request)
{
    const HttpSettings *settings = &request->server->settings;
    return request->kind == BODY_MULTIPART ? settings->upload_limit : (gint64)settings->form_limit;
}

/* --- the parts of a multipart form
 * ----------------------------------------------------------------- */

static gboolean refuse(HttpRequest *request, guint status)
{
    request->refusal = status;
    return FALSE;
}

static void upload_clear(gpointer data)
{
    HttpUpload *upload = data;
    if (upload->file)
        g_unlink(upload->file);
    g_free((char *)upload->field);
    g_free((char *)upload->name);
    g_free((char *)upload->type);
    g_free((char *)upload->file);
}

static gboolean begin_upload(HttpRequest *request, const char *name, const char *file,
                             const char *type)
{
    g_autofree char *path =
        g_build_filename(request->server->settings.upload_folder, "upload-XXXXXX", NULL);
    request->upload_fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    if (request->upload_fd < 0) {
        g_warning("event=upload_failed reason=\"%s\"", g_strerror(errno));
        return refuse(request, 500);
    }
    if (!request->uploads) {
        request->uploads = g_array_new(FALSE, FALSE, sizeof(HttpUpload));
        g_array_set_clear_func(request->uploads, upload_clear);
    }
    HttpUpload upload = {g_strdup(name), g_strdup(file),
                         g_strdup(type ? type : "application/octet-stream"), g_steal_pointer(&path),
                         0};
    g_array_append_val(request->uploads, upload);
    return TRUE;
}

static gboolean begin_part(const char *name, const char *file, const char *type, gpointer context)
{
    HttpRequest *request = context;
    if (file)
        return begin_upload(request, name, file, type);
    request->field_name = g_strdup(name);
    request->body = g_string_new(NULL);
    return TRUE;
}

static gboolean write_upload(HttpRequest *request, const char *bytes, gsize length)
{
    HttpUpload *upload = &g_array_index(request->uploads, HttpUpload, request->uploads->len - 1);
    upload->size += (gint64)length;
    while (length > 0) {
        gssize written = write(request->upload_fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            g_warning("event=upload_failed reason=\"%s\"", g_strerror(errno));
            return refuse(request, errno == ENOSPC || errno == EDQUOT ? 507 : 500);
        }
        bytes += written;
        length -= (gsize)written;
    }
    return TRUE;
}

static gboolean part_data(const char *bytes, gsize length, gpointer context)
{
    HttpRequest *request = context;
    if (request->upload_fd >= 0)
        return write_upload(request, bytes, length);
    request->field_bytes += length;
    if (request->field_bytes > request->server->settings.form_limit)
        return refuse(request, 413);
    g_string_append_len(request->body, bytes, (gssize)length);
    return TRUE;
}

/* A browser sends an empty file without a name for a field in which none was chosen. */
static void end_upload(HttpRequest *request)
{
    guint last = request->uploads->len - 1;
    const HttpUpload *upload = &g_array_index(request->uploads, HttpUpload, last);
    close(request->upload_fd);
    request->upload_fd = -1;
    if (upload->size == 0 && upload->name[0] == '\0')
        g_array_remove_index(request->uploads, last);
}

static gboolean end_part(gpointer context)
{
    HttpRequest *request = context;
    if (request->upload_fd >= 0) {
        end_upload(request);
        return TRUE;
    }
    if (!g_utf8_validate_len(request->body->str, request->body->len, NULL)) /* refuses NUL too */
        return refuse(request, 400);
    HttpField field = {g_steal_pointer(&request->field_name),
                       g_string_free(g_steal_pointer(&request->body), FALSE)};
    g_array_append_val(request->form, field);
    return TRUE;
}

/* --- the whole body
 * ---------------------------------------------------------------------------------- */

static gboolean is_type(const char *type, const char *wanted)
{
    gsize length = strlen(wanted);
    return type && g_ascii_strncasecmp(type, wanted, length) == 0 &&
           strchr("; \t", type[length]) != NULL;
}

static guint open_kind(HttpRequest *request, const char *type)
{
    static const HttpMultipartEvents events = {begin_part, part_data, end_part};
    request->kind = BODY_OTHER;
    if (is_type(type, "application/x-www-form-urlencoded")) {
        request->kind = BODY_URLENCODED;
        request->form = http_fields_new();
    } else if (is_type(type, "multipart/form-data")) {
        request->multipart = http_multipart_new(type, &events, request);
        if (!request->multipart)
            return 400;
        request->kind = BODY_MULTIPART;
        request->form = http_fields_new();
    }
    return 0;
}

guint http_body_open(HttpRequest *request, const HttpHeaderFacts *facts)
{
    const gint64 length = facts->length ? g_ascii_strtoll(facts->length, NULL, 10) : 0;
    if (length == 0 && !facts->encodings)
        return 0;
    if (facts->coding && g_ascii_strcasecmp(facts->coding, "identity") != 0)
        return 415;
    guint refusal = open_kind(request, facts->type);
    if (refusal)
        return refusal;
    const gint64 over = length - limit_of(request);
    if (over <= 0)
        return 0;
    if (facts->expect || over > DRAIN_LIMIT)
        return 413;
    request->refusal = 413;
    return 0;
}

gboolean http_body_feed(HttpRequest *request, const char *bytes, gsize length)
{
    request->received += (gint64)length;
    const gint64 over = request->received - limit_of(request);
    if (over > 0 && !request->refusal)
        request->refusal = 413;
    if (request->refusal)
        return over <= DRAIN_LIMIT;
    if (request->multipart) {
        if (!http_multipart_feed(request->multipart, bytes, length) && !request->refusal)
            request->refusal = 400;
        return TRUE;
    }
    if (!request->body)
        request->body = g_string_new(NULL);
    g_string_append_len(request->body, bytes, (gssize)length);
    return TRUE;
}

void http_body_close(HttpRequest *request)
{
    if (request->refusal)
        return;
    if (request->multipart && !http_multipart_ended(request->multipart))
        request->refusal = 400;
    if (request->kind == BODY_URLENCODED && request->body &&
        !http_form_read(request->body->str, request->body->len, request->form))
        request->refusal = 400;
}

void http_body_free(HttpRequest *request)
{
    if (request->upload_fd >= 0)
        close(request->upload_fd);
    request->upload_fd = -1;
    g_clear_pointer(&request->uploads, g_array_unref);
    g_clear_pointer(&request->form, g_array_unref);
    g_clear_pointer(&request->multipart, http_multipart_free);
    g_clear_pointer(&request->field_name, g_free);
    if (request->body)
        g_string_free(g_steal_pointer(&request->body), TRUE);
}
