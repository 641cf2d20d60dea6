/* parse.h - MIME, PEC, DSN and iTIP to a MailMessage. Runs in the sandboxed child only (and in
 * tests and fuzz targets): GMime, libxml2 and libical see hostile bytes nowhere else.
 */
#pragma once
#include "reading/message.h"

/* Opens an iconv handle for the usual charsets and whatever else would need a file later.
 * `ca_file`: PEM bundle of the authorities of PEC providers, NULL for none. */
void parse_warm(const char *ca_file);
/* All other charsets: many libraries, and hardly a message in a thousand needs one. */
void parse_warm_rest(void);
/* Since it was asked last: was a charset wanted that is not there? One that nobody knows, or one of
 * the rest. One thread. */
bool parse_missed_charset(void);
/* Never NULL: what cannot be understood is left empty and `malformed` set. `received_at`: Unix
 * seconds; G_MININT64 when nobody knows it, then the message's own Date stands for it. */
MailMessage *parse_message(const guint8 *bytes, gsize length, gint64 received_at);
/* A SandboxReader: mail_message_to_json of parse_message. */
char *parse_to_json(const guint8 *bytes, gsize length, gint64 received_at, gsize *answer_length);
