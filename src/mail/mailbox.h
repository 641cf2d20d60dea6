/* mailbox.h - a thread for each configured mailbox: what arrives there is stored, then marked.
 *
 * A message is durable in the store before anything is changed in the mailbox, and what is stored
 * twice is one row, so being killed at any point loses and doubles nothing. Nothing is ever
 * deleted.
 *
 * What is taken: mail that arrived (INTERNALDATE) since the first contact with the mailbox, and
 * unseen mail of the three days before it; after that whether somebody has seen a message means
 * nothing. Where the mailbox has been read to is a row of the store; when the server numbers anew
 * (UIDVALIDITY), the same rule finds the mail again.
 */
#pragma once
#include "base/clock.h"
#include "base/config.h"
#include "store/store.h"

/* How long things take; tests are in a hurry. */
typedef struct {
    guint idle_s;           /* an IDLE is renewed, and the mailbox searched again */
    guint poll_s;           /* between two NOOPs of a server without IDLE */
    guint pause_ms;         /* before the second try to connect; doubles up to pause_most_ms */
    guint pause_most_ms;    /* all with jitter: half to the whole */
    guint refused_pause_ms; /* the least after a refused login: servers lock who tries too often */
    guint set_aside_ms;     /* for a message that broke three tries; the others have their turn */
} MailboxPace;
extern const MailboxPace mailbox_pace; /* 9 min, 1 min, 1 s, 5 min, 1 min, 10 min */

typedef struct {
    const Config *config; /* mailboxes, max_message, upload_folder */
    Store *store;
    const Clock *clock;
    void (*arrived)(gpointer context); /* after each commit, in the mailbox's thread */
    gpointer context;
    const MailboxPace *pace;
} MailboxSettings;

typedef struct Mailboxes Mailboxes;
Mailboxes *mailboxes_start(const MailboxSettings *settings); /* what it points to is borrowed */
void mailboxes_stop(Mailboxes *mailboxes); /* what is being fetched is dropped: it is still there */
