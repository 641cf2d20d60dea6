/* results_picture.h - the geometry of the report's pictures; the SVG itself stands in the template.
 * Pure. */
#pragma once
#include "base/value.h"

typedef struct {
    gint x, y, width, height; /* units of the picture's viewBox */
} ResultsBar;

/* Bars that stand on the floor of a picture `width` by `height`, the tallest of the picture's
 * height; an empty series gives flat bars. Owned by the caller. */
GArray *results_columns(const guint *counts, guint n, gint width, gint height, gint gap);
/* How long a lying bar is, of `width` for `most`. */
gint results_length(guint count, guint most, gint width);
