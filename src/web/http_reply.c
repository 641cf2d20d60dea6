/* Replies: what a handler asks for, and how it becomes the library's response. */
#include "web/http_internal.h"
#include <string.h>

void http_reply_reset(HttpReply *reply)
{
    if (reply->headers)
        g_string_free(reply->headers, TRUE);
    if (reply->body)
        g_string_free(reply->body, TRUE);
    g_clear_pointer(&reply->bytes, g_bytes_unref);
    g_free(reply->live.topic);
    if (reply->live.member_free)
        reply->live.member_free(reply->live.member);
    *reply = (HttpReply){.request = reply->request};
}

void http_reply_status(HttpReply *reply, guint status)
{
    g_assert(status >= 200 && status <= 599);
    reply->status = status;
}

guint http_reply_get_status(const HttpReply *reply)
{
    return reply->status ? reply->status : 200;
}

void http_reply_header(HttpReply *reply, const char *name, const char *value)
{
    g_assert(!strpbrk(name, "\r\n: \t") && !strpbrk(value, "\r\n"));
    if (!reply->headers)
        reply->headers = g_string_sized_new(512);
    g_string_append_len(reply->headers, name, (gssize)strlen(name) + 1);
    g_string_append_len(reply->headers, value, (gssize)strlen(value) + 1);
}

void http_reply_type(HttpReply *reply, const char *content_type)
{
    http_reply_header(reply, "Content-Type", content_type);
}

static void drop_body(HttpReply *reply)
{
    if (reply->body)
        g_string_free(reply->body, TRUE);
    reply->body = NULL;
    g_clear_pointer(&reply->bytes, g_bytes_unref);
    reply->constant = NULL;
    reply->constant_length = 0;
}

void http_reply_body(HttpReply *reply, GString *body)
{
    drop_body(reply);
    reply->body = body;
}

void http_reply_bytes(HttpReply *reply, GBytes *bytes)
{
    GBytes *kept = g_bytes_ref(bytes);
    drop_body(reply);
    reply->bytes = kept;
}

void http_reply_constant(HttpReply *reply, const void *bytes, gsize length)
{
    drop_body(reply);
    reply->constant = bytes;
    reply->constant_length = length;
}

void http_reply_redirect(HttpReply *reply, const char *location)
{
    http_reply_status(reply, 303);
    http_reply_header(reply, "Location", location);
}

void http_reply_cookie(HttpReply *reply, const char *name, const char *value, gint64 max_age_s,
                       gboolean secure)
{
    g_assert(!strpbrk(value, "; \t\","));
    g_autoptr(GString) cookie = g_string_new(NULL);
    g_string_append_printf(cookie, "%s=%s; Path=/; HttpOnly; SameSite=Lax", name, value);
    if (max_age_s >= 0)
        g_string_append_printf(cookie, "; Max-Age=%" G_GINT64_FORMAT, max_age_s);
    if (secure)
        g_string_append(cookie, "; Secure");
    http_reply_header(reply, "Set-Cookie", cookie->str);
}

gsize http_reply_length(const HttpReply *reply)
{
    if (reply->body)
        return reply->body->len;
    return reply->bytes ? g_bytes_get_size(reply->bytes) : reply->constant_length;
}

static void free_bytes(void *bytes)
{
    g_bytes_unref(bytes);
}

static struct MHD_Response *with_body(HttpReply *reply)
{
    if (reply->body) {
        gsize length = reply->body->len;
        char *text = g_string_free(reply->body, FALSE);
        reply->body = NULL;
        return MHD_create_response_from_buffer_with_free_callback(length, text, g_free);
    }
    if (reply->bytes) {
        gsize length;
        GBytes *bytes = g_steal_pointer(&reply->bytes);
        gconstpointer data = g_bytes_get_data(bytes, &length);
        return MHD_create_response_from_buffer_with_free_callback_cls(length, (void *)data,
                                                                      free_bytes, bytes);
    }
    return MHD_create_response_from_buffer(reply->constant_length, (void *)reply->constant,
                                           MHD_RESPMEM_PERSISTENT);
}

struct MHD_Response *http_reply_build(HttpReply *reply)
{
    struct MHD_Response *response = with_body(reply);
    g_assert(response);
    const char *at = reply->headers ? reply->headers->str : NULL;
    const char *end = at ? at + reply->headers->len : NULL;
    while (at < end) {
        const char *value = at + strlen(at) + 1;
        if (MHD_add_response_header(response, at, value) != MHD_YES)
            g_warning("event=header_refused name=%s", at);
        at = value + strlen(value) + 1;
    }
    if (reply->close)
        MHD_add_response_header(response, "Connection", "close");
    return response;
}
