/* The geometry of the report's pictures. */
#include "web/results_picture.h"

static void the_tallest_column_fills_the_picture(void)
{
    const guint counts[] = {2, 4, 0, 1};
    g_autoptr(GArray) bars = results_columns(counts, 4, 400, 100, 20);
    const ResultsBar *bar = (const ResultsBar *)(gpointer)bars->data;
    g_assert_cmpuint(bars->len, ==, 4);
    g_assert_cmpint(bar[0].height, ==, 50);
    g_assert_cmpint(bar[1].height, ==, 100);
    g_assert_cmpint(bar[1].y, ==, 0);
    g_assert_cmpint(bar[2].height, ==, 0);
    g_assert_cmpint(bar[3].y, ==, 75);
    g_assert_cmpint(bar[0].x, ==, 10);
    g_assert_cmpint(bar[3].x + bar[3].width, ==, 390);
}

static void many_columns_stay_visible(void)
{
    const guint counts[60] = {[59] = 1};
    g_autoptr(GArray) bars = results_columns(counts, 60, 60, 100, 8);
    for (guint i = 0; i < bars->len; i++)
        g_assert_cmpint(g_array_index(bars, ResultsBar, i).width, ==, 1);
}

static void nothing_to_count_is_flat(void)
{
    const guint counts[] = {0, 0};
    g_autoptr(GArray) bars = results_columns(counts, 2, 100, 50, 0);
    g_assert_cmpint(g_array_index(bars, ResultsBar, 0).height, ==, 0);
    g_assert_cmpint(g_array_index(bars, ResultsBar, 1).y, ==, 50);
    g_assert_cmpint(results_length(3, 0, 400), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/results/picture/the_tallest_column_fills_the_picture",
                    the_tallest_column_fills_the_picture);
    g_test_add_func("/results/picture/many_columns_stay_visible", many_columns_stay_visible);
    g_test_add_func("/results/picture/nothing_to_count_is_flat", nothing_to_count_is_flat);
    return g_test_run();
}
