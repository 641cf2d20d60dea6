/* request_thread.c - the messages of a request, newest whole and older folded, and its history.
 * What machines said about a letter stands in the letter; what a message quotes is folded. */
#include "reading/reading.h"
#include "store/letter_receipt.h"
#include "web/request_marks.h"
#include "web/request_pages.h"

#include <string.h>

/* The numbered proposals of value.proposals as marks. */
static GArray *marks_of(const Page *page)
{
    GArray *marks = g_array_new(FALSE, FALSE, sizeof(RequestMark));
    g_array_set_clear_func(marks, request_mark_clear);
    const Value *items = value_get(value_get(page->value, "proposals"), "items");
    for (guint i = 0; i < value_length(items); i++) {
        const Value *item = value_at(items, i);
        const RequestMark mark = {g_strdup(value_get_text(item, "found")),
                                  (guint)value_get_integer(item, "n"),
                                  (gsize)value_get_integer(item, "place")};
        g_array_append_val(marks, mark);
    }
    return marks;
}

/* block.pieces = [{text, n}]: the words of the span, cut at the marks. */
static void set_pieces(Page *page, Value *block, const char *text, const GArray *pieces,
                       ReadingSpan span)
{
    Value *list = value_set_list(block, "pieces");
    for (guint i = 0; i < pieces->len; i++) {
        const RequestPiece *piece = &g_array_index(pieces, RequestPiece, i);
        gsize from = MAX(piece->from, span.from), until = MIN(piece->until, span.until);
        if (from >= until)
            continue;
        Value *shown = value_append_object(list);
        value_set_text(shown, "text",
                       arena_printf(page->arena, "%.*s", (int)(until - from), text + from));
        if (piece->number)
            value_set_integer(shown, "n", piece->number);
    }
}

/* Nothing to see: no block. Empty lines around it go. */
static void add_block(Page *page, Value *blocks, const char *text, const GArray *pieces,
                      ReadingSpan span, bool is_quoted)
{
    while (span.from < span.until && strchr("\r\n", text[span.from]))
        span.from++;
    while (span.from < span.until && g_ascii_isspace(text[span.until - 1]))
        span.until--;
    if (span.from == span.until)
        return;
    Value *block = value_append_object(blocks);
    value_set_boolean(block, "is_quoted", is_quoted);
    set_pieces(page, block, text, pieces, span);
}

/* element.blocks = [{is_quoted, pieces}]: the text, quotations apart. */
static void set_blocks(Page *page, Value *element, const Message *message, const GArray *marks)
{
    const char *text = message->text ? message->text : "";
    g_autoptr(GArray) pieces = request_marks_find(text, marks);
    g_autoptr(GArray) quotes = reading_quotes(text, message->subject);
    Value *blocks = value_set_list(element, "blocks");
    gsize reached = 0;
    for (guint i = 0; i < quotes->len; i++) {
        const ReadingSpan quote = g_array_index(quotes, ReadingSpan, i);
        const ReadingSpan own = {reached, quote.from};
        add_block(page, blocks, text, pieces, own, false);
        add_block(page, blocks, text, pieces, quote, true);
        reached = quote.until;
    }
    const ReadingSpan rest = {reached, strlen(text)};
    add_block(page, blocks, text, pieces, rest, false);
}

static void show_attachment(Page *page, Value *list, const Attachment *attachment, const char *code)
{
    Value *element = value_append_object(list);
    value_set_copy(element, "name", attachment->name);
    value_set_copy(element, "type", attachment->type);
    value_set_integer(element, "kib", (attachment->size + 1023) / 1024);
    value_set_boolean(element, "is_signed", attachment->signature != NULL);
    value_set_boolean(element, "is_quarantined", attachment->quarantine);
    value_set_boolean(element, "is_erased", attachment->erased_at != 0);
    if (!attachment->quarantine && !attachment->erased_at)
        value_set_text(element, "url",
                       arena_printf(page->arena, "/scrivania/r/%s/allegato/%" G_GINT64_FORMAT, code,
                                    attachment->id));
}

static void show_message(Page *page, Value *element, const Message *message,
                         const RequestAtHand *at, const GArray *marks)
{
    value_set_boolean(element, "is_in", TRUE);
    value_set_copy(element, "from_name", message->from_name);
    value_set_copy(element, "from_email", message->from_email);
    value_set_copy(element, "subject", message->subject);
    value_set_boolean(element, "is_unread", message->state == MESSAGE_STORED);
    value_set_boolean(element, "is_failed", message->state == MESSAGE_FAILED);
    value_set_boolean(element, "is_truncated", message->truncated);
    value_set_boolean(element, "is_auto_reply", g_strcmp0(message->kind, "auto_reply") == 0);
    value_set_boolean(element, "is_bounce", g_strcmp0(message->kind, "bounce") == 0);
    value_set_boolean(element, "is_receipt", g_strcmp0(message->kind, "pec_receipt") == 0);
    value_set_boolean(element, "is_calendar_reply", g_strcmp0(message->kind, "itip_reply") == 0);
    value_set_integer(element, "kib", (message->size + 1023) / 1024);
    desk_set_certified(page, element, message);
    set_blocks(page, element, message, marks);
    Value *list = value_set_list(element, "attachments");
    for (guint i = 0; message->attachments && i < message->attachments->len; i++)
        show_attachment(page, list, message->attachments->pdata[i], at->request->code);
    value_set_boolean(element, "has_attachments", value_length(list) > 0);
}

static void show_letter(Page *page, Value *element, const Letter *letter)
{
    value_set_boolean(element, "is_out", TRUE);
    value_set_copy(element, "recipient", letter->recipient);
    value_set_copy(element, "subject", letter->subject);
    value_set_copy(element, "text", letter->text);
    value_set_boolean(element, arena_printf(page->arena, "is_%s", letter_state_name(letter->state)),
                      TRUE);
    value_set_boolean(value_set_object(element, "kind"), arena_copy(page->arena, letter->kind),
                      TRUE);
    bool is_out = letter->state != LETTER_WAITING && letter->state != LETTER_FAILED;
    value_set_copy(element, "error", is_out ? NULL : letter->last_error);
}

/* Of certified mail. */
static bool is_receipt(const Message *message)
{
    return g_strcmp0(message->kind, "pec_receipt") == 0;
}

/* The automatic receipt stands under the mail it answers, not over it. */
static void put_receipts_under(GPtrArray *entries)
{
    for (guint i = 0; i + 1 < entries->len; i++) {
        const ThreadEntry *entry = entries->pdata[i], *next = entries->pdata[i + 1];
        if (!entry->message || !next->letter || g_strcmp0(next->letter->kind, "receipt") != 0)
            continue;
        gpointer mail = entries->pdata[i];
        entries->pdata[i] = entries->pdata[i + 1];
        entries->pdata[i + 1] = mail;
        i++;
    }
}

bool request_show_thread(Page *page, const RequestAtHand *at, GError **error)
{
    g_autoptr(GPtrArray) entries = request_thread(page_db(page), at->request->id, error);
    if (!entries)
        return false;
    g_autoptr(GPtrArray) receipts =
        letter_receipt_list_for_request(page_db(page), at->request->id, error);
    if (!receipts)
        return false;
    g_autoptr(GArray) marks = marks_of(page);
    Value *thread = value_set_list(page->value, "thread");
    bool seen_message = false;
    put_receipts_under(entries);
    for (guint i = entries->len; i > 0; i--) { /* newest first */
        const ThreadEntry *entry = entries->pdata[i - 1];
        bool of_machine = entry->message && is_receipt(entry->message);
        if (of_machine && !desk_is_doubted(receipts, entry->message))
            continue; /* its letter tells it */
        Value *element = value_append_object(thread);
        page_set_when(page, element, "when", entry->at, at->office->zone);
        if (entry->message)
            show_message(page, element, entry->message, at, marks);
        else
            show_letter(page, element, entry->letter);
        value_set_boolean(element, "is_doubted", of_machine);
        if (entry->letter)
            desk_set_receipts(page, element, receipts, entry->letter->id, at->office);
        bool opens = entry->message && !of_machine && !seen_message;
        value_set_boolean(element, "is_open", opens);
        seen_message = seen_message || opens;
    }
    value_set_boolean(page->value, "has_thread", value_length(thread) > 0);
    value_set_boolean(page->value, "has_message", seen_message);
    return true;
}

bool request_show_history(Page *page, const RequestAtHand *at, GError **error)
{
    g_autoptr(GPtrArray) entries = audit_list_for_request(page_db(page), at->request->id, error);
    Value *history = value_set_list(page->value, "history");
    for (guint i = entries ? entries->len : 0; i > 0; i--) {
        const AuditEntry *entry = entries->pdata[i - 1];
        Value *element = value_append_object(history);
        page_set_when(page, element, "when", entry->at, at->office->zone);
        value_set_boolean(value_set_object(element, "did"), arena_copy(page->arena, entry->action),
                          TRUE);
        value_set_boolean(element,
                          arena_printf(page->arena, "by_%s", actor_kind_name(entry->actor)), TRUE);
        value_set_copy(element, "who", entry->officer_name);
        value_set_copy(element, "action", entry->action);
        if (entry->from_state)
            value_set_boolean(value_set_object(element, "from"),
                              arena_copy(page->arena, entry->from_state), TRUE);
        if (entry->to_state)
            value_set_boolean(value_set_object(element, "to"),
                              arena_copy(page->arena, entry->to_state), TRUE);
    }
    return entries != NULL;
}
