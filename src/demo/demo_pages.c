/* demo_pages.c - /posta-di-prova and /orologio: the demo's mailbox and its clock. They exist in the
 * demo only.
 *
 * A mail written here goes the way of every other: stored raw by arrival_store, then the intake is
 * woken.
 */
#include "demo/demo_letter.h"
#include "demo/demo_mail.h"
#include "mail/arrival.h"
#include "mail/intake.h"
#include "mustache/templates.h"
#include "store/appointment.h"
#include "web/desk_times.h"
#include "web/live.h"
#include "web/pages.h"
#include "web/values.h"
#include <string.h>

#define LETTERS_MOST 60
#define WORDS_MOST 100000
#define FILE_MOST ((gint64)20 * 1024 * 1024)
#define BEFORE_S 600 /* "ten minutes before the next appointment" */
#define YEAR_S ((gint64)366 * 86400)

/* --- samples --- */

/* pages/demo-sample-NAME: a block of fields ("campo: valore"), an empty line, the text. NULL when
 * unknown. */
static char *sample_text(const Page *page, const char *name)
{
    if (!name || strspn(name, "abcdefghijklmnopqrstuvwxyz") != strlen(name))
        return NULL;
    const MustacheSet *set = templates_set(page->app->templates, page->language);
    const Mustache *sample =
        mustache_set_find(set, arena_printf(page->arena, "pages/demo-sample-%s", name));
    if (!sample)
        return NULL;
    GString *text = g_string_new(NULL);
    mustache_render_plain(sample, page->value, text);
    return g_string_free(text, FALSE);
}

static void fill_form_line(Page *page, Value *form, const char *line)
{
    static const char *const fields[] = {"nome", "da", "oggetto", "automatica", "tavola"};
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
        const gsize length = strlen(fields[i]);
        if (strncmp(line, fields[i], length) == 0 && line[length] == ':')
            value_set_text(form, fields[i], g_strstrip(arena_copy(page->arena, line + length + 1)));
    }
}

static void fill_sample(Page *page, const char *name)
{
    g_autofree char *text = sample_text(page, name);
    if (!text)
        return;
    char *body = strstr(text, "\n\n");
    if (!body)
        return;
    *body = '\0';
    Value *form = value_set_object(page->value, "form");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        fill_form_line(page, form, lines[i]);
    value_set_copy(form, "testo", g_strchomp(body + 2));
}

/* --- letters that came out --- */

static void fill_letter_row(Page *page, Value *row, const Letter *letter)
{
    value_set_printf(row, "id", "%" G_GINT64_FORMAT, letter->id);
    value_set_copy(row, "recipient", letter->recipient);
    value_set_copy(row, "subject", letter->subject);
    value_set_copy(row, "code", letter->request_code);
    value_set_boolean(row, arena_printf(page->arena, "is_%s", letter_state_name(letter->state)),
                      TRUE);
    page_set_when(page, row, "when", letter->created_at, "Europe/Rome");
}

static void fill_letters(Page *page)
{
    g_autoptr(GPtrArray) letters = letter_latest(page_db(page), LETTERS_MOST, NULL);
    Value *list = value_set_list(page->value, "letters");
    for (guint i = 0; letters && i < letters->len; i++)
        fill_letter_row(page, value_append_object(list), letters->pdata[i]);
    value_set_boolean(page->value, "has_letters", value_length(list) > 0);
}

static void fill_runs(Page *page, Value *object, const char *text)
{
    g_autoptr(GArray) runs = demo_letter_runs(text);
    Value *list = value_set_list(object, "runs");
    for (guint i = 0; i < runs->len; i++) {
        const DemoRun *run = &g_array_index(runs, DemoRun, i);
        const char *words =
            arena_printf(page->arena, "%.*s", (int)(run->until - run->from), text + run->from);
        value_set_text(value_append_object(list), run->is_link ? "link" : "text", words);
    }
}

static Letter *letter_of(Page *page, const char *text)
{
    gint64 id;
    return page_number(text, &id) ? letter_find(page_db(page), id, NULL) : NULL;
}

static void fill_letter(Page *page, const Letter *letter)
{
    Value *shown = value_set_object(page->value, "letter");
    fill_letter_row(page, shown, letter);
    fill_runs(page, shown, letter->text ? letter->text : "");
    gsize length;
    const char *bytes = g_bytes_get_data(letter->content, &length);
    GString *html = demo_letter_part(bytes, length, "text/html");
    GString *calendar = demo_letter_part(bytes, length, "text/calendar");
    if (html)
        value_set_printf(shown, "html", "/posta-di-prova/lettera/%" G_GINT64_FORMAT "/html",
                         letter->id);
    if (calendar)
        value_set_copy(shown, "calendar", calendar->str);
    value_set_printf(shown, "raw", "/posta-di-prova/lettera/%" G_GINT64_FORMAT "/messaggio.eml",
                     letter->id);
    if (html)
        g_string_free(html, TRUE);
    if (calendar)
        g_string_free(calendar, TRUE);
}

static void html_of_letter(Page *page)
{
    g_autoptr(Letter) letter = letter_of(page, page->params[0]);
    gsize length = 0;
    const char *bytes = letter ? g_bytes_get_data(letter->content, &length) : NULL;
    GString *html = bytes ? demo_letter_part(bytes, length, "text/html") : NULL;
    if (!html) {
        page_not_found(page);
        return;
    }
    const char *head =
        strstr(html->str, "<head>"); /* links leave the frame the letter is shown in */
    if (head)
        g_string_insert(html, head + strlen("<head>") - html->str, "<base target=\"_blank\">");
    http_reply_type(page->reply, "text/html; charset=utf-8");
    http_reply_header(page->reply, "Content-Security-Policy",
                      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
                      "sandbox allow-popups allow-popups-to-escape-sandbox");
    http_reply_header(page->reply, "X-Content-Type-Options", "nosniff");
    http_reply_header(page->reply, "Cache-Control", "no-store");
    http_reply_body(page->reply, html);
}

static void raw_letter(Page *page)
{
    g_autoptr(Letter) letter = letter_of(page, page->params[0]);
    if (!letter) {
        page_not_found(page);
        return;
    }
    http_reply_type(page->reply, "message/rfc822");
    http_reply_header(page->reply, "Content-Disposition", "attachment; filename=\"messaggio.eml\"");
    http_reply_header(page->reply, "X-Content-Type-Options", "nosniff");
    http_reply_header(page->reply, "Cache-Control", "no-store");
    http_reply_bytes(page->reply, letter->content);
}

/* --- the page --- */

/* "Re: " in front, once, as mail programs do. */
static const char *subject_of_reply(Page *page, const char *subject)
{
    return g_str_has_prefix(subject, "Re: ") ? subject
                                             : arena_printf(page->arena, "Re: %s", subject);
}

static void fill_reply(Page *page, const Letter *letter)
{
    Value *form = value_set_object(page->value, "form");
    value_set_copy(form, "da", letter->recipient);
    value_set_copy(form, "oggetto", subject_of_reply(page, letter->subject));
    value_set_copy(form, "risposta_a", letter->message_id);
    value_set_boolean(page->value, "is_reply", TRUE);
}

static void fill_offices(Page *page)
{
    g_autoptr(GPtrArray) offices = office_list(page_db(page), 0, NULL);
    Value *list = value_set_list(page->value, "offices");
    for (guint i = 0; offices && i < offices->len; i++)
        values_office(value_append_object(list), "office", offices->pdata[i]);
}

static void show(Page *page)
{
    g_autoptr(Letter) letter = letter_of(page, http_request_query(page->request, "lettera"));
    g_autoptr(Letter) answered = letter_of(page, http_request_query(page->request, "rispondi"));
    if (letter)
        fill_letter(page, letter);
    if (answered)
        fill_reply(page, answered);
    else
        fill_sample(page, http_request_query(page->request, "esempio"));
    value_set_boolean(page->value, "was_sent",
                      http_request_query(page->request, "inviata") != NULL);
    value_set_boolean(page->value, "no_meeting",
                      http_request_query(page->request, "nessuno") != NULL);
    fill_offices(page);
    fill_letters(page);
    page_render(page, "pages/demo-mail");
}

/* --- sending --- */

/* The drawing that comes with the demo, or the file chosen in the form. False: an error of the form
 * was set. */
static bool attach(Page *page, DemoMail *mail, GString **drawing, GMappedFile **file)
{
    const HttpUpload *upload =
        http_request_uploads(page->request) ? http_request_upload(page->request, 0) : NULL;
    if (upload && upload->size > FILE_MOST) {
        page_error(page, "allegato", "too_large");
        return false;
    }
    if (upload && upload->size > 0 && upload->name && *upload->name) {
        *file = g_mapped_file_new(upload->file, FALSE, NULL);
        mail->file_name = upload->name;
        mail->file_type = "application/octet-stream";
        mail->file = *file ? g_mapped_file_get_contents(*file) : NULL;
        mail->file_length = *file ? g_mapped_file_get_length(*file) : 0;
        return mail->file != NULL;
    }
    if (!*page_field(page, "tavola", 8))
        return true;
    *drawing = g_string_new(NULL);
    const MustacheSet *set = templates_set(page->app->templates, "it");
    mustache_render_plain(mustache_set_find(set, "pages/demo-plan.pdf"), page->value, *drawing);
    mail->file_name = "Tav 03 - pianta piano primo.pdf";
    mail->file_type = "application/pdf";
    mail->file = (*drawing)->str;
    mail->file_length = (*drawing)->len;
    return true;
}

static bool store_mail(Page *page, const Office *office, const GString *message, GError **error)
{
    const App *app = page->app;
    g_autoptr(Arrival) arrival =
        arrival_new(app->config->max_message, app->config->upload_folder, error);
    gint64 id;
    bool is_new;
    if (!arrival || !arrival_feed(arrival, message->str, message->len, error))
        return false;
    store_reader_done(app->store, page->db); /* arrival_store waits for the writer */
    page->db = NULL;
    return arrival_store(arrival, app->store, office->id, page->now, &id, &is_new, error);
}

static void fill_mail(Page *page, const Office *office, DemoMail *mail)
{
    *mail = (DemoMail){
        .from_name = page_field(page, "nome", 120),
        .from = page_field(page, "da", 254),
        .to = office->address,
        .subject = page_field(page, "oggetto", 400),
        .in_reply_to = page_field(page, "risposta_a", 400),
        .text = page_field(page, "testo", WORDS_MOST),
        .is_automatic = *page_field(page, "automatica", 8) != '\0',
        .at = page->now,
        .zone = zone_find(office->zone),
    };
    if (!demo_mail_is_address(mail->from))
        page_error(page, "da", *mail->from ? "invalid" : "required");
    if (!*mail->text)
        page_error(page, "testo", "required");
    if (strpbrk(mail->in_reply_to, " <>\r\n"))
        mail->in_reply_to = NULL;
}

/* As a mail program answers: to Reply-To where the letter has one. */
static const char *answer_address(Page *page, const DemoMail *mail)
{
    Db *db = page_db(page);
    g_autoptr(Letter) named = mail->in_reply_to && *mail->in_reply_to
                                  ? letter_find_by_message_id(db, mail->in_reply_to, NULL)
                                  : NULL;
    g_autoptr(Letter) letter = named ? letter_find(db, named->id, NULL) : NULL;
    if (!letter)
        return mail->to;
    gsize length;
    const char *bytes = g_bytes_get_data(letter->content, &length);
    g_autofree char *address = demo_letter_reply_to(bytes, length);
    return address ? arena_copy(page->arena, address) : mail->to;
}

static void send(Page *page)
{
    DemoMail mail;
    GError *error = NULL;
    GString *drawing = NULL;
    g_autoptr(GMappedFile) file = NULL;
    g_autoptr(Office) office =
        office_find_by_slug(page_db(page), page_field(page, "ufficio", 64), NULL);
    if (!office) {
        page_not_found(page);
        return;
    }
    fill_mail(page, office, &mail);
    mail.to = answer_address(page, &mail);
    if (!page_has_errors(page) && attach(page, &mail, &drawing, &file) && !page_has_errors(page)) {
        GString *message = demo_mail_compose(&mail);
        if (store_mail(page, office, message, &error)) {
            intake_wake(page->app->intake);
            page_redirect(page, "/posta-di-prova?inviata=1#lettere");
        } else {
            page_failed(page, error);
            g_clear_error(&error);
        }
        g_string_free(message, TRUE);
    } else {
        fill_offices(page);
        fill_letters(page);
        page_invalid(page, "pages/demo-mail");
    }
    if (drawing)
        g_string_free(drawing, TRUE);
}

/* --- the clock --- */

#define NO_MEETING 0
#define ALREADY_THERE (-1)

/* Ten minutes before the first open appointment that begins later than that. */
static gint64 before_next(Page *page, gint64 office_id)
{
    g_autoptr(GPtrArray) meetings =
        appointment_list(page_db(page), office_id, page->now, page->now + YEAR_S, false, NULL);
    gint64 found = NO_MEETING;
    for (guint i = 0; meetings && i < meetings->len; i++) {
        const Appointment *appointment = meetings->pdata[i];
        if (!appointment_is_open(appointment->state))
            continue;
        if (appointment->starts_at - BEFORE_S > page->now)
            return appointment->starts_at - BEFORE_S;
        found = ALREADY_THERE;
    }
    return found;
}

static gint64 before_next_of_all(Page *page)
{
    g_autoptr(GPtrArray) offices = office_list(page_db(page), 0, NULL);
    gint64 first = NO_MEETING;
    for (guint i = 0; offices && i < offices->len; i++) {
        const gint64 at = before_next(page, ((Office *)offices->pdata[i])->id);
        if (first <= 0 || (at > 0 && at < first))
            first = at == NO_MEETING ? first : at;
    }
    return first;
}

/* RFC 3339, or as a field of the page sends it; 0 when it is neither. */
static gint64 typed_instant(const char *text)
{
    gint64 at;
    return instant_parse_rfc3339(text, &at) ||
                   desk_times_parse_local(zone_find("Europe/Rome"), text, &at)
               ? at
               : 0;
}

static const char *back_path(Page *page)
{
    const char *path = page_local_path(page_field(page, "torna", 400));
    return path ? path : "/";
}

static void tell_desks(Page *page)
{
    g_autoptr(GPtrArray) offices = office_list(page_db(page), 0, NULL);
    for (guint i = 0; offices && i < offices->len; i++)
        live_desk(page->app->hub, ((Office *)offices->pdata[i])->id, "clock", NULL, NULL);
}

static void move_clock(Page *page)
{
    const char *where = page_field(page, "dove", 20), *typed = page_field(page, "istante", 40);
    const char *back = back_path(page);
    gint64 at = 0;
    if (strcmp(where, "adesso") == 0)
        clock_back_to_system(page->app->clock);
    else
        at = strcmp(where, "appuntamento") == 0 ? before_next_of_all(page) : typed_instant(typed);
    if (at > 0)
        clock_move(page->app->clock, at);
    tell_desks(page);
    if (at == NO_MEETING && strcmp(where, "appuntamento") == 0) {
        page_redirect(page, "/posta-di-prova?nessuno=1");
        return;
    }
    page_redirect(page, "%s", back);
}

const Route demo_routes[] = {
    {"GET", "/posta-di-prova", show, ROUTE_DEMO},
    {"POST", "/posta-di-prova", send, ROUTE_DEMO | ROUTE_UPLOAD},
    {"GET", "/posta-di-prova/lettera/{letter}/html", html_of_letter, ROUTE_DEMO},
    {"GET", "/posta-di-prova/lettera/{letter}/messaggio.eml", raw_letter, ROUTE_DEMO},
    {"POST", "/orologio", move_clock, ROUTE_DEMO},
    {0},
};
