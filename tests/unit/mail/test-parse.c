/* test-parse.c - messages to values: the sample mail, certified mail, reports, and what is hostile.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <string.h>

static GBytes *sample(const char *name)
{
    g_autofree char *file = g_build_filename(g_getenv("TEST_DATA"), "mail", name, NULL);
    char *bytes;
    gsize length;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(file, &bytes, &length, &error);
    g_assert_no_error(error);
    return g_bytes_new_take(bytes, length);
}

static MailMessage *parse_sample(const char *name)
{
    g_autoptr(GBytes) bytes = sample(name);
    gsize length;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    return parse_message(data, length, 0);
}

static MailMessage *parse_text(const char *text)
{
    return parse_message((const guint8 *)text, strlen(text), 0);
}

static const MailPart *part_of(const MailMessage *message, guint index)
{
    g_assert_cmpuint(index, <, message->parts->len);
    return g_ptr_array_index(message->parts, index);
}

/* g_assert_cmpmem does not compile with -Wconversion */
static void assert_bytes(const void *bytes, gint64 length, const char *expected)
{
    g_autofree char *got = g_strndup(bytes, (gsize)length);
    g_assert_cmpstr(got, ==, expected);
}

/* --- the samples --------------------------------------------------------------------------- */

static void reads_sender_subject_and_words_of_every_sample(void)
{
    static const struct {
        const char *file, *email, *subject, *words;
    } expected[] = {
        {"01-chiara-geometra-scia.eml", "m.zanolli@studiozanolli.example",
         "Richiesta videochiamata - SCIA 214/2026",
         "Sarei disponibile martedì prossimo verso le 10."},
        {"03-architetta-alternative-allegati.eml", "giulia.montresor@archstudio.example",
         "Pratica PdC 87/2025 – richiesta appuntamento in videoconferenza",
         "- giovedì 26 novembre in mattinata;"},
        {"05-pec-busta-trasporto.eml", "stefano.bonomi@pec.ordine.example",
         "Richiesta colloquio PdC 41/2026", "Si propone mercoledi' 2 dicembre alle ore 11:00."},
        {"07-risposta-sposta.eml", "giulia.montresor@archstudio.example",
         "Re: [SPO-2026-000123] Videochiamata confermata: martedì 1 dicembre ore 15:40",
         "> Codice richiesta: SPO-2026-000123\n"},
        {"08-annulla.eml", "m.zanolli@studiozanolli.example",
         "Re: [SPO-2026-000119] Promemoria videochiamata",
         "devo annullare l'appuntamento di domani mattina"},
        {"09-fuori-ufficio.eml", "p.righetti@righettiassociati.example",
         "Risposta automatica: Videochiamata confermata", "Questo è un messaggio automatico."},
        {"10-mancato-recapito-dsn.eml", "MAILER-DAEMON@mail.comune.esempio.example",
         "Undelivered Mail Returned to Sender", "Your message could not be delivered."},
        {"11-tedesco-alto-adige.eml", "a.pichler@planbuero.example",
         "Termin Videoanruf – Baugenehmigung 66/2025", "nächsten Dienstag um 10 Uhr"},
        {"13-accesso-atti.eml", "ivana.facci@geometri.example", "copie licenze edilizie",
         "fg 3 part 112"},
        {"14-domanda-semplice.eml", "renzo.48@posta.example", "orari e modulo",
         "è aperto lunedì 7 dicembre"},
        {"15-scarna-da-telefono.eml", "luca.costruzioni@posta.example", NULL, "3475550121 luca"},
        {"20-pec-ricevuta-consegna.eml", "posta-certificata@pec.gestore.example",
         "CONSEGNA: Videochiamata confermata [SPO-2026-000130]",
         "è stato consegnato nella casella"},
        {"23-calendario-rifiutato.eml", "p.righetti@righettiassociati.example",
         "Rifiutato: Videochiamata Sportello Edilizia", "Paolo Righetti ha rifiutato l'invito."},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autoptr(MailMessage) message = parse_sample(expected[i].file);
        g_assert_cmpstr(message->from.email, ==, expected[i].email);
        g_assert_cmpstr(message->subject, ==, expected[i].subject);
        if (!strstr(message->text, expected[i].words))
            g_error("%s: \"%s\" is not in \"%s\"", expected[i].file, expected[i].words,
                    message->text);
        g_assert_false(message->malformed);
        g_assert_false(message->text_truncated);
    }
}

static void places_attachments_to_the_byte(void)
{
    g_autoptr(GBytes) bytes = sample("03-architetta-alternative-allegati.eml");
    const char *raw = g_bytes_get_data(bytes, NULL);
    g_autoptr(MailMessage) message = parse_sample("03-architetta-alternative-allegati.eml");
    g_assert_cmpuint(message->parts->len, ==, 2);

    const MailPart *plan = part_of(message, 0);
    g_assert_cmpstr(plan->name, ==, "Tav_03_Stato_di_progetto.pdf");
    g_assert_cmpstr(plan->type, ==, "application/pdf");
    g_assert_cmpstr(plan->encoding, ==, "base64");
    g_assert_null(plan->signature);
    g_assert_false(plan->quarantine);
    g_autofree char *encoded = g_strndup(raw + plan->offset, (gsize)plan->length);
    gsize size;
    g_autofree guchar *decoded = g_base64_decode(encoded, &size);
    g_assert_cmpint((gint64)size, ==, plan->size);
    g_assert_true(g_str_has_prefix((char *)decoded, "%PDF-1.4\n1 0 obj"));
    assert_bytes(decoded + size - 6, 6, "%%EOF\n");

    const MailPart *signed_part = part_of(message, 1);
    g_assert_cmpstr(signed_part->name, ==, "Relazione tecnica.pdf.p7m");
    g_assert_cmpstr(signed_part->signature, ==, "CAdES");
    g_assert_false(signed_part->quarantine);
}

static void takes_the_person_out_of_a_pec_envelope(void)
{
    g_autoptr(MailMessage) message = parse_sample("05-pec-busta-trasporto.eml");
    g_assert_cmpint(message->pec.kind, ==, PEC_ENVELOPE);
    g_assert_cmpstr(message->pec.type, ==, "posta-certificata");
    g_assert_cmpstr(message->pec.identifier, ==, "opec05.20261124111950.001@pec.gestore.example");
    g_assert_cmpstr(message->pec.msgid, ==, "orig05@pc-studio");
    g_assert_cmpstr(message->pec.sender, ==, "stefano.bonomi@pec.ordine.example");
    g_assert_cmpstr(message->pec.receipt, ==, "completa");
    g_assert_cmpstr(message->pec.at, ==, "2026-11-24T11:19:50+01:00");
    g_assert_cmpstr(message->from.name, ==, "Stefano Bonomi");
    g_assert_cmpstr(message->outer_from.email, ==, "posta-certificata@pec.gestore.example");
    g_assert_cmpstr(message->subject_outer, ==,
                    "POSTA CERTIFICATA: Richiesta colloquio PdC 41/2026");
    g_assert_null(strstr(message->text, "Messaggio di posta certificata"));
    g_assert_cmpuint(message->parts->len, ==, 0);
    g_assert_nonnull(message->inner_headers);
    g_assert_cmpint(message->date_at, ==, 1795515590);
    g_assert_cmpint(message->date_offset_min, ==, 60);
}

static void a_pec_receipt_names_what_it_is_about(void)
{
    g_autoptr(MailMessage) message = parse_sample("20-pec-ricevuta-consegna.eml");
    g_assert_cmpint(message->pec.kind, ==, PEC_RECEIPT);
    g_assert_cmpstr(message->pec.type, ==, "avvenuta-consegna");
    g_assert_cmpstr(message->pec.refers_to, ==, "conf-000130@sportello.comune.esempio.example");
    g_assert_cmpstr(message->pec.delivered_to, ==, "stefano.bonomi@pec.ordine.example");
    g_assert_null(strstr(message->text, "confermata per gioved")); /* our own letter inside */
    g_assert_cmpuint(message->parts->len, ==, 0);
}

static void a_bounce_names_recipient_and_letter(void)
{
    g_autoptr(MailMessage) message = parse_sample("10-mancato-recapito-dsn.eml");
    g_assert_true(message->bounce.present);
    g_assert_cmpstr(message->bounce.recipient, ==, "giulia.montresr@archstudio.example");
    g_assert_cmpstr(message->bounce.status, ==, "5.1.1");
    g_assert_cmpstr(message->bounce.action, ==, "failed");
    g_assert_cmpstr(message->bounce.original_id, ==,
                    "conf-000125@sportello.comune.esempio.example");
    g_assert_cmpstr(message->return_path, ==, "");
}

static void the_null_sender_is_known_under_each_name(void)
{
    static const char *const paths[] = {"<>", "<MAILER-DAEMON>", "< >", ""};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *mail =
            g_strdup_printf("Return-Path: %s\nFrom: a@b.example\n\nx\n", paths[i]);
        g_autoptr(MailMessage) message = parse_text(mail);
        g_assert_cmpstr(message->return_path, ==, "");
    }
    g_autoptr(MailMessage) person = parse_text("Return-Path: <a@b.example>\nFrom: a@b.example\n\n");
    g_assert_cmpstr(person->return_path, ==, "a@b.example");
}

static void a_calendar_answer_names_event_and_answer(void)
{
    g_autoptr(MailMessage) message = parse_sample("23-calendario-rifiutato.eml");
    g_assert_true(message->itip.present);
    g_assert_cmpstr(message->itip.method, ==, "REPLY");
    g_assert_cmpstr(message->itip.uid, ==, "spo-2026-000118@sportello.comune.esempio.example");
    g_assert_cmpstr(message->itip.partstat, ==, "DECLINED");
    g_assert_cmpstr(message->itip.attendee, ==, "p.righetti@righettiassociati.example");
    g_assert_cmpint(message->itip.sequence, ==, 0);
}

static void keeps_threads_and_headers(void)
{
    g_autoptr(MailMessage) reply = parse_sample("07-risposta-sposta.eml");
    g_assert_cmpstr(reply->in_reply_to, ==, "conf-000123@sportello.comune.esempio.example");
    g_assert_cmpuint(reply->references->len, ==, 2);
    g_assert_cmpstr(g_ptr_array_index(reply->references, 0), ==, "a03@archstudio.example");
    g_autoptr(MailMessage) automatic = parse_sample("09-fuori-ufficio.eml");
    g_assert_cmpstr(mail_message_header(automatic, "auto-submitted"), ==, "auto-replied");
    g_assert_null(mail_message_header(automatic, "list-id"));
}

static void comes_back_from_json_as_it_was(void)
{
    g_autoptr(GDir) folder = NULL;
    g_autofree char *path = g_build_filename(g_getenv("TEST_DATA"), "mail", NULL);
    folder = g_dir_open(path, 0, NULL);
    g_assert_nonnull(folder);
    guint seen = 0;
    for (const char *name; (name = g_dir_read_name(folder));) {
        if (!g_str_has_suffix(name, ".eml"))
            continue;
        g_autoptr(MailMessage) message = parse_sample(name);
        g_autofree char *json = mail_message_to_json(message);
        g_autoptr(GError) error = NULL;
        g_autoptr(MailMessage) back = mail_message_from_json(json, strlen(json), &error);
        g_assert_no_error(error);
        g_autofree char *again = mail_message_to_json(back);
        g_assert_cmpstr(again, ==, json);
        seen++;
    }
    g_assert_cmpuint(seen, ==, 13);
}

/* --- PEC ----------------------------------------------------------------------------------- */

static void knows_the_seven_receipts_and_the_anomaly(void)
{
    static const char *const types[] = {
        "accettazione",    "non-accettazione",          "presa-in-carico",  "avvenuta-consegna",
        "errore-consegna", "preavviso-errore-consegna", "rilevazione-virus"};
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *mail =
            g_strdup_printf("From: p@q.example\nX-Ricevuta: %s\n\nricevuta\n", types[i]);
        g_autoptr(MailMessage) message = parse_text(mail);
        g_assert_cmpint(message->pec.kind, ==, PEC_RECEIPT);
        g_assert_cmpstr(message->pec.type, ==, types[i]);
        g_assert_cmpstr(message->text, ==, "ricevuta\n");
    }
    g_autoptr(MailMessage) unknown = parse_text("From: p@q.example\nX-Ricevuta: altro\n\nx\n");
    g_assert_cmpint(unknown->pec.kind, ==, PEC_NONE);
    g_autoptr(MailMessage) anomaly = parse_text(
        "From: p@q.example\nX-Trasporto: errore\nContent-Type: multipart/mixed; boundary=x\n\n"
        "--x\n\nanomalia\n--x\nContent-Type: message/rfc822\n\nFrom: "
        "a@b.example\n\nordinaria\n--x--\n");
    g_assert_cmpint(anomaly->pec.kind, ==, PEC_ANOMALY);
    g_assert_cmpstr(anomaly->from.email, ==, "a@b.example");
    g_assert_cmpstr(anomaly->text, ==, "ordinaria");
}

static void expands_no_entities_of_daticert(void)
{
    static const char bomb[] =
        "<!DOCTYPE postacert [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY f SYSTEM \"/etc/passwd\">]>"
        "<postacert tipo=\"accettazione\"><dati><identificativo>&a;&f;</identificativo></dati>"
        "</postacert>";
    MailPec pec = {0};
    gboolean malformed = FALSE;
    pec_daticert(bomb, sizeof bomb - 1, &pec, &malformed);
    g_assert_true(malformed);
    g_assert_null(pec.identifier);
}

/* --- reports ------------------------------------------------------------------------------- */

static void finds_a_bounce_by_its_header(void)
{
    g_autoptr(MailMessage) message = parse_text(
        "From: Mail Delivery System <m@d.example>\nX-Failed-Recipients: no@x.example, "
        "altro@x.example\n\n"
        "This is a copy of the message\n\nFrom: u@c.example\nMessage-ID: <l.7@c.example>\n");
    g_assert_true(message->bounce.present);
    g_assert_cmpstr(message->bounce.recipient, ==, "no@x.example");
    g_assert_cmpstr(message->bounce.original_id, ==, "l.7@c.example");
}

static void tells_the_failed_recipient_from_the_others(void)
{
    g_autoptr(MailMessage) message = mail_message_new();
    parse_delivery_status(
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822;si@x.example\nAction: relayed\n"
        "Status: 2.0.0\n\nFinal-Recipient: rfc822;no@x.example\nAction: Failed\n"
        "Status: 5.2.2 (mailbox full)\n",
        message);
    g_assert_cmpstr(message->bounce.recipient, ==, "no@x.example");
    g_assert_cmpstr(message->bounce.action, ==, "failed");
    g_assert_cmpstr(message->bounce.status, ==, "5.2.2");
}

static void a_calendar_without_method_says_nothing(void)
{
    g_autoptr(MailMessage) message = mail_message_new();
    parse_calendar("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:x\nEND:VEVENT\nEND:VCALENDAR\n",
                   NULL, message);
    g_assert_false(message->itip.present);
    parse_calendar("BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REPLY\nEND:VCALENDAR\n", NULL, message);
    g_assert_false(message->itip.present); /* an answer to nothing */
    parse_calendar("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:x\nSEQUENCE:3\nEND:VEVENT\nEND:"
                   "VCALENDAR\n",
                   "counter", message);
    g_assert_true(message->itip.present);
    g_assert_cmpstr(message->itip.method, ==, "COUNTER");
    g_assert_cmpint(message->itip.sequence, ==, 3);
}

/* --- hostile ------------------------------------------------------------------------------- */

static void survives_what_is_no_message(void)
{
    g_autoptr(MailMessage) nothing = parse_message((const guint8 *)"", 0, 0);
    g_assert_true(nothing->malformed);
    g_assert_cmpstr(nothing->text, ==, "");
    g_autoptr(MailMessage) words = parse_text("solo parole senza intestazioni");
    g_assert_true(words->malformed);
    g_assert_cmpstr(words->text, ==, "solo parole senza intestazioni");
    g_assert_null(words->from.email);
    g_assert_cmpint(words->date_at, ==, G_MININT64);
}

static void reads_parts_without_bytes(void)
{
    static const char *const types[] = {
        "text/plain",          "text/html",
        "text/calendar",       "message/rfc822",
        "text/rfc822-headers", "message/delivery-status",
        "application/pdf",     "application/xml; name=daticert.xml"};
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *mail = g_strdup_printf(
            "From: a@b.example\nX-Trasporto: %s\nContent-Type: multipart/%s; boundary=x\n\n"
            "--x\nContent-Type: %s\n\n--x--\n",
            i % 2 ? "errore" : "no", i % 3 ? "report" : "mixed", types[i]);
        g_autoptr(MailMessage) message = parse_text(mail);
        g_assert_cmpstr(message->text, ==, "");
    }
}

static void stops_at_its_depth(void)
{
    g_autoptr(GString) mail = g_string_new("From: a@b.example\n");
    for (guint i = 0; i < 3000; i++)
        g_string_append_printf(mail, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i,
                               i);
    g_string_append(mail, "\nin fondo\n");
    g_autoptr(MailMessage) message = parse_text(mail->str);
    g_assert_true(message->malformed);
    g_assert_cmpstr(message->text, ==, "");
}

static void stops_at_its_counts(void)
{
    g_autoptr(GString) mail = g_string_new("From: a@b.example\n");
    for (guint i = 0; i < 2000; i++)
        g_string_append_printf(mail, "X-Field: %u\nTo: p%u@b.example\n", i, i);
    g_string_append(mail, "Content-Type: multipart/mixed; boundary=x\n\n");
    for (guint i = 0; i < 2000; i++)
        g_string_append(mail, "--x\nContent-Type: application/pdf; name=a.pdf\n\n%PDF\n");
    g_autoptr(MailMessage) message = parse_text(mail->str);
    g_assert_true(message->malformed);
    g_assert_cmpuint(message->parts->len, ==, PARSE_PARTS_MOST);
    g_assert_cmpuint(message->headers->len, ==, PARSE_HEADERS_MOST);
    g_assert_cmpuint(message->to->len, <=, PARSE_ADDRESSES_MOST);
}

static void cuts_long_texts(void)
{
    g_autofree char *much = g_strnfill(3 * 1024 * 1024, 'a');
    g_autofree char *mail = g_strconcat("From: a@b.example\nSubject: ", "x", "\n\n", much, NULL);
    g_autoptr(MailMessage) message = parse_text(mail);
    g_assert_true(message->text_truncated);
    g_assert_cmpuint(strlen(message->text), <=, PARSE_TEXT_MOST);
    g_assert_cmpuint(strlen(message->text), >, PARSE_TEXT_MOST - 8);
    g_autofree char *page =
        g_strconcat("From: a@b.example\nContent-Type: text/html\n\n<p>", much, NULL);
    g_autoptr(MailMessage) html = parse_text(page);
    g_assert_true(html->text_truncated);
    g_assert_cmpuint(strlen(html->text), <=, PARSE_TEXT_MOST);
}

static void refuses_json_that_no_parser_writes(void)
{
    g_autoptr(MailMessage) message = parse_sample("03-architetta-alternative-allegati.eml");
    g_autofree char *json = mail_message_to_json(message);
    static const char *const changes[][2] = {
        {"\"offset\":1395", "\"offset\":-1"},
        {"\"offset\":1395", "\"offset\":\"1395\""},
        {"\"pec\":{\"kind\":0", "\"pec\":{\"kind\":9"},
        {"\"malformed\":false", "\"malformed\":0"},
        {"\"encoding\":\"base64\"", "\"encoding\":null"},
        {"\"references\":[]", "\"references\":[1]"},
        {"\"subject\":\"", "\"subject\":\"\\u0000"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_auto(GStrv) pieces = g_strsplit(json, changes[i][0], 2);
        g_assert_cmpuint(g_strv_length(pieces), ==, 2);
        g_autofree char *wrong = g_strjoinv(changes[i][1], pieces);
        g_autoptr(GError) error = NULL;
        g_assert_null(mail_message_from_json(wrong, strlen(wrong), &error));
        g_assert_error(error, MAIL_MESSAGE_ERROR, MAIL_MESSAGE_ERROR_JSON);
    }
}

/* Each encoded word is complete by itself (RFC 2047, 2): padding in one ends no field. */
static void reads_every_padded_word_of_a_field(void)
{
    static const struct {
        const char *field, *read;
    } cases[] = {
        {"=?UTF-8?B?SGVsbG8=?= =?UTF-8?B?IHdvcmxk?=", "Hello world"},
        {"=?utf-8?B?dmlhIENhIDM=?=\r\n =?utf-8?b?MDAw?=", "via Ca 3000"},
        {"=?utf-8?B?YQ==?= =?utf-8?B?Yg==?= =?utf-8?B?Yw==?=", "abc"},
        {"=?utf-8?B?w6g=?= =?utf-8?B?w6g=?= e =?utf-8?B?w6g=?=", "\xc3\xa8\xc3\xa8 e \xc3\xa8"},
        {"=?utf-8?B?YQ==?= =?iso-8859-1?B?6A==?=", "a\xc3\xa8"},
        {"=?utf-8?B?w6g=?= =?utf-8?Q?_=C3=A8?=", "\xc3\xa8 \xc3\xa8"},
        {"[EDI-ABCD-23] =?utf-8?B?YQ==?= =?utf-8?B?Yg==?=", "[EDI-ABCD-23] ab"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *mail = g_strdup_printf(
            "From: %s <a@b.example>\r\nTo: %s <c@d.example>\r\nSubject: %s\r\n\r\nx\r\n",
            strchr(cases[i].field, '[') ? "x" : cases[i].field,
            strchr(cases[i].field, '[') ? "x" : cases[i].field, cases[i].field);
        g_autoptr(MailMessage) message = parse_message((const guint8 *)mail, strlen(mail), 0);
        g_assert_cmpstr(message->subject, ==, cases[i].read);
        if (strchr(cases[i].field, '['))
            continue;
        g_assert_cmpstr(message->from.name, ==, cases[i].read);
        g_assert_cmpstr(((const MailAddress *)message->to->pdata[0])->name, ==, cases[i].read);
    }
}

#define TEST(function) g_test_add_func("/mail/parse/" #function, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    parse_warm(NULL);
    TEST(reads_sender_subject_and_words_of_every_sample);
    TEST(places_attachments_to_the_byte);
    TEST(takes_the_person_out_of_a_pec_envelope);
    TEST(a_pec_receipt_names_what_it_is_about);
    TEST(a_bounce_names_recipient_and_letter);
    TEST(the_null_sender_is_known_under_each_name);
    TEST(a_calendar_answer_names_event_and_answer);
    TEST(keeps_threads_and_headers);
    TEST(comes_back_from_json_as_it_was);
    TEST(knows_the_seven_receipts_and_the_anomaly);
    TEST(expands_no_entities_of_daticert);
    TEST(finds_a_bounce_by_its_header);
    TEST(tells_the_failed_recipient_from_the_others);
    TEST(a_calendar_without_method_says_nothing);
    TEST(survives_what_is_no_message);
    TEST(reads_parts_without_bytes);
    TEST(stops_at_its_depth);
    TEST(stops_at_its_counts);
    TEST(cuts_long_texts);
    TEST(reads_every_padded_word_of_a_field);
    TEST(refuses_json_that_no_parser_writes);
    return g_test_run();
}
