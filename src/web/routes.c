/* routes.c - see routes.h: the table of all routes, the order of the checks before a handler runs,
 * and what the server itself refuses in the words of a page. Static files and /healthz are in
 * assets.c.
 */
#include "web/routes.h"
#include "store/office.h"
#include "web/assets.h"
#include "web/page_inner.h"
#include <string.h>

#define SEGMENTS_MOST 8

typedef struct {
    const Route *route;
    GStrv segments; /* "scrivania", "r", "{code}" */
} Compiled;

struct Routes {
    App *app;
    GArray *all;        /* Compiled */
    char *organisation; /* name of the first, for pages that are made in the loop; NULL: none yet */
};

/* --- patterns ------------------------------------------------------------------------------ */

static bool is_parameter(const char *segment)
{
    return segment[0] == '{';
}

static void check_pattern(const Compiled *compiled)
{
    guint parameters = 0;
    const Route *route = compiled->route;
    g_assert(g_str_equal(route->method, "GET") || g_str_equal(route->method, "POST"));
    g_assert(route->pattern[0] == '/' && route->handler);
    g_assert(g_strv_length(compiled->segments) <= SEGMENTS_MOST);
    for (char **segment = compiled->segments; *segment; segment++) {
        g_assert((*segment)[0]);
        if (is_parameter(*segment))
            parameters++;
        g_assert(is_parameter(*segment) == g_str_has_suffix(*segment, "}"));
    }
    g_assert(parameters <= G_N_ELEMENTS(((Page *)NULL)->params));
}

/* Would some path fit both? A word and a parameter in one place do not meet: the word wins. */
static bool same_shape(const Compiled *one, const Compiled *other)
{
    if (!g_str_equal(one->route->method, other->route->method) ||
        g_strv_length(one->segments) != g_strv_length(other->segments))
        return false;
    for (guint i = 0; one->segments[i]; i++) {
        const char *a = one->segments[i], *b = other->segments[i];
        if (is_parameter(a) != is_parameter(b) || (!is_parameter(a) && !g_str_equal(a, b)))
            return false;
    }
    return true;
}

static void compile(Routes *routes, const Route *route)
{
    Compiled compiled = {route, g_strsplit(route->pattern + 1, "/", -1)};
    check_pattern(&compiled);
    for (guint i = 0; i < routes->all->len; i++)
        g_assert(!same_shape(&compiled, &g_array_index(routes->all, Compiled, i)));
    g_array_append_val(routes->all, compiled);
}

static void compiled_clear(gpointer data)
{
    g_strfreev(((Compiled *)data)->segments);
}

static char *first_organisation(Store *store)
{
    Db *db = store_reader(store);
    g_autoptr(GPtrArray) all = organisation_list(db, NULL);
    char *name = all && all->len > 0 ? g_strdup(((Organisation *)all->pdata[0])->name) : NULL;
    store_reader_done(store, db);
    return name;
}

Routes *routes_new(App *app, const Route *const *tables)
{
    Routes *routes = g_new0(Routes, 1);
    routes->app = app;
    routes->all = g_array_new(FALSE, FALSE, sizeof(Compiled));
    g_array_set_clear_func(routes->all, compiled_clear);
    routes->organisation = first_organisation(app->store);
    for (; *tables; tables++)
        for (const Route *route = *tables; route->method; route++)
            compile(routes, route);
    return routes;
}

void routes_free(Routes *routes)
{
    if (!routes)
        return;
    g_array_unref(routes->all);
    g_free(routes->organisation);
    g_free(routes);
}

/* --- finding ------------------------------------------------------------------------------- */

typedef struct {
    const char *segments[SEGMENTS_MOST];
    guint n;
} PathParts;

/* As the patterns are split: "/" has no parts. FALSE: more parts than any route has. */
static bool split_path(Page *page, PathParts *parts)
{
    char *rest = arena_copy(page->arena, http_request_path(page->request) + 1);
    if (!rest[0])
        return true;
    for (;;) {
        char *slash = strchr(rest, '/');
        if (parts->n == SEGMENTS_MOST)
            return false;
        parts->segments[parts->n++] = rest;
        if (!slash)
            return true;
        *slash = '\0';
        rest = slash + 1;
    }
}

static bool fits(const Compiled *compiled, const PathParts *parts, const char *params[4])
{
    guint n_params = 0, i = 0;
    for (; compiled->segments[i]; i++) {
        const char *wanted = compiled->segments[i];
        if (i >= parts->n)
            return false;
        if (!is_parameter(wanted)) {
            if (!g_str_equal(wanted, parts->segments[i]))
                return false;
        } else if (parts->segments[i][0]) {
            params[n_params++] = parts->segments[i];
        } else {
            return false;
        }
    }
    return i == parts->n;
}

static guint count_parameters(const Compiled *compiled)
{
    guint count = 0;
    for (char **segment = compiled->segments; *segment; segment++)
        count += is_parameter(*segment);
    return count;
}

/* The route with the fewest parameters that fits; `allowed` collects the methods the path knows. */
static const Route *find(const Routes *routes, Page *page, GString *allowed)
{
    PathParts parts = {0};
    const Compiled *best = NULL;
    if (!split_path(page, &parts))
        return NULL;
    for (guint i = 0; i < routes->all->len; i++) {
        const Compiled *one = &g_array_index(routes->all, Compiled, i);
        const char *params[4] = {0};
        if (!fits(one, &parts, params) ||
            ((one->route->flags & ROUTE_DEMO) && !routes->app->config->demo))
            continue;
        if (!g_str_equal(one->route->method, http_request_method(page->request))) {
            g_string_append_printf(allowed, "%s%s", allowed->len ? ", " : "", one->route->method);
        } else if (!best || count_parameters(one) < count_parameters(best)) {
            best = one;
            memcpy(page->params, params, sizeof params);
        }
    }
    return best ? best->route : NULL;
}

/* --- answering ----------------------------------------------------------------------------- */

static void ask_to_log_in(Page *page, const Route *route)
{
    const bool comes_back = g_str_equal(route->method, "GET") && !(route->flags & ROUTE_LIVE);
    if ((route->flags & ROUTE_LIVE) || http_request_wants_json(page->request)) {
        page_problem(page, 401, "login");
        return;
    }
    g_autofree char *path = g_uri_escape_string(http_request_path(page->request), "/", FALSE);
    if (comes_back)
        page_redirect(page, "/accedi?torna=%s", path);
    else
        page_redirect(page, "/accedi");
}

static void answer(Page *page, const Route *route)
{
    const bool is_post = g_str_equal(route->method, "POST");
    page->route = route->pattern;
    if ((route->flags & ROUTE_OFFICER) && !page->officer)
        ask_to_log_in(page, route);
    else if (is_post && !page_csrf_is_good(page))
        page_problem(page, 403, "stale_form");
    else if (http_request_uploads(page->request) > 0 && !(route->flags & ROUTE_UPLOAD))
        page_problem(page, 415, "no_upload");
    else
        route->handler(page);
}

void routes_answer(const HttpRequest *request, HttpReply *reply, gpointer data)
{
    const Routes *routes = data;
    g_autoptr(GString) allowed = g_string_new(NULL);
    Page page = {0};
    page_open(&page, routes->app, request, reply, false);
    const Route *route = find(routes, &page, allowed);
    if (route) {
        answer(&page, route);
    } else if (allowed->len > 0) {
        http_reply_header(reply, "Allow", allowed->str);
        page_problem(&page, 405, "not_found");
    } else {
        page_not_found(&page);
    }
    page_close(&page);
}

gboolean routes_answer_quickly(const HttpRequest *request, HttpReply *reply, gpointer routes)
{
    (void)routes;
    return assets_answer(request, reply);
}

static const char *refusal_name(guint status)
{
    switch (status) {
    case 413:
        return "too_large";
    case 429:
        return "too_many";
    case 503:
        return "unavailable";
    default:
        return "malformed";
    }
}

void routes_refuse(const HttpRequest *request, HttpReply *reply, guint status, gpointer data)
{
    const Routes *routes = data;
    Page page = {0};
    page_open(&page, routes->app, request, reply, true);
    page.organisation = routes->organisation;
    page_problem(&page, status, refusal_name(status));
    page_close(&page);
}
