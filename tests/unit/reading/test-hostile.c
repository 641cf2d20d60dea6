/* test-hostile.c - bodies of 10 MB that try to make the reader go back and forth: each ends, with
 * lists nobody needs to be afraid of and all properties of a reading. That time grows with the text
 * is measured by bench/; here a reader that went over it again and again would not end.
 */
#include "property.h"
#include "sample.h"

#ifdef __SANITIZE_ADDRESS__
enum { BODY_BYTES = 1000000, HEADER_BYTES = 100000 };
#else
enum { BODY_BYTES = 10000000, HEADER_BYTES = 1000000 };
#endif

typedef struct {
    const char *name; /* a sentence */
    const char *first, *unit;
} Shape;

static const Shape shapes[] = {
    {"figures_without_end", "", "1234567890"},
    {"figures_apart", "", "1 "},
    {"figures_and_slashes", "", "1/2/"},
    {"one_day_again_and_again", "", "martedì "},
    {"days_with_or", "", "martedì o "},
    {"numbers_of_days", "Sarei libero il ", "24, 25 e "},
    {"ranges_of_days", "", "dal 24 al "},
    {"ranges_of_hours", "martedì ", "dalle 9 alle "},
    {"quoted_lines", "Va bene.\n", "> x\n"},
    {"quotes_in_quotes", "", ">"},
    {"quoted_and_own_lines", "", "> x\nva bene\n"},
    {"empty_lines", "", "\n"},
    {"empty_lines_of_windows", "", "\r\n"},
    {"lines_of_one_letter", "", "a\n"},
    {"one_word_without_end", "", "a"},
    {"one_word_of_accents", "", "à"},
    {"one_letter_with_marks_without_end", "a", "\u0301"},
    {"hours", "", "alle 9 "},
    {"hours_after_a_day", "martedì ", "alle 9 o "},
    {"practices", "", "n. 1/2026 "},
    {"scia_practices", "", "SCIA n. 1/2026 "},
    {"protocols", "", "prot. n. 12345 del 3/11/2026 "},
    {"protocols_without_number", "", "prot. "},
    {"land", "", "foglio 1 mappale 2 "},
    {"parcels_without_end", "foglio 1 mappali ", "2, "},
    {"subs_without_end", "foglio 1 mappale 2 sub ", "3-"},
    {"land_of_trentino", "", "p.ed. 12 C.C. "},
    {"commas", "", ","},
    {"apostrophes", "", "'"},
    {"vowels_and_apostrophes", "", "e'"},
    {"exceptions", "", "tranne "},
    {"exceptions_after_days", "martedì ", "tranne il giovedì "},
    {"deadlines", "", "entro "},
    {"deadlines_of_months", "", "entro fine mese "},
    {"brackets_that_open", "", "("},
    {"square_brackets_that_open", "", "["},
    {"codes_that_do_not_end", "", "[EDI-7K2M-"},
    {"codes", "", "[EDI-7K2M-4Q] "},
    {"names_in_capitals", "", "ROSSI "},
    {"names", "Sarò accompagnato da ", "Luigi Verdi, "},
    {"titles", "", "geom. "},
    {"persons", "", "sig. "},
    {"people_who_take_part", "", "parteciperà Luigi "},
    {"on_behalf_of_on_behalf_of", "", "per conto di "},
    {"on_behalf_of_a_name_without_end", "per conto di ", "Rossi e "},
    {"mail_addresses", "", "a@a.a "},
    {"signs_of_mail", "", "@"},
    {"one_mail_address_without_end", "a@", "a."},
    {"links", "", "https://a.example/1 "},
    {"streets", "", "via via "},
    {"streets_named_after_days", "", "via 4 Novembre "},
    {"a_street_without_end", "via ", "Garibaldi "},
    {"dashes_on_lines", "", "--\n"},
    {"header_blocks", "", "Da:\nInviato:\n"},
    {"attributions", "", "Il 3\n"},
    {"attributions_that_end", "", "Il giorno 3 nov 2026 A <a@b.example> ha scritto:\n"},
    {"forwards", "", "---------- Forwarded message ---------\n"},
    {"closings", "", "Cordiali saluti\n"},
    {"thanks", "", "grazie\n"},
    {"postscripts_and_closings", "", "P.S. x\nSaluti\n"},
    {"refusals", "", "non posso, "},
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
    g_autoptr(GString) json = g_string_new(NULL);
    value_write_json(reading, json);
    g_assert_cmpuint(json->len, <, 3 * BODY_BYTES); /* no more than the text once or twice */
}

static void test_body(gconstpointer data)
{
    const Shape *shape = data;
    g_autofree char *text = repeated(shape->first, shape->unit, BODY_BYTES);
    g_autoptr(MailMessage) message = sample_message("2026-11-20", "Richiesta", text);
    check(message);
}

/* What stands in the header is as hostile. */
static void test_header(gconstpointer data)
{
    const Shape *shape = data;
    g_autofree char *text = repeated(shape->first, shape->unit, HEADER_BYTES);
    g_autoptr(MailMessage) message = sample_message("2026-11-20", text, "a\nb\nc\n");
    g_free(message->from.name);
    message->from.name = g_strdup(text);
    g_free(message->text);
    message->text = repeated("", "Paola\n", HEADER_BYTES);
    check(message);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
        g_autofree char *body = g_strdup_printf("/reading/hostile/body/%s", shapes[i].name);
        g_autofree char *header = g_strdup_printf("/reading/hostile/header/%s", shapes[i].name);
        g_test_add_data_func(body, &shapes[i], test_body);
        g_test_add_data_func(header, &shapes[i], test_header);
    }
    return g_test_run();
}
