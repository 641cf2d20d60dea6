/* passed_back.c - what is passed on and is not to be read for what somebody wants: a letter of the
 * office's own, whose times and telephones are the office's; and whatever stands below a request of
 * the sender's own, which is there to explain it. */
#include "reading/people.h"

#define BEFORE_TOKENS 60 /* from "Da: …" or "… ha scritto:" to the forwarded words */
#define AFTER_TOKENS 120
#define LINE_TOKENS 40
#define ASKED_WITHIN 12 /* tokens from "vorrei" to "un incontro" */

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

/* The first token that is passed on, text_count() when none is. */
static guint first_passed_on(const Text *text)
{
    guint first = 0;
    while (first < text_count(text) && token_at(text, first)->section != SECTION_FORWARD)
        first++;
    return first;
}

static void quote_from(Text *text, guint first)
{
    for (guint i = first; i < text_count(text); i++)
        if (token_at(text, i)->section == SECTION_FORWARD)
            text->tokens[i].section = SECTION_QUOTE;
}

void passed_back_mark(const Reading *reading, Text *text)
{
    guint first = first_passed_on(text), from, until;
    if (first == text_count(text))
        return;
    const char *writer = NULL;
    for (guint i = first > BEFORE_TOKENS ? first - BEFORE_TOKENS : 0;
         i < first + AFTER_TOKENS && !writer; i++)
        if (token_at(text, i)->section != SECTION_BODY && names_writer(text, i, &from, &until))
            writer = people_email_within(reading, text, from, until);
    if (classify_is_own(reading->office, writer))
        quote_from(text, first);
}

/* --- below a request of the sender's own --------------------------------------------------- */

/* Some time is wished for in the sender's own words. */
static bool wishes_time(Reading *reading)
{
    g_autoptr(Arena) arena = arena_new();
    Arena *kept = reading->arena;
    Day deadline = G_MININT32;
    reading->arena = arena;
    Value *wishes = value_list(arena);
    wishes_read(reading, wishes, &deadline);
    reading->arena = kept;
    for (guint i = 0; i < value_length(wishes); i++) {
        const Value *wish = value_at(wishes, i);
        guint at = text_token_from(reading->body, (guint32)value_get_integer(wish, "start"));
        if (g_strcmp0(value_get_text(wish, "source"), "text") == 0 &&
            token_at(reading->body, at)->section == SECTION_BODY)
            return true;
    }
    return false;
}

/* "vorrei", "ich hätte gerne", "could we": the sender asks, not "my client would like". */
static bool is_asking(const Text *text, guint index)
{
    static const char *const alone[] = {
        "vorrei",   "vorremmo", "chiedo",      "chiediamo",  "chiederei",  "chiederemmo",
        "desidero", "richiedo", "desideriamo", "gradirei",   "gradiremmo", "avrei",
        "avremmo",  "possiamo", "potremmo",    "chiamatemi", "chiamarmi",  NULL};
    static const char *const with_pronoun[] = {"mochte", "mochten", "moechte", "moechten", "hatte",
                                               "hatten", "haette",  "brauche", "bitte",    "would",
                                               "could",  "can",     "need",    NULL};
    static const char *const pronouns[] = {"i", "we", "ich", "wir", NULL};
    return people_is_word(text, index, alone) ||
           (people_is_word(text, index, with_pronoun) &&
            (people_is_word(text, index + 1, pronouns) ||
             (index > 0 && people_is_word(text, index - 1, pronouns))));
}

/* "vorrei parlarne con voi", "chiedo un incontro", nothing of it said to stand below. */
static bool asks_meeting(const Text *text)
{
    static const char *const pointing[] = {"sotto", "seguito", "sottostante", "seguente",
                                           "unten", "below",   "suo",         "sua",
                                           "lui",   "lei",     "conto",       NULL};
    bool asks = false;
    for (guint i = 0; i < text_count(text); i++) {
        if (token_at(text, i)->section != SECTION_BODY)
            continue;
        if (people_is_word(text, i, pointing))
            return false;
        guint meeting = i;
        asks |= is_asking(text, i) &&
                lex_within(text, i, i + ASKED_WITHIN, LEX_MEETING, &meeting) &&
                token_at(text, meeting)->section == SECTION_BODY;
    }
    return asks;
}

void passed_on_mark(Reading *reading)
{
    guint first = first_passed_on(reading->body);
    if (first == text_count(reading->body))
        return;
    if (wishes_time(reading) ||
        (!sender_is_colleague(reading->office, reading->message->from.email) &&
         asks_meeting(reading->body)))
        quote_from(reading->body, first);
}
