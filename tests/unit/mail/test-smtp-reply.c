/* test-smtp-reply.c - what the lines of a server's replies say, and what becomes of a letter. */
#include "mail/smtp_reply.h"

#include <string.h>

static void a_line_has_a_code_and_perhaps_an_enhanced_status(void)
{
    static const struct {
        const char *line;
        int code;
        const char *status;
    } cases[] = {
        {"250 2.0.0 Ok: queued as 1A2B\r\n", 250, "2.0.0"},
        {"550-5.1.1 <a@b.example>: unknown\r\n", 550, "5.1.1"},
        {"450 4.7.1\r\n", 450, "4.7.1"},
        {"550 5.123.45 x", 550, "5.123.45"},
        {"354 End data with <CR><LF>.<CR><LF>\r\n", 354, ""},
        {"550 No such user 5.1.1\r\n", 550, ""},
        {"550 5.1 x", 550, ""},
        {"550 5.1.1.1 x", 550, ""},
        {"550 9.1.1 x", 550, ""},
        {"550 5.1234.1 x", 550, ""},
        {"550 5..1 x", 550, ""},
        {"550", 550, ""},
        {"550 ", 550, ""},
        {"5501 x", 0, ""},
        {"150 x", 0, ""},
        {"650 x", 0, ""},
        {"25", 0, ""},
        {"2x0 ok", 0, ""},
        {"", 0, ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        SmtpReply reply = smtp_reply_read(cases[i].line, strlen(cases[i].line));
        g_assert_cmpint(reply.code, ==, cases[i].code);
        g_assert_cmpstr(reply.status, ==, cases[i].status);
    }
}

static void the_announced_limit_is_read(void)
{
    static const struct {
        const char *line;
        gint64 size;
    } cases[] = {{"250-SIZE 52428800\r\n", 52428800},
                 {"250 size 10240000\r\n", 10240000},
                 {"250-SIZE 0\r\n", 0},
                 {"250-SIZE\r\n", 0},
                 {"250-SIZE \r\n", 0},
                 {"250-SIZE -5\r\n", 0},
                 {"250-SIZE 99999999999999999999\r\n", 0},
                 {"250-SIZES 5\r\n", 0},
                 {"550-SIZE 5\r\n", 0}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(smtp_reply_size(cases[i].line, strlen(cases[i].line)), ==, cases[i].size);
}

static void the_code_decides_what_becomes_of_a_letter(void)
{
    static const struct {
        bool taken, about_letter;
        int code;
        SmtpOutcome outcome;
    } cases[] = {
        {true, true, 250, SMTP_SENT},     {false, true, 450, SMTP_LATER}, /* greylisting */
        {false, true, 452, SMTP_LATER},                                   /* full */
        {false, true, 550, SMTP_REFUSED},                                 /* no such user */
        {false, true, 554, SMTP_REFUSED},                                 /* after DATA */
        {false, true, 552, SMTP_REFUSED},                                 /* too big */
        {false, true, 250, SMTP_DOWN}, /* a reply that never came: the one before was 250 */
        {false, true, 354, SMTP_DOWN},    {false, true, 0, SMTP_DOWN},
        {false, true, 421, SMTP_DOWN}, /* the channel closes */
        {false, true, 530, SMTP_DOWN}, /* log in first: our configuration's fault */
        {false, true, 535, SMTP_DOWN},    {false, false, 554, SMTP_DOWN}, /* as greeting */
        {false, false, 535, SMTP_DOWN},   {false, false, 450, SMTP_DOWN},
        {false, true, 600, SMTP_DOWN},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(smtp_outcome(cases[i].taken, cases[i].about_letter, cases[i].code), ==,
                        cases[i].outcome);
}

static void an_address_cannot_end_its_command(void)
{
    static const char *const good[] = {"a@b", "mario.rossi+x@comune.example", "\"a@b\"@c.example"};
    static const char *const bad[] = {NULL,
                                      "",
                                      "a",
                                      "@b",
                                      "a@",
                                      "a@b\r\n",
                                      "a b@c",
                                      "<a@b>",
                                      "a@b>\tSIZE",
                                      "a@b\r\nRCPT TO:<c@d>",
                                      "a@\xc3\xa8.example"};
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
        g_assert_true(smtp_is_path(good[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(smtp_is_path(bad[i]));
    g_autofree char *local = g_strnfill(253, 'a');
    g_autofree char *longest = g_strconcat(local, "@b", NULL);
    g_assert_false(smtp_is_path(longest));
    g_assert_true(smtp_is_path(longest + 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/mail/smtp_reply/" #name, name)
    CASE(a_line_has_a_code_and_perhaps_an_enhanced_status);
    CASE(the_announced_limit_is_read);
    CASE(the_code_decides_what_becomes_of_a_letter);
    CASE(an_address_cannot_end_its_command);
    return g_test_run();
}
