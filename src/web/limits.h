/* limits.h - counters that slow people down: logins per account and network, codes per network.
 * Thread-safe, monotonic time, bounded memory (the oldest entries go). */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct Limits Limits;
Limits *limits_new(void);
void limits_free(Limits *limits);

/* May `who` ("login:…", "code:…") try once more, `most` in `window_s`? Counts the try when `count`.
 * Fills the seconds to wait. */
bool limits_allow(Limits *limits, const char *who, guint most, guint window_s, gint64 now_ms,
                  bool count, guint *wait_s);
void limits_take_back(Limits *limits, const char *who); /* the latest try was none */
void limits_forget(Limits *limits, const char *who);    /* a login that worked */
void limits_sweep(Limits *limits, gint64 now_ms);
