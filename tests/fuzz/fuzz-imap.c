/* fuzz-imap.c - what an IMAP server sends: whatever way it is cut, the same comes out as from the
 * whole, and nothing beyond the limits is kept. The first byte says how long the pieces are.
 */
#include "mail/imap_parse.h"
#include <string.h>

enum { LONGEST = 256 * 1024, BODY_MOST = 4096 };

typedef struct {
    GString *text;
    guint64 announced, came; /* bytes of the body at hand */
} Seen;

static bool seen_answer(const ImapAnswer *answer, gpointer context, GError **error)
{
    Seen *seen = context;
    (void)error;
    g_assert_true(g_str_is_ascii(answer->tag) && g_str_is_ascii(answer->code) &&
                  g_str_is_ascii(answer->name));
    g_assert_cmpint(answer->size, >=, -1);
    g_string_append_printf(
        seen->text, "\n%s %d %s %u %s %u %u %u %u %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %d",
        answer->tag, answer->status, answer->code, answer->code_number, answer->name,
        answer->number, answer->capabilities, answer->flags, answer->uid, answer->size,
        answer->internal_at, answer->has_body);
    return true;
}

static bool seen_body_begins(guint64 size, gpointer context, GError **error)
{
    Seen *seen = context;
    if (size > BODY_MOST) {
        g_set_error_literal(error, IMAP_ERROR, IMAP_ERROR_TOO_LARGE, "too large");
        return false;
    }
    seen->announced = size;
    seen->came = 0;
    g_string_append_printf(seen->text, "\n[%" G_GUINT64_FORMAT "]", size);
    return true;
}

static bool seen_body(const guint8 *bytes, gsize length, gpointer context, GError **error)
{
    Seen *seen = context;
    (void)error;
    seen->came += length;
    g_assert_cmpuint(seen->came, <=, seen->announced);
    g_string_append_len(seen->text, (const char *)bytes, (gssize)length);
    return true;
}

static void seen_found(guint32 uid, gpointer context)
{
    Seen *seen = context;
    g_assert_cmpuint(uid, >, 0);
    g_string_append_printf(seen->text, "#%u", uid);
}

static GString *feed(const guint8 *bytes, gsize length, gsize piece)
{
    static const ImapHandler handler = {seen_answer, seen_body_begins, seen_body, seen_found};
    Seen seen = {.text = g_string_new(NULL)};
    g_autoptr(ImapStream) stream = imap_stream_new(&handler, &seen);
    bool good = true;
    for (gsize at = 0; good && at < length; at += piece)
        good = imap_stream_feed(stream, bytes + at, MIN(piece, length - at), NULL);
    g_string_append(seen.text, good ? "\ngood" : "\nrefused");
    return seen.text;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
    if (length < 2 || length > LONGEST)
        return 0;
    const gsize piece = (gsize)bytes[0] % 64 + 1;
    g_autoptr(GString) whole = feed(bytes + 1, length - 1, length - 1);
    g_autoptr(GString) cut = feed(bytes + 1, length - 1, piece);
    /* where a refused line ends what came before it may differ by what one piece still brought */
    if (g_str_has_suffix(whole->str, "good"))
        g_assert_true(g_string_equal(whole, cut));
    ImapAnswer answer;
    imap_parse_answer((const char *)bytes, length, &answer);
    g_autofree char *name = g_strndup((const char *)bytes, length);
    g_autofree char *quoted = imap_quote_folder(name);
    g_assert_true(!quoted || g_str_is_ascii(quoted));
    return 0;
}
