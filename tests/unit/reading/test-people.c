/* test-people.c - where the names, parties and telephones of a reading stand in the text: the words
 * between [ and ] are what is marked. */
#include "sample.h"

#include <string.h>

/* `path`: a member, or the first element of a list. */
static const struct {
    const char *name; /* a sentence */
    const char *path, *from_name, *text, *rule, *confidence;
} cases[] = {
    {"a_name_in_the_signature", "sender_span", NULL,
     "Chiedo un incontro.\nCordiali saluti\nGeom. [Luca Marani]\nTel. 045 8001122",
     "sender.signature", "likely"},
    {"a_name_behind_two_bytes_letters", "sender_span", NULL,
     "Così è: perché no?\nCordialità,\n[Niccolò D'Angiò]", "sender.signature", "likely"},
    {"a_name_that_is_said", "sender_span", NULL, "Mi chiamo [Aldo Riva] e chiedo un incontro.",
     "sender.presents", "likely"},
    {"a_name_without_a_farewell", "sender_span", NULL,
     "Quando ci vediamo?\n\n[Roberto Gaiga]\n338 7766554", "sender.last_line", "likely"},
    {"the_last_word", "sender_span", NULL, "vorrei un incontro grazie 3475550121 [luca]",
     "sender.last_word", "likely"},
    {"a_title", "professional", "Luca Marani", "Chiedo un incontro.\nSaluti\n[Geom]. Luca Marani",
     "professional.title", "certain"},
    {"a_party_with_its_phrase", "on_behalf_of_span", "Luca Marani",
     "Scrivo [per conto della ditta Edil Rossi s.r.l.] e chiedo un incontro.", "behalf.phrase",
     "likely"},
    {"a_party_behind_a_label", "on_behalf_of_span", "Luca Marani",
     "[Committente: Mario Rossi e Anna Bianchi]\nChiedo un incontro.", "behalf.label", "likely"},
    {"a_telephone_that_is_named", "phone_spans", "Luca Marani", "Il mio tel. è [045/800.11.22].",
     "phone.national", "certain"},
    {"a_telephone_alone", "phone_spans", "Luca Marani", "Chiamatemi: [347 1234567], grazie",
     "phone.national", "likely"},
    {"a_telephone_from_abroad", "phone_spans", "Luca Marani", "Tel. [+49 (0)171 2345678]",
     "phone.international", "certain"},
    {"a_guest", "participants", "Luca Marani",
     "Alla videochiamata parteciperà anche l'arch. [Sara Conti].", "participant.phrase", "likely"},
};

static void test_case(gconstpointer data)
{
    guint row = GPOINTER_TO_UINT(data);
    const char *opens = strchr(cases[row].text, '['), *closes = strchr(cases[row].text, ']');
    gsize start = (gsize)(opens - cases[row].text), length = (gsize)(closes - opens) - 1;
    g_autofree char *text = g_strdup_printf("%.*s%.*s%s", (gint)start, cases[row].text,
                                            (gint)length, opens + 1, closes + 1);
    g_autofree char *raw = g_strndup(opens + 1, length);
    g_autoptr(MailMessage) message = sample_message("2026-11-20", "Richiesta", text);
    g_free(message->from.name);
    message->from.name = g_strdup(cases[row].from_name);
    g_autoptr(Arena) arena = arena_new();
    const Value *span =
        value_get(reading_read(arena, message, sample_office(), 0), cases[row].path);
    g_assert_nonnull(span);
    if (value_kind(span) == VALUE_LIST) {
        g_assert_cmpuint(value_length(span), ==, 1);
        span = value_at(span, 0);
    }
    g_assert_cmpstr(value_get_text(span, "raw"), ==, raw);
    g_assert_cmpint(value_get_integer(span, "start"), ==, (gint64)start);
    g_assert_cmpint(value_get_integer(span, "end"), ==, (gint64)(start + length));
    g_assert_cmpstr(value_get_text(span, "source"), ==, "text");
    g_assert_cmpstr(value_get_text(span, "rule"), ==, cases[row].rule);
    g_assert_cmpstr(value_get_text(span, "confidence"), ==, cases[row].confidence);
}

static const Value *read_from(Arena *arena, const char *name, const char *email, const char *text)
{
    g_autoptr(MailMessage) message = sample_message("2026-11-20", "Richiesta", text);
    g_free(message->from.name);
    g_free(message->from.email);
    message->from.name = g_strdup(name);
    message->from.email = g_strdup(email);
    return reading_read(arena, message, sample_office(), 0);
}

static void test_header_has_no_place(void)
{
    g_autoptr(Arena) arena = arena_new();
    const Value *reading =
        read_from(arena, "ROSSI MARIO", "m@posta.example", "Chiedo un incontro.\nMario Rossi");
    const Value *span = value_get(reading, "sender_span");
    g_assert_nonnull(span);
    g_assert_cmpstr(value_get_text(span, "raw"), ==, "ROSSI MARIO");
    g_assert_cmpstr(value_get_text(span, "source"), ==, "header");
    g_assert_cmpstr(value_get_text(span, "rule"), ==, "sender.header");
    g_assert_cmpstr(value_get_text(span, "confidence"), ==, "certain");
    g_assert_null(value_get(span, "start"));
    g_assert_null(value_get(span, "end"));
}

static void test_nobody_has_no_span(void)
{
    g_autoptr(Arena) arena = arena_new();
    const Value *reading = read_from(arena, NULL, "m@posta.example", "Chiedo un incontro.");
    g_assert_null(value_get(reading, "sender_span"));
    g_assert_null(value_get(reading, "on_behalf_of_span"));
}

static void test_provider_is_nobody(void)
{
    g_autoptr(Arena) arena = arena_new();
    const Value *reading =
        read_from(arena, "Per conto di: mario.rossi@pec.example",
                  "posta-certificata@pec.gestore.example", "Chiedo un incontro.");
    const Value *sender = value_get(reading, "sender");
    g_assert_cmpstr(value_get_text(sender, "email"), ==, "mario.rossi@pec.example");
    g_assert_null(value_get_text(sender, "name"));
    g_assert_cmpstr(value_get_text(reading, "reply_to"), ==, "mario.rossi@pec.example");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strdup_printf("/reading/people/marks_%s", cases[i].name);
        g_test_add_data_func(name, GUINT_TO_POINTER(i), test_case);
    }
    g_test_add_func("/reading/people/a_name_of_the_header_has_no_place", test_header_has_no_place);
    g_test_add_func("/reading/people/nobody_has_no_span", test_nobody_has_no_span);
    g_test_add_func("/reading/people/a_provider_is_nobody", test_provider_is_nobody);
    return g_test_run();
}
