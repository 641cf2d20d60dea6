/* What officers say of proposals: the last answer counts, each is audited, none names a value. */
#include "fixture.h"
#include "store/verdict.h"

static void say(Fixture *fixture, gint64 request_id, gint64 officer_id, const char *kind,
                const char *value, VerdictAnswer answer)
{
    g_autoptr(GError) error = NULL;
    const Actor actor = {ACTOR_OFFICER, officer_id, MONDAY, NULL};
    g_assert_true(verdict_put(fixture->db, request_id, kind, value, answer, &actor, &error));
    g_assert_no_error(error);
}

/* "confirmed:kind:value" of each row, in the order they were first said. */
static char *said(Fixture *fixture, gint64 request_id)
{
    g_autoptr(GPtrArray) list = verdict_list(fixture->db, request_id, NULL);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++) {
        const Verdict *one = g_ptr_array_index(list, i);
        g_string_append_printf(out, "%s%s:%s:%s", i ? " | " : "", verdict_name(one->answer),
                               one->kind, one->value);
    }
    return g_string_free(out, FALSE);
}

static void assert_said(Fixture *fixture, gint64 request_id, const char *expected)
{
    g_autofree char *found = said(fixture, request_id);
    g_assert_cmpstr(found, ==, expected);
}

/* "action/detail" of the audit's rows about proposals. */
static char *audited(Fixture *fixture, gint64 request_id)
{
    g_autoptr(GPtrArray) entries = audit_list_for_request(fixture->db, request_id, NULL);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < entries->len; i++) {
        const AuditEntry *entry = g_ptr_array_index(entries, i);
        if (g_str_has_prefix(entry->action, "proposal_"))
            g_string_append_printf(out, "%s%s/%s", out->len ? " " : "", entry->action,
                                   entry->detail);
    }
    return g_string_free(out, FALSE);
}

static void test_last_wins(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    const gint64 id = fixture_request(fixture);
    say(fixture, id, fixture->officer_id, "phone", "+393475550123", VERDICT_CONFIRMED);
    say(fixture, id, fixture->officer_id, "wish", "2026-11-24 10:00-", VERDICT_CONFIRMED);
    say(fixture, id, fixture->other_officer_id, "phone", "+393475550123", VERDICT_REJECTED);
    assert_said(fixture, id, "rejected:phone:+393475550123 | confirmed:wish:2026-11-24 10:00-");
    g_autoptr(GPtrArray) list = verdict_list(fixture->db, id, NULL);
    const Verdict *phone = g_ptr_array_index(list, 0);
    g_assert_cmpint(phone->officer_id, ==, fixture->other_officer_id);
    g_assert_cmpint(phone->at, ==, MONDAY);
    g_assert_cmpint(verdict_of(list, "phone", "+393475550123"), ==, VERDICT_REJECTED);
    g_assert_cmpint(verdict_of(list, "phone", "+393475550199"), ==, VERDICT_OPEN);
    g_assert_cmpint(verdict_of(list, "practice", "+393475550123"), ==, VERDICT_OPEN);
    g_assert_cmpint(verdict_of(NULL, "phone", "+393475550123"), ==, VERDICT_OPEN);
}

static void test_taken_back(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    const gint64 id = fixture_request(fixture);
    say(fixture, id, fixture->officer_id, "practice", "SCIA 214/2026", VERDICT_REJECTED);
    say(fixture, id, fixture->officer_id, "practice", "SCIA 214/2026", VERDICT_OPEN);
    assert_said(fixture, id, "");
    g_autofree char *lines = audited(fixture, id);
    g_assert_cmpstr(lines, ==, "proposal_rejected/practice proposal_reopened/practice");
}

static void test_audit_names_no_value(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    const gint64 id = fixture_request(fixture);
    say(fixture, id, fixture->officer_id, "phone", "+393475550123", VERDICT_CONFIRMED);
    say(fixture, id, fixture->other_officer_id, "phone", "+393475550123", VERDICT_CONFIRMED);
    g_autofree char *lines = audited(fixture, id);
    g_assert_cmpstr(lines, ==, "proposal_confirmed/phone proposal_confirmed/phone");
    g_assert_cmpint(
        fixture_number(fixture, "SELECT count(*) FROM audit WHERE detail LIKE '%5550123%'"), ==, 0);
}

static void test_each_request_for_itself(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    const gint64 id = fixture_request(fixture), other = fixture_request(fixture);
    say(fixture, id, fixture->officer_id, "topic", "condono", VERDICT_CONFIRMED);
    assert_said(fixture, other, "");
    say(fixture, id, fixture->officer_id, "wish", "2026-11-24 -", VERDICT_REJECTED);
    g_assert_true(verdict_forget(fixture->db, id, "wish", NULL));
    assert_said(fixture, id, "confirmed:topic:condono");
}

static void test_unknown_request(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(verdict_put(fixture->db, 7777, "topic", "condono", VERDICT_CONFIRMED,
                               &fixture->officer, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void test_words(void)
{
    VerdictAnswer answer;
    g_assert_true(verdict_parse("rejected", &answer));
    g_assert_cmpint(answer, ==, VERDICT_REJECTED);
    g_assert_true(verdict_parse("open", &answer));
    g_assert_cmpint(answer, ==, VERDICT_OPEN);
    g_assert_false(verdict_parse("", &answer));
    g_assert_false(verdict_parse(NULL, &answer));
    g_assert_false(verdict_parse("Confirmed", &answer));
}

/* What a confirmed or rejected practice does to its request. */
static void test_practice(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    const gint64 id = fixture_request(fixture);
    g_assert_true(request_set_practice(fixture->db, id, "PdC 41/2026", NULL));
    g_autoptr(Request) with = request_find(fixture->db, id, NULL);
    g_assert_cmpstr(with->practice, ==, "PdC 41/2026");
    g_autoptr(GPtrArray) found = request_search(fixture->db, OFFICE_ID, "pdc 41/2026", 5, NULL);
    g_assert_cmpuint(found->len, ==, 1);
    g_assert_true(request_set_practice(fixture->db, id, NULL, NULL));
    g_autoptr(Request) without = request_find(fixture->db, id, NULL);
    g_assert_null(without->practice);
    g_assert_cmpint(without->version, ==, with->version + 1);
    g_autoptr(GPtrArray) none = request_search(fixture->db, OFFICE_ID, "pdc 41/2026", 5, NULL);
    g_assert_cmpuint(none->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fixture_add("/store/verdict/the_last_answer_wins", test_last_wins);
    fixture_add("/store/verdict/an_answer_can_be_taken_back", test_taken_back);
    fixture_add("/store/verdict/the_audit_names_no_value", test_audit_names_no_value);
    fixture_add("/store/verdict/each_request_has_its_own", test_each_request_for_itself);
    fixture_add("/store/verdict/an_unknown_request_is_not_found", test_unknown_request);
    g_test_add_func("/store/verdict/words_are_parsed_exactly", test_words);
    fixture_add("/store/verdict/a_practice_is_set_and_removed_with_the_words_to_find_it",
                test_practice);
    return g_test_run();
}
