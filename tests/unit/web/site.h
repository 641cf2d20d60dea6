/* site.h - pages behind a real server: the parts of App that the frame of the pages needs, one
 * organisation with an office and an officer, and a client that keeps its cookie.
 */
#pragma once
#include "http-fixture.h"
#include "web/pages.h"
#include "web/routes.h"

#define SITE_EMAIL "operatore@comune.example"
#define SITE_PASSWORD "una lunga password"

typedef struct {
    App app;
    Config config;
    Running running;
    Routes *routes;
    char *folder;
    gint64 office_id, officer_id;
    char *cookie; /* "sportello=…" as the last answer set it; sent with each request */
} Site;

void site_open(Site *site, const Route *const *tables);
void site_close(Site *site);

/* `headers` (may be NULL) are whole lines ended by \r\n. The answer's cookie is kept. */
Answer site_get(Site *site, const char *path, const char *headers);
/* `fields` is urlencoded; the token of `csrf` (may be NULL) is added. */
Answer site_post(Site *site, const char *path, const char *fields, const char *csrf,
                 const char *headers);
/* The masked token of a page's JSON; owned by the caller. */
char *site_csrf(Site *site, const char *path);
/* Logs the officer in, in this client. */
void site_log_in(Site *site);
void site_forget_cookie(Site *site);
