/* hours.c - see hours.h. */
#include "command/hours.h"
#include <string.h>

static const char *const days[7][2] = {
    {"mon", "lun"}, {"tue", "mar"}, {"wed", "mer"}, {"thu", "gio"},
    {"fri", "ven"}, {"sat", "sab"}, {"sun", "dom"},
};

static gint parse_weekday(const char *word)
{
    for (gint i = 0; i < 7; i++)
        for (gint language = 0; language < 2; language++)
            if (g_ascii_strncasecmp(word, days[i][language], 3) == 0)
                return i + 1;
    return 0;
}

/* "9:00", "9.00" or "9"; 24:00 is the end of the day. */
static bool parse_minute(const char *text, guint *minute)
{
    g_auto(GStrv) parts = g_strsplit_set(text, ":.", 3);
    guint64 hour = 0;
    guint64 rest = 0;

    if (!parts[0] || !g_ascii_string_to_unsigned(parts[0], 10, 0, 24, &hour, NULL))
        return false;
    if (parts[1] && (parts[2] || !g_ascii_string_to_unsigned(parts[1], 10, 0, 59, &rest, NULL)))
        return false;
    *minute = (guint)(hour * 60 + rest);
    return *minute <= 1440 && *minute % 5 == 0;
}

static bool parse_span(const char *text, OfficeOpening *opening)
{
    g_auto(GStrv) ends = g_strsplit(text, "-", 2);
    guint from = 0;
    guint until = 0;

    if (!ends[0] || !ends[1] || !parse_minute(ends[0], &from) || !parse_minute(ends[1], &until) ||
        from >= until)
        return false;
    opening->from_minute = (gint)from;
    opening->until_minute = (gint)until;
    return true;
}

static bool parse_day(const char *text, gint counters, GArray *openings)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
    gint weekday = 0;
    guint spans = 0;

    for (guint i = 0; words[i]; i++) {
        if (!*words[i])
            continue;
        if (!weekday) {
            weekday = parse_weekday(words[i]);
            if (!weekday)
                return false;
            continue;
        }
        OfficeOpening opening = {.weekday = weekday,
                                 .valid_from = G_MININT32,
                                 .valid_until = G_MAXINT32,
                                 .counters = counters};
        if (!parse_span(words[i], &opening))
            return false;
        g_array_append_val(openings, opening);
        spans++;
    }
    return spans > 0;
}

GArray *hours_parse(const char *text, gint counters, GError **error)
{
    g_autoptr(GArray) openings = g_array_new(FALSE, TRUE, sizeof(OfficeOpening));
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    for (guint i = 0; parts[i]; i++) {
        if (parse_day(parts[i], counters, openings))
            continue;
        g_set_error(error, STORE_ERROR, STORE_ERROR_INVALID,
                    "--hours: '%s' should be a day and its hours in steps of five minutes, such as "
                    "tue 9:00-12:30",
                    g_strstrip(parts[i]));
        return NULL;
    }
    return g_steal_pointer(&openings);
}

char *hours_format(const GArray *openings)
{
    GString *text = g_string_new(NULL);
    gint weekday = 0;

    for (guint i = 0; i < openings->len; i++) {
        const OfficeOpening *opening = &g_array_index(openings, OfficeOpening, i);
        if (opening->weekday != weekday)
            g_string_append_printf(text, "%s%s", text->len ? ", " : "",
                                   days[opening->weekday - 1][0]);
        weekday = opening->weekday;
        g_string_append_printf(text, " %d:%02d-%d:%02d", opening->from_minute / 60,
                               opening->from_minute % 60, opening->until_minute / 60,
                               opening->until_minute % 60);
    }
    return g_string_free(text, FALSE);
}
