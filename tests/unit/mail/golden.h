/* golden.h - whole texts compared with files that were read by a person once.
 *
 * Files are in tests/data. With SPORTELLO_GOLDEN=write in the environment they are written instead
 * of compared: then `git diff` shows what changed, for a person to read.
 */
#pragma once
#include <glib.h>

/* `name` is the path within tests/data. */
void golden_check(const char *name, const char *text);
