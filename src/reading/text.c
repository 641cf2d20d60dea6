/* text.c - UTF-8 to tokens. */
#include "reading/text.h"

#include "reading/lexicon.h"

#include <string.h>

#define FOLD_MOST 48  /* bytes of a word that are kept for looking up */
#define WRAP_BYTES 50 /* a line this long may go on in the next one */

const Token token_nothing = {.kind = TOKEN_END, .section = SECTION_DISCLAIMER, .taken = true};

/* --- folding
 * ------------------------------------------------------------------------------------------ */

/* Signs that mean the same to a reader. */
static gunichar fold_sign(gunichar c)
{
    switch (c) {
    case 0x2018: /* quotation marks */
    case 0x2019:
    case 0x02bc:
    case 0x00b4:
    case '`':
        return '\'';
    case 0x2010: /* hyphens and dashes */
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2212:
        return '-';
    case 0x00ba: /* masculine and feminine ordinal: n.º */
    case 0x00aa:
        return 0x00b0;
    case 0x2022: /* bullets */
    case 0x25cf:
    case 0x25aa:
    case 0x00b7:
        return '*';
    default:
        return c;
    }
}

static bool is_space(gunichar c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f' || c == 0x00a0 ||
           c == 0x202f || c == 0x200b || c == 0xfeff || (c > 0x7f && g_unichar_isspace(c));
}

static bool is_letter(gunichar c)
{
    if (c < 0x80)
        return g_ascii_isalpha((gchar)c);
    return c != 0x00ba && c != 0x00aa && c != 0x02bc &&
           (g_unichar_isalpha(c) || g_unichar_ismark(c));
}

static void fold_letter(GString *folded, gunichar c)
{
    if (c < 0x80) {
        g_string_append_c(folded, g_ascii_tolower((gchar)c));
        return;
    }
    if (g_unichar_ismark(c))
        return;
    if (c == 0x00df || c == 0x1e9e) {
        g_string_append(folded, "ss");
        return;
    }
    gunichar base[4];
    g_unichar_fully_decompose(c, FALSE, base, G_N_ELEMENTS(base));
    g_string_append_unichar(folded, g_unichar_tolower(base[0]));
}

/* --- cutting
 * ------------------------------------------------------------------------------------------ */

/* The character at `p` and its length; what is not UTF-8 is one byte long and no letter. */
static gunichar next_character(const char *p, const char *end, guint32 *length)
{
    if ((guint8)*p < 0x80) {
        *length = 1;
        return (gunichar)*p;
    }
    gunichar c = g_utf8_get_char_validated(p, end - p);
    if (c >= 0x110000 || c == 0) {
        *length = 1;
        return 0xfffd;
    }
    *length = (guint32)(g_utf8_next_char(p) - p);
    return c;
}

/* "mercoledi'": an accent written as an apostrophe belongs to the word. */
static guint32 accent_length(const Text *text, guint32 at)
{
    const char *end = text->bytes + text->length;
    if (at == 0 || at >= text->length || !strchr("aeiouAEIOU", text->bytes[at - 1]))
        return 0;
    guint32 length, after;
    if (fold_sign(next_character(text->bytes + at, end, &length)) != '\'')
        return 0;
    if (at + length < text->length &&
        is_letter(next_character(text->bytes + at + length, end, &after)))
        return 0;
    return length;
}

static void cut_word(Text *text, Token *token)
{
    const char *end = text->bytes + text->length;
    gunichar first = next_character(text->bytes + token->start, end, &(guint32){0});
    guint32 at = token->start;

    token->kind = TOKEN_WORD;
    token->upper = g_unichar_isupper(first);
    token->fold = (guint32)text->folded->len;
    while (at < text->length) {
        guint32 length;
        gunichar c = next_character(text->bytes + at, end, &length);
        if (!is_letter(c))
            break;
        if (text->folded->len - token->fold < FOLD_MOST)
            fold_letter(text->folded, c);
        at += length;
    }
    token->fold_length = (guint16)(text->folded->len - token->fold);
    token->end = at + accent_length(text, at);
    token->word = lexicon_word(text->folded->str + token->fold, token->fold_length);
}

static void cut_number(Text *text, Token *token)
{
    guint64 value = 0;
    guint32 at = token->start;
    for (; at < text->length && g_ascii_isdigit(text->bytes[at]); at++)
        value = MIN(value * 10 + (guint64)(text->bytes[at] - '0'), G_MAXUINT32);
    token->kind = TOKEN_NUMBER;
    token->end = at;
    token->value = (guint32)value;
}

static void cut(Text *text)
{
    const char *end = text->bytes + text->length;
    guint32 at = 0;
    bool gap = true;

    while (at < text->length) {
        guint32 length;
        gunichar c = next_character(text->bytes + at, end, &length);
        bool is_before_all = c == '\n' && text->tokens->len == 0;
        if (is_space(c) || is_before_all) {
            gap = true;
            at += length;
            continue;
        }
        Token token = {.start = at, .end = at + length, .gap = gap};
        if (c == '\n')
            token.kind = TOKEN_LINE;
        else if (is_letter(c))
            cut_word(text, &token);
        else if (g_unichar_isdigit(c) && c < 0x80)
            cut_number(text, &token);
        else {
            token.kind = TOKEN_SIGN;
            token.value = fold_sign(c);
        }
        at = token.end;
        gap = token.kind == TOKEN_LINE;
        g_array_append_val(text->tokens, token);
    }
}

Text *text_new(const char *bytes, gsize length)
{
    Text *text = g_new0(Text, 1);
    text->bytes = bytes;
    text->length = (guint32)MIN(length, (gsize)G_MAXINT32);
    text->languages = 0xff;
    text->tokens = g_array_sized_new(FALSE, FALSE, sizeof(Token), text->length / 5 + 8);
    text->folded = g_string_sized_new(text->length + 8);
    lexicon_need();
    cut(text);
    lex_index(text);
    return text;
}

void text_free(Text *text)
{
    if (!text)
        return;
    g_array_unref(text->tokens);
    g_string_free(text->folded, TRUE);
    g_free(text->begins);
    g_free(text);
}

/* --- looking
 * ------------------------------------------------------------------------------------------ */

bool tokens_equal(const Text *text, guint index, const Text *other, guint other_index)
{
    const Token *one = token_at(text, index), *two = token_at(other, other_index);
    return one->kind == TOKEN_WORD && two->kind == TOKEN_WORD &&
           one->fold_length == two->fold_length &&
           memcmp(text->folded->str + one->fold, other->folded->str + two->fold,
                  one->fold_length) == 0;
}

guint text_token_from(const Text *text, guint32 offset)
{
    guint low = 0, high = text->tokens->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (token_at(text, middle)->start < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void text_take(Text *text, guint from, guint until)
{
    for (guint i = from; i < until && i < text->tokens->len; i++)
        g_array_index(text->tokens, Token, i).taken = true;
}

bool text_is_taken(const Text *text, guint from, guint until)
{
    for (guint i = from; i < until; i++)
        if (token_at(text, i)->taken)
            return true;
    return false;
}

/* --- lines
 * -------------------------------------------------------------------------------------------- */

/* Does the line that ends before token `next` go on there? `bytes` is its length. */
static bool goes_on(const Text *text, const Token *last, guint next, guint32 bytes)
{
    const Token *first = token_at(text, next);
    if (first->section == SECTION_SIGNATURE)
        return false;
    if (last && last->kind == TOKEN_SIGN && strchr(".;:!?", (gint)MIN(last->value, 0x7f)) &&
        last->value < 0x80)
        return false;
    bool begins_day = lex_may_begin(text, next, LEX_WEEKDAY, LEX_WEEKDAY_SHORT);
    if (first->kind == TOKEN_WORD)
        return bytes >= WRAP_BYTES || (!first->upper && !begins_day);
    return bytes >= WRAP_BYTES && (first->kind == TOKEN_NUMBER || token_is_sign(text, next, '('));
}

void text_join_lines(Text *text)
{
    Token *tokens = (Token *)(gpointer)text->tokens->data;
    guint kept = 0;
    guint32 line_start = token_at(text, 0)->start;

    for (guint i = 0; i < text->tokens->len; i++) {
        if (tokens[i].kind != TOKEN_LINE) {
            tokens[kept++] = tokens[i];
            continue;
        }
        Token *last = kept > 0 ? &tokens[kept - 1] : NULL;
        bool is_empty = last && token_ends_line(last);
        guint32 bytes = tokens[i].start - line_start;
        line_start = tokens[i].end;
        if (is_empty) {
            last->kind = TOKEN_PARAGRAPH;
            last->end = tokens[i].end;
            continue;
        }
        bool next_is_line = i + 1 < text->tokens->len && tokens[i + 1].kind == TOKEN_LINE;
        if (last && !next_is_line && last->section == token_at(text, i + 1)->section &&
            goes_on(text, last, i + 1, bytes)) {
            if (i + 1 < text->tokens->len)
                tokens[i + 1].gap = true;
            continue;
        }
        tokens[kept++] = tokens[i];
    }
    g_array_set_size(text->tokens, kept);
    lex_index(text);
}
