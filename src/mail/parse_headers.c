/* parse_headers.c - header fields of one message as clean values: people, identifiers, dates.
 *
 * GMime decodes encoded words (RFC 2047) and bytes without a label; what remains is cleaned of
 * control characters and cut to a length, since a header may be as long as the message. Of a field
 * that stands there twice the first counts.
 */
#include "mail/parse_internal.h"

#include <string.h>

char *parse_message_id(const char *value)
{
    g_autofree char *line = parse_clean_line(value);
    if (!line)
        return NULL;
    char *start = strchr(line, '<');
    start = start ? start + 1 : line;
    start[strcspn(start, "> \t")] = '\0';
    return *start && strlen(start) <= 998 ? g_strdup(start) : NULL;
}

bool parse_first_address(InternetAddressList *list, MailAddress *address)
{
    for (int i = 0; list && i < internet_address_list_length(list); i++) {
        InternetAddress *entry = internet_address_list_get_address(list, i);
        if (!INTERNET_ADDRESS_IS_MAILBOX(entry))
            continue;
        char *email =
            parse_clean_line(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(entry)));
        char *name = parse_clean_line(internet_address_get_name(entry));
        if (!email && !name)
            continue;
        g_free(address->name);
        g_free(address->email);
        address->name = name;
        address->email = email;
        return true;
    }
    return false;
}

static void add_addresses(GPtrArray *out, InternetAddressList *list, guint depth)
{
    int length = list && depth < 3 ? internet_address_list_length(list) : 0;
    for (int i = 0; i < length && out->len < PARSE_ADDRESSES_MOST; i++) {
        InternetAddress *entry = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(entry)) {
            add_addresses(out, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(entry)),
                          depth + 1);
            continue;
        }
        if (!INTERNET_ADDRESS_IS_MAILBOX(entry))
            continue;
        g_autofree char *email =
            parse_clean_line(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(entry)));
        g_autofree char *name = parse_clean_line(internet_address_get_name(entry));
        if (email)
            g_ptr_array_add(out, mail_address_new(name, email));
    }
}

GPtrArray *parse_header_list(GMimeObject *object)
{
    GPtrArray *headers = mail_headers_new();
    GMimeHeaderList *list = g_mime_object_get_header_list(object);
    gsize bytes = 0;
    for (int i = 0; i < g_mime_header_list_get_count(list) && headers->len < PARSE_HEADERS_MOST;
         i++) {
        GMimeHeader *field = g_mime_header_list_get_header_at(list, i);
        const char *raw = g_mime_header_get_raw_value(field);
        if (raw && strlen(raw) > PARSE_TEXT_MOST)
            continue;
        MailHeader *header = g_new0(MailHeader, 1);
        header->name = parse_clean_line(g_mime_header_get_name(field));
        header->value = parse_clean_line(g_mime_header_get_value(field));
        if (!header->name)
            header->name = g_strdup("");
        if (!header->value)
            header->value = g_strdup("");
        for (char *at = header->name; *at; at++)
            *at = g_ascii_tolower(*at);
        bytes += strlen(header->name) + strlen(header->value);
        g_ptr_array_add(headers, header);
        if (bytes > PARSE_LINES_MOST)
            break;
    }
    return headers;
}

static void read_references(MailMessage *message, const char *value)
{
    g_auto(GStrv) words = g_strsplit_set(value, "<> \t,", -1);
    guint n = g_strv_length(words);
    guint kept = 0;
    /* the newest stand at the end: count them from there, keep their order */
    guint from = n;
    while (from > 0 && kept < PARSE_REFERENCES_MOST)
        kept += words[--from][0] != '\0';
    for (guint i = from; i < n; i++) {
        char *id = parse_message_id(words[i]);
        if (id)
            g_ptr_array_add(message->references, id);
    }
}

static void read_date(MailMessage *message)
{
    message->date_raw = g_strdup(mail_message_header(message, "date"));
    if (!message->date_raw)
        return;
    g_autoptr(GDateTime) date = g_mime_utils_header_decode_date(message->date_raw);
    if (!date)
        return;
    gint64 at = g_date_time_to_unix(date);
    if (at < 0 || at > G_GINT64_CONSTANT(32503680000)) /* year 3000 */
        return;
    message->date_at = at;
    message->date_offset_min = (gint)(g_date_time_get_utc_offset(date) / G_TIME_SPAN_MINUTE);
}

/* "" for the null sender, also where an MTA names itself instead: Postfix's pipe says
 * MAILER-DAEMON. */
static char *return_path(const MailMessage *message)
{
    const char *value = mail_message_header(message, "return-path");
    if (!value)
        return NULL;
    g_autofree char *path = parse_message_id(value);
    return g_strdup(path && strchr(path, '@') ? path : "");
}

/* GMime gives the last of several; people and other programs are shown the first. */
static char *first_subject(GMimeMessage *mime, const MailMessage *message)
{
    const char *first = mail_message_header(message, "subject");
    return parse_clean_line(first ? first : g_mime_message_get_subject(mime));
}

/* GMime keeps it with the part. It tells what is reported (RFC 6522, 3). */
static void add_content_type(GMimeMessage *mime, GPtrArray *headers)
{
    GMimeObject *part = g_mime_message_get_mime_part(mime);
    const char *value = part ? g_mime_object_get_header(part, "Content-Type") : NULL;
    if (!value)
        return;
    MailHeader *header = g_new0(MailHeader, 1);
    header->name = g_strdup("content-type");
    header->value = parse_clean_line(value);
    if (!header->value)
        header->value = g_strdup("");
    if (headers->len == PARSE_HEADERS_MOST)
        g_ptr_array_set_size(headers, PARSE_HEADERS_MOST - 1);
    g_ptr_array_add(headers, header);
}

void parse_headers(GMimeMessage *mime, MailMessage *message)
{
    g_ptr_array_unref(message->headers);
    parse_mend_encoded_words(GMIME_OBJECT(mime));
    message->headers = parse_header_list(GMIME_OBJECT(mime));
    add_content_type(mime, message->headers);
    message->subject = first_subject(mime, message);
    message->subject_outer = g_strdup(message->subject);
    message->message_id = parse_message_id(mail_message_header(message, "message-id"));
    message->in_reply_to = parse_message_id(mail_message_header(message, "in-reply-to"));
    const char *references = mail_message_header(message, "references");
    if (references)
        read_references(message, references);
    if (!parse_first_address(g_mime_message_get_from(mime), &message->from))
        parse_first_address(g_mime_message_get_sender(mime), &message->from);
    message->outer_from.name = g_strdup(message->from.name);
    message->outer_from.email = g_strdup(message->from.email);
    add_addresses(message->reply_to, g_mime_message_get_reply_to(mime), 0);
    add_addresses(message->to, g_mime_message_get_to(mime), 0);
    add_addresses(message->to, g_mime_message_get_cc(mime), 0);
    message->return_path = return_path(message);
    read_date(message);
}
