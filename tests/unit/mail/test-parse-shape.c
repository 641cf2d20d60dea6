/* test-parse-shape.c - messages that are not built as they should be: broken multiparts, fields
 * said twice, bytes of zero, and more of everything than anybody writes. Each is read as far as it
 * goes, in a time that its length explains.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <string.h>
#include <time.h>

#define MEBIBYTE (1024 * 1024)
#ifdef __SANITIZE_ADDRESS__ /* there each growth of a line is a copy */
#define LINE MEBIBYTE
#else
#define LINE (10 * MEBIBYTE)
#endif

static MailMessage *parse(const char *mail)
{
    return parse_message((const guint8 *)mail, strlen(mail), 0);
}

static void reads_multiparts_that_are_none(void)
{
    static const struct {
        const char *mail, *text;
        guint parts;
    } cases[] = {
        /* no boundary at all */
        {"From: a@b.example\nContent-Type: multipart/mixed\n\nciao\n", "ciao\n", 0},
        {"From: a@b.example\nContent-Type: multipart/mixed; boundary=\"\"\n\nciao\n", "ciao\n", 0},
        /* one that never comes */
        {"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\nciao\n", "ciao\n", 0},
        /* no end */
        {"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nciao\n", "ciao\n",
         0},
        {"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nciao\n--x\n",
         "ciao", 0},
        /* cut in an attachment */
        {"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nciao\n--x\n"
         "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nJVBE",
         "ciao", 1},
        /* the inner end is missing */
        {"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: "
         "multipart/alternative; boundary=y\n\n--y\n\nciao\n--x\nContent-Type: application/pdf; "
         "name=a.pdf\n\n%PDF\n--x--\n",
         "ciao", 1},
        /* the same boundary twice */
        {"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: "
         "multipart/mixed; boundary=x\n\n--x\n\nciao\n--x--\n",
         "ciao", 0},
        /* one boundary is the beginning of the other */
        {"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: "
         "multipart/mixed; boundary=xy\n\n--xy\n\nciao\n--xy--\n--x\n\nfine\n--x--\n",
         "ciao\nfine", 0},
        /* words after the end are not for the reader */
        {"From: a@b.example\nContent-Type: multipart/mixed; "
         "boundary=x\n\nprima\n--x\n\nciao\n--x--\n"
         "dopo\n",
         "ciao", 0},
        /* parts whose type is nonsense */
        {"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: "
         "text\n\nciao\n--x--\n",
         "ciao", 0},
        {"From: a@b.example\nContent-Type: ;;;\n\nciao\n", "ciao\n", 0},
        {"From: a@b.example\nContent-Type: text/plain; charset\n\nciao\n", "ciao\n", 0},
        {"From: a@b.example\nContent-Transfer-Encoding: x-unknown\n\nciao\n", "ciao\n", 0},
        {"From: a@b.example\nContent-Transfer-Encoding: BASE64 \n\nY2lhbw==\n", "ciao", 0},
        {"From: a@b.example\nContent-Transfer-Encoding: base64\n\nY2l!!hbw=\n", "ciao", 0},
        {"From: a@b.example\nContent-Transfer-Encoding: quoted-printable\n\nci=61o=\n=ZZ=4",
         "ciao=ZZ", 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(MailMessage) message = parse(cases[i].mail);
        if (strcmp(message->text, cases[i].text) != 0 || message->parts->len != cases[i].parts)
            g_error("%s\n  is read as \"%s\" and %u parts", cases[i].mail, message->text,
                    message->parts->len);
    }
}

static void of_fields_said_twice_the_first_counts(void)
{
    g_autoptr(MailMessage) message = parse(
        "From: a@b.example\nSubject: primo\nMessage-ID: <1@b.example>\nDate: Tue, 24 Nov 2026 "
        "11:20:02 +0100\nContent-Type: text/plain\n"
        "From: c@d.example\nSubject: secondo\nMessage-ID: <2@b.example>\nDate: Wed, 25 Nov 2026 "
        "11:20:02 +0100\nContent-Type: text/plain\n\n<p>ciao\n");
    g_assert_cmpstr(message->from.email, ==, "a@b.example");
    g_assert_cmpstr(message->subject, ==, "primo");
    g_assert_cmpstr(message->message_id, ==, "1@b.example");
    g_assert_cmpint(message->date_at, ==, 1795515602);
    g_assert_cmpstr(message->text, ==, "<p>ciao\n");
}

static void zeros_hide_nothing(void)
{
    static const char mail[] = "From: a@b.example\nSubject: uno\0due\n\npri\0ma\n\0\0dopo\n";
    g_autoptr(MailMessage) message = parse_message((const guint8 *)mail, sizeof mail - 1, 0);
    g_assert_cmpstr(message->text, ==, "prima\ndopo\n");
    g_assert_cmpstr(message->from.email, ==, "a@b.example");
    static const char page[] = "From: a@b.example\nContent-Type: text/html\n\n<p>pri\0ma<\0p>dopo";
    g_autoptr(MailMessage) html = parse_message((const guint8 *)page, sizeof page - 1, 0);
    g_assert_nonnull(strstr(html->text, "dopo"));
}

static void words_of_many_alternatives_are_read_once(void)
{
    g_autoptr(MailMessage) message =
        parse("From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n"
              "--x\nContent-Type: multipart/alternative; boundary=y\n\n"
              "--y\nContent-Type: text/plain\n\nparole\n"
              "--y\nContent-Type: multipart/related; boundary=z\n\n"
              "--z\nContent-Type: text/html\n\n<p>pagina<img src='cid:l'>\n"
              "--z\nContent-Type: image/png\nContent-ID: <l>\n\nx\n--z--\n--y--\n"
              "--x\nContent-Type: text/plain\n\ncoda\n"
              "--x\nContent-Type: text/plain; name=\"nota.txt\"\n\nnota\n--x--\n");
    g_assert_cmpstr(message->text, ==, "parole\ncoda");
    g_assert_cmpuint(message->parts->len, ==, 2);
}

static void reads_messages_inside_messages(void)
{
    GString *mail = g_string_new("From: a@b.example\nSubject: 0\n");
    for (guint i = 1; i <= 5; i++)
        g_string_append_printf(
            mail, "Content-Type: message/rfc822\n\nFrom: %u@b.example\nSubject: %u\n", i, i);
    g_string_append(mail, "\nin fondo\n");
    g_autoptr(MailMessage) message = parse(mail->str);
    g_assert_cmpstr(message->from.email, ==, "a@b.example");
    g_assert_nonnull(strstr(message->forwarded, "From: 1@b.example"));
    g_assert_nonnull(strstr(message->forwarded, "in fondo"));
    g_string_free(mail, TRUE);
}

/* --- more than anybody writes -------------------------------------------------------------- */

/* Of this thread alone: the machine may have more to do. */
static gint64 work_ms(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return spent.tv_sec * 1000 + spent.tv_nsec / 1000000;
}

static MailMessage *parse_soon(const GString *mail)
{
    enum { MOST_MS = 20000 }; /* under a sanitizer; a tenth of it without */
    gint64 before = work_ms();
    MailMessage *message = parse_message((const guint8 *)mail->str, mail->len, 0);
    gint64 took = work_ms() - before;
    if (took > MOST_MS)
        g_error("%.40s...: %" G_GINT64_FORMAT " ms", mail->str, took);
    return message;
}

static GString *repeated(const char *before, const char *unit, guint times)
{
    GString *text = g_string_new(before);
    for (guint i = 0; i < times; i++)
        g_string_append(text, unit);
    return text;
}

static void a_hundred_thousand_parts_end_soon(void)
{
    static const char head[] =
        "From: a@b.example\nSubject: molti\nContent-Type: multipart/mixed; boundary=x\n\n";
    static const char *const units[] = {"--x\nContent-Type: application/pdf; name=a.pdf\n\n%PDF\n",
                                        "--x\n\nciao\n", "--x\n",
                                        "--x\nContent-Type: message/rfc822\n\nSubject: a\n\nb\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        GString *mail = repeated(head, units[i], i < 3 ? 100000 : 20000);
        g_autoptr(MailMessage) message = parse_soon(mail);
        g_assert_cmpstr(message->subject, ==, "molti");
        g_assert_true(message->malformed);
        g_assert_cmpuint(message->parts->len, <=, PARSE_PARTS_MOST);
        g_string_free(mail, TRUE);
    }
}

static void lines_of_ten_mebibytes_end_soon(void)
{
    static const char *const heads[] = {
        "From: a@b.example\nSubject: lungo\n\n",
        "From: a@b.example\nSubject: lungo\nContent-Type: text/html\n\n",
        "From: a@b.example\nSubject: lungo\nContent-Type: text/plain; format=flowed\n\n",
        "From: a@b.example\nSubject: lungo\nContent-Type: text/plain; charset=utf-16\n\n",
        "From: a@b.example\nSubject: lungo\nContent-Transfer-Encoding: quoted-printable\n\n",
        "From: a@b.example\nSubject: lungo\nX-Long: ",
        "From: a@b.example\nSubject: lungo\nReferences: ",
        "From: a@b.example\nSubject: lungo\nTo: ",
        "From: a@b.example\nSubject: lungo\nContent-Disposition: attachment; filename=",
        "From: a@b.example\nSubject: lungo\nContent-Type: multipart/mixed; boundary=",
    };
    static const char *const units[] = {"parole ", "=?utf-8?q?a?= ", "\"(<"};
    for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(units); k++) {
            GString *mail = repeated(heads[i], units[k], LINE / (guint)strlen(units[k]));
            g_autoptr(MailMessage) message = parse_soon(mail);
            g_assert_cmpstr(message->subject, ==, "lungo");
            g_assert_cmpuint(strlen(message->text), <=, PARSE_TEXT_MOST);
            g_string_free(mail, TRUE);
        }
    for (gsize k = 0; k < G_N_ELEMENTS(units); k++) {
        GString *mail =
            repeated("From: a@b.example\nSubject: ", units[k], LINE / (guint)strlen(units[k]));
        g_string_append(mail, "\n\nciao\n");
        g_autoptr(MailMessage) message = parse_soon(mail);
        g_assert_cmpstr(message->from.email, ==, "a@b.example");
        g_assert_cmpstr(message->text, ==, "ciao\n");
        g_string_free(mail, TRUE);
    }
}

#define TEST(function) g_test_add_func("/mail/parse/shape/" #function, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    parse_warm(NULL);
    TEST(reads_multiparts_that_are_none);
    TEST(of_fields_said_twice_the_first_counts);
    TEST(zeros_hide_nothing);
    TEST(words_of_many_alternatives_are_read_once);
    TEST(reads_messages_inside_messages);
    TEST(a_hundred_thousand_parts_end_soon);
    TEST(lines_of_ten_mebibytes_end_soon);
    return g_test_run();
}
