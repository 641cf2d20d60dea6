/* golden.c - see golden.h. */
#include "golden.h"

#include <string.h>

/* The first line that differs: a whole letter twice says nothing to anybody. */
static void tell_difference(const char *name, const char *expected, const char *found)
{
    g_auto(GStrv) wanted = g_strsplit(expected, "\n", -1);
    g_auto(GStrv) got = g_strsplit(found, "\n", -1);
    guint i = 0;
    while (wanted[i] && got[i] && strcmp(wanted[i], got[i]) == 0)
        i++;
    g_error("%s, line %u\nexpected: %s\nfound:    %s\n(SPORTELLO_GOLDEN=write writes it anew)",
            name, i + 1, wanted[i] ? wanted[i] : "(end)", got[i] ? got[i] : "(end)");
}

void golden_check(const char *name, const char *text)
{
    g_autofree char *file = g_build_filename(g_getenv("TEST_DATA"), name, NULL);
    g_autofree char *expected = NULL;
    g_autoptr(GError) error = NULL;
    if (g_strcmp0(g_getenv("SPORTELLO_GOLDEN"), "write") == 0) {
        g_file_set_contents(file, text, -1, &error);
        g_assert_no_error(error);
        return;
    }
    g_file_get_contents(file, &expected, NULL, &error);
    g_assert_no_error(error);
    if (strcmp(expected, text) != 0)
        tell_difference(name, expected, text);
}
