/* intake_read.c - an office of the store as the reader of words wants it. */
#include "agenda/holidays.h"
#include "mail/intake.h"
#include "reading/reading.h"
#include "store/person.h"

static GStrv folded_words(const char *words, const char *first)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autofree char *folded_first = person_fold_email(first);
    if (folded_first)
        g_strv_builder_add(builder, folded_first);
    g_auto(GStrv) pieces = g_strsplit_set(words ? words : "", " \t\n,;", -1);
    for (gsize i = 0; pieces[i]; i++) {
        g_autofree char *folded = person_fold_email(pieces[i]);
        if (folded)
            g_strv_builder_add(builder, folded);
    }
    return g_strv_builder_end(builder);
}

static const char *closed(Day day, gpointer data)
{
    const Office *office = data;
    return holidays_on(day, office->patron_month, office->patron_day);
}

static GArray *hours_of(const GArray *openings, Day today)
{
    GArray *hours = g_array_new(FALSE, FALSE, sizeof(ReadingHours));
    for (guint i = 0; openings && i < openings->len; i++) {
        const OfficeOpening *opening = &g_array_index(openings, OfficeOpening, i);
        if (today < opening->valid_from || today > opening->valid_until)
            continue;
        ReadingHours one = {opening->weekday, (guint)opening->from_minute,
                            (guint)opening->until_minute};
        g_array_append_val(hours, one);
    }
    return hours;
}

/* The lists were checked when they were set; whatever else stands there counts as none. */
static ReadingTopics *topics_of(const Office *office)
{
    g_autoptr(GError) error = NULL;
    if (!office->topics || !*office->topics)
        return NULL;
    ReadingTopics *topics = reading_topics_parse(office->topics, &error);
    if (!topics)
        g_warning("event=topics_unreadable office=%s error=\"%s\"", office->slug, error->message);
    return topics;
}

static guint required_of(const Office *office)
{
    guint required = 0;
    g_autoptr(GError) error = NULL;
    if (office->required && !reading_required_parse(office->required, &required, &error))
        g_warning("event=required_unreadable office=%s error=\"%s\"", office->slug, error->message);
    return required;
}

Value *intake_read(Arena *arena, const MailMessage *message, const Office *office,
                   const GArray *openings, gint64 now)
{
    const Zone *zone = zone_find(office->zone);
    g_assert(zone); /* checked when the organisation was made */
    g_auto(GStrv) addresses = folded_words(office->own_addresses, office->address);
    g_auto(GStrv) domains = folded_words(office->own_domains, NULL);
    g_autoptr(GArray) hours = hours_of(openings, zone_day(zone, now));
    g_autoptr(ReadingTopics) topics = topics_of(office);
    ReadingOffice reader = {
        .zone = zone,
        .own_addresses = (const char *const *)addresses,
        .own_domains = (const char *const *)domains,
        .code_prefix = office->code_prefix,
        .hours = (const ReadingHours *)(gconstpointer)hours->data,
        .n_hours = hours->len,
        .closed = closed,
        .closed_data = (gpointer)office,
        .topics = topics,
        .required = required_of(office),
    };
    return reading_read(arena, message, &reader, now);
}
