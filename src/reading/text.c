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
    return c == 0x00a0 || c == 0x202f || c == 0x200b || c == 0xfeff || g_unichar_isspace(c);
}

static bool is_letter(gunichar c)
{
    return c != 0x00ba && c != 0x00aa && c != 0x02bc &&
           (g_unichar_isalpha(c) || g_unichar_ismark(c));
}

/* --- bytes
 * -------------------------------------------------------------------------------------------- */

typedef enum { BYTE_SIGN, BYTE_LETTER, BYTE_DIGIT, BYTE_SPACE, BYTE_LINE, BYTE_WIDE } ByteClass;

/* Nearly all of a letter is told by one byte; BYTE_WIDE begins a longer character. */
static const guint8 byte_classes[256] = {
    ['A' ... 'Z'] = BYTE_LETTER, ['a' ... 'z'] = BYTE_LETTER, ['0' ... '9'] = BYTE_DIGIT,
    [' '] = BYTE_SPACE,          ['\t'] = BYTE_SPACE,         ['\r'] = BYTE_SPACE,
    ['\v'] = BYTE_SPACE,         ['\f'] = BYTE_SPACE,         ['\n'] = BYTE_LINE,
    [0x80 ... 0xff] = BYTE_WIDE};

/* U+00C0 to U+00FF without accents; '-' is no letter, or one that takes the long way. */
static const char latin_letters[] = "aaaaaa-ceeeeiiii-nooooo--uuuuy--"
                                    "aaaaaa-ceeeeiiii-nooooo--uuuuy-y";

static ByteClass class_at(const Text *text, guint32 at)
{
    return at < text->length ? byte_classes[(guint8)text->bytes[at]] : BYTE_SPACE;
}

/* The unaccented letter of a character of two bytes, '-' when it needs the long way. */
static char latin_at(const Text *text, guint32 at)
{
    bool is_latin = (guint8)text->bytes[at] == 0xc3 && at + 1 < text->length &&
                    ((guint8)text->bytes[at + 1] & 0xc0) == 0x80;
    return is_latin ? latin_letters[(guint8)text->bytes[at + 1] & 0x3f] : '-';
}

/* The wide character at `at` and its length; what is not UTF-8 is one byte long and no letter. */
static gunichar wide_at(const Text *text, guint32 at, guint32 *length)
{
    gunichar c = g_utf8_get_char_validated(text->bytes + at, text->length - at);
    if (c >= 0x110000) {
        *length = 1;
        return 0xfffd;
    }
    *length = (guint32)g_utf8_skip[(guint8)text->bytes[at]];
    return c;
}

/* --- cutting
 * ------------------------------------------------------------------------------------------ */

/* A letter of several bytes: its own length, 0 when it is none, and what it is folded to. */
typedef struct {
    guint8 length;
    guint8 n;
    char fold[6];
} WideLetter;

static WideLetter wide_letter(const Text *text, guint32 at)
{
    char latin = latin_at(text, at);
    if (latin != '-')
        return (WideLetter){2, 1, {latin}};
    guint32 length;
    gunichar c = wide_at(text, at, &length), base[4];
    if (!is_letter(c))
        return (WideLetter){0};
    WideLetter letter = {.length = (guint8)length};
    if (g_unichar_ismark(c))
        return letter;
    if (c == 0x00df || c == 0x1e9e)
        return (WideLetter){(guint8)length, 2, "ss"};
    g_unichar_fully_decompose(c, FALSE, base, G_N_ELEMENTS(base));
    letter.n = (guint8)g_unichar_to_utf8(g_unichar_tolower(base[0]), letter.fold);
    return letter;
}

/* "mercoledi'": an accent written as an apostrophe belongs to the word. */
static guint32 accent_length(const Text *text, guint32 at)
{
    ByteClass next = class_at(text, at);
    if ((next != BYTE_SIGN && next != BYTE_WIDE) || at == 0 || at >= text->length ||
        !strchr("aeiouAEIOU", text->bytes[at - 1]))
        return 0;
    guint32 length = 1, after_length;
    gunichar c = next == BYTE_WIDE ? wide_at(text, at, &length) : (gunichar)(guint8)text->bytes[at];
    if (fold_sign(c) != '\'')
        return 0;
    ByteClass after = class_at(text, at + length);
    bool goes_on = after == BYTE_LETTER ||
                   (after == BYTE_WIDE && is_letter(wide_at(text, at + length, &after_length)));
    return goes_on ? 0 : length;
}

/* These three fill a token and tell where it ends. */
static guint32 cut_word(Text *text, Token *token)
{
    const guint8 *bytes = (const guint8 *)text->bytes, *end = bytes + text->length,
                 *at = bytes + token->start;
    char *fold = text->folded->str + text->folded->len, *to = fold;
    guint32 hash = LEXICON_HASH;
    for (;;) {
        for (; at < end && byte_classes[*at] == BYTE_LETTER; at++)
            if (to < fold + FOLD_MOST) {
                *to++ = (char)(*at | 0x20);
                hash = lexicon_hash(hash, *at | 0x20);
            }
        if (at == end || byte_classes[*at] != BYTE_WIDE)
            break;
        WideLetter letter = wide_letter(text, (guint32)(at - bytes));
        if (letter.length == 0)
            break;
        for (guint i = 0; i < letter.n && to < fold + FOLD_MOST; i++) {
            *to++ = letter.fold[i];
            hash = lexicon_hash(hash, (guint8)letter.fold[i]);
        }
        at += letter.length;
    }
    token->kind = TOKEN_WORD;
    token->fold = (guint32)text->folded->len;
    token->fold_length = (guint8)(to - fold);
    token->word = lexicon_word(fold, token->fold_length, hash);
    text->folded->len += token->fold_length;
    return (guint32)(at - bytes) + accent_length(text, (guint32)(at - bytes));
}

static guint32 cut_number(const Text *text, Token *token)
{
    guint64 value = 0;
    guint32 at = token->start;
    for (; class_at(text, at) == BYTE_DIGIT; at++)
        value = MIN(value * 10 + (guint64)(text->bytes[at] - '0'), G_MAXUINT32);
    token->kind = TOKEN_NUMBER;
    token->value = (guint32)value;
    return at;
}

/* A letter, a sign or white space of several bytes; a token of kind TOKEN_END is none. */
static guint32 cut_wide(Text *text, Token *token)
{
    guint32 length;
    gunichar c = wide_at(text, token->start, &length);
    if (is_letter(c)) {
        token->upper = g_unichar_isupper(c);
        return cut_word(text, token);
    }
    token->kind = is_space(c) ? TOKEN_END : TOKEN_SIGN;
    token->value = fold_sign(c);
    return token->start + length;
}

static guint32 cut_token(Text *text, Token *token, guint8 byte)
{
    switch ((ByteClass)byte_classes[byte]) {
    case BYTE_LETTER:
        token->upper = byte <= 'Z';
        return cut_word(text, token);
    case BYTE_DIGIT:
        return cut_number(text, token);
    case BYTE_WIDE:
        return cut_wide(text, token);
    case BYTE_LINE: /* empty lines before all are no tokens */
        token->kind = text->count > 0 ? TOKEN_LINE : TOKEN_END;
        return token->start + 1;
    default:
        token->kind = TOKEN_SIGN;
        token->value = fold_sign(byte);
        return token->start + 1;
    }
}

static void cut(Text *text)
{
    guint room = text->length / 4 + 8;
    bool has_gap = true;
    text->tokens = g_new(Token, room);
    for (guint32 at = 0; at < text->length;) {
        if (class_at(text, at) == BYTE_SPACE) {
            at++;
            has_gap = true;
            continue;
        }
        if (text->count == room)
            text->tokens = g_renew(Token, text->tokens, room *= 2);
        Token *token = &text->tokens[text->count];
        *token = (Token){.start = at, .gap = has_gap};
        token->end = at = cut_token(text, token, (guint8)text->bytes[at]);
        has_gap = token->kind == TOKEN_LINE || token->kind == TOKEN_END;
        text->count += token->kind == TOKEN_END ? 0 : 1;
    }
}

Text *text_new(const char *bytes, gsize length)
{
    Text *text = g_new0(Text, 1);
    text->bytes = bytes;
    text->length = (guint32)MIN(length, (gsize)G_MAXINT32);
    text->languages = 0xff;
    text->folded = g_string_sized_new((gsize)text->length * 2 + 8);
    lexicon_need();
    cut(text);
    lex_index(text);
    return text;
}

void text_free(Text *text)
{
    if (!text)
        return;
    g_free(text->tokens);
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
    guint low = 0, high = text->count;
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
    for (guint i = from; i < until && i < text->count; i++)
        text->tokens[i].taken = true;
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
    Token *tokens = text->tokens;
    guint kept = 0;
    guint32 line_start = token_at(text, 0)->start;

    for (guint i = 0; i < text->count; i++) {
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
        bool next_is_line = i + 1 < text->count && tokens[i + 1].kind == TOKEN_LINE;
        if (last && !next_is_line && last->section == token_at(text, i + 1)->section &&
            goes_on(text, last, i + 1, bytes)) {
            if (i + 1 < text->count)
                tokens[i + 1].gap = true;
            continue;
        }
        tokens[kept++] = tokens[i];
    }
    text->count = kept;
    lex_index(text);
}
