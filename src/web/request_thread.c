/* request_thread.c - the messages of a request, newest whole and older folded, and its history.
 * What machines said about a letter stands in the letter; what a message quotes is folded. */
#include "reading/reading.h"
#include "store/letter_receipt.h"
#include "web/request_marks.h"
#include "web/request_pages.h"

#include <string.h>

/* Of certified mail. */
static bool is_receipt(const Message *message)
{
    return g_strcmp0(message->kind, "pec_receipt") == 0;
}

/* --- marks --- */

/* Which message the words of a proposal stand in: the first of the request, 0 for the note of a
 * phone call; but times that a later message asked for instead stand in that one
 * (mail/intake_caused.c). */
typedef struct {
    const char *subject; /* as it was read, without prefixes */
    gint64 first_id, wishes_id;
    Value *items; /* value.proposals.items */
} Marked;

static Marked marked_of(const Page *page, const RequestAtHand *at, const Value *reading,
                        const GPtrArray *entries)
{
    const Value *proposals = value_get(page->value, "proposals");
    Marked marked = {.items = (Value *)value_get(proposals, "items")};
    const bool has_note = at->request->source == SOURCE_PHONE;
    for (guint i = 0; !has_note && i < entries->len && marked.first_id == 0; i++) {
        const ThreadEntry *entry = entries->pdata[i];
        if (entry->message && !is_receipt(entry->message))
            marked.first_id = entry->message->id;
    }
    marked.subject = reading ? value_get_text(reading, "subject_clean") : NULL;
    const gint64 wishes_id = reading ? value_get_integer(reading, "preferences_message") : 0;
    marked.wishes_id = wishes_id ? wishes_id : marked.first_id;
    return marked;
}

/* The marks in the text or the subject ("text", "subject") of a message; 0: of a note. */
static GArray *marks_in(const Marked *marked, gint64 message_id, const char *source)
{
    GArray *marks = g_array_new(FALSE, FALSE, sizeof(RequestMark));
    const bool is_subject = strcmp(source, "subject") == 0;
    for (guint i = 0; i < value_length(marked->items); i++) {
        const Value *item = value_at(marked->items, i);
        const bool is_wish = value_get_boolean(item, "is_wish");
        const gint64 id = is_wish ? marked->wishes_id : marked->first_id;
        const gint64 from = value_get_integer(item, "start"),
                     until = value_get_integer(item, "end");
        const RequestMark mark = {(gsize)from, (gsize)until, (guint)value_get_integer(item, "n")};
        /* the subject of a later message is not kept as it was read */
        const bool is_known = !is_subject || id == marked->first_id;
        if (id == message_id && is_known && from >= 0 && until > from &&
            g_strcmp0(value_get_text(item, "source"), source) == 0)
            g_array_append_val(marks, mark);
    }
    return marks;
}

/* The words of these proposals can be followed to. */
static void note_shown(const Marked *marked, const GArray *numbers)
{
    for (guint i = 0; i < numbers->len; i++) {
        const guint number = g_array_index(numbers, guint, i);
        value_set_boolean((Value *)value_at(marked->items, number - 1), "has_mark", TRUE);
    }
}

static const char *numbers_in_words(Page *page, const GArray *numbers)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < numbers->len; i++)
        g_string_append_printf(text, "%s%u", i ? " " : "", g_array_index(numbers, guint, i));
    return arena_copy(page->arena, text->str);
}

/* The link to the innermost proposal whose words end here, and to the others beside it. */
static void set_ends(Value *shown, const GArray *ends)
{
    if (ends->len == 0)
        return;
    value_set_integer(shown, "n", g_array_index(ends, guint, 0));
    Value *also = value_set_list(shown, "also");
    for (guint i = 1; i < ends->len; i++)
        value_set_integer(value_append_object(also), "n", g_array_index(ends, guint, i));
}

/* parent.pieces = [{text, is_marked, within, n, also}]: the words of the span, cut at the marks.
 * True: some are marked. */
static bool set_pieces(Page *page, Value *parent, const char *text, const GArray *pieces,
                       ReadingSpan span, const Marked *marked)
{
    Value *list = value_set_list(parent, "pieces");
    bool any = false;
    for (guint i = 0; i < pieces->len; i++) {
        const RequestPiece *piece = &g_array_index(pieces, RequestPiece, i);
        const gsize from = MAX(piece->from, span.from), until = MIN(piece->until, span.until);
        if (from >= until)
            continue;
        Value *shown = value_append_object(list);
        value_set_text(shown, "text",
                       arena_printf(page->arena, "%.*s", (int)(until - from), text + from));
        value_set_boolean(shown, "is_marked", piece->within->len > 0);
        any = any || piece->within->len > 0;
        if (piece->within->len > 0)
            value_set_text(shown, "within", numbers_in_words(page, piece->within));
        if (until != piece->until)
            continue; /* goes on behind a fold */
        set_ends(shown, piece->ends);
        note_shown(marked, piece->ends);
    }
    return any;
}

/* Nothing to see: no block. Empty lines around it go. */
static void add_block(Page *page, Value *blocks, const char *text, const GArray *pieces,
                      ReadingSpan span, bool is_quoted, const Marked *marked)
{
    while (span.from < span.until && strchr("\r\n", text[span.from]))
        span.from++;
    while (span.from < span.until && g_ascii_isspace(text[span.until - 1]))
        span.until--;
    if (span.from == span.until)
        return;
    Value *block = value_append_object(blocks);
    value_set_boolean(block, "is_quoted", is_quoted);
    set_pieces(page, block, text, pieces, span, marked);
}

/* element.blocks = [{is_quoted, pieces}]: the text, quotations apart. */
static void set_blocks(Page *page, Value *element, const Message *message, const Marked *marked)
{
    const char *text = message->text ? message->text : "";
    g_autoptr(GArray) marks = marks_in(marked, message->id, "text");
    g_autoptr(GArray) pieces = request_marks_cut(text, marks);
    g_autoptr(GArray) quotes = reading_quotes(text, message->subject);
    Value *blocks = value_set_list(element, "blocks");
    gsize reached = 0;
    for (guint i = 0; i < quotes->len; i++) {
        const ReadingSpan quote = g_array_index(quotes, ReadingSpan, i);
        const ReadingSpan own = {reached, quote.from};
        add_block(page, blocks, text, pieces, own, false, marked);
        add_block(page, blocks, text, pieces, quote, true, marked);
        reached = quote.until;
    }
    const ReadingSpan rest = {reached, strlen(text)};
    add_block(page, blocks, text, pieces, rest, false, marked);
}

/* element.subject_line.pieces: the subject as it was read, when something in it is marked. */
static void set_subject(Page *page, Value *element, const Message *message, const Marked *marked)
{
    g_autoptr(GArray) marks = marks_in(marked, message->id, "subject");
    if (!marked->subject || marks->len == 0)
        return;
    g_autoptr(GArray) pieces = request_marks_cut(marked->subject, marks);
    const ReadingSpan whole = {0, strlen(marked->subject)};
    value_set_boolean(element, "has_subject_marks",
                      set_pieces(page, value_set_object(element, "subject_line"), marked->subject,
                                 pieces, whole, marked));
}

/* A phone call has a note instead of a message: value.note.pieces. */
static void show_note(Page *page, const RequestAtHand *at, const Marked *marked)
{
    const char *note = at->request->summary ? at->request->summary : "";
    g_autoptr(GArray) marks = marks_in(marked, 0, "text");
    g_autoptr(GArray) pieces = request_marks_cut(note, marks);
    const ReadingSpan whole = {0, strlen(note)};
    set_pieces(page, value_set_object(page->value, "note"), note, pieces, whole, marked);
}

/* --- entries --- */

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
                         const RequestAtHand *at, const Marked *marked)
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
    set_subject(page, element, message, marked);
    set_blocks(page, element, message, marked);
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

bool request_show_thread(Page *page, const RequestAtHand *at, const Value *reading, GError **error)
{
    g_autoptr(GPtrArray) entries = request_thread(page_db(page), at->request->id, error);
    if (!entries)
        return false;
    g_autoptr(GPtrArray) receipts =
        letter_receipt_list_for_request(page_db(page), at->request->id, error);
    if (!receipts)
        return false;
    const Marked marked = marked_of(page, at, reading, entries);
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
            show_message(page, element, entry->message, at, &marked);
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
    if (!seen_message)
        show_note(page, at, &marked);
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
        if (g_str_has_prefix(entry->action, "proposal_") && entry->detail)
            value_set_boolean(value_set_object(element, "about"),
                              arena_printf(page->arena, "is_%s", entry->detail), TRUE);
        if (entry->from_state)
            value_set_boolean(value_set_object(element, "from"),
                              arena_copy(page->arena, entry->from_state), TRUE);
        if (entry->to_state)
            value_set_boolean(value_set_object(element, "to"),
                              arena_copy(page->arena, entry->to_state), TRUE);
    }
    return entries != NULL;
}
