/* lmtp_line.h - LMTP as it is written (RFC 2033, which takes its commands from RFC 5321): one
 * command line, and the lines of a message.
 *
 * Pure: bytes to values. Every byte is somebody else's.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

#define LMTP_LINE_MOST 2048   /* bytes of a command, its line end included */
#define LMTP_ADDRESS_MOST 320 /* local part 64, domain 255 (RFC 5321, 4.5.3.1) */

typedef enum {
    LMTP_LHLO,
    LMTP_MAIL,
    LMTP_RCPT,
    LMTP_DATA,
    LMTP_RSET,
    LMTP_NOOP,
    LMTP_QUIT,
    LMTP_VRFY,
    LMTP_UNKNOWN,   /* no such command; HELO and EHLO too (RFC 2033, 4.1) */
    LMTP_SYNTAX,    /* known, but not written so */
    LMTP_ADDRESS,   /* MAIL or RCPT with what is no address */
    LMTP_PARAMETER, /* MAIL or RCPT with a parameter that we did not offer */
} LmtpVerb;

typedef struct {
    LmtpVerb verb;
    char address[LMTP_ADDRESS_MOST + 1]; /* of MAIL and RCPT, without angle brackets and route; ""
                                            is the null sender. UTF-8, no controls, no angle
                                            brackets but inside quotes */
} LmtpCommand;

/* `line` without its CRLF. */
void lmtp_parse(const char *line, gsize length, LmtpCommand *command);

/* --- what follows DATA (RFC 5321, 4.5.2) --- */

typedef enum {
    LMTP_AT_START = 0, /* of a line */
    LMTP_AT_DOT,       /* that began a line */
    LMTP_AT_DOT_CR,    /* and a CR after it */
    LMTP_AT_TEXT,
    LMTP_AT_CR,
    LMTP_AT_END, /* a line of one dot was seen */
} LmtpData;      /* begins as LMTP_AT_START */

/* Takes bytes up to the end of the message and writes what they mean to `out`, which has room for
 * `length` + 1 bytes. Returns how many it took: less than `length` only at the end. A line ends
 * with CRLF and with nothing else, so that nobody smuggles a second message in. */
gsize lmtp_data(LmtpData *state, const char *bytes, gsize length, char *out, gsize *out_length);
