/* letter_greeting.c - see letter_greeting.h. */
#include "mail/letter_greeting.h"

#include <string.h>

/* Folded, without dots. Some words are surnames too, and tell of a company at the beginning only.
 */
static const struct {
    const char *word;
    bool first_only;
} company_words[] = {{"studio", false},
                     {"studi", false},
                     {"impresa", false},
                     {"ditta", false},
                     {"azienda", false},
                     {"società", false},
                     {"societa'", false},
                     {"societa", false},
                     {"soc", true},
                     {"coop", false},
                     {"cooperativa", false},
                     {"consorzio", false},
                     {"condominio", false},
                     {"associazione", false},
                     {"associati", false},
                     {"fondazione", false},
                     {"immobiliare", false},
                     {"costruzioni", false},
                     {"edilizia", false},
                     {"agenzia", false},
                     {"notai", false},
                     {"architetti", false},
                     {"geometri", false},
                     {"ingegneri", false},
                     {"avvocati", false},
                     {"ingegneria", false},
                     {"comune", true},
                     {"provincia", true},
                     {"regione", true},
                     {"unione", true},
                     {"ufficio", true},
                     {"parrocchia", true},
                     {"istituto", true},
                     {"università", true},
                     {"srl", false},
                     {"srls", false},
                     {"spa", false},
                     {"snc", false},
                     {"sas", false},
                     {"sapa", false},
                     {"stp", false},
                     {"gmbh", false},
                     {"ag", false},
                     {"kg", false},
                     {"ohg", false},
                     {"ltd", false},
                     {"llc", false},
                     {"llp", false},
                     {"inc", false},
                     {"plc", false},
                     {"gemeinde", true},
                     {"ingenieurbüro", true},
                     {"architekturbüro", true}};

static bool is_company_word(const char *word, bool is_first)
{
    for (gsize i = 0; i < G_N_ELEMENTS(company_words); i++)
        if (strcmp(word, company_words[i].word) == 0 && (is_first || !company_words[i].first_only))
            return true;
    return false;
}

/* "S.r.l.," to "srl". */
static void strip_marks(char *word)
{
    char *to = word;
    for (const char *from = word; *from != '\0'; from++)
        if (!strchr(".,;:()\"", *from))
            *to++ = *from;
    *to = '\0';
}

bool letter_is_company(const char *name)
{
    g_autofree char *folded = g_utf8_strdown(name, -1);
    g_auto(GStrv) words = g_strsplit_set(folded, " \t-/", -1);
    bool is_first = true;
    for (guint i = 0; words[i]; i++) {
        strip_marks(words[i]);
        if (*words[i] == '\0')
            continue;
        if (is_company_word(words[i], is_first))
            return true;
        is_first = false;
    }
    return false;
}

/* Some sign themselves "Arch. Giulia Montresor" in the From already. */
static bool begins_with_title(const char *name, const char *title)
{
    gsize length = strcspn(title, ".");
    return g_ascii_strncasecmp(name, title, length) == 0 &&
           (name[length] == '.' || name[length] == ' ');
}

char *letter_greeting(const char *title, const char *name)
{
    if (!title || *title == '\0' || begins_with_title(name, title) || letter_is_company(name))
        return g_strdup(name);
    g_autofree char *first = g_utf8_strup(title, g_utf8_next_char(title) - title);
    return g_strconcat(first, g_utf8_next_char(title), " ", name, NULL);
}
