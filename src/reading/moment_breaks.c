/* moment_breaks.c - what cuts a text into sentences and clauses, and the words that say what is
 * meant with the times around them. */
#include "reading/moments.h"

#define QUESTION_TOKENS 25 /* how far the end of a question is looked for */
/* "nov.", "gio.": a full stop after so few letters ends no sentence */
#define ABBREVIATION_LETTERS 4

static bool ends_sentence(const Text *text, guint index)
{
    const Token *sign = token_at(text, index), *before = token_at(text, index - 1),
                *after = token_at(text, index + 1);
    if (sign->value == '!' || sign->value == '?')
        return true;
    if (sign->value != '.')
        return false;
    if (after->kind == TOKEN_SIGN && after->value == '.')
        return true;
    bool is_ordinal = text_languages(text, index) == LANGUAGE_DE && index > 0 &&
                      before->kind == TOKEN_NUMBER && after->gap &&
                      !after->upper; /* "am 26. um 10 Uhr" */
    if (is_ordinal)
        return false;
    bool separates = after->gap || after->kind == TOKEN_END || token_ends_line(after);
    bool is_join = index > 0 && (lex_at(text, index - 1, LEX_OR, NULL) == 1 ||
                                 lex_at(text, index - 1, LEX_AND, NULL) == 1);
    if (is_join)
        return false; /* "Di 24.11. od. Do 26.11." */
    bool is_short = index > 0 && before->kind == TOKEN_WORD &&
                    before->fold_length <= ABBREVIATION_LETTERS && after->gap && !after->upper;
    return separates && !is_short;
}

bool moment_break_at(const Text *text, guint index, Moment *moment)
{
    const Token *token = token_at(text, index);
    if (token->kind != TOKEN_SIGN && !token_ends_line(token))
        return false;
    *moment = moment_of_day(NO_DAY);
    moment->from = index;
    moment->until = index + 1;
    if (token_ends_line(token)) {
        bool after_colon = index > 0 && token_is_sign(text, index - 1, ':');
        moment->kind = token->kind == TOKEN_LINE || after_colon ? MOMENT_LIST : MOMENT_PARAGRAPH;
        return true;
    }
    if (ends_sentence(text, index)) {
        moment->kind = MOMENT_SENTENCE;
        return true;
    }
    bool begins_line = index == 0 || token_ends_line(token_at(text, index - 1));
    bool is_dash =
        token->value == '-' && token->gap && token_at(text, index + 1)->gap && !begins_line;
    moment->kind = MOMENT_COMMA;
    return is_dash || token->value == ',' || token->value == ';' || token->value == '(' ||
           token->value == ')';
}

/* "ho il martedì libero", "ho la mattina", "ho un appuntamento": no business of theirs. */
static bool speaks_of_time(const Text *text, guint index)
{
    return lex_at(text, index, LEX_WEEKDAY, NULL) || lex_at(text, index, LEX_PART, NULL) ||
           lex_at(text, index, LEX_DAY_WORD, NULL) || lex_at(text, index, LEX_WEEK, NULL) ||
           token_at(text, index)->kind != TOKEN_WORD;
}

/* "ci vediamo giovedì alle 10?" */
static bool ends_in_question(const Text *text, guint index)
{
    for (guint i = index; i < index + QUESTION_TOKENS; i++) {
        const Token *token = token_at(text, i);
        if (token_is_sign(text, i, '?'))
            return true;
        if (token_ends_line(token) || token->kind == TOKEN_END || token_is_sign(text, i, '!') ||
            (token_is_sign(text, i, '.') && token_at(text, i + 1)->gap))
            return false;
    }
    return false;
}

/* "il lunedì lavoro", "Montag arbeite ich": right behind a day. */
static bool is_work_verb(const Text *text, guint index)
{
    static const char *const words[] = {"lavoro", "lavoriamo", "insegno", "arbeite", "arbeiten"};
    bool is_behind = index > 0 && (token_at(text, index - 1)->kind == TOKEN_NUMBER ||
                                   lex_at(text, index - 1, LEX_WEEKDAY, NULL) > 0 ||
                                   lex_at(text, index - 1, LEX_PART, NULL) > 0);
    for (guint i = 0; is_behind && i < G_N_ELEMENTS(words); i++)
        if (token_is(text, index, words[i]))
            return true;
    return false;
}

guint moment_cue_at(const Text *text, guint index, bool after_piece, Moment *moment)
{
    LexClass kind = LEX_WISH;
    gint value = 0;
    guint n = lex_any(text, index, LEX_BUT, LEX_BOOKED, &kind, &value);
    bool is_yes = n == 0 && token_at(text, index)->kind == TOKEN_WORD &&
                  token_is(text, index, "si") &&
                  token_at(text, index)->end - token_at(text, index)->start > 2;
    bool is_neither = n == 0 && token_at(text, index)->kind == TOKEN_WORD &&
                      token_is(text, index, "ne") &&
                      token_at(text, index)->end - token_at(text, index)->start > 2; /* "né" */
    if (is_yes || is_neither)
        n = 1;
    kind = is_neither ? LEX_NOT : kind;
    bool is_work = n == 0 && after_piece && is_work_verb(text, index);
    if (is_work) {
        n = 1;
        kind = LEX_EXCLUDE;
    }
    guint meeting = lex_at(text, index, LEX_MEETING, NULL);
    if (n == 0 && meeting > 0) {
        n = meeting;
        kind = LEX_MEETING;
    }
    bool has_free_time = kind == LEX_EXCLUDE && value == 2 && speaks_of_time(text, index + n);
    if (n == 0 || has_free_time)
        return 0;
    bool is_inside = kind == LEX_BUT && value == 1 && after_piece; /* "giovedì invece sì" */
    *moment = moment_of_day(NO_DAY);
    moment->kind = kind != LEX_BUT ? MOMENT_CUE : is_inside ? MOMENT_JOIN : MOMENT_BUT;
    moment->cue = kind;
    moment->cue_value = value;
    moment->from = index;
    moment->until = index + n;
    moment->is_question = kind == LEX_BOOKED && value == 1 && ends_in_question(text, index + n);
    return n;
}
