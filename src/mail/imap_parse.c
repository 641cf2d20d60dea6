/* imap_parse.c - see imap_parse.h. First the stream: lines, literals, bodies; then the words of one
 * answer.
 */
#include "mail/imap_parse.h"

#include <string.h>

#define DIGITS_MOST 10 /* of a literal's size: 32 bits (RFC 3501, 4.3) */

G_DEFINE_QUARK(imap - error, imap_error)

/* --- the words of an answer ---------------------------------------------------------------- */

typedef struct {
    const char *at, *end;
} Cursor;

static bool ended(const Cursor *cursor)
{
    return cursor->at >= cursor->end;
}

static bool accept(Cursor *cursor, char c)
{
    if (ended(cursor) || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

static void skip_spaces(Cursor *cursor)
{
    while (accept(cursor, ' '))
        continue;
}

/* Up to one of `stops`; may be empty. */
static Cursor take_word(Cursor *cursor, const char *stops)
{
    Cursor word = {cursor->at, cursor->at};
    while (!ended(cursor) && (!*cursor->at || !strchr(stops, *cursor->at)))
        cursor->at++;
    word.end = cursor->at;
    return word;
}

static gsize length_of(Cursor word)
{
    return (gsize)(word.end - word.at);
}

static bool is_word(Cursor word, const char *name)
{
    return length_of(word) == strlen(name) &&
           g_ascii_strncasecmp(word.at, name, length_of(word)) == 0;
}

static void keep_word(Cursor word, char *room, gsize size)
{
    gsize length = MIN(length_of(word), size - 1);
    for (gsize i = 0; i < length; i++) {
        char c = g_ascii_toupper(word.at[i]);
        room[i] = g_ascii_isprint(c) ? c : '?';
    }
    room[length] = '\0';
}

static bool to_number(Cursor word, guint64 most, guint64 *number)
{
    guint64 value = 0;
    if (ended(&word) || length_of(word) > 19)
        return false;
    for (; !ended(&word); word.at++) {
        if (!g_ascii_isdigit(*word.at))
            return false;
        value = value * 10 + (guint64)(*word.at - '0');
    }
    if (value > most)
        return false;
    *number = value;
    return true;
}

static guint32 to_uid(Cursor word)
{
    guint64 number;
    return to_number(word, G_MAXUINT32, &number) ? (guint32)number : 0;
}

/* At a quote: what stands between it and its end, escapes and all. False: it has no end. */
static bool take_quoted(Cursor *cursor, Cursor *text)
{
    text->at = ++cursor->at;
    while (!ended(cursor) && *cursor->at != '"')
        cursor->at += *cursor->at == '\\' && cursor->at + 1 < cursor->end ? 2 : 1;
    text->end = cursor->at;
    return accept(cursor, '"');
}

/* At "{": over the literal's bytes, as far as they are there. */
static Cursor take_literal(Cursor *cursor)
{
    accept(cursor, '{');
    guint64 size = 0;
    Cursor digits = take_word(cursor, "+}");
    const char *line_end = memchr(cursor->at, '\n', (gsize)(cursor->end - cursor->at));
    if (!line_end || !to_number(digits, G_MAXUINT32, &size)) {
        cursor->at = cursor->end;
        return *cursor;
    }
    Cursor text = {line_end + 1, line_end + 1};
    text.end += MIN(size, (guint64)(cursor->end - text.at));
    cursor->at = text.end;
    return text;
}

/* One value of any kind, lists with all that is in them. */
static void skip_value(Cursor *cursor)
{
    Cursor text;
    for (guint depth = 0; !ended(cursor);) {
        if (accept(cursor, '(')) {
            depth++;
        } else if (*cursor->at == ')') {
            if (depth == 0)
                return;
            cursor->at++;
            depth--;
        } else if (*cursor->at == '"') {
            take_quoted(cursor, &text);
        } else if (*cursor->at == '{') {
            take_literal(cursor);
        } else {
            take_word(cursor, " ()\"{");
        }
        if (depth == 0)
            return;
        skip_spaces(cursor);
    }
}

static guint read_flags(Cursor *cursor)
{
    guint flags = 0;
    if (!accept(cursor, '('))
        return 0;
    while (!ended(cursor) && !accept(cursor, ')')) {
        Cursor word = take_word(cursor, " ()");
        if (is_word(word, "\\Seen"))
            flags |= IMAP_FLAG_SEEN;
        else if (is_word(word, IMAP_STORED))
            flags |= IMAP_FLAG_STORED;
        else if (is_word(word, "\\*"))
            flags |= IMAP_FLAG_ANY;
        if (!ended(&word))
            skip_spaces(cursor);
        else if (!accept(cursor, ' '))
            accept(cursor, '('); /* a list in the list makes no sense, but must end */
    }
    return flags;
}

static guint read_capabilities(Cursor *cursor)
{
    static const struct {
        const char *name;
        guint bit;
    } known[] = {{"IDLE", IMAP_CAN_IDLE}, {"MOVE", IMAP_CAN_MOVE}, {"UIDPLUS", IMAP_CAN_UIDPLUS}};
    guint capabilities = 0;
    while (!ended(cursor) && *cursor->at != ']') {
        skip_spaces(cursor);
        Cursor word = take_word(cursor, " ]");
        for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
            if (is_word(word, known[i].name))
                capabilities |= known[i].bit;
    }
    return capabilities;
}

/* "[UIDVALIDITY 3857529045]" */
static void read_code(Cursor *cursor, ImapAnswer *answer)
{
    if (!accept(cursor, '['))
        return;
    keep_word(take_word(cursor, " ]"), answer->code, sizeof answer->code);
    skip_spaces(cursor);
    if (g_str_equal(answer->code, "CAPABILITY"))
        answer->capabilities = read_capabilities(cursor);
    else if (g_str_equal(answer->code, "PERMANENTFLAGS"))
        answer->flags = read_flags(cursor);
    else
        answer->code_number = to_uid(take_word(cursor, " ]"));
}

static ImapStatus status_of(Cursor word)
{
    static const char *const names[] = {NULL, "OK", "NO", "BAD", "BYE", "PREAUTH"};
    for (guint i = 1; i < G_N_ELEMENTS(names); i++)
        if (is_word(word, names[i]))
            return (ImapStatus)i;
    return IMAP_NO_STATUS;
}

/* The name of an item of FETCH; the section of a body belongs to it. */
static Cursor take_item(Cursor *cursor)
{
    Cursor name = take_word(cursor, " ()[\"{");
    if (!ended(cursor) && *cursor->at == '[') {
        take_word(cursor, "]");
        accept(cursor, ']');
        take_word(cursor, " ()\"{"); /* "<0>" */
    }
    name.end = cursor->at;
    return name;
}

static bool is_body(Cursor name)
{
    return length_of(name) > 5 && g_ascii_strncasecmp(name.at, "BODY[", 5) == 0;
}

static gint64 read_date(Cursor *cursor)
{
    if (ended(cursor) || *cursor->at != '"') {
        skip_value(cursor);
        return G_MININT64;
    }
    Cursor text;
    return take_quoted(cursor, &text) ? imap_parse_date(text.at, length_of(text)) : G_MININT64;
}

/* A body that was a literal has become an empty quoted string. */
static bool take_body_value(Cursor *cursor)
{
    Cursor text;
    if (!ended(cursor) && *cursor->at == '"')
        return take_quoted(cursor, &text);
    skip_value(cursor); /* NIL */
    return false;
}

static void read_item(Cursor *cursor, ImapAnswer *answer)
{
    Cursor name = take_item(cursor);
    guint64 number;
    skip_spaces(cursor);
    if (is_word(name, "UID")) {
        answer->uid = to_uid(take_word(cursor, " ()"));
    } else if (is_word(name, "RFC822.SIZE")) {
        if (to_number(take_word(cursor, " ()"), G_MAXINT64, &number))
            answer->size = (gint64)number;
    } else if (is_word(name, "FLAGS")) {
        answer->flags = read_flags(cursor);
        answer->has_flags = true;
    } else if (is_word(name, "INTERNALDATE")) {
        answer->internal_at = read_date(cursor);
    } else if (is_body(name)) {
        answer->has_body |= take_body_value(cursor);
    } else {
        skip_value(cursor);
    }
}

static void read_fetch(Cursor *cursor, ImapAnswer *answer)
{
    if (!accept(cursor, '('))
        return;
    for (;;) {
        skip_spaces(cursor);
        if (ended(cursor) || *cursor->at == ')')
            return;
        const char *before = cursor->at;
        read_item(cursor, answer);
        if (cursor->at == before)
            return; /* nothing that could be an item */
    }
}

static void read_data(Cursor *cursor, ImapAnswer *answer)
{
    Cursor word = take_word(cursor, " ");
    answer->status = status_of(word);
    skip_spaces(cursor);
    if (answer->status != IMAP_NO_STATUS) {
        read_code(cursor, answer);
        return;
    }
    guint64 number;
    if (to_number(word, G_MAXUINT32, &number)) {
        answer->number = (guint32)number;
        word = take_word(cursor, " ");
        skip_spaces(cursor);
    }
    keep_word(word, answer->name, sizeof answer->name);
    if (is_word(word, "FETCH"))
        read_fetch(cursor, answer);
    else if (is_word(word, "CAPABILITY"))
        answer->capabilities = read_capabilities(cursor);
}

void imap_parse_answer(const char *text, gsize length, ImapAnswer *answer)
{
    Cursor cursor = {text, text + length};
    *answer = (ImapAnswer){.size = -1, .internal_at = G_MININT64};
    keep_word(take_word(&cursor, " "), answer->tag, sizeof answer->tag);
    skip_spaces(&cursor);
    if (!g_str_equal(answer->tag, "+"))
        read_data(&cursor, answer);
}

/* --- dates --------------------------------------------------------------------------------- */

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* 1 to 12; 0: none. */
static gint month_of(const char *name)
{
    for (gsize i = 0; i < 12; i++)
        if (g_ascii_strncasecmp(months + 3 * i, name, 3) == 0)
            return (gint)i + 1;
    return 0;
}

static gint two_digits(const char *at)
{
    gint tens = *at == ' ' ? 0 : g_ascii_digit_value(at[0]);
    gint ones = g_ascii_digit_value(at[1]);
    return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
}

gint64 imap_parse_date(const char *text, gsize length)
{
    static const char shape[] = "00-AAA-0000 00:00:00 +0000";
    if (length != sizeof shape - 1 || (text[21] != '+' && text[21] != '-'))
        return G_MININT64;
    for (gsize i = 0; i < length; i++)
        if ((shape[i] == '-' || shape[i] == ':' || shape[i] == ' ') && text[i] != shape[i])
            return G_MININT64;
    gint century = two_digits(text + 7), year = two_digits(text + 9);
    gint hours = two_digits(text + 22), minutes = two_digits(text + 24);
    if (century < 0 || year < 0 || hours < 0 || minutes < 0)
        return G_MININT64;
    g_autoptr(GDateTime) local = g_date_time_new_utc(
        century * 100 + year, month_of(text + 3), two_digits(text), two_digits(text + 12),
        two_digits(text + 15), MIN(two_digits(text + 18), 59));
    if (!local)
        return G_MININT64;
    gint64 offset_s = hours * 3600 + minutes * 60;
    return g_date_time_to_unix(local) - (text[21] == '-' ? -offset_s : offset_s);
}

/* --- the stream ---------------------------------------------------------------------------- */

typedef enum { IN_LINE, IN_INLINE, IN_BODY } Where;

struct ImapStream {
    const ImapHandler *handler;
    gpointer context;
    GString *line; /* of the answer, so far */
    gsize counted; /* of it, before the line at hand: what a literal brought */
    Where where;
    guint64 left; /* of the literal */
};

ImapStream *imap_stream_new(const ImapHandler *handler, gpointer context)
{
    ImapStream *stream = g_new0(ImapStream, 1);
    stream->handler = handler;
    stream->context = context;
    stream->line = g_string_new(NULL);
    return stream;
}

void imap_stream_free(ImapStream *stream)
{
    if (!stream)
        return;
    g_string_free(stream->line, TRUE);
    g_free(stream);
}

static bool refused(const char *why, GError **error)
{
    g_set_error_literal(error, IMAP_ERROR, IMAP_ERROR_PROTOCOL, why);
    return false;
}

static bool begins(const GString *line, const char *words)
{
    gsize length = strlen(words);
    return line->len >= length && g_ascii_strncasecmp(line->str, words, length) == 0;
}

/* Words of a status are free, and may end as if a literal followed. */
static bool may_hold_literals(const GString *line)
{
    ImapAnswer answer;
    imap_parse_answer(line->str, MIN(line->len, 64), &answer);
    return g_str_equal(answer.tag, "*") && answer.status == IMAP_NO_STATUS;
}

/* "{123}" or "{123+}" at the end of the line: where it begins; NULL: there is none. */
static const char *find_literal(const ImapStream *stream, guint64 *size)
{
    const GString *line = stream->line;
    const char *from = line->str + stream->counted;
    gsize length = line->len - stream->counted;
    if (length < 3 || line->str[line->len - 1] != '}')
        return NULL;
    const char *brace = memrchr(from, '{', length);
    if (!brace || !may_hold_literals(line))
        return NULL;
    Cursor digits = {brace + 1, line->str + line->len - 1};
    if (!ended(&digits) && digits.end[-1] == '+')
        digits.end--;
    if (ended(&digits) || strspn(digits.at, "0123456789") < length_of(digits))
        return NULL;
    if (length_of(digits) > DIGITS_MOST || !to_number(digits, G_MAXUINT32, size))
        *size = G_MAXUINT64;
    return brace;
}

/* Does the literal at `brace` belong to an item BODY[...]? */
static bool is_body_literal(const GString *line, const char *brace)
{
    ImapAnswer answer;
    imap_parse_answer(line->str, MIN(line->len, 64), &answer);
    if (!g_str_equal(answer.name, "FETCH") || brace - line->str < 8 || brace[-1] != ' ')
        return false;
    const char *item = brace - 1;
    if (item[-1] == '>')
        item = memrchr(line->str, '<', (gsize)(item - line->str));
    if (!item || item <= line->str || item[-1] != ']')
        return false;
    item = memrchr(line->str, '[', (gsize)(item - line->str));
    return item && item - line->str > 5 && g_ascii_strncasecmp(item - 4, "BODY", 4) == 0 &&
           (item[-5] == ' ' || item[-5] == '(');
}

static bool begin_literal(ImapStream *stream, const char *brace, guint64 size, GError **error)
{
    GString *line = stream->line;
    stream->left = size;
    if (is_body_literal(line, brace)) {
        g_string_truncate(line, (gsize)(brace - line->str));
        g_string_append(line, "\"\""); /* stands for it in the answer */
        stream->where = IN_BODY;
        if (!stream->handler->body_begins(size, stream->context, error))
            return false;
    } else {
        if (size > IMAP_INLINE_MOST)
            return refused("a literal is too large", error);
        g_string_append(line, "\r\n");
        stream->where = IN_INLINE;
    }
    stream->counted = line->len;
    if (size == 0)
        stream->where = IN_LINE;
    return true;
}

/* A body may also come as a quoted string (RFC 3501, nstring). */
static bool hand_out_quoted(ImapStream *stream, GError **error)
{
    const GString *line = stream->line;
    const char *item = stream->counted ? NULL : strstr(line->str, "BODY[");
    const char *quote = item ? strchr(item, '"') : NULL;
    if (!quote)
        return true; /* it came as a literal */
    Cursor cursor = {quote, line->str + line->len}, text;
    take_quoted(&cursor, &text);
    g_autoptr(GString) plain = g_string_new(NULL);
    for (; !ended(&text); text.at++) {
        if (*text.at == '\\' && text.at + 1 < text.end)
            text.at++;
        g_string_append_c(plain, *text.at);
    }
    return stream->handler->body_begins(plain->len, stream->context, error) &&
           stream->handler->body((const guint8 *)plain->str, plain->len, stream->context, error);
}

/* The numbers that are whole leave the line; its name stays. */
static void take_found(ImapStream *stream, bool at_end)
{
    static const char name[] = "* SEARCH";
    GString *line = stream->line;
    Cursor cursor = {line->str + strlen(name), line->str + line->len};
    const char *rest = cursor.at;
    while (!ended(&cursor)) {
        skip_spaces(&cursor);
        Cursor word = take_word(&cursor, " ");
        if (ended(&cursor) && !at_end)
            break;
        guint32 uid = to_uid(word);
        if (uid)
            stream->handler->found(uid, stream->context);
        rest = cursor.at;
    }
    g_string_erase(line, (gssize)strlen(name), rest - line->str - (gssize)strlen(name));
}

static bool end_line(ImapStream *stream, GError **error)
{
    GString *line = stream->line;
    guint64 size = 0;
    if (line->len > stream->counted && line->str[line->len - 1] == '\r')
        g_string_truncate(line, line->len - 1);
    const char *brace = find_literal(stream, &size);
    if (brace)
        return begin_literal(stream, brace, size, error);
    if (begins(line, "* SEARCH "))
        take_found(stream, true);
    ImapAnswer answer;
    imap_parse_answer(line->str, line->len, &answer);
    if (answer.has_body && !hand_out_quoted(stream, error))
        return false;
    g_string_truncate(line, 0);
    stream->counted = 0;
    return stream->handler->answer(&answer, stream->context, error);
}

static bool add_to_line(ImapStream *stream, const guint8 *bytes, gsize length, GError **error)
{
    if (memchr(bytes, '\0', length))
        return refused("a line holds a zero byte", error);
    for (gsize done = 0; done < length;) {
        gsize step = MIN(length - done, IMAP_LINE_MOST / 2);
        g_string_append_len(stream->line, (const char *)bytes + done, (gssize)step);
        done += step;
        if (stream->line->len > IMAP_LINE_MOST / 2 && begins(stream->line, "* SEARCH "))
            take_found(stream, false);
        if (stream->line->len > IMAP_LINE_MOST)
            return refused("a line is too long", error);
    }
    return true;
}

/* Takes what it can of the bytes; how many in `taken`. */
static bool take_literal_piece(ImapStream *stream, const guint8 *bytes, gsize length, gsize *taken,
                               GError **error)
{
    gsize step = (gsize)MIN(stream->left, (guint64)length);
    Where where = stream->where;
    stream->left -= step;
    *taken = step;
    if (stream->left == 0)
        stream->where = IN_LINE;
    if (where == IN_BODY)
        return stream->handler->body(bytes, step, stream->context, error);
    if (memchr(bytes, '\0', step))
        return refused("a literal holds a zero byte", error);
    g_string_append_len(stream->line, (const char *)bytes, (gssize)step);
    stream->counted = stream->line->len;
    return stream->line->len <= IMAP_LINE_MOST || refused("an answer is too long", error);
}

bool imap_stream_feed(ImapStream *stream, const guint8 *bytes, gsize length, GError **error)
{
    while (length) {
        gsize taken = 0;
        if (stream->where != IN_LINE) {
            if (!take_literal_piece(stream, bytes, length, &taken, error))
                return false;
        } else {
            const guint8 *end = memchr(bytes, '\n', length);
            gsize piece = end ? (gsize)(end - bytes) : length;
            if (!add_to_line(stream, bytes, piece, error) || (end && !end_line(stream, error)))
                return false;
            taken = piece + (end ? 1 : 0);
        }
        bytes += taken;
        length -= taken;
    }
    return true;
}
