/* Transfer encodings of attachments, whatever pieces they come in. */
#include "web/request_decode.h"
#include <string.h>

static void check(const char *encoding, const char *bytes, const char *expected,
                  gsize expected_length)
{
    const gsize length = strlen(bytes);
    for (gsize piece = 1; piece <= length + 1; piece++) {
        g_autoptr(RequestDecode) decode = request_decode_new(encoding);
        for (gsize at = 0; at < length; at += piece)
            request_decode_feed(decode, bytes + at, MIN(piece, length - at));
        GString *out = request_decode_end(decode);
        g_assert_cmpuint(out->len, ==, expected_length);
        g_assert_true(memcmp(out->str, expected, expected_length) == 0);
        g_string_free(out, TRUE);
    }
}

static void base64_in_pieces_of_any_length(void)
{
    check("base64", "AP8K\r\nSGVsbG8g\r\nd29ybGQ=\r\n", "\0\377\nHello world", 14);
    check("BASE64", "QQ==", "A", 1);
}

static void quoted_printable_in_pieces_of_any_length(void)
{
    check("quoted-printable", "citt=C3=A0 =\r\ne via\r\n", "citt\303\240 e via\r\n", 14);
    check("quoted-printable", "soft =  \r\nbreak", "soft break", 10);
}

static void quoted_printable_drops_blanks_at_the_end_of_a_line(void)
{
    check("quoted-printable", "a \t\r\n b", "a\r\n b", 5);
}

static void quoted_printable_that_is_malformed_stays(void)
{
    check("quoted-printable", "1 =zz 2", "1 =zz 2", 7);
    check("quoted-printable", "end=4", "end=4", 5);
}

static void anything_else_passes(void)
{
    check("8bit", "a=41\r\n", "a=41\r\n", 6);
    check(NULL, "QQ==", "QQ==", 4);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/request/decode/base64_in_pieces_of_any_length",
                    base64_in_pieces_of_any_length);
    g_test_add_func("/request/decode/quoted_printable_in_pieces_of_any_length",
                    quoted_printable_in_pieces_of_any_length);
    g_test_add_func("/request/decode/quoted_printable_drops_blanks_at_the_end_of_a_line",
                    quoted_printable_drops_blanks_at_the_end_of_a_line);
    g_test_add_func("/request/decode/quoted_printable_that_is_malformed_stays",
                    quoted_printable_that_is_malformed_stays);
    g_test_add_func("/request/decode/anything_else_passes", anything_else_passes);
    return g_test_run();
}
