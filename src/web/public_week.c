/* public_week.c - see public_week.h. Where a bar stands is computed here, what it looks like is the
 * template's. */
#include "web/public_week.h"
#include "agenda/holidays.h"
#include "base/when_value.h"

enum { LEFT = 44, TOP = 34, COLUMN = 76, BAR = 60, HOUR = 22, BOTTOM = 10 };

typedef struct {
    Day first;                       /* Monday */
    guint from_minute, until_minute; /* whole hours that all openings lie in */
    bool weekend[2];
} Frame;

static bool applies(const AgendaOpening *opening, Day day)
{
    return opening->weekday == day_weekday(day) && opening->valid_from <= day &&
           day <= opening->valid_until;
}

static Frame frame_of(const AgendaRules *rules, Day today)
{
    Frame frame = {today - (day_weekday(today) - 1), 1440, 0, {false, false}};
    for (guint i = 0; i < rules->openings->len; i++) {
        const AgendaOpening *opening = &g_array_index(rules->openings, AgendaOpening, i);
        if (!applies(opening, frame.first + opening->weekday - 1))
            continue;
        frame.from_minute = MIN(frame.from_minute, opening->from_minute / 60 * 60);
        frame.until_minute = MAX(frame.until_minute, (opening->until_minute + 59) / 60 * 60);
        if (opening->weekday > 5)
            frame.weekend[opening->weekday - 6] = true;
    }
    return frame;
}

static gint y_of(const Frame *frame, guint minute)
{
    return TOP + ((gint)minute - (gint)frame->from_minute) * HOUR / 60;
}

static bool is_closed(const AgendaRules *rules, Day day)
{
    const Span span = {zone_midnight(rules->zone, day), zone_midnight(rules->zone, day + 1)};
    g_autoptr(GArray) slots = agenda_slots(rules, NULL, span);
    return slots->len == 0;
}

static void show_hours(Page *page, const AgendaRules *rules, const Frame *frame, Day day,
                       Value *object)
{
    Value *hours = value_set_list(object, "hours");
    for (guint i = 0; i < rules->openings->len; i++) {
        const AgendaOpening *opening = &g_array_index(rules->openings, AgendaOpening, i);
        if (!applies(opening, day))
            continue;
        Value *bar = value_append_object(hours);
        const gint y = y_of(frame, opening->from_minute);
        value_set_text(bar, "from", when_time(page->arena, opening->from_minute, page->language));
        value_set_text(bar, "until", when_time(page->arena, opening->until_minute, page->language));
        value_set_integer(bar, "y", y);
        value_set_integer(bar, "height", y_of(frame, opening->until_minute) - y);
    }
    const bool receives = value_length(hours) > 0;
    value_set_boolean(object, "has_hours", receives);
    value_set_boolean(object, "is_closed", receives && is_closed(rules, day));
}

static void show_lines(Page *page, const Frame *frame, Value *week)
{
    Value *lines = value_set_list(week, "lines");
    for (guint minute = frame->from_minute; minute <= frame->until_minute; minute += 60) {
        Value *line = value_append_object(lines);
        value_set_integer(line, "y", y_of(frame, minute));
        value_set_integer(line, "y_text", y_of(frame, minute) + 4);
        value_set_text(line, "text", when_time(page->arena, minute, page->language));
    }
}

void public_week_show(Page *page, const AgendaRules *rules, Value *parent)
{
    const Day today = zone_day(rules->zone, page->now);
    const Frame frame = frame_of(rules, today);
    if (frame.from_minute >= frame.until_minute)
        return; /* nothing this week: no picture */
    Value *week = value_set_object(parent, "week");
    Value *days = value_set_list(week, "days");
    gint x = LEFT;
    for (Day day = frame.first; day < frame.first + 7; day++) {
        const gint weekday = day_weekday(day);
        if (weekday > 5 && !frame.weekend[weekday - 6])
            continue;
        Value *object = value_append_object(days);
        page_set_when(page, object, "when", zone_midnight(rules->zone, day),
                      zone_name(rules->zone));
        value_set_boolean(object, "is_today", day == today);
        value_set_integer(object, "x", x);
        value_set_integer(object, "x_bar", x + (COLUMN - BAR) / 2);
        value_set_integer(object, "x_middle", x + COLUMN / 2);
        show_hours(page, rules, &frame, day, object);
        x += COLUMN;
    }
    show_lines(page, &frame, week);
    value_set_integer(week, "left", LEFT);
    value_set_integer(week, "width", x);
    value_set_integer(week, "height", y_of(&frame, frame.until_minute) + BOTTOM);
    value_set_integer(week, "column", COLUMN);
    value_set_integer(week, "bar", BAR);
}
