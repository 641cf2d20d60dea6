/* page.c - what a page handler may do: read, write, render, refuse.
 *
 * How a request becomes a page (cookie, language, session, CSRF) stands in page_open.c, which route
 * it takes in routes.c. Texts for people are in the templates: here are only names that they ask
 * for.
 */
#include "web/page.h"
#include "base/embedded.h"
#include "base/when_value.h"
#include "mustache/templates.h"
#include "store/office.h"
#include "store/officer.h"
#include "web/page_inner.h"

#define PAGE_BYTES 32768                            /* first size of the text of a page */
#define INSTANTS_END G_GINT64_CONSTANT(32503680000) /* 3000-01-01 */

/* --- the store ----------------------------------------------------------------------------- */

Db *page_db(Page *page)
{
    g_assert(!page->in_loop);
    if (!page->db)
        page->db = store_reader(page->app->store);
    return page->db;
}

void page_release_db(Page *page)
{
    if (page->db)
        store_reader_done(page->app->store, page->db);
    page->db = NULL;
}

bool page_write(Page *page, StoreJob *job, gpointer data, GError **error)
{
    g_assert(!page->in_loop);
    page_release_db(page);
    http_request_step_aside(page->request);
    const bool is_written = store_write(page->app->store, job, data, error);
    http_request_step_back(page->request);
    return is_written;
}

void page_close(Page *page)
{
    page_release_db(page);
    officer_free((Officer *)page->officer);
    page->officer = NULL;
    arena_free(page->arena);
    page->arena = NULL;
}

/* --- the layout ---------------------------------------------------------------------------- */

static void set_organisation(Page *page)
{
    if (value_get(page->value, "organisation"))
        return;
    Value *organisation = value_set_object(page->value, "organisation");
    if (page->officer) {
        value_set_copy(organisation, "name", page->officer->organisation_name);
        return;
    }
    if (page->in_loop) {
        value_set_text(organisation, "name", page->organisation);
        return;
    }
    g_autoptr(GPtrArray) all = organisation_list(page_db(page), NULL);
    if (all && all->len > 0)
        value_set_copy(organisation, "name", ((Organisation *)all->pdata[0])->name);
}

static void set_officer(Page *page)
{
    if (!page->officer)
        return;
    Value *officer = value_set_object(page->value, "officer");
    value_set_text(officer, "name", page->officer->name);
    value_set_text(officer, "email", page->officer->email);
}

static void set_demo(Page *page)
{
    if (!page->app->config->demo)
        return;
    Value *demo = value_set_object(page->value, "demo");
    value_set_boolean(demo, "is_moved", clock_is_moved(page->app->clock));
    page_set_when(page, demo, "now", page->now,
                  page->officer ? page->officer->zone : "Europe/Rome");
}

/* Of an address such as "//elsewhere/" no link is made. */
static const char *own_path(const Page *page)
{
    const char *path = page_local_path(http_request_path(page->request));
    return path ? path : "/";
}

static void set_layout(Page *page)
{
    static const char assets[] = "/assets/";
    Value *value = page->value;
    value_set_text(value, "language", page->language);
    value_set_boolean(value, arena_printf(page->arena, "is_%s", page->language), TRUE);
    value_set_printf(value, "assets", "%s%s", assets, embedded_assets_hash);
    value_set_text(value, "csrf", page->csrf);
    if (!value_get(value, "here"))
        value_set_text(value, "here", own_path(page));
    value_set_boolean(value, "has_errors", page_has_errors(page));
    set_officer(page);
    set_organisation(page);
    set_demo(page);
}

/* --- answers ------------------------------------------------------------------------------- */

static void reply_json(Page *page)
{
    GString *body = g_string_sized_new(PAGE_BYTES);
    value_write_json(page->value, body);
    http_reply_type(page->reply, "application/json; charset=utf-8");
    http_reply_body(page->reply, body);
}

static void reply_html(Page *page, const char *name)
{
    const MustacheSet *set = templates_set(page->app->templates, page->language);
    const Mustache *template = mustache_set_find(set, name);
    if (!template)
        g_error("event=template_missing name=%s", name);
    GString *body = g_string_sized_new(PAGE_BYTES);
    mustache_render(template, page->value, body);
    http_reply_type(page->reply, "text/html; charset=utf-8");
    http_reply_body(page->reply, body);
}

void page_render(Page *page, const char *template)
{
    set_layout(page);
    page_headers(page);
    if (http_request_wants_json(page->request))
        reply_json(page);
    else
        reply_html(page, template);
}

void page_redirect(Page *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *location = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    page_headers(page);
    if (!http_request_wants_json(page->request)) {
        http_reply_redirect(page->reply, location);
        return;
    }
    Value *answer = value_object(page->arena);
    value_set_copy(answer, "location", location);
    page->value = answer;
    http_reply_status(page->reply, 200);
    reply_json(page);
}

void page_problem(Page *page, guint status, const char *kind)
{
    page->value = value_object(page->arena); /* nothing that was read so far is shown */
    Value *problem = value_set_object(page->value, "problem");
    value_set_integer(problem, "status", status);
    value_set_text(problem, "kind", kind);
    value_set_boolean(problem, kind, TRUE);
    http_reply_status(page->reply, status);
    page_render(page, "pages/problem");
}

void page_not_found(Page *page)
{
    page_problem(page, 404, "not_found");
}

void page_forbidden(Page *page)
{
    page_problem(page, 403, "forbidden");
}

void page_failed(Page *page, const GError *error)
{
    if (!error || g_error_matches(error, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        page_not_found(page);
        return;
    }
    const bool later = g_error_matches(error, STORE_ERROR, STORE_ERROR_BUSY) ||
                       g_error_matches(error, STORE_ERROR, STORE_ERROR_FULL);
    g_warning("event=page_failed route=%s code=%d reason=\"%s\"", page->route ? page->route : "-",
              error->code, error->message);
    if (later)
        http_reply_header(page->reply, "Retry-After", "5");
    page_problem(page, later ? 503 : 500, later ? "unavailable" : "failed");
}

/* --- forms --------------------------------------------------------------------------------- */

static Value *member_object(Value *object, const char *key)
{
    const Value *found = value_get(object, key);
    return found ? (Value *)found : value_set_object(object, key);
}

void page_error(Page *page, const char *field, const char *reason)
{
    const Value *list = value_get(page->value, "errors");
    Value *error =
        value_append_object(list ? (Value *)list : value_set_list(page->value, "errors"));
    value_set_text(error, "field", field);
    value_set_boolean(error, arena_printf(page->arena, "is_%s", field), TRUE);
    value_set_boolean(error, reason, TRUE);
    value_set_boolean(member_object(member_object(page->value, "error"), field), reason, TRUE);
}

gboolean page_has_errors(const Page *page)
{
    return value_get(page->value, "errors") != NULL;
}

void page_invalid(Page *page, const char *template)
{
    http_reply_status(page->reply, 422);
    page_render(page, template);
}

const char *page_field(Page *page, const char *name, gsize most)
{
    const char *sent = http_request_form(page->request, name);
    char *text = g_strstrip(arena_copy(page->arena, sent ? sent : ""));
    const gsize length = strlen(text);
    if (length > most) {
        page_error(page, name, "too_long");
        const char *end = NULL;
        (void)g_utf8_validate(text, (gssize)most, &end); /* not through the middle of a character */
        text[end - text] = '\0';
    }
    value_set_text(member_object(page->value, "form"), name, text);
    return text;
}

gboolean page_number(const char *text, gint64 *number)
{
    return text && g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, number, NULL);
}

gboolean page_instant(const char *text, gint64 *at)
{
    return page_number(text, at) && *at >= 0 && *at < INSTANTS_END;
}

/* --- times and links ----------------------------------------------------------------------- */

void page_set_when(Page *page, Value *object, const char *key, gint64 at, const char *zone)
{
    const Zone *found = zone ? zone_find(zone) : NULL;
    when_value(object, key, at, found ? found : zone_find("Europe/Rome"), page->language);
}

const char *page_local_path(const char *wanted)
{
    if (!wanted || wanted[0] != '/' || wanted[1] == '/')
        return NULL;
    for (const char *c = wanted; *c; c++)
        if (g_ascii_iscntrl(*c) || *c == '\\')
            return NULL;
    return wanted;
}

const char *page_url(Page *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *path = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return arena_printf(page->arena, "%s%s", page->app->config->public_url, path);
}
