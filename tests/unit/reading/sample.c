/* sample.c - see sample.h. */
#include "sample.h"

#include "agenda/holidays.h"

static const char *closed(Day day, gpointer data)
{
    (void)data;
    return holidays_on(day, 0, 0);
}

const ReadingOffice *sample_office(void)
{
    static const char *const addresses[] = {"appuntamentiedilizia@comune.esempio.example",
                                            "appuntamentiedilizia@pec.comune.esempio.example",
                                            "sportello@pec.comune.esempio.example", NULL};
    static const char *const domains[] = {"sportello.comune.esempio.example", NULL};
    static const ReadingHours hours[] = {
        {2, 9 * 60, 12 * 60 + 30}, {2, 15 * 60, 17 * 60 + 30}, {4, 9 * 60, 12 * 60 + 30}};
    static ReadingOffice office;
    office = (ReadingOffice){.zone = zone_find("Europe/Rome"),
                             .own_addresses = addresses,
                             .own_domains = domains,
                             .code_prefix = "EDI",
                             .hours = hours,
                             .n_hours = G_N_ELEMENTS(hours),
                             .closed = closed};
    return &office;
}

MailMessage *sample_message(const char *day, const char *subject, const char *text)
{
    MailMessage *message = mail_message_new();
    Day date = 0;
    g_assert_true(day_parse(day, &date));
    g_assert_true(zone_instant(sample_office()->zone, date, 10 * 60, &message->date_at));
    message->from.name = g_strdup("Paola Verdi");
    message->from.email = g_strdup("p.verdi@studio.example");
    message->return_path = g_strdup("p.verdi@studio.example");
    message->subject = g_strdup(subject);
    message->text = g_strdup(text);
    return message;
}

void sample_header(MailMessage *message, const char *name, const char *value)
{
    MailHeader *header = g_new0(MailHeader, 1);
    header->name = g_strdup(name);
    header->value = g_strdup(value);
    g_ptr_array_add(message->headers, header);
}

static void add_rows(Arena *arena, const char *path, GPtrArray *rows)
{
    g_autofree char *json = NULL;
    gsize length = 0;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &json, &length, &error);
    g_assert_no_error(error);
    const Value *list = value_parse_json(arena, json, length, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < value_length(list); i++)
        g_ptr_array_add(rows, (gpointer)value_at(list, i));
}

GPtrArray *sample_rows(Arena *arena)
{
    GPtrArray *rows = g_ptr_array_new();
    g_autofree char *folder = g_build_filename(g_getenv("TEST_DATA"), "reading", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_assert_nonnull(dir);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_str_has_suffix(name, ".json"))
            add_rows(arena, path, rows);
    }
    return rows;
}

static void set_from(char **member, const Value *row, const char *key)
{
    const char *text = value_get_text(row, key);
    if (!text)
        return;
    g_free(*member);
    *member = *text ? g_strdup(text) : NULL;
}

MailMessage *sample_row_message(const Value *row)
{
    const char *day = value_get_text(row, "day"), *subject = value_get_text(row, "subject");
    MailMessage *message =
        sample_message(day ? day : "2026-11-20", subject ? subject : "Richiesta appuntamento",
                       value_get_text(row, "text"));
    set_from(&message->from.name, row, "from_name");
    set_from(&message->from.email, row, "from_email");
    set_from(&message->in_reply_to, row, "in_reply_to");
    return message;
}
