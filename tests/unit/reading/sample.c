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
