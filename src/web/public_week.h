/* public_week.h - the opening hours of the current week as a small picture and as words. */
#pragma once
#include "agenda/agenda.h"
#include "web/page.h"

/* Sets parent.week:
 *   days   [{when, is_today, is_closed, x, x_middle, hours: [{from, until, y, height}], has_hours}]
 *          Monday to Friday, and what else of the week has hours
 *   lines  [{y, y_text, text}] of the hours beside
 *   width, height, column, bar (width of a day's bar)
 * Numbers are units of the picture. */
void public_week_show(Page *page, const AgendaRules *rules, Value *parent);
