/* page.h - what every page handler is handed, and the few things it may do.
 *
 * A handler reads (page_db), fills page->value and ends with exactly one of page_render,
 * page_redirect, page_not_found, page_forbidden, page_problem, page_failed, page_invalid (or sets
 * the reply itself: a download, a WebSocket). The same value becomes HTML or JSON. POST handlers
 * run only after the CSRF token was checked; OFFICER routes only with a session (else a redirect to
 * /accedi).
 *
 * Members that page_render adds for the layout:
 *   language      "it", "en" or "de"; is_it, is_en or is_de true
 *   assets        "/assets/<hash>"
 *   csrf          masked token; every POST form carries it as a hidden field `csrf`
 *   here          path of the request; a form that came back to another path may set its page's
 *   keep          set by pages whose address has a query that the language switch must keep:
 * "servizio=3" organisation  {name}; a page may set its own officer       {name, email} when
 * somebody is logged in demo          in the demo only: {is_moved, now: a when} error {<field>:
 * {<reason>: true}} and errors [{field, is_<field>: true, <reason>: true}], has_errors form
 * {<field>: the text as sent}
 */
#pragma once
#include "base/value.h"
#include "store/store.h"
#include "web/app.h"
#include "web/http.h"

struct Officer; /* store/officer.h */

typedef struct {
    App *app;
    const HttpRequest *request;
    HttpReply *reply;
    Arena *arena;
    Value *value;                  /* the page's object; layout members are added by page_render */
    const char *params[4];         /* the {…} of the route's pattern, in order */
    const struct Officer *officer; /* who is logged in; NULL on public pages */
    const char *csrf;              /* masked token for the forms of this answer */
    const char *language;          /* "it", "en" or "de" */
    gint64 now;                    /* the office's civil time, Unix seconds */
    Db *db;                        /* see page_db */
    const char *route;             /* the pattern, for the log; NULL before one was found */
    const char *token;             /* of the technical cookie: the session's, or a visitor's */
    bool in_loop;                  /* no worker thread: the store must not be touched */
    const char *organisation;      /* the name to show there; NULL: none */
} Page;

typedef void PageHandler(Page *page);

typedef enum {
    ROUTE_PUBLIC = 0,
    ROUTE_OFFICER = 1 << 0, /* a session is needed */
    ROUTE_DEMO = 1 << 1,    /* exists in the demo only: 404 elsewhere */
    ROUTE_UPLOAD = 1 << 2,  /* multipart bodies welcome */
    ROUTE_LIVE = 1 << 3,    /* becomes a WebSocket */
} RouteFlags;

typedef struct {
    const char *method;  /* "GET" or "POST" */
    const char *pattern; /* "/scrivania/r/{code}" */
    PageHandler *handler;
    RouteFlags flags;
} Route;

/* Each group of pages exports one table, ended by {0}; routes.c lists the tables. */

Db *page_db(
    Page *page); /* a reader, taken at the first call, given back before a write and at the end */
bool page_write(Page *page, StoreJob *job, gpointer data, GError **error);

void page_render(Page *page,
                 const char *template); /* 200, or the status set before; JSON when asked */
void page_redirect(Page *page, const char *format, ...)
    G_GNUC_PRINTF(2, 3); /* 303; JSON clients get 200 {"location":…} */
void page_not_found(Page *page);
void page_forbidden(Page *page);
/* The page pages/problem with that status; `kind` becomes problem.<kind>, see there for the words
 * we have. */
void page_problem(Page *page, guint status, const char *kind);
/* 500 or 503, logged; a row that is not there (STORE_ERROR_NOT_FOUND) or NULL is page_not_found. */
void page_failed(Page *page, const GError *error);
/* Form errors: each added to value.errors as {field, is_<field>, <reason>: true}, then page_invalid
 * renders with 422. */
void page_error(Page *page, const char *field, const char *reason);
gboolean page_has_errors(const Page *page);
void page_invalid(Page *page, const char *template);
/* The field of the form, trimmed, valid UTF-8, at most `most` bytes; kept in value.form.<name> for
 * showing again. "" when absent; too long adds the error too_long. */
const char *page_field(Page *page, const char *name, gsize most);
/* A whole number of the path, the query or a form; FALSE when `text` is anything else or NULL. */
gboolean page_number(const char *text, gint64 *number);
/* The same for Unix seconds: FALSE too for what is before 1970 or after the year 2999, so that
 * nobody computes with it. */
gboolean page_instant(const char *text, gint64 *at);

/* Sets object.key = {at, iso, date, weekday, day, month, year, time, day_long ("martedì 24
 * novembre"), ...} in the organisation's zone and the page's language. */
void page_set_when(Page *page, Value *object, const char *key, gint64 at, const char *zone);
/* `wanted` when it is a path of ours, NULL when it is none or could lead to another site: browsers
 * take "/\" for "//" and pass over tabs and line breaks. */
const char *page_local_path(const char *wanted);
/* A link under public_url. */
const char *page_url(Page *page, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The network a limit counts for: /24 or /56 of the peer, or of X-Forwarded-For behind a trusted
 * proxy. */
const char *page_network(Page *page);
