/* test-hostile.c - bodies of many megabytes that try to make the reader go back and forth: each
 * ends, with lists nobody needs to be afraid of and all properties of a reading. That time grows
 * with the text is measured by bench/; here a reader that went over it again and again would not
 * end.
 */
#include "property.h"
#include "sample.h"

#ifdef __SANITIZE_ADDRESS__
enum { LARGE = 500000, SMALL = 50000 };
#else
enum { LARGE = 10000000, SMALL = 1000000 };
#endif

typedef struct {
    const char *name; /* a sentence */
    const char *first, *unit;
} Shape;

/* Read at full length. */
static const Shape large[] = {
    {"figures_without_end", "", "1234567890"},
    {"one_day_again_and_again", "", "martedì "},
    {"numbers_of_days", "Sarei libero il ", "24, 25 e "},
    {"quoted_lines", "Va bene.\n", "> x\n"},
    {"empty_lines", "", "\n"},
    {"one_word_without_end", "", "a"},
    {"hours", "", "alle 9 "},
    {"practices", "", "n. 1/2026 "},
    {"land", "", "foglio 1 mappale 2 "},
    {"commas", "", ","},
    {"apostrophes", "", "'"},
    {"exceptions", "", "tranne "},
    {"deadlines", "", "entro "},
    {"brackets_that_open", "", "("},
    {"names_in_capitals", "", "ROSSI "},
    {"mail_addresses", "", "a@a.a "},
    {"streets", "", "via via "},
    {"dashes_on_lines", "", "--\n"},
    {"header_blocks", "", "Da:\nInviato:\n"},
    {"refusals", "", "non posso, "},
};

static const Shape small[] = {
    {"figures_apart", "", "1 "},
    {"figures_and_slashes", "", "1/2/"},
    {"days_with_or", "", "martedì o "},
    {"ranges_of_days", "", "dal 24 al "},
    {"ranges_of_hours", "martedì ", "dalle 9 alle "},
    {"quotes_in_quotes", "", ">"},
    {"quoted_and_own_lines", "", "> x\nva bene\n"},
    {"empty_lines_of_windows", "", "\r\n"},
    {"lines_of_one_letter", "", "a\n"},
    {"one_word_of_accents", "", "à"},
    {"one_letter_with_marks_without_end", "a", "\u0301"},
    {"hours_after_a_day", "martedì ", "alle 9 o "},
    {"scia_practices", "", "SCIA n. 1/2026 "},
    {"protocols", "", "prot. n. 12345 del 3/11/2026 "},
    {"protocols_without_number", "", "prot. "},
    {"parcels_without_end", "foglio 1 mappali ", "2, "},
    {"subs_without_end", "foglio 1 mappale 2 sub ", "3-"},
    {"land_of_trentino", "", "p.ed. 12 C.C. "},
    {"vowels_and_apostrophes", "", "e'"},
    {"exceptions_after_days", "martedì ", "tranne il giovedì "},
    {"deadlines_of_months", "", "entro fine mese "},
    {"square_brackets_that_open", "", "["},
    {"codes_that_do_not_end", "", "[EDI-7K2M-"},
    {"codes", "", "[EDI-7K2M-4Q] "},
    {"names", "Sarò accompagnato da ", "Luigi Verdi, "},
    {"titles", "", "geom. "},
    {"persons", "", "sig. "},
    {"people_who_take_part", "", "parteciperà Luigi "},
    {"on_behalf_of_on_behalf_of", "", "per conto di "},
    {"on_behalf_of_a_name_without_end", "per conto di ", "Rossi e "},
    {"signs_of_mail", "", "@"},
    {"one_mail_address_without_end", "a@", "a."},
    {"links", "", "https://a.example/1 "},
    {"streets_named_after_days", "", "via 4 Novembre "},
    {"a_street_without_end", "via ", "Garibaldi "},
    {"attributions", "", "Il 3\n"},
    {"attributions_that_end", "", "Il giorno 3 nov 2026 A <a@b.example> ha scritto:\n"},
    {"forwards", "", "---------- Forwarded message ---------\n"},
    {"closings", "", "Cordiali saluti\n"},
    {"thanks", "", "grazie\n"},
    {"postscripts_and_closings", "", "P.S. x\nSaluti\n"},
    {"negations", "", "non "},
    {"wishes_without_a_day", "", "sarei disponibile "},
    {"cancellations", "", "annullare "},
    {"moves", "", "spostare l'appuntamento "},
    {"meetings", "", "videochiamata "},
    {"telephones", "", "+39 347 5550198 "},
    {"telephones_without_end", "tel. ", "34 "},
    {"laws", "", "art. 36 DPR 380/2001 "},
    {"full_stops", "", "."},
    {"abbreviations", "", "D.P.R."},
    {"hyphens", "", "cila-"},
    {"half_phrases", "", "nella prossima "},
    {"attachments", "", "allego "},
    {"german_half_hours", "Montag ", "um halb "},
    {"english_ordinals", "on the ", "1st of "},
    {"hard_spaces", "", "\u00a0"},
    {"directions", "", "\u202e"},
    {"faces", "", "🏠"},
    {"signs_of_control", "", "\001 \033["},
    {"a_guest_with_an_address_without_end", "Sarà presente l'ing. Luca Bruni (luca@", "a."},
    {"a_name_without_end", "per conto di ", "Rossi"},
    {"a_place_without_end", "via R", "o"},
    {"a_comune_without_end", "p.ed. 12 C.C. T", "o"},
    {"parts_of_a_parcel_without_end", "foglio 1 mappale 1", "/2"},
    {"a_signature_without_end", "Cordiali saluti\nMario R", "o"},
};

static char *repeated(const char *first, const char *unit, gsize bytes)
{
    GString *text = g_string_sized_new(bytes + 64);
    g_string_append(text, first);
    while (text->len < bytes)
        g_string_append(text, unit);
    return g_string_free(text, FALSE);
}

static void check(const MailMessage *message)
{
    g_autoptr(Arena) arena = arena_new();
    const Value *reading = reading_read(arena, message, sample_office(), 0);
    g_autofree char *broken = property_broken(message, reading);
    g_assert_cmpstr(broken, ==, NULL);
}

static void test_body(const Shape *shape, gsize bytes)
{
    g_autofree char *text = repeated(shape->first, shape->unit, bytes);
    g_autoptr(MailMessage) message = sample_message("2026-11-20", "Richiesta", text);
    check(message);
}

static void test_large(gconstpointer data)
{
    test_body(data, LARGE);
}

static void test_small(gconstpointer data)
{
    test_body(data, SMALL);
}

/* White space without an end between words that belong together. */
static void test_gap(gconstpointer data)
{
    g_autofree char *gap = repeated("", " ", SMALL);
    g_auto(GStrv) parts = g_strsplit(data, "_", -1);
    g_autofree char *text = g_strjoinv(gap, parts);
    g_autoptr(MailMessage) message = sample_message("2026-11-20", "Richiesta", text);
    check(message);
}

/* What stands in the header is as hostile. */
static void test_header(gconstpointer data)
{
    const Shape *shape = data;
    g_autofree char *text = repeated(shape->first, shape->unit, SMALL / 10);
    g_autoptr(MailMessage) message = sample_message("2026-11-20", text, "");
    g_free(message->from.name);
    message->from.name = g_strdup(text);
    g_free(message->text);
    message->text = repeated("", "Paola\n", SMALL / 10);
    check(message);
}

static void add(const Shape *shape, const char *what, GTestDataFunc test)
{
    g_autofree char *name = g_strdup_printf("/reading/hostile/%s/%s", what, shape->name);
    g_test_add_data_func(name, shape, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(large); i++) {
        add(&large[i], "body", test_large);
        add(&large[i], "header", test_header);
    }
    for (guint i = 0; i < G_N_ELEMENTS(small); i++) {
        add(&small[i], "body", test_small);
        add(&small[i], "header", test_header);
    }
    static const char *const gaps[] = {"via_Roma_1",
                                       "in_allegato",
                                       "per conto di_Luigi_Verdi",
                                       "SCIA n._214/2026",
                                       "tel. 045_5550134",
                                       "foglio_12 mappale_3",
                                       "martedì_alle_9",
                                       "Vorrei condividere_lo schermo."};
    for (guint i = 0; i < G_N_ELEMENTS(gaps); i++) {
        g_autofree char *name = g_strdup_printf("/reading/hostile/gap/%u", i + 1);
        g_test_add_data_func(name, gaps[i], test_gap);
    }
    return g_test_run();
}
