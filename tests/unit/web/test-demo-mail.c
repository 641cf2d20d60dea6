/* The demo's mail page: mails as a citizen writes them, letters taken apart again. */
#include "demo/demo_letter.h"
#include "demo/demo_mail.h"
#include <string.h>

static DemoMail plain_mail(void)
{
    return (DemoMail){.from_name = "Luca Perini",
                      .from = "l.perini@studio.example",
                      .to = "edilizia@comune.example",
                      .subject = "SCIA 1/2026",
                      .text = "Città\n",
                      .at = 1795510800, /* 2026-11-24T10:00:00+01:00 */
                      .zone = zone_find("Europe/Rome")};
}

static void a_mail_has_the_header_of_a_mail(void)
{
    const DemoMail mail = plain_mail();
    GString *out = demo_mail_compose(&mail);
    g_assert_nonnull(strstr(out->str, "From: Luca Perini <l.perini@studio.example>\r\n"));
    g_assert_nonnull(strstr(out->str, "Date: Tue, 24 Nov 2026 10:00:00 +0100\r\n"));
    g_assert_nonnull(strstr(out->str, "Subject: SCIA 1/2026\r\n"));
    g_assert_nonnull(strstr(out->str, "\r\n\r\nQ2l0dMOgCg==\r\n"));
    g_assert_null(strstr(out->str, "In-Reply-To"));
    g_string_free(out, TRUE);
}

static void no_header_can_be_smuggled_in(void)
{
    DemoMail mail = plain_mail();
    mail.subject = "Saluti\r\nBcc: tutti@altri.example";
    mail.from_name = "Rossi, \"A\"\r\nBcc: x@y.example";
    GString *out = demo_mail_compose(&mail);
    g_assert_null(strstr(out->str, "\nBcc:"));
    g_string_free(out, TRUE);
    g_assert_false(demo_mail_is_address("a@b.example\r\nBcc: c@d.example"));
    g_assert_false(demo_mail_is_address("solo.nome"));
    g_assert_true(demo_mail_is_address("giulia.m+prova@arch-studio.example"));
}

static void an_attachment_makes_it_multipart(void)
{
    DemoMail mail = plain_mail();
    mail.file_name = "Tav 03.pdf";
    mail.file_type = "application/pdf";
    mail.file = "%PDF";
    mail.file_length = 4;
    GString *out = demo_mail_compose(&mail);
    GString *file = demo_letter_part(out->str, out->len, "application/pdf");
    g_assert_nonnull(strstr(out->str, "filename*=UTF-8''Tav%2003.pdf"));
    g_assert_nonnull(file);
    g_assert_cmpstr(file->str, ==, "%PDF");
    g_string_free(file, TRUE);
    g_string_free(out, TRUE);
}

static const char letter[] =
    "Subject: x\r\nContent-Type: multipart/mixed; boundary=\"a\"\r\n\r\n--a\r\n"
    "Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n--b\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nplain\r\n--b\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>citt=C3=A0</p>\r\n--b--\r\n--a--\r\n";

static void the_html_of_a_letter_is_found(void)
{
    GString *html = demo_letter_part(letter, strlen(letter), "text/html");
    g_assert_nonnull(html);
    g_assert_cmpstr(html->str, ==, "<p>città</p>");
    g_string_free(html, TRUE);
    g_assert_null(demo_letter_part(letter, strlen(letter), "text/calendar"));
}

static void links_are_cut_out_of_a_text(void)
{
    const char *text = "vai a https://x.example/p/AB. Ciao";
    g_autoptr(GArray) runs = demo_letter_runs(text);
    g_assert_cmpuint(runs->len, ==, 3);
    const DemoRun *link = &g_array_index(runs, DemoRun, 1);
    g_assert_true(link->is_link);
    g_autofree char *words = g_strndup(text + link->from, link->until - link->from);
    g_assert_cmpstr(words, ==, "https://x.example/p/AB");
}

static void answers_go_where_the_letter_says(void)
{
    static const struct {
        const char *message, *expected;
    } cases[] = {
        {"From: a@b.example\r\nSubject: x\r\n\r\nReply-To: <c@d.example>\r\n", NULL},
        {"Reply-To: c@d.example\r\nSubject: x\r\n\r\n", "c@d.example"},
        {"From: a@b.example\r\nReply-To: Un ufficio - Comune\r\n <c+r-x.Y@d.example>\r\nTo: "
         "e\r\n\r\n",
         "c+r-x.Y@d.example"},
        {"Subject: uno\r\n Reply-To: <no@d.example>\r\n\r\n", NULL},
        {"Subject: nessun corpo", NULL},
        {"Reply-To: <rotto\r\n\r\n", "<rotto"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *address = demo_letter_reply_to(cases[i].message, strlen(cases[i].message));
        g_assert_cmpstr(address, ==, cases[i].expected);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/demo/mail/a_mail_has_the_header_of_a_mail", a_mail_has_the_header_of_a_mail);
    g_test_add_func("/demo/mail/no_header_can_be_smuggled_in", no_header_can_be_smuggled_in);
    g_test_add_func("/demo/mail/an_attachment_makes_it_multipart",
                    an_attachment_makes_it_multipart);
    g_test_add_func("/demo/letter/the_html_of_a_letter_is_found", the_html_of_a_letter_is_found);
    g_test_add_func("/demo/letter/links_are_cut_out_of_a_text", links_are_cut_out_of_a_text);
    g_test_add_func("/demo/letter/answers_go_where_the_letter_says",
                    answers_go_where_the_letter_says);
    return g_test_run();
}
