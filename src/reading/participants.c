/* participants.c - others who will take part: "parteciperà anche l'ing. Carlo Bassi
 * (c.bassi@studio.example)". */
#include "reading/internal.h"

#define BEFORE_TOKENS 24 /* how far a sentence is searched from "parteciperà" */
#define AFTER_TOKENS 48

/* An address in the text: tokens around "@". */
char *people_email_within(const Reading *reading, const Text *text, guint from, guint until)
{
    for (guint i = from; i < until; i++) {
        if (!token_is_sign(text, i, '@') || i == 0)
            continue;
        guint begin = i, end = i + 1;
        while (begin > from && !token_at(text, begin)->gap &&
               !token_is_sign(text, begin - 1, '(') && !token_is_sign(text, begin - 1, '<') &&
               !token_ends_line(token_at(text, begin - 1)))
            begin--;
        while (end < text_count(text) && !token_at(text, end)->gap &&
               !token_is_sign(text, end, ')') && !token_is_sign(text, end, '>') &&
               !token_is_sign(text, end, ',') && !token_ends_line(token_at(text, end)))
            end++;
        while (end > i + 1 && token_is_sign(text, end - 1, '.'))
            end--;
        return proposal_raw(reading, text, begin, end);
    }
    return NULL;
}

static const char *role_of_other(const Text *text, guint from, guint until)
{
    static const char *const words[] = {"committente",  "cliente",      "collega", "proprietario",
                                        "proprietaria", "strutturista", "impresa", "progettista",
                                        "termotecnico", "notaio",       "avvocato"};
    for (guint i = from; i < until; i++)
        for (guint j = 0; j < G_N_ELEMENTS(words); j++)
            if (token_is(text, i, words[j]))
                return words[j];
    gint title;
    for (guint i = from; i < until; i++)
        if (lex_at(text, i, LEX_TITLE, &title) > 0)
            return people_titles[title];
    return NULL;
}

/* --- a sentence
 * --------------------------------------------------------------------------------------- */

static bool is_break(const Text *text, guint index)
{
    const Token *token = token_at(text, index), *after = token_at(text, index + 1);
    if (token->section != SECTION_BODY || token->kind == TOKEN_PARAGRAPH)
        return true;
    if (token->kind != TOKEN_SIGN)
        return false;
    if (token->value == ';' || token->value == '?' || token->value == '!')
        return true;
    bool is_short = index > 0 && token_at(text, index - 1)->kind == TOKEN_WORD &&
                    token_at(text, index - 1)->fold_length <= 4;
    return token->value == '.' &&
           (token_ends_line(after) || (after->gap && after->upper && !is_short));
}

static guint sentence_start(const Text *text, guint index)
{
    guint least = index > BEFORE_TOKENS ? index - BEFORE_TOKENS : 0;
    while (index > least && !is_break(text, index - 1))
        index--;
    return index;
}

static guint sentence_end(const Text *text, guint index)
{
    guint most = index + AFTER_TOKENS;
    while (index < most && index < text_count(text) && !is_break(text, index))
        index++;
    return index;
}

/* --- names in it
 * -------------------------------------------------------------------------------------- */

/* The full stop of "ing.", not of a sentence. */
static bool is_title_stop(const Text *text, guint index)
{
    return index > 0 && token_is_sign(text, index, '.') &&
           (lex_at(text, index - 1, LEX_TITLE, NULL) > 0 ||
            lex_at(text, index - 1, LEX_PERSON, NULL) > 0);
}

/* A person's name at a token: two words, or one after a title. 0: none. */
static guint person_at(const Text *text, guint index, guint from)
{
    const Token *token = token_at(text, index);
    static const LexClass others[] = {LEX_TITLE,  LEX_PERSON,     LEX_PRACTICE,
                                      LEX_STREET, LEX_MEETING,    LEX_WEEKDAY,
                                      LEX_MONTH,  LEX_SALUTATION, LEX_ROLE};
    if (token->kind != TOKEN_WORD || !token->upper || token->taken)
        return 0;
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        if (lex_at(text, index, others[i], NULL) > 0)
            return 0;
    guint n = people_name_at(text, index);
    bool is_titled = index > from && (lex_within(text, index - 1, index, LEX_TITLE, NULL) ||
                                      is_title_stop(text, index - 1) ||
                                      lex_within(text, index - 1, index, LEX_PERSON, NULL));
    return n >= 2 || is_titled ? n : 0;
}

static void propose(Reading *reading, Value *list, guint from, guint name, guint name_until,
                    guint until)
{
    const Text *text = reading->body;
    char *email = people_email_within(reading, text, name_until, until);
    Value *person =
        proposal_new(reading, list, text, name, name_until, LIKELY, "participant.phrase");
    value_set_text(person, "name", proposal_raw(reading, text, name, name_until));
    value_set(person, "email", value_text(reading->arena, email));
    value_set(person, "role", value_text(reading->arena, role_of_other(text, from, name)));
}

/* All persons named in [from, until): how many. */
static guint read_names(Reading *reading, Value *list, guint from, guint until)
{
    const Text *text = reading->body;
    guint name = 0, name_until = 0, begin = from, found = 0;
    for (guint i = from; i <= until; i++) {
        guint n = i < until ? person_at(text, i, from) : 0;
        if (n == 0 && i < until)
            continue;
        if (name_until > 0) {
            propose(reading, list, begin, name, name_until, i);
            begin = name_until;
            found++;
        }
        if (i == until)
            break;
        name = i;
        name_until = MIN(i + n, until);
        i = name_until - 1;
    }
    return found;
}

void participants_read(Reading *reading, Value *list)
{
    const Text *text = reading->body;
    for (guint i = 0; i < text_count(text) && value_length(list) < PROPOSALS_MOST; i++) {
        guint n =
            token_at(text, i)->section == SECTION_BODY ? lex_at(text, i, LEX_TAKES_PART, NULL) : 0;
        if (n == 0)
            continue;
        guint until = sentence_end(text, i + n);
        if (read_names(reading, list, i + n, until) == 0)
            read_names(reading, list, sentence_start(text, i), i);
        i = MAX(until, i + 1) - 1;
    }
}
