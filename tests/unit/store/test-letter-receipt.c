#include "fixture.h"
#include "store/letter_receipt.h"

static void put(Fixture *fixture, gint64 letter_id, const char *type, const char *recipient,
                gint64 at, bool expected)
{
    const LetterReceipt receipt = {
        .letter_id = letter_id, .type = (char *)type, .recipient = (char *)recipient, .at = at};
    bool is_new = !expected;
    g_assert_true(letter_receipt_put(fixture->db, &receipt, &is_new, NULL));
    g_assert_cmpint(is_new, ==, expected);
}

static void test_once(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 request_id = fixture_request(fixture);
    gint64 letter_id = fixture_letter(fixture, request_id, 10);
    put(fixture, letter_id, "avvenuta-consegna", "a@b.example", 30, true);
    put(fixture, letter_id, "accettazione", NULL, 20, true);
    put(fixture, letter_id, "accettazione", "", 40, false);
    put(fixture, letter_id, "avvenuta-consegna", "c@d.example", 25, true);
    put(fixture, letter_id, "avvenuta-consegna", "a@b.example", 31, false);
    g_autoptr(GPtrArray) list = letter_receipt_list_for_request(fixture->db, request_id, NULL);
    g_assert_cmpuint(list->len, ==, 3);
    const LetterReceipt *first = list->pdata[0], *last = list->pdata[2];
    g_assert_cmpstr(first->type, ==, "accettazione");
    g_assert_cmpstr(first->recipient, ==, "");
    g_assert_cmpstr(first->detail, ==, "");
    g_assert_cmpint(first->message_id, ==, 0);
    g_assert_cmpint(first->at, ==, 20);
    g_assert_cmpstr(last->recipient, ==, "a@b.example");
    g_assert_cmpint(last->at, ==, 30);
}

static void test_of_the_request(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 one = fixture_request(fixture), other = fixture_request(fixture);
    put(fixture, fixture_letter(fixture, one, 10), "failed", "a@b.example", 5, true);
    put(fixture, fixture_letter(fixture, one, 10), "failed", "a@b.example", 6, true);
    g_autoptr(GPtrArray) list = letter_receipt_list_for_request(fixture->db, one, NULL);
    g_assert_cmpuint(list->len, ==, 2);
    g_autoptr(GPtrArray) none = letter_receipt_list_for_request(fixture->db, other, NULL);
    g_assert_cmpuint(none->len, ==, 0);
}

static void test_no_letter(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    const LetterReceipt receipt = {.letter_id = 77, .type = (char *)"failed", .at = 5};
    g_autoptr(GError) error = NULL;
    g_assert_false(letter_receipt_put(fixture->db, &receipt, NULL, &error));
    g_assert_nonnull(error);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fixture_add("/store/letter_receipt/says_each_thing_once_in_order", test_once);
    fixture_add("/store/letter_receipt/belongs_to_the_letters_of_a_request", test_of_the_request);
    fixture_add("/store/letter_receipt/needs_its_letter", test_no_letter);
    return g_test_run();
}
