/* letter_greeting.h - whom a letter greets. Pure. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Is it a firm, a public body, an association of professionals rather than a person? Told by the
 * words that such names carry ("Studio", "S.r.l.", "Comune di"). */
bool letter_is_company(const char *name);
/* "geom." and "Luca Zanolli" to "Geom. Luca Zanolli", owned by the caller. A name that carries its
 * title already, or is no person's, stays as it is; `title` may be NULL. */
char *letter_greeting(const char *title, const char *name);
