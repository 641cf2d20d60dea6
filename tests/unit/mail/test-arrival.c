/* test-arrival.c - bytes become a row: the same bytes, once, and not more of them than is allowed.
 */
#include "installation.h"
#include "mail/arrival.h"
#include "mail/fingerprint.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static Arrival *new_arrival(Installation *installation)
{
    g_autoptr(GError) error = NULL;
    Arrival *arrival =
        arrival_new(installation->config.max_message, installation->config.upload_folder, &error);
    g_assert_no_error(error);
    return arrival;
}

static gint64 store(Installation *installation, Arrival *arrival, bool *is_new)
{
    gint64 id;
    g_autoptr(GError) error = NULL;
    arrival_store(arrival, installation->store, installation->office.id, 4711, &id, is_new, &error);
    g_assert_no_error(error);
    return id;
}

static char *pattern(gsize length)
{
    char *bytes = g_malloc(length + 1);
    for (gsize i = 0; i < length; i++)
        bytes[i] = (char)('a' + (i * 31 + i / 77) % 26);
    bytes[length] = '\0';
    return bytes;
}

static void stores_the_bytes_as_they_came(Installation *installation, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Arrival) arrival = new_arrival(installation);
    g_assert_true(arrival_feed(arrival, "Subject: a\r\n", 12, NULL));
    g_assert_true(arrival_feed(arrival, "\r\n\0x", 4, NULL));
    g_assert_cmpint(arrival_size(arrival), ==, 16);
    bool is_new;
    gint64 id = store(installation, arrival, &is_new);
    g_assert_true(is_new);
    gsize length;
    g_autofree char *raw = installation_raw(installation, id, &length);
    g_assert_cmpuint(length, ==, 16);
    g_assert_cmpint(memcmp(raw, "Subject: a\r\n\r\n\0x", 16), ==, 0);
    g_autoptr(Message) message = installation_message(installation, id);
    g_assert_cmpint(message->state, ==, MESSAGE_STORED);
    g_assert_cmpint(message->received_at, ==, 4711);
    g_assert_false(message->truncated);
}

static void the_same_bytes_twice_are_one_row(Installation *installation, gconstpointer unused)
{
    (void)unused;
    gint64 ids[2];
    bool is_new[2];
    for (guint i = 0; i < 2; i++) {
        g_autoptr(Arrival) arrival = new_arrival(installation);
        g_assert_true(arrival_feed(arrival, "ciao", 4, NULL));
        ids[i] = store(installation, arrival, &is_new[i]);
    }
    g_assert_cmpint(ids[0], ==, ids[1]);
    g_assert_true(is_new[0]);
    g_assert_false(is_new[1]);
}

static void large_ones_go_through_a_file_that_leaves_nothing(Installation *installation,
                                                             gconstpointer unused)
{
    (void)unused;
    gsize length = 3 * 1024 * 1024 + 5, stored;
    g_autofree char *bytes = pattern(length);
    gint64 id;
    bool is_new;
    {
        g_autoptr(Arrival) arrival = new_arrival(installation);
        for (gsize done = 0; done < length; done += 4099)
            g_assert_true(arrival_feed(arrival, bytes + done, MIN(4099, length - done), NULL));
        id = store(installation, arrival, &is_new);
    }
    g_autofree char *raw = installation_raw(installation, id, &stored);
    g_assert_cmpuint(stored, ==, length);
    g_assert_cmpint(memcmp(raw, bytes, length), ==, 0);
    g_autoptr(GDir) folder = g_dir_open(installation->config.upload_folder, 0, NULL);
    g_assert_cmpstr(g_dir_read_name(folder), ==, NULL);
}

static void too_large_ones_keep_headers_and_the_first_mebibyte(Installation *installation,
                                                               gconstpointer unused)
{
    (void)unused;
    static const char headers[] = "From: a@b.example\r\nSubject: grande\r\n\r\n";
    gsize body = 6 * 1024 * 1024, stored;
    g_autofree char *bytes = pattern(body);
    g_autoptr(Arrival) arrival = new_arrival(installation);
    g_assert_true(arrival_feed(arrival, headers, strlen(headers), NULL));
    g_assert_true(arrival_feed(arrival, bytes, body, NULL));
    bool is_new;
    gint64 id = store(installation, arrival, &is_new);
    g_autofree char *raw = installation_raw(installation, id, &stored);
    g_assert_cmpuint(stored, ==, strlen(headers) + 1024 * 1024);
    g_assert_true(g_str_has_prefix(raw, headers));
    g_assert_cmpint(memcmp(raw + strlen(headers), bytes, 1024 * 1024), ==, 0);
    g_autoptr(Message) message = installation_message(installation, id);
    g_assert_true(message->truncated);
    g_assert_cmpint(message->size, ==, (gint64)(body + strlen(headers)));
    /* what was not kept counts for the digest all the same */
    g_autofree char *whole = g_strconcat(headers, bytes, NULL);
    g_autoptr(Fingerprint) digest = fingerprint_new();
    fingerprint_feed(digest, whole, strlen(whole));
    g_assert_cmpstr(message->digest, ==, fingerprint_text(digest));
}

static void reads_to_the_end_of_a_descriptor(Installation *installation, gconstpointer unused)
{
    (void)unused;
    g_autofree char *file = g_build_filename(installation->folder, "m", NULL);
    g_autofree char *bytes = pattern(200000);
    g_assert_true(g_file_set_contents(file, bytes, 200000, NULL));
    int fd = open(file, O_RDONLY);
    g_autoptr(Arrival) arrival = new_arrival(installation);
    g_assert_true(arrival_feed_fd(arrival, fd, NULL));
    close(fd);
    g_assert_cmpint(arrival_size(arrival), ==, 200000);
}

static void says_when_there_is_no_room_for_the_file(Installation *installation,
                                                    gconstpointer unused)
{
    (void)unused;
    g_autofree char *no_folder = g_build_filename(installation->folder, "sportello.db", "x", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(arrival_new(1000, no_folder, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    installation_add("/mail/arrival/stores_the_bytes_as_they_came", stores_the_bytes_as_they_came);
    installation_add("/mail/arrival/the_same_bytes_twice_are_one_row",
                     the_same_bytes_twice_are_one_row);
    installation_add("/mail/arrival/large_ones_go_through_a_file_that_leaves_nothing",
                     large_ones_go_through_a_file_that_leaves_nothing);
    installation_add("/mail/arrival/too_large_ones_keep_headers_and_the_first_mebibyte",
                     too_large_ones_keep_headers_and_the_first_mebibyte);
    installation_add("/mail/arrival/reads_to_the_end_of_a_descriptor",
                     reads_to_the_end_of_a_descriptor);
    installation_add("/mail/arrival/says_when_there_is_no_room_for_the_file",
                     says_when_there_is_no_room_for_the_file);
    return g_test_run();
}
