/* test-intake.c - from stored bytes to what the desk sees: requests, receipts, other mail, and what
 * goes wrong.
 */
#include "intake-desk.h"
#include "mail/maildir.h"
#include "mail/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- requests and receipts ----------------------------------------------------------------- */

static void a_message_becomes_a_request_with_a_receipt(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) message = take_sample(desk, "01-chiara-geometra-scia.eml");
    was_told(desk, "request");
    g_assert_cmpint(message->state, ==, MESSAGE_READ);
    g_assert_cmpstr(message->kind, ==, "request");
    g_assert_cmpstr(message->reason, ==, NULL);
    g_autoptr(Request) request = request_of(desk, message->request_id);
    g_assert_cmpint(request->state, ==, REQUEST_NEW);
    g_assert_true(g_str_has_prefix(request->code, "EDI-"));
    g_assert_cmpstr(request->person_email, ==, "m.zanolli@studiozanolli.example");
    g_assert_cmpstr(request->person_name, ==, "Marco Zanolli");
    g_assert_cmpstr(request->practice, ==, "SCIA 214/2026");
    g_assert_cmpstr(request->subject, ==, "Richiesta videochiamata - SCIA 214/2026");
    g_assert_cmpint(request->source, ==, SOURCE_MAIL);
    g_assert_false(request->to_read);
    g_assert_true(g_str_has_prefix(request->summary, "Buonasera, sono il geom. Marco Zanolli"));
    g_assert_nonnull(strstr(request->reading, "\"preferences\""));

    g_autoptr(GPtrArray) letters = letters_of(desk, request->id);
    g_assert_cmpuint(letters->len, ==, 1);
    const Letter *receipt = g_ptr_array_index(letters, 0);
    g_assert_cmpstr(receipt->kind, ==, "receipt");
    g_assert_cmpstr(receipt->recipient, ==, "m.zanolli@studiozanolli.example");
    g_assert_cmpint(receipt->sendable_at, <=, clock_system(desk->here.clock)); /* it is not held */
    g_assert_cmpint(g_atomic_int_get(&desk->letters), ==, 1);
    g_autofree char *text = letter_text(desk, receipt->id);
    g_assert_nonnull(strstr(text, "In-Reply-To: <a01@studiozanolli.example>"));
    g_assert_nonnull(strstr(text, "References: <a01@studiozanolli.example>"));
    g_assert_nonnull(strstr(text, "Auto-Submitted: auto-replied"));
    g_assert_nonnull(strstr(text, request->code));

    char token[TOKEN_LENGTH + 1], hash[65];
    token_for_request(&desk->key, request->id, request->person_id, 1, token);
    g_assert_true(token_hash(token, hash));
    gint64 person_id;
    Db *db = store_reader(desk->here.store);
    g_autoptr(Request) linked = request_find_by_link(db, hash, &person_id, NULL);
    store_reader_done(desk->here.store, db);
    g_assert_nonnull(linked); /* the link in the receipt opens */
    g_assert_cmpint(linked->id, ==, request->id);
}

static void a_pec_envelope_is_its_senders_request(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) message = take_sample(desk, "05-pec-busta-trasporto.eml");
    g_autoptr(Request) request = request_of(desk, message->request_id);
    g_assert_cmpstr(request->person_email, ==, "stefano.bonomi@pec.ordine.example");
    g_assert_cmpint(request->source, ==, SOURCE_PEC);
    g_assert_cmpstr(request->subject, ==, "Richiesta colloquio PdC 41/2026");
    g_assert_cmpstr(message->from_email, ==, "stefano.bonomi@pec.ordine.example");
}

static void attachments_can_be_taken_out_again(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) message = take_sample(desk, "03-architetta-alternative-allegati.eml");
    g_assert_cmpuint(message->attachments->len, ==, 2);
    const Attachment *plan = g_ptr_array_index(message->attachments, 0);
    g_assert_cmpstr(plan->name, ==, "Tav_03_Stato_di_progetto.pdf");
    Db *db = store_reader(desk->here.store);
    g_autoptr(GBytes) encoded = attachment_raw(db, plan->id, NULL);
    store_reader_done(desk->here.store, db);
    gsize length, size;
    const char *bytes = g_bytes_get_data(encoded, &length);
    g_autofree char *text = g_strndup(bytes, length);
    g_autofree guchar *decoded = g_base64_decode(text, &size);
    g_assert_cmpint((gint64)size, ==, plan->size);
    g_assert_true(g_str_has_prefix((char *)decoded, "%PDF-1.4"));
    const Attachment *report = g_ptr_array_index(message->attachments, 1);
    g_assert_cmpstr(report->signature, ==, "CAdES");
}

static void the_same_person_is_one_person(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) one =
        take_mail(desk, "From: Ugo <ugo@b.example>\n\nvorrei una videochiamata\n");
    g_autoptr(Message) two =
        take_mail(desk, "From: UGO@B.example\n\nvorrei un altro appuntamento\n");
    g_autoptr(Request) first = request_of(desk, one->request_id);
    g_autoptr(Request) second = request_of(desk, two->request_id);
    g_assert_cmpint(first->id, !=, second->id);
    g_assert_cmpint(first->person_id, ==, second->person_id);
    g_assert_cmpstr(second->person_name, ==, "Ugo");
}

static void the_same_message_by_two_routes_is_one_request(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char rest[] =
        "From: ugo@b.example\nMessage-ID: <u1@b.example>\nSubject: scia\n\nvideochiamata\n";
    g_autoptr(Message) one = take_mail(desk, "Received: from a\n%s", rest);
    g_autoptr(Message) again = take_mail(desk, "Received: from b\n%s", rest);
    g_assert_cmpint(again->id, ==, one->id);
    /* changed by a scanner on the way */
    g_autoptr(Message) two = take_mail(desk, "X-Scanned: by a gateway\n%s", rest);
    g_assert_cmpint(two->id, !=, one->id);
    g_assert_cmpint(two->request_id, ==, one->request_id);
    g_assert_cmpstr(two->reason, ==, "duplicate");
    g_assert_cmpuint(count_requests(desk), ==, 1);
    g_assert_cmpuint(count_letters(desk), ==, 1);
    /* an identifier used for other words makes them no copy */
    g_autoptr(Message) other = take_mail(desk, "%sun'altra cosa, vorrei un appuntamento\n", rest);
    g_assert_cmpstr(other->reason, ==, NULL);
}

/* A device that sends all its mails with one identifier and the same words. */
static void the_same_words_with_another_document_are_no_copy(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char mail[] =
        "From: scanner@b.example\nMessage-ID: <0@b.example>\nSubject: Scansione\nX-Number: %u\n"
        "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nvorrei una videochiamata\n--x\n"
        "Content-Type: application/pdf; name=\"scan.pdf\"\n\n%s\n--x--\n";
    g_autoptr(Message) one = take_mail(desk, mail, 1, "%PDF-1.4 uno");
    g_autoptr(Message) copy = take_mail(desk, mail, 2, "%PDF-1.4 uno");
    g_autoptr(Message) other = take_mail(desk, mail, 3, "%PDF-1.4 un altro");
    g_assert_cmpstr(one->reason, ==, NULL);
    g_assert_cmpstr(copy->reason, ==, "duplicate");
    g_assert_cmpstr(other->reason, ==, NULL);
}

static void too_large_a_message_says_so(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *much = g_strnfill(5 * 1024 * 1024, 'x');
    g_autoptr(Message) message =
        take_mail(desk, "From: a@b.example\nSubject: tavole\n\nvideochiamata\n%s", much);
    g_assert_true(message->truncated);
    g_autoptr(Request) request = request_of(desk, message->request_id);
    g_assert_true(request->to_read);
    g_autoptr(GPtrArray) letters = letters_of(desk, request->id);
    g_assert_cmpuint(letters->len, ==, 1);
}

static void a_sender_without_address_gets_no_receipt(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) message =
        take_mail(desk, "Subject: richiesta di videochiamata\n\nchiedo un appuntamento\n");
    if (message->request_id) {
        g_autoptr(Request) request = request_of(desk, message->request_id);
        g_assert_true(request->to_read);
    }
    g_assert_cmpuint(count_letters(desk), ==, 0);
}

static void a_first_receipt_repeats_no_strangers_words(Desk *desk, gconstpointer unused)
{
    (void)unused;
    for (guint i = 0; i < 2; i++) {
        g_autoptr(Message) message = take_mail(
            desk,
            "From: Compra Subito <vittima@b.example>\nSubject: Hai vinto %u\n\nvorrei una "
            "videochiamata, n. %u\n",
            i, i);
        g_autoptr(GPtrArray) letters = letters_of(desk, message->request_id);
        const Letter *receipt = g_ptr_array_index(letters, 0);
        g_assert_cmpint(receipt->automatic, ==, TRUE);
        bool quotes = strstr(receipt->text, "Hai vinto") || strstr(receipt->text, "Compra Subito");
        g_assert_cmpint(quotes, ==, i > 0); /* who is known already reads what it is about */
    }
}

static void a_letter_whose_answers_come_to_us_gets_no_receipt(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) message = take_mail(
        desk, "From: sito@ditta.example\nReply-To: Appuntamenti "
              "<AppuntamentiEdilizia+x@comune.esempio.example>\n\nvorrei una videochiamata\n");
    g_assert_cmpint(message->request_id, !=, 0);
    g_assert_cmpuint(count_letters(desk), ==, 0);
}

static void receipts_to_one_person_have_a_limit(Desk *desk, gconstpointer unused)
{
    (void)unused;
    for (guint i = 0; i < 5; i++) {
        g_autoptr(Message) message = take_mail(
            desk, "From: robot@b.example\nSubject: n. %u\n\nvorrei una videochiamata, n. %u\n", i,
            i);
        g_assert_cmpint(message->request_id, !=, 0);
    }
    g_assert_cmpuint(count_requests(desk), ==, 5);
    g_assert_cmpuint(count_letters(desk), ==, 3);
    g_autoptr(Message) other =
        take_mail(desk, "From: altro@b.example\n\nvorrei una videochiamata\n");
    g_assert_cmpint(other->request_id, !=, 0);
    g_assert_cmpuint(count_letters(desk), ==, 4);
}

/* --- other mail ---------------------------------------------------------------------------- */

static void automatic_mail_makes_no_request_and_gets_no_answer(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char *const samples[][2] = {
        {"09-fuori-ufficio.eml", "auto_reply"},
        {"10-mancato-recapito-dsn.eml", "bounce"},
        {"20-pec-ricevuta-consegna.eml", "pec_receipt"},
        {"23-calendario-rifiutato.eml", "itip_reply"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autoptr(Message) message = take_sample(desk, samples[i][0]);
        g_assert_cmpint(message->state, ==, MESSAGE_READ);
        g_assert_cmpstr(message->reason, ==, samples[i][1]);
        g_assert_cmpint(message->request_id, ==, 0);
    }
    g_assert_cmpuint(count_requests(desk), ==, 0);
    g_assert_cmpuint(count_letters(desk), ==, 0);
    was_told(desk, "other other other other");
}

static void an_officer_makes_a_request_of_it(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) message =
        take_mail(desk, "From: News <news@b.example>\nList-Id: <l.b.example>\n"
                        "Precedence: bulk\nSubject: avviso\n\nnotizie\n");
    g_assert_cmpstr(message->reason, ==, "bulk");
    Actor actor = {.kind = ACTOR_SYSTEM, .at = clock_now(desk->here.clock)};
    g_autoptr(GError) error = NULL;
    g_autofree char *code = intake_make_request(desk->intake, message->id, &actor, &error);
    g_assert_no_error(error);
    g_autoptr(Message) again = installation_message(&desk->here, message->id);
    g_autoptr(Request) request = request_of(desk, again->request_id);
    g_assert_cmpstr(request->code, ==, code);
    g_assert_cmpstr(again->reason, ==, NULL);
    g_assert_cmpstr(request->subject, ==, "avviso");
    g_assert_cmpuint(count_letters(desk), ==, 0);
    g_assert_null(intake_make_request(desk->intake, message->id, &actor, &error)); /* once */
    g_assert_error(error, STORE_ERROR, STORE_ERROR_TRANSITION);
}

/* --- trouble ------------------------------------------------------------------------------- */

static void what_nobody_can_read_becomes_a_request_to_read(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) message =
        take_mail(desk, "From: a@b.example\nX-Crash: yes\n\nparole\x1b[0m\n");
    g_assert_cmpint(message->state, ==, MESSAGE_FAILED);
    g_assert_cmpstr(message->reason, ==, NULL);
    g_assert_cmpstr(message->text, ==, "From: a@b.example\nX-Crash: yes\n\nparole[0m\n");
    g_autoptr(Request) request = request_of(desk, message->request_id);
    g_assert_true(request->to_read);
    g_assert_cmpuint(count_letters(desk), ==, 0);
    g_autoptr(Message) next = take_mail(desk, "From: a@b.example\n\nvorrei una videochiamata\n");
    g_assert_cmpint(next->state, ==, MESSAGE_READ);
}

static void what_is_no_message_becomes_a_request_to_read(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) message = take_mail(desk, "solo rumore \xff\xfe");
    g_assert_cmpint(message->state, ==, MESSAGE_READ);
    if (message->request_id) {
        g_autoptr(Request) request = request_of(desk, message->request_id);
        g_assert_true(request->to_read);
    } else {
        g_assert_nonnull(message->reason); /* listed all the same */
    }
}

static void warm_that_dies(const char *argument)
{
    (void)argument;
    abort();
}

static void without_its_zygote_messages_wait(Desk *desk, gconstpointer unused)
{
    (void)unused;
    intake_stop(desk->intake);
    SandboxSettings settings = {.reader = parse_to_json, .warm = warm_that_dies};
    g_autoptr(Sandbox) dead = sandbox_start(&settings, NULL);
    start_intake(desk, dead);
    gint64 id = store_bytes(desk, "From: a@b.example\n\nciao videochiamata\n", 38);
    g_usleep(300000);
    g_autoptr(Message) waiting = installation_message(&desk->here, id);
    g_assert_cmpint(waiting->state, ==, MESSAGE_STORED);
    intake_stop(desk->intake);
    start_intake(desk, desk_sandbox); /* what waited is read at the next start */
    Asked asked = {desk, id};
    wait_until(is_read, &asked);
}

/* --- the Maildir --------------------------------------------------------------------------- */

static gboolean one_is_done(gpointer data)
{
    const Desk *desk = data;
    g_autoptr(GPtrArray) done = installation_files(desk->here.config.incoming, "cur");
    return done->len == 1;
}

static void a_file_in_the_maildir_is_stored_and_done(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GBytes) bytes = g_bytes_new_static("From: a@b.example\n\nvideochiamata\n", 33);
    g_assert_true(maildir_write(desk->here.config.incoming, "17.M1.host", bytes, NULL));
    wait_until(one_is_done, desk);
    g_autoptr(GPtrArray) done = installation_files(desk->here.config.incoming, "cur");
    g_assert_cmpstr(g_ptr_array_index(done, 0), ==, "17.M1.host:2,S");
    was_told(desk, "request");
    g_assert_cmpuint(count_requests(desk), ==, 1);
}

/* --- a backlog --- */

#define BACKLOG 40 /* more than one batch */

typedef struct {
    Desk *desk;
    guint n;
} Done;

static gboolean all_are_done(gpointer data)
{
    const Done *done = data;
    g_autoptr(GPtrArray) files = installation_files(done->desk->here.config.incoming, "cur");
    return files->len == done->n;
}

/* Files that are there when the intake starts; `text(i)` is owned by the caller. */
static void take_backlog(Desk *desk, char *(*text)(guint i))
{
    intake_stop(desk->intake);
    for (guint i = 0; i < BACKLOG; i++) {
        g_autofree char *name = g_strdup_printf("17.M%03u.host", i);
        char *mail = text(i);
        g_autoptr(GBytes) bytes = g_bytes_new_take(mail, strlen(mail));
        g_assert_true(maildir_write(desk->here.config.incoming, name, bytes, NULL));
    }
    start_intake(desk, desk_sandbox);
    Done done = {desk, BACKLOG};
    wait_until(all_are_done, &done);
}

static char *by_two_people(guint i)
{
    return g_strdup_printf("From: Persona %u <p%u@studio.example>\nSubject: Pratica %u\n"
                           "Message-ID: <%u@studio.example>\n\nvideochiamata per la SCIA %u/2026\n",
                           i % 2, i % 2, i, i, i);
}

/* The request of a message, by its Message-ID. */
static gint64 request_with(Desk *desk, guint i)
{
    g_autofree char *id = g_strdup_printf("%u@studio.example", i);
    Db *db = store_reader(desk->here.store);
    g_autoptr(Message) message = message_find_by_header(db, desk->here.office.id, id, NULL);
    store_reader_done(desk->here.store, db);
    g_assert_nonnull(message);
    g_assert_cmpint(message->request_id, >, 0);
    return message->request_id;
}

static void a_backlog_knows_what_came_just_before(Desk *desk, gconstpointer unused)
{
    (void)unused;
    take_backlog(desk, by_two_people);
    g_assert_cmpuint(count_requests(desk), ==, BACKLOG);
    g_assert_cmpuint(count_letters(desk), ==, 6); /* three in an hour for each */
    for (guint i = 2; i < BACKLOG; i++) {
        g_autoptr(Request) first = request_of(desk, request_with(desk, i % 2));
        g_autoptr(Request) other = request_of(desk, request_with(desk, i));
        g_assert_cmpint(other->person_id, ==, first->person_id);
    }
}

/* The first writes, all others answer the one before; every tenth ends its reader. */
static char *a_thread(guint i)
{
    return g_strdup_printf("From: Ada <ada@studio.example>\nSubject: Pratica\n"
                           "Message-ID: <%u@studio.example>\n%s<%u@studio.example>\n%s\n"
                           "videochiamata, parte %u\n",
                           i, i ? "References: " : "X-First: ", i - 1,
                           i % 10 == 9 ? "X-Crash: yes\n" : "", i);
}

static void a_backlog_joins_its_threads(Desk *desk, gconstpointer unused)
{
    (void)unused;
    take_backlog(desk, a_thread);
    g_assert_cmpuint(installation_waiting(&desk->here), ==, 0);
    for (guint i = 0; i < BACKLOG; i++)
        if (i % 10 != 9)
            g_assert_cmpint(request_with(desk, i), ==, request_with(desk, i / 10 * 10));
    g_assert_cmpint(request_with(desk, 0), !=, request_with(desk, 10)); /* which answers to 9 */
    g_assert_cmpuint(count_requests(desk), ==, 8); /* and one for each that nobody can read */
}

/* Links are refused; they are as old as what they show, and stand before all that is new. */
static void files_that_are_refused_hide_no_other(Desk *desk, gconstpointer unused)
{
    (void)unused;
    intake_stop(desk->intake);
    g_autofree char *old = g_build_filename(desk->here.folder, "old", NULL);
    g_assert_true(g_file_set_contents(old, "x", 1, NULL));
    for (guint i = 0; i < 1005; i++) {
        g_autofree char *name = g_strdup_printf("%04u", i);
        g_autofree char *path = g_build_filename(desk->here.config.incoming, "new", name, NULL);
        g_assert_cmpint(symlink(old, path), ==, 0);
    }
    g_usleep(20000);
    g_autoptr(GBytes) bytes = g_bytes_new_static("From: a@b.example\n\nvideochiamata\n", 33);
    g_assert_true(maildir_write(desk->here.config.incoming, "17.M1.host", bytes, NULL));
    start_intake(desk, desk_sandbox);
    wait_until(one_is_done, desk);
}

static void a_file_still_being_written_is_waited_for(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *path = g_build_filename(desk->here.config.incoming, "new", "copia.eml", NULL);
    FILE *file = fopen(path, "w");
    g_assert_nonnull(file);
    fputs("From: a@b.example\nSubject: prima e dopo\n\nprima ", file);
    fflush(file);
    g_usleep(500000);
    g_assert_cmpuint(installation_waiting(&desk->here) + count_requests(desk), ==, 0);
    fputs("dopo, vorrei una videochiamata\n", file);
    fclose(file);
    wait_until(one_is_done, desk);
    was_told(desk, "request");
    Db *db = store_reader(desk->here.store);
    g_autoptr(GPtrArray) requests = request_list(db, desk->here.office.id, REQUEST_NEW, 10, NULL);
    store_reader_done(desk->here.store, db);
    g_assert_cmpuint(requests->len, ==, 1);
    const Request *request = g_ptr_array_index(requests, 0);
    g_assert_true(g_str_has_prefix(request->summary, "prima dopo, vorrei"));
}

static void add(void)
{
    DESK_TEST(a_message_becomes_a_request_with_a_receipt);
    DESK_TEST(a_pec_envelope_is_its_senders_request);
    DESK_TEST(attachments_can_be_taken_out_again);
    DESK_TEST(the_same_person_is_one_person);
    DESK_TEST(the_same_message_by_two_routes_is_one_request);
    DESK_TEST(the_same_words_with_another_document_are_no_copy);
    DESK_TEST(too_large_a_message_says_so);
    DESK_TEST(a_sender_without_address_gets_no_receipt);
    DESK_TEST(a_first_receipt_repeats_no_strangers_words);
    DESK_TEST(a_letter_whose_answers_come_to_us_gets_no_receipt);
    DESK_TEST(receipts_to_one_person_have_a_limit);
    DESK_TEST(automatic_mail_makes_no_request_and_gets_no_answer);
    DESK_TEST(an_officer_makes_a_request_of_it);
    DESK_TEST(what_nobody_can_read_becomes_a_request_to_read);
    DESK_TEST(what_is_no_message_becomes_a_request_to_read);
    DESK_TEST(without_its_zygote_messages_wait);
    DESK_TEST(a_file_in_the_maildir_is_stored_and_done);
    DESK_TEST(a_backlog_knows_what_came_just_before);
    DESK_TEST(a_backlog_joins_its_threads);
    DESK_TEST(files_that_are_refused_hide_no_other);
    DESK_TEST(a_file_still_being_written_is_waited_for);
}

int main(int argc, char **argv)
{
    return desk_main(argc, argv, add);
}
