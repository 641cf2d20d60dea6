/* assets.h - what the loop answers by itself: static files of the build and /healthz. */
#pragma once
#include "web/http.h"

/* FALSE: not one of these, a worker must look. Never blocks. */
gboolean assets_answer(const HttpRequest *request, HttpReply *reply);

/* The form to send for an Accept-Encoding header (RFC 9110, 12.5.3): "br", "gzip" or NULL for the
 * plain bytes. */
const char *assets_encoding(const char *accept_encoding, gboolean has_brotli, gboolean has_gzip);
