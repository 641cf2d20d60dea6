/* test-correspondence.c - rows become letters: with the real templates, as the citizen gets them.
 */
#include "fixture.h"
#include "mail/correspondence.h"

#include <gmime/gmime.h>
#include <libical/ical.h>
#include <string.h>

#define CHIARA "chiara.zanolli@studio.example"
#define SYSTEM 7000000

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)

/* One letter to compose: what the office, the request and the appointment are unless a test says
 * so. */
typedef struct {
    InstallationKey key;
    LetterBox box;
    Office office;
    Request request;
    Appointment appointment;
    Participant seat;
    Correspondence what;
} Desk;

static Templates *templates;

static gint64 at(const char *rfc3339)
{
    gint64 instant = 0;
    if (!instant_parse_rfc3339(rfc3339, &instant))
        g_error("no instant: %s", rfc3339);
    return instant;
}

static void set_up(Desk *desk, gconstpointer unused)
{
    (void)unused;
    memset(&desk->key, 7, sizeof desk->key);
    desk->box = (LetterBox){&desk->key, "https://sportello.example", templates, 10, NULL};
    desk->office = (Office){.id = 3,
                            .slug = (char *)"edilizia",
                            .name = (char *)"Edilizia privata",
                            .organisation_name = (char *)"Comune di Esempio",
                            .address = (char *)"edilizia@comune.esempio.example",
                            .phone = (char *)"045 1234567",
                            .zone = (char *)"Europe/Rome",
                            .lobby_min = 15,
                            .change_until_min = 120};
    desk->request = (Request){.id = 5,
                              .person_id = 6,
                              .generation = 1,
                              .code = (char *)"EDI-7K3M-Q2",
                              .subject = (char *)"sottotetto di via Roma",
                              .practice = (char *)"SCIA 214/2026",
                              .language = (char *)"it",
                              .person_name = (char *)"Chiara Zanolli",
                              .person_title = (char *)"geom.",
                              .person_email = (char *)CHIARA,
                              .person_phone = (char *)"347 1234567"};
    desk->appointment = (Appointment){.id = 8,
                                      .starts_at = at("2026-11-24T10:00:00+01:00"),
                                      .ends_at = at("2026-11-24T10:20:00+01:00"),
                                      .uid = (char *)"8@comune.esempio.example"};
    desk->seat = (Participant){.id = 9, .generation = 1};
    desk->what = (Correspondence){.kind = "confirmation",
                                  .office = &desk->office,
                                  .request = &desk->request,
                                  .appointment = &desk->appointment,
                                  .seat = &desk->seat,
                                  .now = at("2026-11-20T09:00:05+01:00"),
                                  .system_now = SYSTEM};
}

static void tear_down(Desk *desk, gconstpointer unused)
{
    (void)desk;
    (void)unused;
}

static Letter *compose(Desk *desk)
{
    GError *error = NULL;
    Letter *letter = correspondence_letter(&desk->box, &desk->what, &error);
    g_assert_no_error(error);
    g_assert_nonnull(letter);
    return letter;
}

static GMimeMessage *read_back(const Letter *letter)
{
    gsize length;
    const char *bytes = g_bytes_get_data(letter->content, &length);
    g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(bytes, length);
    g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *parsed = g_mime_parser_construct_message(parser, NULL);
    g_assert_nonnull(parsed);
    return parsed;
}

static const char *header(GMimeMessage *message, const char *name)
{
    return g_mime_object_get_header(GMIME_OBJECT(message), name);
}

/* The words of the part of that type; the first found, by way of the whole tree. */
static char *part_text(GMimeMessage *message, const char *type)
{
    g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
    GMimePartIter *parts = g_mime_part_iter_new(GMIME_OBJECT(message));
    do {
        GMimeObject *part = g_mime_part_iter_get_current(parts);
        g_autofree char *found =
            g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
        if (strcmp(found, type) == 0) {
            g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), stream);
            break;
        }
    } while (g_mime_part_iter_next(parts));
    g_mime_part_iter_free(parts);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    return g_strndup(bytes->len ? (const char *)bytes->data : "", bytes->len);
}

static void assert_has(const char *text, const char *words)
{
    if (!strstr(text, words))
        g_error("\"%s\" is not in:\n%s", words, text);
}

static void assert_lacks(const char *text, const char *words)
{
    if (strstr(text, words))
        g_error("\"%s\" is in:\n%s", words, text);
}

/* --- the words --- */

static void a_confirmation_says_all_that_is_needed(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Letter) letter = compose(desk);
    char request[TOKEN_LENGTH + 1], seat[TOKEN_LENGTH + 1];
    token_for_request(&desk->key, 5, 6, 1, request);
    token_for_seat(&desk->key, 9, 1, seat);
    g_assert_cmpstr(letter->subject, ==,
                    "Videochiamata confermata: martedì 24 novembre, ore 10:00 [EDI-7K3M-Q2]");
    g_autofree char *expected =
        g_strdup_printf("Gentile Geom. Chiara Zanolli,\n"
                        "\n"
                        "la videochiamata è confermata: martedì 24 novembre 2026, ore 10:00 (20\n"
                        "minuti), pratica SCIA 214/2026.\n"
                        "\n"
                        "All'ora dell'appuntamento apra questo collegamento, che è solo Suo:\n"
                        "\n"
                        "https://sportello.example/sala/%s\n"
                        "\n"
                        "Basta il browser di un computer, di un tablet o di un telefono: non\n"
                        "serve installare nulla. La sala d'attesa apre alle ore 09:45.\n"
                        "\n"
                        "Tenga pronti:\n"
                        "- gli elaborati e i documenti di cui vuole parlare, già aperti;\n"
                        "- il numero della pratica, se c'è;\n"
                        "- un documento d'identità.\n"
                        "\n"
                        "Può spostare l'appuntamento o rinunciare fino a martedì 24 novembre, ore\n"
                        "08:00, da questa pagina:\n"
                        "\n"
                        "https://sportello.example/p/%s\n"
                        "\n"
                        "Se il video non funziona, ci telefoni: 045 1234567.\n"
                        "\n"
                        "La videochiamata non viene registrata. Ha carattere informativo e non\n"
                        "sostituisce pareri, autorizzazioni o atti del procedimento.\n"
                        "\n"
                        "Edilizia privata, Comune di Esempio\n"
                        "Telefono: 045 1234567\n"
                        "Codice della richiesta: EDI-7K3M-Q2\n",
                        seat, request);
    g_assert_cmpstr(letter->text, ==, expected);
}

static void a_confirmation_reads_well_in_german(Desk *desk, gconstpointer unused)
{
    (void)unused;
    desk->request.language = (char *)"de";
    g_autoptr(Letter) letter = compose(desk);
    g_assert_cmpstr(letter->subject, ==,
                    "Videogespräch bestätigt: Dienstag, 24. November, um 10.00 Uhr [EDI-7K3M-Q2]");
    g_assert_true(g_str_has_prefix(letter->text,
                                   "Guten Tag Geom. Chiara Zanolli,\n"
                                   "\n"
                                   "das Videogespräch ist bestätigt: Dienstag, 24. November "
                                   "2026, um 10.00\n"
                                   "Uhr (20 Minuten), Akte SCIA 214/2026.\n"));
    assert_has(letter->text, "Der Warteraum öffnet um 09.45\nUhr.\n");
    assert_has(letter->text, "bis Dienstag,\n24. November, 08.00 Uhr, auf dieser Seite:\n");
}

static void a_title_in_the_name_is_not_said_twice(Desk *desk, gconstpointer unused)
{
    (void)unused;
    desk->request.person_name = (char *)"Arch. Giulia Montresor";
    desk->request.person_title = (char *)"arch.";
    g_autoptr(Letter) with_title = compose(desk);
    g_assert_true(g_str_has_prefix(with_title->text, "Gentile Arch. Giulia Montresor,\n"));
    desk->request.person_name = (char *)"Archimede Rossi";
    g_autoptr(Letter) without = compose(desk);
    g_assert_true(g_str_has_prefix(without->text, "Gentile Arch. Archimede Rossi,\n"));
}

static void a_firm_is_greeted_as_one(Desk *desk, gconstpointer unused)
{
    (void)unused;
    desk->request.person_name = (char *)"Studio Tecnico Zanolli & C.";
    desk->request.person_title = (char *)"ing.";
    g_autoptr(Letter) letter = compose(desk);
    g_assert_true(g_str_has_prefix(letter->text, "Spettabile Studio Tecnico Zanolli & C.,\n"));
}

static void every_kind_is_written_in_every_language(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char *const kinds[] = {"receipt",  "confirmation", "moved",   "cancelled",
                                        "restored", "answer",       "phone",   "ask_info",
                                        "redirect", "refuse",       "outcome", "ask_cancel"};
    static const char *const missing[] = {"practice", "phone", "times", NULL};
    desk->what.text = "Prima riga <b>.\nSeconda.\n\nAltro capoverso.";
    desk->what.reason = "ferie";
    desk->what.outcome_kind = "resolved";
    desk->what.missing = missing;
    desk->what.moved_from_at = at("2026-11-19T10:00:00+01:00");
    desk->what.officer_name = "G. Verdi";
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        for (gint variant = 0; variant < 6; variant++) {
            static const char *const languages[] = {"it", "en", "de"};
            desk->what.kind = kinds[i];
            desk->what.by_citizen = variant & 1;
            desk->request.language = (char *)languages[variant / 2];
            g_autoptr(Letter) letter = compose(desk);
            g_autoptr(GMimeMessage) message = read_back(letter);
            g_autofree char *html = part_text(message, "text/html");
            g_assert_true(g_str_has_suffix(letter->subject, " [EDI-7K3M-Q2]"));
            assert_has(letter->text, ": EDI-7K3M-Q2\n");
            assert_has(letter->text, "G. Verdi\n");
            assert_has(html, "</html>");
            assert_lacks(html, "<img");
            assert_lacks(html, "{{");
            assert_lacks(letter->text, "{{");
            assert_lacks(letter->text, "\n\n\n");
            assert_lacks(letter->text, "&");
            assert_has(letter->text, "https://sportello.example/p/");
            assert_has(html, "https://sportello.example/p/");
        }
}

static void the_words_of_the_officer_stay_as_they_are(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char *const kinds[] = {"confirmation", "answer", "phone",  "ask_info",
                                        "redirect",     "refuse", "outcome"};
    desk->what.text = "Serve <b>la tavola 3</b> & altro.\nSeconda riga.\n\nAltro capoverso.\r\n";
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        desk->what.kind = kinds[i];
        g_autoptr(Letter) letter = compose(desk);
        g_autoptr(GMimeMessage) message = read_back(letter);
        g_autofree char *html = part_text(message, "text/html");
        assert_has(letter->text, "\n\nServe <b>la tavola 3</b> & altro.\nSeconda riga.\n\n"
                                 "Altro capoverso.\n\n");
        assert_has(html, "<p>Serve &lt;b&gt;la tavola 3&lt;/b&gt; &amp; altro.<br>");
        assert_has(html, "<p>Altro capoverso.");
    }
}

static void a_receipt_names_what_is_missing_only(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char *const missing[] = {"phone", NULL};
    desk->what.kind = "receipt";
    desk->what.appointment = NULL;
    g_autoptr(Letter) complete = compose(desk);
    assert_lacks(complete->text, "\n- ");
    assert_has(complete->text, "«sottotetto di via Roma»");
    desk->what.missing = missing;
    desk->what.too_large = true;
    g_autoptr(Letter) incomplete = compose(desk);
    assert_has(incomplete->text, "\n- un numero di telefono;\n");
    assert_lacks(incomplete->text, "il numero della pratica");
    assert_has(incomplete->text, "troppo grande");
}

/* Who forges a sender must not make the office carry his link to somebody. */
static void links_in_a_strangers_words_are_not_repeated(Desk *desk, gconstpointer unused)
{
    (void)unused;
    desk->what.kind = "receipt";
    desk->request.subject = (char *)"Premio su HTTPS://truffa.example";
    desk->request.person_name = (char *)"Vinci su www.truffa.example";
    g_autoptr(Letter) letter = compose(desk);
    g_autoptr(GMimeMessage) message = read_back(letter);
    g_autofree char *html = part_text(message, "text/html");
    assert_lacks(letter->text, "truffa");
    assert_lacks(html, "truffa");
    g_assert_true(g_str_has_prefix(letter->text, "Buongiorno,\n"));
}

static void who_declined_the_invitation_is_asked_about_the_appointment(Desk *desk,
                                                                       gconstpointer unused)
{
    (void)unused;
    desk->what.kind = "ask_cancel";
    char token[TOKEN_LENGTH + 1];
    token_for_request(&desk->key, 5, 6, 1, token);
    g_autofree char *expected =
        g_strdup_printf("Gentile Geom. Chiara Zanolli,\n"
                        "\n"
                        "ha rifiutato l'invito alla videochiamata di martedì 24 novembre 2026,\n"
                        "ore 10:00. Vuole annullarla?\n"
                        "\n"
                        "Può farlo da questa pagina, dove può anche scegliere un altro orario,\n"
                        "fino a martedì 24 novembre, ore 08:00:\n"
                        "\n"
                        "https://sportello.example/p/%s/annulla\n"
                        "\n"
                        "Se non fa nulla, l'appuntamento resta confermato e La aspettiamo.\n"
                        "\n"
                        "Edilizia privata, Comune di Esempio\n"
                        "Telefono: 045 1234567\n"
                        "Codice della richiesta: EDI-7K3M-Q2\n",
                        token);
    g_autoptr(Letter) letter = compose(desk);
    g_assert_cmpstr(letter->text, ==, expected);
    g_assert_true(letter->automatic);
    desk->what.now = at("2026-11-24T08:30:00+01:00");
    g_autoptr(Letter) late = compose(desk);
    assert_lacks(late->text, "/annulla");
    assert_has(late->text, "Manca poco");
}

static void too_late_to_change_says_how_to_tell(Desk *desk, gconstpointer unused)
{
    (void)unused;
    desk->what.now = at("2026-11-24T08:30:00+01:00");
    g_autoptr(Letter) letter = compose(desk);
    assert_lacks(letter->text, "Può spostare");
    assert_has(letter->text, "Se non può esserci o è in ritardo, ci avvisi");
}

/* --- the message --- */

static void a_receipt_answers_in_its_thread(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GPtrArray) references = g_ptr_array_new();
    g_ptr_array_add(references, (gpointer) "one@studio.example");
    g_ptr_array_add(references, (gpointer) "broken id@studio.example");
    desk->what.kind = "receipt";
    desk->what.appointment = NULL;
    desk->what.in_reply_to = "two@studio.example";
    desk->what.references = references;
    g_autoptr(Letter) letter = compose(desk);
    g_autoptr(GMimeMessage) message = read_back(letter);
    g_assert_cmpstr(header(message, "In-Reply-To"), ==, "<two@studio.example>");
    g_assert_cmpstr(header(message, "References"), ==, "<one@studio.example> <two@studio.example>");
    g_assert_cmpstr(header(message, "Auto-Submitted"), ==, "auto-replied");
    g_assert_cmpstr(
        g_mime_object_get_header(g_mime_message_get_mime_part(message), "Content-Language"), ==,
        "it");
    g_assert_cmpstr(g_mime_message_get_message_id(message), ==, letter->message_id);
    g_assert_true(g_str_has_suffix(letter->message_id, "@comune.esempio.example"));
    g_assert_cmpstr(header(message, "From"), ==,
                    "Edilizia privata - Comune di Esempio <edilizia@comune.esempio.example>");
    g_assert_cmpstr(header(message, "To"), ==, "Chiara Zanolli <" CHIARA ">");
}

/* An answer that names a letter is let into its request: whoever has one letter must not be able to
 * reckon the name of another. */
static void a_letters_name_tells_nothing_about_other_letters(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Letter) letter = compose(desk);
    g_autoptr(Letter) next = compose(desk);
    g_autofree char *hex = g_strdup_printf("%" G_GINT64_MODIFIER "x", letter->id >> 24);
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, letter->id);
    g_assert_null(strstr(letter->message_id, hex));
    g_assert_null(strstr(letter->message_id, number));
    g_assert_cmpint(strncmp(letter->message_id, next->message_id, 8), !=, 0);
}

static void an_identifier_that_is_unfit_breaks_no_letter(Desk *desk, gconstpointer unused)
{
    (void)unused;
    desk->what.in_reply_to = "what is\nthis";
    g_autoptr(Letter) letter = compose(desk);
    g_autoptr(GMimeMessage) message = read_back(letter);
    g_assert_null(header(message, "In-Reply-To"));
    g_assert_null(header(message, "References"));
}

static void long_threads_keep_their_first_and_latest(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < 60; i++)
        g_ptr_array_add(references, g_strdup_printf("m%u@x.example", i));
    desk->what.references = references;
    desk->what.in_reply_to = "m59@x.example";
    g_autoptr(Letter) letter = compose(desk);
    g_autoptr(GMimeMessage) message = read_back(letter);
    g_auto(GStrv) kept = g_strsplit(header(message, "References"), " ", -1);
    g_assert_cmpuint(g_strv_length(kept), ==, 20);
    g_assert_cmpstr(kept[0], ==, "<m0@x.example>");
    g_assert_cmpstr(kept[1], ==, "<m41@x.example>");
    g_assert_cmpstr(kept[19], ==, "<m59@x.example>");
}

static void only_what_an_officer_decided_is_held(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const struct {
        const char *kind;
        bool by_citizen;
        gint64 sendable_at;
    } cases[] = {
        {"receipt", false, SYSTEM},     {"confirmation", false, SYSTEM + 10},
        {"answer", false, SYSTEM + 10}, {"cancelled", false, SYSTEM + 10},
        {"cancelled", true, SYSTEM},    {"moved", true, SYSTEM},
        {"restored", true, SYSTEM},     {"ask_cancel", false, SYSTEM},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        desk->what.kind = cases[i].kind;
        desk->what.by_citizen = cases[i].by_citizen;
        g_autoptr(Letter) letter = compose(desk);
        g_assert_cmpint(letter->sendable_at, ==, cases[i].sendable_at);
        g_assert_cmpint(letter->created_at, ==, desk->what.now);
        g_assert_cmpint(letter->office_id, ==, 3);
        g_assert_cmpint(letter->request_id, ==, 5);
        g_assert_cmpint(letter->appointment_id, ==, 8);
        g_assert_cmpstr(letter->kind, ==, cases[i].kind);
        g_assert_cmpstr(letter->recipient, ==, CHIARA);
    }
}

static void calendars_are_told_of_appointments_alone(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const struct {
        const char *kind;
        icalproperty_method method;
        icalproperty_status status;
    } cases[] = {
        {"confirmation", ICAL_METHOD_REQUEST, ICAL_STATUS_CONFIRMED},
        {"moved", ICAL_METHOD_REQUEST, ICAL_STATUS_CONFIRMED},
        {"restored", ICAL_METHOD_REQUEST, ICAL_STATUS_CONFIRMED},
        {"cancelled", ICAL_METHOD_CANCEL, ICAL_STATUS_CANCELLED},
        {"answer", ICAL_METHOD_NONE, ICAL_STATUS_NONE},
        {"receipt", ICAL_METHOD_NONE, ICAL_STATUS_NONE},
        {"outcome", ICAL_METHOD_NONE, ICAL_STATUS_NONE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        desk->what.kind = cases[i].kind;
        desk->appointment.sequence = (gint)i + 1;
        g_autoptr(Letter) letter = compose(desk);
        g_autoptr(GMimeMessage) message = read_back(letter);
        g_autofree char *calendar = part_text(message, "text/calendar");
        g_autofree char *file = part_text(message, "application/ics");
        g_assert_cmpstr(calendar, ==, file);
        if (cases[i].method == ICAL_METHOD_NONE) {
            g_assert_cmpstr(calendar, ==, "");
            continue;
        }
        icalcomponent *read = icalparser_parse_string(calendar);
        icalcomponent *event = icalcomponent_get_first_component(read, ICAL_VEVENT_COMPONENT);
        g_assert_cmpint(icalcomponent_get_method(read), ==, cases[i].method);
        g_assert_cmpint(icalcomponent_get_status(event), ==, cases[i].status);
        g_assert_cmpint(icalcomponent_get_sequence(event), ==, (gint)i + 1);
        g_assert_cmpstr(icalcomponent_get_uid(event), ==, "8@comune.esempio.example");
        g_assert_cmpstr(icalcomponent_get_summary(event), ==,
                        "Videochiamata: Edilizia privata, SCIA 214/2026");
        g_assert_true(
            g_str_has_prefix(icalcomponent_get_location(event), "https://sportello.example/sala/"));
        icalcomponent_free(read);
    }
}

/* By PEC only to who wrote by PEC, and only where the office has a way out for it; the invitation
 * then is that address's too. */
static void the_way_out_follows_the_way_in(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const struct {
        RequestSource source;
        const char *office; /* of the PEC section */
        LetterRoute route;
        const char *from;
    } cases[] = {
        {SOURCE_MAIL, NULL, LETTER_BY_MAIL, "edilizia@comune.esempio.example"},
        {SOURCE_WEB, NULL, LETTER_BY_MAIL, "edilizia@comune.esempio.example"},
        {SOURCE_PEC, "tributi", LETTER_BY_MAIL, "edilizia@comune.esempio.example"},
        {SOURCE_PEC, "edilizia", LETTER_BY_PEC, "protocollo@pec.esempio.example"},
        {SOURCE_PEC, NULL, LETTER_BY_PEC, "protocollo@pec.esempio.example"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        ConfigSmtp pec = {.office = (char *)cases[i].office,
                          .pec = true,
                          .from = (char *)"protocollo@pec.esempio.example"};
        g_autoptr(GPtrArray) smtp = g_ptr_array_new();
        g_ptr_array_add(smtp, &pec);
        Config config = {.smtp = smtp};
        desk->box.config = &config;
        desk->request.source = cases[i].source;
        g_autoptr(Letter) letter = compose(desk);
        g_autoptr(GMimeMessage) message = read_back(letter);
        g_autofree char *calendar = part_text(message, "text/calendar");
        icalcomponent *read = icalparser_parse_string(calendar);
        icalcomponent *event = icalcomponent_get_first_component(read, ICAL_VEVENT_COMPONENT);
        g_autofree char *organizer = g_strconcat("mailto:", cases[i].from, NULL);
        g_assert_cmpint(letter->route, ==, cases[i].route);
        assert_has(header(message, "From"), cases[i].from);
        g_assert_cmpstr(icalproperty_get_organizer(
                            icalcomponent_get_first_property(event, ICAL_ORGANIZER_PROPERTY)),
                        ==, organizer);
        g_assert_true(g_str_has_suffix(letter->message_id, strchr(cases[i].from, '@')));
        icalcomponent_free(read);
    }
}

/* Whoever answers a letter writes to its request, where the office's mail server takes tags; a
 * provider of PEC does not. */
static void answers_come_back_to_the_tagged_address(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GPtrArray) smtp = g_ptr_array_new();
    ConfigSmtp pec = {.pec = true, .from = (char *)"protocollo@pec.esempio.example"};
    g_ptr_array_add(smtp, &pec);
    Config config = {.smtp = smtp, .subaddress = true};
    desk->box.config = &config;
    g_autofree char *tag = token_reply_tag(&desk->key, "EDI-7K3M-Q2", 5, 1);
    g_autofree char *address = g_strdup_printf("edilizia+%s@comune.esempio.example", tag);
    g_autoptr(Letter) letter = compose(desk);
    g_autoptr(GMimeMessage) message = read_back(letter);
    InternetAddressList *reply = g_mime_message_get_reply_to(message);
    g_assert_cmpint(internet_address_list_length(reply), ==, 1);
    InternetAddress *mailbox = internet_address_list_get_address(reply, 0);
    g_assert_cmpstr(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(mailbox)), ==,
                    address);
    g_autofree char *calendar = part_text(message, "text/calendar");
    assert_has(calendar, "mailto:edilizia@comune");
    desk->request.source = SOURCE_PEC;
    g_autoptr(Letter) certified = compose(desk);
    g_autoptr(GMimeMessage) by_pec = read_back(certified);
    g_assert_null(header(by_pec, "Reply-To"));
}

static void an_address_that_has_no_room_is_not_tagged(Desk *desk, gconstpointer unused)
{
    (void)unused;
    Config config = {.subaddress = true};
    desk->box.config = &config;
    desk->office.address = (char *)"appuntamenti.edilizia.privata.urbanistica@comune.example";
    g_autoptr(Letter) letter = compose(desk);
    g_autoptr(GMimeMessage) message = read_back(letter);
    g_assert_null(header(message, "Reply-To"));
}

/* Letters that leave from another address than the office's still are answered to the office. */
static void answers_come_back_to_the_office(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GPtrArray) smtp = g_ptr_array_new();
    ConfigSmtp other = {.from = (char *)"sportello@comune.esempio.example"};
    g_ptr_array_add(smtp, &other);
    Config config = {.smtp = smtp};
    desk->box.config = &config;
    g_autoptr(Letter) letter = compose(desk);
    g_autoptr(GMimeMessage) message = read_back(letter);
    assert_has(header(message, "From"), "sportello@comune.esempio.example");
    assert_has(header(message, "Reply-To"), "edilizia@comune.esempio.example");
    other.from = NULL;
    g_autoptr(Letter) own = compose(desk);
    g_autoptr(GMimeMessage) from_office = read_back(own);
    g_assert_null(header(from_office, "Reply-To"));
}

static void a_person_without_mail_gets_no_letter(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    desk->request.person_email = NULL;
    g_assert_null(correspondence_letter(&desk->box, &desk->what, &error));
    g_assert_no_error(error);
    desk->request.person_email = (char *)"x@y.example\r\nBcc: z@y.example";
    g_assert_null(correspondence_letter(&desk->box, &desk->what, &error));
    g_assert_error(error, LETTER_ERROR, LETTER_ERROR_ADDRESS);
}

/* --- the thread --- */

static void the_thread_is_what_came_in_and_went_out(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    gint64 request_id = fixture_request(fixture);
    g_autoptr(GPtrArray) nothing = NULL;
    g_autofree char *none = correspondence_thread(fixture->db, request_id, &nothing);
    g_assert_null(none);
    g_assert_cmpuint(nothing->len, ==, 0);

    gint64 letter_id = fixture_letter(fixture, request_id, SYSTEM);
    g_autofree char *ours = g_strdup_printf("%" G_GINT64_FORMAT "@esempio", letter_id);
    g_autoptr(GPtrArray) alone = NULL;
    g_autofree char *letter_alone = correspondence_thread(fixture->db, request_id, &alone);
    g_assert_cmpstr(letter_alone, ==, ours);

    MessageArrival arrival = {.id = fixture_id(fixture),
                              .office_id = OFFICE_ID,
                              .bytes = "x",
                              .length = 1,
                              .size = 1,
                              .digest = message_digest("x", 1),
                              .received_at = MONDAY};
    gint64 message_id;
    bool is_new;
    g_assert_true(message_store(fixture->db, &arrival, &message_id, &is_new, NULL));
    Message message = {.id = message_id,
                       .request_id = request_id,
                       .message_id = (char *)"first@studio.example",
                       .read_at = MONDAY};
    g_assert_true(message_mark_read(fixture->db, &message, NULL));
    g_free((char *)arrival.digest);
    g_autoptr(GPtrArray) both = NULL;
    g_autofree char *parent = correspondence_thread(fixture->db, request_id, &both);
    g_assert_cmpstr(parent, ==, "first@studio.example");
    g_assert_cmpuint(both->len, ==, 2);
    g_assert_cmpstr(both->pdata[0], ==, "first@studio.example");
    g_assert_cmpstr(both->pdata[1], ==, ours);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_mime_init();
    GError *error = NULL;
    templates = templates_new(&error);
    g_assert_no_error(error);
#define ADD(test) g_test_add("/mail/correspondence/" #test, Desk, NULL, set_up, test, tear_down)
    ADD(a_confirmation_says_all_that_is_needed);
    ADD(a_title_in_the_name_is_not_said_twice);
    ADD(a_firm_is_greeted_as_one);
    ADD(a_confirmation_reads_well_in_german);
    ADD(every_kind_is_written_in_every_language);
    ADD(the_words_of_the_officer_stay_as_they_are);
    ADD(a_receipt_names_what_is_missing_only);
    ADD(links_in_a_strangers_words_are_not_repeated);
    ADD(who_declined_the_invitation_is_asked_about_the_appointment);
    ADD(too_late_to_change_says_how_to_tell);
    ADD(a_receipt_answers_in_its_thread);
    ADD(a_letters_name_tells_nothing_about_other_letters);
    ADD(an_identifier_that_is_unfit_breaks_no_letter);
    ADD(long_threads_keep_their_first_and_latest);
    ADD(only_what_an_officer_decided_is_held);
    ADD(calendars_are_told_of_appointments_alone);
    ADD(the_way_out_follows_the_way_in);
    ADD(answers_come_back_to_the_tagged_address);
    ADD(an_address_that_has_no_room_is_not_tagged);
    ADD(answers_come_back_to_the_office);
    ADD(a_person_without_mail_gets_no_letter);
    fixture_add("/mail/correspondence/the_thread_is_what_came_in_and_went_out",
                the_thread_is_what_came_in_and_went_out);
    int status = g_test_run();
    templates_free(templates);
    return status;
}
