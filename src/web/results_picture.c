/* results_picture.c - see results_picture.h. */
#include "web/results_picture.h"

static guint most_of(const guint *counts, guint n)
{
    guint most = 0;
    for (guint i = 0; i < n; i++)
        most = MAX(most, counts[i]);
    return most;
}

gint results_length(guint count, guint most, gint width)
{
    return most ? (gint)((gint64)width * count / most) : 0;
}

GArray *results_columns(const guint *counts, guint n, gint width, gint height, gint gap)
{
    const guint most = most_of(counts, n);
    GArray *bars = g_array_sized_new(FALSE, FALSE, sizeof(ResultsBar), n);
    for (guint i = 0; i < n; i++) {
        const gint left = (gint)((gint64)width * i / n),
                   right = (gint)((gint64)width * (i + 1) / n);
        const gint tall = results_length(counts[i], most, height);
        const ResultsBar bar = {left + gap / 2, height - tall, MAX(1, right - left - gap), tall};
        g_array_append_val(bars, bar);
    }
    return bars;
}
