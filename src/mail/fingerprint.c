/* fingerprint.c - see fingerprint.h. One pass, whatever pieces the bytes come in; of a line of the
 * header only its beginning is kept, until it is known what it is.
 */
#include "mail/fingerprint.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

enum { START_MOST = 40 }; /* longer than every name below */
enum { SUM_BYTES = 32, SUM_GATHERED = 4096 };

/* SHA-256, OpenSSL's: six times as fast as GLib's. Lines are short, so they are gathered. */
typedef struct {
    EVP_MD_CTX *state;
    guint8 gathered[SUM_GATHERED];
    gsize length;
    char text[2 * SUM_BYTES + 1]; /* once it was asked for */
} Sum;

struct Fingerprint {
    Sum *message;
    Sum *trace;  /* of the fields that the way has added */
    Sum *target; /* of this line; NULL: not known yet */
    Sum *before; /* of the line before, for one that is folded */
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

/* --- sums ---------------------------------------------------------------------------------- */

static Sum *sum_new(void)
{
    Sum *sum = g_new0(Sum, 1);
    sum->state = EVP_MD_CTX_new();
    bool good = sum->state && EVP_DigestInit_ex(sum->state, EVP_sha256(), NULL);
    if (!good)
        g_error("no SHA-256"); /* nothing can be told apart then */
    return sum;
}

static void sum_free(Sum *sum)
{
    EVP_MD_CTX_free(sum->state);
    g_free(sum);
}

static void flush(Sum *sum)
{
    EVP_DigestUpdate(sum->state, sum->gathered, sum->length);
    sum->length = 0;
}

static void add(Sum *sum, const char *bytes, gsize length)
{
    if (length > SUM_GATHERED - sum->length)
        flush(sum);
    if (length > SUM_GATHERED) {
        EVP_DigestUpdate(sum->state, bytes, length);
        return;
    }
    memcpy(sum->gathered + sum->length, bytes, length);
    sum->length += length;
}

static const char *sum_text(Sum *sum)
{
    static const char digits[] = "0123456789abcdef";
    guint8 bytes[SUM_BYTES];
    if (*sum->text)
        return sum->text;
    flush(sum);
    EVP_DigestFinal_ex(sum->state, bytes, NULL);
    for (gsize i = 0; i < SUM_BYTES; i++) {
        sum->text[2 * i] = digits[bytes[i] >> 4];
        sum->text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return sum->text;
}

/* --- its life ------------------------------------------------------------------------------ */

Fingerprint *fingerprint_new(void)
{
    Fingerprint *fingerprint = g_new0(Fingerprint, 1);
    fingerprint->message = sum_new();
    fingerprint->trace = sum_new();
    fingerprint->before = fingerprint->message;
    fingerprint->is_first = true;
    return fingerprint;
}

void fingerprint_free(Fingerprint *fingerprint)
{
    if (!fingerprint)
        return;
    sum_free(fingerprint->message);
    sum_free(fingerprint->trace);
    g_free(fingerprint);
}

/* --- the header ---------------------------------------------------------------------------- */

static bool is_trace(const char *name)
{
    return g_strv_contains(trace_names, name) || g_str_has_prefix(name, "x-spam-");
}

static Sum *choose(Fingerprint *fingerprint)
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
        const char *trace = sum_text(fingerprint->trace);
        add(fingerprint->message, trace, strlen(trace));
        fingerprint->has_identity = true; /* asked again: the same answer */
    }
    return sum_text(fingerprint->message);
}
