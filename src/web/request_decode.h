/* request_decode.h - the bytes of an attachment out of their transfer encoding (RFC 2045, 6), piece
 * by piece. Pure. */
#pragma once
#include <glib.h>

typedef struct RequestDecode RequestDecode;
/* encoding: "base64", "quoted-printable"; anything else passes as it is. */
RequestDecode *request_decode_new(const char *encoding);
void request_decode_feed(RequestDecode *decode, const void *bytes, gsize length);
GString *request_decode_end(RequestDecode *decode); /* what came out; owned by the caller */
void request_decode_free(RequestDecode *decode);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RequestDecode, request_decode_free)
