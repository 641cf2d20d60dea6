/* mailbox_internal.h - one mailbox, between its thread (mailbox.c) and what it takes from the
 * server (mailbox_take.c); nobody else includes it.
 */
#pragma once
#include "mail/imap.h"
#include "mail/mailbox.h"
#include "store/mailbox.h"

typedef struct {
    const MailboxSettings *settings;
    const ConfigMailbox *config;
    int stop; /* readable once the server ends */
    gint64 office_id;
    MailboxPlace *place;
    ImapFolder folder;
    GHashTable *troubles; /* UID -> Trouble *: could not be fetched so far */
    GHashTable *done;     /* UIDs above the lowest of them that need no second look */
    bool cannot_move;     /* the server said so, once */
    /* what the log was told */
    gint last_error;
    gint64 last_logged_ms;
} Mailbox;

/* All that is there and was not yet looked at. False: the connection, or the store, is of no use
 * for now. */
bool mailbox_take_all(Mailbox *mailbox, Imap *imap, GError **error);
/* Numbers that mean nothing any more. */
void mailbox_forget_numbers(Mailbox *mailbox);
