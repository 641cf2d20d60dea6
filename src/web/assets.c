/* assets.c - see assets.h. Files lie below one folder named after the hash of them all, so every
 * answer may be kept for ever; the strong ETag is the file's own hash with the encoding that was
 * sent.
 */
#include "web/assets.h"
#include "base/embedded.h"
#include <string.h>

/* Does the list name `coding` without q=0? */
static gboolean accepts(char *const *list, const char *coding)
{
    for (; *list; list++) {
        g_auto(GStrv) parts = g_strsplit(*list, ";", 2);
        if (!parts[0] || g_ascii_strcasecmp(g_strstrip(parts[0]), coding) != 0)
            continue;
        const char *weight = parts[1] ? strchr(parts[1], '=') : NULL;
        return !weight || g_ascii_strtod(weight + 1, NULL) > 0;
    }
    return FALSE;
}

const char *assets_encoding(const char *accept_encoding, gboolean has_brotli, gboolean has_gzip)
{
    if (!accept_encoding)
        return NULL;
    g_auto(GStrv) list = g_strsplit(accept_encoding, ",", 64);
    if (has_brotli && accepts(list, "br"))
        return "br";
    return has_gzip && accepts(list, "gzip") ? "gzip" : NULL;
}

static void send_file(const HttpRequest *request, HttpReply *reply, const EmbeddedFile *file)
{
    const char *encoding = assets_encoding(http_request_header(request, "Accept-Encoding"),
                                           file->brotli != NULL, file->gzip != NULL);
    const gboolean is_brotli = encoding && g_str_equal(encoding, "br");
    char tag[48];
    g_snprintf(tag, sizeof tag, "\"%s%s%s\"", file->hash, encoding ? "-" : "",
               encoding ? encoding : "");
    http_reply_header(reply, "ETag", tag);
    http_reply_header(reply, "Cache-Control", "public, max-age=31536000, immutable");
    http_reply_header(reply, "Vary", "Accept-Encoding");
    http_reply_header(reply, "X-Content-Type-Options", "nosniff");
    const char *known = http_request_header(request, "If-None-Match");
    if (known && strstr(known, tag)) {
        http_reply_status(reply, 304);
        return;
    }
    http_reply_type(reply, file->type);
    if (encoding)
        http_reply_header(reply, "Content-Encoding", encoding);
    if (!encoding)
        http_reply_constant(reply, file->bytes, file->length);
    else if (is_brotli)
        http_reply_constant(reply, file->brotli, file->brotli_length);
    else
        http_reply_constant(reply, file->gzip, file->gzip_length);
}

/* "/assets/<hash>/css/app.css" to its file; NULL for another hash or an unknown name. */
static const EmbeddedFile *find_file(const char *below)
{
    const gsize hash_length = strlen(embedded_assets_hash);
    if (strncmp(below, embedded_assets_hash, hash_length) != 0 || below[hash_length] != '/')
        return NULL;
    g_autofree char *name = g_strconcat("assets", below + hash_length, NULL);
    return embedded_find(name);
}

gboolean assets_answer(const HttpRequest *request, HttpReply *reply)
{
    static const char folder[] = "/assets/";
    static const char ready[] = "ok\n";
    const char *path = http_request_path(request);
    if (!g_str_equal(http_request_method(request), "GET"))
        return FALSE;
    if (g_str_equal(path, "/healthz")) {
        http_reply_type(reply, "text/plain; charset=utf-8");
        http_reply_header(reply, "Cache-Control", "no-store");
        http_reply_constant(reply, ready, sizeof ready - 1);
        return TRUE;
    }
    if (!g_str_has_prefix(path, folder))
        return FALSE;
    const EmbeddedFile *file = find_file(path + sizeof folder - 1);
    if (!file)
        return FALSE; /* a worker says so in words */
    send_file(request, reply, file);
    return TRUE;
}
