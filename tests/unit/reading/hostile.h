/* hostile.h - texts nobody writes, but somebody sends: made of what the reader looks for and of
 * what breaks readers, always the same ones for a seed.
 */
#pragma once
#include <glib.h>

/* Valid UTF-8 of about `pieces` pieces: phrases of the tables, figures, days, hours, telephones,
 * names, quotes, line ends of every system, and any characters. Owned by the caller. */
char *hostile_text(GRand *random, guint pieces);
