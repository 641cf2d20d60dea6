/* desk_other.c - /scrivania/altra-posta: mail that made no request, with the reason why, and the
 * way to make one. */
#include "mail/intake.h"
#include "web/desk_pages.h"
#include "web/values.h"

#define OTHER_MOST 100
#define SHOWN_BYTES 65536

static void fill_message(Page *page, Value *element, const Message *message, const Office *office)
{
    value_set_printf(element, "id", "%" G_GINT64_FORMAT, message->id);
    value_set_copy(element, "subject", message->subject);
    value_set_copy(element, "from_name", message->from_name);
    value_set_copy(element, "from_email", message->from_email);
    value_set_copy(element, "request_code", message->request_code);
    value_set_boolean(element, "is_failed", message->state == MESSAGE_FAILED);
    value_set_boolean(element, "is_truncated", message->truncated);
    value_set_copy(element, "reason", message->reason);
    if (message->reason)
        value_set_boolean(value_set_object(element, "why"),
                          arena_copy(page->arena, message->reason), TRUE);
    desk_set_certified(page, element, message);
    page_set_when(page, element, "received", message->received_at, office->zone);
}

static bool fill(Page *page, const Office *office, GError **error)
{
    g_autoptr(GPtrArray) messages =
        message_list_other(page_db(page), office->id, G_MAXINT64, OTHER_MOST, error);
    Value *list = value_set_list(page->value, "messages");
    for (guint i = 0; messages && i < messages->len; i++)
        fill_message(page, value_append_object(list), messages->pdata[i], office);
    value_set_boolean(page->value, "has_messages", value_length(list) > 0);
    return messages != NULL;
}

void desk_other_show(Page *page)
{
    g_autoptr(Office) office = desk_office(page);
    if (!office)
        return;
    g_autoptr(GError) error = NULL;
    if (fill(page, office, &error))
        page_render(page, "pages/desk-other");
    else
        page_failed(page, error);
}

/* The message named by `text` when it belongs to the office; NULL else. */
static Message *find(Page *page, const Office *office, const char *text)
{
    gint64 id;
    if (!text || !g_ascii_string_to_signed(text, 10, 1, G_MAXINT64, &id, NULL))
        return NULL;
    g_autoptr(Message) message = message_find(page_db(page), id, NULL);
    return message && message->office_id == office->id ? g_steal_pointer(&message) : NULL;
}

void desk_other_raw(Page *page)
{
    g_autoptr(Office) office = desk_office(page);
    if (!office)
        return;
    g_autoptr(Message) message = find(page, office, page->params[0]);
    if (!message) {
        page_not_found(page);
        return;
    }
    Value *element = value_set_object(page->value, "message");
    fill_message(page, element, message, office);
    g_autoptr(GBytes) raw = message_raw(page_db(page), message->id, NULL);
    gsize length = 0;
    const char *bytes = raw ? g_bytes_get_data(raw, &length) : NULL;
    g_autofree char *source =
        g_utf8_make_valid(bytes ? bytes : "", (gssize)MIN(length, SHOWN_BYTES));
    value_set_copy(element, "source", source);
    value_set_boolean(element, "is_cut", length > SHOWN_BYTES);
    value_set_copy(element, "text", message->text);
    page_render(page, "pages/desk-other-one");
}

void desk_other_make(Page *page)
{
    g_autoptr(Office) office = desk_office(page);
    if (!office)
        return;
    g_autoptr(Message) message = find(page, office, page_field(page, "messaggio", 32));
    if (!message) {
        page_not_found(page);
        return;
    }
    if (message->request_id) { /* somebody was faster */
        page_redirect(page, "/scrivania/r/%s", message->request_code);
        return;
    }
    GError *error = NULL;
    const Actor actor = desk_actor(page, NULL);
    store_reader_done(page->app->store, page->db); /* the intake writes by itself */
    page->db = NULL;
    g_autofree char *code = intake_make_request(page->app->intake, message->id, &actor, &error);
    if (!code) {
        page_failed(page, error);
        g_clear_error(&error);
        return;
    }
    page_redirect(page, "/scrivania/r/%s", code);
}
