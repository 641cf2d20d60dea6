/* test-log.c - what reaches the operator's log. Each case logs in a process of its own, since GLib
 * takes one writer for the life of a process.
 */
#include "base/log.h"

#include <string.h>

enum { THREADS = 4, LINES = 500 };
#define TIME_PATTERN "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z "

/* What the child wrote to stderr; each line must begin with a time, which is taken away. */
static char *logged_by(const char *child)
{
    g_autofree char *output = NULL, *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *path = g_strconcat("/base/log/child/", child, NULL);
    char *command[] = {program, (char *)"-p", path, (char *)"--tap", NULL};
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "LOG_CHILD", "1", TRUE);
    gint status = 0;
    g_assert_true(g_spawn_sync(NULL, command, environment, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                               NULL, &output, &status, &error));
    g_assert_cmpint(status, ==, 0);

    GString *lines = g_string_new(NULL);
    g_auto(GStrv) raw = g_strsplit(output, "\n", -1);
    for (GStrv line = raw; *line; line++) {
        if (!**line)
            continue;
        g_assert_true(g_regex_match_simple(TIME_PATTERN, *line, 0, 0));
        g_string_append_printf(lines, "%s\n", strchr(*line, ' ') + 1);
    }
    return g_string_free(lines, FALSE);
}

static void assert_logged(const char *child, const char *expected)
{
    g_autofree char *lines = logged_by(child);
    g_assert_cmpstr(lines, ==, expected);
}

static void log_each_level(gconstpointer level)
{
    g_assert_true(log_open(level));
    g_debug("event=d");
    g_info("event=i");
    g_message("event=m");
    g_warning("event=w");
    g_critical("event=c");
}

static void info_has_everything_but_debug(void)
{
    assert_logged("info", "level=info event=i\nlevel=info event=m\n"
                          "level=warning event=w\nlevel=error event=c\n");
}

static void error_has_errors_alone(void)
{
    assert_logged("error", "level=error event=c\n");
}

static void debug_has_everything(void)
{
    assert_logged("debug", "level=debug event=d\nlevel=info event=i\nlevel=info event=m\n"
                           "level=warning event=w\nlevel=error event=c\n");
}

static void log_hostile(void)
{
    g_assert_true(log_open("info"));
    g_message("file=a\nlevel=error x=\x1b[2J \x7f \xff \u2028 perché=sì");
}

static void a_message_cannot_make_lines_of_its_own(void)
{
    assert_logged("hostile", "level=info file=a?level=error x=?[2J ? \uFFFD ? perché=sì\n");
}

static gpointer log_lines(gpointer data)
{
    for (guint i = 0; i < LINES; i++)
        g_message("event=same text=%s", (const char *)data);
    return NULL;
}

static void log_from_threads(void)
{
    char text[] = "0123456789012345678901234567890123456789";
    GThread *threads[THREADS];
    g_assert_true(log_open("info"));
    for (guint i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("log", log_lines, text);
    for (guint i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
}

static void threads_do_not_mix_their_lines(void)
{
    g_autofree char *output = logged_by("threads");
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    guint n_lines = 0;
    for (GStrv line = lines; **line; line++, n_lines++)
        g_assert_cmpstr(*line, ==,
                        "level=info event=same text=0123456789012345678901234567890123456789");
    g_assert_cmpuint(n_lines, ==, THREADS * LINES);
}

static void another_word_is_no_level(void)
{
    g_assert_false(log_open("verbose"));
    g_assert_false(log_open(""));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (g_getenv("LOG_CHILD")) {
        g_log_set_always_fatal(G_LOG_FATAL_MASK); /* GTest would end at the first warning */
        g_test_add_data_func("/base/log/child/info", "info", log_each_level);
        g_test_add_data_func("/base/log/child/error", "error", log_each_level);
        g_test_add_data_func("/base/log/child/debug", "debug", log_each_level);
        g_test_add_func("/base/log/child/hostile", log_hostile);
        g_test_add_func("/base/log/child/threads", log_from_threads);
        return g_test_run();
    }
#define CASE(name) g_test_add_func("/base/log/" #name, name)
    CASE(info_has_everything_but_debug);
    CASE(error_has_errors_alone);
    CASE(debug_has_everything);
    CASE(a_message_cannot_make_lines_of_its_own);
    CASE(threads_do_not_mix_their_lines);
    CASE(another_word_is_no_level);
    return g_test_run();
}
