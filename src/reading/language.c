/* language.c - Italian, German or English, by function words. */
#include "reading/internal.h"

static void count(const Text *text, guint *it, guint *de, guint *en)
{
    for (guint i = 0; i < text_count(text); i++) {
        const Token *token = token_at(text, i);
        if (token->section != SECTION_BODY)
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

const char *language_code(Language language)
{
    return language == LANGUAGE_DE ? "de" : language == LANGUAGE_EN ? "en" : "it";
}
