/* subject.c - the subject without its prefixes, and the code of a request in it. */
#include "reading/internal.h"

#include <string.h>

#define PREFIX_MOST 200 /* bytes in which a prefix must end */

/* A prefix at `at` that ends with a colon: the offset after it, or `at` when there is none. Any
 * class may be asked. */
static gsize skip_prefix(const char *subject, gsize at, LexClass kind)
{
    g_autoptr(Text) text = text_new(subject + at, MIN(strlen(subject + at), PREFIX_MOST));
    guint n = lex_at(text, 0, kind, NULL);
    if (n == 0)
        return at;
    if (token_is_sign(text, n, '[') && token_at(text, n + 1)->kind == TOKEN_NUMBER)
        n += 3; /* Re[2]: */
    if (!token_is_sign(text, n, ':'))
        return at;
    at += token_at(text, n)->end;
    while (g_ascii_isspace(subject[at]))
        at++;
    return at;
}

/* EDI-7K3M-Q2, SPO-2026-000123: letters, then groups of letters and digits. Length, 0 when it is
 * none. */
static gsize code_length(const char *text)
{
    gsize at = 0, groups = 0, group = 0;
    while (g_ascii_isupper(text[at]))
        at++;
    if (at < 2 || at > 4 || text[at] != '-')
        return 0;
    for (at++;; at++) {
        if (g_ascii_isupper(text[at]) || g_ascii_isdigit(text[at])) {
            group++;
            continue;
        }
        if (group < 2 || group > 6)
            return 0;
        groups++;
        if (text[at] != '-' || groups == 2)
            break;
        group = 0;
    }
    return groups == 2 ? at : 0;
}

static char *code_in_brackets(Reading *reading, GString *subject)
{
    for (gsize at = 0; at < subject->len; at++) {
        if (subject->str[at] != '[')
            continue;
        gsize length = code_length(subject->str + at + 1);
        if (length == 0 || subject->str[at + 1 + length] != ']')
            continue;
        char *code = arena_printf(reading->arena, "%.*s", (gint)length, subject->str + at + 1);
        if (reading->kind != KIND_PEC_RECEIPT)
            g_string_erase(subject, (gssize)at, (gssize)length + 2);
        return code;
    }
    return NULL;
}

/* Prefixes from the left until none is left. */
static gsize skip_prefixes(Reading *reading, const char *subject)
{
    static const LexClass prefixes[] = {LEX_SUBJECT_REPLY, LEX_SUBJECT_FORWARD, LEX_SUBJECT_RECEIPT,
                                        LEX_OUT_OF_OFFICE, LEX_SUBJECT_ITIP};
    gsize at = 0;
    for (guint i = 0; i < G_N_ELEMENTS(prefixes) && at < PREFIX_MOST; i++) {
        bool is_itip = prefixes[i] == LEX_SUBJECT_ITIP;
        if (is_itip && !reading->message->itip.present)
            continue;
        gsize next = skip_prefix(subject, at, prefixes[i]);
        if (next == at)
            continue;
        reading->is_forward |= prefixes[i] == LEX_SUBJECT_FORWARD;
        at = next;
        i = G_MAXUINT; /* from the first again */
    }
    return at;
}

/* Spaces at the ends and double ones, which a code leaves behind. */
static char *tidy(const Reading *reading, const char *subject)
{
    char *tidy = arena_copy(reading->arena, subject);
    gsize kept = 0;
    for (gsize i = 0; tidy[i]; i++) {
        bool is_space = g_ascii_isspace(tidy[i]);
        if (is_space && (kept == 0 || tidy[kept - 1] == ' '))
            continue;
        tidy[kept++] = is_space ? ' ' : tidy[i];
    }
    while (kept > 0 && tidy[kept - 1] == ' ')
        kept--;
    tidy[kept] = '\0';
    return tidy;
}

void subject_read(Reading *reading)
{
    const char *written = reading->message->subject;
    if (!written)
        written = reading->message->subject_outer;
    g_autoptr(GString) subject = g_string_new(written ? written : "");
    reading->booking = code_in_brackets(reading, subject);
    gsize at = skip_prefixes(reading, subject->str);
    reading->subject_clean = tidy(reading, subject->str + at);
    reading->subject = text_new(reading->subject_clean, strlen(reading->subject_clean));
}

/* "I: ...", "Fwd: ...". */
bool subject_is_forward(const char *subject)
{
    const MailMessage nothing = {0};
    Reading reading = {.message = &nothing};
    skip_prefixes(&reading, subject);
    return reading.is_forward;
}

/* Is the word written exactly so? */
static bool is_written(const Text *text, guint index, const char *word, gsize length)
{
    const Token *token = token_at(text, index);
    return token->upper && token->end - token->start == length &&
           memcmp(text->bytes + token->start, word, length) == 0;
}

/* "Codice richiesta: SPO-2026-000123", also in the older message below; or one of the office's
 * codes anywhere. */
char *subject_code_in_body(const Reading *reading)
{
    const Text *text = reading->body;
    const char *prefix = reading->office->code_prefix ? reading->office->code_prefix : "";
    gsize prefix_length = strlen(prefix);
    for (guint i = 0; i < text_count(text); i++) {
        guint n = lex_at(text, i, LEX_CODE, NULL);
        if (n == 0 && !is_written(text, i, prefix, prefix_length))
            continue;
        const Token *token = token_at(text, n > 0 ? skip_stops(text, i + n) : i);
        if (token->kind != TOKEN_WORD || !token->upper)
            continue;
        char window[32];
        g_snprintf(window, sizeof window, "%.*s",
                   (gint)MIN(sizeof window - 1, text->length - token->start),
                   text->bytes + token->start);
        gsize length = code_length(window);
        if (length > 0)
            return arena_printf(reading->arena, "%.*s", (gint)length, window);
    }
    return NULL;
}
