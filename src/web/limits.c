/* limits.c - see limits.h: the times of the latest tries of each, so that a window slides.
 *
 * Entries stand in a queue by their latest try; when there are too many, who tried longest ago is
 * forgotten.
 */
#include "web/limits.h"
#include <string.h>

#define TRIES_MOST 32 /* times kept of one */
#define ENTRIES_MOST 20000
#define KEPT_MS (3600LL * 1000) /* longer than any window */

typedef struct {
    GList link; /* in limits->by_time; data is the entry */
    char *who;
    guint count;
    gint64 tried_ms[TRIES_MOST]; /* oldest first */
} Entry;

struct Limits {
    GMutex mutex;
    GHashTable *by_who; /* text -> Entry, owned */
    GQueue by_time;     /* latest try last */
};

static void entry_free(gpointer data)
{
    Entry *entry = data;
    g_free(entry->who);
    g_free(entry);
}

Limits *limits_new(void)
{
    Limits *limits = g_new0(Limits, 1);
    g_mutex_init(&limits->mutex);
    limits->by_who = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    return limits;
}

void limits_free(Limits *limits)
{
    if (!limits)
        return;
    g_hash_table_unref(limits->by_who);
    g_mutex_clear(&limits->mutex);
    g_free(limits);
}

static void forget(Limits *limits, Entry *entry)
{
    g_queue_unlink(&limits->by_time, &entry->link);
    g_hash_table_remove(limits->by_who, entry->who);
}

static Entry *entry_new(Limits *limits, const char *who)
{
    if (g_hash_table_size(limits->by_who) >= ENTRIES_MOST)
        forget(limits, g_queue_peek_head(&limits->by_time));
    Entry *entry = g_new0(Entry, 1);
    entry->link.data = entry;
    entry->who = g_strdup(who);
    g_hash_table_insert(limits->by_who, entry->who, entry);
    g_queue_push_tail_link(&limits->by_time, &entry->link);
    return entry;
}

static void drop_until(Entry *entry, gint64 before_ms)
{
    guint old = 0;
    while (old < entry->count && entry->tried_ms[old] <= before_ms)
        old++;
    entry->count -= old;
    memmove(entry->tried_ms, entry->tried_ms + old, entry->count * sizeof entry->tried_ms[0]);
}

static void add_try(Limits *limits, Entry *entry, gint64 now_ms)
{
    entry->tried_ms[entry->count++] = now_ms;
    g_queue_unlink(&limits->by_time, &entry->link);
    g_queue_push_tail_link(&limits->by_time, &entry->link);
}

static bool allow(Limits *limits, const char *who, guint most, gint64 window_ms, gint64 now_ms,
                  bool count, guint *wait_s)
{
    Entry *entry = g_hash_table_lookup(limits->by_who, who);
    *wait_s = 0;
    if (entry)
        drop_until(entry, now_ms - window_ms);
    if (entry && entry->count >= most) {
        const gint64 free_ms = entry->tried_ms[entry->count - most] + window_ms;
        *wait_s = (guint)((free_ms - now_ms + 999) / 1000);
        return false;
    }
    if (count)
        add_try(limits, entry ? entry : entry_new(limits, who), now_ms);
    return true;
}

bool limits_allow(Limits *limits, const char *who, guint most, guint window_s, gint64 now_ms,
                  bool count, guint *wait_s)
{
    guint wait = 0;
    g_assert(most >= 1 && most <= TRIES_MOST && window_s * 1000LL <= KEPT_MS);
    g_mutex_lock(&limits->mutex);
    const bool allowed = allow(limits, who, most, window_s * 1000LL, now_ms, count, &wait);
    g_mutex_unlock(&limits->mutex);
    if (wait_s)
        *wait_s = wait;
    return allowed;
}

void limits_take_back(Limits *limits, const char *who)
{
    g_mutex_lock(&limits->mutex);
    Entry *entry = g_hash_table_lookup(limits->by_who, who);
    if (entry && entry->count > 0)
        entry->count--;
    g_mutex_unlock(&limits->mutex);
}

void limits_forget(Limits *limits, const char *who)
{
    g_mutex_lock(&limits->mutex);
    Entry *entry = g_hash_table_lookup(limits->by_who, who);
    if (entry)
        forget(limits, entry);
    g_mutex_unlock(&limits->mutex);
}

void limits_sweep(Limits *limits, gint64 now_ms)
{
    g_mutex_lock(&limits->mutex);
    for (;;) {
        Entry *entry = g_queue_peek_head(&limits->by_time);
        if (!entry || (entry->count > 0 && now_ms - entry->tried_ms[entry->count - 1] < KEPT_MS))
            break;
        forget(limits, entry);
    }
    g_mutex_unlock(&limits->mutex);
}
