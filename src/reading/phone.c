/* phone.c - telephone numbers, to E.164. Italian when no country is written; the 0 of Italian
 * landlines stays. */
#include "reading/phone_cues.h"

#include <string.h>

#define DIGITS_MOST 15 /* E.164 */

typedef struct {
    char digits[DIGITS_MOST + 1];
    guint n;
    guint until;
    guint groups, first_length, last_length;
    guint other; /* token of "135" in "045 5550134/135", 0: none */
    bool plus;
} Number;

/* --- digits
 * ------------------------------------------------------------------------------------------- */

/* Signs that may stand between groups of digits. */
bool phone_is_joint(const Token *token)
{
    return token->kind == TOKEN_SIGN && strchr(" ./-()", (gint)MIN(token->value, 0x7f)) &&
           token->value < 0x80;
}

static bool is_italian(const Number *number)
{
    return number->plus
               ? strncmp(number->digits, "39", 2) == 0
               : strncmp(number->digits, "00", 2) != 0 || strncmp(number->digits, "0039", 4) == 0;
}

static bool add_digits(Number *number, const Text *text, const Token *token)
{
    const char *digits = text->bytes + token->start;
    guint length = token->end - token->start;
    number->groups++;
    number->last_length = length;
    number->first_length = number->groups == 1 ? length : number->first_length;
    bool is_trunk_zero = number->groups == 2 && number->first_length == (number->plus ? 2 : 4) &&
                         digits[0] == '0' && !is_italian(number); /* "+49 (0)171" */
    if (is_trunk_zero) {
        digits++;
        length--;
        number->groups -= length == 0 ? 1 : 0;
    }
    if (number->n + length > DIGITS_MOST)
        return false;
    memcpy(number->digits + number->n, digits, length);
    number->n += length;
    return true;
}

static guint digits_at(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    return token->kind == TOKEN_NUMBER ? token->end - token->start : 0;
}

/* "045 5550134/135", "045 5550134 / 35": the number is whole and what follows stands for another.
 */
static bool ends_before_other(const Text *text, guint at, Number *number)
{
    bool is_slash = token_is_sign(text, at, '/');
    bool is_glued = (is_slash || token_is_sign(text, at, '-')) && token_glued(text, at) &&
                    token_glued(text, at + 1);
    guint length = is_slash || is_glued ? digits_at(text, at + 1) : 0;
    if (length == 0 || number->n < (number->plus ? 11u : 9u))
        return false;
    if (!is_glued && length >= number->last_length)
        return false;
    if (is_glued && length <= number->last_length && is_italian(number))
        number->other = at + 1;
    return true;
}

/* Digits of which it may be whole: with a country's before it, or "00" and a country's, more. */
static guint whole_digits(const Number *number)
{
    bool has_zeros = number->n >= 2 && number->digits[0] == '0' && number->digits[1] == '0';
    return number->plus ? 11 : has_zeros ? 12 : 9;
}

/* "045 8001122 347 1234567": two numbers side by side. */
static bool next_begins_another(const Text *text, guint at, const Number *number)
{
    const Token *token = token_at(text, at);
    return number->n >= whole_digits(number) && token->gap && number->groups >= 2 &&
           (text->bytes[token->start] == '0' || text->bytes[token->start] == '3') &&
           digits_at(text, at) >= 3;
}

/* A dash between spaces parts two numbers, but not a prefix from its number. */
static guint skip_joints(const Text *text, guint at, const Number *number)
{
    bool is_prefix = number->groups == 1 && number->n <= 4 && !number->plus &&
                     (number->digits[0] == '0' || number->digits[0] == '3');
    bool is_whole = number->n >= 8 && number->groups >= 2; /* "045 5550128 (9-12)" */
    for (guint signs = 0; phone_is_joint(token_at(text, at)) && signs < 2; signs++) {
        if (is_whole && token_is_sign(text, at, '('))
            break;
        bool spaced_dash =
            token_is_sign(text, at, '-') && token_at(text, at)->gap && token_at(text, at + 1)->gap;
        if (spaced_dash && !is_prefix)
            break;
        at++;
    }
    return at;
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
    while (digits_at(text, at) > 0) {
        if (!add_digits(number, text, token_at(text, at)))
            return false;
        number->until = ++at;
        if (ends_before_other(text, at, number))
            break;
        at = skip_joints(text, at, number);
        if (next_begins_another(text, at, number))
            break;
    }
    return number->n > 0;
}

/* --- E.164
 * -------------------------------------------------------------------------------------------- */

/* "0041 44 …" without a word beside it: the prefix stands apart and is one that people have. */
static bool is_written_abroad(const Number *number)
{
    static const char *const prefixes[] = {"0039", "0041", "0043", "0049", "0044", "0033", "0034"};
    if (number->groups < 2 || number->first_length != 4)
        return strncmp(number->digits, "00393", 5) == 0 && number->n >= 13 && number->n <= 14;
    for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (strncmp(number->digits, prefixes[i], 4) == 0)
            return true;
    return false;
}

static char *from_abroad(const Reading *reading, const Number *number, bool has_cue)
{
    const char *rest = number->plus ? number->digits : number->digits + 2;
    gsize length = strlen(rest);
    bool is_italian_bad = strncmp(rest, "39", 2) == 0 && (rest[2] == '0' ? rest[3] == '0' : false);
    if (length < 8 || rest[0] == '0' || is_italian_bad ||
        (strncmp(rest, "39", 2) == 0 && length > 13) ||
        (!number->plus && !has_cue && !is_written_abroad(number)))
        return NULL;
    return arena_printf(reading->arena, "+%s", rest);
}

/* Digits in national or international form to E.164; NULL when it can be no telephone. */
static char *to_e164(const Reading *reading, const Number *number, bool has_cue)
{
    const char *digits = number->digits;
    if (number->plus || strncmp(digits, "00", 2) == 0)
        return from_abroad(reading, number, has_cue);
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

/* --- reading
 * ------------------------------------------------------------------------------------------ */

/* "cell3386677889", not "T3456001122". */
static bool may_be_glued(const Text *text, guint word)
{
    return token_at(text, word)->fold_length > 1 &&
           (lex_at(text, word, LEX_PHONE, NULL) == 1 || lex_languages(text, word) > 0);
}

/* It begins and ends here: no letter, digit or sign of an identifier is glued to it. */
static bool stands_alone(const Text *text, guint index, guint until)
{
    const Token *before = index > 0 ? token_at(text, index - 1) : NULL;
    bool glued_before = before && !token_at(text, index)->gap && !token_ends_line(before) &&
                        (before->kind == TOKEN_NUMBER ||
                         (before->kind == TOKEN_WORD && !may_be_glued(text, index - 1)) ||
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

/* "3.471.234.567,50 euro" */
static bool is_amount(const Text *text, guint index, guint until)
{
    bool has_cents = token_is_sign(text, until, ',') && token_glued(text, until) &&
                     token_glued(text, until + 1) && digits_at(text, until + 1) > 0;
    return has_cents || token_is_sign(text, until, 0x20ac) || token_is(text, until, "euro") ||
           (index > 0 && token_is_sign(text, index - 1, 0x20ac));
}

/* The whole of a date or of "12/2026" is no telephone, and neither is what another rule has taken.
 */
static bool is_other_number(const Text *text, guint index, guint until)
{
    gint year, month, day;
    return text_is_taken(text, index, until) || is_amount(text, index, until) ||
           date_at(text, index, &year, &month, &day) > 0;
}

typedef struct {
    Reading *reading;
    Value *phones, *spans;
    guint last; /* where the one before ends */
} Phones;

/* "casa 045 5550134; cell 347 5550198; lavoro 045 5550135": a list of them, on one line. */
static bool goes_on(const Phones *found, guint index)
{
    static const char *const places[] = {"casa",  "lavoro", "ufficio",  "studio", "abitazione",
                                         "fisso", "altro",  "cantiere", "sede",   NULL};
    const Text *text = found->reading->body;
    if (found->last == 0 || index < found->last + 2 || index > found->last + 3)
        return false;
    for (guint i = found->last - 1; i < index; i++)
        if (token_ends_line(token_at(text, i)))
            return false;
    for (guint i = 0; places[i]; i++)
        if (token_is(text, index - 1, places[i]) ||
            (token_is_sign(text, index - 1, ':') && token_is(text, index - 2, places[i])))
            return true;
    return false;
}

static void propose(Phones *found, const char *phone, guint index, guint until,
                    Confidence confidence, const char *rule)
{
    if (is_known(found->phones, phone))
        return;
    value_append(found->phones, value_text(found->reading->arena, phone));
    Value *span = proposal_new(found->reading, found->spans, found->reading->body, index, until,
                               confidence, rule);
    value_set_text(span, "value", phone);
}

/* "/135" behind "045 5550134": the last digits of another number. */
static void propose_other(Phones *found, Number *number, bool has_cue)
{
    Text *text = found->reading->body;
    guint length = digits_at(text, number->other);
    bool ends = !token_glued(text, number->other + 1) ||
                token_is_sign(text, number->other + 1, '.') ||
                token_is_sign(text, number->other + 1, ',');
    if (!ends || text_is_taken(text, number->other, number->other + 1))
        return;
    memcpy(number->digits + number->n - length, text->bytes + token_at(text, number->other)->start,
           length);
    char *phone = to_e164(found->reading, number, has_cue);
    if (!phone)
        return;
    text_take(text, number->other, number->other + 1);
    propose(found, phone, number->other, number->other + 1, LIKELY, "phone.abbreviated");
}

/* The token to go on with: past a number that is read, or known to be something else. */
static guint read_phone(Phones *found, guint index, Number *number)
{
    Text *text = found->reading->body;
    PhoneCue cue = phone_cue(text, index, number->until);
    cue = cue == CUE_NONE && goes_on(found, index) ? CUE_PHONE : cue;
    if (cue == CUE_FAX || cue == CUE_OTHER)
        return number->until;
    if (!stands_alone(text, index, number->until) || is_other_number(text, index, number->until))
        return index + 1;
    char *phone = to_e164(found->reading, number, cue == CUE_PHONE);
    if (!phone)
        return index + 1;
    bool is_landline = !number->plus && number->digits[0] == '0' && number->digits[1] != '0';
    if (is_landline && cue == CUE_NONE && !phone_is_offered(text, index))
        return number->until;
    text_take(text, index, number->until);
    found->last = number->until;
    propose(found, phone, index, number->until, cue == CUE_PHONE ? CERTAIN : LIKELY,
            number->plus ? "phone.international" : "phone.national");
    if (number->other > 0)
        propose_other(found, number, cue == CUE_PHONE);
    return MAX(number->until, number->other + 1);
}

/* `object` gets phones (E.164) and phone_spans. */
void phones_read(Reading *reading, Value *object)
{
    Phones found = {reading, value_set_list(object, "phones"), value_list(reading->arena), 0};
    Text *text = reading->body;
    LexSet begins = LEX_SET(LEX_FIGURES, LEX_DIALLED);
    for (guint i = 0; value_length(found.phones) < PROPOSALS_MOST &&
                      lex_next(text, &i, text_count(text), begins);) {
        Number number;
        bool is_number = token_is_read(token_at(text, i)) && gather(text, i, &number);
        i = is_number ? read_phone(&found, i, &number) : i + 1;
    }
    value_set(object, "phone_spans", found.spans);
}
