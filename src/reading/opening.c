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

typedef struct {
    bool morning, is_half;          /* of which half of the day, when of one */
    gint from_minute, until_minute; /* usual ones */
    gint not_before, not_after;     /* narrows the half; -1: not */
} PartHours;

static const PartHours part_hours[N_PARTS] = {
    [PART_NONE] = {false, false, -1, -1, -1, -1},
    [PART_MORNING] = {true, true, 9 * 60, 13 * 60, -1, -1},
    [PART_AFTERNOON] = {false, true, 14 * 60, 18 * 60, -1, -1},
    [PART_EVENING] = {false, false, 18 * 60, 20 * 60, -1, -1},
    [PART_NOON] = {false, false, 12 * 60, 14 * 60, -1, -1},
    [PART_ALL_DAY] = {false, false, -1, -1, -1, -1},
    [PART_EARLY_MORNING] = {true, true, 9 * 60, 13 * 60, -1, 10 * 60 + 30},
    [PART_LATE_MORNING] = {true, true, 9 * 60, 13 * 60, 11 * 60, -1},
    [PART_EARLY_AFTERNOON] = {false, true, 14 * 60, 18 * 60, -1, 16 * 60},
    [PART_LATE_AFTERNOON] = {false, true, 14 * 60, 18 * 60, 16 * 60 + 30, -1},
    [PART_MIDDLE_MORNING] = {true, true, 9 * 60, 13 * 60, 10 * 60, 11 * 60 + 30},
    [PART_MIDDLE_AFTERNOON] = {false, true, 14 * 60, 18 * 60, 15 * 60 + 30, 17 * 60},
};

void opening_part(const ReadingOffice *office, DayPart part, gint weekday, gint *from_minute,
                  gint *until_minute)
{
    const PartHours *usual = &part_hours[part];
    bool found = usual->is_half &&
                 (office_part(office, usual->morning, weekday, from_minute, until_minute) ||
                  office_part(office, usual->morning, 0, from_minute, until_minute));
    if (!found) {
        *from_minute = usual->from_minute;
        *until_minute = usual->until_minute;
    }
    if (usual->not_before > *from_minute)
        *from_minute = usual->not_before;
    if (usual->not_after >= 0 && usual->not_after < *until_minute)
        *until_minute = usual->not_after;
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
