/* test-parse-parts.c - words out of text and HTML in any charset; attachments, their names and
 * their places.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <string.h>

#define ABSURD 20000 /* items of a list */

static MailMessage *parse_text(const char *text)
{
    return parse_message((const guint8 *)text, strlen(text), 0);
}

static const MailPart *part_of(const MailMessage *message, guint index)
{
    g_assert_cmpuint(index, <, message->parts->len);
    return g_ptr_array_index(message->parts, index);
}

/* g_assert_cmpmem does not compile with -Wconversion */
static void assert_bytes(const void *bytes, gint64 length, const char *expected)
{
    g_autofree char *got = g_strndup(bytes, (gsize)length);
    g_assert_cmpstr(got, ==, expected);
}

/* --- words --------------------------------------------------------------------------------- */

static void turns_html_into_lines(void)
{
    static const struct {
        const char *html, *text;
    } cases[] = {
        {"<p>Buongiorno,</p><p>vorrei&nbsp;un <b>appun</b>tamento.</p>",
         "Buongiorno,\n\nvorrei un appuntamento."},
        {"uno<br>due<br><br>tre", "uno\ndue\n\ntre"},
        {"<div>a</div><div>b</div>", "a\nb"},
        {"<ul><li>marted&igrave;<li>gioved&#236;</ul>fine", "- martedì\n- giovedì\n\nfine"},
        {"<table><tr><td>Foglio</td><td>12</td></tr><tr><td>Sub</td><td>2</td></tr></table>",
         "Foglio 12\nSub 2"},
        {"<style>p{}</style><script>alert(1)</script><p>s&igrave;</p>", "sì"},
        {"<head><title>no</title></head><body>ok</body>", "ok"},
        {"<p>Va "
         "bene</p><blockquote>prima<br>seconda<blockquote>ancora</blockquote></blockquote>dopo",
         "Va bene\n\n> prima\n> seconda\n>> ancora\ndopo"},
        {"prima<div style=\"display: none\">nascosto<div>anche</div></div><span "
         "hidden>no</span>dopo",
         "primadopo"},
        {"<pre>a\nb</pre>", "a\nb"},
        {"<a href=\"https://x.example\">qui</a>", "qui <https://x.example>"},
        {"<p>aperto", "aperto"},
        {"&lt;script&gt;", "<script>"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = parse_html_to_text(cases[i].html, strlen(cases[i].html), NULL);
        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

static void prefers_plain_text_to_html(void)
{
    g_autoptr(MailMessage) both =
        parse_text("From: a@b.example\nContent-Type: multipart/alternative; boundary=x\n\n"
                   "--x\nContent-Type: text/html\n\n<p>pagina</p>\n--x\nContent-Type: "
                   "text/plain\n\nparole\n--x--\n");
    g_assert_cmpstr(both->text, ==, "parole");
    g_assert_false(both->text_was_html);
    g_autoptr(MailMessage) blank =
        parse_text("From: a@b.example\nContent-Type: multipart/alternative; boundary=x\n\n"
                   "--x\nContent-Type: text/plain\n\n \n--x\nContent-Type: "
                   "text/html\n\n<p>pagina</p>\n--x--\n");
    g_assert_cmpstr(blank->text, ==, "pagina");
    g_assert_true(blank->text_was_html);
}

static void repairs_wrong_charset_labels(void)
{
    static const struct {
        const char *header, *body, *text;
    } cases[] = {
        {"text/plain; charset=iso-8859-1", "perch\xe9 \x93s\xec\x94", "perché “sì”"},
        {"text/plain; charset=utf-8", "perch\xe9", "perché"},
        {"text/plain", "perch\xc3\xa9", "perché"},
        {"text/plain; charset=us-ascii", "perch\xc3\xa9", "perché"},
        {"text/plain; charset=no-such-charset", "perch\xc3\xa9", "perché"},
        {"text/plain; charset=koi8-r", "\xf0\xf2\xe9\xf7\xe5\xf4", "ПРИВЕТ"},
        {"text/plain; charset=iso-2022-jp", "\x1b$B$3$s\x1b(B", "こん"},
        {"text/plain; charset=utf-8", "sar\xc3\xa0 cos\xc3\xac \xff", "sarà così \xef\xbf\xbd"},
        {"text/plain; charset=utf-7", "perch+AOk-", "perché"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *mail = g_strdup_printf("From: a@b.example\nContent-Type: %s\n\n%s",
                                                cases[i].header, cases[i].body);
        g_autoptr(MailMessage) message = parse_text(mail);
        g_assert_cmpstr(message->text, ==, cases[i].text);
    }
}

static void joins_flowed_lines(void)
{
    g_autoptr(MailMessage) message =
        parse_text("From: a@b.example\nContent-Type: text/plain; format=flowed\n\n"
                   "sarei disponibile \nmartedi\n> voi \n> dite\n-- \nfirma\n");
    g_assert_cmpstr(message->text, ==, "sarei disponibile martedi\n> voi dite\n-- \nfirma\n");
}

static void drops_control_characters(void)
{
    static const char mail[] =
        "From: \"A\x07"
        "B\" <a@b.example>\r\nSubject: uno =?utf-8?q?=0D=0ABcc:_x?=\r\n\r\nx\0y\x1b[31mz\r\nw";
    g_autoptr(MailMessage) message = parse_message((const guint8 *)mail, sizeof mail - 1, 0);
    g_assert_cmpstr(message->text, ==, "xy[31mz\nw");
    g_assert_cmpstr(message->from.name, ==, "AB");
    g_assert_null(strpbrk(message->subject, "\r\n"));
}

/* --- attachments --------------------------------------------------------------------------- */

static void makes_names_safe(void)
{
    static const struct {
        const char *raw, *safe;
    } cases[] = {
        {"Tavola 1.pdf", "Tavola 1.pdf"},
        {"../../etc/passwd", "passwd"},
        {"..\\..\\windows\\x.pdf", "x.pdf"},
        {"/etc/cron.d/x", "x"},
        {"Pratica 214/2026.pdf", "Pratica 214_2026.pdf"},
        {"a\nb\tc.pdf", "a b c.pdf"},
        {"fattura\xe2\x80\xae"
         "fdp.exe",
         "fatturafdp.exe"},
        {".htaccess", "htaccess"},
        {"...", "3.pdf"},
        {"", "3.pdf"},
        {NULL, "3.pdf"},
        {"a<b>:\"c|d?*.pdf", "a_b___c_d__.pdf"},
        {"nome. . ", "nome"},
        {"perch\xc3\xa9.pdf", "perché.pdf"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = parse_safe_name(cases[i].raw, "application/pdf", 3);
        g_assert_cmpstr(name, ==, cases[i].safe);
    }
    g_autofree char *much = g_strnfill(500, 'a');
    g_autofree char *long_name = g_strconcat(much, ".pdf", NULL);
    g_autofree char *name = parse_safe_name(long_name, "application/pdf", 1);
    g_assert_cmpuint(strlen(name), ==, 200);
    g_assert_true(g_str_has_suffix(name, "a.pdf"));
}

static void keeps_apart_what_nobody_should_open(void)
{
    static const struct {
        const char *name, *type, *start;
        bool dangerous;
    } cases[] = {
        {"tavola.pdf", "application/pdf", "%PDF-1.4", false},
        {"tavola.pdf", "application/octet-stream", "%PDF-1.4", false},
        {"rilievo.dwg", "application/acad", "AC1032", false},
        {"relazione.pdf.p7m", "application/pkcs7-mime", "0\x82", false},
        {"Pratica 214/2026.pdf", "application/pdf", "%PDF", false},
        {"foto.jpg", "image/jpeg", "\xff\xd8", false},
        {NULL, "image/jpeg", "\xff\xd8", false},
        {"fattura.exe", "application/octet-stream", "", true},
        {"fattura.pdf.exe", "application/pdf", "", true},
        {"fattura.pdf     .SCR", "application/pdf", "", true},
        {"piano.exe.pdf", "application/pdf", "%PDF", true},
        {"setup.exe.p7m", "application/pkcs7-mime", "0", true},
        {"fattura\xe2\x80\xae"
         "fdp.exe",
         "application/pdf", "", true},
        {"fattura\xe2\x80\xae"
         "fdp.txt",
         "application/pdf", "", true},
        {"modulo.docm", "application/vnd.ms-word", "", true},
        {"tavola.pdf", "application/pdf", "MZ\x90", true},
        {"tavola.pdf", "application/x-msdownload", "", true},
        {"tavola.pdf", "text/html", "", true},
        {"tavola.pdf", "application/pdf", " <html><script>", true},
        {"../../tavola.pdf", "application/pdf", "%PDF", true},
        {"C:tavola.pdf", "application/pdf", "%PDF", true},
        {"cartella\\tavola.pdf", "application/pdf", "%PDF", true},
        {NULL, "application/x-msdownload", "", true},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        bool found = parse_is_dangerous(cases[i].name, cases[i].type,
                                        (const guint8 *)cases[i].start, strlen(cases[i].start));
        if (found != cases[i].dangerous)
            g_error("%s as %s: %d", cases[i].name ? cases[i].name : "(no name)", cases[i].type,
                    found);
    }
}

static void places_parts_of_every_encoding(void)
{
    static const char mail[] =
        "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\npreamble\r\n"
        "--x\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: "
        "base64\r\n\r\nQUJD\r\n"
        "--x\r\nContent-Type: text/csv; name=\"b.csv\"\r\nContent-Transfer-Encoding: "
        "quoted-printable\r\n\r\n"
        "a=3Db=\r\nc\r\n"
        "--x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; "
        "filename*=utf-8''perch%C3%A9.dwg\r\nContent-Transfer-Encoding: "
        "binary\r\n\r\n\x01\r\n\x02\r\n\r\n"
        "--x\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\nContent-Disposition: inline\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\niVBO\r\n"
        "--x--\r\nepilogue";
    static const struct {
        const char *name, *encoding, *encoded;
        gint64 size;
        gboolean is_inline;
    } expected[] = {
        {"a.pdf", "base64", "QUJD", 3, FALSE},
        {"b.csv", "quoted-printable", "a=3Db=\r\nc", 4, FALSE},
        {"perché.dwg", "binary", "\x01\r\n\x02\r\n", 6, FALSE},
        {"4.png", "base64", "iVBO", 3, TRUE},
    };
    g_autoptr(MailMessage) message = parse_message((const guint8 *)mail, sizeof mail - 1, 0);
    g_assert_cmpuint(message->parts->len, ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        const MailPart *part = part_of(message, i);
        g_assert_cmpstr(part->name, ==, expected[i].name);
        g_assert_cmpstr(part->encoding, ==, expected[i].encoding);
        assert_bytes(mail + part->offset, part->length, expected[i].encoded);
        g_assert_cmpint(part->size, ==, expected[i].size);
        g_assert_cmpint(part->is_inline, ==, expected[i].is_inline);
    }
}

static void lists_a_message_that_was_passed_on(void)
{
    static const char mail[] =
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nguardate\n--x\n"
        "Content-Type: message/rfc822\n\nFrom: c@d.example\nSubject: scia 214/2026\n\n"
        "parole inoltrate\n--x--\n";
    static const char inner[] = "From: c@d.example\nSubject: scia 214/2026\n\nparole inoltrate";
    g_autoptr(MailMessage) message = parse_message((const guint8 *)mail, sizeof mail - 1, 0);
    g_assert_cmpuint(message->parts->len, ==, 1);
    const MailPart *part = g_ptr_array_index(message->parts, 0);
    g_assert_cmpstr(part->type, ==, "message/rfc822");
    g_assert_cmpstr(part->name, ==, "scia 214_2026.eml");
    g_assert_cmpint(part->length, ==, (gint64)strlen(inner));
    g_autofree char *bytes = g_strndup(mail + part->offset, (gsize)part->length);
    g_assert_cmpstr(bytes, ==, inner);
}

static void places_parts_inside_a_forwarded_message(void)
{
    static const char mail[] =
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n"
        "--x\nContent-Type: text/plain\n\nvedi sotto\n"
        "--x\nContent-Type: message/rfc822\n\n"
        "From: c@d.example\nSubject: dentro\nContent-Type: multipart/mixed; boundary=y\n\n"
        "--y\n\nparole inoltrate\n--y\nContent-Type: application/pdf; name=t.pdf\n\n%PDF\n--y--\n"
        "--x--\n";
    g_autoptr(MailMessage) message = parse_text(mail);
    g_assert_cmpstr(message->text, ==, "vedi sotto");
    g_assert_cmpstr(message->forwarded, ==,
                    "From: c@d.example\nSubject: dentro\n\nparole inoltrate");
    g_assert_cmpstr(message->from.email, ==, "a@b.example");
    const MailPart *part = part_of(message, 0);
    assert_bytes(mail + part->offset, part->length, "%PDF");
}

static void reads_an_encoded_message_inside(void)
{
    g_autoptr(MailMessage) message =
        parse_text("From: p@q.example\nX-Trasporto: posta-certificata\nContent-Type: "
                   "multipart/mixed; boundary=x\n\n"
                   "--x\n\nbusta\n--x\nContent-Type: message/rfc822; name=postacert.eml\n"
                   "Content-Transfer-Encoding: base64\n\n"
                   "RnJvbTogYUBiLmV4YW1wbGUNClN1YmplY3Q6IGNpYW8NCg0KdGVzdG8NCg==\n--x--\n");
    g_assert_cmpint(message->pec.kind, ==, PEC_ENVELOPE);
    g_assert_cmpstr(message->from.email, ==, "a@b.example");
    g_assert_cmpstr(message->subject, ==, "ciao");
    g_assert_cmpstr(message->text, ==, "testo\n");
}

/* --- what costs the library the square of its length --------------------------------------- */

static char *repeated(const char *before, const char *unit, guint times, const char *after)
{
    GString *text = g_string_new(before);
    for (guint i = 0; i < times; i++)
        g_string_append(text, unit);
    g_string_append(text, after);
    return g_string_free(text, FALSE);
}

/* What is too much of a list is left out and the rest is read; were the work to grow faster than
 * the list, the limit of time of the whole program would tell. */
static void absurd_lists_in_a_header_end_soon(void)
{
    static const char *const fields[] = {"To: ", "From : ", "cc:", "Content-Type: text/plain;"};
    static const char *const units[] = {"1,2,3,", "g:", "a=b; ", "via Roma 1,\n "};
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(units); k++) {
            g_autofree char *text =
                repeated(fields[i], units[k], ABSURD, "\nSubject: ciao\n\ntesto\n");
            g_autoptr(MailMessage) message = parse_text(text);
            g_assert_true(message->malformed);
            g_assert_cmpstr(message->subject, ==, "ciao");
            g_assert_cmpstr(message->text, ==, "testo\n");
        }
}

static void a_letter_to_many_is_read_whole(void)
{
    g_autofree char *text =
        repeated("From: a@b.example\nTo: ", "c@d.example,\n ", 400, "e@f.example\n\nTo: 1;2;3\n");
    g_autoptr(MailMessage) message = parse_text(text);
    g_assert_false(message->malformed);
    g_assert_cmpuint(message->to->len, ==, PARSE_ADDRESSES_MOST);
    g_assert_cmpstr(message->text, ==, "To: 1;2;3\n");
}

static void a_tag_with_absurd_attributes_ends_the_words(void)
{
    g_autoptr(GString) html = g_string_new("<p>prima</p><a");
    for (guint i = 0; i < 80000; i++)
        g_string_append_printf(html, " b%u", i);
    g_string_append(html, "><p>dopo</p>");
    bool cut = false;
    g_autofree char *text = parse_html_to_text(html->str, html->len, &cut);
    g_assert_true(cut);
    g_assert_cmpstr(text, ==, "prima");
    g_autofree char *picture = repeated("<p>prima<img src=\"data:image/png;base64,", "ABCD/",
                                        100000, "\"></p><p>dopo</p>");
    g_autofree char *words = parse_html_to_text(picture, strlen(picture), &cut);
    g_assert_false(cut);
    g_assert_cmpstr(words, ==, "prima\n\ndopo");
}

#define TEST(function) g_test_add_func("/mail/parse/" #function, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    parse_warm(NULL);
    TEST(turns_html_into_lines);
    TEST(prefers_plain_text_to_html);
    TEST(repairs_wrong_charset_labels);
    TEST(joins_flowed_lines);
    TEST(drops_control_characters);
    TEST(makes_names_safe);
    TEST(keeps_apart_what_nobody_should_open);
    TEST(places_parts_of_every_encoding);
    TEST(lists_a_message_that_was_passed_on);
    TEST(places_parts_inside_a_forwarded_message);
    TEST(reads_an_encoded_message_inside);
    TEST(absurd_lists_in_a_header_end_soon);
    TEST(a_letter_to_many_is_read_whole);
    TEST(a_tag_with_absurd_attributes_ends_the_words);
    return g_test_run();
}
