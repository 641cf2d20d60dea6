/* texts_internal.h - for texts.c and its tests alone. */
#pragma once
#include <glib.h>

/* msgid (with "context\4" in front when it has one) to text, all copied, of a GNU MO file. NULL
 * when a table or string of it lies outside `length` bytes. Owned by the caller. */
GHashTable *texts_parse_catalogue(const guint8 *bytes, gsize length);
