/* opening.c - the hours of the office, as wishes meet them. */
#include "reading/opening.h"

#define MIDDAY_MINUTE (13 * 60)

static bool is_morning(const ReadingHours *hours)
{
    return hours->from_minute < MIDDAY_MINUTE;
}

/* The office's hours in a half of the day; false when it has none on that weekday. */
static bool office_part(const ReadingOffice *office, bool morning, gint weekday, gint *from_minute,
                        gint *until_minute)
{
    bool found = false;
    for (guint i = 0; i < office->n_hours; i++) {
        const ReadingHours *hours = &office->hours[i];
        if ((weekday && hours->weekday != weekday) || is_morning(hours) != morning)
            continue;
        gint until = morning && hours->until_minute > MIDDAY_MINUTE + 60
                         ? MIDDAY_MINUTE
                         : (gint)hours->until_minute;
        *from_minute =
            found ? MIN(*from_minute, (gint)hours->from_minute) : (gint)hours->from_minute;
        *until_minute = found ? MAX(*until_minute, until) : until;
        found = true;
    }
    return found;
}

void opening_part(const ReadingOffice *office, DayPart part, gint weekday, gint *from_minute,
                  gint *until_minute)
{
    static const struct {
        gint from_minute, until_minute;
    } usual[] = {[PART_NONE] = {-1, -1},
                 [PART_MORNING] = {9 * 60, 13 * 60},
                 [PART_AFTERNOON] = {14 * 60, 18 * 60},
                 [PART_EVENING] = {17 * 60, 20 * 60},
                 [PART_NOON] = {12 * 60, 14 * 60},
                 [PART_ALL_DAY] = {-1, -1}};
    bool is_half = part == PART_MORNING || part == PART_AFTERNOON;
    if (is_half && (office_part(office, part == PART_MORNING, weekday, from_minute, until_minute) ||
                    office_part(office, part == PART_MORNING, 0, from_minute, until_minute)))
        return;
    *from_minute = usual[part].from_minute;
    *until_minute = usual[part].until_minute;
}

const char *opening_refuses(const ReadingOffice *office, Day day, gint from_minute,
                            gint until_minute)
{
    const char *closed = office->closed ? office->closed(day, office->closed_data) : NULL;
    if (closed)
        return closed;
    gint weekday = day_weekday(day);
    bool receives = false;
    for (guint i = 0; i < office->n_hours; i++) {
        const ReadingHours *hours = &office->hours[i];
        if (hours->weekday != weekday)
            continue;
        receives = true;
        bool ends_before = until_minute >= 0 && until_minute <= (gint)hours->from_minute;
        bool begins_after = from_minute >= 0 && from_minute >= (gint)hours->until_minute;
        bool is_exact = from_minute >= 0 && until_minute < 0;
        if (!ends_before && !begins_after && !(is_exact && from_minute < (gint)hours->from_minute))
            return NULL;
    }
    return receives ? "hours" : "weekday";
}
