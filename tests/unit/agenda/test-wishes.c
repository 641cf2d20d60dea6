/* test-wishes.c - free times in the order a person would like them. */
#include "office.h"
#include <string.h>

static const Value *wishes(Arena *arena, const char *json)
{
    g_autoptr(GError) error = NULL;
    const Value *value = value_parse_json(arena, json, strlen(json), &error);
    g_assert_no_error(error);
    return value;
}

static GArray *week(const AgendaRules *rules)
{
    return agenda_free(rules, NULL,
                       (Span){at("2026-11-23T00:00:00+01:00"), at("2026-11-30T00:00:00+01:00")});
}

/* The first `count` offers as "24 10:00/0": day, time, index of the wish. */
static char *first_offers(const char *json, guint count)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(AgendaRules) rules = building_office();
    g_autoptr(GArray) slots = week(rules);
    const Value *preferences = json ? wishes(arena, json) : NULL;
    g_autoptr(GArray) offers = agenda_offers(slots, preferences, rules->zone);
    g_assert_cmpuint(offers->len, ==, slots->len);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < MIN(count, offers->len); i++) {
        const AgendaOffer *offer = &g_array_index(offers, AgendaOffer, i);
        gint year, month, day;
        day_to_date(offer->slot.day, &year, &month, &day);
        g_string_append_printf(text, "%s%d %02u:%02u/%d", i ? " " : "", day,
                               offer->slot.minute / 60, offer->slot.minute % 60, offer->wish);
    }
    return g_string_free(text, FALSE);
}

static void offers_what_was_wished_first(void)
{
    static const struct {
        const char *what, *json, *expected;
    } cases[] = {
        {"no wishes", NULL, "24 09:00/-1 24 09:20/-1 24 09:40/-1"},
        {"an empty list", "[]", "24 09:00/-1 24 09:20/-1 24 09:40/-1"},
        {"about ten", "[{\"date\":\"2026-11-24\",\"from\":\"10:00\",\"to\":null,\"approx\":true}]",
         "24 10:00/0 24 09:40/0 24 10:20/0 24 09:20/-1 24 10:40/-1"},
        {"ten, then later that day",
         "[{\"date\":\"2026-11-24\",\"from\":\"10:00\",\"to\":null,\"approx\":false}]",
         "24 10:00/0 24 10:20/0 24 10:40/0"},
        {"a morning", "[{\"date\":\"2026-11-26\",\"from\":\"09:00\",\"to\":\"10:00\"}]",
         "26 09:00/0 26 09:20/0 26 09:40/0 26 10:00/-1 26 10:20/-1"},
        {"an afternoon of any day", "[{\"date\":null,\"from\":\"15:00\",\"to\":\"16:00\"}]",
         "24 15:00/0 24 15:20/0 24 15:40/0 24 16:00/-1"},
        {"from a date on", "[{\"date_from\":\"2026-11-25\"}]", "26 09:00/0 26 09:20/0"},
        {"until a date", "[{\"date_to\":\"2026-11-23\"}]", "24 09:00/-1 24 09:20/-1"},
        {"not on Tuesdays",
         "[{\"date_from\":\"2026-11-23\",\"date_to\":\"2026-11-29\","
         "\"exclude_weekdays\":[\"martedì\"]}]",
         "26 09:00/0 26 09:20/0"},
        {"not on the second day of the week",
         "[{\"date_from\":\"2026-11-23\",\"date_to\":\"2026-11-29\",\"exclude_weekdays\":[2]}]",
         "26 09:00/0 26 09:20/0"},
        {"two wishes, the exact one of each first",
         "[{\"date\":\"2026-11-26\",\"from\":\"11:00\",\"approx\":true},"
         "{\"date\":\"2026-11-24\",\"from\":\"15:00\",\"approx\":true}]",
         "26 11:00/0 24 15:00/1 26 10:40/0 26 11:20/0 24 15:20/1"},
        {"the second wish is confirmed: its times come before the exact one of the first",
         "[{\"date\":\"2026-11-24\",\"from\":\"09:00\",\"to\":\"09:30\"},"
         "{\"date\":\"2026-11-26\",\"from\":\"11:00\",\"approx\":true,\"confirmed\":true}]",
         "26 11:00/1 26 10:40/1 26 11:20/1 24 09:00/0 24 09:20/0"},
        {"a time that fits both counts for the confirmed one",
         "[{\"date\":\"2026-11-24\",\"from\":\"09:00\",\"to\":\"09:30\"},"
         "{\"date\":\"2026-11-24\",\"from\":\"09:20\",\"approx\":true,\"confirmed\":true}]",
         "24 09:20/1 24 09:00/1 24 09:40/1"},
        {"about an hour: no more than half an hour away, the nearer first",
         "[{\"date\":\"2026-11-26\",\"from\":\"11:30\",\"to\":null,\"approx\":true}]",
         "26 11:20/0 26 11:40/0 26 11:00/0 26 12:00/0 26 10:40/-1"},
        {"a range of days without one weekday",
         "[{\"date_from\":\"2026-11-23\",\"date_to\":\"2026-11-27\",\"from\":\"10:00\","
         "\"to\":\"10:40\",\"exclude_weekdays\":[\"giovedì\"]}]",
         "24 10:00/0 24 10:20/0 24 10:40/-1"},
        {"about an hour on any day of a range: the same nearness goes by day",
         "[{\"date_from\":\"2026-11-23\",\"date_to\":\"2026-11-27\",\"from\":\"10:00\","
         "\"to\":null,\"approx\":true}]",
         "24 10:00/0 26 10:00/0 24 09:40/0 24 10:20/0 26 09:40/0"},
        {"a part of the day, as the reading clips it to the hours",
         "[{\"date\":\"2026-11-24\",\"from\":\"15:00\",\"to\":\"17:30\","
         "\"daypart\":\"pomeriggio\"}]",
         "24 15:00/0 24 15:20/0 24 15:40/0"},
        {"until an hour: from the first of the day on",
         "[{\"date\":\"2026-11-26\",\"from\":null,\"to\":\"09:40\"}]",
         "26 09:00/0 26 09:20/0 26 09:40/-1"},
        {"both ways to understand a weekday, the earlier first",
         "[{\"date\":\"2026-11-24\",\"from\":\"10:00\",\"to\":\"10:20\",\"ambiguous\":true},"
         "{\"date\":\"2026-11-26\",\"from\":\"10:00\",\"to\":\"10:20\",\"ambiguous\":true}]",
         "24 10:00/0 26 10:00/1 24 10:20/-1 26 10:20/-1"},
        {"a later day that was named first comes first",
         "[{\"date\":\"2026-11-26\",\"from\":\"09:00\",\"to\":\"09:20\"},"
         "{\"date\":\"2026-11-24\",\"from\":\"09:00\",\"to\":\"09:20\"}]",
         "26 09:00/0 24 09:00/1"},
        {"a wish that is past: what comes first, at its hour",
         "[{\"date\":\"2026-11-17\",\"from\":\"10:00\",\"to\":null}]",
         "24 10:00/-1 24 09:40/-1 24 10:20/-1"},
        {"two wishes of which one has no time: what fits, then what is nearest to the other",
         "[{\"date\":\"2026-11-24\",\"from\":\"09:00\",\"to\":\"09:20\"},"
         "{\"date\":\"2026-11-26\",\"from\":\"15:00\",\"to\":null}]",
         "24 09:00/0 26 12:00/-1 26 11:40/-1"},
        {"a day on which the office does not receive: the nearest day and hour",
         "[{\"date\":\"2026-11-25\",\"from\":\"11:00\",\"to\":null}]",
         "24 11:00/-1 26 11:00/-1 24 10:40/-1"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].what);
        guint count = 1;
        for (const char *c = cases[i].expected; *c; c++)
            count += *c == '/' && strchr(c, ' ') ? 1 : 0;
        g_autofree char *found = first_offers(cases[i].json, count);
        g_assert_cmpstr(found, ==, cases[i].expected);
    }
}

static void says_why_nothing_fits_and_what_is_nearest(void)
{
    static const struct {
        const char *what, *json, *why, *nearest;
    } cases[] = {
        {"a free time", "{\"date\":\"2026-11-24\",\"from\":\"10:00\"}", "can", "24 10:00"},
        {"a holiday with an hour", "{\"date\":\"2026-12-08\",\"from\":\"10:00\"}", "holiday",
         "10 10:00"},
        {"a holiday without one", "{\"date\":\"2026-12-08\"}", "holiday", "10 09:00"},
        {"the afternoon of a holiday",
         "{\"date\":\"2026-12-08\",\"from\":\"15:00\",\"to\":\"17:30\"}", "holiday", "10 10:40"},
        {"a day that the office is closed", "{\"date\":\"2026-12-03\"}", "closure", "1 09:00"},
        {"a day on which it does not receive", "{\"date\":\"2026-11-25\"}", "outside_hours",
         "24 09:00"},
        {"hours after the last", "{\"date\":\"2026-11-26\",\"from\":\"15:00\",\"to\":\"17:30\"}",
         "outside_hours", "26 12:00"},
        {"a range without a day of its own",
         "{\"date_from\":\"2026-11-27\",\"date_to\":\"2026-11-30\"}", "outside_hours", "26 09:00"},
        {"a range of which a day is left",
         "{\"date_from\":\"2026-11-20\",\"date_to\":\"2026-11-30\",\"exclude_weekdays\":[2]}",
         "can", "26 09:00"},
        {"a day that is past", "{\"date\":\"2026-11-17\"}", "past", "24 09:00"},
        {"a range that is past", "{\"date_from\":\"2026-11-09\",\"date_to\":\"2026-11-13\"}",
         "past", "24 09:00"},
        {"a morning that is taken", "{\"date\":\"2026-12-10\",\"from\":\"11:00\",\"to\":\"12:30\"}",
         "taken", "10 10:40"},
        {"an hour that is taken", "{\"date\":\"2026-12-10\",\"from\":\"12:00\"}", "taken",
         "10 10:40"},
        {"a day too far ahead", "{\"date\":\"2028-05-02\"}", "horizon", NULL},
    };
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(AgendaRules) rules = building_office();
    close_between(rules, "2026-12-03T00:00:00+01:00", "2026-12-04T00:00:00+01:00", "trasloco");
    g_autoptr(GArray) taken = nothing_taken();
    take(taken, "2026-12-10T11:00:00+01:00", "2026-12-10T12:30:00+01:00", 1);
    const gint64 now = at("2026-11-20T10:00:00+01:00");
    g_autoptr(GArray) open =
        agenda_free(rules, taken, (Span){now, at("2026-12-31T00:00:00+01:00")});
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].what);
        const Value *wish = wishes(arena, cases[i].json);
        const char *detail = NULL;
        const AgendaReason why = agenda_wish_why_not(rules, taken, now, wish, &detail);
        g_assert_cmpstr(agenda_reason_name(why), ==, cases[i].why);
        g_assert_cmpstr(detail, ==,
                        why == AGENDA_CLOSURE   ? "trasloco"
                        : why == AGENDA_HOLIDAY ? "immaculate"
                                                : NULL);
        const Slot *nearest = agenda_wish_nearest(open, wish);
        g_assert_nonnull(nearest);
        gint year, month, day;
        day_to_date(nearest->day, &year, &month, &day);
        g_autofree char *found =
            g_strdup_printf("%d %02u:%02u", day, nearest->minute / 60, nearest->minute % 60);
        if (cases[i].nearest)
            g_assert_cmpstr(found, ==, cases[i].nearest);
    }
    g_autoptr(GArray) nothing = g_array_new(FALSE, FALSE, sizeof(Slot));
    g_assert_null(agenda_wish_nearest(nothing, wishes(arena, cases[0].json)));
}

static void nonsense_is_no_wish(void)
{
    g_autofree char *found =
        first_offers("[{\"date\":\"2026-02-30\",\"from\":\"x:yz\",\"to\":7},\"domani\",null]", 2);
    g_assert_cmpstr(found, ==, "24 09:00/-1 24 09:20/-1");
}

static void a_wish_of_day_and_hour_is_an_instant(void)
{
    g_autoptr(Arena) arena = arena_new();
    const Zone *zone = zone_find("Europe/Rome");
    gint64 instant = 0;
    g_assert_true(agenda_wish_instant(wishes(arena, "{\"date\":\"2026-12-02\",\"from\":\"11:00\"}"),
                                      zone, &instant));
    g_assert_cmpint(instant, ==, at("2026-12-02T11:00:00+01:00"));
    static const char *const none[] = {
        "{\"date\":\"2026-12-02\"}",
        "{\"from\":\"11:00\"}",
        "{\"date_from\":\"2026-12-02\",\"date_to\":\"2026-12-03\",\"from\":\"11:00\"}",
        "{\"date\":\"2026-03-29\",\"from\":\"02:30\"}",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(none); i++)
        g_assert_false(agenda_wish_instant(wishes(arena, none[i]), zone, &instant));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/agenda/wishes/" #name, name)
    ADD(offers_what_was_wished_first);
    ADD(says_why_nothing_fits_and_what_is_nearest);
    ADD(nonsense_is_no_wish);
    ADD(a_wish_of_day_and_hour_is_an_instant);
    return g_test_run();
}
