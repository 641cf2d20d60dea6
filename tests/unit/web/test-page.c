/* test-page.c - what a handler may do with its page: fields, errors, answers, the network; and
 * logging in. */
#include "site.h"
#include <string.h>

#define JSON "Accept: application/json\r\n"

static void field(Page *page)
{
    const char *text = page_field(page, "words", 8);
    value_set_integer(page->value, "length", (gint64)strlen(text));
    if (page_has_errors(page))
        page_invalid(page, "pages/login");
    else
        page_render(page, "pages/login");
}

static void network(Page *page)
{
    value_set_copy(page->value, "network", page_network(page));
    page_render(page, "pages/login");
}

static void redirect(Page *page)
{
    page_redirect(page, "/a/%d", 7);
}

static void failed(Page *page)
{
    gint64 code = 0;
    (void)page_number(page->params[0], &code);
    g_autoptr(GError) error = g_error_new(STORE_ERROR, (gint)code, "secret detail");
    page_failed(page, error);
}

static const Route table[] = {
    {"POST", "/field", field, ROUTE_PUBLIC},
    {"GET", "/network", network, ROUTE_PUBLIC},
    {"GET", "/redirect", redirect, ROUTE_PUBLIC},
    {"GET", "/failed/{code}", failed, ROUTE_PUBLIC},
    {0},
};
static const Route *const tables[] = {table, login_routes, NULL};

static Value *parse(Arena *arena, const Answer *answer)
{
    Value *page = value_parse_json(arena, answer->body, answer->length, NULL);
    g_assert_nonnull(page);
    return page;
}

static void a_field_is_trimmed_and_kept(void)
{
    Site site;
    g_autoptr(Arena) arena = arena_new();
    site_open(&site, tables);
    g_autofree char *csrf = site_csrf(&site, "/accedi");
    g_auto(Answer) answer = site_post(&site, "/field", "words=+due+", csrf, JSON);
    Value *page = parse(arena, &answer);
    g_assert_cmpuint(answer.status, ==, 200);
    g_assert_cmpstr(value_get_text(value_get(page, "form"), "words"), ==, "due");
    site_close(&site);
}

static void a_field_that_is_too_long_is_cut_between_characters(void)
{
    Site site;
    g_autoptr(Arena) arena = arena_new();
    site_open(&site, tables);
    g_autofree char *csrf = site_csrf(&site, "/accedi");
    g_auto(Answer) answer = site_post(&site, "/field", "words=1234567%C3%A8", csrf, JSON);
    Value *page = parse(arena, &answer);
    const Value *error = value_at(value_get(page, "errors"), 0);
    g_assert_cmpuint(answer.status, ==, 422);
    g_assert_cmpstr(value_get_text(value_get(page, "form"), "words"), ==, "1234567");
    g_assert_cmpstr(value_get_text(error, "field"), ==, "words");
    g_assert_true(value_get_boolean(error, "too_long"));
    g_assert_true(value_get_boolean(error, "is_words"));
    g_assert_true(value_get_boolean(value_get(value_get(page, "error"), "words"), "too_long"));
    site_close(&site);
}

static void a_redirect_is_told_to_programs_as_json(void)
{
    Site site;
    g_autoptr(Arena) arena = arena_new();
    site_open(&site, tables);
    g_auto(Answer) browser = site_get(&site, "/redirect", NULL);
    g_autofree char *location = answer_header(&browser, "Location");
    g_assert_cmpuint(browser.status, ==, 303);
    g_assert_cmpstr(location, ==, "/a/7");
    g_auto(Answer) program = site_get(&site, "/redirect", JSON);
    g_assert_cmpuint(program.status, ==, 200);
    g_assert_cmpstr(value_get_text(parse(arena, &program), "location"), ==, "/a/7");
    site_close(&site);
}

static void a_failure_of_the_store_has_its_status_and_tells_no_detail(void)
{
    static const struct {
        StoreError code;
        guint status;
    } cases[] = {
        {STORE_ERROR_FAILED, 500},    {STORE_ERROR_FULL, 503},    {STORE_ERROR_BUSY, 503},
        {STORE_ERROR_NOT_FOUND, 404}, {STORE_ERROR_INVALID, 500},
    };
    Site site;
    site_open(&site, tables);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/failed/%d", (int)cases[i].code);
        if (cases[i].status != 404)
            g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "event=page_failed*");
        g_auto(Answer) answer = site_get(&site, path, NULL);
        g_assert_cmpuint(answer.status, ==, cases[i].status);
        g_assert_null(strstr(answer.body, "secret detail"));
        g_test_assert_expected_messages();
    }
    site_close(&site);
}

static void limits_count_for_the_network_behind_a_trusted_proxy_only(void)
{
    static const struct {
        const char *forwarded, *network;
    } cases[] = {
        {"", "127.0.0"},
        {"X-Forwarded-For: 203.0.113.77\r\n", "203.0.113"},
        {"X-Forwarded-For: 198.51.100.1, 203.0.113.77\r\n", "203.0.113"},
        {"X-Forwarded-For: 203.0.113.77, 127.0.0.1\r\n", "203.0.113"},
        {"X-Forwarded-For: ::ffff:203.0.113.9\r\n", "203.0.113"},
        {"X-Forwarded-For: 2001:db8:1:2ff:3::1\r\n", "2001:0db8:0001:02"},
        {"X-Forwarded-For: 198.51.100.1\r\nx-forwarded-for: 203.0.113.77\r\n", "203.0.113"},
        {"X-Forwarded-For: nonsense\r\n", "unknown"},
    };
    char *trusted[] = {(char *)"127.0.0.1", NULL};
    Site site;
    site_open(&site, tables);
    g_auto(Answer) untrusted =
        site_get(&site, "/network", JSON "X-Forwarded-For: 203.0.113.77\r\n");
    g_autoptr(Arena) arena = arena_new();
    g_assert_cmpstr(value_get_text(parse(arena, &untrusted), "network"), ==, "127.0.0");
    site.config.trusted_proxies = trusted;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *headers = g_strconcat(JSON, cases[i].forwarded, NULL);
        g_auto(Answer) answer = site_get(&site, "/network", headers);
        g_assert_cmpstr(value_get_text(parse(arena, &answer), "network"), ==, cases[i].network);
    }
    site_close(&site);
}

/* --- logging in ----------------------------------------------------------------------- */

static Answer try_login(Site *site, const char *email, const char *password)
{
    g_autofree char *csrf = site_csrf(site, "/accedi");
    g_autofree char *fields =
        g_strdup_printf("email=%s&password=%s&torna=%%2Fscrivania%%2Fr%%2FX", email, password);
    return site_post(site, "/accedi", fields, csrf, NULL);
}

/* What differs from visit to visit. */
static char *without_token(const Answer *answer)
{
    g_autoptr(GRegex) token = g_regex_new("name=\"csrf\" value=\"[^\"]*\"", 0, 0, NULL);
    g_autoptr(GRegex) email = g_regex_new("[a-z]+@comune.example", 0, 0, NULL);
    g_autofree char *first = g_regex_replace_literal(token, answer->body, -1, 0, "", 0, NULL);
    return g_regex_replace_literal(email, first, -1, 0, "", 0, NULL);
}

static void a_wrong_password_and_an_unknown_address_look_the_same(void)
{
    Site site;
    site_open(&site, tables);
    g_auto(Answer) wrong = try_login(&site, "operatore%40comune.example", "sbagliata");
    g_auto(Answer) unknown = try_login(&site, "nessuno%40comune.example", "sbagliata");
    g_autofree char *one = without_token(&wrong);
    g_autofree char *other = without_token(&unknown);
    g_assert_cmpuint(wrong.status, ==, 422);
    g_assert_cmpuint(unknown.status, ==, 422);
    g_assert_cmpstr(one, ==, other);
    site_close(&site);
}

static void the_right_password_opens_a_new_session(void)
{
    Site site;
    site_open(&site, tables);
    g_autofree char *csrf = site_csrf(&site, "/accedi");
    g_autofree char *before = g_strdup(site.cookie);
    g_auto(Answer) answer = try_login(&site, "Operatore%40comune.example", "una+lunga+password");
    g_autofree char *location = answer_header(&answer, "Location");
    g_assert_cmpuint(answer.status, ==, 303);
    g_assert_cmpstr(location, ==, "/scrivania/r/X");
    g_assert_cmpstr(site.cookie, !=, before);
    g_auto(Answer) inside = site_get(&site, "/password", NULL);
    g_assert_cmpuint(inside.status, ==, 200);
    site_close(&site);
}

static void the_login_goes_on_to_our_own_pages_only(void)
{
    static const char *const elsewhere[] = {"https%3A%2F%2Fevil.example", "%2F%2Fevil.example",
                                            "%2F%5Cevil.example", "evil", "%2Fa%0D%0Ab"};
    Site site;
    site_open(&site, tables);
    for (guint i = 0; i < G_N_ELEMENTS(elsewhere); i++) {
        site_forget_cookie(&site);
        g_autofree char *csrf = site_csrf(&site, "/accedi");
        g_autofree char *fields = g_strdup_printf(
            "email=operatore%%40comune.example&password=una+lunga+password&torna=%s", elsewhere[i]);
        g_auto(Answer) answer = site_post(&site, "/accedi", fields, csrf, NULL);
        g_autofree char *location = answer_header(&answer, "Location");
        g_assert_cmpstr(location, ==, "/scrivania");
    }
    site_close(&site);
}

static void five_failures_slow_down_even_the_right_password(void)
{
    Site site;
    site_open(&site, tables);
    for (guint i = 0; i < 5; i++) {
        g_auto(Answer) wrong = try_login(&site, "operatore%40comune.example", "sbagliata");
        g_assert_cmpuint(wrong.status, ==, 422);
    }
    g_auto(Answer) slowed = try_login(&site, "operatore%40comune.example", "una+lunga+password");
    g_autofree char *wait = answer_header(&slowed, "Retry-After");
    g_assert_cmpuint(slowed.status, ==, 429);
    g_assert_nonnull(wait);
    g_auto(Answer) other = try_login(&site, "altro%40comune.example", "sbagliata");
    g_assert_cmpuint(other.status, ==, 422);
    site_close(&site);
}

static void logging_out_ends_the_session(void)
{
    Site site;
    site_open(&site, tables);
    site_log_in(&site);
    g_autofree char *cookie = g_strdup(site.cookie);
    g_autofree char *csrf = site_csrf(&site, "/password");
    g_auto(Answer) out = site_post(&site, "/esci", "", csrf, NULL);
    g_assert_cmpuint(out.status, ==, 303);
    g_free(site.cookie);
    site.cookie = g_strdup(cookie); /* whoever kept the old one */
    g_auto(Answer) after = site_get(&site, "/password", NULL);
    g_assert_cmpuint(after.status, ==, 303);
    site_close(&site);
}

static void a_new_password_needs_the_old_one_and_ends_other_sessions(void)
{
    Site site;
    site_open(&site, tables);
    site_log_in(&site);
    g_autofree char *elsewhere = g_strdup(site.cookie);
    site_forget_cookie(&site);
    site_log_in(&site);
    g_autofree char *csrf = site_csrf(&site, "/password");
    g_auto(Answer) wrong =
        site_post(&site, "/password",
                  "password=sbagliata&new_password=una+nuova+password&repeated=una+nuova+password",
                  csrf, NULL);
    g_assert_cmpuint(wrong.status, ==, 422);
    g_auto(Answer) short_one =
        site_post(&site, "/password",
                  "password=una+lunga+password&new_password=corta&repeated=corta", csrf, NULL);
    g_assert_cmpuint(short_one.status, ==, 422);
    g_auto(Answer) changed = site_post(
        &site, "/password",
        "password=una+lunga+password&new_password=una+nuova+password&repeated=una+nuova+password",
        csrf, NULL);
    g_assert_cmpuint(changed.status, ==, 303);
    g_auto(Answer) still_in = site_get(&site, "/password", NULL);
    g_assert_cmpuint(still_in.status, ==, 200);
    g_free(site.cookie);
    site.cookie = g_strdup(elsewhere);
    g_auto(Answer) out = site_get(&site, "/password", NULL);
    g_assert_cmpuint(out.status, ==, 303);
    site_forget_cookie(&site);
    g_auto(Answer) old = try_login(&site, "operatore%40comune.example", "una+lunga+password");
    g_assert_cmpuint(old.status, ==, 422);
    g_auto(Answer) new = try_login(&site, "operatore%40comune.example", "una+nuova+password");
    g_assert_cmpuint(new.status, ==, 303);
    site_close(&site);
}

static void passwords_are_never_shown_again(void)
{
    Site site;
    site_open(&site, tables);
    g_auto(Answer) wrong = try_login(&site, "operatore%40comune.example", "sbagliatissima");
    g_assert_cmpuint(wrong.status, ==, 422);
    g_assert_null(strstr(wrong.body, "sbagliatissima"));
    g_assert_nonnull(strstr(wrong.body, "operatore@comune.example"));
    site_close(&site);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add_func("/web/page/" #test, test)
    ADD(a_field_is_trimmed_and_kept);
    ADD(a_field_that_is_too_long_is_cut_between_characters);
    ADD(a_redirect_is_told_to_programs_as_json);
    ADD(a_failure_of_the_store_has_its_status_and_tells_no_detail);
    ADD(limits_count_for_the_network_behind_a_trusted_proxy_only);
    ADD(a_wrong_password_and_an_unknown_address_look_the_same);
    ADD(the_right_password_opens_a_new_session);
    ADD(the_login_goes_on_to_our_own_pages_only);
    ADD(five_failures_slow_down_even_the_right_password);
    ADD(logging_out_ends_the_session);
    ADD(a_new_password_needs_the_old_one_and_ends_other_sessions);
    ADD(passwords_are_never_shown_again);
    return g_test_run();
}
