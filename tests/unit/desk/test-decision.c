/* test-decision.c - decisions as the writer runs them, on a real database: all of one or nothing.
 */
#include "desk/decision.h"
#include "fixture.h"

#define SYSTEM 5000000 /* system time of all that happens, unless it says so */
#define HOLD 10

/* The fixture's connection makes the rows and looks at them; decisions go through a store. */
typedef struct {
    Fixture rows;
    Store *store;
} Desk;

static void desk_open(Desk *desk, gconstpointer unused)
{
    fixture_open(&desk->rows, unused);
    GError *error = NULL;
    desk->store = store_open(desk->rows.file, false, &error);
    g_assert_no_error(error);
}

static void desk_close(Desk *desk, gconstpointer unused)
{
    store_close(desk->store);
    fixture_close(&desk->rows, unused);
}

static Letter *letter_for(Desk *desk, gint64 request_id, const char *kind)
{
    Letter *letter = g_new0(Letter, 1);
    letter->id = fixture_id(&desk->rows);
    letter->office_id = desk->rows.office.id;
    letter->request_id = request_id;
    letter->kind = g_strdup(kind);
    letter->recipient = g_strdup("mario.rossi@studio.example");
    letter->subject = g_strdup("x");
    letter->message_id = g_strdup_printf("%" G_GINT64_FORMAT "@esempio", letter->id);
    letter->text = g_strdup("ciao");
    letter->content = g_bytes_new_static("Subject: x\r\n\r\nciao\r\n", 20);
    letter->sendable_at = SYSTEM + HOLD;
    letter->created_at = MONDAY;
    return letter;
}

static Request *request_now(Desk *desk, gint64 id)
{
    GError *error = NULL;
    Request *request = request_find(desk->rows.db, id, &error);
    g_assert_no_error(error);
    return request;
}

static void assert_request(Desk *desk, gint64 id, RequestState state, const char *how)
{
    g_autoptr(Request) request = request_now(desk, id);
    g_assert_cmpstr(request_state_name(request->state), ==, request_state_name(state));
    g_assert_cmpstr(request->answered_how, ==, how);
}

static void assert_appointment(Desk *desk, gint64 id, AppointmentState state, gint sequence)
{
    g_autoptr(Appointment) appointment = appointment_find(desk->rows.db, id, NULL);
    g_assert_nonnull(appointment);
    g_assert_cmpstr(appointment_state_name(appointment->state), ==, appointment_state_name(state));
    g_assert_cmpint(appointment->sequence, ==, sequence);
}

static gint letters_in(Desk *desk, const char *state)
{
    g_autofree char *sql = g_strdup_printf("SELECT COUNT(*) FROM letter WHERE state = '%s'", state);
    return (gint)fixture_number(&desk->rows, sql);
}

static gint cells(Desk *desk)
{
    return (gint)fixture_number(&desk->rows, "SELECT COUNT(*) FROM cell");
}

/* --- one video call to decide about --- */

typedef struct {
    Decision decision;
    Appointment appointment;
    AppointmentTime time;
    char *uid;
    Letter *letter;
} Video;

static void video_clear(Video *video)
{
    g_free(video->uid);
    letter_free(video->letter);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Video, video_clear)

/* The pointers are within `video`, so it is filled in place. */
static void video_for(Desk *desk, Video *video, gint64 request_id, gint64 starts_at)
{
    gint64 id = fixture_id(&desk->rows);
    video->uid = g_strdup_printf("%" G_GINT64_FORMAT "@esempio", id);
    video->letter = letter_for(desk, request_id, "confirmation");
    video->time = fixture_time(starts_at, 20, 0);
    video->appointment = (Appointment){.id = id,
                                       .organisation_id = desk->rows.organisation.id,
                                       .office_id = desk->rows.office.id,
                                       .request_id = request_id,
                                       .uid = video->uid};
    video->decision = (Decision){.kind = DECISION_VIDEO,
                                 .request_id = request_id,
                                 .letter = video->letter,
                                 .appointment = &video->appointment,
                                 .time = &video->time,
                                 .actor = desk->rows.officer};
}

static void write_it(Desk *desk, StoreJob *job, gpointer data)
{
    GError *error = NULL;
    bool written = store_write(desk->store, job, data, &error);
    g_assert_no_error(error);
    g_assert_true(written);
}

static void assert_refused(Desk *desk, StoreJob *job, gpointer data, gint code)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(store_write(desk->store, job, data, &error));
    g_assert_error(error, STORE_ERROR, code);
}

/* A request with a video call booked at TEN; the appointment's id. */
static gint64 booked(Desk *desk, gint64 *request_id)
{
    g_auto(Video) video = {0};
    *request_id = fixture_request(&desk->rows);
    video_for(desk, &video, *request_id, TEN);
    write_it(desk, decision_take, &video.decision);
    return video.appointment.id;
}

/* --- taking a decision --- */

static void a_video_call_takes_the_time_and_leaves_a_letter(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    assert_request(desk, request_id, REQUEST_BOOKED, "video");
    assert_appointment(desk, appointment_id, APPOINTMENT_BOOKED, 0);
    g_assert_cmpint(cells(desk), ==, 4);
    g_assert_cmpint(letters_in(desk, "waiting"), ==, 1);
    g_autoptr(GPtrArray) audit = audit_list_for_request(desk->rows.db, request_id, NULL);
    g_assert_cmpuint(audit->len, ==, 3); /* created, booked, state */
}

static void each_decision_leads_to_its_state(Desk *desk, gconstpointer unused)
{
    (void)unused;
    static const struct {
        const char *name, *letter, *how;
        RequestState state;
    } cases[] = {
        {"phone", "phone", "phone", REQUEST_PHONE},
        {"answer", "answer", "answer", REQUEST_ANSWERED},
        {"ask", "ask_info", "ask", REQUEST_WAITING_CITIZEN},
        {"redirect", "redirect", "redirect", REQUEST_REDIRECTED},
        {"refuse", "refuse", "refuse", REQUEST_REFUSED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        DecisionKind kind;
        g_assert_true(decision_parse(cases[i].name, &kind));
        g_assert_cmpstr(decision_name(kind), ==, cases[i].name);
        g_assert_cmpstr(decision_letter_kind(kind), ==, cases[i].letter);
        gint64 request_id = fixture_request(&desk->rows);
        g_autoptr(Letter) letter = letter_for(desk, request_id, cases[i].letter);
        Decision decision = {.kind = kind,
                             .request_id = request_id,
                             .version = 1,
                             .letter = letter,
                             .actor = desk->rows.officer};
        write_it(desk, decision_take, &decision);
        assert_request(desk, request_id, cases[i].state, cases[i].how);
        g_assert_cmpint(letters_in(desk, "waiting"), ==, (gint)i + 1);
    }
    DecisionKind kind;
    g_assert_false(decision_parse("maybe", &kind));
    g_assert_false(decision_parse(NULL, &kind));
}

static void a_request_may_be_decided_without_a_letter(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id = fixture_request(&desk->rows);
    Decision decision = {
        .kind = DECISION_PHONE, .request_id = request_id, .actor = desk->rows.officer};
    write_it(desk, decision_take, &decision);
    assert_request(desk, request_id, REQUEST_PHONE, "phone");
    g_assert_cmpint(letters_in(desk, "waiting"), ==, 0);
}

typedef struct {
    Desk *desk;
    Video video;
    GError *error;
    bool won;
} Contestant;

static gpointer confirm(gpointer data)
{
    Contestant *officer = data;
    officer->won =
        store_write(officer->desk->store, decision_take, &officer->video.decision, &officer->error);
    return NULL;
}

static void of_two_officers_on_one_time_one_is_told(Desk *desk, gconstpointer unused)
{
    (void)unused;
    for (gint round = 0; round < 20; round++) {
        Contestant officers[2] = {{.desk = desk}, {.desk = desk}};
        GThread *threads[2];
        for (gint i = 0; i < 2; i++)
            video_for(desk, &officers[i].video, fixture_request(&desk->rows), TEN + round * 3600);
        for (gint i = 0; i < 2; i++)
            threads[i] = g_thread_new("officer", confirm, &officers[i]);
        for (gint i = 0; i < 2; i++)
            g_thread_join(threads[i]);
        g_assert_true(officers[0].won != officers[1].won);
        gint loser = officers[0].won ? 1 : 0;
        g_assert_error(officers[loser].error, STORE_ERROR, STORE_ERROR_CONFLICT);
        assert_request(desk, officers[loser].video.decision.request_id, REQUEST_NEW, "open");
        assert_request(desk, officers[!loser].video.decision.request_id, REQUEST_BOOKED, "video");
        g_assert_cmpint(letters_in(desk, "waiting"), ==, round + 1);
        g_error_free(officers[loser].error);
        for (gint i = 0; i < 2; i++)
            video_clear(&officers[i].video);
    }
    g_assert_cmpint(cells(desk), ==, 20 * 4);
}

static void who_decides_on_an_old_page_is_told(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_auto(Video) video = {0};
    gint64 request_id = fixture_request(&desk->rows);
    Decision first = {.kind = DECISION_PHONE,
                      .request_id = request_id,
                      .version = 1,
                      .actor = desk->rows.officer};
    write_it(desk, decision_take, &first);
    video_for(desk, &video, request_id, TEN);
    video.decision.version = 1;
    assert_refused(desk, decision_take, &video.decision, STORE_ERROR_STALE);
    assert_request(desk, request_id, REQUEST_PHONE, "phone");
    g_assert_cmpint(cells(desk), ==, 0);
    g_assert_cmpint(letters_in(desk, "waiting"), ==, 0);
}

/* --- taking it back --- */

static DecisionUndo undo_of(Desk *desk, gint64 request_id, gint64 system_at)
{
    return (DecisionUndo){request_id, system_at, desk->rows.officer};
}

static void a_decision_is_taken_back_while_its_letter_waits(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    DecisionUndo undo = undo_of(desk, request_id, SYSTEM + HOLD - 1);
    write_it(desk, decision_undo, &undo);
    assert_request(desk, request_id, REQUEST_NEW, "open");
    assert_appointment(desk, appointment_id, APPOINTMENT_CANCELLED, 1);
    g_assert_cmpint(cells(desk), ==, 0);
    g_assert_cmpint(letters_in(desk, "withdrawn"), ==, 1);
    g_assert_cmpint(letters_in(desk, "waiting"), ==, 0);

    /* the time can be had again, also by the same request */
    g_auto(Video) again = {0};
    video_for(desk, &again, request_id, TEN);
    write_it(desk, decision_take, &again.decision);
    g_assert_cmpint(cells(desk), ==, 4);
}

static void a_decision_stands_once_its_letter_may_leave(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    DecisionUndo undo = undo_of(desk, request_id, SYSTEM + HOLD);
    assert_refused(desk, decision_undo, &undo, STORE_ERROR_TRANSITION);
    assert_request(desk, request_id, REQUEST_BOOKED, "video");
    assert_appointment(desk, appointment_id, APPOINTMENT_BOOKED, 0);
    g_assert_cmpint(letters_in(desk, "waiting"), ==, 1);
}

/* --- an appointment that is changed --- */

static AppointmentDecision change_of(gint64 appointment_id, const Actor *actor)
{
    return (AppointmentDecision){
        .appointment_id = appointment_id, .system_at = SYSTEM, .actor = *actor};
}

static void the_letter_of_a_move_is_no_decision_to_take_back(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    DecisionUndo undo = undo_of(desk, request_id, SYSTEM + 1);
    g_assert_true(letter_withdraw_for_request(desk->rows.db, request_id, SYSTEM, NULL, NULL));
    g_autoptr(Letter) letter = letter_for(desk, request_id, "moved");
    AppointmentTime later = fixture_time(TEN + 1200, 20, 0);
    AppointmentDecision move = change_of(appointment_id, &desk->rows.officer);
    move.time = &later;
    move.letter = letter;
    write_it(desk, decision_move, &move);
    assert_refused(desk, decision_undo, &undo, STORE_ERROR_TRANSITION);
    assert_appointment(desk, appointment_id, APPOINTMENT_BOOKED, 1);
    g_assert_cmpint(letters_in(desk, "waiting"), ==, 1);
}

static void a_move_frees_the_old_time(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    AppointmentTime later = fixture_time(TEN + 1200, 20, 0);
    AppointmentDecision move = change_of(appointment_id, &desk->rows.citizen);
    move.time = &later;
    move.sequence = 1;
    write_it(desk, decision_move, &move);
    assert_request(desk, request_id, REQUEST_BOOKED, "video");
    assert_appointment(desk, appointment_id, APPOINTMENT_BOOKED, 1);
    g_assert_cmpint(cells(desk), ==, 4);
    g_auto(Video) other = {0};
    video_for(desk, &other, fixture_request(&desk->rows), TEN);
    write_it(desk, decision_take, &other.decision);

    /* and back: somebody has it now */
    AppointmentTime before = fixture_time(TEN, 20, 0);
    move.time = &before;
    move.sequence = 2;
    assert_refused(desk, decision_move, &move, STORE_ERROR_CONFLICT);
    assert_appointment(desk, appointment_id, APPOINTMENT_BOOKED, 1);
}

static void a_letter_with_an_old_sequence_is_refused(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    AppointmentTime later = fixture_time(TEN + 1200, 20, 0);
    AppointmentTime latest = fixture_time(TEN + 2400, 20, 0);
    AppointmentDecision move = change_of(appointment_id, &desk->rows.citizen);
    move.time = &later;
    move.sequence = 1;
    write_it(desk, decision_move, &move);
    /* composed on the same page, sent second */
    move.time = &latest;
    assert_refused(desk, decision_move, &move, STORE_ERROR_STALE);
    assert_appointment(desk, appointment_id, APPOINTMENT_BOOKED, 1);
    AppointmentDecision cancel = change_of(appointment_id, &desk->rows.citizen);
    cancel.sequence = 1;
    assert_refused(desk, decision_cancel, &cancel, STORE_ERROR_STALE);
    assert_request(desk, request_id, REQUEST_BOOKED, "video");
}

static void a_citizen_who_cancels_closes_the_request(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    g_autoptr(Letter) letter = letter_for(desk, request_id, "cancelled");
    AppointmentDecision cancel = change_of(appointment_id, &desk->rows.citizen);
    cancel.reason = "risolto";
    cancel.letter = letter;
    cancel.sequence = 1;
    write_it(desk, decision_cancel, &cancel);
    assert_request(desk, request_id, REQUEST_CLOSED, "cancelled");
    assert_appointment(desk, appointment_id, APPOINTMENT_CANCELLED, 1);
    g_assert_cmpint(cells(desk), ==, 0);
    g_autoptr(Appointment) appointment = appointment_find(desk->rows.db, appointment_id, NULL);
    g_assert_cmpstr(appointment->cancelled_by, ==, "citizen");
    g_assert_cmpstr(appointment->cancelled_reason, ==, "risolto");
    cancel.sequence = 0;
    assert_refused(desk, decision_cancel, &cancel, STORE_ERROR_TRANSITION);
}

static void an_office_that_cancels_has_to_decide_again(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    AppointmentDecision cancel = change_of(appointment_id, &desk->rows.officer);
    write_it(desk, decision_cancel, &cancel);
    assert_request(desk, request_id, REQUEST_NEW, "open");
    assert_appointment(desk, appointment_id, APPOINTMENT_CANCELLED, 1);
}

static void a_cancellation_is_restored_within_half_an_hour(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    AppointmentDecision change = change_of(appointment_id, &desk->rows.citizen);
    write_it(desk, decision_cancel, &change);
    change.system_at = SYSTEM + APPOINTMENT_RESTORE_S + 1;
    assert_refused(desk, decision_restore, &change, STORE_ERROR_TRANSITION);
    assert_request(desk, request_id, REQUEST_CLOSED, "cancelled");
    change.system_at = SYSTEM + APPOINTMENT_RESTORE_S;
    change.sequence = 2;
    write_it(desk, decision_restore, &change);
    assert_request(desk, request_id, REQUEST_BOOKED, "video");
    assert_appointment(desk, appointment_id, APPOINTMENT_BOOKED, 2);
    g_autoptr(Request) request = request_now(desk, request_id);
    g_assert_cmpint(request->closed_at, ==, 0);
}

static void a_time_that_others_took_is_not_restored(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    AppointmentDecision change = change_of(appointment_id, &desk->rows.citizen);
    write_it(desk, decision_cancel, &change);
    g_auto(Video) other = {0};
    video_for(desk, &other, fixture_request(&desk->rows), TEN);
    write_it(desk, decision_take, &other.decision);
    assert_refused(desk, decision_restore, &change, STORE_ERROR_CONFLICT);
    assert_request(desk, request_id, REQUEST_CLOSED, "cancelled");
    assert_appointment(desk, appointment_id, APPOINTMENT_CANCELLED, 1);
}

static void a_new_decision_ends_the_way_back(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    AppointmentDecision change = change_of(appointment_id, &desk->rows.officer);
    write_it(desk, decision_cancel, &change);
    Decision phone = {
        .kind = DECISION_PHONE, .request_id = request_id, .actor = desk->rows.officer};
    write_it(desk, decision_take, &phone);
    assert_refused(desk, decision_restore, &change, STORE_ERROR_TRANSITION);
    assert_request(desk, request_id, REQUEST_PHONE, "phone");
    g_assert_cmpint(cells(desk), ==, 0);
}

static void nobody_came_means_to_decide_again(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    AppointmentDecision change = change_of(appointment_id, &desk->rows.officer);
    write_it(desk, decision_no_show, &change);
    assert_request(desk, request_id, REQUEST_NEW, "open");
    assert_appointment(desk, appointment_id, APPOINTMENT_NO_SHOW, 0);
}

/* --- the end --- */

static DecisionOutcome outcome_of(Desk *desk, gint64 request_id, gint64 call_seconds)
{
    return (DecisionOutcome){.request_id = request_id,
                             .kind = "resolved",
                             .text = "Tutto chiaro.",
                             .call_seconds = call_seconds,
                             .actor = desk->rows.officer};
}

static void change_state(Desk *desk, gint64 appointment_id, AppointmentState to, gint64 at)
{
    Actor actor = {ACTOR_SYSTEM, 0, at, NULL};
    g_assert_true(appointment_change(desk->rows.db, appointment_id, to, &actor, NULL));
}

static void an_outcome_ends_the_call_as_measured(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    change_state(desk, appointment_id, APPOINTMENT_WAITING, TEN - 60);
    change_state(desk, appointment_id, APPOINTMENT_IN_CALL, TEN);
    DecisionOutcome outcome = outcome_of(desk, request_id, -1);
    outcome.actor.at = TEN + 600;
    g_autoptr(Letter) letter = letter_for(desk, request_id, "outcome");
    outcome.letter = letter;
    write_it(desk, decision_close, &outcome);
    assert_request(desk, request_id, REQUEST_CLOSED, "video");
    assert_appointment(desk, appointment_id, APPOINTMENT_DONE, 0);
    g_autoptr(Appointment) appointment = appointment_find(desk->rows.db, appointment_id, NULL);
    g_assert_cmpint(appointment->call_seconds, ==, 600);
    g_autoptr(Request) request = request_now(desk, request_id);
    g_assert_cmpstr(request->outcome_kind, ==, "resolved");
    g_assert_cmpstr(request->outcome, ==, "Tutto chiaro.");
    g_assert_cmpint(letters_in(desk, "waiting"), ==, 2);
}

static void a_call_by_phone_has_the_length_that_was_written(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id;
    gint64 appointment_id = booked(desk, &request_id);
    DecisionOutcome outcome = outcome_of(desk, request_id, 420);
    write_it(desk, decision_close, &outcome);
    assert_request(desk, request_id, REQUEST_CLOSED, "phone");
    assert_appointment(desk, appointment_id, APPOINTMENT_DONE, 0);
    g_autoptr(Appointment) appointment = appointment_find(desk->rows.db, appointment_id, NULL);
    g_assert_cmpint(appointment->call_seconds, ==, 420);
}

static void a_request_without_appointment_is_closed_too(Desk *desk, gconstpointer unused)
{
    (void)unused;
    gint64 request_id = fixture_request(&desk->rows);
    Decision answer = {
        .kind = DECISION_ANSWER, .request_id = request_id, .actor = desk->rows.officer};
    write_it(desk, decision_take, &answer);
    DecisionOutcome outcome = outcome_of(desk, request_id, -1);
    write_it(desk, decision_close, &outcome);
    assert_request(desk, request_id, REQUEST_CLOSED, "answer");
    assert_refused(desk, decision_close, &outcome, STORE_ERROR_TRANSITION);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add("/desk/decision/" #test, Desk, NULL, desk_open, test, desk_close)
    ADD(a_video_call_takes_the_time_and_leaves_a_letter);
    ADD(each_decision_leads_to_its_state);
    ADD(a_request_may_be_decided_without_a_letter);
    ADD(of_two_officers_on_one_time_one_is_told);
    ADD(who_decides_on_an_old_page_is_told);
    ADD(a_decision_is_taken_back_while_its_letter_waits);
    ADD(a_decision_stands_once_its_letter_may_leave);
    ADD(the_letter_of_a_move_is_no_decision_to_take_back);
    ADD(a_move_frees_the_old_time);
    ADD(a_letter_with_an_old_sequence_is_refused);
    ADD(a_citizen_who_cancels_closes_the_request);
    ADD(an_office_that_cancels_has_to_decide_again);
    ADD(a_cancellation_is_restored_within_half_an_hour);
    ADD(a_time_that_others_took_is_not_restored);
    ADD(a_new_decision_ends_the_way_back);
    ADD(nobody_came_means_to_decide_again);
    ADD(an_outcome_ends_the_call_as_measured);
    ADD(a_call_by_phone_has_the_length_that_was_written);
    ADD(a_request_without_appointment_is_closed_too);
    return g_test_run();
}
