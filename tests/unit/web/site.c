/* site.c - see site.h. */
#include "site.h"
#include "mustache/templates.h"
#include "store/office.h"
#include "store/officer.h"
#include "web/limits.h"
#include "web/sessions.h"
#include <glib/gstdio.h>
#include <string.h>

static bool make_rows(Db *db, gpointer data, GError **error)
{
    Site *site = data;
    Organisation organisation = {0};
    Office office = {0};
    Officer officer = {.email = (char *)SITE_EMAIL, .name = (char *)"Gina Verdi"};
    g_autofree char *hash = token_password_hash(SITE_PASSWORD);
    organisation_defaults(&organisation);
    organisation.slug = (char *)"comune";
    organisation.name = (char *)"Comune di Prova";
    if (!organisation_upsert(db, &organisation, error))
        return false;
    office_defaults(&office);
    office.organisation_id = officer.organisation_id = organisation.id;
    office.slug = (char *)"edilizia";
    office.name = (char *)"Edilizia privata";
    office.code_prefix = (char *)"EDI";
    if (!office_upsert(db, &office, error) || !officer_upsert(db, &officer, error))
        return false;
    site->office_id = office.id;
    site->officer_id = officer.id;
    return officer_set_password(db, officer.id, hash, 0, error) &&
           officer_assign(db, officer.id, office.id, ROLE_OFFICER, error);
}

void site_open(Site *site, const Route *const *tables)
{
    g_autoptr(GError) error = NULL;
    *site = (Site){0};
    site->folder = g_dir_make_tmp("site-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(site->folder, "site.db", NULL);
    site->config.public_url = (char *)"http://127.0.0.1";
    site->app.config = &site->config;
    site->app.clock = clock_new();
    site->app.store = store_open(file, true, &error);
    g_assert_no_error(error);
    site->app.templates = templates_new(&error);
    g_assert_no_error(error);
    site->app.sessions = sessions_new();
    site->app.limits = limits_new();
    store_write(site->app.store, make_rows, site, &error);
    g_assert_no_error(error);
    site->routes = routes_new(&site->app, tables);
    const HttpSettings settings = {.refused = routes_refuse};
    running_start(&site->running, settings, routes_answer_quickly, routes_answer, site->routes);
}

void site_close(Site *site)
{
    running_stop(&site->running);
    routes_free(site->routes);
    limits_free(site->app.limits);
    sessions_free(site->app.sessions);
    templates_free(site->app.templates);
    store_close(site->app.store);
    clock_free(site->app.clock);
    g_autoptr(GDir) folder = g_dir_open(site->folder, 0, NULL);
    for (const char *name = g_dir_read_name(folder); name; name = g_dir_read_name(folder)) {
        g_autofree char *path = g_build_filename(site->folder, name, NULL);
        g_assert_cmpint(g_unlink(path), ==, 0);
    }
    g_assert_cmpint(g_rmdir(site->folder), ==, 0);
    g_free(site->folder);
    g_free(site->cookie);
}

void site_forget_cookie(Site *site)
{
    g_clear_pointer(&site->cookie, g_free);
}

static Answer ask(Site *site, const char *text)
{
    Answer answer = client_ask(&site->running, text);
    g_autofree char *set = answer_header(&answer, "Set-Cookie");
    if (set) {
        g_free(site->cookie);
        site->cookie = g_strndup(set, strcspn(set, ";"));
    }
    return answer;
}

static char *cookie_line(const Site *site)
{
    return site->cookie ? g_strdup_printf("Cookie: %s\r\n", site->cookie) : g_strdup("");
}

Answer site_get(Site *site, const char *path, const char *headers)
{
    g_autofree char *cookie = cookie_line(site);
    g_autofree char *text =
        g_strdup_printf("GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n%s%s\r\n", path,
                        cookie, headers ? headers : "");
    return ask(site, text);
}

Answer site_post(Site *site, const char *path, const char *fields, const char *csrf,
                 const char *headers)
{
    g_autofree char *cookie = cookie_line(site);
    g_autofree char *token = csrf ? g_uri_escape_string(csrf, NULL, FALSE) : NULL;
    g_autofree char *body = token ? g_strdup_printf("%s&csrf=%s", fields, token) : g_strdup(fields);
    g_autofree char *text = g_strdup_printf(
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n%s%s\r\n%s",
        path, strlen(body), cookie, headers ? headers : "", body);
    return ask(site, text);
}

char *site_csrf(Site *site, const char *path)
{
    g_autoptr(Arena) arena = arena_new();
    g_auto(Answer) answer = site_get(site, path, "Accept: application/json\r\n");
    g_assert_cmpuint(answer.status, ==, 200);
    Value *page = value_parse_json(arena, answer.body, answer.length, NULL);
    g_assert_nonnull(page);
    return g_strdup(value_get_text(page, "csrf"));
}

void site_log_in(Site *site)
{
    g_autofree char *csrf = site_csrf(site, "/accedi");
    g_auto(Answer) answer =
        site_post(site, "/accedi", "email=operatore%40comune.example&password=una+lunga+password",
                  csrf, NULL);
    g_assert_cmpuint(answer.status, ==, 303);
}
