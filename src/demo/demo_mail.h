/* demo_mail.h - a mail as a citizen would send it, composed for the demo's mail page. Pure. */
#pragma once
#include "base/when.h"

/* All borrowed; name, subject and in_reply_to may be NULL. */
typedef struct {
    const char *from_name, *from; /* from must be a plain address */
    const char *to;
    const char *subject;
    const char *in_reply_to; /* without angle brackets */
    const char *text;
    gboolean is_automatic; /* an out-of-office answer (RFC 3834) */
    const char *file_name; /* one attachment; NULL: none */
    const char *file_type;
    const void *file;
    gsize file_length;
    gint64 at; /* Date */
    const Zone *zone;
} DemoMail;

GString *demo_mail_compose(const DemoMail *mail); /* RFC 5322, CRLF */
gboolean demo_mail_is_address(const char *text);
