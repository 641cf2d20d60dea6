/* behalf.c - for whom somebody writes: "per conto della ditta Edil Rossi s.r.l.", "committente:
 * Mario Rossi e Anna Bianchi". */
#include "reading/people.h"

#define DENIED_WITHIN 3 /* "non ho alcun incarico dalla" */

/* Values of LEX_BEHALF. */
enum { NEEDS_NOTHING, NEEDS_COLON, NEEDS_PERSON };

/* "committente:", and set apart: "- committente sig. Walter Fior". */
static bool is_label(const Text *text, guint index, guint after)
{
    if (token_is_sign(text, after, ':') ||
        (token_is_sign(text, after, '.') && token_is_sign(text, after + 1, ':')))
        return true;
    const Token *before = index > 0 ? token_at(text, index - 1) : &token_nothing;
    bool is_apart = index == 0 || token_ends_line(before) ||
                    (before->kind == TOKEN_SIGN && (before->value == '-' || before->value == '(') &&
                     before->gap);
    return is_apart && lex_at(text, after, LEX_PERSON, NULL) > 0;
}

/* "per mio marito Dino Lelli": only with a word for who that is, "per mio conto" has none. */
static bool names_person(const Text *text, guint index)
{
    guint at = people_skip_titles(text, index);
    return lex_within(text, index, at + 1, LEX_PERSON, NULL);
}

/* "Corso Milano", but "Corte Vecchia" may be a firm's name. */
static bool is_street(const Text *text, guint index)
{
    gint kind = 0;
    return lex_at(text, index, LEX_STREET, &kind) > 0 && kind == 0;
}

/* "non per conto del condominio", "non ho incarico dalla": it is not said of the sender. */
static bool is_denied(const Text *text, guint index)
{
    static const char *const words[] = {"non", "senza", "nicht", "not", NULL};
    static const char *const other[] = {"ma", "bensi", "se", "sondern", "but", NULL};
    static const char *const done[] = {"presentato", "scritto", "depositato", "firmato", NULL};
    if (index > 1 && people_is_word(text, index - 1, done) && token_is(text, index - 2, "ha"))
        return true; /* "il vicino ha presentato per conto di": another's */
    for (guint back = 1; back <= DENIED_WITHIN && back <= index; back++) {
        if (token_at(text, index - back)->kind != TOKEN_WORD ||
            people_is_word(text, index - back, other))
            return false;
        if (people_is_word(text, index - back, words))
            return true;
    }
    return false;
}

/* "condominio. Il vicino": the full stop of a sentence in [from, until); `until` when there is
 * none. */
static guint stop_within(const Text *text, guint from, guint until)
{
    for (guint i = from + 1; i + 1 < until; i++)
        if (token_is_sign(text, i, '.') && token_at(text, i - 1)->fold_length > 4 &&
            token_at(text, i + 1)->gap && lex_languages(text, i + 1) > 0)
            return i;
    return until;
}

/* Whose name follows a phrase at `index` of `n` tokens: where it begins and ends. */
static bool party_after(const Reading *reading, guint index, guint n, guint *from, guint *until)
{
    const Text *text = reading->body;
    guint at = people_skip_titles(text, index + n);
    guint length = people_party_at(text, at);
    for (guint i = index + n; i <= at; i++)
        if (people_is_office(text, i) || token_ends_line(token_at(text, i)))
            return false;
    if (length == 0 || is_street(text, at) ||
        people_is_named(text, at, at + length, reading->message->from.name))
        return false;
    *from = at;
    *until = stop_within(text, at, at + length);
    return *until == at + length || token_at(text, at)->upper;
}

void behalf_read(Reading *reading, Value *object)
{
    const Text *text = reading->body;
    value_set(object, "on_behalf_of", value_null(reading->arena));
    for (guint i = 0; lex_next(text, &i, text_count(text), LEX_SET(LEX_BEHALF)); i++) {
        gint needs = NEEDS_NOTHING;
        guint from, until;
        if (token_at(text, i)->section != SECTION_BODY)
            continue;
        guint n = lex_at(text, i, LEX_BEHALF, &needs);
        bool has_need = needs == NEEDS_COLON    ? is_label(text, i, i + n)
                        : needs == NEEDS_PERSON ? names_person(text, i + n)
                                                : true;
        if (n == 0 || !has_need || is_denied(text, i) || !party_after(reading, i, n, &from, &until))
            continue;
        value_set_text(object, "on_behalf_of", proposal_raw(reading, text, from, until));
        value_set(object, "on_behalf_of_span",
                  proposal_new(reading, NULL, text, i, until, LIKELY,
                               needs == NEEDS_COLON ? "behalf.label" : "behalf.phrase"));
        return;
    }
}
