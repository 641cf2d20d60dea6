/* test-classify.c - machines told from people by headers and form, and what may be answered. */
#include "sample.h"

#include <string.h>

typedef struct {
    const char *name; /* a sentence */
    const char *header, *value;
    const char *subject;
    const char *kind, *action;
} HeaderCase;

static const HeaderCase header_cases[] = {
    {"auto_submitted_is_an_automatic_answer", "auto-submitted", "auto-replied", "x", "auto_reply",
     "ignore"},
    {"auto_submitted_may_have_a_comment", "auto-submitted", "auto-replied (vacation)", "x",
     "auto_reply", "ignore"},
    {"auto_submitted_no_is_a_person", "auto-submitted", "No", "x", "request", NULL},
    {"auto_generated_is_automatic", "auto-submitted", "auto-generated", "x", "auto_reply",
     "ignore"},
    {"suppress_alone_is_a_person", "x-auto-response-suppress", "All", "x", "request", NULL},
    {"list_id_is_bulk", "list-id", "<albo.ordine.example>", "x", "bulk", "ignore"},
    {"list_unsubscribe_is_bulk", "list-unsubscribe", "<mailto:u@ordine.example>", "x", "bulk",
     "ignore"},
    {"precedence_bulk_is_bulk", "precedence", "bulk", "x", "bulk", "ignore"},
    {"precedence_list_is_bulk", "precedence", "list", "x", "bulk", "ignore"},
    {"precedence_first_class_is_a_person", "precedence", "first-class", "x", "request", NULL},
    {"precedence_auto_reply_is_automatic", "precedence", "auto_reply", "x", "auto_reply", "ignore"},
    {"x_autoreply_is_automatic", "x-autoreply", "yes", "x", "auto_reply", "ignore"},
    {"x_autorespond_is_automatic", "x-autorespond", "", "x", "request", NULL},
    {"the_subject_of_outlook_is_automatic", NULL, NULL, "Risposta automatica: Videochiamata",
     "auto_reply", "ignore"},
    {"out_of_office_as_a_whole_subject_is_automatic", NULL, NULL, "Fuori ufficio", "auto_reply",
     "ignore"},
    {"an_answer_to_an_automatic_answer_is_a_person", NULL, NULL, "R: Risposta automatica: x",
     "request", NULL},
    {"an_absent_colleague_in_the_subject_is_a_person", NULL, NULL,
     "Assente il tecnico, chi mi riceve?", "request", NULL},
    {"a_german_absence_is_automatic", NULL, NULL, "Abwesenheitsnotiz: Termin", "auto_reply",
     "ignore"},
};

static const Value *read_message(Arena *arena, const MailMessage *message)
{
    return reading_read(arena, message, sample_office(), 0);
}

static void test_header(gconstpointer data)
{
    const HeaderCase *one = data;
    g_autoptr(MailMessage) message =
        sample_message("2026-11-20", one->subject, "Chiedo una videochiamata martedì alle 10.");
    g_autoptr(Arena) arena = arena_new();
    if (one->header)
        sample_header(message, one->header, one->value);
    const Value *reading = read_message(arena, message);
    g_assert_cmpstr(value_get_text(reading, "kind"), ==, one->kind);
    if (one->action)
        g_assert_cmpstr(value_get_text(reading, "action"), ==, one->action);
    bool is_machine = strcmp(one->kind, "request") != 0;
    g_assert_cmpuint(value_length(value_get(reading, "preferences")), ==, is_machine ? 0 : 1);
    g_assert_cmpint(reading_may_be_answered(message, one->kind), ==, !is_machine);
    g_assert_cmpstr(value_get_text(reading, "reason"), ==, is_machine ? one->kind : NULL);
}

static void set(char **member, const char *text)
{
    g_free(*member);
    *member = g_strdup(text);
}

static void test_bounce(void)
{
    g_autoptr(MailMessage) message = sample_message(
        "2026-11-20", "Undelivered Mail Returned to Sender", "This is the mail system.");
    g_autoptr(Arena) arena = arena_new();
    message->bounce.present = TRUE;
    set(&message->bounce.recipient, "g.montresr@studio.example");
    set(&message->bounce.status, "5.1.1");
    set(&message->bounce.original_id, "conf-1@sportello.comune.esempio.example");
    const Value *reading = read_message(arena, message), *triage = value_get(reading, "triage");
    g_assert_cmpstr(value_get_text(reading, "kind"), ==, "bounce");
    g_assert_cmpstr(value_get_text(reading, "action"), ==, "flag_delivery_failure");
    g_assert_cmpstr(value_get_text(triage, "failed_recipient"), ==, "g.montresr@studio.example");
    g_assert_cmpstr(value_get_text(triage, "status"), ==, "5.1.1");
    g_assert_cmpstr(value_get_text(triage, "booking_message"), ==,
                    "conf-1@sportello.comune.esempio.example");
    g_assert_null(value_get_text(reading, "reply_to"));
}

static void test_daemon_without_report(void)
{
    g_autoptr(MailMessage) message =
        sample_message("2026-11-20", "Mail delivery failed", "Cannot deliver to x@y.example");
    g_autoptr(Arena) arena = arena_new();
    set(&message->from.email, "MAILER-DAEMON@mx.example");
    set(&message->return_path, "");
    g_assert_cmpstr(value_get_text(read_message(arena, message), "kind"), ==, "bounce");
    g_assert_false(reading_may_be_answered(message, "request"));
}

static void test_receipt(void)
{
    static const char *const types[][2] = {{"avvenuta-consegna", "link_only"},
                                           {"accettazione", "link_only"},
                                           {"errore-consegna", "flag_delivery_failure"},
                                           {"non-accettazione", "flag_delivery_failure"}};
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autoptr(MailMessage) message =
            sample_message("2026-11-25", "CONSEGNA: Videochiamata [SPO-2026-000130]",
                           "Ricevuta del 25/11/2026 alle ore 09:00");
        g_autoptr(Arena) arena = arena_new();
        message->pec.kind = PEC_RECEIPT;
        set(&message->pec.type, types[i][0]);
        set(&message->pec.refers_to, "conf-1@sportello.comune.esempio.example");
        set(&message->pec.delivered_to, "s.bonomi@pec.ordine.example");
        const Value *reading = read_message(arena, message),
                    *transport = value_get(reading, "transport");
        g_assert_cmpstr(value_get_text(reading, "kind"), ==, "pec_receipt");
        g_assert_cmpstr(value_get_text(reading, "action"), ==, types[i][1]);
        g_assert_cmpstr(value_get_text(transport, "refers_to"), ==,
                        "conf-1@sportello.comune.esempio.example");
        g_assert_cmpstr(value_get_text(transport, "delivered_to"), ==,
                        "s.bonomi@pec.ordine.example");
        g_assert_cmpuint(value_length(value_get(reading, "preferences")), ==, 0);
    }
}

static void test_envelope(void)
{
    g_autoptr(MailMessage) message =
        sample_message("2026-11-24", "Richiesta colloquio", "Chiedo un colloquio.");
    g_autoptr(Arena) arena = arena_new();
    message->pec.kind = PEC_ENVELOPE;
    message->pec.certified = TRUE;
    set(&message->pec.refers_to, "orig05@pc-studio");
    set(&message->outer_from.email, "posta-certificata@pec.gestore.example");
    sample_header(message, "auto-submitted",
                  "auto-generated"); /* of the envelope: the person's count */
    const Value *reading = read_message(arena, message);
    g_assert_cmpstr(value_get_text(reading, "kind"), ==, "request");
    g_assert_cmpstr(value_get_text(value_get(reading, "sender"), "email"), ==,
                    "p.verdi@studio.example");
    g_assert_true(value_get_boolean(value_get(reading, "transport"), "pec"));
    g_assert_true(value_get_boolean(value_get(reading, "transport"), "certified"));
    message->pec.kind = PEC_ANOMALY;
    message->pec.certified = FALSE;
    reading = read_message(arena, message);
    g_assert_cmpstr(value_get_text(value_get(reading, "transport"), "type"), ==, "errore");
    g_assert_false(value_get_boolean(value_get(reading, "transport"), "certified"));
}

static void test_itip(void)
{
    static const char *const answers[][3] = {{"REPLY", "DECLINED", "ask_confirm_cancel"},
                                             {"REPLY", "ACCEPTED", "link_only"},
                                             {"COUNTER", "TENTATIVE", "update"}};
    for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_autoptr(MailMessage) message =
            sample_message("2026-11-24", "Rifiutato: Videochiamata",
                           "Ha rifiutato l'invito di giovedì 26 novembre.");
        g_autoptr(Arena) arena = arena_new();
        message->itip.present = TRUE;
        set(&message->itip.method, answers[i][0]);
        set(&message->itip.partstat, answers[i][1]);
        set(&message->itip.uid, "spo-1@sportello.comune.esempio.example");
        const Value *reading = read_message(arena, message);
        g_assert_cmpstr(value_get_text(reading, "kind"), ==, "itip_reply");
        g_assert_cmpstr(value_get_text(reading, "action"), ==, answers[i][2]);
        g_assert_cmpstr(value_get_text(reading, "subject_clean"), ==, "Videochiamata");
        g_assert_cmpstr(value_get_text(value_get(reading, "triage"), "uid"), ==,
                        "spo-1@sportello.comune.esempio.example");
        g_assert_cmpuint(value_length(value_get(reading, "preferences")), ==, 0);
    }
}

static void test_invitation(void)
{
    g_autoptr(MailMessage) message =
        sample_message("2026-11-24", "Invito: sopralluogo", "Chiedo un incontro.");
    g_autoptr(Arena) arena = arena_new();
    message->itip.present = TRUE;
    set(&message->itip.method, "REQUEST");
    g_assert_cmpstr(value_get_text(read_message(arena, message), "kind"), ==, "request");
}

static void test_own(void)
{
    static const char *const addresses[] = {"AppuntamentiEdilizia@comune.esempio.example",
                                            "sportello@pec.comune.esempio.example",
                                            "noreply@sportello.comune.esempio.example"};
    for (guint i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_autoptr(MailMessage) message =
            sample_message("2026-11-24", "Ricevuta", "Abbiamo ricevuto la richiesta.");
        g_autoptr(Arena) arena = arena_new();
        set(&message->from.email, addresses[i]);
        const Value *reading = read_message(arena, message);
        g_assert_cmpstr(value_get_text(reading, "kind"), ==, "own");
        g_assert_null(value_get_text(reading, "reply_to"));
    }
}

static void test_colleague(void)
{
    g_autoptr(MailMessage) message =
        sample_message("2026-11-24", "Un tecnico chiede", "Chiedo un incontro.");
    g_autoptr(Arena) arena = arena_new();
    set(&message->from.email, "anagrafe@comune.esempio.example");
    g_assert_cmpstr(value_get_text(read_message(arena, message), "kind"), ==, "request");
}

static void test_reply_to(void)
{
    g_autoptr(MailMessage) message =
        sample_message("2026-11-24", "Richiesta", "Chiedo un incontro.");
    g_autoptr(Arena) arena = arena_new();
    MailAddress *own = g_new0(MailAddress, 1), *other = g_new0(MailAddress, 1);
    own->email = g_strdup("appuntamentiedilizia@comune.esempio.example");
    other->email = g_strdup("segreteria@studio.example");
    g_ptr_array_add(message->reply_to, own);
    g_ptr_array_add(message->reply_to, other);
    g_assert_cmpstr(value_get_text(read_message(arena, message), "reply_to"), ==,
                    "segreteria@studio.example");
}

static void test_makes_request(void)
{
    static const char *const yes[] = {"request", "question", "reply", "reschedule", "cancel"};
    static const char *const no[] = {"auto_reply",  "bounce",     "bulk",
                                     "pec_receipt", "itip_reply", "own"};
    for (guint i = 0; i < G_N_ELEMENTS(yes); i++)
        g_assert_true(reading_makes_request(yes[i]));
    for (guint i = 0; i < G_N_ELEMENTS(no); i++)
        g_assert_false(reading_makes_request(no[i]));
    g_assert_false(reading_makes_request(NULL));
}

static void test_attachments(void)
{
    g_autoptr(MailMessage) message =
        sample_message("2026-11-24", "Richiesta", "In allegato la tavola. Chiedo un incontro.");
    g_autoptr(Arena) arena = arena_new();
    MailPart *plan = g_new0(MailPart, 1), *logo = g_new0(MailPart, 1),
             *program = g_new0(MailPart, 1);
    plan->name = g_strdup("Relazione.pdf.p7m");
    plan->type = g_strdup("application/pkcs7-mime");
    plan->signature = g_strdup("CAdES");
    logo->name = g_strdup("logo.png");
    logo->is_inline = TRUE;
    program->name = g_strdup("tavola.pdf.exe");
    program->quarantine = TRUE;
    g_ptr_array_add(message->parts, plan);
    g_ptr_array_add(message->parts, logo);
    g_ptr_array_add(message->parts, program);
    const Value *reading = read_message(arena, message), *list = value_get(reading, "attachments");
    g_assert_cmpuint(value_length(list), ==, 2);
    g_assert_cmpstr(value_get_text(value_at(list, 0), "signed"), ==, "CAdES");
    g_assert_cmpstr(value_get_text(value_at(list, 1), "name"), ==, "tavola.pdf.exe");
    g_assert_true(value_get_boolean(value_at(list, 1), "quarantine"));
    g_assert_true(value_get_boolean(value_get(reading, "triage"), "suspicious"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(header_cases); i++) {
        g_autofree char *name = g_strdup_printf("/reading/classify/%s", header_cases[i].name);
        g_test_add_data_func(name, &header_cases[i], test_header);
    }
    g_test_add_func("/reading/classify/a_report_names_who_was_not_reached", test_bounce);
    g_test_add_func("/reading/classify/a_daemon_without_a_report_is_a_bounce",
                    test_daemon_without_report);
    g_test_add_func("/reading/classify/pec_receipts_are_linked_and_failures_flagged", test_receipt);
    g_test_add_func("/reading/classify/a_pec_envelope_is_its_person", test_envelope);
    g_test_add_func("/reading/classify/calendar_answers_say_what_they_answer", test_itip);
    g_test_add_func("/reading/classify/a_calendar_invitation_is_a_request", test_invitation);
    g_test_add_func("/reading/classify/our_own_letters_are_ours", test_own);
    g_test_add_func("/reading/classify/a_colleague_of_another_office_is_a_person", test_colleague);
    g_test_add_func("/reading/classify/answers_never_go_to_ourselves", test_reply_to);
    g_test_add_func("/reading/classify/people_make_requests_and_machines_do_not",
                    test_makes_request);
    g_test_add_func("/reading/classify/attachments_are_listed_without_pictures_of_the_letter",
                    test_attachments);
    return g_test_run();
}
