/* test-http-form.c - forms as text and as multipart streams, apart from any server. */
#include "web/http_form.h"
#include <string.h>

/* --- decoding
 * ------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *text;
    gboolean plus;
    const char *decoded; /* NULL: refused */
} Decoding;

static const Decoding decodings[] = {
    {"plain", "abc", TRUE, "abc"},
    {"plus_in_a_form", "a+b", TRUE, "a b"},
    {"plus_in_a_path", "a+b", FALSE, "a+b"},
    {"both_cases_of_hex", "%c3%A0", TRUE, "\303\240"},
    {"a_percent_that_is_none", "100%", TRUE, "100%"},
    {"half_an_escape", "%a", TRUE, "%a"},
    {"no_hex", "%g0%0g", TRUE, "%g0%0g"},
    {"decoded_once", "%2541", TRUE, "%41"},
    {"empty", "", TRUE, ""},
    {"nul", "a%00b", TRUE, NULL},
    {"no_utf8", "%ff", TRUE, NULL},
    {"overlong", "%c0%af", TRUE, NULL},
    {"cut_character", "%e2%82", TRUE, NULL},
};

static void check_decoding(gconstpointer data)
{
    const Decoding *one = data;
    g_autofree char *decoded = http_decode(one->text, strlen(one->text), one->plus);
    g_assert_cmpstr(decoded, ==, one->decoded);
}

/* --- pairs
 * ------------------------------------------------------------------------------------------- */

static void pairs_keep_their_order_and_repeat(void)
{
    static const char text[] = "a=1&b=x%26y&&a=2&c&=d&e=f=g";
    static const HttpField wanted[] = {{"a", "1"}, {"b", "x&y"}, {"a", "2"},
                                       {"c", ""},  {"", "d"},    {"e", "f=g"}};
    g_autoptr(GArray) fields = http_fields_new();
    g_assert_true(http_form_read(text, strlen(text), fields));
    g_assert_cmpuint(fields->len, ==, G_N_ELEMENTS(wanted));
    for (guint i = 0; i < fields->len; i++) {
        g_assert_cmpstr(g_array_index(fields, HttpField, i).name, ==, wanted[i].name);
        g_assert_cmpstr(g_array_index(fields, HttpField, i).value, ==, wanted[i].value);
    }
    g_assert_cmpstr(http_fields_get(fields, "a"), ==, "1");
    g_assert_null(http_fields_get(fields, "z"));
    g_assert_null(http_fields_get(NULL, "a"));
}

static gboolean reads_pairs(guint count)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GArray) fields = http_fields_new();
    for (guint i = 0; i < count; i++)
        g_string_append(text, "a=1&");
    return http_form_read(text->str, text->len, fields);
}

static void more_than_a_thousand_pairs_are_refused(void)
{
    g_assert_true(reads_pairs(1000));
    g_assert_false(reads_pairs(1001));
}

/* --- parameters of headers
 * ------------------------------------------------------------------------------ */

typedef struct {
    const char *header, *name, *value;
} Parameter;

static const Parameter parameters[] = {
    {"form-data; name=\"x\"", "name", "x"},
    {"form-data; name=x", "name", "x"},
    {"form-data; NAME=\"x\"", "name", "x"},
    {"form-data; filename=\"a\"; name=\"b\"", "name", "b"},
    {"form-data; name=\"a; name=b\"; c=d", "c", "d"},
    {"form-data; name=\"say \\\"hi\\\"\"", "name", "say \"hi\""},
    {"form-data; name=\"C:\\dir\\file\"", "name", "C:\\dir\\file"},
    {"form-data; name = \"x\"", "name", "x"},
    {"form-data; name=\"", "name", ""},
    {"form-data; named=\"x\"", "name", NULL},
    {"form-data", "name", NULL},
    {"form-data; flag; name=x", "name", "x"},
    {"", "name", NULL},
};

static void parameters_are_read(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(parameters); i++) {
        g_autofree char *value = http_parameter(parameters[i].header, parameters[i].name);
        g_test_message("%s", parameters[i].header);
        g_assert_cmpstr(value, ==, parameters[i].value);
    }
}

/* --- multipart
 * ---------------------------------------------------------------------------------------------- */

static gboolean begin(const char *name, const char *file, const char *type, gpointer context)
{
    g_string_append_printf(context, "[%s|%s|%s]", name, file ? file : "-", type ? type : "-");
    return TRUE;
}

static gboolean take(const char *bytes, gsize length, gpointer context)
{
    g_string_append_len(context, bytes, (gssize)length);
    return TRUE;
}

static gboolean end(gpointer context)
{
    g_string_append(context, ";");
    return TRUE;
}

static const HttpMultipartEvents events = {begin, take, end};

/* Owned; NULL when refused or not ended. */
static char *read_parts(const char *body, gsize length, gsize piece)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(HttpMultipart) multipart =
        http_multipart_new("multipart/form-data; boundary=AaB03x", &events, seen);
    gboolean good = TRUE;
    for (gsize at = 0; good && at < length; at += piece)
        good = http_multipart_feed(multipart, body + at, MIN(piece, length - at));
    return good && http_multipart_ended(multipart) ? g_strdup(seen->str) : NULL;
}

typedef struct {
    const char *name, *body, *seen;
} Stream;

#define A "Content-Disposition: form-data; name=\"a\"\r\n"
static const Stream streams[] = {
    {"one_field", "--AaB03x\r\n" A "\r\nuno\r\n--AaB03x--\r\n", "[a|-|-]uno;"},
    {"a_file_and_its_type",
     "--AaB03x\r\nContent-Type: image/png\r\nContent-Disposition: form-data; name=\"f\"; "
     "filename=\"x.png\"\r\n\r\nP\r\n"
     "--AaB03x--",
     "[f|x.png|image/png]P;"},
    {"preamble_and_epilogue_are_dropped",
     "This is\r\na preamble\r\n--AaB03x\r\n" A "\r\nuno\r\n--AaB03x--\r\n--AaB03x\r\nepilogue",
     "[a|-|-]uno;"},
    {"blanks_after_the_boundary", "--AaB03x \t\r\n" A "\r\nuno\r\n--AaB03x--", "[a|-|-]uno;"},
    {"what_looks_like_a_boundary_is_content",
     "--AaB03x\r\n" A "\r\n\r\n--AaB03\r\n-AaB03x--AaB03x\n--AaB03x\r\n--AaB03x--",
     "[a|-|-]\r\n--AaB03\r\n-AaB03x--AaB03x\n--AaB03x;"},
    {"an_empty_part", "--AaB03x\r\n" A "\r\n\r\n--AaB03x--", "[a|-|-];"},
    {"a_part_without_a_name_is_dropped",
     "--AaB03x\r\n\r\nx\r\n--AaB03x\r\n" A "\r\nuno\r\n--AaB03x--", "[a|-|-]uno;"},
    {"a_part_without_a_head", "--AaB03x\r\n\r\nx\r\n--AaB03x--", ""},
    {"no_parts", "--AaB03x--", ""},
    {"no_closing_boundary", "--AaB03x\r\n" A "\r\nuno\r\n--AaB03x\r\n", NULL},
    {"rubbish_after_a_boundary", "--AaB03xx\r\n" A "\r\nuno\r\n--AaB03x--", NULL},
    {"a_name_that_is_no_utf8",
     "--AaB03x\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\nx\r\n--AaB03x--", NULL},
    {"lines_that_end_in_lf_alone", "--AaB03x\n" A "\nuno\n--AaB03x--", NULL},
};

static void check_stream(gconstpointer data)
{
    const Stream *one = data;
    const gsize length = strlen(one->body);
    for (gsize piece = 1; piece <= length; piece++) {
        g_autofree char *seen = read_parts(one->body, length, piece);
        g_assert_cmpstr(seen, ==, one->seen);
    }
}

static void a_head_of_more_than_8_kb_is_refused(void)
{
    for (gsize piece = 7; piece < 20000; piece += 9000) {
        g_autofree char *fits = g_strnfill(8192 - strlen("\r\nX: \r\n" A) + 2, 'x');
        g_autofree char *good =
            g_strconcat("--AaB03x\r\nX: ", fits, "\r\n" A "\r\nuno\r\n--AaB03x--", NULL);
        g_autofree char *bad =
            g_strconcat("--AaB03x\r\nX: y", fits, "\r\n" A "\r\nuno\r\n--AaB03x--", NULL);
        g_autofree char *seen = read_parts(good, strlen(good), piece);
        g_autofree char *refused = read_parts(bad, strlen(bad), piece);
        g_assert_cmpstr(seen, ==, "[a|-|-]uno;");
        g_assert_null(refused);
    }
}

static void more_than_256_parts_are_refused(void)
{
    g_autoptr(GString) body = g_string_new(NULL);
    for (guint i = 0; i < 256; i++)
        g_string_append(body, "--AaB03x\r\n\r\nx\r\n");
    g_autofree char *good = g_strconcat(body->str, "--AaB03x--", NULL);
    g_autofree char *bad = g_strconcat(body->str, "--AaB03x\r\n\r\nx\r\n--AaB03x--", NULL);
    g_autofree char *seen = read_parts(good, strlen(good), 100);
    g_autofree char *refused = read_parts(bad, strlen(bad), 100);
    g_assert_cmpstr(seen, ==, "");
    g_assert_null(refused);
}

static void only_multipart_with_a_boundary_is_read(void)
{
    static const char *const refused[] = {"multipart/form-data", "multipart/form-data; boundary=",
                                          "multipart/form-data; boundary=\"\"",
                                          "text/plain; boundary=x", "multipart/mixed; boundary=x"};
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++)
        g_assert_null(http_multipart_new(refused[i], &events, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(decodings); i++) {
        g_autofree char *name = g_strconcat("/http/form/decodes/", decodings[i].name, NULL);
        g_test_add_data_func(name, &decodings[i], check_decoding);
    }
    g_test_add_func("/http/form/pairs_keep_their_order_and_repeat",
                    pairs_keep_their_order_and_repeat);
    g_test_add_func("/http/form/more_than_a_thousand_pairs_are_refused",
                    more_than_a_thousand_pairs_are_refused);
    g_test_add_func("/http/form/parameters_are_read", parameters_are_read);
    for (guint i = 0; i < G_N_ELEMENTS(streams); i++) {
        g_autofree char *name = g_strconcat("/http/multipart/at_any_split/", streams[i].name, NULL);
        g_test_add_data_func(name, &streams[i], check_stream);
    }
    g_test_add_func("/http/multipart/a_head_of_more_than_8_kb_is_refused",
                    a_head_of_more_than_8_kb_is_refused);
    g_test_add_func("/http/multipart/more_than_256_parts_are_refused",
                    more_than_256_parts_are_refused);
    g_test_add_func("/http/multipart/only_multipart_with_a_boundary_is_read",
                    only_multipart_with_a_boundary_is_read);
    return g_test_run();
}
