/* fuzz-html.c - HTML of anybody's mail, as text. Whatever comes, the words are text, no longer than
 * what went in explains, and the same when they are asked for again; cut in pieces it ends as well.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    parse_warm(NULL);
    return 0;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length)
{
    gboolean malformed = FALSE;
    g_autofree char *page = parse_to_utf8((const char *)bytes, length, NULL, &malformed);
    bool cut = false;
    g_autofree char *text = parse_html_to_text(page, strlen(page), &cut);
    g_autofree char *again = parse_html_to_text(page, strlen(page), NULL);
    g_assert_cmpstr(text, ==, again);
    /* each letter may begin a line with ten marks of quotation; each link may be shown */
    g_assert_cmpuint(strlen(text), <=, 64 * strlen(page) + 64);
    g_autofree char *clean = parse_clean(text, -1, PARSE_TEXT_MOST, NULL);
    g_assert_true(g_utf8_validate(clean, -1, NULL));
    g_assert_cmpuint(strlen(clean), <=, PARSE_TEXT_MOST);
    g_autofree char *half = parse_html_to_text(page, strlen(page) / 2, NULL);
    g_assert_nonnull(half);
    return 0;
}
