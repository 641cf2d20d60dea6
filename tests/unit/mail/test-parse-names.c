/* test-parse-names.c - names of attachments in every form that mailers give them, made safe.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <string.h>

/* Name of the only attachment of a mail whose part has these fields. */
static char *name_of(const char *fields)
{
    g_autofree char *mail =
        g_strdup_printf("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
                        "--x\r\n%s\r\n\r\n%%PDF\r\n--x--\r\n",
                        fields);
    g_autoptr(MailMessage) message = parse_message((const guint8 *)mail, strlen(mail), 0);
    g_assert_cmpuint(message->parts->len, ==, 1);
    return g_strdup(((const MailPart *)g_ptr_array_index(message->parts, 0))->name);
}

#define PDF "Content-Type: application/pdf; "
#define FILE_OF PDF "x=y\r\nContent-Disposition: attachment; "

static void understands_every_way_to_write_a_name(void)
{
    static const struct {
        const char *fields, *name;
    } cases[] = {
        {PDF "name=tavola.pdf", "tavola.pdf"},
        {PDF "name=\"tavola 1.pdf\"", "tavola 1.pdf"},
        {PDF "name=tavola 1.pdf", "tavola 1.pdf"}, /* no quotes */
        {FILE_OF "filename=\"a \\\"b\\\".pdf\"", "a _b_.pdf"},
        /* RFC 2231 */
        {FILE_OF "filename*=utf-8''perch%C3%A9.pdf", "perché.pdf"},
        {FILE_OF "filename*=iso-8859-1'it'perch%E9.pdf", "perché.pdf"},
        {FILE_OF "filename*=windows-1252''%80%2050.pdf", "€ 50.pdf"},
        {FILE_OF "filename*=UTF-8''a%2Fb.pdf", "b.pdf"},
        {FILE_OF "filename*0=\"Relazione tecnica \";\r\n filename*1=\"illustrativa.pdf\"",
         "Relazione tecnica illustrativa.pdf"},
        {FILE_OF "filename*1=\"illustrativa.pdf\";\r\n filename*0=\"Relazione \"",
         "Relazione illustrativa.pdf"},
        {FILE_OF "filename*0*=utf-8''perch%C3;\r\n filename*1*=%A9%20no;\r\n filename*2=\".pdf\"",
         "perché no.pdf"},
        {FILE_OF "filename=\"a.pdf\"; filename*=utf-8''%C3%A8.pdf", "a.pdf"},
        /* RFC 2047 where it does not belong */
        {FILE_OF "filename=\"=?utf-8?Q?perch=C3=A9?=.pdf\"", "perché.pdf"},
        {FILE_OF "filename=\"=?utf-8?B?cGVyY2jDqS5wZGY=?=\"", "perché.pdf"},
        {FILE_OF "filename==?iso-8859-1?Q?perch=E9.pdf?=", "perché.pdf"},
        {PDF "name=\"=?windows-1252?Q?Citt=E0_=80.pdf?=\"", "Città €.pdf"},
        {FILE_OF "filename=\"=?utf-8?Q?perch=C3?=\r\n =?utf-8?Q?=A9.pdf?=\"", "perché.pdf"},
        {FILE_OF "filename=\"=?utf-8?B?dmlhIENhIDM=?=\r\n =?utf-8?B?MDAwLnBkZg==?=\"",
         "via Ca 3000.pdf"},
        {PDF "name=\"=?utf-8?Q?..=2F..=2Fa.pdf?=\"", "a.pdf"},
        /* bytes without a label */
        {FILE_OF "filename=\"perch\xc3\xa9.pdf\"", "perché.pdf"},
        {FILE_OF "filename=\"perch\xe9.pdf\"", "perché.pdf"},
        {PDF "name=perch\xe9.pdf", "perché.pdf"},
        /* nothing usable */
        {PDF "name=\"\"", "1.pdf"},
        {FILE_OF "filename=", "1.pdf"},
        {FILE_OF "filename=\"   \"", "1.pdf"},
        {FILE_OF "filename*=utf-8''", "1.pdf"},
        {FILE_OF "filename*=no-such''a%E9.pdf", "a\xef\xbf\xbd.pdf"},
        {FILE_OF "filename*=utf-8''a%ZZ%C3.pdf", "a%ZZ\xef\xbf\xbd.pdf"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = name_of(cases[i].fields);
        if (strcmp(name, cases[i].name) != 0)
            g_error("%s: \"%s\", not \"%s\"", cases[i].fields, name, cases[i].name);
    }
}

static void leaves_nothing_in_a_name_that_does_harm(void)
{
    static const struct {
        const char *raw, *safe;
    } cases[] = {
        {"CON", "_CON"},
        {"con.pdf", "_con.pdf"},
        {"Aux.tar.gz", "_Aux.tar.gz"},
        {"nul .pdf", "_nul .pdf"},
        {"COM1.txt", "_COM1.txt"},
        {"lpt9", "_lpt9"},
        {"COM\xc2\xb9.txt", "_COM\xc2\xb9.txt"}, /* superscripts count */
        {"conto.pdf", "conto.pdf"},
        {"com10.pdf", "com10.pdf"},
        {"COM.pdf", "COM.pdf"},
        {"prn", "_prn"},
        {"CONIN$", "_CONIN$"},
        {"..pdf", "pdf"},
        {"....a", "a"},
        {" .a", "a"},
        {"\xe2\x80\x8b.a", "a"},
        {". . .pdf", "pdf"},
        {"a\x1b[31m.pdf", "a[31m.pdf"},
        {"a\xc2\x85\xc2\x9b.pdf", "a.pdf"}, /* controls of the upper half */
        {"\xe2\x81\xa6"
         "a\xe2\x81\xa9.pdf",
         "a.pdf"},
        {"a\xef\xbb\xbf.pdf", "a.pdf"},
        {"a\xf3\xa0\x81\xa1.pdf", "a.pdf"}, /* tag characters */
        {"a\xe2\x80\xa8"
         "b.pdf",
         "a b.pdf"},
        {"a\xe3\x80\x80\xe2\x80\x83  b.pdf", "a b.pdf"},
        {"c:\\x\\y.pdf", "y.pdf"},
        {"file:///etc/passwd", "passwd"},
        {"a/", "9.bin"},
        {"\xff\xfe.pdf", "\xef\xbf\xbd\xef\xbf\xbd.pdf"},
        {"\xe2\x88\x95"
         "etc\xe2\x88\x95x",
         "_etc_x"}, /* looks like a slash */
        {"\xef\xbc\x8f"
         "x",
         "_x"},
        {"~root", "~root"},
        {"-rf.pdf", "-rf.pdf"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = parse_safe_name(cases[i].raw, "application/x", 9);
        if (strcmp(name, cases[i].safe) != 0)
            g_error("%s: \"%s\", not \"%s\"", cases[i].raw, name, cases[i].safe);
    }
}

static void a_long_name_is_cut_between_letters_and_keeps_its_extension(void)
{
    static const char *const letters[] = {"a", "é", "€", "\xf0\x9f\x93\x84", " ", ".", "a."};
    static const char *const extensions[] = {".pdf", ".pdf.p7m", ".p7m", "",
                                             ".averyverylongextension"};
    for (gsize l = 0; l < G_N_ELEMENTS(letters); l++)
        for (gsize e = 0; e < G_N_ELEMENTS(extensions); e++)
            for (gsize before = 0; before < 4; before++) {
                GString *raw = g_string_new("xxxx" + before);
                while (raw->len < 6000)
                    g_string_append(raw, letters[l]);
                g_string_append(raw, extensions[e]);
                g_autofree char *fields = g_strdup_printf(FILE_OF "filename=\"%s\"", raw->str);
                g_autofree char *name = name_of(fields);
                g_assert_cmpuint(strlen(name), <=, 200);
                g_assert_true(g_utf8_validate(name, -1, NULL));
                g_assert_null(strstr(name, "\xef\xbf\xbd"));
                if (strlen(extensions[e]) < 16 && !g_str_has_suffix(name, extensions[e]))
                    g_error("%s ends without %s", name, extensions[e]);
                g_string_free(raw, TRUE);
            }
}

static void a_program_is_known_at_the_end_of_any_length(void)
{
    g_autofree char *much = g_strnfill(9000, 'a');
    g_autofree char *mail = g_strdup_printf(
        "From: a@b.example\nContent-Type: application/pdf; name=\"%s.exe\"\n\nx", much);
    g_autoptr(MailMessage) message = parse_message((const guint8 *)mail, strlen(mail), 0);
    const MailPart *part = g_ptr_array_index(message->parts, 0);
    g_assert_true(part->quarantine);
    g_assert_true(g_str_has_suffix(part->name, "a.exe"));
}

static void keeps_the_box_of_outlook_as_it_is(void)
{
    static const char mail[] = "From: a@b.example\n"
                               "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nciao\n"
                               "--x\nContent-Type: application/ms-tnef; name=\"winmail.dat\"\n"
                               "Content-Transfer-Encoding: base64\n\neJ8+IgAA\n--x--\n";
    g_autoptr(MailMessage) message = parse_message((const guint8 *)mail, sizeof mail - 1, 0);
    g_assert_cmpstr(message->text, ==, "ciao");
    g_assert_cmpuint(message->parts->len, ==, 1);
    const MailPart *part = g_ptr_array_index(message->parts, 0);
    g_assert_cmpstr(part->name, ==, "winmail.dat");
    g_assert_cmpstr(part->type, ==, "application/ms-tnef");
    g_assert_cmpint(part->size, ==, 6);
    g_assert_false(part->quarantine);
}

#define TEST(function) g_test_add_func("/mail/parse/names/" #function, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    parse_warm(NULL);
    TEST(understands_every_way_to_write_a_name);
    TEST(leaves_nothing_in_a_name_that_does_harm);
    TEST(a_long_name_is_cut_between_letters_and_keeps_its_extension);
    TEST(a_program_is_known_at_the_end_of_any_length);
    TEST(keeps_the_box_of_outlook_as_it_is);
    return g_test_run();
}
