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

/* A text while it is cut. Folding makes no character of one byte longer, and a longer one at most
 * twice as long: room for that is there from the start. */
typedef struct {
    Text *text;
    guint32 at;
    Token *token; /* the one at hand */
    char *fold;   /* where its folded bytes go */
    guint32 hash; /* of them so far */
    guint n;      /* tokens so far */
    bool has_gap;
} Cutting;

static void keep(Cutting *cutting, const char *bytes, guint n)
{
    for (guint i = 0; i < n; i++) {
        cutting->hash = lexicon_hash(cutting->hash, (guint8)bytes[i]);
        cutting->fold[cutting->token->fold_length++] = bytes[i];
    }
}

static void keep_wide(Cutting *cutting, gunichar c)
{
    if (cutting->token->fold_length >= FOLD_MOST || g_unichar_ismark(c))
        return;
    if (c == 0x00df || c == 0x1e9e) {
        keep(cutting, "ss", 2);
        return;
    }
    gunichar base[4];
    char bytes[6];
    g_unichar_fully_decompose(c, FALSE, base, G_N_ELEMENTS(base));
    keep(cutting, bytes, (guint)g_unichar_to_utf8(g_unichar_tolower(base[0]), bytes));
}

/* Letters of one byte, most of which make up most words. */
static void cut_ascii(Cutting *cutting)
{
    const guint8 *bytes = (const guint8 *)cutting->text->bytes, *at = bytes + cutting->at,
                 *end = bytes + cutting->text->length;
    guint n = cutting->token->fold_length;
    const guint8 *kept = at + MIN((gsize)(end - at), n < FOLD_MOST ? FOLD_MOST - n : 0);
    char *fold = cutting->fold + n;
    guint32 hash = cutting->hash;
    for (; at < kept && byte_classes[*at] == BYTE_LETTER; at++) {
        hash = lexicon_hash(hash, *at | 0x20);
        *fold++ = (char)(*at | 0x20);
    }
    cutting->hash = hash;
    cutting->token->fold_length = (guint8)(fold - cutting->fold);
    while (at < end && byte_classes[*at] == BYTE_LETTER)
        at++;
    cutting->at = (guint32)(at - bytes);
}

/* A letter of more than one byte, and past it; false when there is none. */
static bool cut_wide(Cutting *cutting)
{
    char letter = latin_at(cutting->text, cutting->at);
    if (letter != '-') {
        if (cutting->token->fold_length < FOLD_MOST)
            keep(cutting, &letter, 1);
        cutting->at += 2;
        return true;
    }
    guint32 length;
    gunichar c = wide_at(cutting->text, cutting->at, &length);
    if (!is_letter(c))
        return false;
    keep_wide(cutting, c);
    cutting->at += length;
    return true;
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

static void cut_word(Cutting *cutting)
{
    const Text *text = cutting->text;
    Token *token = cutting->token;
    token->kind = TOKEN_WORD;
    token->fold = (guint32)(cutting->fold - text->folded->str);
    cutting->hash = LEXICON_HASH;
    do
        cut_ascii(cutting);
    while (class_at(text, cutting->at) == BYTE_WIDE && cut_wide(cutting));
    cutting->at += accent_length(text, cutting->at);
    token->word = lexicon_word(cutting->fold, token->fold_length, cutting->hash);
    cutting->fold += token->fold_length;
}

static void cut_number(Cutting *cutting)
{
    const Text *text = cutting->text;
    guint64 value = 0;
    for (; class_at(text, cutting->at) == BYTE_DIGIT; cutting->at++)
        value = MIN(value * 10 + (guint64)(text->bytes[cutting->at] - '0'), G_MAXUINT32);
    cutting->token->kind = TOKEN_NUMBER;
    cutting->token->value = (guint32)value;
}

static void cut_sign(Cutting *cutting, gunichar c, guint32 length)
{
    cutting->token->kind = TOKEN_SIGN;
    cutting->token->value = fold_sign(c);
    cutting->at += length;
}

/* White space, a letter or a sign of several bytes. False: it was white space, and there is no
 * token. */
static bool cut_other(Cutting *cutting)
{
    guint32 length;
    gunichar c = wide_at(cutting->text, cutting->at, &length);
    if (is_space(c)) {
        cutting->at += length;
        return false;
    }
    if (!is_letter(c)) {
        cut_sign(cutting, c, length);
        return true;
    }
    cutting->token->upper = g_unichar_isupper(c);
    cut_word(cutting);
    return true;
}

/* The token that begins at a byte; false when wide white space does. */
static bool cut_token(Cutting *cutting)
{
    guint8 byte = (guint8)cutting->text->bytes[cutting->at];
    switch ((ByteClass)byte_classes[byte]) {
    case BYTE_LINE:
        cutting->token->kind = TOKEN_LINE;
        cutting->at++;
        return cutting->n > 0; /* empty lines before all are no tokens */
    case BYTE_LETTER:
        cutting->token->upper = byte <= 'Z';
        cut_word(cutting);
        return true;
    case BYTE_DIGIT:
        cut_number(cutting);
        return true;
    case BYTE_WIDE:
        return cut_other(cutting);
    default:
        cut_sign(cutting, byte, 1);
        return true;
    }
}

static void cut(Text *text)
{
    Cutting cutting = {.text = text, .fold = text->folded->str, .has_gap = true};
    while (cutting.at < text->length) {
        if (cutting.n == text->tokens->len)
            g_array_set_size(text->tokens, cutting.n + cutting.n / 2 + 64);
        if (class_at(text, cutting.at) == BYTE_SPACE) {
            cutting.at++;
            cutting.has_gap = true;
            continue;
        }
        cutting.token = &g_array_index(text->tokens, Token, cutting.n);
        *cutting.token = (Token){.start = cutting.at, .gap = cutting.has_gap};
        cutting.has_gap = !cut_token(&cutting);
        if (cutting.has_gap)
            continue;
        cutting.token->end = cutting.at;
        cutting.has_gap = cutting.token->kind == TOKEN_LINE;
        cutting.n++;
    }
    g_array_set_size(text->tokens, cutting.n);
    text->folded->len = (gsize)(cutting.fold - text->folded->str);
}

Text *text_new(const char *bytes, gsize length)
{
    Text *text = g_new0(Text, 1);
    text->bytes = bytes;
    text->length = (guint32)MIN(length, (gsize)G_MAXINT32);
    text->languages = 0xff;
    text->tokens = g_array_sized_new(FALSE, FALSE, sizeof(Token), text->length / 4 + 8);
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
