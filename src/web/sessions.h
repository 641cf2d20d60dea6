/* sessions.h - who is logged in. In memory: a restart logs everybody out. Thread-safe, monotonic
 * time.
 *
 * A session ends after 8 h without a request. The cookie holds a random token, here only its hash
 * is kept.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct Sessions Sessions;
Sessions *sessions_new(void);
void sessions_free(Sessions *sessions);

/* A new session; its token (TOKEN_LENGTH) for the cookie and its CSRF secret, owned by the caller.
 */
char *sessions_open(Sessions *sessions, gint64 officer_id, gint64 password_changed_at,
                    gint64 now_ms);
typedef struct {
    gint64 officer_id;
    gint64 password_changed_at; /* as it was at the login: a later one ends the session */
    char csrf_secret[64];
} Session;
bool sessions_find(Sessions *sessions, const char *token, gint64 now_ms,
                   Session *session); /* and keeps it alive */
/* The same for what a page asks by itself: nobody needs to sit before it, so it keeps nothing
 * alive. */
bool sessions_peek(Sessions *sessions, const char *token, gint64 now_ms, Session *session);
void sessions_close(Sessions *sessions, const char *token);
void sessions_close_officer(Sessions *sessions, gint64 officer_id); /* password changed */
void sessions_sweep(Sessions *sessions, gint64 now_ms);
