/* texts.h - texts for people: gettext catalogues (.po compiled to .mo, embedded), Italian is the
 * source.
 *
 * A msgid is the Italian text. Several languages live in one process, so the catalogues are read
 * here instead of through the process-wide locale of libintl.
 */
#pragma once
#include <glib.h>

/* Languages we have: "it" (the source), "en" and "de". */
const char *const *texts_languages(void);
/* The translation, or `msgid` itself when there is none. Both live as long as the program. */
const char *texts_get(const char *language, const char *msgid);
/* Same with GNU gettext's msgctxt; NULL context is texts_get. */
const char *texts_get_context(const char *language, const char *context, const char *msgid);
/* The best of our languages for an Accept-Language header (RFC 9110, 12.5.4); "it" when none fits
 * or NULL. */
const char *texts_negotiate(const char *accept_language);
