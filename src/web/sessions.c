/* sessions.c - see sessions.h: one table from the hash of a token to who is logged in. */
#include "web/sessions.h"
#include "base/token.h"

#define IDLE_MS (8LL * 3600 * 1000)

typedef struct {
    Session session;
    gint64 seen_ms;
} Entry;

struct Sessions {
    GMutex mutex;
    GHashTable *by_hash; /* hash text -> Entry */
};

Sessions *sessions_new(void)
{
    Sessions *sessions = g_new0(Sessions, 1);
    g_mutex_init(&sessions->mutex);
    sessions->by_hash = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return sessions;
}

void sessions_free(Sessions *sessions)
{
    if (!sessions)
        return;
    g_hash_table_unref(sessions->by_hash);
    g_mutex_clear(&sessions->mutex);
    g_free(sessions);
}

char *sessions_open(Sessions *sessions, gint64 officer_id, gint64 password_changed_at,
                    gint64 now_ms)
{
    char token[TOKEN_LENGTH + 1];
    char secret[TOKEN_LENGTH + 1];
    char hash[65];
    token_random(token);
    token_random(secret);
    const bool is_token = token_hash(token, hash);
    g_assert(is_token);

    Entry *entry = g_new0(Entry, 1);
    entry->session.officer_id = officer_id;
    entry->session.password_changed_at = password_changed_at;
    entry->seen_ms = now_ms;
    g_strlcpy(entry->session.csrf_secret, secret, sizeof entry->session.csrf_secret);
    g_mutex_lock(&sessions->mutex);
    g_hash_table_insert(sessions->by_hash, g_strdup(hash), entry);
    g_mutex_unlock(&sessions->mutex);
    return g_strdup(token);
}

static bool look(Sessions *sessions, const char *token, gint64 now_ms, bool renew, Session *session)
{
    char hash[65];
    if (!token || !token_hash(token, hash))
        return false;
    g_mutex_lock(&sessions->mutex);
    Entry *entry = g_hash_table_lookup(sessions->by_hash, hash);
    const bool is_open = entry && now_ms - entry->seen_ms < IDLE_MS;
    if (is_open) {
        if (renew)
            entry->seen_ms = now_ms;
        *session = entry->session;
    } else if (entry) {
        g_hash_table_remove(sessions->by_hash, hash);
    }
    g_mutex_unlock(&sessions->mutex);
    return is_open;
}

bool sessions_find(Sessions *sessions, const char *token, gint64 now_ms, Session *session)
{
    return look(sessions, token, now_ms, true, session);
}

bool sessions_peek(Sessions *sessions, const char *token, gint64 now_ms, Session *session)
{
    return look(sessions, token, now_ms, false, session);
}

void sessions_close(Sessions *sessions, const char *token)
{
    char hash[65];
    if (!token || !token_hash(token, hash))
        return;
    g_mutex_lock(&sessions->mutex);
    g_hash_table_remove(sessions->by_hash, hash);
    g_mutex_unlock(&sessions->mutex);
}

void sessions_close_officer(Sessions *sessions, gint64 officer_id)
{
    GHashTableIter iter;
    gpointer value;
    g_mutex_lock(&sessions->mutex);
    g_hash_table_iter_init(&iter, sessions->by_hash);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Entry *entry = value;
        if (entry->session.officer_id == officer_id)
            g_hash_table_iter_remove(&iter);
    }
    g_mutex_unlock(&sessions->mutex);
}

void sessions_sweep(Sessions *sessions, gint64 now_ms)
{
    GHashTableIter iter;
    gpointer value;
    g_mutex_lock(&sessions->mutex);
    g_hash_table_iter_init(&iter, sessions->by_hash);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Entry *entry = value;
        if (now_ms - entry->seen_ms >= IDLE_MS)
            g_hash_table_iter_remove(&iter);
    }
    g_mutex_unlock(&sessions->mutex);
}
