/* parse.h - MIME, PEC, DSN and iTIP to a MailMessage. Runs in the sandboxed child only (and in
 * tests and fuzz targets): GMime, libxml2 and libical see hostile bytes nowhere else.
 */
#pragma once
#include "reading/message.h"

/* Opens an iconv handle for every charset and whatever else would need a file later. */
void parse_warm(void);
/* Never NULL: what cannot be understood is left empty and `malformed` set. */
MailMessage *parse_message(const guint8 *bytes, gsize length);
/* A SandboxReader: mail_message_to_json of parse_message. */
char *parse_to_json(const guint8 *bytes, gsize length, gsize *answer_length);
