/* citizen_code.c - /p: whoever knows only the code of a request sees its state and date, nothing
 * else. Ten tries a minute per network, right ones too.
 */
#include "base/token.h"
#include "store/request.h"
#include "web/citizen_pages.h"
#include "web/limits.h"
#include "web/values.h"

#define TRIES 10
#define WINDOW_S 60
#define CODE_MOST 40

void citizen_code_show(Page *page)
{
    page_render(page, "pages/citizen-code");
}

static bool may_try(Page *page)
{
    guint wait_s = 0;
    const char *who = arena_printf(page->arena, "code:%s", page_network(page));
    if (limits_allow(page->app->limits, who, TRIES, WINDOW_S, clock_monotonic_ms(page->app->clock),
                     true, &wait_s))
        return true;
    char seconds[16];
    g_snprintf(seconds, sizeof seconds, "%u", wait_s);
    http_reply_header(page->reply, "Retry-After", seconds);
    page_problem(page, 429, "too_many");
    return false;
}

static void show_state(Page *page, const Request *request)
{
    Value *found = value_set_object(page->value, "found");
    value_set_copy(found, "code", request->code);
    value_set_text(found, "state", request_state_name(request->state));
    value_set_boolean(found, arena_printf(page->arena, "is_%s", request_state_name(request->state)),
                      TRUE);
    page_set_when(page, found, "received", request->received_at, request->zone);
}

void citizen_code_ask(Page *page)
{
    g_autoptr(GError) error = NULL;
    if (!may_try(page))
        return;
    const char *typed = page_field(page, "code", CODE_MOST);
    g_autofree char *code = token_request_code_parse(typed);
    g_autoptr(Request) request = code ? request_find_by_code(page_db(page), code, &error) : NULL;
    if (error && !g_error_matches(error, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        page_failed(page, error);
        return;
    }
    if (!typed[0])
        page_error(page, "code", "required");
    else if (!code)
        page_error(page, "code", "invalid");
    else if (!request)
        page_error(page, "code", "unknown");
    else
        show_state(page, request);
    if (page_has_errors(page))
        page_invalid(page, "pages/citizen-code");
    else
        page_render(page, "pages/citizen-code");
}
