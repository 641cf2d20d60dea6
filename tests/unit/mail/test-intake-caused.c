/* test-intake-caused.c - what mail causes by itself, and the samples with the letters, appointments
 * and invitations that they refer to.
 */
#include "intake-desk.h"
#include "store/appointment.h"

#include <string.h>

#define DAY_S ((gint64)86400)

/* --- an office that has confirmed ---------------------------------------------------------- */

typedef struct {
    const char *email;
    const char *uid, *letter; /* of the confirmation */
    gint64 in_s;              /* from now; 0: two days */
    gint64 about_id;          /* appointment of the letter, 0: its own */
    gint64 request_id, appointment_id, seat_id;
    Office *office;
    gint64 now;
    Letter confirmation;
} Confirmed;

static gint64 soon(const Desk *desk, gint64 in_s)
{
    return (clock_now(desk->here.clock) + in_s) / 300 * 300;
}

static AppointmentTime time_at(gint64 starts_at)
{
    return (AppointmentTime){.starts_at = starts_at,
                             .ends_at = starts_at + 1200,
                             .buffer_ends_at = starts_at + 1200,
                             .wall_date = "2026-11-25",
                             .wall_minute = 600,
                             .zone = "Europe/Rome"};
}

static bool book(Db *db, gpointer data, GError **error)
{
    Confirmed *one = data;
    g_autofree char *hash = g_strdup_printf("%064" G_GINT64_FORMAT, one->seat_id);
    Participant seat = {.id = one->seat_id,
                        .role = PARTICIPANT_CITIZEN,
                        .email = (char *)one->email,
                        .generation = 1,
                        .token_hash = hash};
    g_autoptr(GPtrArray) seats = g_ptr_array_new();
    g_ptr_array_add(seats, &seat);
    const Appointment appointment = {.id = one->appointment_id,
                                     .organisation_id = one->office->organisation_id,
                                     .office_id = one->office->id,
                                     .request_id = one->request_id,
                                     .uid = (char *)one->uid};
    const AppointmentTime time = time_at(one->now);
    const Actor actor = {.kind = ACTOR_SYSTEM, .at = 2};
    return appointment_book(db, &appointment, &time, seats, &actor, error) &&
           request_change(db, one->request_id, REQUEST_BOOKED, 0, &actor, error) &&
           letter_add(db, &one->confirmation, error);
}

static void write_job(Desk *desk, StoreJob *job, gpointer data)
{
    g_autoptr(GError) error = NULL;
    store_write(desk->here.store, job, data, &error);
    g_assert_no_error(error);
}

static void confirm(Desk *desk, Confirmed *one)
{
    g_autofree char *code = NULL;
    g_autoptr(GBytes) content = g_bytes_new_static("x", 1);
    one->office = &desk->here.office;
    one->request_id = installation_request(&desk->here, one->email, &code);
    one->appointment_id = token_new_id();
    one->seat_id = token_new_id();
    one->now = soon(desk, one->in_s ? one->in_s : 2 * DAY_S);
    one->confirmation =
        (Letter){.id = token_new_id(),
                 .office_id = one->office->id,
                 .request_id = one->request_id,
                 .appointment_id = one->about_id ? one->about_id : one->appointment_id,
                 .kind = (char *)"confirmation",
                 .recipient = (char *)one->email,
                 .subject = (char *)"confermata",
                 .message_id = (char *)one->letter,
                 .text = (char *)"confermata",
                 .content = content,
                 .sendable_at = G_MAXINT32,
                 .created_at = 3};
    write_job(desk, book, one);
}

static Appointment *appointment_of(Desk *desk, const Confirmed *one)
{
    Db *db = store_reader(desk->here.store);
    Appointment *appointment = appointment_find(db, one->appointment_id, NULL);
    store_reader_done(desk->here.store, db);
    return appointment;
}

static char *answer_of(Desk *desk, const Confirmed *one)
{
    Db *db = store_reader(desk->here.store);
    g_autoptr(GPtrArray) seats = participant_list(db, one->appointment_id, NULL);
    store_reader_done(desk->here.store, db);
    return g_strdup(((const Participant *)g_ptr_array_index(seats, 0))->partstat);
}

static guint letters_like(Desk *desk, gint64 request_id, const char *kind)
{
    g_autoptr(GPtrArray) letters = letters_of(desk, request_id);
    guint n = 0;
    for (guint i = 0; i < letters->len; i++)
        n += strcmp(((const Letter *)g_ptr_array_index(letters, i))->kind, kind) == 0;
    return n;
}

/* --- the samples --------------------------------------------------------------------------- */

static char *wanted(const char *name, const char *key)
{
    g_autofree char *stem = g_strndup(name, strlen(name) - 4);
    g_autofree char *base = g_strconcat(stem, ".json", NULL);
    g_autofree char *file = g_build_filename(g_getenv("TEST_DATA"), "mail", base, NULL);
    g_autofree char *json = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(file, &json, &length, NULL));
    g_autoptr(Arena) arena = arena_new();
    return g_strdup(value_get_text(value_parse_json(arena, json, length, NULL), key));
}

static void the_samples_that_ask_are_requests_with_their_action(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char *const names[] = {
        "01-chiara-geometra-scia.eml", "03-architetta-alternative-allegati.eml",
        "05-pec-busta-trasporto.eml",  "11-tedesco-alto-adige.eml",
        "13-accesso-atti.eml",         "14-domanda-semplice.eml",
        "15-scarna-da-telefono.eml",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *kind = wanted(names[i], "kind"), *action = wanted(names[i], "action");
        g_autoptr(Message) message = take_sample(desk, names[i]);
        g_autoptr(Request) request = request_of(desk, message->request_id);
        g_assert_cmpstr(message->reason, ==, NULL);
        g_assert_cmpstr(request->kind, ==, kind);
        g_assert_cmpstr(request->action, ==, action);
        g_assert_false(request->to_read);
        g_assert_cmpuint(letters_like(desk, request->id, "receipt"), ==, 1);
    }
}

static void a_reply_whose_letter_is_unknown_is_a_request_to_read(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char *const names[] = {"07-risposta-sposta.eml", "08-annulla.eml"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *kind = wanted(names[i], "kind");
        g_autoptr(Message) message = take_sample(desk, names[i]);
        g_autoptr(Request) request = request_of(desk, message->request_id);
        g_assert_cmpstr(request->kind, ==, kind);
        g_assert_true(request->to_read);
    }
}

/* 07: update. */
static void the_sample_of_a_move_updates_its_request(Desk *desk, gconstpointer unused)
{
    (void)unused;
    Confirmed one = {.email = "giulia.montresor@archstudio.example",
                     .uid = "u@x",
                     .letter = "conf-000123@sportello.comune.esempio.example"};
    confirm(desk, &one);
    g_autoptr(Message) message = take_sample(desk, "07-risposta-sposta.eml");
    was_told(desk, "thread");
    g_assert_cmpint(message->request_id, ==, one.request_id);
    g_autoptr(Request) request = request_of(desk, one.request_id);
    g_assert_true(request->to_read);
    g_assert_cmpint(request->state, ==, REQUEST_BOOKED);
    g_assert_cmpint(request->appointment_state, ==, APPOINTMENT_BOOKED);
    g_assert_nonnull(strstr(request->reading, "\"date\":\"2026-12-03\""));
    g_assert_nonnull(strstr(request->reading, "\"from\":\"09:00\""));
    g_assert_cmpuint(count_letters(desk), ==, 1);
}

/* 08: cancel. */
static void the_sample_of_a_cancellation_is_carried_out(Desk *desk, gconstpointer unused)
{
    (void)unused;
    Confirmed one = {.email = "m.zanolli@studiozanolli.example",
                     .uid = "u@x",
                     .letter = "prom-000119@sportello.comune.esempio.example"};
    confirm(desk, &one);
    g_autoptr(Message) message = take_sample(desk, "08-annulla.eml");
    was_told(desk, "decision");
    g_assert_cmpint(message->request_id, ==, one.request_id);
    g_autoptr(Appointment) appointment = appointment_of(desk, &one);
    g_assert_cmpint(appointment->state, ==, APPOINTMENT_CANCELLED);
    g_assert_cmpstr(appointment->cancelled_by, ==, "citizen");
    g_assert_true(strstr(appointment->cancelled_reason, "il cliente ha rinunciato") != NULL);
    g_assert_null(strstr(appointment->cancelled_reason, "geom."));
    g_autoptr(Request) request = request_of(desk, one.request_id);
    g_assert_cmpint(request->state, ==, REQUEST_CLOSED);
    g_assert_false(request->to_read);

    g_autoptr(GPtrArray) letters = letters_of(desk, one.request_id);
    g_assert_cmpuint(letters->len, ==, 2);
    const Letter *letter = g_ptr_array_index(letters, 1);
    g_assert_cmpstr(letter->kind, ==, "cancelled");
    g_assert_cmpint(letter->sendable_at, <=, clock_system(desk->here.clock)); /* it is not held */
    g_assert_nonnull(strstr(letter->text, "https://sportello.example/p/"));   /* "Ripristina" */
    g_autofree char *bytes = letter_text(desk, letter->id);
    g_assert_nonnull(strstr(bytes, "method=CANCEL"));
    g_assert_nonnull(strstr(bytes, "In-Reply-To: <a08@studiozanolli.example>"));
    g_assert_cmpint(g_atomic_int_get(&desk->letters), ==, 1);
}

/* 09: ignore. 10: flag_delivery_failure. 20: link_only. */
static void the_samples_of_machines_are_linked_and_unanswered(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const struct {
        const char *name, *letter, *kind;
        LetterState state;
    } cases[] = {
        {"09-fuori-ufficio.eml", "conf-000121@sportello.comune.esempio.example", "auto_reply",
         LETTER_WAITING},
        {"10-mancato-recapito-dsn.eml", "conf-000125@sportello.comune.esempio.example", "bounce",
         LETTER_FAILED},
        {"20-pec-ricevuta-consegna.eml", "conf-000130@sportello.comune.esempio.example",
         "pec_receipt", LETTER_WAITING},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *uid = g_strdup_printf("u%zu@x", i);
        Confirmed one = {.email = "p.righetti@righettiassociati.example",
                         .uid = uid,
                         .letter = cases[i].letter,
                         .in_s = (gint64)(i + 2) * DAY_S};
        confirm(desk, &one);
        g_autoptr(Message) message = take_sample(desk, cases[i].name);
        g_assert_cmpint(message->request_id, ==, one.request_id);
        g_assert_cmpstr(message->reason, ==, cases[i].kind);
        g_autoptr(Request) request = request_of(desk, one.request_id);
        g_assert_false(request->to_read);
        g_assert_cmpint(request->state, ==, REQUEST_BOOKED);
        g_assert_cmpint(request->letters_failed, ==, cases[i].state == LETTER_FAILED);
        g_autoptr(GPtrArray) letters = letters_of(desk, one.request_id);
        g_assert_cmpuint(letters->len, ==, 1);
        g_assert_cmpint(((const Letter *)g_ptr_array_index(letters, 0))->state, ==, cases[i].state);
    }
}

/* 23: ask_confirm_cancel. */
static void the_sample_of_a_refusal_is_asked_about(Desk *desk, gconstpointer unused)
{
    (void)unused;
    Confirmed one = {.email = "p.righetti@righettiassociati.example",
                     .uid = "spo-2026-000118@sportello.comune.esempio.example",
                     .letter = "c@sportello.comune.esempio.example"};
    confirm(desk, &one);
    g_autoptr(Message) message = take_sample(desk, "23-calendario-rifiutato.eml");
    g_assert_cmpint(message->request_id, ==, one.request_id);
    g_autofree char *answer = answer_of(desk, &one);
    g_assert_cmpstr(answer, ==, "DECLINED");
    g_autoptr(Request) request = request_of(desk, one.request_id);
    g_assert_true(request->to_read);
    g_assert_cmpint(request->appointment_state, ==, APPOINTMENT_BOOKED);
    g_autoptr(GPtrArray) letters = letters_of(desk, one.request_id);
    g_assert_cmpuint(letters->len, ==, 2);
    const Letter *letter = g_ptr_array_index(letters, 1);
    g_assert_cmpstr(letter->kind, ==, "ask_cancel");
    g_assert_true(letter->automatic);
    g_assert_nonnull(strstr(letter->text, "/annulla"));
    g_autofree char *bytes = letter_text(desk, letter->id);
    g_assert_nonnull(strstr(bytes, "Auto-Submitted: auto-replied"));
}

/* --- cancellations that are not carried out ------------------------------------------------ */

typedef struct {
    const char *name; /* a sentence */
    const char *from, *headers, *text;
    bool about_another; /* the letter was about another appointment */
    gint64 in_s;
} CancelCase;

#define REFERS "In-Reply-To: <conf@comune.esempio.example>\n"
#define FINAL "devo annullare l'appuntamento, non serve un'altra data."

static const CancelCase not_carried_out[] = {
    {"another_address_of_the_studio", "collega@studio.example", REFERS, FINAL, false, 0},
    {"the_code_alone", "chiara@studio.example", "", FINAL, false, 0},
    {"nothing_is_said_about_another_time", "chiara@studio.example", REFERS,
     "devo annullare l'appuntamento.", false, 0},
    {"another_time_is_named", "chiara@studio.example", REFERS,
     "devo annullare, possiamo fare giovedì 3 dicembre alle 9?", false, 0},
    {"too_late_by_the_rules", "chiara@studio.example", REFERS, FINAL, false, 1500},
    {"a_letter_about_something_else", "chiara@studio.example", REFERS, FINAL, true, 0},
};

static void cancellations_in_doubt_are_only_shown(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 another_id = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(not_carried_out); i++) {
        const CancelCase *one = &not_carried_out[i];
        g_test_message("%s", one->name);
        g_autofree char *uid = g_strdup_printf("u%zu@x", i);
        g_autofree char *id = g_strdup_printf("conf%zu@comune.esempio.example", i);
        g_auto(GStrv) pieces = g_strsplit(one->headers, "conf@comune.esempio.example", -1);
        g_autofree char *headers = g_strjoinv(id, pieces);
        Confirmed before = {.email = "chiara@studio.example",
                            .uid = uid,
                            .letter = id,
                            .about_id = one->about_another ? another_id : 0,
                            .in_s = one->in_s ? one->in_s : (gint64)(i + 2) * DAY_S};
        confirm(desk, &before);
        another_id = before.appointment_id;
        g_autoptr(Request) known = request_of(desk, before.request_id);
        g_autoptr(Message) message =
            take_mail(desk, "From: %s\n%sSubject: Re: [%s] n. %zu\n\nBuongiorno, %s\n", one->from,
                      headers, known->code, i, one->text);
        g_assert_cmpint(message->request_id, ==, before.request_id);
        g_autoptr(Appointment) appointment = appointment_of(desk, &before);
        g_assert_cmpint(appointment->state, ==, APPOINTMENT_BOOKED);
        g_autoptr(Request) request = request_of(desk, before.request_id);
        g_assert_true(request->to_read);
        g_assert_cmpuint(letters_like(desk, before.request_id, "cancelled"), ==, 0);
    }
}

static void a_cancellation_to_the_tagged_address_is_carried_out_once(Desk *desk,
                                                                     gconstpointer unused)
{
    (void)unused;
    Confirmed one = {.email = "chiara@studio.example", .uid = "u@x", .letter = "c@x.example"};
    confirm(desk, &one);
    g_autoptr(Request) request = request_of(desk, one.request_id);
    g_autofree char *tag = token_reply_tag(&desk->key, request->code, request->id, 1);
    for (guint i = 0; i < 2; i++) {
        g_autoptr(Message) message =
            take_mail(desk,
                      "From: Chiara@Studio.example\nTo: x+%s@comune.esempio.example\nSubject: n. "
                      "%u\n\nBuongiorno, " FINAL "\n",
                      tag, i);
        g_assert_cmpint(message->request_id, ==, one.request_id);
        g_autoptr(Appointment) appointment = appointment_of(desk, &one);
        g_assert_cmpint(appointment->state, ==, APPOINTMENT_CANCELLED);
        g_autoptr(Request) after = request_of(desk, one.request_id);
        g_assert_cmpint(after->to_read, ==, i > 0); /* of what is cancelled: somebody has to look */
        g_assert_cmpuint(letters_like(desk, one.request_id, "cancelled"), ==, 1);
    }
}

static void no_machine_cancels(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const char *const headers[] = {"Auto-Submitted: auto-replied\n", "Precedence: bulk\n",
                                          "Return-Path: <>\n"};
    Confirmed one = {.email = "chiara@studio.example", .uid = "u@x", .letter = "c@x.example"};
    confirm(desk, &one);
    for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_autoptr(Message) message =
            take_mail(desk,
                      "%sFrom: chiara@studio.example\nIn-Reply-To: <c@x.example>\nSubject: n. "
                      "%zu\n\nBuongiorno, " FINAL "\n",
                      headers[i], i);
        g_assert_cmpstr(message->reason, !=, NULL);
    }
    g_autoptr(Appointment) appointment = appointment_of(desk, &one);
    g_assert_cmpint(appointment->state, ==, APPOINTMENT_BOOKED);
    g_assert_cmpuint(count_letters(desk), ==, 1);
}

/* --- answers to invitations ---------------------------------------------------------------- */

static Message *answers(Desk *desk, const char *method, const char *from, const char *attendee,
                        const char *partstat, gint sequence)
{
    static guint n;
    return take_mail(desk,
                     "From: %s\nSubject: risposta %u\nContent-Type: text/calendar; "
                     "method=%s\n\nBEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:%s\nBEGIN:VEVENT\nUID:u@x\n"
                     "DTSTAMP:20261124T101500Z\nDTSTART:20261203T083000Z\nSEQUENCE:%d\n"
                     "ATTENDEE;PARTSTAT=%s:MAILTO:%s\nEND:VEVENT\nEND:VCALENDAR\n",
                     from, n++, method, method, sequence, partstat, attendee);
}

#define CHIARA "chiara@studio.example"

static void the_latest_answer_of_a_seat_is_kept(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const struct {
        const char *from, *attendee, *partstat, *kept;
    } cases[] = {
        {CHIARA, CHIARA, "ACCEPTED", "ACCEPTED"},
        {CHIARA, "Chiara@Studio.example", "TENTATIVE", "TENTATIVE"},
        {"calendario@posta.example", CHIARA, "ACCEPTED", "ACCEPTED"}, /* sent by her calendar */
        {CHIARA, "alias@altrove.example", "TENTATIVE", "TENTATIVE"},  /* her calendar's alias */
        {"altri@b.example", "altri@b.example", "DECLINED", "TENTATIVE"},
    };
    Confirmed one = {.email = CHIARA, .uid = "u@x", .letter = "c@x.example"};
    confirm(desk, &one);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Message) message =
            answers(desk, "REPLY", cases[i].from, cases[i].attendee, cases[i].partstat, 0);
        bool stranger = strcmp(cases[i].partstat, "DECLINED") == 0;
        g_assert_cmpint(message->request_id, ==, stranger ? 0 : one.request_id);
        g_assert_cmpstr(message->reason, ==, stranger ? "itip_reply" : NULL);
        g_autofree char *answer = answer_of(desk, &one);
        g_assert_cmpstr(answer, ==, cases[i].kept);
    }
    g_autoptr(Request) request = request_of(desk, one.request_id);
    g_assert_false(request->to_read);
    g_assert_cmpuint(count_letters(desk), ==, 1);
}

static bool move(Db *db, gpointer data, GError **error)
{
    Confirmed *one = data;
    const AppointmentTime time = time_at(one->now + DAY_S);
    const Actor actor = {.kind = ACTOR_SYSTEM, .at = g_get_real_time() / G_USEC_PER_SEC + 1};
    Letter letter = one->confirmation;
    letter.id = token_new_id();
    letter.kind = (char *)"moved";
    letter.message_id = (char *)"m@x.example";
    letter.created_at = actor.at;
    g_autoptr(GBytes) content = g_bytes_new_static("x", 1);
    letter.content = content;
    return appointment_move(db, one->appointment_id, &time, &actor, error) &&
           letter_add(db, &letter, error);
}

static void a_refusal_is_asked_about_once_for_each_time(Desk *desk, gconstpointer unused)
{
    (void)unused;
    Confirmed one = {.email = CHIARA, .uid = "u@x", .letter = "c@x.example"};
    confirm(desk, &one);
    static const char *const says[] = {"DECLINED", "ACCEPTED", "DECLINED"};
    for (gsize i = 0; i < G_N_ELEMENTS(says); i++)
        message_free(answers(desk, "REPLY", CHIARA, CHIARA, says[i], 0));
    g_assert_cmpuint(letters_like(desk, one.request_id, "ask_cancel"), ==, 1);

    write_job(desk, move, &one);
    g_autofree char *after_move = answer_of(desk, &one);
    g_assert_cmpstr(after_move, ==, NULL);
    message_free(answers(desk, "REPLY", CHIARA, CHIARA, "DECLINED", 0)); /* to the older time */
    g_autofree char *older = answer_of(desk, &one);
    g_assert_cmpstr(older, ==, NULL);
    g_assert_cmpuint(letters_like(desk, one.request_id, "ask_cancel"), ==, 1);
    message_free(answers(desk, "REPLY", CHIARA, CHIARA, "DECLINED", 1));
    g_autofree char *newer = answer_of(desk, &one);
    g_assert_cmpstr(newer, ==, "DECLINED");
    g_assert_cmpuint(letters_like(desk, one.request_id, "ask_cancel"), ==, 2);
}

static void a_proposed_time_is_a_wish_to_move(Desk *desk, gconstpointer unused)
{
    (void)unused;
    Confirmed one = {.email = CHIARA, .uid = "u@x", .letter = "c@x.example"};
    confirm(desk, &one);
    g_autoptr(Message) message = answers(desk, "COUNTER", CHIARA, CHIARA, "TENTATIVE", 0);
    g_assert_cmpint(message->request_id, ==, one.request_id);
    g_autofree char *answer = answer_of(desk, &one);
    g_assert_cmpstr(answer, ==, "COUNTER");
    g_autoptr(Request) request = request_of(desk, one.request_id);
    g_assert_true(request->to_read);
    g_assert_nonnull(strstr(request->reading, "\"date\":\"2026-12-03\""));
    g_assert_nonnull(strstr(request->reading, "\"from\":\"09:30\"")); /* 8:30 UTC in Rome */
    g_assert_cmpuint(count_letters(desk), ==, 1);
}

static void automatic_letters_have_one_limit_whatever_they_are(Desk *desk, gconstpointer unused)
{
    (void)unused;
    for (guint i = 0; i < 3; i++)
        message_free(take_mail(desk,
                               "From: " CHIARA "\nSubject: n. %u\n\nvorrei una "
                               "videochiamata, n. %u\n",
                               i, i));
    Confirmed one = {.email = CHIARA, .uid = "u@x", .letter = "c@x.example"};
    confirm(desk, &one);
    g_autoptr(Message) message = answers(desk, "REPLY", CHIARA, CHIARA, "DECLINED", 0);
    g_assert_cmpint(message->request_id, ==, one.request_id);
    g_assert_cmpuint(letters_like(desk, one.request_id, "ask_cancel"), ==, 0);
    g_autoptr(Request) request = request_of(desk, one.request_id);
    g_assert_true(request->to_read);
}

static void add(void)
{
    DESK_TEST(the_samples_that_ask_are_requests_with_their_action);
    DESK_TEST(a_reply_whose_letter_is_unknown_is_a_request_to_read);
    DESK_TEST(the_sample_of_a_move_updates_its_request);
    DESK_TEST(the_sample_of_a_cancellation_is_carried_out);
    DESK_TEST(the_samples_of_machines_are_linked_and_unanswered);
    DESK_TEST(the_sample_of_a_refusal_is_asked_about);
    DESK_TEST(cancellations_in_doubt_are_only_shown);
    DESK_TEST(a_cancellation_to_the_tagged_address_is_carried_out_once);
    DESK_TEST(no_machine_cancels);
    DESK_TEST(the_latest_answer_of_a_seat_is_kept);
    DESK_TEST(a_refusal_is_asked_about_once_for_each_time);
    DESK_TEST(a_proposed_time_is_a_wish_to_move);
    DESK_TEST(automatic_letters_have_one_limit_whatever_they_are);
}

int main(int argc, char **argv)
{
    return desk_main(argc, argv, add);
}
