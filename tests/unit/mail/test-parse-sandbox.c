/* test-parse-sandbox.c - the parser where it really runs: nothing it needs is missing behind the
 * filter.
 */
#include "mail/parse.h"
#include "sandbox/sandbox.h"

#include <iconv.h>
#include <string.h>

static Sandbox *sandbox;
static Sandbox *labelling; /* with a reader that opens a converter */

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

/* What iconv makes of a few bytes under a label, in hexadecimal. */
static void use_label(const char *label, GString *answer)
{
    static const char sample[] = "\xc1\xa4\x93\x4f\x25\x30\x41\x0e\x42\x61";
    char from[sizeof sample], to[256];
    memcpy(from, sample, sizeof sample);
    iconv_t converter = iconv_open("UTF-8", label);
    if (converter == (iconv_t)-1) {
        g_string_append(answer, "unknown");
        return;
    }
    char *in = from, *out = to;
    gsize rest = sizeof sample - 1, room = sizeof to;
    while (rest && iconv(converter, &in, &rest, &out, &room) == (gsize)-1) {
        in++;
        rest--;
    }
    for (const char *at = to; at < out; at++)
        g_string_append_printf(answer, "%02x", (guint)(guchar)*at);
    iconv_close(converter);
}

/* A line for each line of labels. */
static char *use_labels(const guint8 *bytes, gsize length, gint64 received_at, gsize *answer_length)
{
    (void)received_at;
    g_autofree char *text = g_strndup((const char *)bytes, length);
    g_auto(GStrv) labels = g_strsplit(text, "\n", -1);
    GString *answer = g_string_new(NULL);
    for (gsize i = 0; labels[i]; i++) {
        g_string_append_printf(answer, "%s ", labels[i]);
        use_label(labels[i], answer);
        g_string_append_c(answer, '\n');
    }
    *answer_length = answer->len;
    return g_string_free(answer, FALSE);
}

static char *labels_of_iconv(void)
{
    const char *command[] = {"iconv", "-l", NULL};
    g_autofree char *list = NULL;
    if (!g_spawn_sync(NULL, (char **)command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &list, NULL,
                      NULL, NULL))
        return NULL;
    g_strdelimit(list, "/ ", '\n');
    g_auto(GStrv) labels = g_strsplit(list, "\n", -1);
    GString *lines = g_string_new(NULL);
    for (gsize i = 0; labels[i]; i++)
        if (*labels[i])
            g_string_append_printf(lines, "%s%s", lines->len ? "\n" : "", labels[i]);
    return g_string_free(lines, FALSE);
}

static void reads_every_charset_of_iconv(void)
{
    g_autofree char *labels = labels_of_iconv();
    if (!labels) {
        g_test_skip("no iconv program");
        return;
    }
    gsize length = strlen(labels), inside_length, outside_length;
    g_autoptr(GError) error = NULL;
    g_autofree char *inside =
        sandbox_run(labelling, (const guint8 *)labels, length, 0, &inside_length, &error);
    g_assert_no_error(error);
    g_autofree char *outside = use_labels((const guint8 *)labels, length, 0, &outside_length);
    g_auto(GStrv) found = g_strsplit(inside, "\n", -1);
    g_auto(GStrv) wanted = g_strsplit(outside, "\n", -1);
    g_assert_cmpuint(g_strv_length(found), ==, g_strv_length(wanted));
    guint known = 0;
    for (gsize i = 0; wanted[i]; i++) {
        g_assert_cmpstr(found[i], ==, wanted[i]);
        known += !g_str_has_suffix(wanted[i], "unknown");
    }
    g_assert_cmpuint(known, >=, 1000);
}

/* Between two that need no rare charset; also in a header, where nobody but GMime looks. */
static void reads_a_rare_charset_in_a_batch(void)
{
    static const char *const mails[] = {
        "From: a@b.example\nSubject: uno\n\nuno",
        "From: a@b.example\nSubject: =?ebcdic-it?q?=97=85=99=83=88=5A?=\n\ndue",
        "From: a@b.example\nSubject: =?x-nothing?q?tre?=\n\ntre",
        "From: a@b.example\nSubject: quattro\n\nquattro",
    };
    static const char *const subjects[] = {"uno", "perché", "tre", "quattro"};
    SandboxRun runs[G_N_ELEMENTS(mails)] = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(mails); i++)
        runs[i] = (SandboxRun){.bytes = (const guint8 *)mails[i], .length = strlen(mails[i])};
    sandbox_run_many(sandbox, runs, G_N_ELEMENTS(runs), G_N_ELEMENTS(runs), NULL, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(mails); i++) {
        g_assert_no_error(runs[i].error);
        g_autofree char *json = runs[i].answer;
        g_autoptr(MailMessage) message = mail_message_from_json(json, runs[i].answer_length, NULL);
        g_assert_cmpstr(message->subject, ==, subjects[i]);
    }
}

static void reads_a_letter_from_a_mainframe(void)
{
    static const struct {
        const char *charset, *bytes;
    } letters[] = {
        {"ebcdic-it", "\x97\x85\x99\x83\x88\x5a"},
        {"IBM1047", "\x97\x85\x99\x83\x88\x51"},
        {"cp037", "\x97\x85\x99\x83\x88\x51"},
        {"ebcdic-cp-it", "\x97\x85\x99\x83\x88\x5a"},
        {"macintosh", "perch\x8e"},
        {"hp-roman8", "perch\xc5"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(letters); i++) {
        g_autofree char *mail = g_strdup_printf("From: a@b.example\n"
                                                "Content-Type: text/plain; charset=\"%s\"\n\n%s",
                                                letters[i].charset, letters[i].bytes);
        g_autofree char *json = read_in_sandbox(mail, strlen(mail));
        g_autoptr(MailMessage) message = mail_message_from_json(json, strlen(json), NULL);
        g_assert_cmpstr(message->text, ==, "perché");
    }
}

/* A label of nothing looks for a file, gets none, and is answered with another charset. */
static void lives_with_charsets_it_does_not_know(void)
{
    static const char *const charsets[] = {"x-nothing", "ibm99999", "../../etc/passwd"};
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
    SandboxSettings settings = {.reader = parse_to_json,
                                .warm = parse_warm,
                                .warm_rest = parse_warm_rest,
                                .missed_rest = parse_missed_charset};
    sandbox = sandbox_start(&settings, NULL);
    g_assert_nonnull(sandbox);
    settings.reader = use_labels;
    labelling = sandbox_start(&settings, NULL);
    g_assert_nonnull(labelling);
    g_test_init(&argc, &argv, NULL);
    parse_warm(NULL);
    TEST("reads_every_sample_as_outside", reads_every_sample_as_outside);
    TEST("knows_the_charsets_of_mail", knows_the_charsets_of_mail);
    TEST("reads_every_charset_of_iconv", reads_every_charset_of_iconv);
    TEST("reads_a_rare_charset_in_a_batch", reads_a_rare_charset_in_a_batch);
    TEST("reads_a_letter_from_a_mainframe", reads_a_letter_from_a_mainframe);
    TEST("lives_with_charsets_it_does_not_know", lives_with_charsets_it_does_not_know);
    TEST("reads_a_message_of_fifty_megabytes", reads_a_message_of_fifty_megabytes);
    int result = g_test_run();
    sandbox_stop(labelling);
    sandbox_stop(sandbox);
    return result;
}
