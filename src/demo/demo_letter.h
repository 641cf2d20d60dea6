/* demo_letter.h - our own letters taken apart again for the demo's mail page. Pure; no parser of
 * foreign mail. */
#pragma once
#include <glib.h>

/* The first part of that media type out of a message that mail/letter.h composed, decoded; NULL
 * when it has none. */
GString *demo_letter_part(const char *message, gsize length, const char *type);

/* The address that answers to it go to when that is not its sender; NULL when it names none. */
char *demo_letter_reply_to(const char *message, gsize length);

typedef struct {
    gsize from, until; /* bytes */
    gboolean is_link;
} DemoRun;
/* The text cut into runs, links (http, https) apart; owned by the caller. */
GArray *demo_letter_runs(const char *text);
