/* language.c - Italian, German or English, by function words: of a text, and of the sentences in it
 * that are written in another language than the rest. */
#include "reading/internal.h"

#define FOREIGN_WORDS 2 /* function words of another language, and none of the text's own */

/* "art. 36 bis del DPR": an article's, no German word, which has a number behind it too. */
static bool is_of_article(const Text *text, guint index)
{
    if (index == 0 || !token_is(text, index, "bis"))
        return false;
    guint number = index - 1 - (index > 1 && token_is_sign(text, index - 1, '-') ? 1 : 0);
    return token_at(text, number)->kind == TOKEN_NUMBER &&
           token_at(text, index + 1)->kind != TOKEN_NUMBER;
}

static void count(const Text *text, guint *it, guint *de, guint *en)
{
    for (guint i = 0; i < text_count(text); i++) {
        const Token *token = token_at(text, i);
        if (token->section != SECTION_BODY || is_of_article(text, i))
            continue;
        guint languages = lex_languages(text, i);
        *it += languages & LANGUAGE_IT ? 1 : 0;
        *de += languages & LANGUAGE_DE ? 1 : 0;
        *en += languages & LANGUAGE_EN ? 1 : 0;
    }
}

/* Italian unless another language clearly has more. */
Language language_of(const Text *body, const Text *subject)
{
    guint it = 0, de = 0, en = 0;
    count(body, &it, &de, &en);
    if (it + de + en == 0)
        count(subject, &it, &de, &en);
    if (de > it && de >= en)
        return LANGUAGE_DE;
    return en > it ? LANGUAGE_EN : LANGUAGE_IT;
}

/* --- sentences of another language --------------------------------------------------------- */

/* Ends what is counted together: a sentence, a line, a part of a sentence. Not "24. November". */
static bool ends_part(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    if (token->kind == TOKEN_WORD || token->kind == TOKEN_NUMBER)
        return false;
    if (token_ends_line(token))
        return true;
    if (token->kind != TOKEN_SIGN || !token_at(text, index + 1)->gap)
        return token->kind == TOKEN_SIGN && token_ends_line(token_at(text, index + 1));
    bool is_stop =
        token->value == '.' && index > 0 && token_at(text, index - 1)->kind == TOKEN_WORD;
    return is_stop || token->value == ',' || token->value == ';' || token->value == ':' ||
           token->value == '!' || token->value == '?' || token->value == '(';
}

/* The language of a part: `before`, that of the part before it, when little says so; 0: the text's
 * own. */
static guint8 foreign_language(const guint counts[3], guint own, guint8 before)
{
    static const guint8 languages[] = {LANGUAGE_IT, LANGUAGE_DE, LANGUAGE_EN};
    guint8 found = 0;
    guint most = 0;
    for (guint i = 0; i < G_N_ELEMENTS(languages); i++) {
        if (languages[i] == own && counts[i] > 0)
            return 0;
        guint needed = languages[i] == before ? 1 : FOREIGN_WORDS;
        if (counts[i] >= needed && counts[i] > most) {
            most = counts[i];
            found = languages[i];
        }
    }
    return found;
}

static bool says_own(const guint counts[3], guint own)
{
    return (own == LANGUAGE_IT && counts[0] > 0) || (own == LANGUAGE_DE && counts[1] > 0) ||
           (own == LANGUAGE_EN && counts[2] > 0);
}

void language_mark(Text *text)
{
    guint counts[3] = {0}, from = 0;
    guint8 before = 0;
    for (guint i = 0; i < text_count(text); i++) {
        guint languages = lex_languages(text, i);
        counts[0] += languages & LANGUAGE_IT ? 1 : 0;
        counts[1] += languages & LANGUAGE_DE ? 1 : 0;
        counts[2] += languages & LANGUAGE_EN ? 1 : 0;
        if (!ends_part(text, i) && i + 1 < text_count(text))
            continue;
        guint8 language = foreign_language(counts, text->languages, before);
        bool goes_on = language == 0 && counts[1] + counts[2] + counts[0] > 0 &&
                       token_is_sign(text, i, ',') && !says_own(counts, text->languages);
        if (goes_on)
            continue; /* "Donnerstag, 26. November um halb elf": too little before the comma */
        for (guint j = from; language != 0 && j <= i; j++)
            text->tokens[j].languages = language & LANGUAGE_ANY;
        from = i + 1;
        before = token_ends_line(token_at(text, i)) ? 0 : language;
        counts[0] = counts[1] = counts[2] = 0;
    }
}

const char *language_code(Language language)
{
    return language == LANGUAGE_DE ? "de" : language == LANGUAGE_EN ? "en" : "it";
}
