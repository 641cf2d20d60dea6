/* test-letter-sender.c - where the bounces of a letter come back to. */
#include "mail/letter_sender.h"

#include <string.h>

#define ID "s.0123456789abcdefghjkmnpqrs@sportello.comune.example"

typedef struct {
    const char *name;
    const char *office, *from, *message_id;
    LetterRoute route;
    bool subaddress;
    const char *sender; /* NULL: none */
} Case;

static const Case cases[] = {
    {"without_tags_it_is_the_offices_address", "edilizia@comune.example", NULL, ID, LETTER_BY_MAIL,
     false, "edilizia@comune.example"},
    {"a_tag_tells_the_letter", "edilizia@comune.example", NULL, ID, LETTER_BY_MAIL, true,
     "edilizia+b-0123456789abcdefghjkmnpqrs@comune.example"},
    {"the_ways_address_wins", "edilizia@comune.example", "protocollo@comune.example", ID,
     LETTER_BY_MAIL, true, "protocollo+b-0123456789abcdefghjkmnpqrs@comune.example"},
    {"pec_has_no_tags", "edilizia@comune.example", "edilizia@pec.comune.example", ID, LETTER_BY_PEC,
     true, "edilizia@pec.comune.example"},
    {"an_address_with_a_tag_gets_no_second", "edilizia+web@comune.example", NULL, ID,
     LETTER_BY_MAIL, true, "edilizia+web@comune.example"},
    {"a_long_local_part_gets_none", "sportello-unico-per-l-edilizia-privata@comune.example", NULL,
     ID, LETTER_BY_MAIL, true, "sportello-unico-per-l-edilizia-privata@comune.example"},
    {"the_longest_local_part_is_64_bytes", "sportello-unico-dell-edilizia-priva@comune.example",
     NULL, ID, LETTER_BY_MAIL, true,
     "sportello-unico-dell-edilizia-priva+b-0123456789abcdefghjkmnpqrs@comune.example"},
    {"another_message_id_has_no_token", "edilizia@comune.example", NULL, "x.abc@comune.example",
     LETTER_BY_MAIL, true, "edilizia@comune.example"},
    {"a_token_is_letters_and_digits", "edilizia@comune.example", NULL, "s.a>b@comune.example",
     LETTER_BY_MAIL, true, "edilizia@comune.example"},
    {"no_message_id_no_token", "edilizia@comune.example", NULL, NULL, LETTER_BY_MAIL, true,
     "edilizia@comune.example"},
    {"an_office_without_address_has_none", "", NULL, ID, LETTER_BY_MAIL, true, NULL},
};

static void comes_back_to(gconstpointer data)
{
    const Case *it = data;
    g_autofree char *office = g_strdup(it->office), *id = g_strdup(it->message_id);
    g_autofree char *from = g_strdup(it->from);
    const Letter letter = {.sender = office, .message_id = id, .route = it->route};
    const ConfigSmtp way = {.from = from};
    g_autofree char *sender = letter_envelope_sender(&letter, &way, it->subaddress);
    g_assert_cmpstr(sender, ==, it->sender);
    if (sender)
        g_assert_cmpuint(strcspn(sender, "@"), <=, 64);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/mail/letter_sender/", cases[i].name, NULL);
        g_test_add_data_func(path, &cases[i], comes_back_to);
    }
    return g_test_run();
}
