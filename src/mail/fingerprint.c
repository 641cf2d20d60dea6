/* fingerprint.c - see fingerprint.h. One pass, whatever pieces the bytes come in; of a line of the
 * header only its beginning is kept, until it is known what it is.
 */
#include "mail/fingerprint.h"

#include <stdbool.h>
#include <string.h>

enum { START_MOST = 40 }; /* longer than every name below */

struct Fingerprint {
    GChecksum *message;
    GChecksum *trace;  /* of the fields that the way has added */
    GChecksum *target; /* of this line; NULL: not known yet */
    GChecksum *before; /* of the line before, for one that is folded */
    char start[START_MOST];
    gsize start_length;
    bool is_first; /* line */
    bool is_body;
    bool has_identity; /* Message-ID or Date */
    bool has_return;   /* a CR that may end a line */
    guint64 ends;      /* line ends of the body that count once something follows */
};

static const char *const trace_names[] = {
    "received",
    "return-path",
    "delivered-to",
    "x-original-to",
    "x-delivered-to",
    "envelope-to",
    "x-envelope-to",
    "x-envelope-from",
    "delivery-date",
    "x-received",
    "received-spf",
    "dkim-filter",
    "authentication-results",
    "arc-seal",
    "arc-message-signature",
    "arc-authentication-results",
    "x-virus-scanned",
    "x-greylist",
    NULL,
};
static const char *const identity_names[] = {"message-id", "date", NULL};

Fingerprint *fingerprint_new(void)
{
    Fingerprint *fingerprint = g_new0(Fingerprint, 1);
    fingerprint->message = g_checksum_new(G_CHECKSUM_SHA256);
    fingerprint->trace = g_checksum_new(G_CHECKSUM_SHA256);
    fingerprint->before = fingerprint->message;
    fingerprint->is_first = true;
    return fingerprint;
}

void fingerprint_free(Fingerprint *fingerprint)
{
    if (!fingerprint)
        return;
    g_checksum_free(fingerprint->message);
    g_checksum_free(fingerprint->trace);
    g_free(fingerprint);
}

static void add(GChecksum *checksum, const char *bytes, gsize length)
{
    g_checksum_update(checksum, (const guchar *)bytes, (gssize)length);
}

/* --- the header ---------------------------------------------------------------------------- */

static bool is_trace(const char *name)
{
    return g_strv_contains(trace_names, name) || g_str_has_prefix(name, "x-spam-");
}

static GChecksum *choose(Fingerprint *fingerprint)
{
    const char *start = fingerprint->start;
    gsize length = fingerprint->start_length;
    if (length && (*start == ' ' || *start == '\t'))
        return fingerprint->before;
    if (fingerprint->is_first && length >= 5 && memcmp(start, "From ", 5) == 0)
        return fingerprint->trace; /* the line of an mbox */
    const char *colon = memchr(start, ':', length);
    if (!colon)
        return fingerprint->message;
    g_autofree char *written = g_strndup(start, (gsize)(colon - start));
    g_autofree char *name = g_ascii_strdown(g_strchomp(written), -1);
    if (g_strv_contains(identity_names, name))
        fingerprint->has_identity = true;
    return is_trace(name) ? fingerprint->trace : fingerprint->message;
}

static void know_line(Fingerprint *fingerprint)
{
    fingerprint->target = fingerprint->before = choose(fingerprint);
    fingerprint->is_first = false;
    add(fingerprint->target, fingerprint->start, fingerprint->start_length);
    fingerprint->start_length = 0;
}

static void add_to_header(Fingerprint *fingerprint, const char *bytes, gsize length)
{
    if (!fingerprint->target) {
        gsize step = MIN(length, START_MOST - fingerprint->start_length);
        memcpy(fingerprint->start + fingerprint->start_length, bytes, step);
        fingerprint->start_length += step;
        if (fingerprint->start_length < START_MOST)
            return;
        know_line(fingerprint);
        bytes += step;
        length -= step;
    }
    add(fingerprint->target, bytes, length);
}

static void end_header_line(Fingerprint *fingerprint)
{
    if (!fingerprint->target && !fingerprint->start_length) {
        fingerprint->is_body = true;
        fingerprint->ends = 1;
        return;
    }
    if (!fingerprint->target)
        know_line(fingerprint);
    add(fingerprint->target, "\n", 1);
    fingerprint->target = NULL;
}

/* --- all of it ----------------------------------------------------------------------------- */

static void add_text(Fingerprint *fingerprint, const char *bytes, gsize length)
{
    if (!length)
        return;
    if (!fingerprint->is_body) {
        add_to_header(fingerprint, bytes, length);
        return;
    }
    for (; fingerprint->ends; fingerprint->ends--)
        add(fingerprint->message, "\n", 1);
    add(fingerprint->message, bytes, length);
}

static void end_line(Fingerprint *fingerprint)
{
    fingerprint->has_return = false;
    if (fingerprint->is_body)
        fingerprint->ends++;
    else
        end_header_line(fingerprint);
}

void fingerprint_feed(Fingerprint *fingerprint, const char *bytes, gsize length)
{
    while (length) {
        const char *end = memchr(bytes, '\n', length);
        gsize text = end ? (gsize)(end - bytes) : length;
        if (text && fingerprint->has_return) {
            add_text(fingerprint, "\r", 1);
            fingerprint->has_return = false;
        }
        bool has_return = text && bytes[text - 1] == '\r';
        add_text(fingerprint, bytes, has_return ? text - 1 : text);
        if (has_return)
            fingerprint->has_return = true;
        if (end)
            end_line(fingerprint);
        gsize step = text + (end ? 1 : 0);
        bytes += step;
        length -= step;
    }
}

const char *fingerprint_text(Fingerprint *fingerprint)
{
    if (fingerprint->has_return)
        add_text(fingerprint, "\r", 1);
    fingerprint->has_return = false;
    if (!fingerprint->is_body && (fingerprint->target || fingerprint->start_length))
        end_header_line(fingerprint);
    if (!fingerprint->has_identity) {
        const char *trace = g_checksum_get_string(fingerprint->trace);
        add(fingerprint->message, trace, strlen(trace));
        fingerprint->has_identity = true; /* asked again: the same answer */
    }
    return g_checksum_get_string(fingerprint->message);
}
