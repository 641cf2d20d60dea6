/* login.c - logging in and out, changing the password.
 *
 * Nothing tells whether an address exists: the same words, and the same work on a hash that nobody
 * has. Every try counts before the password is looked at, so that many at once gain nothing; a
 * success forgets those of the account, and its own of the network.
 */
#include "base/token.h"
#include "store/officer.h"
#include "web/limits.h"
#include "web/page_inner.h"
#include "web/pages.h"
#include "web/sessions.h"

#define TRIES 5 /* per account and network */
#define NETWORK_TRIES 30
#define WINDOW_S (5 * 60)
#define EMAIL_MOST 254
#define PASSWORD_LEAST 10 /* characters */
#define PASSWORD_MOST 1024

static void show_login(Page *page)
{
    if (page->officer) {
        page_redirect(page, "/scrivania");
        return;
    }
    const char *next = page_local_path(http_request_query(page->request, "torna"));
    if (next) {
        g_autofree char *escaped = g_uri_escape_string(next, "/", FALSE);
        value_set_copy(page->value, "next", next);
        value_set_printf(page->value, "keep", "torna=%s", escaped);
    }
    page_render(page, "pages/login");
}

/* A field that must never be shown again; "" when absent. */
static const char *sent(Page *page, const char *name)
{
    const char *text = http_request_form(page->request, name);
    return text ? text : "";
}

/* --- slowing down -------------------------------------------------------------------------- */

static const char *network_key(Page *page)
{
    return arena_printf(page->arena, "network:%s", page_network(page));
}

static bool may_try(Page *page, const char *key, guint *wait_s)
{
    Limits *limits = page->app->limits;
    const gint64 now_ms = clock_monotonic_ms(page->app->clock);
    return limits_allow(limits, network_key(page), NETWORK_TRIES, WINDOW_S, now_ms, true, wait_s) &&
           limits_allow(limits, key, TRIES, WINDOW_S, now_ms, true, wait_s);
}

/* The right password: all who come in the morning are behind one address. */
static void forget_tries(Page *page, const char *key)
{
    limits_forget(page->app->limits, key);
    limits_take_back(page->app->limits, network_key(page));
}

static void show_wait(Page *page, const char *template, guint wait_s)
{
    char seconds[16];
    g_snprintf(seconds, sizeof seconds, "%u", wait_s);
    http_reply_header(page->reply, "Retry-After", seconds);
    http_reply_status(page->reply, 429);
    value_set_integer(page->value, "wait_min", (wait_s + 59) / 60);
    page_render(page, template);
}

/* --- logging in ---------------------------------------------------------------------------- */

/* What is compared when nobody has that address. */
static const char *nobodys_hash(void)
{
    static gsize made;
    static char *hash;
    if (g_once_init_enter(&made)) {
        char random[TOKEN_LENGTH + 1];
        token_random(random);
        hash = token_password_hash(random);
        g_once_init_leave(&made, 1);
    }
    return hash;
}

static bool password_is_right(const Officer *officer, const char *password)
{
    const bool can = officer && officer->password_hash && !officer->disabled;
    const char *hash = can ? officer->password_hash : nobodys_hash();
    return hash && strlen(password) <= PASSWORD_MOST && token_password_matches(hash, password) &&
           can;
}

static void refuse_login(Page *page)
{
    g_message("event=login_failed");
    value_set_boolean(page->value, "wrong", TRUE);
    page_invalid(page, "pages/login");
}

static void open_session(Page *page, gint64 officer_id, gint64 password_changed_at)
{
    g_autofree char *token = sessions_open(page->app->sessions, officer_id, password_changed_at,
                                           clock_monotonic_ms(page->app->clock));
    page_set_cookie(page, token);
}

static void welcome(Page *page, const Officer *officer, const char *next)
{
    open_session(page, officer->id, officer->password_changed_at);
    g_message("event=login officer=%" G_GINT64_FORMAT, officer->id);
    page_redirect(page, "%s", next ? next : "/scrivania");
}

static void log_in(Page *page)
{
    const char *email = page_field(page, "email", EMAIL_MOST);
    const char *password = sent(page, "password");
    const char *next = page_local_path(http_request_form(page->request, "torna"));
    guint wait_s = 0;
    value_set_text(page->value, "next", next);
    if (!email[0])
        page_error(page, "email", "required");
    if (!password[0])
        page_error(page, "password", "required");
    if (page_has_errors(page)) {
        page_invalid(page, "pages/login");
        return;
    }
    g_autofree char *folded = g_utf8_casefold(email, -1);
    const char *key = arena_printf(page->arena, "login:%s:%s", folded, page_network(page));
    if (!may_try(page, key, &wait_s)) {
        show_wait(page, "pages/login", wait_s);
        return;
    }
    (void)nobodys_hash(); /* made before anybody is looked for, or the first unknown address would
                             take longer */
    g_autoptr(Officer) officer = officer_find_by_email(page_db(page), email, NULL);
    page_release_db(page); /* the hash takes its time */
    if (!password_is_right(officer, password)) {
        refuse_login(page);
        return;
    }
    forget_tries(page, key);
    welcome(page, officer, next);
}

static void log_out(Page *page)
{
    char token[TOKEN_LENGTH + 1];
    sessions_close(page->app->sessions, page->token);
    token_random(token);
    page_set_cookie(page, token);
    page_redirect(page, "/accedi");
}

/* --- the password -------------------------------------------------------------------------- */

static void show_password(Page *page)
{
    value_set_boolean(page->value, "done", http_request_query(page->request, "fatto") != NULL);
    value_set_integer(page->value, "least", PASSWORD_LEAST);
    page_render(page, "pages/password");
}

typedef struct {
    gint64 officer_id;
    const char *hash;
    gint64 system_at;
} NewPassword;

static bool write_password(Db *db, gpointer data, GError **error)
{
    const NewPassword *new = data;
    return officer_set_password(db, new->officer_id, new->hash, new->system_at, error);
}

static void check_new_password(Page *page)
{
    const char *wanted = sent(page, "new_password");
    if (!sent(page, "password")[0])
        page_error(page, "password", "required");
    if (!wanted[0])
        page_error(page, "new_password", "required");
    else if (g_utf8_strlen(wanted, -1) < PASSWORD_LEAST)
        page_error(page, "new_password", "too_short");
    else if (strlen(wanted) > PASSWORD_MOST)
        page_error(page, "new_password", "too_long");
    if (!g_str_equal(wanted, sent(page, "repeated")))
        page_error(page, "repeated", "different");
}

static void store_password(Page *page)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *hash = token_password_hash(sent(page, "new_password"));
    NewPassword new = {page->officer->id, hash, clock_system(page->app->clock)};
    if (!hash) {
        page_problem(page, 503, "unavailable");
        return;
    }
    if (!page_write(page, write_password, &new, &error)) {
        page_failed(page, error);
        return;
    }
    sessions_close_officer(page->app->sessions, page->officer->id);
    open_session(page, new.officer_id, new.system_at);
    g_message("event=password_changed officer=%" G_GINT64_FORMAT, page->officer->id);
    page_redirect(page, "/password?fatto=1");
}

static void change_password(Page *page)
{
    guint wait_s = 0;
    const char *key = arena_printf(page->arena, "password:%" G_GINT64_FORMAT, page->officer->id);
    value_set_integer(page->value, "least", PASSWORD_LEAST);
    check_new_password(page);
    if (page_has_errors(page)) {
        page_invalid(page, "pages/password");
        return;
    }
    if (!may_try(page, key, &wait_s)) {
        show_wait(page, "pages/password", wait_s);
        return;
    }
    page_release_db(page);
    if (!password_is_right(page->officer, sent(page, "password"))) {
        page_error(page, "password", "wrong");
        page_invalid(page, "pages/password");
        return;
    }
    forget_tries(page, key);
    store_password(page);
}

const Route login_routes[] = {
    {"GET", "/accedi", show_login, ROUTE_PUBLIC},
    {"POST", "/accedi", log_in, ROUTE_PUBLIC},
    {"POST", "/esci", log_out, ROUTE_PUBLIC},
    {"GET", "/password", show_password, ROUTE_OFFICER},
    {"POST", "/password", change_password, ROUTE_OFFICER},
    {0},
};
