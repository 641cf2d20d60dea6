/* behalf.c - for whom somebody writes: "per conto della ditta Edil Rossi s.r.l.", "committente:
 * Mario Rossi e Anna Bianchi". */
#include "reading/people.h"

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
    *until = at + length;
    return true;
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
        if (n == 0 || !has_need || !party_after(reading, i, n, &from, &until))
            continue;
        value_set_text(object, "on_behalf_of", proposal_raw(reading, text, from, until));
        value_set(object, "on_behalf_of_span",
                  proposal_new(reading, NULL, text, i, until, LIKELY,
                               needs == NEEDS_COLON ? "behalf.label" : "behalf.phrase"));
        return;
    }
}
