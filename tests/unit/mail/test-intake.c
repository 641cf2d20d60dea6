/* test-intake.c - from stored bytes to what the desk sees: requests, threads, other mail, receipts.
 */
#include "base/token.h"
#include "installation.h"
#include "mail/arrival.h"
#include "mail/intake.h"
#include "mail/maildir.h"
#include "mail/parse.h"
#include "store/appointment.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

static Sandbox *sandbox;
static Templates *templates;

typedef struct {
    Installation here;
    InstallationKey key;
    LetterBox box;
    Intake *intake;
    GMutex lock;
    GString *told; /* "request other ..." */
    gint letters;
} Desk;

static void changed(gint64 office_id, const char *event, const char *request_code, gpointer context)
{
    Desk *desk = context;
    g_assert_cmpint(office_id, ==, desk->here.office.id);
    g_assert_cmpint(request_code == NULL, ==, strcmp(event, "other") == 0);
    g_mutex_lock(&desk->lock);
    g_string_append_printf(desk->told, "%s%s", desk->told->len ? " " : "", event);
    g_mutex_unlock(&desk->lock);
}

static void letter_waits(gpointer context)
{
    g_atomic_int_inc(&((Desk *)context)->letters);
}

static void start_intake(Desk *desk, Sandbox *where)
{
    IntakeSettings settings = {&desk->here.config, desk->here.store, desk->here.clock, where,
                               &desk->box,         changed,          letter_waits,     desk};
    g_autoptr(GError) error = NULL;
    desk->intake = intake_start(&settings, &error);
    g_assert_no_error(error);
}

static void open_desk(Desk *desk, gconstpointer unused)
{
    installation_open(&desk->here, unused);
    memset(&desk->key, 7, sizeof desk->key);
    desk->box = (LetterBox){&desk->key, "https://sportello.example", templates, 10};
    g_mutex_init(&desk->lock);
    desk->told = g_string_new(NULL);
    start_intake(desk, sandbox);
}

static void close_desk(Desk *desk, gconstpointer unused)
{
    intake_stop(desk->intake);
    g_mutex_clear(&desk->lock);
    g_string_free(desk->told, TRUE);
    installation_close(&desk->here, unused);
}

/* --- sending ------------------------------------------------------------------------------- */

static gint64 store_bytes(Desk *desk, const char *bytes, gsize length)
{
    Installation *here = &desk->here;
    g_autoptr(GError) error = NULL;
    g_autoptr(Arrival) arrival =
        arrival_new(here->config.max_message, here->config.upload_folder, &error);
    g_assert_no_error(error);
    gint64 id;
    bool is_new;
    g_assert_true(arrival_feed(arrival, bytes, length, NULL));
    g_assert_true(arrival_store(arrival, here->store, here->office.id, clock_now(here->clock), &id,
                                &is_new, &error));
    intake_wake(desk->intake);
    return id;
}

typedef struct {
    Desk *desk;
    gint64 id;
} Asked;

static gboolean is_read(gpointer data)
{
    const Asked *asked = data;
    g_autoptr(Message) message = installation_message(&asked->desk->here, asked->id);
    return message->state != MESSAGE_STORED;
}

static Message *take_bytes(Desk *desk, const char *bytes, gsize length)
{
    Asked asked = {desk, store_bytes(desk, bytes, length)};
    wait_until(is_read, &asked);
    return installation_message(&desk->here, asked.id);
}

static Message *take_mail(Desk *desk, const char *format, ...) G_GNUC_PRINTF(2, 3);
static Message *take_mail(Desk *desk, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *bytes = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return take_bytes(desk, bytes, strlen(bytes));
}

static Message *take_sample(Desk *desk, const char *name)
{
    g_autofree char *file = g_build_filename(g_getenv("TEST_DATA"), "mail", name, NULL);
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(file, &bytes, &length, NULL));
    return take_bytes(desk, bytes, length);
}

/* --- looking ------------------------------------------------------------------------------- */

static Request *request_of(Desk *desk, gint64 id)
{
    g_autoptr(GError) error = NULL;
    Db *db = store_reader(desk->here.store);
    Request *request = request_find(db, id, &error);
    store_reader_done(desk->here.store, db);
    g_assert_no_error(error);
    return request;
}

static GPtrArray *letters_of(Desk *desk, gint64 request_id)
{
    Db *db = store_reader(desk->here.store);
    GPtrArray *letters = letter_list_for_request(db, request_id, NULL);
    store_reader_done(desk->here.store, db);
    return letters;
}

static guint count_letters(Desk *desk)
{
    Db *db = store_reader(desk->here.store);
    g_autoptr(GPtrArray) letters = letter_latest(db, 1000, NULL);
    store_reader_done(desk->here.store, db);
    return letters->len;
}

static guint count_requests(Desk *desk)
{
    Db *db = store_reader(desk->here.store);
    g_autoptr(GPtrArray) requests = request_list(db, desk->here.office.id, REQUEST_NEW, 1000, NULL);
    store_reader_done(desk->here.store, db);
    return requests->len;
}

/* Waits for the tell after the commit. */
static void was_told(Desk *desk, const char *expected)
{
    for (guint i = 0; i < 200; i++) {
        g_mutex_lock(&desk->lock);
        bool there = strcmp(desk->told->str, expected) == 0;
        g_mutex_unlock(&desk->lock);
        if (there)
            return;
        g_usleep(10000);
    }
    g_error("told \"%s\", not \"%s\"", desk->told->str, expected);
}

static char *letter_text(Desk *desk, gint64 letter_id)
{
    g_autoptr(Letter) letter = installation_find_letter(&desk->here, letter_id);
    gsize length;
    const char *bytes = g_bytes_get_data(letter->content, &length);
    return g_strndup(bytes, length);
}

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
    g_autoptr(Message) two = take_mail(desk, "Received: from b\n%s", rest);
    g_assert_cmpint(two->request_id, ==, one->request_id);
    g_assert_cmpstr(two->reason, ==, "duplicate");
    g_assert_cmpuint(count_requests(desk), ==, 1);
    g_assert_cmpuint(count_letters(desk), ==, 1);
    /* an identifier used for other words makes them no copy */
    g_autoptr(Message) other = take_mail(desk, "%sun'altra cosa, vorrei un appuntamento\n", rest);
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

/* --- threads ------------------------------------------------------------------------------- */

static gint64 known_request(Desk *desk, char **code)
{
    gint64 id = installation_request(&desk->here, "chiara@studio.example", code);
    installation_letter(&desk->here, id, "s.1@comune.esempio.example", G_MAXINT32);
    return id;
}

static void an_answer_to_our_letter_joins_its_thread(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    g_autoptr(Message) message = take_mail(
        desk, "From: collega@studio.example\nMessage-ID: <r1@studio.example>\n"
              "In-Reply-To: <s.1@comune.esempio.example>\nSubject: Re: lettera\n\ngrazie\n");
    g_assert_cmpint(message->request_id, ==, id);
    g_assert_cmpstr(message->reason, ==, NULL);
    was_told(desk, "thread");
    g_assert_cmpuint(count_requests(desk), ==, 1);
    g_assert_cmpuint(count_letters(desk), ==, 1); /* a thread gets no second receipt */

    g_autoptr(Message) next =
        take_mail(desk, "From: collega@studio.example\nReferences: <r1@studio.example>\n"
                        "Subject: Re: lettera\n\nancora io\n");
    g_assert_cmpint(next->request_id, ==, id); /* who wrote a message may go on from it */
}

static void a_stranger_with_the_code_does_not_get_in(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    g_autoptr(Message) stranger = take_mail(desk,
                                            "From: altri@b.example\nSubject: Re: [%s] "
                                            "videochiamata\n\nvorrei spostare l'appuntamento\n",
                                            code);
    g_assert_cmpint(stranger->request_id, !=, id);
    g_autoptr(Message) herself = take_mail(desk,
                                           "From: Chiara@Studio.example\nSubject: Re: [%s] "
                                           "videochiamata\n\nvorrei spostare l'appuntamento\n",
                                           code);
    g_assert_cmpint(herself->request_id, ==, id);
    g_autoptr(Request) request = request_of(desk, id);
    g_assert_true(request->to_read); /* a move is asked for, nothing moves by itself */
    g_assert_cmpint(request->state, ==, REQUEST_NEW);
}

static void a_stranger_with_anothers_message_id_does_not_get_in(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) first =
        take_mail(desk, "From: chiara@studio.example\nMessage-ID: <c1@studio.example>\n"
                        "Subject: scia\n\nvorrei una videochiamata\n");
    g_autoptr(Message) stranger = take_mail(
        desk,
        "From: altri@b.example\nIn-Reply-To: <c1@studio.example>\n\nvorrei una videochiamata\n");
    g_assert_cmpint(stranger->request_id, !=, first->request_id);
    g_autoptr(Message) herself = take_mail(
        desk,
        "From: chiara@studio.example\nIn-Reply-To: <c1@studio.example>\n\naggiungo la tavola\n");
    g_assert_cmpint(herself->request_id, ==, first->request_id);
}

static void a_tagged_address_finds_its_request(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) first =
        take_mail(desk, "From: chiara@studio.example\n\nvorrei una videochiamata\n");
    g_autoptr(Request) request = request_of(desk, first->request_id);
    char token[TOKEN_LENGTH + 1];
    token_for_request(&desk->key, request->id, request->person_id, 1, token);
    g_autoptr(Message) tagged = take_mail(
        desk,
        "From: casa@altrove.example\nTo: ufficio+%s@comune.esempio.example\n\nscrivo da casa\n",
        token);
    g_assert_cmpint(tagged->request_id, ==, request->id);
    g_autoptr(Message) coded = take_mail(
        desk, "From: altri@b.example\nTo: ufficio+%s@comune.esempio.example\n\nvideochiamata\n",
        request->code);
    g_assert_cmpint(coded->request_id, !=, request->id);
}

static void a_bounce_marks_its_letter_and_shows_in_the_thread(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    g_autoptr(Message) message = take_mail(
        desk,
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nno\n"
        "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        "Final-Recipient: rfc822; chiara@studio.example\nAction: failed\nStatus: 5.1.1\n\n"
        "--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: "
        "<s.1@comune.esempio.example>\n--x--\n");
    g_assert_cmpint(message->request_id, ==, id);
    g_assert_cmpstr(message->reason, ==, "bounce"); /* and among the other mail */
    was_told(desk, "thread other");
    g_autoptr(GPtrArray) letters = letters_of(desk, id);
    const Letter *letter = g_ptr_array_index(letters, 0);
    g_assert_cmpint(letter->state, ==, LETTER_FAILED);
    g_assert_cmpstr(letter->last_error, ==, "5.1.1");
    g_assert_cmpuint(letters->len, ==, 1);
}

static void a_delay_is_no_failure(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    g_autoptr(Message) message = take_mail(
        desk,
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nno\n"
        "--x\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; "
        "chiara@studio.example\n"
        "Action: delayed\nStatus: 4.4.1\n\n"
        "--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: "
        "<s.1@comune.esempio.example>\n--x--\n");
    g_assert_cmpint(message->request_id, ==, id);
    g_autoptr(GPtrArray) letters = letters_of(desk, id);
    g_assert_cmpint(((const Letter *)g_ptr_array_index(letters, 0))->state, ==, LETTER_WAITING);
}

static void an_out_of_office_answer_shows_in_the_thread_only(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    g_autoptr(Message) message = take_mail(
        desk, "From: chiara@studio.example\nAuto-Submitted: auto-replied\n"
              "In-Reply-To: <s.1@comune.esempio.example>\nSubject: assente\n\nsono assente\n");
    g_assert_cmpint(message->request_id, ==, id);
    g_assert_cmpstr(message->reason, ==, "auto_reply");
    g_autoptr(Request) request = request_of(desk, id);
    g_assert_false(request->to_read);
    g_assert_cmpint(request->updated_at, ==, 1);
    g_assert_cmpuint(count_letters(desk), ==, 1);
}

static bool book(Db *db, gpointer data, GError **error)
{
    const Appointment *appointment = data;
    AppointmentTime time = {.starts_at = 1795600800,
                            .ends_at = 1795602000,
                            .buffer_ends_at = 1795602000,
                            .wall_date = "2026-11-25",
                            .wall_minute = 600,
                            .zone = "Europe/Rome"};
    Actor actor = {.kind = ACTOR_SYSTEM, .at = 2};
    return appointment_book(db, appointment, &time, NULL, &actor, error) &&
           request_change(db, appointment->request_id, REQUEST_BOOKED, 0, &actor, error);
}

static Message *take_answer(Desk *desk, const char *partstat)
{
    return take_mail(
        desk,
        "From: chiara@studio.example\nSubject: risposta\nContent-Type: text/calendar; "
        "method=REPLY\n\n"
        "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:u1@x\n"
        "DTSTAMP:20261124T101500Z\nDTSTART:20261125T090000Z\n"
        "ATTENDEE;PARTSTAT=%s:mailto:chiara@studio.example\nEND:VEVENT\nEND:VCALENDAR\n",
        partstat);
}

static void a_declined_invitation_is_shown_and_cancels_nothing(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    Appointment appointment = {.id = token_new_id(),
                               .organisation_id = desk->here.office.organisation_id,
                               .office_id = desk->here.office.id,
                               .request_id = id,
                               .uid = (char *)"u1@x"};
    g_autoptr(GError) error = NULL;
    store_write(desk->here.store, book, &appointment, &error);
    g_assert_no_error(error);

    g_autoptr(Message) nod = take_answer(desk, "ACCEPTED");
    g_assert_cmpint(nod->request_id, ==, id);
    g_autoptr(Request) before = request_of(desk, id);
    g_assert_false(before->to_read);
    g_autoptr(Message) refusal = take_answer(desk, "DECLINED");
    g_assert_cmpint(refusal->request_id, ==, id);
    g_autoptr(Request) request = request_of(desk, id);
    g_assert_true(request->to_read);
    g_assert_cmpint(request->state, ==, REQUEST_BOOKED);
    g_assert_cmpint(request->appointment_state, ==, APPOINTMENT_BOOKED);
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

static void without_its_zygote_messages_wait(Desk *desk, gconstpointer unused)
{
    (void)unused;
    intake_stop(desk->intake);
    SandboxSettings settings = {.reader = parse_to_json, .warm = abort};
    g_autoptr(Sandbox) dead = sandbox_start(&settings, NULL);
    start_intake(desk, dead);
    gint64 id = store_bytes(desk, "From: a@b.example\n\nciao videochiamata\n", 38);
    g_usleep(300000);
    g_autoptr(Message) waiting = installation_message(&desk->here, id);
    g_assert_cmpint(waiting->state, ==, MESSAGE_STORED);
    intake_stop(desk->intake);
    start_intake(desk, sandbox); /* what waited is read at the next start */
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

/* --- the sandbox of these tests ------------------------------------------------------------ */

static char *reader(const guint8 *bytes, gsize length, gsize *answer_length)
{
    if (memmem(bytes, length, "X-Crash: yes", 12))
        __builtin_trap();
    return parse_to_json(bytes, length, answer_length);
}

#define TEST(function)                                                                             \
    g_test_add("/mail/intake/" #function, Desk, NULL, open_desk, function, close_desk)

int main(int argc, char **argv)
{
    SandboxSettings settings = {.reader = reader, .warm = parse_warm};
    sandbox = sandbox_start(&settings, NULL);
    g_assert_nonnull(sandbox);
    g_test_init(&argc, &argv, NULL);
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR); /* warnings about messages are what is tested here */
    templates = templates_new(NULL);
    g_assert_nonnull(templates);
    TEST(a_message_becomes_a_request_with_a_receipt);
    TEST(a_pec_envelope_is_its_senders_request);
    TEST(attachments_can_be_taken_out_again);
    TEST(the_same_person_is_one_person);
    TEST(the_same_message_by_two_routes_is_one_request);
    TEST(too_large_a_message_says_so);
    TEST(a_sender_without_address_gets_no_receipt);
    TEST(receipts_to_one_person_have_a_limit);
    TEST(automatic_mail_makes_no_request_and_gets_no_answer);
    TEST(an_officer_makes_a_request_of_it);
    TEST(an_answer_to_our_letter_joins_its_thread);
    TEST(a_stranger_with_the_code_does_not_get_in);
    TEST(a_stranger_with_anothers_message_id_does_not_get_in);
    TEST(a_tagged_address_finds_its_request);
    TEST(a_bounce_marks_its_letter_and_shows_in_the_thread);
    TEST(a_delay_is_no_failure);
    TEST(an_out_of_office_answer_shows_in_the_thread_only);
    TEST(a_declined_invitation_is_shown_and_cancels_nothing);
    TEST(what_nobody_can_read_becomes_a_request_to_read);
    TEST(what_is_no_message_becomes_a_request_to_read);
    TEST(without_its_zygote_messages_wait);
    TEST(a_file_in_the_maildir_is_stored_and_done);
    TEST(a_file_still_being_written_is_waited_for);
    int result = g_test_run();
    templates_free(templates);
    sandbox_stop(sandbox);
    return result;
}
