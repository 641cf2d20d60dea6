/* test-maildir.c - folders of files: whole ones in new/, each name once.
 */
#include "installation.h"
#include "mail/maildir.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

static GBytes *words(const char *text)
{
    return g_bytes_new(text, strlen(text));
}

static void write_letter(Installation *installation, const char *name, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = words(text);
    maildir_write(installation->config.outgoing, name, bytes, &error);
    g_assert_no_error(error);
}

static void makes_its_three_folders(Installation *installation, gconstpointer unused)
{
    (void)unused;
    static const char *const parts[] = {"tmp", "new", "cur"};
    for (guint twice = 0; twice < 2; twice++)
        g_assert_true(maildir_make(installation->config.outgoing, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *path = g_build_filename(installation->config.outgoing, parts[i], NULL);
        struct stat about;
        g_assert_cmpint(stat(path, &about), ==, 0);
        g_assert_cmpint(about.st_mode & 0777, ==, 0700);
    }
}

static void writes_a_whole_file_and_leaves_no_draft(Installation *installation,
                                                    gconstpointer unused)
{
    (void)unused;
    g_assert_true(maildir_make(installation->config.outgoing, NULL));
    write_letter(installation, "1.L1", "ciao");
    g_autofree char *path = g_build_filename(installation->config.outgoing, "new", "1.L1", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "ciao");
    g_autoptr(GPtrArray) drafts = installation_files(installation->config.outgoing, "tmp");
    g_assert_cmpuint(drafts->len, ==, 0);
}

static void the_same_name_twice_is_one_file(Installation *installation, gconstpointer unused)
{
    (void)unused;
    const char *folder = installation->config.outgoing;
    g_assert_true(maildir_make(folder, NULL));
    write_letter(installation, "1.L1", "ciao");
    write_letter(installation, "1.L1", "ciao");
    g_assert_true(maildir_done(folder, "1.L1", NULL));
    write_letter(installation, "1.L1", "ciao"); /* somebody has read it meanwhile */
    g_autoptr(GPtrArray) fresh = installation_files(folder, "new");
    g_assert_cmpuint(fresh->len, ==, 0);
    g_autoptr(GPtrArray) seen = installation_files(folder, "cur");
    g_assert_cmpuint(seen->len, ==, 1);
    g_assert_cmpstr(g_ptr_array_index(seen, 0), ==, "1.L1:2,S");
    write_letter(installation, "1.L", "altro"); /* a beginning of a name is another name */
    g_autoptr(GPtrArray) now = installation_files(folder, "new");
    g_assert_cmpuint(now->len, ==, 1);
}

static void lists_the_oldest_first(Installation *installation, gconstpointer unused)
{
    (void)unused;
    const char *folder = installation->config.outgoing;
    g_assert_true(maildir_make(folder, NULL));
    static const char *const names[] = {"c", "a", "b", ".hidden"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, "new", names[i], NULL);
        g_assert_true(g_file_set_contents(path, "x", 1, NULL));
        struct utimbuf times = {100 + (time_t)i, 100 + (time_t)i};
        utime(path, &times);
    }
    g_autofree char *inner = g_build_filename(folder, "new", "folder", NULL);
    g_assert_cmpint(g_mkdir(inner, 0700), ==, 0);
    g_autoptr(GPtrArray) two = maildir_list_new(folder, 2, NULL);
    g_assert_cmpuint(two->len, ==, 2);
    g_assert_cmpstr(g_ptr_array_index(two, 0), ==, "c");
    g_assert_cmpstr(g_ptr_array_index(two, 1), ==, "a");
    g_autoptr(GPtrArray) all = maildir_list_new(folder, 100, NULL);
    g_assert_cmpuint(all->len, ==, 3);
}

static void removes_drafts_of_the_dead(Installation *installation, gconstpointer unused)
{
    (void)unused;
    const char *folder = installation->config.outgoing;
    const gint64 now = 1800000000, hour = 3600;
    g_assert_cmpuint(maildir_sweep(folder, now), ==, 0); /* never made */
    g_assert_true(maildir_make(folder, NULL));
    static const struct {
        const char *part, *name;
        gint64 read_h, changed_h; /* ago */
    } files[] = {{"tmp", "stale", 37, 40},     {"tmp", "being-written", 40, 1},
                 {"tmp", "being-read", 1, 40}, {"tmp", "young", 35, 35},
                 {"new", "old", 100, 100},     {"cur", "old:2,S", 100, 100}};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(folder, files[i].part, files[i].name, NULL);
        g_assert_true(g_file_set_contents(path, "x", 1, NULL));
        struct utimbuf times = {(time_t)(now - files[i].read_h * hour),
                                (time_t)(now - files[i].changed_h * hour)};
        utime(path, &times);
    }
    g_assert_cmpuint(maildir_sweep(folder, now), ==, 1);
    g_autoptr(GPtrArray) drafts = installation_files(folder, "tmp");
    g_assert_cmpuint(drafts->len, ==, 3);
    for (guint i = 0; i < drafts->len; i++)
        g_assert_cmpstr(g_ptr_array_index(drafts, i), !=, "stale");
    g_autoptr(GPtrArray) fresh = installation_files(folder, "new");
    g_autoptr(GPtrArray) seen = installation_files(folder, "cur");
    g_assert_cmpuint(fresh->len + seen->len, ==, 2);
    g_assert_cmpuint(maildir_sweep(folder, 0), ==, 0); /* a clock that was set back */
}

static void says_what_is_wrong(Installation *installation, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = words("x");
    g_assert_false(
        maildir_write(installation->config.outgoing, "1", bytes, &error)); /* never made */
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_autoptr(GError) unread = NULL;
    g_assert_null(maildir_list_new(installation->config.outgoing, 1, &unread));
    g_assert_error(unread, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    installation_add("/mail/maildir/makes_its_three_folders", makes_its_three_folders);
    installation_add("/mail/maildir/writes_a_whole_file_and_leaves_no_draft",
                     writes_a_whole_file_and_leaves_no_draft);
    installation_add("/mail/maildir/the_same_name_twice_is_one_file",
                     the_same_name_twice_is_one_file);
    installation_add("/mail/maildir/lists_the_oldest_first", lists_the_oldest_first);
    installation_add("/mail/maildir/removes_drafts_of_the_dead", removes_drafts_of_the_dead);
    installation_add("/mail/maildir/says_what_is_wrong", says_what_is_wrong);
    return g_test_run();
}
