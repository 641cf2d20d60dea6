/* fuzz-lmtp.c - what an LMTP client sends: command lines, and messages in pieces.
 *
 * Line: whatever comes, an address has no controls and is not too long. Message: however it is cut,
 * the same comes out, and written again with its dots it is read as the same. The first byte says
 * how long the pieces are.
 */
#include "mail/lmtp_line.h"
#include <string.h>

enum { LONGEST = 16 * 1024 };

static void check_line(const char *line, gsize length)
{
    LmtpCommand command;
    lmtp_parse(line, length, &command);
    g_assert_cmpuint(strlen(command.address), <=, LMTP_ADDRESS_MOST);
    g_assert_true(g_utf8_validate(command.address, -1, NULL));
    for (const char *at = command.address; *at; at++)
        g_assert_true((guchar)*at >= ' ' && *at != 0x7f);
}

/* How many bytes were taken; `message` gets what they mean. */
static gsize read_message(const char *wire, gsize length, gsize piece, GByteArray *message,
                          LmtpData *state)
{
    gsize at = 0;
    *state = LMTP_AT_START;
    while (at < length && *state != LMTP_AT_END) {
        gsize much = MIN(piece, length - at), out_length;
        g_autofree char *out = g_malloc(much + 1);
        at += lmtp_data(state, wire + at, much, out, &out_length);
        g_assert_cmpuint(out_length, <=, much + 1);
        g_byte_array_append(message, (const guint8 *)out, (guint)out_length);
    }
    return at;
}

static gboolean same(const GByteArray *one, const GByteArray *other)
{
    return one->len == other->len &&
           (one->len == 0 || memcmp(one->data, other->data, one->len) == 0);
}

/* As a client stuffs it: a dot before each that begins a line. */
static GByteArray *write_message(const GByteArray *message)
{
    GByteArray *wire = g_byte_array_new();
    for (guint i = 0; i < message->len; i++) {
        gboolean begins =
            i == 0 || (i > 1 && message->data[i - 1] == '\n' && message->data[i - 2] == '\r');
        if (begins && message->data[i] == '.')
            g_byte_array_append(wire, (const guint8 *)".", 1);
        g_byte_array_append(wire, &message->data[i], 1);
    }
    g_byte_array_append(wire, (const guint8 *)".\r\n", 3);
    return wire;
}

static void check_message(const char *wire, gsize length, gsize piece)
{
    g_autoptr(GByteArray) whole = g_byte_array_new();
    g_autoptr(GByteArray) cut = g_byte_array_new();
    LmtpData state, cut_state;
    gsize taken = read_message(wire, length, LONGEST, whole, &state);
    g_assert_cmpuint(read_message(wire, length, piece, cut, &cut_state), ==, taken);
    g_assert_true(state == cut_state && same(whole, cut));
    if (state != LMTP_AT_END)
        return;
    g_autoptr(GByteArray) again = write_message(whole);
    g_autoptr(GByteArray) read = g_byte_array_new();
    gsize all = read_message((const char *)again->data, again->len, piece, read, &state);
    g_assert_true(state == LMTP_AT_END && all == again->len && same(whole, read));
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
    if (length < 2 || length > LONGEST)
        return 0;
    check_line((const char *)bytes + 1, length - 1);
    check_message((const char *)bytes + 1, length - 1, (gsize)bytes[0] % 64 + 1);
    return 0;
}
