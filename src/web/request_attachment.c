/* request_attachment.c - a document of the thread handed out: always as a download, never what is
 * in quarantine. */
#include "web/request_decode.h"
#include "web/request_pages.h"

static Attachment *find(Page *page, const RequestAtHand *at)
{
    gint64 id;
    if (!page_number(page->params[1], &id))
        return NULL;
    g_autoptr(Attachment) attachment = attachment_find(page_db(page), id, NULL);
    if (!attachment || attachment->request_id != at->request->id || attachment->quarantine ||
        attachment->erased_at)
        return NULL;
    return g_steal_pointer(&attachment);
}

static bool decode_piece(const guint8 *bytes, gsize length, gpointer data)
{
    request_decode_feed(data, bytes, length);
    return true;
}

static const char *safe_type(const char *type)
{
    static const char *const known[] = {"application/pdf", "image/jpeg", "image/png", "text/plain",
                                        NULL};
    return type && g_strv_contains(known, type) ? type : "application/octet-stream";
}

/* RFC 6266: an ASCII name for old programs, the real one in UTF-8 (RFC 8187). */
static char *disposition(const char *name)
{
    g_autofree char *ascii = g_strdup(name ? name : "");
    for (char *c = ascii; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr("._- ", *c))
            *c = '_';
    g_autofree char *encoded = g_uri_escape_string(name ? name : "", NULL, FALSE);
    return g_strdup_printf("attachment; filename=\"%s\"; filename*=UTF-8''%s", ascii, encoded);
}

void request_attachment(Page *page)
{
    g_auto(RequestAtHand) at = {0};
    GError *error = NULL;
    if (!request_at_hand_open(page, &at))
        return;
    g_autoptr(Attachment) attachment = find(page, &at);
    if (!attachment) {
        page_not_found(page);
        return;
    }
    g_autoptr(RequestDecode) decode = request_decode_new(attachment->encoding);
    if (!attachment_each_piece(page_db(page), attachment->id, decode_piece, decode, &error)) {
        page_failed(page, error);
        g_clear_error(&error);
        return;
    }
    g_autofree char *named = disposition(attachment->name);
    http_reply_type(page->reply, safe_type(attachment->type));
    http_reply_header(page->reply, "Content-Disposition", named);
    http_reply_header(page->reply, "X-Content-Type-Options", "nosniff");
    http_reply_header(page->reply, "Content-Security-Policy", "default-src 'none'; sandbox");
    http_reply_header(page->reply, "Cache-Control", "no-store");
    http_reply_header(page->reply, "Cross-Origin-Resource-Policy", "same-origin");
    http_reply_body(page->reply, request_decode_end(decode));
}
