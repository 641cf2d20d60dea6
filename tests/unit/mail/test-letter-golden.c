/* test-letter-golden.c - whole letters and invitations in all languages, compared byte by byte with
 * files that were read by a person: tests/data/letters, tests/data/invitations.
 */
#include "base/texts.h"
#include "golden.h"
#include "mail/correspondence.h"
#include "mail/invitation.h"
#include "mail/officer_letter.h"

#include <string.h>

static Templates *templates;

static gint64 at(const char *rfc3339)
{
    gint64 instant = 0;
    if (!instant_parse_rfc3339(rfc3339, &instant))
        g_error("no instant: %s", rfc3339);
    return instant;
}

/* Everything that a kind may tell. */
typedef struct {
    InstallationKey key;
    Config config;
    LetterBox box;
    Office office;
    Request request;
    Appointment appointment;
    Participant seat;
    Correspondence what;
} Desk;

static void set_up(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char *const missing[] = {"practice", "phone", "times", NULL};
    memset(&desk->key, 7, sizeof desk->key);
    desk->config = (Config){.subaddress = true};
    desk->box = (LetterBox){.key = &desk->key,
                            .public_url = "https://sportello.example",
                            .templates = templates,
                            .config = &desk->config};
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
                              .person_name = (char *)"Chiara Zanolli",
                              .person_title = (char *)"geom.",
                              .person_email = (char *)"chiara.zanolli@studio.example",
                              .person_phone = (char *)"347 1234567"};
    desk->appointment = (Appointment){.id = 8,
                                      .sequence = 1,
                                      .starts_at = at("2026-11-24T10:00:00+01:00"),
                                      .ends_at = at("2026-11-24T10:20:00+01:00"),
                                      .uid = (char *)"8@comune.esempio.example"};
    desk->seat = (Participant){.id = 9, .generation = 1};
    desk->what = (Correspondence){.office = &desk->office,
                                  .request = &desk->request,
                                  .appointment = &desk->appointment,
                                  .seat = &desk->seat,
                                  .moved_from_at = at("2026-11-23T15:40:00+01:00"),
                                  .text = "Porti la tavola 3.\nGrazie.",
                                  .reason = "Il tecnico è malato.",
                                  .outcome_kind = "resolved",
                                  .missing = missing,
                                  .officer_name = "Giulia Verdi",
                                  .in_reply_to = "domanda@studio.example",
                                  .now = at("2026-11-20T09:00:05+01:00")};
}

static void tear_down(Desk *desk, gconstpointer unused)
{
    (void)desk;
    (void)unused;
}

static Letter *compose(Desk *desk, const char *kind, const char *language)
{
    g_autoptr(GError) error = NULL;
    desk->what.kind = kind;
    desk->request.language = (char *)language;
    Letter *letter = correspondence_letter(&desk->box, &desk->what, &error);
    g_assert_no_error(error);
    return letter;
}

/* --- the words --- */

static void each_kind_reads_well_in_each_language(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char *const kinds[] = {"receipt",   "ask_cancel", "confirmation", "moved",
                                        "cancelled", "restored",   "answer",       "phone",
                                        "ask_info",  "redirect",   "refuse",       "outcome"};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        for (const char *const *language = texts_languages(); *language; language++) {
            g_autoptr(Letter) letter = compose(desk, kinds[i], *language);
            g_autofree char *name = g_strdup_printf("letters/%s.%s.txt", kinds[i], *language);
            g_autofree char *whole = g_strconcat(letter->subject, "\n\n", letter->text, NULL);
            golden_check(name, whole);
        }
}

/* What the citizen did is told otherwise than what the office did; a person may have no name. */
static void what_the_citizen_did_is_told_so(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char *const kinds[] = {"moved", "cancelled"};
    desk->what.by_citizen = true;
    desk->what.text = desk->what.reason = NULL;
    desk->request.person_name = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        for (const char *const *language = texts_languages(); *language; language++) {
            g_autoptr(Letter) letter = compose(desk, kinds[i], *language);
            g_autofree char *name =
                g_strdup_printf("letters/%s-by-citizen.%s.txt", kinds[i], *language);
            g_autofree char *whole = g_strconcat(letter->subject, "\n\n", letter->text, NULL);
            golden_check(name, whole);
        }
}

/* --- whole messages --- */

static void replace(GString *text, const char *from, const char *to)
{
    g_string_replace(text, from, to, 0);
}

/* The name of a letter is random, and its boundaries are made of it: both as if it were fixed. */
static char *with_fixed_name(const Letter *letter)
{
    gsize length;
    const char *bytes = g_bytes_get_data(letter->content, &length);
    g_autoptr(GString) text = g_string_new_len(bytes, (gssize)length);
    g_autofree char *digest =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, letter->message_id, -1);
    digest[24] = '\0';
    replace(text, digest, "0123456789abcdef01234567");
    replace(text, letter->message_id, "s.00000000000000000000000000@comune.esempio.example");
    return g_strdup(text->str);
}

static void messages_are_byte_for_byte_as_agreed(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const struct {
        const char *kind, *language, *file;
    } cases[] = {
        {"receipt", "it", "letters/receipt.eml"},
        {"ask_cancel", "it", "letters/ask_cancel.eml"},
        {"answer", "de", "letters/answer.eml"},
        {"confirmation", "it", "invitations/confirmation.eml"},
        {"moved", "de", "invitations/moved.eml"},
        {"cancelled", "it", "invitations/cancelled.eml"},
        {"restored", "en", "invitations/restored.eml"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Letter) letter = compose(desk, cases[i].kind, cases[i].language);
        g_autofree char *message = with_fixed_name(letter);
        golden_check(cases[i].file, message);
    }
}

/* --- letters to officers --- */

static void check_officer_letter(Letter *written, GError *error, const char *kind,
                                 const char *language)
{
    g_autoptr(Letter) letter = written;
    g_autofree char *name = g_strdup_printf("letters/%s.%s.txt", kind, language);
    g_assert_no_error(error);
    g_autofree char *whole = g_strconcat(letter->subject, "\n\n", letter->text, NULL);
    g_assert_cmpstr(letter->recipient, ==, "g.verdi@comune.esempio.example");
    g_assert_cmpint(letter->request_id, ==, 0);
    g_assert_cmpint(letter->appointment_id, ==, 0);
    golden_check(name, whole);
}

/* Requests, and more of them than are shown; nobody's name; words that run on and on. */
static void the_summary_of_the_morning(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *long_words = g_strnfill(400, 'a');
    g_autoptr(GPtrArray) fresh = g_ptr_array_new(), nothing = g_ptr_array_new();
    g_autoptr(GPtrArray) undelivered = g_ptr_array_new(), meetings = g_ptr_array_new();
    g_autoptr(GPtrArray) offices = g_ptr_array_new();
    Request first = desk->request, second = desk->request, third = desk->request;
    first.received_at = at("2026-11-16T11:00:00+01:00");
    second.received_at = at("2026-11-19T23:59:00+01:00");
    second.person_name = second.person_phone = second.subject = second.practice = NULL;
    second.summary = (char *)"Vorrei parlare\r\ndel tetto  <b>di casa</b>.";
    third.received_at = desk->what.now;
    third.subject = long_words;
    g_ptr_array_add(fresh, &first);
    g_ptr_array_add(fresh, &second);
    g_ptr_array_add(fresh, &third);
    Request stranger = desk->request;
    stranger.person_name = (char *)"Vinci su www.truffa.example";
    stranger.subject = (char *)"Paga subito: https://truffa.example";
    stranger.practice = NULL;
    g_ptr_array_add(undelivered, &stranger);
    Appointment meeting = desk->appointment;
    meeting.zone = (char *)"Europe/Rome";
    meeting.request_code = (char *)"EDI-1111-AA";
    meeting.person_name = (char *)"Luca Perini";
    meeting.subject = (char *)"accesso agli atti";
    g_ptr_array_add(meetings, &meeting);
    Office other = desk->office;
    other.name = (char *)"Tributi";
    other.slug = (char *)"tributi";
    DigestOffice busy = {&desk->office, fresh, undelivered, meetings, 35, 2};
    DigestOffice quiet = {&other, nothing, nothing, nothing, 0, 0};
    g_ptr_array_add(offices, &busy);
    g_ptr_array_add(offices, &quiet);
    for (const char *const *language = texts_languages(); *language; language++) {
        Officer officer = {.name = (char *)"Giulia Verdi",
                           .email = (char *)"g.verdi@comune.esempio.example",
                           .language = (char *)*language};
        const OfficerPost post = {&desk->office, &officer, desk->what.now, 0};
        GError *error = NULL;
        Letter *letter = officer_letter_digest(&desk->box, &post, offices, &error);
        check_officer_letter(letter, error, "digest", *language);
    }
}

static void urgent_notes(Desk *desk, gconstpointer unused)
{
    (void)unused;
    Notice notices[] = {{.kind = NOTICE_CANCELLED},
                        {.kind = NOTICE_DECLINED},
                        {.kind = NOTICE_UNDELIVERED},
                        {.kind = NOTICE_REQUEST}};
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    for (gsize i = 0; i < G_N_ELEMENTS(notices); i++) {
        Notice *notice = &notices[i];
        notice->code = (char *)"EDI-7K3M-Q2";
        notice->subject = (char *)"sottotetto di via Roma";
        notice->practice = (char *)"SCIA 214/2026";
        notice->person_name = (char *)"Chiara Zanolli";
        notice->person_phone = (char *)"+393471234567";
        notice->person_email = (char *)"chiara.zanolli@studio.example";
        notice->starts_at = notice->kind == NOTICE_REQUEST ? 0 : desk->appointment.starts_at;
        notice->zone = (char *)"Europe/Rome";
        g_ptr_array_add(all, notice);
    }
    for (const char *const *language = texts_languages(); *language; language++) {
        Officer officer = {.name = (char *)"Giulia Verdi",
                           .email = (char *)"g.verdi@comune.esempio.example",
                           .language = (char *)*language};
        const OfficerPost post = {&desk->office, &officer, desk->what.now, 0};
        GError *error = NULL;
        Letter *letter = officer_letter_urgent(&desk->box, &post, all, &error);
        check_officer_letter(letter, error, "urgent", *language);
        for (gsize i = 0; i < G_N_ELEMENTS(notices); i++) {
            g_autoptr(GPtrArray) one = g_ptr_array_new();
            g_ptr_array_add(one, &notices[i]);
            g_autofree char *kind = g_strdup_printf("urgent-%s", notice_kind_name(notices[i].kind));
            letter = officer_letter_urgent(&desk->box, &post, one, &error);
            check_officer_letter(letter, error, kind, *language);
        }
    }
}

/* --- invitations --- */

static void invitations_are_byte_for_byte_as_agreed(void)
{
    static const struct {
        const char *file;
        InvitationMethod method;
        gint sequence;
        const char *starts_at, *stamp_at, *zone;
    } cases[] = {
        {"invitations/request.ics", INVITATION_REQUEST, 0, "2026-11-24T10:00:00+01:00",
         "2026-11-20T09:00:05Z", "Europe/Rome"},
        {"invitations/request-summer.ics", INVITATION_REQUEST, 0, "2026-07-14T10:00:00+02:00",
         "2026-07-01T09:00:05Z", "Europe/Rome"},
        {"invitations/moved.ics", INVITATION_REQUEST, 1, "2026-11-26T15:40:00+01:00",
         "2026-11-20T09:30:00Z", "Europe/Rome"},
        {"invitations/cancelled.ics", INVITATION_CANCEL, 2, "2026-11-26T15:40:00+01:00",
         "2026-11-21T07:00:00Z", "Europe/Rome"},
        {"invitations/restored.ics", INVITATION_REQUEST, 3, "2026-11-26T15:40:00+01:00",
         "2026-11-21T07:00:00Z", "Europe/Rome"},
        {"invitations/no-daylight-saving.ics", INVITATION_REQUEST, 0, "2026-11-24T10:00:00+09:00",
         "2026-11-20T09:00:05Z", "Asia/Tokyo"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Invitation invitation = {
            .method = cases[i].method,
            .uid = "8@comune.esempio.example",
            .sequence = cases[i].sequence,
            .stamp_at = at(cases[i].stamp_at),
            .starts_at = at(cases[i].starts_at),
            .ends_at = at(cases[i].starts_at) + 1200,
            .zone = zone_find(cases[i].zone),
            .organizer_name = "Edilizia privata - Comune di Esempio",
            .organizer = "edilizia@comune.esempio.example",
            .attendee_name = "Chiara Zanolli",
            .attendee = "chiara.zanolli@studio.example",
            .summary = "Videochiamata: Edilizia privata, SCIA 214/2026",
            .description =
                "Per entrare:\nhttps://sportello.example/sala/0123456789ABCDEFGHJKMNPQRS",
            .location = "https://sportello.example/sala/0123456789ABCDEFGHJKMNPQRS",
            .url = "https://sportello.example/sala/0123456789ABCDEFGHJKMNPQRS",
            .alarm_min = 15,
        };
        g_autofree char *text = invitation_write(&invitation);
        golden_check(cases[i].file, text);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    GError *error = NULL;
    templates = templates_new(&error);
    g_assert_no_error(error);
#define ADD(test) g_test_add("/mail/letter_golden/" #test, Desk, NULL, set_up, test, tear_down)
    ADD(each_kind_reads_well_in_each_language);
    ADD(what_the_citizen_did_is_told_so);
    ADD(the_summary_of_the_morning);
    ADD(urgent_notes);
    ADD(messages_are_byte_for_byte_as_agreed);
    g_test_add_func("/mail/letter_golden/invitations_are_byte_for_byte_as_agreed",
                    invitations_are_byte_for_byte_as_agreed);
    int status = g_test_run();
    templates_free(templates);
    return status;
}
