/* sections.c - whose words are these: the sender's, a signature, an older message, a disclaimer.
 *
 * Works line by line before wrapped lines are joined. What is decided here keeps an older
 * appointment, the hours of a studio and the date of a law out of the wishes.
 */
#include "reading/internal.h"

#include <string.h>

#define INTRO_LINES 4      /* an attribution may wrap over so many lines */
#define SIGNATURE_WORDS 8  /* a line of a signature is short */
#define CONTACT_WORDS 24   /* of a line with a number that is called so */
#define SMALL_WORDS_MOST 2 /* of a line with a name: "geom. Luca Neri, studio tecnico" */
#define SIGNATURE_LINES 30
#define NAME_TOKENS 16  /* of the sender's name that are looked at */
#define CLOSING_WORDS 9 /* "Cordiali saluti, geom. Mario Rossi" */
#define HINT_LINES 4    /* that a note may wrap over */
#define HINTS_IN_BODY 3
#define HINTS_IN_SIGNATURE 2
#define DISCLAIMER_WITHIN 4 /* words before the phrase that gives a disclaimer away */

typedef struct {
    guint from, until; /* tokens, without the line end */
    guint words;
} Line;

typedef struct {
    Text *text;
    GArray *lines; /* Line */
    Text *name;    /* the sender's, NULL when none */
    bool is_forward;
    Section section; /* of the lines that follow */
    bool is_sticky;  /* to the end */
} Marking;

static void cut_lines(Marking *marking)
{
    Line line = {0};
    guint n = text_count(marking->text);
    for (guint i = 0; i <= n; i++) {
        const Token *token = token_at(marking->text, i);
        if (i < n && token->kind != TOKEN_LINE) {
            line.words += token->kind == TOKEN_WORD ? 1 : 0;
            continue;
        }
        line.until = i;
        g_array_append_val(marking->lines, line);
        line = (Line){.from = i + 1};
    }
}

static const Line *line_at(const Marking *marking, guint index)
{
    return &g_array_index(marking->lines, Line, index);
}

static bool is_blank(const Line *line)
{
    return line->from == line->until;
}

static guint next_filled(const Marking *marking, guint index)
{
    while (index < marking->lines->len && is_blank(line_at(marking, index)))
        index++;
    return index;
}

static bool is_quoted(const Marking *marking, const Line *line)
{
    return token_is_sign(marking->text, line->from, '>') ||
           token_is_sign(marking->text, line->from, '|');
}

static guint first_word(const Marking *marking, const Line *line)
{
    guint at = line->from;
    while (at < line->until && token_at(marking->text, at)->kind == TOKEN_SIGN)
        at++;
    return at;
}

/* --- older messages
 * ----------------------------------------------------------------------------------- */

/* "Il giorno 17 nov", "On Tue, 17": how the line above an older message begins. */
static bool begins_attribution(const Marking *marking, const Line *line)
{
    static const char *const words[] = {"il", "in", "on", "am", "le", "nel", "at"};
    guint at = first_word(marking, line), until = MIN(line->until, line->from + 12);
    bool begins = token_at(marking->text, at)->kind == TOKEN_NUMBER;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        begins |= token_is(marking->text, at, words[i]);
    return begins && lex_next(marking->text, &(guint){line->from}, until, LEX_SET(LEX_FIGURES));
}

static bool ends_sentence(const Marking *marking, const Line *line)
{
    guint last = line->until - 1;
    return token_is_sign(marking->text, last, '.') || token_is_sign(marking->text, last, '?') ||
           token_is_sign(marking->text, last, '!');
}

/* "Il giorno … ha scritto:", perhaps wrapped. The number of its lines, 0: it is none. */
static guint attribution_lines(const Marking *marking, guint index)
{
    if (!begins_attribution(marking, line_at(marking, index)))
        return 0;
    for (guint n = 0; n < INTRO_LINES && index + n < marking->lines->len; n++) {
        const Line *line = line_at(marking, index + n);
        if (is_blank(line) || ends_sentence(marking, line))
            return 0;
        if (lex_within(marking->text, line->from, line->until, LEX_WROTE, NULL))
            return token_is_sign(marking->text, line->until - 1, ':') ? n + 1 : 0;
    }
    return 0;
}

static bool is_header_line(const Marking *marking, guint index, LexClass kind)
{
    if (index >= marking->lines->len)
        return false;
    const Line *line = line_at(marking, index);
    guint at = first_word(marking, line);
    guint n = lex_at(marking->text, at, kind, NULL);
    while (n > 0 && token_is_sign(marking->text, at + n, '*'))
        n++;
    return n > 0 && token_is_sign(marking->text, at + n, ':');
}

/* "Da: … / Inviato: … / A: … / Oggetto: …" */
static bool begins_header(const Marking *marking, guint index)
{
    if (!is_header_line(marking, index, LEX_HEAD_FROM))
        return false;
    guint next = next_filled(marking, index + 1);
    return is_header_line(marking, next, LEX_HEAD_SENT) ||
           is_header_line(marking, next_filled(marking, next + 1), LEX_HEAD_SENT);
}

/* "-----Messaggio originale-----": the section that follows, BODY when it is no such line. */
static Section after_separator(const Marking *marking, const Line *line)
{
    guint at = first_word(marking, line);
    if (line->words > 6)
        return SECTION_BODY;
    guint n = lex_at(marking->text, at, LEX_FORWARDED, NULL);
    if (n > 0)
        return SECTION_FORWARD;
    n = lex_at(marking->text, at, LEX_ORIGINAL, NULL);
    if (n == 0)
        return SECTION_BODY;
    return marking->is_forward ? SECTION_FORWARD : SECTION_QUOTE;
}

/* --- signatures and disclaimers
 * ----------------------------------------------------------------------- */

static bool is_dashes(const Marking *marking, const Line *line)
{
    return line->until - line->from == 2 && token_is_sign(marking->text, line->from, '-') &&
           token_is_sign(marking->text, line->from + 1, '-');
}

/* "In attesa di riscontro porgo cordiali saluti": the next line begins the signature. */
static bool ends_with_closing(const Marking *marking, const Line *line)
{
    guint last = line->until;
    while (last > line->from && token_at(marking->text, last - 1)->kind == TOKEN_SIGN)
        last--;
    for (guint i = last > line->from + 6 ? last - 6 : line->from; i < last; i++) {
        guint n = lex_at(marking->text, i, LEX_CLOSING, NULL);
        if (n > 0 && i + n >= last)
            return true;
    }
    return false;
}

/* Times and wishes are no part of a farewell: "Buona giornata, sarei libero martedì". */
static bool says_more(const Marking *marking, const Line *line)
{
    const Text *text = marking->text;
    if (lex_within(text, line->from, line->until, LEX_WEEKDAY, NULL))
        return true;
    for (guint i = line->from; lex_next(text, &i, line->until, LEX_SET(LEX_WISH)); i++)
        if (lex_at(text, i, LEX_WISH, NULL) > lex_at(text, i, LEX_ROLE, NULL))
            return true; /* not "libero professionista" */
    return false;
}

static bool is_closing(const Marking *marking, const Line *line)
{
    guint at = first_word(marking, line);
    if (line->words > CLOSING_WORDS || says_more(marking, line))
        return false;
    guint n = lex_at(marking->text, at, LEX_THANKS, NULL);
    if (n > 0 && lex_within(marking->text, at + n, line->until, LEX_CLOSING, NULL))
        return true; /* "Grazie e cordiali saluti" */
    return lex_at(marking->text, at, LEX_CLOSING, NULL) > 0;
}

/* "P.IVA e C.F. 03344556677 - REA VR-330011": long lines that are part of a signature. */
static bool is_contact(const Marking *marking, const Line *line)
{
    bool has_number = false, has_cue = false;
    if (line->words > CONTACT_WORDS)
        return false;
    for (guint i = line->from; i < line->until; i++) {
        if (token_is_sign(marking->text, i, '@'))
            return true;
        has_number |= token_at(marking->text, i)->kind == TOKEN_NUMBER;
        has_cue |= lex_at(marking->text, i, LEX_VAT, NULL) > 0 ||
                   lex_at(marking->text, i, LEX_FAX, NULL) > 0 ||
                   lex_at(marking->text, i, LEX_PHONE, NULL) > 0;
    }
    return has_number && has_cue;
}

static bool is_one_of(const Text *text, guint index, const char *const *words)
{
    for (; *words; words++)
        if (token_is(text, index, *words))
            return true;
    return false;
}

/* Tokens of a weekday, 0 when there is none. */
static guint weekday_at(const Text *text, guint index)
{
    guint n = lex_at(text, index, LEX_WEEKDAY, NULL);
    return n > 0 ? n : lex_at(text, index, LEX_WEEKDAY_SHORT, NULL);
}

/* "lun-ven", "lunedì/venerdì", "dal lunedì al venerdì" */
static bool is_range_of_days(const Text *text, guint index, guint n)
{
    guint at = index + n + (token_is_sign(text, index + n, '.') ? 1 : 0);
    bool goes_on =
        token_is_sign(text, at, '-') || token_is_sign(text, at, '/') || token_is(text, at, "al");
    return goes_on && weekday_at(text, at + 1) > 0;
}

/* "lunedì-venerdì 9-13", "sabato su appuntamento": hours in a signature, of no word but these. */
static bool is_hours(const Marking *marking, const Line *line)
{
    static const char *const words[] = {"dal",        "al",     "e",       "dalle", "alle",
                                        "ore",        "su",     "il",      "solo",  "mattina",
                                        "pomeriggio", "da",     "a",       "i",     "ufficio",
                                        "studio",     "giorni", "feriali", NULL};
    static const char *const telling[] = {"orari",       "orario", "chiuso",       "aperto",
                                          "ricevimento", "riceve", "appuntamento", NULL};
    bool tells = false;
    for (guint i = line->from; i < line->until; i++) {
        const Text *text = marking->text;
        if (token_at(text, i)->kind != TOKEN_WORD)
            continue;
        guint day = weekday_at(text, i);
        tells |= is_one_of(text, i, telling) || (day > 0 && is_range_of_days(text, i, day));
        if (day == 0 && !tells && !is_one_of(text, i, words))
            return false;
    }
    return tells && !lex_within(marking->text, line->from, line->until, LEX_WISH, NULL);
}

/* Only short lines follow, as far as a signature reaches. */
static bool only_short_lines_follow(const Marking *marking, guint index)
{
    for (guint i = index; i < marking->lines->len && i < index + SIGNATURE_LINES; i++) {
        const Line *line = line_at(marking, i);
        if (is_quoted(marking, line) || attribution_lines(marking, i) > 0 ||
            begins_header(marking, i) || after_separator(marking, line) != SECTION_BODY)
            return true;
        if ((line->words > SIGNATURE_WORDS && !is_contact(marking, line)) ||
            lex_at(marking->text, line->from, LEX_SALUTATION, NULL) > 0 ||
            (says_more(marking, line) && !is_closing(marking, line) && !is_hours(marking, line)))
            return false;
        if (is_closing(marking, line))
            return true;
    }
    return true;
}

static bool is_thanks(const Marking *marking, guint index)
{
    const Line *line = line_at(marking, index);
    return line->words <= 5 && !says_more(marking, line) &&
           lex_at(marking->text, first_word(marking, line), LEX_THANKS, NULL) > 0 &&
           only_short_lines_follow(marking, index + 1);
}

/* "Arch. Bianchi chiede un incontro martedì" begins like a name and is a sentence. */
static bool is_sentence(const Marking *marking, const Line *line)
{
    guint small = 0;
    for (guint i = line->from; i < line->until; i++) {
        const Token *token = token_at(marking->text, i);
        bool counts = token->kind == TOKEN_WORD && !token->upper &&
                      lex_at(marking->text, i, LEX_TITLE, NULL) == 0 &&
                      lex_at(marking->text, i, LEX_PHONE, NULL) == 0;
        small += counts ? 1 : 0;
    }
    return small > SMALL_WORDS_MOST;
}

/* Is a word of the line one of the sender's name? */
static bool is_of_name(const Marking *marking, guint index)
{
    const Text *name = marking->name;
    for (guint j = 0; j < text_count(name) && j < NAME_TOKENS; j++)
        if (tokens_equal(marking->text, index, name, j))
            return true;
    return false;
}

static bool names_sender(const Marking *marking, const Line *line)
{
    guint found = 0;
    if (!marking->name || line->words > 4)
        return false;
    for (guint i = line->from; i < line->until; i++)
        found += token_at(marking->text, i)->kind == TOKEN_WORD && is_of_name(marking, i) ? 1 : 0;
    return found == line->words;
}

static bool begins_with_title(const Marking *marking, const Line *line)
{
    guint at = first_word(marking, line);
    guint title = lex_at(marking->text, at, LEX_TITLE, NULL);
    bool may_be_title = token_at(marking->text, at)->upper || line->words <= 4;
    return title > 0 && may_be_title &&
           token_at(marking->text, skip_stops(marking->text, at + title))->upper;
}

/* The line is the sender's name, perhaps with a title. */
static bool is_name(const Marking *marking, guint index)
{
    const Line *line = line_at(marking, index);
    if (index == 0 || line->words == 0 || line->words > SIGNATURE_WORDS)
        return false;
    return (begins_with_title(marking, line) || names_sender(marking, line)) &&
           !is_sentence(marking, line) && only_short_lines_follow(marking, index);
}

/* Where a paragraph that begins with this line ends, at most some lines on. */
static guint paragraph_end(const Marking *marking, guint index)
{
    guint last = index;
    while (last + 1 < marking->lines->len && last + 1 < index + HINT_LINES &&
           !is_blank(line_at(marking, last + 1)))
        last++;
    return line_at(marking, last)->until;
}

/* Phrases that only notes of confidentiality begin with; words they are made of, anywhere, tell
 * only together: "destinate esclusivamente", "ricevuto per errore". */
static bool is_disclaimer(const Marking *marking, guint index)
{
    const Line *line = line_at(marking, index);
    guint begin_end = MIN(line->until, line->from + DISCLAIMER_WITHIN + 1), hints = 0;
    guint enough = marking->section == SECTION_BODY ? HINTS_IN_BODY : HINTS_IN_SIGNATURE;
    guint until = line->until;
    gint is_hint = 0;
    for (guint i = line->from;
         hints < enough && lex_next(marking->text, &i, until, LEX_SET(LEX_DISCLAIMER)); i++) {
        if (lex_at(marking->text, i, LEX_DISCLAIMER, &is_hint) == 0)
            continue;
        if (!is_hint && i < begin_end)
            return true;
        if (hints == 0 && is_hint)
            until = paragraph_end(marking, index);
        hints += is_hint ? 1 : 0;
    }
    return hints >= enough;
}

/* --- marking
 * ------------------------------------------------------------------------------------------ */

static void mark_line(Marking *marking, const Line *line, Section section)
{
    guint until =
        section == SECTION_BODY ? line->from : MIN(line->until + 1, text_count(marking->text));
    for (guint i = line->from; i < until; i++)
        marking->text->tokens[i].section = (guint8)section;
}

/* The section of an older message that begins with this line; how many lines introduce it. */
static guint begins_older(Marking *marking, guint index)
{
    Section separator = after_separator(marking, line_at(marking, index));
    if (separator != SECTION_BODY) {
        marking->section = separator;
        marking->is_sticky = true;
        return 1;
    }
    if (begins_header(marking, index)) {
        marking->section = marking->is_forward ? SECTION_FORWARD : SECTION_QUOTE;
        marking->is_sticky = true;
        return 1;
    }
    guint n = attribution_lines(marking, index);
    if (n == 0)
        return 0;
    guint next = next_filled(marking, index + n);
    marking->is_sticky = next >= marking->lines->len || !is_quoted(marking, line_at(marking, next));
    if (marking->is_sticky)
        marking->section = SECTION_QUOTE;
    return n;
}

/* A line of the sender's: what it turns the following into. Returns its own section. */
static Section own_line(Marking *marking, guint index)
{
    const Line *line = line_at(marking, index);
    guint at = first_word(marking, line);
    if (is_disclaimer(marking, index)) {
        marking->section = SECTION_DISCLAIMER;
    } else if (lex_at(marking->text, at, LEX_POSTSCRIPT, NULL) > 0 &&
               marking->section == SECTION_SIGNATURE) {
        marking->section = SECTION_BODY;
    } else if (marking->section == SECTION_BODY && is_dashes(marking, line)) {
        marking->section = SECTION_SIGNATURE;
    } else if (lex_at(marking->text, at, LEX_SENT_FROM, NULL) > 0 &&
               line->words <= SIGNATURE_WORDS) {
        return SECTION_SIGNATURE;
    } else if (marking->section == SECTION_BODY && line->words > 0) {
        if (is_closing(marking, line) || is_thanks(marking, index) || is_name(marking, index)) {
            marking->section = SECTION_SIGNATURE;
        } else if (ends_with_closing(marking, line)) {
            marking->section = SECTION_SIGNATURE;
            return SECTION_BODY;
        }
    }
    return marking->section;
}

void sections_mark(Text *text, const char *name, bool is_forward)
{
    g_autoptr(Text) name_text = name ? text_new(name, strlen(name)) : NULL;
    Marking marking = {
        .text = text, .name = name_text, .is_forward = is_forward, .section = SECTION_BODY};
    marking.lines = g_array_new(FALSE, FALSE, sizeof(Line));
    cut_lines(&marking);

    for (guint i = 0; i < marking.lines->len; i++) {
        const Line *line = line_at(&marking, i);
        if (marking.is_sticky) {
            mark_line(&marking, line, marking.section);
            continue;
        }
        if (is_quoted(&marking, line)) {
            mark_line(&marking, line, marking.is_forward ? SECTION_FORWARD : SECTION_QUOTE);
            continue;
        }
        guint older = is_blank(line) ? 0 : begins_older(&marking, i);
        for (guint j = 0; j < older; j++)
            mark_line(&marking, line_at(&marking, i + j), SECTION_QUOTE);
        if (older > 0) {
            i += older - 1;
            continue;
        }
        mark_line(&marking, line, own_line(&marking, i));
    }
    g_array_unref(marking.lines);
    text_join_lines(text);
}
