/* test-intake-receipts.c - what receipts of certified mail and reports of delivery change about a
 * letter, and what forged ones do not.
 */
#include "intake-desk.h"
#include "mail/parse.h"
#include "smime-maker.h"
#include "store/letter_receipt.h"

#include <string.h>
#include <unistd.h>

#define YEAR_S (G_GINT64_CONSTANT(366) * 86400)
#define PROVIDER "From: posta-certificata@gestore.example\r\nMessage-ID: <r%u@gestore.example>\r\n"

static Identity *authority, *provider, *forger;
static Sandbox *verifying;
static char *authority_file;

/* --- an installation that has authorities, a letter that left ------------------------------ */

static void open_verifying(Desk *desk, gconstpointer unused)
{
    open_desk(desk, unused);
    intake_stop(desk->intake);
    desk->here.config.pec_ca_file = authority_file;
    start_intake(desk, verifying);
}

static bool add_letter(Db *db, gpointer letter, GError **error)
{
    return letter_add(db, letter, error);
}

static Letter *make_letter(Desk *desk, LetterRoute route)
{
    g_autofree char *code = NULL;
    Letter letter = {.id = token_new_id(),
                     .office_id = desk->here.office.id,
                     .request_id = installation_request(&desk->here, "anna@pec.example", &code),
                     .kind = (char *)"answer",
                     .recipient = (char *)"anna@pec.example",
                     .subject = (char *)"Risposta",
                     .message_id = (char *)"s.1@comune.esempio.example",
                     .route = route,
                     .created_at = 1};
    letter.content = g_bytes_new_static("x", 1);
    g_autoptr(GError) error = NULL;
    store_write(desk->here.store, add_letter, &letter, &error);
    g_assert_no_error(error);
    g_bytes_unref(letter.content);
    return installation_find_letter(&desk->here, letter.id);
}

typedef struct {
    const char *field; /* X-Ricevuta */
    const char *type;  /* in daticert.xml */
    const char *refers_to, *msgid;
    const Identity *signer; /* NULL: not signed */
    const char *failure;
} Said;
#define ABOUT "s.1@comune.esempio.example"

static Message *take_receipt(Desk *desk, const Said *said)
{
    static guint number;
    g_autofree char *msgid =
        said->msgid ? g_strdup_printf("<msgid>&lt;%s&gt;</msgid>", said->msgid) : g_strdup("");
    g_autofree char *xml = g_strdup_printf(
        "<postacert tipo=\"%s\" errore=\"%s\"><intestazione>"
        "<mittente>ufficio@pec.comune.esempio.example</mittente></intestazione><dati>"
        "<data zona=\"+0000\"><giorno>24/11/1999</giorno><ora>11:19:50</ora></data>"
        "%s<consegna>anna@pec.example</consegna></dati></postacert>",
        said->type, said->failure ? said->failure : "nessuno", msgid);
    g_autofree char *entity = maker_pec(xml, NULL);
    g_autofree char *fields = g_strdup_printf(
        PROVIDER "X-Ricevuta: %s\r\nX-Riferimento-Message-ID: <%s>\r\nSubject: %s\r\n", ++number,
        said->field, said->refers_to, said->field);
    g_autofree char *mail = said->signer ? maker_signed_mail(fields, entity, said->signer)
                                         : g_strconcat(fields, entity, NULL);
    return take_bytes(desk, mail, strlen(mail));
}

/* "accettazione avvenuta-consegna" of the letter's request. */
static char *noted(Desk *desk, const Letter *letter)
{
    Db *db = store_reader(desk->here.store);
    g_autoptr(GPtrArray) list = letter_receipt_list_for_request(db, letter->request_id, NULL);
    store_reader_done(desk->here.store, db);
    GString *types = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++) {
        const LetterReceipt *receipt = g_ptr_array_index(list, i);
        g_assert_cmpint(receipt->letter_id, ==, letter->id);
        g_string_append_printf(types, "%s%s", i ? " " : "", receipt->type);
    }
    return g_string_free(types, FALSE);
}

static void assert_noted(Desk *desk, const Letter *letter, const char *types, LetterState state)
{
    g_autofree char *said = noted(desk, letter);
    g_assert_cmpstr(said, ==, types);
    g_autoptr(Letter) now = installation_find_letter(&desk->here, letter->id);
    g_assert_cmpint(now->state, ==, state);
}

/* --- believed ------------------------------------------------------------------------------ */

static void signed_receipts_follow_the_letter(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Letter) letter = make_letter(desk, LETTER_BY_PEC);
    const Said accepted = {"accettazione", "accettazione", ABOUT, ABOUT, provider, NULL};
    const Said delivered = {"avvenuta-consegna", "avvenuta-consegna", ABOUT, ABOUT, provider, NULL};
    g_autoptr(Message) message = take_receipt(desk, &accepted);
    g_assert_cmpstr(message->kind, ==, "pec_receipt");
    g_assert_cmpstr(message->pec, ==, "accettazione");
    g_assert_cmpstr(message->signature, ==, MESSAGE_VERIFIED);
    g_assert_cmpstr(message->signature_detail, ==, "posta-certificata@gestore.example");
    g_assert_cmpint(message->request_id, ==, letter->request_id);
    g_assert_null(message->reason); /* its letter tells it */
    assert_noted(desk, letter, "accettazione", LETTER_WAITING);
    g_autoptr(Message) once = take_receipt(desk, &delivered);
    g_autoptr(Message) twice = take_receipt(desk, &delivered);
    assert_noted(desk, letter, "accettazione avvenuta-consegna", LETTER_WAITING);
    Db *db = store_reader(desk->here.store);
    g_autoptr(GPtrArray) list = letter_receipt_list_for_request(db, letter->request_id, NULL);
    store_reader_done(desk->here.store, db);
    const LetterReceipt *last = g_ptr_array_index(list, 1);
    g_assert_cmpint(last->message_id, ==, once->id);
    g_assert_cmpstr(last->recipient, ==, "anna@pec.example");
    g_assert_cmpint(last->at, ==, once->received_at); /* not a day of the last century */
}

static void a_failure_marks_the_letter_and_a_warning_does_not(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const struct {
        const char *type;
        LetterState state;
    } cases[] = {{"preavviso-errore-consegna", LETTER_WAITING},
                 {"presa-in-carico", LETTER_WAITING},
                 {"errore-consegna", LETTER_FAILED}};
    g_autoptr(Letter) letter = make_letter(desk, LETTER_BY_PEC);
    g_autoptr(GString) types = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Said said = {cases[i].type, cases[i].type, ABOUT, ABOUT, provider, "no-dest"};
        g_autoptr(Message) message = take_receipt(desk, &said);
        g_assert_cmpstr(message->pec, ==, cases[i].type);
        g_string_append_printf(types, "%s%s", i ? " " : "", cases[i].type);
        assert_noted(desk, letter, types->str, cases[i].state);
    }
    g_autoptr(Letter) failed = installation_find_letter(&desk->here, letter->id);
    g_assert_cmpstr(failed->last_error, ==, "no-dest");
}

/* A letter that went out by other ways may still have been carried by a provider. */
static void a_signature_speaks_for_itself(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Letter) letter = make_letter(desk, LETTER_BY_MAIL);
    const Said said = {"avvenuta-consegna", "avvenuta-consegna", ABOUT, ABOUT, provider, NULL};
    g_autoptr(Message) message = take_receipt(desk, &said);
    assert_noted(desk, letter, "avvenuta-consegna", LETTER_WAITING);
}

/* --- not believed -------------------------------------------------------------------------- */

static void forged_receipts_change_nothing(Desk *desk, gconstpointer unused)
{
    (void)unused;
    const Said forged[] = {
        {"errore-consegna", "errore-consegna", ABOUT, ABOUT, NULL, NULL},
        {"errore-consegna", "errore-consegna", ABOUT, ABOUT, forger, NULL},
        /* signed for something else, with other fields over it */
        {"errore-consegna", "accettazione", ABOUT, ABOUT, provider, NULL},
        {"errore-consegna", "errore-consegna", ABOUT, "other@comune.example", provider, NULL},
        {"avvenuta-consegna", "posta-certificata", ABOUT, ABOUT, provider, NULL},
        /* about some letter, which only an unsigned field says */
        {"errore-consegna", "errore-consegna", ABOUT, NULL, provider, NULL},
    };
    g_autoptr(Letter) letter = make_letter(desk, LETTER_BY_PEC);
    for (gsize i = 0; i < G_N_ELEMENTS(forged); i++) {
        g_autoptr(Message) message = take_receipt(desk, &forged[i]);
        g_assert_cmpstr(message->kind, ==, "pec_receipt");
        g_assert_cmpint(message->request_id, ==, letter->request_id); /* it is shown */
        g_assert_cmpstr(message->reason, ==, "pec_receipt");
        assert_noted(desk, letter, "", LETTER_WAITING);
    }
}

static void receipts_about_nothing_of_ours_are_other_mail(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Letter) letter = make_letter(desk, LETTER_BY_PEC);
    const Said said = {"errore-consegna",  "errore-consegna", "x@comune.example",
                       "x@comune.example", provider,          NULL};
    g_autoptr(Message) message = take_receipt(desk, &said);
    g_assert_cmpint(message->request_id, ==, 0);
    g_assert_cmpstr(message->reason, ==, "pec_receipt");
    assert_noted(desk, letter, "", LETTER_WAITING);
}

/* --- nothing can be verified --------------------------------------------------------------- */

static void without_authorities_letters_by_pec_have_receipts(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Letter) letter = make_letter(desk, LETTER_BY_PEC);
    const Said plain = {"accettazione", "accettazione", ABOUT, ABOUT, NULL, NULL};
    const Said failed = {"errore-consegna", "errore-consegna", ABOUT, ABOUT, provider, NULL};
    const Said torn = {"avvenuta-consegna", "avvenuta-consegna", ABOUT, "x@y.example", NULL, NULL};
    g_autoptr(Message) one = take_receipt(desk, &plain);
    g_assert_null(one->signature);
    g_autoptr(Message) other = take_receipt(desk, &torn);
    assert_noted(desk, letter, "accettazione", LETTER_WAITING);
    g_autoptr(Message) last = take_receipt(desk, &failed);
    g_assert_cmpstr(last->signature, ==, MESSAGE_NOT_VERIFIED);
    g_assert_cmpstr(last->signature_detail, ==, "no_authorities");
    assert_noted(desk, letter, "accettazione errore-consegna", LETTER_FAILED);
}

static void without_authorities_other_letters_have_none(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Letter) letter = make_letter(desk, LETTER_BY_MAIL);
    const Said said = {"errore-consegna", "errore-consegna", ABOUT, ABOUT, provider, NULL};
    g_autoptr(Message) message = take_receipt(desk, &said);
    assert_noted(desk, letter, "", LETTER_WAITING);
}

/* --- reports of delivery ------------------------------------------------------------------- */

static void reports_are_noted_by_their_action(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const struct {
        const char *action, *noted;
        LetterState state;
    } cases[] = {{"relayed", "", LETTER_WAITING},
                 {"delayed", "delayed", LETTER_WAITING},
                 {"delayed", "delayed", LETTER_WAITING},
                 {"delivered", "delayed delivered", LETTER_WAITING},
                 {"failed", "delayed delivered failed", LETTER_FAILED}};
    g_autoptr(Letter) letter = make_letter(desk, LETTER_BY_MAIL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Message) message = take_mail(
            desk,
            "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nMessage-ID: <b%u@mx.example>\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nno "
            "%u\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
            "Final-Recipient: rfc822; anna@pec.example\nAction: %s\nStatus: 5.1.1\n\n"
            "--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" ABOUT ">\n--x--\n",
            i, i, cases[i].action);
        g_assert_cmpstr(message->kind, ==, "bounce");
        assert_noted(desk, letter, cases[i].noted, cases[i].state);
    }
}

/* --- requests ------------------------------------------------------------------------------ */

static void take_envelope(Desk *desk, const char *transport, const char *sender,
                          RequestSource source, const char *pec)
{
    g_autofree char *xml = g_strdup_printf(
        "<postacert tipo=\"posta-certificata\"><intestazione><mittente>%s</mittente>"
        "</intestazione><dati><msgid>&lt;%s@x&gt;</msgid></dati></postacert>",
        sender, transport);
    g_autofree char *inner =
        g_strdup_printf("From: Anna <anna@pec.example>\r\nSubject: Richiesta %s\r\n\r\n"
                        "Chiedo un appuntamento per la SCIA 214/2026.\r\n",
                        sender);
    g_autofree char *entity = maker_pec(xml, inner);
    g_autofree char *fields = g_strdup_printf(
        "From: posta-certificata@gestore.example\r\nX-Trasporto: %s\r\n", transport);
    g_autofree char *mail = maker_signed_mail(fields, entity, provider);
    g_autoptr(Message) message = take_bytes(desk, mail, strlen(mail));
    g_assert_cmpstr(message->pec, ==, pec);
    g_assert_cmpstr(message->signature, ==, MESSAGE_VERIFIED);
    g_assert_cmpstr(message->from_email, ==, "anna@pec.example");
    g_autoptr(Request) request = request_of(desk, message->request_id);
    g_assert_cmpint(request->source, ==, source);
    g_assert_cmpstr(request->person_email, ==, "anna@pec.example"); /* answers go there */
}

static void only_a_certified_envelope_makes_a_request_by_pec(Desk *desk, gconstpointer unused)
{
    (void)unused;
    take_envelope(desk, "posta-certificata", "anna@pec.example", SOURCE_PEC, "posta-certificata");
    take_envelope(desk, "posta-certificata", "bruno@pec.example", SOURCE_MAIL, "incompleta");
    take_envelope(desk, "errore", "anna@pec.example", SOURCE_MAIL, "errore");
}

/* Who was never heard of; the first word of the subject comes back only when it is surely theirs.
 */
static void an_envelope_nobody_signed_sends_no_strangers_words(Desk *desk, gconstpointer unused)
{
    (void)unused;
    const Identity *const signers[] = {provider, NULL, forger};
    for (guint i = 0; i < G_N_ELEMENTS(signers); i++) {
        g_autofree char *sender = g_strdup_printf("nuova%u@pec.example", i);
        g_autofree char *xml = g_strdup_printf(
            "<postacert tipo=\"posta-certificata\"><intestazione><mittente>%s</mittente>"
            "</intestazione><dati><msgid>&lt;%u@x&gt;</msgid></dati></postacert>",
            sender, i);
        g_autofree char *inner = g_strdup_printf("From: Nuova Arrivata <%s>\r\nSubject: x\r\n\r\n"
                                                 "Chiedo un appuntamento per la SCIA 1/2026.\r\n",
                                                 sender);
        g_autofree char *entity = maker_pec(xml, inner);
        static const char fields[] = "From: posta-certificata@gestore.example\r\n"
                                     "X-Trasporto: posta-certificata\r\n";
        g_autofree char *mail = signers[i] ? maker_signed_mail(fields, entity, signers[i])
                                           : g_strconcat(fields, entity, NULL);
        g_autoptr(Message) message = take_bytes(desk, mail, strlen(mail));
        g_assert_cmpstr(message->pec, ==, "posta-certificata");
        g_autoptr(GPtrArray) letters = letters_of(desk, message->request_id);
        g_assert_cmpuint(letters->len, ==, 1);
        const Letter *receipt = g_ptr_array_index(letters, 0);
        g_autofree char *text = letter_text(desk, receipt->id);
        g_assert_cmpint(strstr(text, "Nuova Arrivata") != NULL, ==, i == 0);
    }
}

static void add(void)
{
#define VERIFYING(function)                                                                        \
    g_test_add("/mail/intake/" #function, Desk, NULL, open_verifying, function, close_desk)
    VERIFYING(signed_receipts_follow_the_letter);
    VERIFYING(a_failure_marks_the_letter_and_a_warning_does_not);
    VERIFYING(a_signature_speaks_for_itself);
    VERIFYING(forged_receipts_change_nothing);
    VERIFYING(receipts_about_nothing_of_ours_are_other_mail);
    VERIFYING(only_a_certified_envelope_makes_a_request_by_pec);
    VERIFYING(an_envelope_nobody_signed_sends_no_strangers_words);
    DESK_TEST(without_authorities_letters_by_pec_have_receipts);
    DESK_TEST(without_authorities_other_letters_have_none);
    DESK_TEST(reports_are_noted_by_their_action);
}

int main(int argc, char **argv)
{
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    gint64 from = now - YEAR_S, until = now + YEAR_S;
    authority = identity_new(NULL, true, NULL, "Authority", from, until);
    g_autoptr(Identity) stranger = identity_new(NULL, true, NULL, "Stranger", from, until);
    const char *address = "posta-certificata@gestore.example";
    provider = identity_new(authority, false, address, "Provider", from, until);
    forger = identity_new(stranger, false, address, "Provider", from, until);
    authority_file = identity_write(authority);
    SandboxSettings settings = {
        .reader = parse_to_json, .warm = parse_warm, .warm_argument = authority_file};
    verifying = sandbox_start(&settings, NULL);
    g_assert_nonnull(verifying);
    int result = desk_main(argc, argv, add);
    sandbox_stop(verifying);
    unlink(authority_file);
    g_free(authority_file);
    identity_free(forger);
    identity_free(provider);
    identity_free(authority);
    return result;
}
