/* test-mailbox.c - how far a mailbox has been read. */
#include "fixture.h"
#include "store/mailbox.h"

static void the_first_contact_stays_the_first(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_true(mailbox_place_begin(fixture->db, "edilizia", 100, NULL));
    g_assert_true(mailbox_place_begin(fixture->db, "edilizia", 200, NULL));
    g_autoptr(MailboxPlace) place = mailbox_place_find(fixture->db, "edilizia", NULL);
    g_assert_cmpstr(place->name, ==, "edilizia");
    g_assert_cmpint(place->first_seen_at, ==, 100);
    g_assert_cmpint(place->uid_validity, ==, 0);
    g_assert_cmpint(place->next_uid, ==, 0);
}

static void what_is_saved_is_found(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_true(mailbox_place_begin(fixture->db, "edilizia", 100, NULL));
    g_assert_true(mailbox_place_begin(fixture->db, "pec", 300, NULL));
    const MailboxPlace saved = {(char *)"edilizia", G_MAXUINT32, 4294967295, 7};
    g_assert_true(mailbox_place_save(fixture->db, &saved, NULL));
    g_autoptr(MailboxPlace) place = mailbox_place_find(fixture->db, "edilizia", NULL);
    g_autoptr(MailboxPlace) other = mailbox_place_find(fixture->db, "pec", NULL);
    g_assert_cmpint(place->uid_validity, ==, G_MAXUINT32);
    g_assert_cmpint(place->next_uid, ==, 4294967295);
    g_assert_cmpint(place->first_seen_at, ==, 100);
    g_assert_cmpint(other->next_uid, ==, 0);
}

static void nothing_is_saved_of_one_never_seen(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    const MailboxPlace place = {(char *)"ignota", 1, 2, 3};
    g_autoptr(GError) error = NULL;
    g_assert_false(mailbox_place_save(fixture->db, &place, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fixture_add("/store/mailbox/the_first_contact_stays_the_first",
                the_first_contact_stays_the_first);
    fixture_add("/store/mailbox/what_is_saved_is_found", what_is_saved_is_found);
    fixture_add("/store/mailbox/nothing_is_saved_of_one_never_seen",
                nothing_is_saved_of_one_never_seen);
    return g_test_run();
}
