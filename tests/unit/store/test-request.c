#include "fixture.h"

static RequestState state_of(Fixture *fixture, gint64 id)
{
    g_autoptr(Request) request = request_find(fixture->db, id, NULL);
    return request->state;
}

static void become(Fixture *fixture, gint64 id, RequestState to)
{
    GError *error = NULL;
    g_assert_true(request_change(fixture->db, id, to, 0, &fixture->officer, &error));
    g_assert_no_error(error);
}

/* A request of somebody else, with words to find it by. */
static gint64 wordy(Fixture *fixture, const char *name, const char *email, const char *subject,
                    const char *practice)
{
    Person person = {.id = fixture_id(fixture),
                     .organisation_id = ORGANISATION_ID,
                     .name = (char *)name,
                     .email = (char *)email};
    gint64 person_id = 0;
    g_assert_true(person_find_or_make(fixture->db, &person, &person_id, NULL));
    gint64 id = fixture_id(fixture);
    g_autofree char *code = g_strdup_printf("EDI-%" G_GINT64_FORMAT "-K", id);
    Request request = {.id = id,
                       .organisation_id = ORGANISATION_ID,
                       .office_id = OFFICE_ID,
                       .person_id = person_id,
                       .code = code,
                       .source = SOURCE_PEC,
                       .subject = (char *)subject,
                       .practice = (char *)practice,
                       .summary = (char *)"riassunto",
                       .received_at = MONDAY + id};
    g_assert_true(request_create(fixture->db, &request, &fixture->citizen, NULL));
    return id;
}

/* --- making --- */

static void test_create(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id =
        wordy(fixture, "Lucia Bianchi", "LUCIA@studio.example", "Variante", "SCIA 214/2026");
    g_autoptr(Request) request = request_find(fixture->db, id, NULL);
    g_assert_cmpint(request->state, ==, REQUEST_NEW);
    g_assert_cmpint(request->source, ==, SOURCE_PEC);
    g_assert_cmpint(request->promised_at, ==, request->received_at);
    g_assert_cmpstr(request->answered_how, ==, "open");
    g_assert_cmpstr(request->language, ==, "it");
    g_assert_cmpstr(request->person_email, ==, "lucia@studio.example");
    g_assert_cmpstr(request->office_slug, ==, "edilizia");
    g_assert_cmpstr(request->zone, ==, "Europe/Rome");
    g_assert_cmpint(request->version, ==, 1);
    g_assert_cmpint(request->appointment_id, ==, 0);
    g_autoptr(Request) by_code = request_find_by_code(fixture->db, request->code, NULL);
    g_assert_cmpint(by_code->id, ==, id);
}

static void test_code_exists(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture);
    g_autoptr(Request) first = request_find(fixture->db, id, NULL);
    Request second = {.id = fixture_id(fixture),
                      .organisation_id = ORGANISATION_ID,
                      .office_id = OFFICE_ID,
                      .person_id = fixture->person_id,
                      .code = first->code};
    g_autoptr(GError) error = NULL;
    g_assert_false(request_create(fixture->db, &second, &fixture->citizen, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_CONFLICT);
}

static void test_foreign_keys(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    Request orphan = {.id = fixture_id(fixture),
                      .organisation_id = ORGANISATION_ID,
                      .office_id = OFFICE_ID + 77,
                      .person_id = fixture->person_id,
                      .code = (char *)"EDI-0"};
    g_autoptr(GError) error = NULL;
    g_assert_false(request_create(fixture->db, &orphan, &fixture->citizen, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
}

/* --- changing --- */

static void test_first_decision(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture);
    Actor first = fixture->officer, second = fixture->officer;
    first.at = MONDAY + 100;
    second.at = MONDAY + 200;
    g_assert_true(request_change(fixture->db, id, REQUEST_WAITING_CITIZEN, 1, &first, NULL));
    g_assert_true(request_change(fixture->db, id, REQUEST_BOOKED, 2, &second, NULL));
    g_autoptr(Request) request = request_find(fixture->db, id, NULL);
    g_assert_cmpint(request->decided_at, ==, MONDAY + 100);
    g_assert_cmpint(request->updated_at, ==, MONDAY + 200);
    g_assert_cmpstr(request->answered_how, ==, "video");
    g_assert_cmpint(request->version, ==, 3);
}

static void test_how_it_was_answered(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    static const struct {
        RequestState to;
        const char *how;
    } rows[] = {{REQUEST_WAITING_CITIZEN, "ask"}, {REQUEST_ANSWERED, "answer"},
                {REQUEST_PHONE, "phone"},         {REQUEST_OFFERED, "video"},
                {REQUEST_BOOKED, "video"},        {REQUEST_REDIRECTED, "redirect"},
                {REQUEST_REFUSED, "refuse"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gint64 id = fixture_request(fixture);
        become(fixture, id, rows[i].to);
        g_autoptr(Request) decided = request_find(fixture->db, id, NULL);
        g_assert_cmpstr(decided->answered_how, ==, rows[i].how);
        become(fixture, id, REQUEST_NEW); /* taken back */
        g_autoptr(Request) open = request_find(fixture->db, id, NULL);
        g_assert_cmpstr(open->answered_how, ==, "open");
    }
}

static void test_stale(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture);
    g_assert_true(request_change(fixture->db, id, REQUEST_PHONE, 1, &fixture->officer, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_false(request_change(fixture->db, id, REQUEST_REFUSED, 1, &fixture->officer, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_STALE);
    g_assert_cmpint(state_of(fixture, id), ==, REQUEST_PHONE);
}

static void test_table_is_asked(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture);
    become(fixture, id, REQUEST_REFUSED);
    g_autoptr(GError) error = NULL;
    g_assert_false(request_change(fixture->db, id, REQUEST_BOOKED, 0, &fixture->officer, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_TRANSITION);
    g_autoptr(GError) unknown = NULL;
    g_assert_false(request_change(fixture->db, 5, REQUEST_BOOKED, 0, &fixture->officer, &unknown));
    g_assert_error(unknown, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void test_close_and_correct(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture);
    g_autoptr(GError) early = NULL;
    g_assert_false(request_set_outcome(fixture->db, id, "solved", "x", &fixture->officer, &early));
    g_assert_error(early, STORE_ERROR, STORE_ERROR_TRANSITION);
    g_assert_true(
        request_close(fixture->db, id, "solved", "Chiarito.", "phone", &fixture->officer, NULL));
    g_autoptr(Request) closed = request_find(fixture->db, id, NULL);
    g_assert_cmpint(closed->state, ==, REQUEST_CLOSED);
    g_assert_cmpint(closed->closed_at, ==, MONDAY);
    g_assert_cmpint(closed->decided_at, ==, MONDAY);
    g_assert_cmpstr(closed->answered_how, ==, "phone");
    g_assert_cmpstr(closed->outcome, ==, "Chiarito.");
    g_assert_true(request_set_outcome(fixture->db, id, "to_do", "Manca.", &fixture->officer, NULL));
    g_autoptr(Request) corrected = request_find(fixture->db, id, NULL);
    g_assert_cmpstr(corrected->outcome_kind, ==, "to_do");
    g_assert_cmpint(corrected->version, ==, closed->version + 1);
    g_autoptr(GError) twice = NULL;
    g_assert_false(request_close(fixture->db, id, NULL, NULL, NULL, &fixture->officer, &twice));
    g_assert_error(twice, STORE_ERROR, STORE_ERROR_TRANSITION);
}

static void test_close_keeps_how(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture);
    become(fixture, id, REQUEST_BOOKED);
    g_assert_true(request_close(fixture->db, id, "solved", NULL, NULL, &fixture->officer, NULL));
    g_autoptr(Request) closed = request_find(fixture->db, id, NULL);
    g_assert_cmpstr(closed->answered_how, ==, "video");
    become(fixture, id, REQUEST_BOOKED); /* Ripristina */
    g_autoptr(Request) back = request_find(fixture->db, id, NULL);
    g_assert_cmpint(back->closed_at, ==, 0);
}

static void test_wrote_again(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    static const struct {
        RequestState from, then;
    } rows[] = {{REQUEST_WAITING_CITIZEN, REQUEST_NEW},
                {REQUEST_BOOKED, REQUEST_BOOKED},
                {REQUEST_REFUSED, REQUEST_NEW}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gint64 id = fixture_request(fixture);
        become(fixture, id, rows[i].from);
        g_assert_true(
            request_wrote_again(fixture->db, id, true, MONDAY + 7, &fixture->citizen, NULL));
        g_autoptr(Request) request = request_find(fixture->db, id, NULL);
        g_assert_cmpint(request->state, ==, rows[i].then);
        g_assert_true(request->to_read);
        g_assert_cmpint(request->promised_at, ==, MONDAY + 7);
    }
}

static void test_to_read(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture);
    g_assert_true(request_set_to_read(fixture->db, id, true, &fixture->officer, NULL));
    g_autoptr(GPtrArray) list = request_list_to_read(fixture->db, OFFICE_ID, 9, NULL);
    g_assert_cmpuint(list->len, ==, 1);
    g_assert_cmpint(state_of(fixture, id), ==, REQUEST_NEW); /* a flag, not a state */
    g_assert_true(request_set_to_read(fixture->db, id, false, &fixture->officer, NULL));
    g_autoptr(GPtrArray) none = request_list_to_read(fixture->db, OFFICE_ID, 9, NULL);
    g_assert_cmpuint(none->len, ==, 0);
}

static void test_reading_keeps_null(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = wordy(fixture, "A", "a@b", "Prima", "SCIA 1/2026");
    g_assert_true(request_set_reading(fixture->db, id, "Dopo", NULL, NULL, "{\"a\":1}", NULL));
    g_autoptr(Request) request = request_find(fixture->db, id, NULL);
    g_assert_cmpstr(request->subject, ==, "Dopo");
    g_assert_cmpstr(request->practice, ==, "SCIA 1/2026");
    g_assert_cmpstr(request->reading, ==, "{\"a\":1}");
    g_autoptr(GPtrArray) found = request_search(fixture->db, OFFICE_ID, "dopo scia", 9, NULL);
    g_assert_cmpuint(found->len, ==, 1);
    g_autoptr(GPtrArray) old = request_search(fixture->db, OFFICE_ID, "prima", 9, NULL);
    g_assert_cmpuint(old->len, ==, 0);
}

static void test_audit(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture);
    Actor actor = fixture->officer;
    actor.detail = "video";
    g_assert_true(request_change(fixture->db, id, REQUEST_BOOKED, 0, &actor, NULL));
    g_autoptr(GPtrArray) trail = audit_list_for_request(fixture->db, id, NULL);
    g_assert_cmpuint(trail->len, ==, 2);
    const AuditEntry *created = trail->pdata[0], *booked = trail->pdata[1];
    g_assert_cmpstr(created->action, ==, "request_created");
    g_assert_cmpint(created->actor, ==, ACTOR_CITIZEN);
    g_assert_cmpstr(booked->action, ==, "request_state");
    g_assert_cmpstr(booked->from_state, ==, "new");
    g_assert_cmpstr(booked->to_state, ==, "booked");
    g_assert_cmpstr(booked->detail, ==, "video");
    g_assert_cmpint(booked->officer_id, ==, fixture->officer_id);
    g_assert_cmpint(booked->at, ==, MONDAY);
}

/* --- links and references --- */

static void test_link(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture);
    g_assert_true(request_link_put(fixture->db, id, fixture->person_id, 1, "aaa", NULL));
    gint64 person_id = 0;
    g_autoptr(Request) found = request_find_by_link(fixture->db, "aaa", &person_id, NULL);
    g_assert_cmpint(found->id, ==, id);
    g_assert_cmpint(person_id, ==, fixture->person_id);
    g_assert_true(request_link_put(fixture->db, id, fixture->person_id, 2, "bbb", NULL));
    g_assert_true(request_link_put(fixture->db, id, fixture->person_id, 1, "aaa", NULL)); /* late */
    g_autoptr(GError) revoked = NULL;
    g_assert_null(request_find_by_link(fixture->db, "aaa", NULL, &revoked));
    g_assert_error(revoked, STORE_ERROR, STORE_ERROR_NOT_FOUND);
    g_autoptr(Request) renewed = request_find_by_link(fixture->db, "bbb", NULL, NULL);
    g_assert_cmpuint(renewed->generation, ==, 2);
}

static void test_references(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture), other = fixture_request(fixture);
    gint64 letter_id = fixture_letter(fixture, id, 10);
    g_autoptr(Letter) letter = letter_find(fixture->db, letter_id, NULL);
    MessageArrival arrival = {.id = 3,
                              .office_id = OFFICE_ID,
                              .bytes = "a",
                              .length = 1,
                              .size = 1,
                              .digest = "d",
                              .received_at = MONDAY};
    gint64 message_id;
    bool is_new;
    g_assert_true(message_store(fixture->db, &arrival, &message_id, &is_new, NULL));
    Message message = {.id = 3, .request_id = other, .message_id = (char *)"theirs@x"};
    g_assert_true(message_mark_read(fixture->db, &message, NULL));

    g_autoptr(Request) by_letter =
        request_find_by_message_id(fixture->db, OFFICE_ID, letter->message_id, NULL);
    g_assert_cmpint(by_letter->id, ==, id);
    g_autoptr(Request) by_message =
        request_find_by_message_id(fixture->db, OFFICE_ID, "theirs@x", NULL);
    g_assert_cmpint(by_message->id, ==, other);
    g_assert_null(request_find_by_message_id(fixture->db, OFFICE_ID + 1, "theirs@x", NULL));

    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    g_ptr_array_add(ids, (char *)"unknown@x");
    g_ptr_array_add(ids, letter->message_id);
    g_ptr_array_add(ids, (char *)"theirs@x");
    g_autoptr(Request) first = request_find_by_references(fixture->db, OFFICE_ID, ids, NULL);
    g_assert_cmpint(first->id, ==, id);
    g_ptr_array_set_size(ids, 1);
    g_autoptr(GError) error = NULL;
    g_assert_null(request_find_by_references(fixture->db, OFFICE_ID, ids, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void test_code_and_sender(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture);
    g_autoptr(Request) request = request_find(fixture->db, id, NULL);
    g_autoptr(Request) same = request_find_by_code_and_sender(fixture->db, request->code,
                                                              " MARIO.rossi@Studio.example", NULL);
    g_assert_cmpint(same->id, ==, id);
    g_assert_null(request_find_by_code_and_sender(fixture->db, request->code, "else@where", NULL));
    g_assert_null(request_find_by_code_and_sender(fixture->db, request->code, NULL, NULL));
}

/* --- lists --- */

static guint hits(Fixture *fixture, const char *text)
{
    GError *error = NULL;
    g_autoptr(GPtrArray) found = request_search(fixture->db, OFFICE_ID, text, 50, &error);
    g_assert_no_error(error);
    return found->len;
}

static void test_search(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    wordy(fixture, "Niccolò Però", "perche@x", "Veranda 100% vetro", "SCIA 214/2026");
    wordy(fixture, "Lucia Bianchi", "lucia_b@x", "Tettoia", "CILA 99/2026");
    wordy(fixture, "Lucia Neri", "lucia-b@x", "Veranda \\ scala", NULL);
    static const struct {
        const char *text;
        guint hits;
    } rows[] = {
        {"veranda", 2},
        {"VERANDA", 2},
        {"niccolo", 1},
        {"NICCOLÒ però", 1},
        {"lucia veranda", 1},
        {"tettoia scala", 0},
        {"100%", 1},
        {"%", 1},
        {"lucia_b", 1},
        {"\\", 1},
        {"214/2026", 1},
        {"", 3},
        {"  lucia ,  bianchi ", 1},
        {"edi-", 3},
        {"lucia@", 0},
        {"'; DROP TABLE request", 0},
        {"lucia lucia lucia lucia lucia lucia nobody", 2}, /* the seventh word is not looked at */
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint found = hits(fixture, rows[i].text);
        if (found != rows[i].hits)
            g_error("\"%s\" finds %u, not %u", rows[i].text, found, rows[i].hits);
    }
    g_autoptr(GPtrArray) newest = request_search(fixture->db, OFFICE_ID, "veranda", 1, NULL);
    g_assert_cmpstr(((Request *)newest->pdata[0])->person_name, ==, "Lucia Neri");
}

static void test_desk_order(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 late = fixture_request(fixture), early = fixture_request(fixture);
    g_assert_true(
        request_wrote_again(fixture->db, late, false, MONDAY + 900, &fixture->citizen, NULL));
    g_assert_true(
        request_wrote_again(fixture->db, early, false, MONDAY + 100, &fixture->citizen, NULL));
    become(fixture, fixture_request(fixture), REQUEST_PHONE);
    g_autoptr(GPtrArray) list = request_list(fixture->db, OFFICE_ID, REQUEST_NEW, 9, NULL);
    g_assert_cmpuint(list->len, ==, 2);
    g_assert_cmpint(((Request *)list->pdata[0])->id, ==, early);
    g_autoptr(GPtrArray) one = request_list(fixture->db, OFFICE_ID, REQUEST_NEW, 1, NULL);
    g_assert_cmpuint(one->len, ==, 1);
}

static void test_same_practice_and_person(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 first = wordy(fixture, "A", "a@b", "uno", "SCIA 1/2026");
    gint64 second = wordy(fixture, "C", "c@d", "due", "SCIA 1/2026");
    g_autoptr(GPtrArray) others =
        request_list_on_practice(fixture->db, OFFICE_ID, "SCIA 1/2026", first, NULL);
    g_assert_cmpuint(others->len, ==, 1);
    g_assert_cmpint(((Request *)others->pdata[0])->id, ==, second);
    g_autoptr(Request) request = request_find(fixture->db, first, NULL);
    g_assert_true(request_set_person(fixture->db, second, request->person_id, NULL));
    g_autoptr(GPtrArray) theirs =
        request_list_for_person(fixture->db, OFFICE_ID, request->person_id, 9, NULL);
    g_assert_cmpuint(theirs->len, ==, 2);
}

static void test_counts(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 failed = fixture_request(fixture), over = fixture_request(fixture);
    g_assert_true(letter_mark_bounced(fixture->db, fixture_letter(fixture, failed, 1), "x", NULL));
    g_assert_true(letter_mark_bounced(fixture->db, fixture_letter(fixture, failed, 1), "x", NULL));
    g_assert_true(letter_mark_bounced(fixture->db, fixture_letter(fixture, over, 1), "x", NULL));
    fixture_letter(fixture, failed, 1);
    become(fixture, over, REQUEST_REFUSED);
    g_assert_true(request_set_to_read(fixture->db, failed, true, &fixture->officer, NULL));
    RequestCounts counts;
    g_assert_true(request_counts(fixture->db, OFFICE_ID, &counts, NULL));
    g_assert_cmpint(counts.by_state[REQUEST_NEW], ==, 1);
    g_assert_cmpint(counts.by_state[REQUEST_REFUSED], ==, 1);
    g_assert_cmpint(counts.by_state[REQUEST_BOOKED], ==, 0);
    g_assert_cmpint(counts.to_read, ==, 1);
    g_assert_cmpint(counts.undelivered, ==, 1);
    g_autoptr(GPtrArray) list = request_list_undelivered(fixture->db, OFFICE_ID, 9, NULL);
    g_assert_cmpuint(list->len, ==, 1);
    const Request *row = list->pdata[0];
    g_assert_cmpint(row->id, ==, failed);
    g_assert_cmpint(row->letters_failed, ==, 2);
    g_assert_cmpint(row->letters_waiting, ==, 1);
}

static void test_thread(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_request(fixture);
    gint64 withdrawn = fixture_letter(fixture, id, 100);
    gint64 letter = fixture_letter(fixture, id, 100); /* created at MONDAY + 1 */
    g_assert_true(letter_withdraw(fixture->db, withdrawn, 1, NULL));
    for (gint i = 0; i < 3; i++) {
        MessageArrival arrival = {.id = 10 + i,
                                  .office_id = OFFICE_ID,
                                  .bytes = "a",
                                  .length = 1,
                                  .size = 1,
                                  .received_at = MONDAY + i};
        g_autofree char *digest = g_strdup_printf("%d", i);
        arrival.digest = digest;
        gint64 message_id;
        bool is_new;
        g_assert_true(message_store(fixture->db, &arrival, &message_id, &is_new, NULL));
        g_assert_true(message_link(fixture->db, message_id, id, NULL));
    }
    g_autoptr(GPtrArray) thread = request_thread(fixture->db, id, NULL);
    g_assert_cmpuint(thread->len, ==, 4);
    static const gint64 messages[] = {10, 11, 0, 12};
    for (guint i = 0; i < 4; i++) {
        const ThreadEntry *entry = thread->pdata[i];
        g_assert_cmpint(entry->message != NULL ? entry->message->id : 0, ==, messages[i]);
    }
    const ThreadEntry *out = thread->pdata[2];
    g_assert_cmpint(out->letter->id, ==, letter);
    g_assert_cmpint(out->at, ==, MONDAY + 1);
    g_autoptr(Request) request = request_find(fixture->db, id, NULL);
    g_assert_cmpint(request->messages, ==, 3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(sentence, test) fixture_add("/store/request/" sentence, test)
    T("is_made_new_with_its_person", test_create);
    T("refuses_a_code_that_exists", test_code_exists);
    T("refuses_an_office_that_does_not_exist", test_foreign_keys);
    T("remembers_its_first_decision", test_first_decision);
    T("remembers_how_it_was_answered", test_how_it_was_answered);
    T("refuses_who_read_an_older_version", test_stale);
    T("asks_the_table_before_a_change", test_table_is_asked);
    T("is_closed_with_an_outcome_that_can_be_corrected", test_close_and_correct);
    T("keeps_how_it_was_answered_when_closed", test_close_keeps_how);
    T("becomes_new_when_the_citizen_writes_unless_booked", test_wrote_again);
    T("to_read_is_a_flag", test_to_read);
    T("keeps_what_a_correction_leaves_out", test_reading_keeps_null);
    T("is_audited", test_audit);
    T("is_found_by_its_newest_link_only", test_link);
    T("is_found_by_what_a_reply_refers_to", test_references);
    T("is_found_by_code_and_sender_together", test_code_and_sender);
    T("is_searched_without_wildcards_and_accents", test_search);
    T("is_listed_by_promise", test_desk_order);
    T("is_listed_with_others_on_practice_and_person", test_same_practice_and_person);
    T("is_counted", test_counts);
    T("has_a_thread_without_withdrawn_letters", test_thread);
    return g_test_run();
}
