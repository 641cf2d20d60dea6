/* citizen_add.c - the citizen adds words and documents from the request's page.
 *
 * They become a message like one that came by mail, in the request's thread: stored as it is, read
 * by the same intake, shown to the same people. Files go from where the server has put them into
 * the message piece by piece.
 */
#include "base/token.h"
#include "mail/arrival.h"
#include "mail/intake.h"
#include "mail/letter_header.h"
#include "web/citizen_pages.h"
#include "web/limits.h"
#include "web/page_inner.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define WORDS_MOST 10000
#define FILES_MOST 10
#define BYTES_MOST (30LL * 1024 * 1024) /* of all files */
#define TRIES 20
#define WINDOW_S 600
#define LINE_BYTES 57 /* of base64: 76 characters */

typedef struct {
    const char *extension, *type;
} FileKind;

/* Rules of an office, product.md. The browser's word for the type is not asked. */
static const FileKind kinds[] = {
    {".pdf", "application/pdf"}, {".p7m", "application/pkcs7-mime"},
    {".dwf", "model/vnd.dwf"},   {".dwg", "image/vnd.dwg"},
    {".jpg", "image/jpeg"},      {".jpeg", "image/jpeg"},
    {".png", "image/png"},
};

static const char *type_of(const char *name)
{
    g_autofree char *folded = g_ascii_strdown(name, -1);
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_has_suffix(folded, kinds[i].extension))
            return kinds[i].type;
    return NULL;
}

/* --- what was sent ------------------------------------------------------------------------- */

/* A field for a file that was left empty comes as a part without name and bytes. */
static bool is_file(const HttpUpload *upload)
{
    return upload->size > 0 || (upload->name && upload->name[0]);
}

static guint check_files(Page *page)
{
    guint count = 0;
    gint64 bytes = 0;
    for (guint i = 0; i < http_request_uploads(page->request); i++) {
        const HttpUpload *upload = http_request_upload(page->request, i);
        if (!is_file(upload))
            continue;
        count++;
        bytes += upload->size;
        if (!upload->name || !type_of(upload->name)) {
            page_error(page, "file", "kind");
            return count;
        }
    }
    if (count > FILES_MOST)
        page_error(page, "file", "too_many");
    else if (bytes > BYTES_MOST)
        page_error(page, "file", "too_large");
    return count;
}

/* --- the message --------------------------------------------------------------------------- */

typedef struct {
    Arrival *arrival;
    char boundary[TOKEN_LENGTH + 1];
} Writer;

static bool feed(Writer *writer, const GString *text, GError **error)
{
    return arrival_feed(writer->arrival, text->str, text->len, error);
}

static void append_base64(GString *out, const guint8 *bytes, gsize length)
{
    for (gsize i = 0; i < length; i += LINE_BYTES) {
        g_autofree char *line = g_base64_encode(bytes + i, MIN((gsize)LINE_BYTES, length - i));
        g_string_append_printf(out, "%s\r\n", line);
    }
}

static void append_date(GString *out, const Page *page, const Office *office)
{
    /* RFC 5322, 3.3: English names whatever the locale is. */
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Zone *zone = zone_find(office->zone);
    const Day day = zone_day(zone, page->now);
    const guint minute = zone_minute(zone, page->now);
    const gint offset = zone_offset_s(zone, page->now) / 60;
    gint year, month, of_month;
    day_to_date(day, &year, &month, &of_month);
    g_string_append_printf(out, "Date: %s, %d %s %d %02u:%02u:%02d %c%02d%02d\r\n",
                           days[day_weekday(day) - 1], of_month, months[month - 1], year,
                           minute / 60, minute % 60, (gint)(page->now % 60), offset < 0 ? '-' : '+',
                           ABS(offset) / 60, ABS(offset) % 60);
}

/* The thread is found by its identifiers, and by the code in the subject. */
static void append_head(GString *out, Page *page, const CitizenCase *at, const char *boundary)
{
    char token[TOKEN_LENGTH + 1];
    g_autoptr(GPtrArray) references = NULL;
    g_autofree char *parent = correspondence_thread(page_db(page), at->request->id, &references);
    token_random(token);
    g_autofree char *local = g_strconcat("w.", token, NULL);
    g_autofree char *id = letter_message_id(local, at->office->address);
    g_autofree char *subject = g_strdup_printf("%s [%s]", at->request->subject, at->request->code);
    append_date(out, page, at->office);
    header_append_mailbox(out, "From", at->request->person_name, at->request->person_email);
    header_append_mailbox(out, "To", at->office->name, at->office->address);
    header_append_text(out, "Subject", subject);
    g_string_append_printf(out, "Message-ID: <%s>\r\n", id);
    if (parent)
        g_string_append_printf(out, "In-Reply-To: <%s>\r\n", parent);
    header_append_identifiers(out, "References", references);
    g_string_append_printf(
        out, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n", boundary);
}

static bool write_words(Writer *writer, Page *page, const CitizenCase *at, const char *words,
                        GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    append_head(out, page, at, writer->boundary);
    g_string_append_printf(out,
                           "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: base64\r\n\r\n",
                           writer->boundary);
    append_base64(out, (const guint8 *)words, strlen(words));
    return feed(writer, out, error);
}

/* What follows the last slash or backslash of a name that a browser has sent. */
static const char *base_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    name = slash ? slash + 1 : name;
    slash = strrchr(name, '\\');
    return slash ? slash + 1 : name;
}

static bool write_bytes(Writer *writer, FILE *file, GError **error)
{
    guint8 bytes[LINE_BYTES * 1024]; /* whole lines, so that only the last may be short */
    gsize length;
    while ((length = fread(bytes, 1, sizeof bytes, file)) > 0) {
        g_autoptr(GString) out = g_string_sized_new(length / 3 * 4 + 4096);
        append_base64(out, bytes, length);
        if (!feed(writer, out, error))
            return false;
    }
    if (!ferror(file))
        return true;
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_IO, "an uploaded file cannot be read");
    return false;
}

static bool write_file(Writer *writer, const HttpUpload *upload, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *name = g_uri_escape_string(base_name(upload->name), NULL, FALSE);
    g_string_append_printf(out,
                           "\r\n--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n"
                           "Content-Disposition: attachment; filename*=UTF-8''%s\r\n\r\n",
                           writer->boundary, type_of(upload->name), name);
    if (!feed(writer, out, error))
        return false;
    FILE *file = g_fopen(upload->file, "rbe");
    if (!file) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "an uploaded file: %s",
                    g_strerror(errno));
        return false;
    }
    const bool written = write_bytes(writer, file, error);
    (void)fclose(file);
    return written;
}

static bool write_message(Writer *writer, Page *page, const CitizenCase *at, const char *words,
                          GError **error)
{
    g_autoptr(GString) end = g_string_new(NULL);
    token_random(writer->boundary);
    if (!write_words(writer, page, at, words, error))
        return false;
    for (guint i = 0; i < http_request_uploads(page->request); i++) {
        const HttpUpload *upload = http_request_upload(page->request, i);
        if (is_file(upload) && !write_file(writer, upload, error))
            return false;
    }
    g_string_append_printf(end, "\r\n--%s--\r\n", writer->boundary);
    return feed(writer, end, error);
}

/* --- the page ------------------------------------------------------------------------------ */

bool citizen_may_add(const CitizenCase *at)
{
    return at->request->person_email && header_is_address(at->request->person_email) &&
           header_is_address(at->office->address);
}

static void store_message(Page *page, const CitizenCase *at, const char *words)
{
    const Config *config = page->app->config;
    g_autoptr(GError) error = NULL;
    g_autoptr(Arrival) arrival = arrival_new(config->max_message, config->upload_folder, &error);
    Writer writer = {.arrival = arrival};
    gint64 message_id;
    bool is_new;
    if (!arrival || !write_message(&writer, page, at, words, &error)) {
        page_failed(page, error);
        return;
    }
    page_release_db(page);
    if (!arrival_store(arrival, page->app->store, at->office->id, page->now, &message_id, &is_new,
                       &error)) {
        page_failed(page, error);
        return;
    }
    intake_wake(page->app->intake);
    page_redirect(page, "/p/%s?fatto=sent", at->token);
}

static bool may_try(Page *page, const CitizenCase *at)
{
    const char *who = arena_printf(page->arena, "add:%" G_GINT64_FORMAT, at->request->id);
    if (limits_allow(page->app->limits, who, TRIES, WINDOW_S, clock_monotonic_ms(page->app->clock),
                     true, NULL))
        return true;
    page_problem(page, 429, "too_many");
    return false;
}

void citizen_add(Page *page)
{
    g_auto(CitizenCase) at = {0};
    if (!citizen_open(page, &at))
        return;
    if (!citizen_may_add(&at)) {
        page_not_found(page);
        return;
    }
    const char *words = page_field(page, "parole", WORDS_MOST);
    const guint files = check_files(page);
    if (!words[0] && files == 0)
        page_error(page, "parole", "required");
    if (page_has_errors(page))
        citizen_show_page(page, &at);
    else if (may_try(page, &at))
        store_message(page, &at, words);
}
