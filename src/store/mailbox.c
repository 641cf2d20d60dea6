/* mailbox.c - see mailbox.h. */
#include "store/mailbox.h"
#include "store/db.h"

static const DbField place_fields[] = {
    DB_TEXT(MailboxPlace, name),
    DB_INT64(MailboxPlace, uid_validity),
    DB_INT64(MailboxPlace, next_uid),
    DB_INT64(MailboxPlace, first_seen_at),
};
static const DbShape place_shape = {sizeof(MailboxPlace), place_fields, G_N_ELEMENTS(place_fields),
                                    (GDestroyNotify)(void (*)(void))mailbox_place_free};

void mailbox_place_free(MailboxPlace *place)
{
    if (place == NULL)
        return;
    db_clear(&place_shape, place);
    g_free(place);
}

bool mailbox_place_begin(Db *db, const char *name, gint64 first_seen_at, GError **error)
{
    return db_run(db, error,
                  "INSERT INTO mailbox (name, first_seen_at) VALUES (?, ?) "
                  "ON CONFLICT (name) DO NOTHING",
                  "ti", name, first_seen_at);
}

MailboxPlace *mailbox_place_find(Db *db, const char *name, GError **error)
{
    return db_one(db, &place_shape, error,
                  "SELECT name, uid_validity, next_uid, first_seen_at FROM mailbox WHERE name = ?",
                  "t", name);
}

bool mailbox_place_save(Db *db, const MailboxPlace *place, GError **error)
{
    return db_touch(db, error, "UPDATE mailbox SET uid_validity = ?, next_uid = ? WHERE name = ?",
                    "iit", place->uid_validity, place->next_uid, place->name);
}
