/* notices.h - letters to officers that the clock writes: the morning's digest, urgent notes.
 *
 * What is sent and that it was sent is one write job, so nothing is sent twice, also over a
 * restart; what could not be written is tried again at the next call.
 */
#pragma once
#include "base/clock.h"
#include "mail/correspondence.h"
#include "store/store.h"

/* All borrowed, for as long as calls go on. */
typedef struct {
    Store *store;
    const Clock *clock;
    const LetterBox *letters;
    void (*letter_waits)(gpointer context); /* wakes the outbox; may be NULL */
    gpointer context;
} NoticeSettings;

/* For the ticker, every few seconds; one thread at a time. */
void notices_tick(const NoticeSettings *settings);
