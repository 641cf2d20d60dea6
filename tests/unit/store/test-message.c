#include "fixture.h"

#define MIB ((gsize)1048576)

/* Bytes that never repeat the same way, NULs and high ones included. */
static guint8 *noise(gsize length)
{
    guint8 *bytes = g_malloc(length);
    guint32 state = 12345;
    for (gsize i = 0; i < length; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (guint8)(state >> 24);
    }
    return bytes;
}

static gint64 store_read(Fixture *fixture, const void *bytes, gsize length,
                         const GPtrArray *attachments)
{
    g_autofree char *digest = message_digest(bytes, length);
    MessageArrival arrival = {.id = fixture_id(fixture),
                              .office_id = OFFICE_ID,
                              .bytes = bytes,
                              .length = length,
                              .size = (gint64)length,
                              .digest = digest,
                              .received_at = MONDAY,
                              .attachments = attachments};
    gint64 id = 0;
    bool is_new = false;
    GError *error = NULL;
    g_assert_true(message_store(fixture->db, &arrival, &id, &is_new, &error));
    g_assert_no_error(error);
    return id;
}

static gint64 store(Fixture *fixture, const void *bytes, gsize length)
{
    return store_read(fixture, bytes, length, NULL);
}

static void assert_raw(Fixture *fixture, gint64 id, const void *bytes, gsize length)
{
    g_autoptr(GBytes) raw = message_raw(fixture->db, id, NULL);
    g_assert_nonnull(raw);
    fixture_assert_bytes(raw, bytes, length);
}

typedef struct {
    gint64 offset, length;
} Range;

static GPtrArray *attachments_at(const Range *ranges, guint n)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < n; i++) {
        Attachment *attachment = g_new0(Attachment, 1);
        *attachment = (Attachment){.number = (gint)i + 1,
                                   .name = (char *)"pianta.pdf",
                                   .type = (char *)"application/pdf",
                                   .encoding = (char *)"base64",
                                   .size = 7,
                                   .offset = ranges[i].offset,
                                   .length = ranges[i].length};
        g_ptr_array_add(list, attachment);
    }
    return list;
}

static void mark_read(Fixture *fixture, gint64 id, const Range *ranges, guint n)
{
    g_autoptr(GPtrArray) list = attachments_at(ranges, n);
    Message message = {.id = id,
                       .kind = (char *)"request",
                       .message_id = (char *)"a@b",
                       .subject = (char *)"S",
                       .text = (char *)"ciao",
                       .read_at = MONDAY + 5,
                       .attachments = list};
    GError *error = NULL;
    g_assert_true(message_mark_read(fixture->db, &message, &error));
    g_assert_no_error(error);
}

static gint64 attachment_id(Fixture *fixture, gint64 message_id, guint index)
{
    g_autoptr(Message) message = message_find(fixture->db, message_id, NULL);
    g_assert_cmpuint(message->attachments->len, >, index);
    return ((Attachment *)message->attachments->pdata[index])->id;
}

static void assert_attachment(Fixture *fixture, gint64 id, const guint8 *bytes, gsize length)
{
    GError *error = NULL;
    g_autoptr(GBytes) raw = attachment_raw(fixture->db, id, &error);
    g_assert_no_error(error);
    fixture_assert_bytes(raw, bytes, length);
}

/* --- bytes --- */

static void test_byte_for_byte(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    static const gsize lengths[] = {0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 17};
    for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autofree guint8 *bytes = noise(lengths[i]);
        assert_raw(fixture, store(fixture, bytes, lengths[i]), bytes, lengths[i]);
    }
    g_assert_cmpint(fixture_number(fixture, "SELECT MAX(length(bytes)) FROM message_piece"), ==,
                    MIB);
}

static void test_split_keeps_bytes(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gsize length = 3 * MIB + 17;
    g_autofree guint8 *bytes = noise(length);
    gint64 id = store(fixture, bytes, length);
    /* within a piece; over two borders; to the end of the message */
    static const Range ranges[] = {{1000, 2000}, {5000, 2097152}, {3145728, 17}};
    mark_read(fixture, id, ranges, G_N_ELEMENTS(ranges));
    assert_raw(fixture, id, bytes, length);
    for (guint i = 0; i < G_N_ELEMENTS(ranges); i++)
        assert_attachment(fixture, attachment_id(fixture, id, i), bytes + ranges[i].offset,
                          (gsize)ranges[i].length);
}

static void test_cut_at_once(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gsize length = 2 * MIB + 17;
    g_autofree guint8 *bytes = noise(length);
    /* out of the message, over a border, inside the one before, to the end */
    static const Range ranges[] = {{-1, 5},    {1000, 2000},   {5000, MIB + 9},
                                   {6000, 10}, {2 * MIB, 100}, {3 * MIB, 7}};
    g_autoptr(GPtrArray) list = attachments_at(ranges, G_N_ELEMENTS(ranges));
    gint64 at_once = store_read(fixture, bytes, length, list);
    assert_raw(fixture, at_once, bytes, length);
    g_assert_cmpint(fixture_number(fixture, "SELECT COUNT(*) FROM message_piece"), ==, 7);
    mark_read(fixture, at_once, ranges, G_N_ELEMENTS(ranges));
    assert_raw(fixture, at_once, bytes, length);
    assert_attachment(fixture, attachment_id(fixture, at_once, 1), bytes + 1000, 2000);
    assert_attachment(fixture, attachment_id(fixture, at_once, 2), bytes + 5000, MIB + 9);
    assert_attachment(fixture, attachment_id(fixture, at_once, 3), bytes + 6000, 10);
    assert_attachment(fixture, attachment_id(fixture, at_once, 4), bytes + 2 * MIB, 17);
    assert_attachment(fixture, attachment_id(fixture, at_once, 5), bytes, 0);
}

static void test_erase(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gsize length = 2 * MIB + 1000;
    g_autofree guint8 *bytes = noise(length);
    gint64 id = store(fixture, bytes, length);
    static const Range ranges[] = {{500, 1048776}, {1049476, 1048576}};
    mark_read(fixture, id, ranges, G_N_ELEMENTS(ranges));
    gint64 first = attachment_id(fixture, id, 0), second = attachment_id(fixture, id, 1);
    g_assert_true(attachment_erase(fixture->db, first, MONDAY + 9, NULL));

    gsize gone = 1048776;
    g_autofree guint8 *rest = g_malloc(length);
    memcpy(rest, bytes, 500);
    memcpy(rest + 500, bytes + 500 + gone, length - 500 - gone);
    assert_raw(fixture, id, rest, length - gone);
    assert_attachment(fixture, first, NULL, 0);
    assert_attachment(fixture, second, bytes + 1049476, MIB);

    g_autoptr(Attachment) erased = attachment_find(fixture->db, first, NULL);
    g_autoptr(Attachment) kept = attachment_find(fixture->db, second, NULL);
    g_assert_cmpint(erased->erased_at, ==, MONDAY + 9);
    g_assert_cmpstr(erased->name, ==, "pianta.pdf");
    g_assert_cmpint(kept->erased_at, ==, 0);
    g_autoptr(Message) message = message_find(fixture->db, id, NULL);
    g_assert_cmpstr(message->text, ==, "ciao");
}

/* secure_delete: what is erased is not in the file any more. */
static void test_erased_bytes_are_overwritten(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *secret = g_strnfill(60000, 'Q');
    gint64 id = store(fixture, secret, 60000);
    static const Range range = {100, 59000};
    mark_read(fixture, id, &range, 1);
    g_assert_true(attachment_erase(fixture->db, attachment_id(fixture, id, 0), 1, NULL));
    db_checkpoint(fixture->db);
    g_autofree char *file = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(fixture->file, &file, &length, NULL));
    gsize count = 0;
    for (gsize i = 0; i < length; i++)
        count += file[i] == 'Q';
    g_assert_cmpuint(count, >=, 1000); /* what was not erased */
    g_assert_cmpuint(count, <, 2000);
}

static void test_nested(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree guint8 *bytes = noise(10000);
    gint64 id = store(fixture, bytes, 10000);
    static const Range ranges[] = {
        {1000, 5000}, {2000, 100}, {8000, 10}}; /* the second lies in the first */
    mark_read(fixture, id, ranges, G_N_ELEMENTS(ranges));
    gint64 outer = attachment_id(fixture, id, 0), inner = attachment_id(fixture, id, 1);
    assert_attachment(fixture, outer, bytes + 1000, 5000);
    assert_attachment(fixture, inner, bytes + 2000, 100);
    g_assert_true(attachment_erase(fixture->db, outer, 3, NULL));
    g_autoptr(Attachment) gone = attachment_find(fixture->db, inner, NULL);
    g_assert_cmpint(gone->erased_at, ==, 3);
    g_autoptr(Attachment) other = attachment_find(fixture->db, attachment_id(fixture, id, 2), NULL);
    g_assert_cmpint(other->erased_at, ==, 0);
}

static void test_outside(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree guint8 *bytes = noise(1000);
    gint64 id = store(fixture, bytes, 1000);
    static const Range ranges[] = {{1000, 50}, {900, 500}, {-5, 20}, {G_MAXINT64, G_MAXINT64}};
    mark_read(fixture, id, ranges, G_N_ELEMENTS(ranges));
    assert_attachment(fixture, attachment_id(fixture, id, 0), NULL, 0);
    assert_attachment(fixture, attachment_id(fixture, id, 1), bytes + 900, 100);
    assert_attachment(fixture, attachment_id(fixture, id, 2), NULL, 0);
    assert_attachment(fixture, attachment_id(fixture, id, 3), NULL, 0);
    assert_raw(fixture, id, bytes, 1000);
    g_assert_true(attachment_erase(fixture->db, attachment_id(fixture, id, 0), 1, NULL));
    assert_raw(fixture, id, bytes, 1000);
}

static bool stop_at_second(const guint8 *bytes G_GNUC_UNUSED, gsize length G_GNUC_UNUSED,
                           gpointer data)
{
    return ++*(guint *)data < 2;
}

static void test_stops(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree guint8 *bytes = noise(3 * MIB);
    gint64 id = store(fixture, bytes, 3 * MIB);
    guint pieces = 0;
    GError *error = NULL;
    g_assert_true(message_each_piece(fixture->db, id, stop_at_second, &pieces, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(pieces, ==, 2);
}

/* --- rows --- */

static void test_same_message_once(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 first = store(fixture, "Subject: a\n\nb", 13);
    MessageArrival again = {.id = fixture_id(fixture),
                            .office_id = OFFICE_ID,
                            .bytes = "Subject: a\n\nb",
                            .length = 13,
                            .size = 13,
                            .received_at = MONDAY + 60};
    g_autofree char *digest = message_digest("Subject: a\n\nb", 13);
    again.digest = digest;
    gint64 id = 0;
    bool is_new = true;
    g_assert_true(message_store(fixture->db, &again, &id, &is_new, NULL));
    g_assert_false(is_new);
    g_assert_cmpint(id, ==, first);
    assert_raw(fixture, id, "Subject: a\n\nb", 13);
}

static void test_digest(void)
{
    g_autofree char *digest = message_digest("abc", 3); /* FIPS 180-4, example */
    g_assert_cmpstr(digest, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    g_autofree char *empty = message_digest(NULL, 0);
    g_assert_cmpstr(empty, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_waiting(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 first = store(fixture, "a", 1), second = store(fixture, "b", 1);
    gint64 third = store(fixture, "c", 1);
    mark_read(fixture, second, NULL, 0);
    g_autoptr(GArray) waiting = message_waiting(fixture->db, 10, NULL);
    g_assert_cmpuint(waiting->len, ==, 2);
    g_assert_cmpint(g_array_index(waiting, gint64, 0), ==, first);
    g_assert_cmpint(g_array_index(waiting, gint64, 1), ==, third);
    Message unreadable = {.id = first, .reason = (char *)"unreadable", .read_at = 1};
    g_assert_true(message_mark_failed(fixture->db, &unreadable, NULL));
    g_autoptr(GArray) left = message_waiting(fixture->db, 10, NULL);
    g_assert_cmpuint(left->len, ==, 1);
    g_autoptr(Message) failed = message_find(fixture->db, first, NULL);
    g_assert_cmpint(failed->state, ==, MESSAGE_FAILED);
}

static void test_read_fields(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 request_id = fixture_request(fixture);
    gint64 id = store(fixture, "a", 1);
    Message message = {.id = id,
                       .request_id = request_id,
                       .kind = (char *)"request",
                       .message_id = (char *)"x@y",
                       .in_reply_to = (char *)"w@y",
                       .from_name = (char *)"Mario",
                       .from_email = (char *)"m@r",
                       .subject = (char *)"Oggetto",
                       .text = (char *)"testo",
                       .read_at = 77};
    g_assert_true(message_mark_read(fixture->db, &message, NULL));
    g_autoptr(Message) found = message_find_by_header(fixture->db, OFFICE_ID, "x@y", NULL);
    g_assert_cmpint(found->id, ==, id);
    g_assert_cmpint(found->state, ==, MESSAGE_READ);
    g_assert_cmpint(found->direction, ==, MESSAGE_IN);
    g_assert_cmpstr(found->in_reply_to, ==, "w@y");
    g_assert_cmpstr(found->from_name, ==, "Mario");
    g_assert_cmpstr(found->from_email, ==, "m@r");
    g_assert_cmpstr(found->subject, ==, "Oggetto");
    g_assert_cmpstr(found->text, ==, "testo");
    g_assert_cmpint(found->read_at, ==, 77);
    g_assert_nonnull(found->request_code);
    g_assert_null(message_find_by_header(fixture->db, OFFICE_ID + 1, "x@y", NULL));
}

static void test_other_mail(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = store(fixture, "a", 1);
    Message bulk = {.id = id, .kind = (char *)"bulk", .reason = (char *)"bulk", .read_at = 1};
    g_assert_true(message_mark_read(fixture->db, &bulk, NULL));
    g_assert_cmpint(message_count_other(fixture->db, OFFICE_ID, NULL), ==, 1);
    g_autoptr(GPtrArray) others = message_list_other(fixture->db, OFFICE_ID, G_MAXINT64, 10, NULL);
    g_assert_cmpuint(others->len, ==, 1);
    g_autoptr(GPtrArray) before = message_list_other(fixture->db, OFFICE_ID, MONDAY, 10, NULL);
    g_assert_cmpuint(before->len, ==, 0);
    g_assert_true(message_link(fixture->db, id, fixture_request(fixture), NULL));
    g_assert_cmpint(message_count_other(fixture->db, OFFICE_ID, NULL), ==, 0);
    g_autoptr(Message) linked = message_find(fixture->db, id, NULL);
    g_assert_null(linked->reason);
    g_assert_cmpint(linked->request_id, >, 0);
}

static void test_request_lists(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 request_id = fixture_request(fixture);
    g_autofree guint8 *bytes = noise(100);
    gint64 id = store(fixture, bytes, 100);
    static const Range ranges[] = {{10, 20}, {40, 20}};
    mark_read(fixture, id, ranges, 2);
    g_assert_true(message_link(fixture->db, id, request_id, NULL));
    g_autoptr(GPtrArray) messages = message_list_for_request(fixture->db, request_id, NULL);
    g_assert_cmpuint(messages->len, ==, 1);
    g_assert_cmpuint(((Message *)messages->pdata[0])->attachments->len, ==, 2);
    g_autoptr(GPtrArray) attachments = attachment_list_for_request(fixture->db, request_id, NULL);
    g_assert_cmpuint(attachments->len, ==, 2);
    const Attachment *second = attachments->pdata[1];
    g_assert_cmpint(second->number, ==, 2);
    g_assert_cmpint(second->request_id, ==, request_id);
    g_assert_cmpint(second->office_id, ==, OFFICE_ID);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(sentence, test) fixture_add("/store/message/" sentence, test)
    T("comes_back_byte_for_byte", test_byte_for_byte);
    T("keeps_its_bytes_when_attachments_are_cut_out", test_split_keeps_bytes);
    T("is_cut_at_once_when_its_attachments_are_known", test_cut_at_once);
    T("loses_the_bytes_of_an_erased_attachment_alone", test_erase);
    T("erased_bytes_are_overwritten_in_the_file", test_erased_bytes_are_overwritten);
    T("erases_what_lies_in_an_attachment_with_it", test_nested);
    T("records_attachments_outside_the_kept_bytes", test_outside);
    T("stops_when_told", test_stops);
    T("is_stored_once", test_same_message_once);
    g_test_add_func("/store/message/digest_is_sha_256", test_digest);
    T("waits_in_order_until_it_is_read", test_waiting);
    T("holds_what_was_read_in_it", test_read_fields);
    T("that_made_no_request_is_listed_with_its_reason", test_other_mail);
    T("is_listed_with_its_attachments", test_request_lists);
    return g_test_run();
}
