/* mailbox.h - how far each IMAP mailbox has been read. What the numbers mean is the server's matter
 * (RFC 3501, 2.3.1.1); they are kept so that a restart goes on where it stopped.
 */
#pragma once
#include "store/store.h"

typedef struct MailboxPlace {
    char *name;           /* of the section in the configuration */
    gint64 uid_validity;  /* of the folder; 0: not yet known */
    gint64 next_uid;      /* all below were looked at */
    gint64 first_seen_at; /* system time of the first contact: older mail is left alone */
} MailboxPlace;
void mailbox_place_free(MailboxPlace *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailboxPlace, mailbox_place_free)

/* Makes the row when there is none; the first contact stays the first. */
bool mailbox_place_begin(Db *db, const char *name, gint64 first_seen_at, GError **error);
MailboxPlace *mailbox_place_find(Db *db, const char *name, GError **error);
/* uid_validity and next_uid. NOT_FOUND when it was never begun. */
bool mailbox_place_save(Db *db, const MailboxPlace *place, GError **error);
