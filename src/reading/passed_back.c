/* passed_back.c - a letter of the office that somebody forwards to it is no letter of theirs: its
 * times and telephones are the office's own. */
#include "reading/people.h"

#define BEFORE_TOKENS 60 /* from "Da: …" or "… ha scritto:" to the forwarded words */
#define AFTER_TOKENS 120
#define LINE_TOKENS 40

/* Tokens [from, until) of the words that tell who wrote what is forwarded, around token `index`. */
static bool names_writer(const Text *text, guint index, guint *from, guint *until)
{
    bool begins_line = index == 0 || token_ends_line(token_at(text, index - 1));
    guint n = begins_line ? lex_at(text, index, LEX_HEAD_FROM, NULL) : 0;
    if (n > 0 && token_is_sign(text, index + n, ':')) {
        *from = *until = index + n + 1;
        while (*until < *from + LINE_TOKENS && !token_ends_line(token_at(text, *until)))
            ++*until;
        return true;
    }
    if (lex_at(text, index, LEX_WROTE, NULL) == 0)
        return false;
    *from = *until = index;
    while (*from > 0 && index - *from < LINE_TOKENS && !token_ends_line(token_at(text, *from - 1)))
        --*from;
    return true;
}

void passed_back_mark(const Reading *reading, Text *text)
{
    guint first = 0, from, until;
    while (first < text_count(text) && token_at(text, first)->section != SECTION_FORWARD)
        first++;
    if (first == text_count(text))
        return;
    const char *writer = NULL;
    for (guint i = first > BEFORE_TOKENS ? first - BEFORE_TOKENS : 0;
         i < first + AFTER_TOKENS && !writer; i++)
        if (token_at(text, i)->section != SECTION_BODY && names_writer(text, i, &from, &until))
            writer = people_email_within(reading, text, from, until);
    if (!classify_is_own(reading->office, writer))
        return;
    for (guint i = first; i < text_count(text); i++) {
        Token *token = &text->tokens[i];
        if (token->section == SECTION_FORWARD)
            token->section = SECTION_QUOTE;
    }
}
