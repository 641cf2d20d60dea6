/* phone.c - telephone numbers, to E.164. Italian when no country is written; the 0 of Italian
 * landlines stays. */
#include "reading/internal.h"

#include <string.h>

#define DIGITS_MOST 15 /* E.164 */
#define CUE_TOKENS 4   /* "tel. e fax:" may stand so far before a number */

typedef struct {
    char digits[DIGITS_MOST + 1];
    guint n;
    guint until;
    guint groups;
    bool plus;
} Number;

/* Signs that may stand between groups of digits. */
static bool is_joint(const Token *token)
{
    return token->kind == TOKEN_SIGN && strchr(" ./-()", (gint)MIN(token->value, 0x7f)) &&
           token->value < 0x80;
}

static bool add_digits(Number *number, const Text *text, const Token *token)
{
    guint length = token->end - token->start;
    if (number->n + length > DIGITS_MOST)
        return false;
    memcpy(number->digits + number->n, text->bytes + token->start, length);
    number->n += length;
    number->groups++;
    return true;
}

/* Groups of digits as one number: "045 5550134", "347/555.01.98", "+39 (0)45 5550134". */
static bool gather(const Text *text, guint index, Number *number)
{
    *number = (Number){0};
    guint at = index;
    if (token_is_sign(text, at, '(') && token_is_sign(text, at + 1, '+'))
        at++;
    if (token_is_sign(text, at, '+')) {
        number->plus = true;
        at++;
    } else if (token_is_sign(text, at, '(')) {
        at++;
    }
    while (token_at(text, at)->kind == TOKEN_NUMBER) {
        if (!add_digits(number, text, token_at(text, at)))
            return false;
        number->until = ++at;
        guint signs = 0;
        while (is_joint(token_at(text, at)) && signs < 2) {
            bool spaced_dash = token_is_sign(text, at, '-') && token_at(text, at)->gap &&
                               token_at(text, at + 1)->gap;
            if (spaced_dash)
                break;
            at++;
            signs++;
        }
        if (number->n >= (number->plus ? 11u : 9u) && token_at(text, at)->gap &&
            number->groups >= 2 &&
            (text->bytes[token_at(text, at)->start] == '0' ||
             text->bytes[token_at(text, at)->start] == '3') &&
            token_at(text, at)->end - token_at(text, at)->start >= 3)
            break; /* two numbers side by side */
    }
    return number->n > 0;
}

static bool has_word_before(const Text *text, guint index, LexClass kind)
{
    for (guint back = 1; back <= CUE_TOKENS && back <= index; back++) {
        const Token *token = token_at(text, index - back);
        if (token_ends_line(token) || token->kind == TOKEN_NUMBER ||
            token_is_sign(text, index - back, ';') || token_is_sign(text, index - back, ','))
            return false;
        guint n = lex_at(text, index - back, kind, NULL);
        if (n > 0 && n <= back)
            return true;
    }
    return false;
}

/* Digits in national or international form to E.164; NULL when it can be no telephone. */
static char *to_e164(const Reading *reading, const Number *number, bool has_cue)
{
    const char *digits = number->digits;
    if (number->plus || strncmp(digits, "00", 2) == 0) {
        const char *rest = number->plus ? digits : digits + 2;
        gsize length = strlen(rest);
        if (length < 8 || rest[0] == '0')
            return NULL;
        if (strncmp(rest, "39", 2) == 0 && strncmp(rest + 2, "00", 2) == 0)
            return NULL;
        if (strncmp(rest, "39", 2) == 0 && (length < 8 || length > 13))
            return NULL;
        if (!number->plus && !has_cue)
            return NULL;
        return arena_printf(reading->arena, "+%s", rest);
    }
    bool is_mobile = digits[0] == '3' && digits[1] >= '2' && digits[1] <= '9' &&
                     (number->n == 10 || (number->n == 9 && has_cue));
    if (is_mobile)
        return arena_printf(reading->arena, "+39%s", digits);
    bool prefixed_mobile = number->n == 12 && strncmp(digits, "393", 3) == 0;
    if (prefixed_mobile)
        return arena_printf(reading->arena, "+%s", digits);
    bool is_landline =
        digits[0] == '0' && digits[1] != '0' &&
        (has_cue ? number->n >= 6 && number->n <= 11 : number->n >= 9 && number->n <= 10);
    if (is_landline)
        return arena_printf(reading->arena, "+39%s", digits);
    bool is_free = has_cue && number->n >= 8 && number->n <= 9 && strncmp(digits, "80", 2) == 0;
    return is_free ? arena_printf(reading->arena, "+39%s", digits) : NULL;
}

/* It begins and ends here: no letter, digit or sign of an identifier is glued to it. */
static bool stands_alone(const Text *text, guint index, guint until)
{
    const Token *before = index > 0 ? token_at(text, index - 1) : NULL;
    bool glued_before =
        before && !token_at(text, index)->gap && !token_ends_line(before) &&
        (before->kind == TOKEN_NUMBER || (before->kind == TOKEN_WORD && before->fold_length > 5) ||
         (before->kind == TOKEN_SIGN &&
          (before->value == '_' || before->value == '@' || before->value == '/' ||
           before->value == '.' || before->value == '-') &&
          !lex_at(text, index >= 2 ? index - 2 : 0, LEX_PHONE, NULL)));
    const Token *after = token_at(text, until);
    bool glued_after =
        !after->gap && (after->kind == TOKEN_WORD || token_is_sign(text, until, '_') ||
                        token_is_sign(text, until, '@'));
    return !glued_before && !glued_after;
}

static bool is_known(const Value *list, const char *phone)
{
    for (guint i = 0; i < value_length(list); i++) {
        g_autoptr(GString) known = g_string_new(NULL);
        value_append_text(value_at(list, i), known);
        if (strcmp(known->str, phone) == 0)
            return true;
    }
    return false;
}

/* The whole of a date or of "12/2026" is no telephone, and neither is what another rule has taken.
 */
static bool is_other_number(const Text *text, guint index, guint until)
{
    gint year, month, day;
    return text_is_taken(text, index, until) || date_at(text, index, &year, &month, &day) > 0 ||
           has_word_before(text, index, LEX_VAT) || has_word_before(text, index, LEX_PROTOCOL) ||
           has_word_before(text, index, LEX_LAW) || has_word_before(text, index, LEX_PRACTICE);
}

static bool read_phone(Reading *reading, Value *phones, Value *spans, guint index,
                       const Number *number)
{
    Text *text = reading->body;
    bool has_cue = has_word_before(text, index, LEX_PHONE);
    if (!stands_alone(text, index, number->until) || is_other_number(text, index, number->until))
        return false;
    if (has_word_before(text, index, LEX_FAX) && !has_cue)
        return false;
    char *phone = to_e164(reading, number, has_cue);
    if (!phone)
        return false;
    text_take(text, index, number->until);
    if (is_known(phones, phone))
        return true;
    value_append(phones, value_text(reading->arena, phone));
    Value *span =
        proposal_new(reading, spans, text, index, number->until, has_cue ? CERTAIN : LIKELY,
                     number->plus ? "phone.international" : "phone.national");
    value_set_text(span, "value", phone);
    return true;
}

/* `object` gets phones (E.164) and phone_spans. */
void phones_read(Reading *reading, Value *object)
{
    Value *phones = value_set_list(object, "phones");
    Value *spans = value_list(reading->arena);
    Text *text = reading->body;
    for (guint i = 0; i < text_count(text) && value_length(phones) < PROPOSALS_MOST; i++) {
        const Token *token = token_at(text, i);
        bool begins = token->kind == TOKEN_NUMBER || token_is_sign(text, i, '+') ||
                      token_is_sign(text, i, '(');
        if (!begins || !token_is_read(token))
            continue;
        Number number;
        if (!gather(text, i, &number))
            continue;
        if (read_phone(reading, phones, spans, i, &number))
            i = number.until - 1;
    }
    value_set(object, "phone_spans", spans);
}
