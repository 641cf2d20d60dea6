/* test-letter-greeting.c - titles go before people's names only. */
#include "mail/letter_greeting.h"

static void titles_go_before_the_names_of_people_only(void)
{
    static const struct {
        const char *title, *name, *expected;
        bool is_company;
    } cases[] = {
        {"geom.", "Luca Zanolli", "Geom. Luca Zanolli", false},
        {NULL, "Luca Zanolli", "Luca Zanolli", false},
        {"", "Luca Zanolli", "Luca Zanolli", false},
        {"arch.", "Arch. Giulia Montresor", "Arch. Giulia Montresor", false},
        {"arch.", "arch Giulia Montresor", "arch Giulia Montresor", false},
        {"arch.", "Archimede Rossi", "Arch. Archimede Rossi", false},
        {"ing.", "Studio Tecnico Zanolli", "Studio Tecnico Zanolli", true},
        {"ing.", "STUDIO ZANOLLI", "STUDIO ZANOLLI", true},
        {"geom.", "Zanolli Costruzioni S.r.l.", "Zanolli Costruzioni S.r.l.", true},
        {"geom.", "Edil Adige SRL", "Edil Adige SRL", true},
        {"arch.", "Impresa Edile Fratelli Rossi", "Impresa Edile Fratelli Rossi", true},
        {"arch.", "Ditta Bianchi Mario & C. s.n.c.", "Ditta Bianchi Mario & C. s.n.c.", true},
        {"dott.", "Comune di Esempio", "Comune di Esempio", true},
        {"dott.", "Anna Comune", "Dott. Anna Comune", false},
        {"arch.", "Montresor/Zanolli architetti associati",
         "Montresor/Zanolli architetti associati", true},
        {"ing.", "Studioso Ingegnoso", "Ing. Studioso Ingegnoso", false},
        {"ing.", "Alpenbau GmbH", "Alpenbau GmbH", true},
        {"avv.", "Società Agricola Le Vigne", "Società Agricola Le Vigne", true},
        {"avv.", "Marco Spadini", "Avv. Marco Spadini", false},
        {"ing.", ".", "Ing. .", false},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *greeting = letter_greeting(cases[i].title, cases[i].name);
        g_assert_cmpstr(greeting, ==, cases[i].expected);
        g_test_message("%s", cases[i].name);
        g_assert_true(letter_is_company(cases[i].name) == cases[i].is_company);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail/letter_greeting/titles_go_before_the_names_of_people_only",
                    titles_go_before_the_names_of_people_only);
    return g_test_run();
}
