/* test-parse-sandbox.c - the parser where it really runs: nothing it needs is missing behind the
 * filter.
 */
#include "mail/parse.h"
#include "sandbox/sandbox.h"

#include <string.h>

static Sandbox *sandbox;

static char *read_in_sandbox(const char *bytes, gsize length)
{
    gsize answer_length;
    g_autoptr(GError) error = NULL;
    char *answer = sandbox_run(sandbox, (const guint8 *)bytes, length, 0, &answer_length, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(strlen(answer), ==, answer_length);
    return answer;
}

static void reads_every_sample_as_outside(void)
{
    g_autofree char *path = g_build_filename(g_getenv("TEST_DATA"), "mail", NULL);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    g_assert_nonnull(folder);
    guint seen = 0;
    for (const char *name; (name = g_dir_read_name(folder));) {
        if (!g_str_has_suffix(name, ".eml"))
            continue;
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_autofree char *bytes = NULL;
        gsize length, json_length;
        g_assert_true(g_file_get_contents(file, &bytes, &length, NULL));
        g_autofree char *inside = read_in_sandbox(bytes, length);
        g_autofree char *outside = parse_to_json((const guint8 *)bytes, length, 0, &json_length);
        g_assert_cmpstr(inside, ==, outside);
        seen++;
    }
    g_assert_cmpuint(seen, ==, 13);
}

/* "Aà" in each: a converter that could not be loaded would give a fallback instead. */
static void knows_the_charsets_of_mail(void)
{
    static const char *const charsets[] = {
        "iso-8859-1",   "iso-8859-3",   "iso-8859-9",   "iso-8859-14", "iso-8859-15", "iso-8859-16",
        "windows-1252", "windows-1254", "windows-1258", "macintosh",   "ibm850",      "utf-7",
        "utf-16",       "utf-16le",     "utf-16be",     "utf-32",      "gb18030",     "gbk",
        "big5-hkscs",   "iso-2022-cn",  "viscii",       "cp858",       "utf-8",
    };
    static const char *const names[] = {
        "ISO-8859-1", "ISO-8859-3",  "ISO-8859-9", "ISO-8859-14", "ISO-8859-15", "ISO-8859-16",
        "CP1252",     "CP1254",      "CP1258",     "MACINTOSH",   "CP850",       "UTF-7",
        "UTF-16",     "UTF-16LE",    "UTF-16BE",   "UTF-32",      "GB18030",     "GBK",
        "BIG5-HKSCS", "ISO-2022-CN", "VISCII",     "CP858",       "UTF-8",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
        bool chinese = strcmp("ISO-2022-CN", names[i]) == 0;
        const char *words = chinese ? "A中" : "Aà";
        gsize length;
        g_autofree char *encoded = g_convert(words, -1, names[i], "UTF-8", NULL, &length, NULL);
        if (!encoded)
            g_error("no converter to %s here", names[i]);
        g_autoptr(GString) mail = g_string_new(NULL);
        g_string_printf(mail, "From: a@b.example\nContent-Type: text/plain; charset=%s\n\n",
                        charsets[i]);
        g_string_append_len(mail, encoded, (gssize)length);
        g_autofree char *json = read_in_sandbox(mail->str, mail->len);
        g_autoptr(MailMessage) message = mail_message_from_json(json, strlen(json), NULL);
        if (strcmp(message->text, words) != 0)
            g_error("%s: %s", charsets[i], message->text);
    }
}

/* A label nobody warmed looks for a file, gets none, and is answered with another charset. */
static void lives_with_charsets_it_does_not_know(void)
{
    static const char *const charsets[] = {"ebcdic-it", "ibm1047", "x-nothing", "../../etc/passwd"};
    for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
        g_autofree char *mail =
            g_strdup_printf("From: a@b.example\nSubject: =?%s?q?ciao?=\n"
                            "Content-Type: text/plain; charset=\"%s\"\n\nperch\xe9",
                            charsets[i], charsets[i]);
        g_autofree char *json = read_in_sandbox(mail, strlen(mail));
        g_autoptr(MailMessage) message = mail_message_from_json(json, strlen(json), NULL);
        g_assert_cmpstr(message->text, ==, "perché");
    }
}

static void reads_a_message_of_fifty_megabytes(void)
{
    gsize length = 50 * 1024 * 1024;
    g_autofree char *mail = g_malloc(length);
    memset(mail, 'A', length);
    for (gsize i = 76; i < length; i += 77)
        mail[i] = '\n';
    static const char head[] =
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nciao\n"
        "--x\nContent-Type: application/pdf; name=a.pdf\n"
        "Content-Transfer-Encoding: base64\n\n";
    static const char tail[] = "\n--x--\n";
    memcpy(mail, head, sizeof head - 1);
    memcpy(mail + length - (sizeof tail - 1), tail, sizeof tail - 1);
    g_autofree char *json = read_in_sandbox(mail, length);
    g_autoptr(MailMessage) message = mail_message_from_json(json, strlen(json), NULL);
    g_assert_cmpstr(message->text, ==, "ciao");
    g_assert_cmpuint(message->parts->len, ==, 1);
    const MailPart *part = g_ptr_array_index(message->parts, 0);
    g_assert_cmpint(part->offset, ==, sizeof head - 1);
    g_assert_cmpint(part->length, ==, (gint64)(length - (sizeof head - 1) - (sizeof tail - 1)));
}

#define TEST(path, function) g_test_add_func("/mail/parse-sandbox/" path, function)

int main(int argc, char **argv)
{
    SandboxSettings settings = {.reader = parse_to_json, .warm = parse_warm};
    sandbox = sandbox_start(&settings, NULL);
    g_assert_nonnull(sandbox);
    g_test_init(&argc, &argv, NULL);
    parse_warm(NULL);
    TEST("reads_every_sample_as_outside", reads_every_sample_as_outside);
    TEST("knows_the_charsets_of_mail", knows_the_charsets_of_mail);
    TEST("lives_with_charsets_it_does_not_know", lives_with_charsets_it_does_not_know);
    TEST("reads_a_message_of_fifty_megabytes", reads_a_message_of_fifty_megabytes);
    int result = g_test_run();
    sandbox_stop(sandbox);
    return result;
}
