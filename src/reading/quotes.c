/* quotes.c - where a message quotes older ones, so that a reader can be shown the rest first. */
#include "reading/internal.h"

#include <string.h>

#define FOLDED_LINES 3        /* fewer, between words of the sender, are what they answer to */
#define QUOTES_WITHIN 262144u /* bytes of a text that is looked at; nobody writes a longer one */

static guint count_lines(const char *text, const ReadingSpan *span)
{
    guint lines = 1;
    for (gsize i = span->from; i < span->until; i++)
        lines += text[i] == '\n';
    return lines;
}

static bool is_quote(const Token *token)
{
    return token->section == SECTION_QUOTE && !token_ends_line(token);
}

/* Runs of quoted tokens; line ends between two of them belong to the run. */
static GArray *find_runs(const Text *text, bool *has_own)
{
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(ReadingSpan));
    bool goes_on = false;
    for (guint i = 0; i < text_count(text); i++) {
        const Token *token = token_at(text, i);
        if (token_ends_line(token))
            continue;
        if (!is_quote(token)) {
            *has_own = true;
            goes_on = false;
            continue;
        }
        if (!goes_on) {
            const ReadingSpan run = {token->start, token->end};
            g_array_append_val(runs, run);
        }
        g_array_index(runs, ReadingSpan, runs->len - 1).until = token->end;
        goes_on = true;
    }
    return runs;
}

static bool is_tail(const Text *text, const ReadingSpan *run)
{
    for (guint i = text_count(text); i-- > 0;)
        if (!token_ends_line(token_at(text, i)))
            return token_at(text, i)->end <= run->until;
    return true;
}

GArray *reading_quotes(const char *text, const char *subject)
{
    gsize length = strlen(text);
    if (length > QUOTES_WITHIN)
        return g_array_new(FALSE, FALSE, sizeof(ReadingSpan));
    g_autoptr(Text) cut = text_new(text, length);
    sections_mark(cut, NULL, subject && subject_is_forward(subject));
    bool has_own = false;
    GArray *runs = find_runs(cut, &has_own);
    for (guint i = runs->len; i-- > 0;) {
        const ReadingSpan *run = &g_array_index(runs, ReadingSpan, i);
        if (!has_own || (count_lines(text, run) < FOLDED_LINES && !is_tail(cut, run)))
            g_array_remove_index(runs, i);
    }
    return runs;
}
