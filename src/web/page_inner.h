/* page_inner.h - how routes.c and login.c make and end a page; page handlers do not include it. */
#pragma once
#include "web/page.h"

/* Fills `page` for one request: language, cookie, CSRF token, time. `page` must be zeroed. */
void page_open(Page *page, App *app, const HttpRequest *request, HttpReply *reply, bool in_loop);
void page_release_db(Page *page); /* before something that takes long */
void page_close(Page *page);      /* gives the reader and the arena back */

/* Fills page->officer when somebody is logged in, and the token for forms from the session. */
void page_find_officer(Page *page);
/* Does the form's `csrf` or the X-CSRF-Token header match the session or the visitor's cookie? */
bool page_csrf_is_good(Page *page);
/* The technical cookie: a token and, after a choice, a language. */
void page_set_cookie(Page *page, const char *token);
/* Security headers of everything that is no asset. */
void page_headers(Page *page);
