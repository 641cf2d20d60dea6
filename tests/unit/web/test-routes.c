/* test-routes.c - which handler a request reaches, and what stops it before. */
#include "base/embedded.h"
#include "site.h"
#include <string.h>

static void say(Page *page, const char *name)
{
    value_set_text(page->value, "handler", name);
    for (guint i = 0; i < G_N_ELEMENTS(page->params) && page->params[i]; i++)
        value_set_text(page->value, arena_printf(page->arena, "param%u", i), page->params[i]);
    page_render(page, "pages/login");
}

static void plain(Page *page)
{
    say(page, "plain");
}

static void special(Page *page)
{
    say(page, "special");
}

static void two(Page *page)
{
    say(page, "two");
}

static void posted(Page *page)
{
    say(page, "posted");
}

static void guarded(Page *page)
{
    say(page, "guarded");
}

static const Route table[] = {
    {"GET", "/", plain, ROUTE_PUBLIC},
    {"GET", "/a/{x}", plain, ROUTE_PUBLIC},
    {"GET", "/a/special", special, ROUTE_PUBLIC},
    {"GET", "/a/{x}/b/{y}", two, ROUTE_PUBLIC},
    {"POST", "/a/{x}", posted, ROUTE_PUBLIC},
    {"GET", "/demo", plain, ROUTE_DEMO},
    {"GET", "/guarded/{x}", guarded, ROUTE_OFFICER},
    {"POST", "/guarded", posted, ROUTE_OFFICER},
    {"GET", "/live", guarded, ROUTE_OFFICER | ROUTE_LIVE},
    {0},
};
static const Route *const tables[] = {table, login_routes, NULL};

#define JSON "Accept: application/json\r\n"

static void assert_member(const Answer *answer, const char *key, const char *expected)
{
    g_autoptr(Arena) arena = arena_new();
    Value *page = value_parse_json(arena, answer->body, answer->length, NULL);
    g_assert_nonnull(page);
    g_assert_cmpstr(value_get_text(page, key), ==, expected);
}

static void assert_problem(const Answer *answer, guint status, const char *kind)
{
    g_autoptr(Arena) arena = arena_new();
    Value *page = value_parse_json(arena, answer->body, answer->length, NULL);
    g_assert_cmpuint(answer->status, ==, status);
    g_assert_nonnull(page);
    g_assert_cmpstr(value_get_text(value_get(page, "problem"), "kind"), ==, kind);
}

static void a_word_wins_over_a_parameter(void)
{
    Site site;
    site_open(&site, tables);
    g_auto(Answer) word = site_get(&site, "/a/special", JSON);
    assert_member(&word, "handler", "special");
    g_auto(Answer) other = site_get(&site, "/a/other", JSON);
    assert_member(&other, "handler", "plain");
    assert_member(&other, "param0", "other");
    site_close(&site);
}

static void the_root_is_a_path_of_its_own(void)
{
    Site site;
    site_open(&site, tables);
    g_auto(Answer) answer = site_get(&site, "/", JSON);
    assert_member(&answer, "handler", "plain");
    assert_member(&answer, "here", "/");
    site_close(&site);
}

static void parameters_come_in_order_and_decoded(void)
{
    Site site;
    site_open(&site, tables);
    g_auto(Answer) answer = site_get(&site, "/a/one/b/t%C3%A8", JSON);
    assert_member(&answer, "handler", "two");
    assert_member(&answer, "param0", "one");
    assert_member(&answer, "param1", "tè");
    site_close(&site);
}

static void unknown_paths_are_not_found(void)
{
    static const char *const paths[] = {
        "/a", "/a/", "/a/x/b", "/a/x/b/", "/a/x/b/y/z", "/b/1/2/3/4/5/6/7/8/9/10", "//a", "/demo"};
    Site site;
    site_open(&site, tables);
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_auto(Answer) answer = site_get(&site, paths[i], JSON);
        assert_problem(&answer, 404, "not_found");
    }
    site_close(&site);
}

static void the_demos_routes_exist_in_the_demo(void)
{
    Site site;
    site_open(&site, tables);
    site.config.demo = true;
    g_auto(Answer) answer = site_get(&site, "/demo", JSON);
    assert_member(&answer, "handler", "plain");
    site_close(&site);
}

static void another_method_is_answered_with_those_allowed(void)
{
    Site site;
    site_open(&site, tables);
    g_auto(Answer) answer = site_post(&site, "/a/x/b/y", "", NULL, JSON);
    g_autofree char *allowed = answer_header(&answer, "Allow");
    assert_problem(&answer, 405, "not_found");
    g_assert_cmpstr(allowed, ==, "GET");
    site_close(&site);
}

static void officers_pages_send_to_the_login_and_back(void)
{
    Site site;
    site_open(&site, tables);
    g_auto(Answer) refused = site_get(&site, "/guarded/7", NULL);
    g_autofree char *location = answer_header(&refused, "Location");
    g_assert_cmpuint(refused.status, ==, 303);
    g_assert_cmpstr(location, ==, "/accedi?torna=/guarded/7");
    g_auto(Answer) json = site_get(&site, "/guarded/7", JSON);
    assert_problem(&json, 401, "login");
    g_auto(Answer) live = site_get(&site, "/live", NULL);
    g_assert_cmpuint(live.status, ==, 401);
    g_auto(Answer) posted_to = site_post(&site, "/guarded", "", NULL, NULL);
    g_assert_cmpuint(posted_to.status, ==, 303);
    site_log_in(&site);
    g_auto(Answer) shown = site_get(&site, "/guarded/7", JSON);
    assert_member(&shown, "handler", "guarded");
    site_close(&site);
}

static void a_form_needs_the_token_of_its_own_visitor(void)
{
    Site site;
    site_open(&site, tables);
    g_autofree char *foreign = site_csrf(&site, "/a/x");
    g_autofree char *foreign_cookie = g_strdup(site.cookie);
    site_forget_cookie(&site);
    g_autofree char *own = site_csrf(&site, "/a/x");
    g_assert_cmpstr(foreign_cookie, !=, site.cookie);

    g_auto(Answer) without = site_post(&site, "/a/x", "", NULL, JSON);
    assert_problem(&without, 403, "stale_form");
    g_auto(Answer) wrong = site_post(&site, "/a/x", "", foreign, JSON);
    assert_problem(&wrong, 403, "stale_form");
    g_auto(Answer) right = site_post(&site, "/a/x", "", own, JSON);
    assert_member(&right, "handler", "posted");
    site_forget_cookie(&site);
    g_auto(Answer) no_cookie = site_post(&site, "/a/x", "", own, JSON);
    assert_problem(&no_cookie, 403, "stale_form");
    site_close(&site);
}

static void the_token_is_another_in_each_answer(void)
{
    Site site;
    site_open(&site, tables);
    g_autofree char *first = site_csrf(&site, "/a/x");
    g_autofree char *second = site_csrf(&site, "/a/x");
    g_assert_cmpstr(first, !=, second);
    g_auto(Answer) answer = site_post(&site, "/a/x", "", first, JSON); /* both hold */
    assert_member(&answer, "handler", "posted");
    site_close(&site);
}

static void the_language_follows_browser_then_switch_then_cookie(void)
{
    Site site;
    site_open(&site, tables);
    g_auto(Answer) italian = site_get(&site, "/a/x", JSON);
    assert_member(&italian, "language", "it");
    g_auto(Answer) english = site_get(&site, "/a/x", JSON "Accept-Language: en-GB, it;q=0.5\r\n");
    assert_member(&english, "language", "en");
    g_auto(Answer) switched = site_get(&site, "/a/x?lingua=it", JSON "Accept-Language: en\r\n");
    assert_member(&switched, "language", "it");
    g_auto(Answer) remembered = site_get(&site, "/a/x", JSON "Accept-Language: en\r\n");
    assert_member(&remembered, "language", "it");
    g_auto(Answer) unknown = site_get(&site, "/a/x?lingua=xx", JSON "Accept-Language: en\r\n");
    assert_member(&unknown, "language", "it");
    site_close(&site);
}

static void every_page_forbids_what_it_does_not_need(void)
{
    Site site;
    site_open(&site, tables);
    g_auto(Answer) answer = site_get(&site, "/a/x", NULL);
    g_autofree char *policy = answer_header(&answer, "Content-Security-Policy");
    g_autofree char *sniff = answer_header(&answer, "X-Content-Type-Options");
    g_autofree char *cache = answer_header(&answer, "Cache-Control");
    g_autofree char *cookie = answer_header(&answer, "Set-Cookie");
    g_assert_true(g_str_has_prefix(policy, "default-src 'self'; "));
    g_assert_null(strstr(policy, "unsafe"));
    g_assert_null(strstr(policy, "data:"));
    g_assert_nonnull(strstr(policy, "frame-ancestors 'none'"));
    g_assert_cmpstr(sniff, ==, "nosniff");
    g_assert_cmpstr(cache, ==, "no-store");
    g_assert_nonnull(strstr(cookie, "HttpOnly"));
    g_assert_nonnull(strstr(cookie, "SameSite=Lax"));
    site_close(&site);
}

static void over_tls_the_cookie_is_bound_to_the_host(void)
{
    Site site;
    site_open(&site, tables);
    site.config.public_url = (char *)"https://sportello.example";
    g_auto(Answer) answer = site_get(&site, "/a/x", NULL);
    g_autofree char *cookie = answer_header(&answer, "Set-Cookie");
    g_autofree char *strict = answer_header(&answer, "Strict-Transport-Security");
    g_assert_true(g_str_has_prefix(cookie, "__Host-sportello="));
    g_assert_nonnull(strstr(cookie, "Secure"));
    g_assert_nonnull(strict);
    site_close(&site);
}

/* The server refuses it before any handler: 4 KiB of a form are allowed in this test. */
static void what_the_server_refuses_is_a_page_too(void)
{
    Site site;
    site_open(&site, tables);
    g_autofree char *large = g_strnfill(10000, 'x');
    g_autofree char *fields = g_strconcat("words=", large, NULL);
    g_auto(Answer) answer = site_post(&site, "/a/x", fields, NULL, NULL);
    g_assert_cmpuint(answer.status, ==, 413);
    g_assert_nonnull(strstr(answer.body, "Comune di Prova"));
    g_assert_nonnull(strstr(answer.body, "<h1>"));
    g_auto(Answer) json = site_post(&site, "/a/x", fields, NULL, JSON);
    assert_problem(&json, 413, "too_large");
    site_close(&site);
}

/* --- static files -------------------------------------------------------------------- */

/* g_assert_cmpmem of GLib 2.74 counts in int. */
static void assert_body(const Answer *answer, const guint8 *expected, gsize length)
{
    g_assert_cmpuint(answer->length, ==, length);
    g_assert_true(memcmp(answer->body, expected, length) == 0);
}

static void assets_may_be_kept_for_ever(void)
{
    Site site;
    site_open(&site, tables);
    const EmbeddedFile *file = embedded_find("assets/css/app.css");
    g_autofree char *path = g_strdup_printf("/assets/%s/css/app.css", embedded_assets_hash);
    g_auto(Answer) plain_bytes = site_get(&site, path, NULL);
    g_autofree char *cache = answer_header(&plain_bytes, "Cache-Control");
    g_autofree char *tag = answer_header(&plain_bytes, "ETag");
    g_autofree char *cookie = answer_header(&plain_bytes, "Set-Cookie");
    g_assert_cmpuint(plain_bytes.status, ==, 200);
    assert_body(&plain_bytes, file->bytes, file->length);
    g_assert_cmpstr(cache, ==, "public, max-age=31536000, immutable");
    g_assert_null(cookie);
    g_autofree char *known = g_strdup_printf("If-None-Match: %s\r\n", tag);
    g_auto(Answer) again = site_get(&site, path, known);
    g_assert_cmpuint(again.status, ==, 304);
    g_assert_cmpuint(again.length, ==, 0);
    site_close(&site);
}

static void assets_are_sent_as_compressed_as_the_browser_takes(void)
{
    Site site;
    site_open(&site, tables);
    const EmbeddedFile *file = embedded_find("assets/css/app.css");
    g_autofree char *path = g_strdup_printf("/assets/%s/css/app.css", embedded_assets_hash);
    g_auto(Answer) brotli = site_get(&site, path, "Accept-Encoding: gzip, br\r\n");
    g_autofree char *brotli_name = answer_header(&brotli, "Content-Encoding");
    g_autofree char *brotli_tag = answer_header(&brotli, "ETag");
    g_assert_cmpstr(brotli_name, ==, "br");
    assert_body(&brotli, file->brotli, file->brotli_length);
    g_auto(Answer) gzip = site_get(&site, path, "Accept-Encoding: br;q=0, gzip\r\n");
    g_autofree char *gzip_name = answer_header(&gzip, "Content-Encoding");
    g_autofree char *gzip_tag = answer_header(&gzip, "ETag");
    g_assert_cmpstr(gzip_name, ==, "gzip");
    assert_body(&gzip, file->gzip, file->gzip_length);
    g_assert_cmpstr(gzip_tag, !=, brotli_tag);
    site_close(&site);
}

static void assets_of_another_build_are_not_found(void)
{
    static const char *const paths[] = {"/assets/00000000/css/app.css", "/assets/", "/assets/x"};
    Site site;
    site_open(&site, tables);
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_auto(Answer) answer = site_get(&site, paths[i], NULL);
        g_assert_cmpuint(answer.status, ==, 404);
    }
    g_autofree char *outside =
        g_strdup_printf("/assets/%s/../pages/layout.mustache", embedded_assets_hash);
    g_auto(Answer) answer = site_get(&site, outside, NULL);
    g_assert_cmpuint(answer.status, ==, 404);
    site_close(&site);
}

static void healthz_is_answered(void)
{
    Site site;
    site_open(&site, tables);
    g_auto(Answer) answer = site_get(&site, "/healthz", NULL);
    g_assert_cmpuint(answer.status, ==, 200);
    g_assert_cmpstr(answer.body, ==, "ok\n");
    site_close(&site);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add_func("/web/routes/" #test, test)
    ADD(a_word_wins_over_a_parameter);
    ADD(the_root_is_a_path_of_its_own);
    ADD(parameters_come_in_order_and_decoded);
    ADD(unknown_paths_are_not_found);
    ADD(the_demos_routes_exist_in_the_demo);
    ADD(another_method_is_answered_with_those_allowed);
    ADD(officers_pages_send_to_the_login_and_back);
    ADD(a_form_needs_the_token_of_its_own_visitor);
    ADD(the_token_is_another_in_each_answer);
    ADD(the_language_follows_browser_then_switch_then_cookie);
    ADD(every_page_forbids_what_it_does_not_need);
    ADD(over_tls_the_cookie_is_bound_to_the_host);
    ADD(what_the_server_refuses_is_a_page_too);
    ADD(assets_may_be_kept_for_ever);
    ADD(assets_are_sent_as_compressed_as_the_browser_takes);
    ADD(assets_of_another_build_are_not_found);
    ADD(healthz_is_answered);
    return g_test_run();
}
