/* smtp_reply.h - what a server's reply means for a letter. Pure.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef enum {
    SMTP_SENT,    /* the server has taken it over (RFC 5321, 6.1) */
    SMTP_LATER,   /* "not now" to this letter */
    SMTP_REFUSED, /* "never" to this letter */
    SMTP_DOWN,    /* nothing about the letter: no connection, no TLS, no login, no reply */
} SmtpOutcome;

/* What a line of a reply says beyond its text, which is for people and may name them. */
typedef struct {
    int code;        /* 0: it is no line of a reply */
    char status[12]; /* enhanced (RFC 2034, RFC 3463), "5.1.1"; "": none */
} SmtpReply;

SmtpReply smtp_reply_read(const char *line, gsize length);

/* The limit that an EHLO line announces (RFC 1870), bytes; 0: none or no such line. */
gint64 smtp_reply_size(const char *line, gsize length);

/* `about_letter`: the code answers MAIL, RCPT, DATA or the letter's end, not the greeting, STARTTLS
 * or AUTH. Codes that ask for a login (RFC 4954, 6) or close the channel are never its fault. */
SmtpOutcome smtp_outcome(bool taken, bool about_letter, int code);
const char *smtp_outcome_name(SmtpOutcome outcome); /* "sent", "later", "refused", "down" */

/* Whether an address may stand in MAIL or RCPT: what could end the command or the path cannot. */
bool smtp_is_path(const char *address);
