/* parse.h - MIME, PEC, DSN and iTIP to a MailMessage. Runs in the sandboxed child only (and in
 * tests and fuzz targets): GMime, libxml2 and libical see hostile bytes nowhere else.
 */
#pragma once
#include "reading/message.h"

/* Opens an iconv handle for every charset and whatever else would need a file later. `ca_file`: PEM
 * bundle of the authorities of PEC providers, NULL for none. */
void parse_warm(const char *ca_file);
/* Never NULL: what cannot be understood is left empty and `malformed` set. `received_at`: Unix
 * seconds; G_MININT64 when nobody knows it, then the message's own Date stands for it. */
MailMessage *parse_message(const guint8 *bytes, gsize length, gint64 received_at);
/* A SandboxReader: mail_message_to_json of parse_message. */
char *parse_to_json(const guint8 *bytes, gsize length, gint64 received_at, gsize *answer_length);
