/* fingerprint.h - what makes two arrivals the same message, whichever way they came.
 *
 * Pure. SHA-256 over the bytes without what the way adds: line ends count as LF, those at the very
 * end do not count, and neither do the fields that mail servers put on top while they hand a
 * message on (RFC 5321, 4.4: Received, Return-Path; their habits: Delivered-To,
 * Authentication-Results and the like). A message with neither Message-ID nor Date has nothing else
 * to tell it from the next one of the same machine, so there they do count.
 */
#pragma once
#include <glib.h>

typedef struct Fingerprint Fingerprint;
Fingerprint *fingerprint_new(void);
void fingerprint_feed(Fingerprint *fingerprint, const char *bytes, gsize length);
/* 64 hex digits, borrowed; nothing may be fed after. */
const char *fingerprint_text(Fingerprint *fingerprint);
void fingerprint_free(Fingerprint *fingerprint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fingerprint, fingerprint_free)
