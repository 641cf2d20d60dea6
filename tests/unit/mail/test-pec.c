/* test-pec.c - kinds of certified mail: what counts as which, who is certified, and what stands in
 * for what. */
#include "mail/parse.h"
#include "mail/parse_internal.h"
#include "mail/pec.h"
#include "smime-maker.h"

#include <string.h>

#define PROVIDER "From: \"Per conto di: anna@pec.example\" <posta-certificata@gestore.example>\r\n"
#define INNER                                                                                      \
    "From: Anna <anna@pec.example>\r\nSubject: Prova\r\nContent-Type: text/plain\r\n\r\nCiao\r\n"

static MailMessage *parse(const char *mail)
{
    return parse_message((const guint8 *)mail, strlen(mail), 0);
}

static char *daticert(const char *type, const char *sender, const char *failure)
{
    return g_strdup_printf(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><postacert tipo=\"%s\" errore=\"%s\">"
        "<intestazione><mittente>%s</mittente></intestazione>"
        "<dati><data zona=\"+0100\"><giorno>24/11/2026</giorno><ora>11:19:50</ora></data>"
        "<identificativo>a@gestore.example</identificativo><msgid>&lt;m@pec.example&gt;</msgid>"
        "<consegna>bruno@pec.example</consegna></dati></postacert>",
        type, failure, sender);
}

static MailMessage *parse_envelope(const char *field, const char *type, const char *sender,
                                   const char *inner)
{
    g_autofree char *xml = daticert(type, sender, "nessuno");
    g_autofree char *entity = maker_pec(xml, inner);
    g_autofree char *mail = g_strconcat(PROVIDER, field, entity, NULL);
    return parse(mail);
}

/* --- kinds --------------------------------------------------------------------------------- */

static void every_kind_is_one_row(void)
{
    static const struct {
        const char *field, *type;
        PecKind kind;
        PecSays says;
    } rows[] = {
        {"X-Trasporto: posta-certificata", "posta-certificata", PEC_ENVELOPE, PEC_SAYS_NOTHING},
        {"X-Trasporto: errore", "errore", PEC_ANOMALY, PEC_SAYS_NOTHING},
        {"X-TRASPORTO:   Posta-Certificata ", "posta-certificata", PEC_ENVELOPE, PEC_SAYS_NOTHING},
        {"X-Ricevuta: accettazione", "accettazione", PEC_RECEIPT, PEC_SAYS_ACCEPTED},
        {"X-Ricevuta: non-accettazione", "non-accettazione", PEC_RECEIPT, PEC_SAYS_FAILED},
        {"X-Ricevuta: presa-in-carico", "presa-in-carico", PEC_RECEIPT, PEC_SAYS_TAKEN},
        {"X-Ricevuta: avvenuta-consegna", "avvenuta-consegna", PEC_RECEIPT, PEC_SAYS_DELIVERED},
        {"X-Ricevuta: errore-consegna", "errore-consegna", PEC_RECEIPT, PEC_SAYS_FAILED},
        {"X-Ricevuta: preavviso-errore-consegna", "preavviso-errore-consegna", PEC_RECEIPT,
         PEC_SAYS_LATE},
        {"X-Ricevuta: rilevazione-virus", "rilevazione-virus", PEC_RECEIPT, PEC_SAYS_FAILED},
        {"X-Ricevuta: altro", NULL, PEC_NONE, PEC_SAYS_NOTHING},
        {"X-Trasporto: ", NULL, PEC_NONE, PEC_SAYS_NOTHING},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *field = g_strconcat(rows[i].field, "\r\n", NULL);
        const char *type = rows[i].type ? rows[i].type : "posta-certificata";
        g_autoptr(MailMessage) message = parse_envelope(field, type, "anna@pec.example", INNER);
        g_assert_cmpint(message->pec.kind, ==, rows[i].kind);
        g_assert_cmpstr(message->pec.type, ==, rows[i].type);
        g_assert_cmpint(pec_says(message->pec.type), ==, rows[i].says);
    }
}

static void a_receipt_inside_an_envelope_field_is_a_receipt(void)
{
    g_autoptr(MailMessage) message =
        parse_envelope("X-Trasporto: posta-certificata\r\nX-Ricevuta: accettazione\r\n",
                       "accettazione", "anna@pec.example", NULL);
    g_assert_cmpint(message->pec.kind, ==, PEC_RECEIPT);
    g_assert_true(message->pec.certified);
    g_assert_cmpstr(message->text, ==, "Parole del gestore");
}

static void a_failure_says_why(void)
{
    g_autofree char *xml = daticert("errore-consegna", "anna@pec.example", "no-dest");
    g_autofree char *entity = maker_pec(xml, NULL);
    g_autofree char *mail = g_strconcat(PROVIDER "X-Ricevuta: errore-consegna\r\n", entity, NULL);
    g_autoptr(MailMessage) message = parse(mail);
    g_assert_cmpstr(message->pec.error, ==, "no-dest");
    g_assert_cmpstr(message->pec.delivered_to, ==, "bruno@pec.example");
    g_assert_cmpstr(message->pec.at, ==, "2026-11-24T11:19:50+01:00");
}

static void only_a_moment_that_exists_is_one(void)
{
    static const struct {
        const char *zone, *day, *time, *at;
    } cases[] = {{"+0100", "24/11/2026", "11:19:50", "2026-11-24T11:19:50+01:00"},
                 {"-0330", "29/02/2028", "00:00:00", "2028-02-29T00:00:00-03:30"},
                 {"+0099", "24/11/2026", "11:19:50", NULL},
                 {"+1500", "24/11/2026", "11:19:50", NULL},
                 {"0100", "24/11/2026", "11:19:50", NULL},
                 {"+0100", "29/02/2027", "11:19:50", NULL},
                 {"+0100", "24/11/2026", "24:00:00", NULL},
                 {"+0100", "24/11/2026", "23:59:60", NULL}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *xml =
            g_strdup_printf("<postacert tipo=\"accettazione\"><dati><data zona=\"%s\"><giorno>%s"
                            "</giorno><ora>%s</ora></data></dati></postacert>",
                            cases[i].zone, cases[i].day, cases[i].time);
        g_autofree char *entity = maker_pec(xml, NULL);
        g_autofree char *mail = g_strconcat(PROVIDER "X-Ricevuta: accettazione\r\n", entity, NULL);
        g_autoptr(MailMessage) message = parse(mail);
        g_assert_cmpstr(message->pec.at, ==, cases[i].at);
    }
}

/* --- who is certified ---------------------------------------------------------------------- */

static void only_what_daticert_says_too_is_certified(void)
{
    static const struct {
        const char *field, *type, *sender;
        bool certified;
    } cases[] = {
        {"X-Trasporto: posta-certificata\r\n", "posta-certificata", "anna@pec.example", true},
        {"X-Trasporto: posta-certificata\r\n", "posta-certificata", "ANNA@pec.example", true},
        /* the field is not signed: anybody can put it over a signed anomaly or receipt */
        {"X-Trasporto: posta-certificata\r\n", "errore", "anna@pec.example", false},
        {"X-Trasporto: posta-certificata\r\n", "avvenuta-consegna", "anna@pec.example", false},
        {"X-Trasporto: posta-certificata\r\n", "posta-certificata", "bruno@pec.example", false},
        {"X-Trasporto: errore\r\n", "errore", "anna@pec.example", false},
        {"X-Ricevuta: avvenuta-consegna\r\n", "avvenuta-consegna", "anna@pec.example", true},
        {"X-Ricevuta: avvenuta-consegna\r\n", "accettazione", "anna@pec.example", false},
        {"X-Ricevuta: errore-consegna\r\n", "posta-certificata", "anna@pec.example", false},
        {"", "posta-certificata", "anna@pec.example", false},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(MailMessage) message =
            parse_envelope(cases[i].field, cases[i].type, cases[i].sender, INNER);
        g_assert_cmpint(message->pec.certified, ==, cases[i].certified);
    }
}

static void an_envelope_without_its_certificate_certifies_nobody(void)
{
    g_autoptr(MailMessage) message = parse(
        PROVIDER "X-Trasporto: posta-certificata\r\n"
                 "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
                 "Content-Type: message/rfc822; name=postacert.eml\r\n\r\n" INNER "--x--\r\n");
    g_assert_cmpint(message->pec.kind, ==, PEC_ENVELOPE);
    g_assert_false(message->pec.certified);
    g_assert_cmpstr(message->from.email, ==, "anna@pec.example"); /* but it is read */
}

static void an_anomaly_is_read_and_certifies_nobody(void)
{
    g_autoptr(MailMessage) message =
        parse(PROVIDER "X-Trasporto: errore\r\nSubject: ANOMALIA MESSAGGIO: Prova\r\n"
                       "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
                       "--x\r\nContent-Type: text/plain\r\n\r\nAnomalia\r\n"
                       "--x\r\nContent-Type: message/rfc822; name=postacert.eml\r\n\r\n" INNER
                       "--x--\r\n");
    g_assert_cmpint(message->pec.kind, ==, PEC_ANOMALY);
    g_assert_false(message->pec.certified);
    g_assert_cmpstr(message->from.email, ==, "anna@pec.example");
    g_assert_cmpstr(message->subject, ==, "Prova");
    g_assert_cmpstr(message->text, ==, "Ciao");
}

/* --- messages inside messages -------------------------------------------------------------- */

#define SIGNED_INNER                                                                               \
    "From: Anna <anna@pec.example>\r\nSubject: Firmato\r\n"                                        \
    "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=i\r\n\r\n" \
    "--i\r\nContent-Type: multipart/mixed; boundary=j\r\n\r\n"                                     \
    "--j\r\nContent-Type: text/plain\r\n\r\nVedi allegato\r\n"                                     \
    "--j\r\nContent-Type: application/pkcs7-mime; name=\"progetto.pdf.p7m\"\r\n"                   \
    "Content-Disposition: attachment; filename=\"progetto.pdf.p7m\"\r\n"                           \
    "Content-Transfer-Encoding: base64\r\n\r\nMIIBAAAA\r\n--j--\r\n\r\n"                           \
    "--i\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"                         \
    "Content-Transfer-Encoding: base64\r\n\r\nMIIBAAAA\r\n--i--\r\n"

static void the_senders_own_signature_is_not_the_providers(void)
{
    g_autoptr(MailMessage) message =
        parse_envelope("X-Trasporto: posta-certificata\r\n", "posta-certificata",
                       "anna@pec.example", SIGNED_INNER);
    g_assert_true(message->pec.certified);
    g_assert_false(message->signature.present);
    g_assert_cmpstr(message->text, ==, "Vedi allegato");
    g_assert_cmpuint(message->parts->len, ==, 1);
    const MailPart *part = g_ptr_array_index(message->parts, 0);
    g_assert_cmpstr(part->name, ==, "progetto.pdf.p7m");
    g_assert_cmpstr(part->signature, ==, "CAdES");
}

/* An envelope that is passed on, by PEC or not: neither sender nor kind come from it. */
static void an_envelope_that_is_passed_on_confuses_nobody(void)
{
    g_autofree char *old = daticert("avvenuta-consegna", "old@pec.example", "nessuno");
    g_autofree char *old_entity = maker_pec(old, "From: old@pec.example\r\n\r\nVecchio\r\n");
    g_autofree char *forward =
        g_strconcat("From: Anna <anna@pec.example>\r\nSubject: I: vecchia\r\n"
                    "Content-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\n\r\nInoltro\r\n"
                    "--f\r\nContent-Type: message/rfc822; name=\"postacert.eml\"\r\n\r\n"
                    "From: posta-certificata@altro.example\r\nX-Ricevuta: avvenuta-consegna\r\n"
                    "X-Riferimento-Message-ID: <vecchio@pec.example>\r\n",
                    old_entity, "\r\n--f--\r\n", NULL);
    g_autoptr(MailMessage) by_pec = parse_envelope(
        "X-Trasporto: posta-certificata\r\n", "posta-certificata", "anna@pec.example", forward);
    g_assert_cmpint(by_pec->pec.kind, ==, PEC_ENVELOPE);
    g_assert_true(by_pec->pec.certified);
    g_assert_cmpstr(by_pec->from.email, ==, "anna@pec.example");
    g_assert_cmpstr(by_pec->pec.sender, ==, "anna@pec.example");
    g_assert_null(by_pec->pec.refers_to);
    g_assert_cmpstr(by_pec->text, ==, "Inoltro");
    g_autoptr(MailMessage) by_mail = parse(forward);
    g_assert_cmpint(by_mail->pec.kind, ==, PEC_NONE);
    g_assert_false(by_mail->pec.certified);
    g_assert_cmpstr(by_mail->from.email, ==, "anna@pec.example");
}

static void a_rem_dispatch_is_an_envelope(void)
{
    g_autoptr(MailMessage) message =
        parse("From: servizio@rem.example\r\nSubject: REM\r\n"
              "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
              "--x\r\nContent-Type: text/plain\r\n\r\nIntroduzione\r\n"
              "--x\r\nContent-Type: message/rfc822; name=AttachedMimeMessage\r\n"
              "REM-Section-Type: rem_message/original\r\n\r\n" INNER "--x--\r\n");
    g_assert_cmpint(message->pec.kind, ==, PEC_ENVELOPE);
    g_assert_cmpstr(message->pec.type, ==, "rem");
    g_assert_false(message->pec.certified);
    g_assert_cmpstr(message->from.email, ==, "anna@pec.example");
    g_assert_cmpstr(message->text, ==, "Ciao");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    parse_warm(NULL);
#define TEST(function) g_test_add_func("/mail/pec/" #function, function)
    TEST(every_kind_is_one_row);
    TEST(a_receipt_inside_an_envelope_field_is_a_receipt);
    TEST(a_failure_says_why);
    TEST(only_a_moment_that_exists_is_one);
    TEST(only_what_daticert_says_too_is_certified);
    TEST(an_envelope_without_its_certificate_certifies_nobody);
    TEST(an_anomaly_is_read_and_certifies_nobody);
    TEST(the_senders_own_signature_is_not_the_providers);
    TEST(an_envelope_that_is_passed_on_confuses_nobody);
    TEST(a_rem_dispatch_is_an_envelope);
    return g_test_run();
}
