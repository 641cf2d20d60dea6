/* test-texts.c - catalogues, the choice of a language, and moments in words. The table of embedded
 * files is a small one of this test's own.
 */
#include "base/embedded.h"
#include "base/texts.h"
#include "base/texts_internal.h"
#include "base/when_value.h"

#include <string.h>

/* A catalogue of GNU MO format: sorted by msgid, as msgfmt writes it. */
static const char *const pairs[][2] = {
    {"", "Content-Type: text/plain; charset=UTF-8\n"},
    {"Annulla", "Cancel"},
    {"Non tradotto", ""},
    {"date\004{weekday} {day} {month}", "{weekday}, {month} {day}"},
    {"date\004{weekday_short} {day}/{month_number}", "{weekday_short} {month_number}/{day} {odd}"},
    {"month\004novembre", "November"},
    {"month\004gennaio", "January"},
    {"saluto\004Annulla", "Call off"},
    {"time\004:", "."},
    {"weekday short\004mar", "Tue"},
    {"weekday\004martedì", "Tuesday"},
};
enum { N_PAIRS = G_N_ELEMENTS(pairs), TABLES = 28 };

static guint32 in_order(guint32 word, gboolean is_swapped)
{
    return is_swapped ? GUINT32_SWAP_LE_BE(word) : word;
}

static void append_word(GByteArray *mo, guint32 word, gboolean is_swapped)
{
    guint32 ordered = in_order(word, is_swapped);
    g_byte_array_append(mo, (const guint8 *)&ordered, sizeof ordered);
}

static GByteArray *catalogue_bytes(gboolean is_swapped)
{
    GByteArray *mo = g_byte_array_new();
    const guint32 head[] = {0x950412de, 0, N_PAIRS, TABLES, TABLES + N_PAIRS * 8, 0, 0};
    for (gsize i = 0; i < G_N_ELEMENTS(head); i++)
        append_word(mo, head[i], is_swapped);
    guint32 at = TABLES + N_PAIRS * 16;
    for (gsize side = 0; side < 2; side++)
        for (gsize i = 0; i < N_PAIRS; i++) {
            guint32 length = (guint32)strlen(pairs[i][side]);
            append_word(mo, length, is_swapped);
            append_word(mo, at, is_swapped);
            at += length + 1;
        }
    for (gsize side = 0; side < 2; side++)
        for (gsize i = 0; i < N_PAIRS; i++)
            g_byte_array_append(mo, (const guint8 *)pairs[i][side],
                                (guint)strlen(pairs[i][side]) + 1);
    return mo;
}

static guint8 english[1024]; /* filled by main before the first look */
const EmbeddedFile embedded_files[] = {
    {.name = "assets/a.css", .bytes = (const guint8 *)"a", .length = 1},
    {.name = "locale/en.mo", .bytes = english, .length = sizeof english},
    {.name = "pages/z.mustache", .bytes = (const guint8 *)"z", .length = 1}};
const guint embedded_n_files = G_N_ELEMENTS(embedded_files);
const char embedded_assets_hash[] = "00000000";

static void embedded_files_are_found_by_name(void)
{
    g_assert_true(embedded_find("assets/a.css") == &embedded_files[0]);
    g_assert_true(embedded_find("pages/z.mustache") == &embedded_files[2]);
    g_assert_null(embedded_find("assets/a.cs"));
    g_assert_null(embedded_find(""));
    g_assert_null(embedded_find("zzz"));
}

static void italian_is_its_own_translation(void)
{
    g_assert_cmpstr(texts_get("it", "Annulla"), ==, "Annulla");
    g_assert_cmpstr(texts_get_context("it", "saluto", "Annulla"), ==, "Annulla");
    g_assert_cmpstr(texts_get(NULL, "Annulla"), ==, "Annulla");
    g_assert_cmpstr(texts_get("fr", "Annulla"), ==, "Annulla");
}

static void english_comes_from_the_catalogue(void)
{
    g_assert_cmpstr(texts_get("en", "Annulla"), ==, "Cancel");
    g_assert_cmpstr(texts_get_context("en", "saluto", "Annulla"), ==, "Call off");
    g_assert_cmpstr(texts_get_context("en", "altro", "Annulla"), ==, "Annulla");
    g_assert_cmpstr(texts_get("en", "Non tradotto"), ==, "Non tradotto");
    g_assert_cmpstr(texts_get("en", "Mai visto"), ==, "Mai visto");
    g_assert_cmpstr(texts_get("en", ""), ==, ""); /* not the header of the catalogue */
}

static void both_byte_orders_are_read(void)
{
    for (gint is_swapped = 0; is_swapped < 2; is_swapped++) {
        g_autoptr(GByteArray) mo = catalogue_bytes(is_swapped);
        g_autoptr(GHashTable) texts = texts_parse_catalogue(mo->data, mo->len);
        g_assert_nonnull(texts);
        g_assert_cmpuint(g_hash_table_size(texts), ==, N_PAIRS - 2);
        g_assert_cmpstr(g_hash_table_lookup(texts, "weekday\004martedì"), ==, "Tuesday");
    }
}

static void every_shortened_catalogue_is_refused(void)
{
    g_autoptr(GByteArray) mo = catalogue_bytes(FALSE);
    for (gsize length = 0; length < mo->len; length++) {
        guint8 *exact = g_memdup2(mo->data, length); /* so that ASan sees a byte too far */
        g_assert_null(texts_parse_catalogue(exact, length));
        g_free(exact);
    }
}

static void a_catalogue_that_points_outside_itself_is_refused(void)
{
    static const struct {
        gsize offset;
        guint32 word;
    } wrong[] = {{0, 0x12345678},      {8, 0xffffffff},           {12, 0xfffffff8},
                 {16, 0xffffffff},     {TABLES, 0xffffffff},      {TABLES + 4, 0xffffffff},
                 {TABLES + 8, 100000}, {TABLES + 12, 0x7fffffff}, {TABLES + 8, 6}};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GByteArray) mo = catalogue_bytes(FALSE);
        memcpy(mo->data + wrong[i].offset, &wrong[i].word, sizeof wrong[i].word);
        g_assert_null(texts_parse_catalogue(mo->data, mo->len));
    }
}

static void the_language_is_the_best_of_the_header(void)
{
    static const struct {
        const char *header, *language;
    } cases[] = {
        {NULL, "it"},
        {"", "it"},
        {"en", "en"},
        {"EN-gb", "en"},
        {"de-DE,de;q=0.9,en;q=0.5", "de"},
        {"de", "de"},
        {"fr, de;q=0.3, en;q=0.2", "de"},
        {"it;q=0.3, en;q=0.31", "en"},
        {"it;q=0.9, en;q=0.8", "it"},
        {"en, it", "en"},
        {"it, en", "it"},
        {"*", "it"},
        {"it;q=0, *", "en"},
        {"en;q=0, *;q=0.1", "it"},
        {"fr, *;q=0.5, en;q=0.4", "it"},
        {"en ; q = 0.9 , it;q=0.1", "en"},
        {"en;q=junk, it;q=0.1", "it"},
        {"en-US;q=0.1, en;q=0.9, it;q=0.5", "en"},
        {"english", "it"},
        {",,;q=1,;;,en", "en"},
        {"en;q=1.9999999999999999, it", "en"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(texts_negotiate(cases[i].header), ==, cases[i].language);
}

static char *when_json(const char *at, const char *zone, const char *language)
{
    gint64 instant = 0;
    g_assert_true(instant_parse_rfc3339(at, &instant));
    g_autoptr(Arena) arena = arena_new();
    Value *object = value_object(arena);
    when_value(object, "when", instant, zone_find(zone), language);
    GString *out = g_string_new(NULL);
    value_write_json(object, out);
    return g_string_free(out, FALSE);
}

static void a_moment_is_told_in_the_zones_wall_clock(void)
{
    g_autofree char *json = when_json("2026-11-24T09:05:07Z", "Europe/Rome", "it");
    g_assert_cmpstr(json, ==,
                    "{\"when\":{\"at\":1795511107,\"iso\":\"2026-11-24T10:05:07+01:00\","
                    "\"date\":\"2026-11-24\",\"weekday\":\"martedì\",\"day\":24,"
                    "\"month\":\"novembre\",\"month_number\":11,\"year\":2026,\"time\":\"10:05\","
                    "\"day_long\":\"martedì 24 novembre\","
                    "\"date_long\":\"martedì 24 novembre 2026\",\"short\":\"mar 24/11\"}}");
    g_autofree char *without = when_json("2026-11-24T09:05:07Z", "Europe/Rome", NULL);
    g_assert_cmpstr(json, ==, without);
}

static void another_language_has_its_own_words_and_order(void)
{
    g_autofree char *json = when_json("2026-11-24T03:00:00Z", "America/St_Johns", "en");
    g_assert_nonnull(strstr(json, "\"iso\":\"2026-11-23T23:30:00-03:30\""));
    g_assert_nonnull(strstr(json, "\"date\":\"2026-11-23\""));
    g_autoptr(Arena) arena = arena_new();
    Day day = day_from_date(2026, 11, 24);
    g_assert_cmpstr(when_day_long(arena, day, "en"), ==, "Tuesday, November 24");
    g_assert_cmpstr(when_day_short(arena, day, "en"), ==, "Tue 11/24 ");
    g_assert_cmpstr(when_day_long(arena, day, "it"), ==, "martedì 24 novembre");
    g_assert_cmpstr(when_day_short(arena, day, "it"), ==, "mar 24/11");
    g_assert_cmpstr(when_day_short(arena, day_from_date(2027, 1, 1), "it"), ==, "ven 1/1");
}

static void another_language_parts_hours_and_minutes_its_own_way(void)
{
    g_autofree char *json = when_json("2026-11-24T09:05:07Z", "Europe/Rome", "en");
    g_assert_nonnull(strstr(json, "\"time\":\"10.05\""));
    g_assert_nonnull(strstr(json, "\"iso\":\"2026-11-24T10:05:07+01:00\""));
    g_autoptr(Arena) arena = arena_new();
    g_assert_cmpstr(when_time(arena, 545, "en"), ==, "09.05");
}

static void the_iso_form_is_that_of_the_zones_table(void)
{
    static const char *const zones[] = {"Europe/Rome", "America/St_Johns", "Asia/Kathmandu",
                                        "Australia/Lord_Howe", "UTC"};
    for (gsize i = 0; i < G_N_ELEMENTS(zones); i++) {
        const Zone *zone = zone_find(zones[i]);
        for (gint64 at = -86400 * 365; at < G_GINT64_CONSTANT(2524604400); at += 8640011) {
            g_autoptr(Arena) arena = arena_new();
            Value *object = value_object(arena);
            when_value(object, "when", at, zone, "it");
            const Value *when = value_get(object, "when");
            g_autofree char *iso = zone_format_local(zone, at);
            g_assert_cmpstr(value_get_text(when, "iso"), ==, iso);
            g_assert_true(strstr(iso, value_get_text(when, "time")) == iso + 11);
        }
    }
}

static void times_have_two_digits(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_assert_cmpstr(when_time(arena, 0, "it"), ==, "00:00");
    g_assert_cmpstr(when_time(arena, 545, "it"), ==, "09:05");
    g_assert_cmpstr(when_time(arena, 1440, NULL), ==, "24:00");
}

int main(int argc, char **argv)
{
    g_autoptr(GByteArray) mo = catalogue_bytes(FALSE);
    g_assert_cmpuint(mo->len, <=, sizeof english);
    memcpy(english, mo->data, mo->len);
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/base/texts/" #name, name)
    CASE(embedded_files_are_found_by_name);
    CASE(italian_is_its_own_translation);
    CASE(english_comes_from_the_catalogue);
    CASE(both_byte_orders_are_read);
    CASE(every_shortened_catalogue_is_refused);
    CASE(a_catalogue_that_points_outside_itself_is_refused);
    CASE(the_language_is_the_best_of_the_header);
#undef CASE
#define CASE(name) g_test_add_func("/base/when_value/" #name, name)
    CASE(a_moment_is_told_in_the_zones_wall_clock);
    CASE(another_language_has_its_own_words_and_order);
    CASE(another_language_parts_hours_and_minutes_its_own_way);
    CASE(the_iso_form_is_that_of_the_zones_table);
    CASE(times_have_two_digits);
    return g_test_run();
}
