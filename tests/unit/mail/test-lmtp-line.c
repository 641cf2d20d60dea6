/* test-lmtp-line.c - LMTP as it is written: commands, addresses, dots. */
#include "mail/lmtp_line.h"

#include <string.h>

static const struct {
    const char *line;
    LmtpVerb verb;
    const char *address;
} lines[] = {
    {"LHLO mail.example", LMTP_LHLO, ""},
    {"lhlo [127.0.0.1]  ", LMTP_LHLO, ""},
    {"LHLO", LMTP_SYNTAX, ""},
    {"HELO mail.example", LMTP_UNKNOWN, ""},
    {"EHLO mail.example", LMTP_UNKNOWN, ""},
    {"MAIL FROM:<a@b.example>", LMTP_MAIL, "a@b.example"},
    {"mail from:<a@b.example> size=1000 body=8bitmime SMTPUTF8", LMTP_MAIL, "a@b.example"},
    {"MAIL FROM: <a@b.example>", LMTP_MAIL, "a@b.example"},
    {"MAIL FROM:<>", LMTP_MAIL, ""},
    {"MAIL FROM:<> BODY=7BIT", LMTP_MAIL, ""},
    {"MAIL FROM:<a@b.example> SIZE=", LMTP_PARAMETER, NULL},
    {"MAIL FROM:<a@b.example> SIZE=1x", LMTP_PARAMETER, NULL},
    {"MAIL FROM:<a@b.example> BODY=BINARYMIME", LMTP_PARAMETER, NULL},
    {"MAIL FROM:<a@b.example> RET=HDRS", LMTP_PARAMETER, NULL},
    {"MAIL FROM:<a@b.example>SIZE=1", LMTP_SYNTAX, NULL},
    {"MAIL FROM:a@b.example", LMTP_ADDRESS, NULL},
    {"MAIL FROM:<a@b.example", LMTP_ADDRESS, NULL},
    {"MAIL TO:<a@b.example>", LMTP_SYNTAX, NULL},
    {"MAIL", LMTP_SYNTAX, NULL},
    {"MAILFROM:<a@b.example>", LMTP_UNKNOWN, NULL},
    {"RCPT TO:<edilizia+abc@comune.example>", LMTP_RCPT, "edilizia+abc@comune.example"},
    {"RCPT TO:<@one.example,@two.example:a@b.example>", LMTP_RCPT, "a@b.example"},
    {"RCPT TO:<\"a b>c\"@d.example>", LMTP_RCPT, "\"a b>c\"@d.example"},
    {"RCPT TO:<\"a\\\"b\"@d.example>", LMTP_RCPT, "\"a\\\"b\"@d.example"},
    {"RCPT TO:<ufficio@citt\xc3\xa0.example>", LMTP_RCPT, "ufficio@citt\xc3\xa0.example"},
    {"RCPT TO:<ufficio@citt\xe0.example>", LMTP_ADDRESS, NULL},
    {"RCPT TO:<a b@d.example>", LMTP_ADDRESS, NULL},
    {"RCPT TO:<a@b\x01.example>", LMTP_ADDRESS, NULL},
    {"RCPT TO:<a@b.example\nBcc: x>", LMTP_ADDRESS, NULL},
    {"RCPT TO:<>", LMTP_ADDRESS, NULL},
    {"RCPT TO:<postmaster>", LMTP_ADDRESS, NULL},
    {"RCPT TO:<@>", LMTP_ADDRESS, NULL},
    {"RCPT TO:<\"a@b.example>", LMTP_ADDRESS, NULL},
    {"RCPT TO:<a@b.example> NOTIFY=NEVER", LMTP_PARAMETER, NULL},
    {"RCPT TO:<a@b.example> SIZE=1", LMTP_PARAMETER, NULL},
    {"DATA", LMTP_DATA, ""},
    {"DATA ", LMTP_DATA, ""},
    {"DATA now", LMTP_SYNTAX, ""},
    {"RSET", LMTP_RSET, ""},
    {"NOOP", LMTP_NOOP, ""},
    {"NOOP anything", LMTP_NOOP, ""},
    {"QUIT", LMTP_QUIT, ""},
    {"VRFY edilizia", LMTP_VRFY, ""},
    {"BDAT 10 LAST", LMTP_UNKNOWN, ""},
    {"", LMTP_UNKNOWN, ""},
    {" ", LMTP_UNKNOWN, ""},
    {" DATA", LMTP_UNKNOWN, ""},
    {"DATABASE", LMTP_UNKNOWN, ""},
};

static void reads_commands(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        LmtpCommand command;
        /* a copy that ends where the line does, for the address sanitizer */
        gsize length = strlen(lines[i].line);
        g_autofree char *line = length ? g_memdup2(lines[i].line, length) : NULL;
        lmtp_parse(line ? line : "", length, &command);
        g_autofree char *shown = g_strescape(lines[i].line, NULL);
        g_test_message("%s", shown);
        g_assert_cmpint(command.verb, ==, lines[i].verb);
        if (lines[i].address)
            g_assert_cmpstr(command.address, ==, lines[i].address);
    }
}

static void refuses_a_nul_and_what_is_too_long(void)
{
    LmtpCommand command;
    lmtp_parse("RCPT TO:<a\0b@c.example>", 23, &command);
    g_assert_cmpint(command.verb, ==, LMTP_SYNTAX);
    g_autofree char *name = g_strnfill(LMTP_ADDRESS_MOST - 10, 'x');
    g_autofree char *fits = g_strdup_printf("RCPT TO:<%s@c.example>", name);
    lmtp_parse(fits, strlen(fits), &command);
    g_assert_cmpint(command.verb, ==, LMTP_RCPT);
    g_assert_cmpuint(strlen(command.address), ==, LMTP_ADDRESS_MOST);
    g_autofree char *longer = g_strdup_printf("RCPT TO:<x%s@c.example>", name);
    lmtp_parse(longer, strlen(longer), &command);
    g_assert_cmpint(command.verb, ==, LMTP_ADDRESS);
}

static const struct {
    const char *wire, *message, *rest;
} messages[] = {
    {"a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n"},
    {".\r\nNOOP\r\n", "", "NOOP\r\n"},
    {"..\r\n.\r\n", ".\r\n", ""},
    {"..a\r\n.b\r\n...\r\n.\r\n", ".a\r\nb\r\n..\r\n", ""},
    {"a.\r\n.\r\n", "a.\r\n", ""},
    {"a\r\n.\r", NULL, NULL},
    {"a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", ""},
    {"a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", ""},
    /* only CRLF ends a line */
    {"a\n.\nMAIL FROM:<x@y.example>\n.\r\n", NULL, NULL},
    {"a\n.\r\nMAIL\r\n.\r\n", "a\n.\r\nMAIL\r\n", ""},
    {"a\r\n.\nMAIL\r\n.\r\n", "a\r\n\nMAIL\r\n", ""},
    {"a\r.\r\n.\r\n", "a\r.\r\n", ""},
    {"a\r\r\n.\r\n", "a\r\r\n", ""},
};

static void ends_at_the_dot_and_undoes_the_others(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(messages); i++)
        for (gsize piece = 1; piece < 40; piece++) {
            g_autoptr(GString) message = g_string_new(NULL);
            const char *wire = messages[i].wire;
            gsize length = strlen(wire), at = 0;
            LmtpData state = LMTP_AT_START;
            while (at < length && state != LMTP_AT_END) {
                gsize much = MIN(piece, length - at), out_length;
                g_autofree char *out = g_malloc(much + 1);
                gsize taken = lmtp_data(&state, wire + at, much, out, &out_length);
                g_assert_cmpuint(out_length, <=, much + 1);
                g_string_append_len(message, out, (gssize)out_length);
                at += taken;
            }
            g_assert_cmpint(state == LMTP_AT_END, ==, messages[i].message != NULL);
            if (!messages[i].message)
                continue;
            g_assert_cmpstr(message->str, ==, messages[i].message);
            g_assert_cmpstr(wire + at, ==, messages[i].rest);
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail/lmtp_line/reads_commands", reads_commands);
    g_test_add_func("/mail/lmtp_line/refuses_a_nul_and_what_is_too_long",
                    refuses_a_nul_and_what_is_too_long);
    g_test_add_func("/mail/lmtp_line/ends_at_the_dot_and_undoes_the_others",
                    ends_at_the_dot_and_undoes_the_others);
    return g_test_run();
}
