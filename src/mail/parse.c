/* parse.c - the structure of a message: which entities are the person's words, which are documents,
 * which are reports for machines.
 *
 * GMime finds the entities, this file walks them. What a kind of part means is in the files next to
 * it; judgement about the words belongs to src/reading.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <string.h>

/* Words found so far; the alternative with plain text is preferred to the one in HTML. */
typedef struct {
    GString *text;
    bool was_html;
} Words;

static void walk(Parse *parse, GMimeObject *object, guint depth, Words *words);

/* --- a message out of bytes ---------------------------------------------------------------- */

static void note_damage(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer data)
{
    (void)offset;
    (void)item;
    gboolean *malformed = data;
    if (code >= GMIME_CRIT_INVALID_HEADER_NAME)
        *malformed = TRUE;
}

bool parse_mime_open(ParseMime *mime, const guint8 *bytes, gsize length, gboolean *malformed)
{
    static const char *fallback[] = {"utf-8", "cp1252", NULL};
    length = MIN(length, G_MAXINT);
    mime->shortened = parse_shorten_fields(bytes, length);
    *malformed = *malformed || mime->shortened;
    mime->view = (GByteArray){mime->shortened ? mime->shortened : (guint8 *)bytes,
                              (guint)length}; /* only read through */
    mime->stream = g_mime_stream_mem_new();
    g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(mime->stream), &mime->view);
    GMimeParserOptions *options = g_mime_parser_options_new();
    g_mime_parser_options_set_fallback_charsets(options, fallback);
    g_mime_parser_options_set_warning_callback(options, note_damage, malformed);
    GMimeParser *parser = g_mime_parser_new_with_stream(mime->stream);
    g_mime_parser_set_persist_stream(parser, TRUE); /* contents keep their place in the bytes */
    mime->message = g_mime_parser_construct_message(parser, options);
    g_object_unref(parser);
    g_mime_parser_options_free(options);
    return mime->message != NULL;
}

void parse_mime_close(ParseMime *mime)
{
    g_clear_object(&mime->message);
    g_clear_object(&mime->stream);
    g_clear_pointer(&mime->shortened, g_free);
}

bool parse_inner_open(Parse *parse, GMimeObject *object, ParseMime *mime, bool *nested)
{
    *mime = (ParseMime){0};
    *nested = parse->nested;
    if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        mime->message = message ? g_object_ref(message) : NULL;
        return message != NULL;
    }
    if (!GMIME_IS_PART(object))
        return false;
    /* base64 around a message: forbidden by RFC 2046 (5.2.1), done all the same */
    *nested = true;
    mime->decoded = parse_part_bytes(parse, GMIME_PART(object), parse->length);
    return parse_mime_open(mime, mime->decoded->data, mime->decoded->len,
                           &parse->message->malformed);
}

void parse_inner_close(ParseMime *mime)
{
    parse_mime_close(mime);
    g_clear_pointer(&mime->decoded, g_byte_array_unref);
}

/* --- words --------------------------------------------------------------------------------- */

static bool is_type(GMimeObject *object, const char *type, const char *subtype)
{
    return g_mime_content_type_is_type(g_mime_object_get_content_type(object), type, subtype);
}

static bool blank(const GString *text)
{
    return strspn(text->str, " \t\r\n\x01") == text->len;
}

static void add_words(Words *words, const char *text, bool was_html)
{
    if (words->text->len && *text)
        g_string_append(words->text, "\n");
    if (words->text->len < PARSE_TEXT_MOST * 4)
        g_string_append(words->text, text);
    words->was_html = words->was_html || was_html;
}

/* The charset a page names itself, for those whose part names none. */
static char *html_charset(const GByteArray *html)
{
    g_autofree char *start = g_ascii_strdown((const char *)html->data, MIN(html->len, 1024));
    const char *at = strstr(start, "charset=");
    if (!at)
        return NULL;
    at += strlen("charset=");
    at += *at == '"' || *at == '\'';
    return g_strndup(at, strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-_"));
}

static void read_text(Parse *parse, GMimePart *part, Words *words)
{
    GMimeObject *object = GMIME_OBJECT(part);
    bool html = is_type(object, "text", "html");
    gsize most = html ? 2 * PARSE_TEXT_MOST : PARSE_TEXT_MOST;
    g_autoptr(GByteArray) bytes = parse_part_bytes(parse, part, most);
    if (!bytes->len)
        return;
    if (bytes->len == most)
        parse->message->text_truncated = TRUE;
    const char *charset = g_mime_object_get_content_type_parameter(object, "charset");
    g_autofree char *own = !charset && html ? html_charset(bytes) : NULL;
    g_autofree char *text = parse_to_utf8((const char *)bytes->data, bytes->len,
                                          own ? own : charset, &parse->message->malformed);
    g_autofree char *lines = NULL;
    const char *format = g_mime_object_get_content_type_parameter(object, "format");
    const char *delete_space = g_mime_object_get_content_type_parameter(object, "delsp");
    bool cut = false;
    if (html)
        lines = parse_html_to_text(text, strlen(text), &cut);
    else if (format && g_ascii_strcasecmp(format, "flowed") == 0)
        lines = parse_unflow(text, delete_space && g_ascii_strcasecmp(delete_space, "yes") == 0);
    else
        lines = g_steal_pointer(&text);
    parse->message->text_truncated = parse->message->text_truncated || cut;
    add_words(words, lines, html);
}

static char *finish_words(Words *words, MailMessage *message)
{
    bool cut = false;
    char *text = parse_clean(words->text->str, (gssize)words->text->len, PARSE_TEXT_MOST, &cut);
    g_string_free(words->text, TRUE);
    message->text_truncated = message->text_truncated || cut;
    return text;
}

/* --- entities ------------------------------------------------------------------------------ */

static bool is_calendar(GMimeObject *object)
{
    return is_type(object, "text", "calendar") || is_type(object, "application", "ics");
}

static bool is_attached(GMimePart *part)
{
    const char *disposition = g_mime_object_get_disposition(GMIME_OBJECT(part));
    return (disposition && g_ascii_strcasecmp(disposition, "attachment") == 0) ||
           g_mime_part_get_filename(part);
}

static bool is_inline_image(GMimePart *part)
{
    const char *disposition = g_mime_object_get_disposition(GMIME_OBJECT(part));
    return is_type(GMIME_OBJECT(part), "image", "*") && g_mime_part_get_content_id(part) &&
           !(disposition && g_ascii_strcasecmp(disposition, "attachment") == 0);
}

static bool is_signature(GMimeObject *object)
{
    return is_type(object, "application", "pkcs7-signature") ||
           is_type(object, "application", "x-pkcs7-signature") ||
           is_type(object, "application", "pgp-signature");
}

/* Who wrote it, when and about what, in the words of RFC 5322: part of what is read. */
static void add_fields(Words *words, GMimeMessage *message)
{
    static const char *const names[] = {"From", "Date", "Subject"};
    GString *fields = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *value =
            parse_clean_line(g_mime_object_get_header(GMIME_OBJECT(message), names[i]));
        if (value)
            g_string_append_printf(fields, "%s: %s\n", names[i], value);
    }
    add_words(words, fields->str, false);
    g_string_free(fields, TRUE);
}

static void read_forwarded(Parse *parse, GMimeObject *object, guint depth)
{
    ParseMime inner;
    Parse below = *parse;
    Words words = {g_string_new(NULL), false};
    below.forwarded = true;
    if (parse_inner_open(parse, object, &inner, &below.nested)) {
        if (inner.decoded) {
            below.bytes = inner.decoded->data;
            below.length = inner.decoded->len;
        }
        GMimeObject *body = g_mime_message_get_mime_part(inner.message);
        add_fields(&words, inner.message);
        if (body)
            walk(&below, body, depth + 1, &words);
        parse->nodes = below.nodes;
        /* a returned letter, when the whole turns out to be a bounce */
        if (!parse->forwarded && !parse->message->bounce.original_id)
            parse->message->bounce.original_id =
                parse_message_id(g_mime_message_get_message_id(inner.message));
    }
    parse_inner_close(&inner);
    g_autofree char *text = finish_words(&words, parse->message);
    if (!*text)
        return;
    g_autofree char *before = parse->message->forwarded;
    g_autofree char *both = before ? g_strconcat(before, "\n", text, NULL) : g_strdup(text);
    parse->message->forwarded = parse_clean(both, -1, PARSE_TEXT_MOST, NULL);
}

static void read_calendar(Parse *parse, GMimePart *part)
{
    GMimeObject *object = GMIME_OBJECT(part);
    g_autoptr(GByteArray) bytes = parse_part_bytes(parse, part, PARSE_TEXT_MOST / 4);
    const char *charset = g_mime_object_get_content_type_parameter(object, "charset");
    g_autofree char *text =
        parse_to_utf8((const char *)bytes->data, bytes->len, charset, &parse->message->malformed);
    g_autofree char *clean = parse_clean(text, -1, PARSE_TEXT_MOST / 4, NULL);
    parse_calendar(clean, g_mime_object_get_content_type_parameter(object, "method"),
                   parse->message);
}

static bool is_report_piece(GMimeObject *object)
{
    return is_type(object, "message", "delivery-status") ||
           is_type(object, "text", "rfc822-headers");
}

/* What a server says for machines, and the head of the letter it could not deliver. */
static void read_report_piece(Parse *parse, GMimePart *part)
{
    g_autoptr(GByteArray) bytes = parse_part_bytes(parse, part, PARSE_TEXT_MOST / 4);
    g_autofree char *text = parse_clean((const char *)bytes->data, bytes->len, G_MAXSIZE, NULL);
    if (is_type(GMIME_OBJECT(part), "message", "delivery-status"))
        parse_delivery_status(text, parse->message);
    else
        parse_returned_headers(text, parse->message);
}

/* "text" alone and nothing at all stand for plain text (RFC 2045, 5.2); GMime takes them for bytes.
 */
static bool is_half_a_type(GMimeObject *object)
{
    const char *value = g_mime_object_get_header(object, "Content-Type");
    if (!value)
        return false;
    g_autofree char *type = g_ascii_strdown(value, (gssize)strcspn(value, ";"));
    g_strstrip(type);
    return !*type || strcmp(type, "text") == 0 || strcmp(type, "text/") == 0;
}

static bool is_words(GMimeObject *object)
{
    return is_type(object, "text", "plain") || is_type(object, "text", "html") ||
           is_half_a_type(object);
}

static void read_leaf(Parse *parse, GMimePart *part, guint depth, Words *words)
{
    GMimeObject *object = GMIME_OBJECT(part);
    bool attached = is_attached(part);
    if (is_report_piece(object) && !parse->forwarded) { /* gateways rewrite what is around it */
        read_report_piece(parse, part);
        return;
    }
    if (is_calendar(object) && !parse->forwarded) {
        read_calendar(parse, part);
        if (attached)
            parse_attachment(parse, part, false);
        return;
    }
    if (is_type(object, "message", "rfc822")) { /* encoded: a leaf for GMime */
        parse_attachment(parse, part, false);
        read_forwarded(parse, object, depth);
        return;
    }
    if (!attached && is_words(object)) {
        read_text(parse, part, words);
        return;
    }
    if (is_signature(object))
        return;
    parse_attachment(parse, part, is_inline_image(part));
}

/* --- multiparts ---------------------------------------------------------------------------- */

static void walk_alternative(Parse *parse, GMimeMultipart *multipart, guint depth, Words *words)
{
    g_autoptr(GString) best = NULL;
    bool best_html = true;
    for (int i = 0; i < g_mime_multipart_get_count(multipart); i++) {
        Words candidate = {g_string_new(NULL), false};
        walk(parse, g_mime_multipart_get_part(multipart, i), depth + 1, &candidate);
        bool better = !blank(candidate.text) && (!best || (best_html && !candidate.was_html));
        if (!better) {
            g_string_free(candidate.text, TRUE);
            continue;
        }
        if (best)
            g_string_free(best, TRUE);
        best = candidate.text;
        best_html = candidate.was_html;
    }
    if (best)
        add_words(words, best->str, best_html);
}

/* RFC 6522: words for people, a part for machines, the message it is about. */
static void walk_report(Parse *parse, GMimeMultipart *multipart, guint depth, Words *words)
{
    MailMessage *message = parse->message;
    for (int i = 0; i < g_mime_multipart_get_count(multipart); i++) {
        GMimeObject *object = g_mime_multipart_get_part(multipart, i);
        if (GMIME_IS_PART(object) && is_report_piece(object)) {
            read_report_piece(parse, GMIME_PART(object));
        } else if (GMIME_IS_MESSAGE_PART(object)) {
            GMimeMessage *returned = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
            if (returned && !message->bounce.original_id)
                message->bounce.original_id =
                    parse_message_id(g_mime_message_get_message_id(returned));
        } else if (i == 0) {
            walk(parse, object, depth + 1, words);
        }
    }
}

/* A multipart without parts, because its boundary is missing or never comes: all of it is words. */
static void read_undivided(Parse *parse, GMimeMultipart *multipart, Words *words)
{
    const char *content = g_mime_multipart_get_prologue(multipart);
    parse->message->malformed = TRUE;
    if (!content || !*content)
        return;
    gsize length = strnlen(content, PARSE_TEXT_MOST);
    g_autofree char *text = parse_to_utf8(content, length, NULL, &parse->message->malformed);
    add_words(words, text, false);
}

static void walk_multipart(Parse *parse, GMimeMultipart *multipart, guint depth, Words *words)
{
    GMimeObject *object = GMIME_OBJECT(multipart);
    if (g_mime_multipart_get_count(multipart) == 0) {
        read_undivided(parse, multipart, words);
        return;
    }
    if (is_type(object, "multipart", "alternative")) {
        walk_alternative(parse, multipart, depth, words);
        return;
    }
    if (is_type(object, "multipart", "report") && !parse->forwarded) {
        walk_report(parse, multipart, depth, words);
        return;
    }
    for (int i = 0; i < g_mime_multipart_get_count(multipart); i++) {
        GMimeObject *part = g_mime_multipart_get_part(multipart, i);
        guint before = parse->message->parts->len;
        walk(parse, part, depth + 1, words);
        /* one with documents is told by these: pieces of the store do not overlap */
        if (GMIME_IS_MESSAGE_PART(part) && !parse->forwarded &&
            parse->message->parts->len == before)
            parse_attached_message(parse, multipart, GMIME_MESSAGE_PART(part));
    }
}

static void walk(Parse *parse, GMimeObject *object, guint depth, Words *words)
{
    if (depth > PARSE_DEPTH_MOST || ++parse->nodes > PARSE_NODES_MOST) {
        parse->message->malformed = TRUE;
        return;
    }
    if (GMIME_IS_MULTIPART(object))
        walk_multipart(parse, GMIME_MULTIPART(object), depth, words);
    else if (GMIME_IS_MESSAGE_PART(object))
        read_forwarded(parse, object, depth);
    else if (GMIME_IS_PART(object))
        read_leaf(parse, GMIME_PART(object), depth, words);
}

void parse_body(Parse *parse, GMimeObject *body)
{
    Words words = {g_string_new(NULL), false};
    walk(parse, body, 0, &words);
    parse->message->text_was_html = words.was_html;
    g_free(parse->message->text);
    parse->message->text = finish_words(&words, parse->message);
}

/* --- the whole ----------------------------------------------------------------------------- */

static void read_content(Parse *parse, GMimeObject *body)
{
    if (parse->message->pec.kind != PEC_NONE)
        pec_read(parse, body);
    else if (body)
        parse_body(parse, body);
}

/* A signature with the whole message inside: it stays at hand as a document. */
static void read_opaque(Parse *parse, GMimeObject *body, GBytes *content)
{
    ParseMime inner = {0};
    Parse below = *parse;
    parse_attachment(parse, GMIME_PART(body), false);
    below.bytes = g_bytes_get_data(content, &below.length);
    below.nested = true;
    if (parse_mime_open(&inner, below.bytes, below.length, &parse->message->malformed))
        read_content(&below, g_mime_message_get_mime_part(inner.message));
    else
        parse->message->malformed = TRUE;
    parse_mime_close(&inner);
}

static void read_message(Parse *parse, GMimeMessage *mime)
{
    MailMessage *message = parse->message;
    parse_headers(mime, message);
    message->pec.kind = pec_kind(mime, &message->pec.type);
    GMimeObject *body = g_mime_message_get_mime_part(mime);
    g_autoptr(GBytes) opaque = body ? parse_opaque(parse, body) : NULL;
    if (opaque) {
        read_opaque(parse, body, opaque);
    } else {
        if (body)
            parse_signature(parse, body);
        read_content(parse, body);
    }
    parse_failed_recipients(message);
}

MailMessage *parse_message(const guint8 *bytes, gsize length, gint64 received_at)
{
    Parse parse = {.bytes = bytes,
                   .length = length,
                   .received_at = received_at,
                   .message = mail_message_new()};
    ParseMime mime;
    if (parse_mime_open(&mime, bytes, length, &parse.message->malformed)) {
        read_message(&parse, mime.message);
    } else {
        parse.message->malformed = TRUE;
        bool cut = false;
        g_autofree char *text = parse_to_utf8((const char *)bytes, MIN(length, PARSE_TEXT_MOST),
                                              NULL, &parse.message->malformed);
        parse.message->text = parse_clean(text, -1, PARSE_TEXT_MOST, &cut);
        parse.message->text_truncated = cut || length > PARSE_TEXT_MOST;
    }
    parse_mime_close(&mime);
    if (!parse.message->text)
        parse.message->text = g_strdup("");
    return parse.message;
}

char *parse_to_json(const guint8 *bytes, gsize length, gint64 received_at, gsize *answer_length)
{
    g_autoptr(MailMessage) message = parse_message(bytes, length, received_at);
    char *json = mail_message_to_json(message);
    *answer_length = strlen(json);
    return json;
}
