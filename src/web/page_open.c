/* page_open.c - from a request to a page: the technical cookie, language, session, CSRF and
 * network.
 *
 * There is one cookie. It holds a random token, and behind a dot the language when somebody chose
 * one. With a session the token names it; without, it is the visitor's secret that forms must
 * repeat (double submit, masked). Over TLS its name carries the __Host- prefix, so that no
 * neighbour below the same domain can plant one.
 */
#include "base/texts.h"
#include "base/token.h"
#include "room/hub.h"
#include "store/officer.h"
#include "web/page_inner.h"
#include "web/sessions.h"
#include <gio/gio.h>
#include <string.h>

static bool is_secure(const Page *page)
{
    return g_str_has_prefix(page->app->config->public_url, "https:");
}

static const char *cookie_name(const Page *page)
{
    return is_secure(page) ? "__Host-sportello" : "sportello";
}

/* --- the cookie ---------------------------------------------------------------------------- */

static const char *known_language(const char *name)
{
    for (const char *const *one = texts_languages(); name && *one; one++)
        if (g_str_equal(*one, name))
            return *one;
    return NULL;
}

static bool is_token(const char *text, gsize length)
{
    if (length != TOKEN_LENGTH)
        return false;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(text[i]))
            return false;
    return true;
}

/* The token of the cookie and the language it remembers; NULL when there is none. */
static const char *read_cookie(Page *page, const char **language)
{
    const char *cookie = http_request_cookie(page->request, cookie_name(page));
    const gsize length = cookie ? strcspn(cookie, ".") : 0;
    *language = NULL;
    if (!cookie || !is_token(cookie, length))
        return NULL;
    if (cookie[length] == '.')
        *language = known_language(cookie + length + 1);
    return arena_printf(page->arena, "%.*s", (int)length, cookie);
}

/* What somebody chose by the switch: now, or before. */
static const char *chosen_language(Page *page)
{
    const char *remembered;
    const char *asked = known_language(http_request_query(page->request, "lingua"));
    (void)read_cookie(page, &remembered);
    return asked ? asked : remembered;
}

void page_set_cookie(Page *page, const char *token)
{
    const char *chosen = chosen_language(page);
    const char *value = chosen ? arena_printf(page->arena, "%s.%s", token, chosen) : token;
    http_reply_cookie(page->reply, cookie_name(page), value, -1, is_secure(page));
}

static void settle_cookie(Page *page)
{
    const char *remembered;
    const char *asked = known_language(http_request_query(page->request, "lingua"));
    page->token = read_cookie(page, &remembered);
    if (page->token && !asked)
        return;
    if (!page->token) {
        char token[TOKEN_LENGTH + 1];
        token_random(token);
        page->token = arena_copy(page->arena, token);
    }
    page_set_cookie(page, page->token);
}

static void settle_language(Page *page)
{
    const char *chosen = chosen_language(page);
    page->language =
        chosen ? chosen : texts_negotiate(http_request_header(page->request, "Accept-Language"));
}

static void set_csrf(Page *page, const char *secret)
{
    g_autofree char *masked = token_csrf_mask(secret);
    page->csrf = arena_copy(page->arena, masked);
}

void page_open(Page *page, App *app, const HttpRequest *request, HttpReply *reply, bool in_loop)
{
    page->app = app;
    page->request = request;
    page->reply = reply;
    page->in_loop = in_loop;
    page->arena = arena_new();
    page->value = value_object(page->arena);
    page->now = clock_now(app->clock);
    settle_language(page);
    settle_cookie(page);
    if (in_loop)
        return; /* the token may be a session's: it is no secret to mask into a form */
    page_find_officer(page);
    if (!page->officer)
        set_csrf(page, page->token);
}

/* --- the session --------------------------------------------------------------------------- */

/* ui/assets/js/desk/fresh.js fetches the page anew by itself, and says so. */
static bool find_session(const Page *page, Session *session)
{
    const bool by_itself = http_request_header(page->request, "X-Refresh") != NULL;
    return (by_itself ? sessions_peek : sessions_find)(
        page->app->sessions, page->token, clock_monotonic_ms(page->app->clock), session);
}

void page_find_officer(Page *page)
{
    Session session;
    if (!find_session(page, &session))
        return;
    Officer *officer = officer_find(page_db(page), session.officer_id, NULL);
    if (!officer || officer->disabled ||
        officer->password_changed_at != session.password_changed_at) {
        officer_free(officer);
        sessions_close(page->app->sessions, page->token);
        return;
    }
    page->officer = officer;
    set_csrf(page, session.csrf_secret);
}

bool page_csrf_is_good(Page *page)
{
    const char *sent = http_request_form(page->request, "csrf");
    if (!sent)
        sent = http_request_header(page->request, "X-CSRF-Token");
    if (!sent)
        return false;
    Session session;
    if (!page->officer)
        return token_csrf_matches(page->token, sent);
    return sessions_find(page->app->sessions, page->token, clock_monotonic_ms(page->app->clock),
                         &session) &&
           token_csrf_matches(session.csrf_secret, sent);
}

/* --- headers ------------------------------------------------------------------------------- */

/* Older browsers do not count ws: and wss: of the same host as 'self'. */
static const char *security_policy(Page *page)
{
    const char *url = page->app->config->public_url;
    const char *host = strstr(url, "://");
    host = host ? host + 3 : "";
    return arena_printf(
        page->arena,
        "default-src 'self'; connect-src 'self' %s://%.*s; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'",
        is_secure(page) ? "wss" : "ws", (int)strcspn(host, "/"), host);
}

void page_headers(Page *page)
{
    HttpReply *reply = page->reply;
    http_reply_header(reply, "Content-Security-Policy", security_policy(page));
    http_reply_header(reply, "X-Content-Type-Options", "nosniff");
    http_reply_header(reply, "Referrer-Policy", "same-origin");
    http_reply_header(reply, "Permissions-Policy",
                      "camera=(self), microphone=(self), display-capture=(self), geolocation=()");
    http_reply_header(reply, "Cross-Origin-Opener-Policy", "same-origin");
    http_reply_header(reply, "Cache-Control", "no-store");
    http_reply_header(reply, "Vary", "Accept, Accept-Language, Cookie");
    http_reply_header(reply, "Content-Language", page->language);
    if (is_secure(page))
        http_reply_header(reply, "Strict-Transport-Security", "max-age=31536000");
}

/* --- the network --------------------------------------------------------------------------- */

static bool is_trusted(const Page *page, const char *address)
{
    GStrv trusted = page->app->config->trusted_proxies;
    return trusted && g_strv_contains((const char *const *)trusted, address);
}

/* The address nearest to us that is no proxy of ours: what stands further left anybody may have
 * written. */
static char *peer_address(Page *page)
{
    const char *peer = http_request_peer(page->request);
    g_autofree char *forwarded =
        http_request_header_joined(page->request, "X-Forwarded-For"); /* some add a line */
    if (!forwarded || !is_trusted(page, peer))
        return g_strdup(peer);
    g_auto(GStrv) hops = g_strsplit(forwarded, ",", -1);
    for (guint i = g_strv_length(hops); i > 0; i--) {
        const char *hop = g_strstrip(hops[i - 1]);
        if (!is_trusted(page, hop))
            return g_strdup(hop);
    }
    return g_strdup(peer);
}

const char *page_network(Page *page)
{
    static const guint8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    g_autofree char *text = peer_address(page);
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(text);
    if (!address)
        return "unknown";
    const guint8 *bytes = g_inet_address_to_bytes(address);
    if (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV4)
        return arena_printf(page->arena, "%u.%u.%u", bytes[0], bytes[1], bytes[2]);
    if (memcmp(bytes, mapped, sizeof mapped) == 0)
        return arena_printf(page->arena, "%u.%u.%u", bytes[12], bytes[13], bytes[14]);
    return arena_printf(page->arena, "%02x%02x:%02x%02x:%02x%02x:%02x", bytes[0], bytes[1],
                        bytes[2], bytes[3], bytes[4], bytes[5], bytes[6]);
}
