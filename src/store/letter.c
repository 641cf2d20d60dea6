/* letter.c - the outbox's rows. Composing letters and sending them are elsewhere (src/mail). */
#include "store/letter.h"
#include "store/db.h"

static const char *const state_names[] = {"waiting",   "sending", "sent",
                                          "withdrawn", "failed",  NULL};

static const char *const route_names[] = {"mail", "pec", NULL};

static const DbField letter_fields[] = {
    DB_INT64(Letter, id),          DB_INT64(Letter, office_id),
    DB_INT64(Letter, request_id),  DB_INT64(Letter, appointment_id),
    DB_TEXT(Letter, kind),         DB_TEXT(Letter, recipient),
    DB_TEXT(Letter, subject),      DB_TEXT(Letter, message_id),
    DB_TEXT(Letter, text),         DB_ENUM(Letter, state, state_names),
    DB_INT64(Letter, sendable_at), DB_INT64(Letter, sent_at),
    DB_INT(Letter, attempts),      DB_TEXT(Letter, last_error),
    DB_INT64(Letter, created_at),  DB_TEXT(Letter, request_code),
    DB_INT64(Letter, size),        DB_ENUM(Letter, route, route_names),
    DB_INT(Letter, automatic),     DB_INT64(Letter, due_at),
    DB_TEXT(Letter, office_slug),  DB_TEXT(Letter, sender),
};
static const DbShape letter_shape = {sizeof(Letter), letter_fields, G_N_ELEMENTS(letter_fields),
                                     (GDestroyNotify)(void (*)(void))letter_free};
#define LETTER                                                                                     \
    "SELECT l.id, l.office_id, l.request_id, l.appointment_id, l.kind, l.recipient, l.subject, "   \
    "l.message_id, coalesce(c.text, ''), l.state, l.sendable_at, l.sent_at, l.attempts, "          \
    "l.last_error, "                                                                               \
    "l.created_at, r.code, length(c.bytes), l.route, l.automatic, l.due_at, o.slug, o.address "    \
    "FROM letter l JOIN office o ON o.id = l.office_id "                                           \
    "LEFT JOIN letter_content c ON c.letter_id = l.id "                                            \
    "LEFT JOIN request r ON r.id = l.request_id "
/* Not yet tried and held back: what "Annulla la decisione" can still reach. Receipts leave at once.
 */
#define STILL_HELD "state = 'waiting' AND attempts = 0 AND sendable_at > ?"

void letter_free(Letter *letter)
{
    if (letter == NULL)
        return;
    db_clear(&letter_shape, letter);
    if (letter->content != NULL)
        g_bytes_unref(letter->content);
    g_free(letter);
}

const char *letter_state_name(LetterState state)
{
    return state <= LETTER_FAILED ? state_names[state] : "failed";
}

bool letter_add(Db *db, const Letter *letter, GError **error)
{
    gsize length;
    const void *bytes = g_bytes_get_data(letter->content, &length);
    return db_run(db, error,
                  "INSERT INTO letter (id, office_id, request_id, appointment_id, kind, recipient, "
                  "subject, message_id, state, sendable_at, created_at, route, automatic) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?)",
                  "iirrttttiitn", letter->id, letter->office_id, letter->request_id,
                  letter->appointment_id, letter->kind, letter->recipient, letter->subject,
                  letter->message_id, letter->sendable_at, letter->created_at,
                  route_names[letter->route], letter->automatic) &&
           db_run(db, error, "INSERT INTO letter_content (letter_id, text, bytes) VALUES (?, ?, ?)",
                  "itb", letter->id, letter->text != NULL ? letter->text : "", bytes, length);
}

bool letter_withdraw(Db *db, gint64 id, gint64 system_at, GError **error)
{
    if (!db_run(db, error, "UPDATE letter SET state = 'withdrawn' WHERE id = ? AND " STILL_HELD,
                "ii", id, system_at))
        return false;
    if (db_changes(db) > 0)
        return true;
    g_set_error_literal(error, STORE_ERROR, STORE_ERROR_TRANSITION,
                        "the letter is no longer held back");
    return false;
}

bool letter_withdraw_for_request(Db *db, gint64 request_id, gint64 system_at, guint *count,
                                 GError **error)
{
    if (!db_run(db, error,
                "UPDATE letter SET state = 'withdrawn' WHERE request_id = ? AND " STILL_HELD, "ii",
                request_id, system_at))
        return false;
    if (count != NULL)
        *count = (guint)db_changes(db);
    return true;
}

/* --- the outbox thread --- */

gint64 letter_next_due_at(Db *db)
{
    gint64 due_at;
    bool is_due = db_number(db, &due_at, NULL,
                            "SELECT sendable_at FROM letter WHERE state = 'waiting' "
                            "ORDER BY sendable_at LIMIT 1",
                            "");
    return is_due ? due_at : G_MAXINT64;
}

GPtrArray *letter_due(Db *db, gint64 system_at, guint most, GError **error)
{
    return db_list(db, &letter_shape, error,
                   LETTER "WHERE l.state = 'waiting' AND l.sendable_at <= ? "
                          "ORDER BY l.sendable_at, l.created_at, l.id LIMIT ?",
                   "in", system_at, most);
}

static bool read_content(Db *db, Letter *letter, GError **error)
{
    g_autoptr(Query) query = db_query(
        db, error, "SELECT bytes FROM letter_content WHERE letter_id = ?", "i", letter->id);
    g_autoptr(GError) problem = NULL;
    if (query == NULL)
        return false;
    if (!query_step(query, &problem)) {
        if (problem == NULL)
            return true; /* no row: it is gone */
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    gsize length;
    const void *bytes = query_bytes(query, 0, &length);
    letter->content = g_bytes_new(bytes, length);
    return true;
}

static bool take(Db *db, Letter *letter, GError **error)
{
    letter->state = LETTER_SENDING;
    letter->attempts++;
    letter->due_at = letter->due_at ? letter->due_at : letter->sendable_at;
    return db_touch(db, error,
                    "UPDATE letter SET state = 'sending', attempts = attempts + 1, due_at = ? "
                    "WHERE id = ? AND state = 'waiting'",
                    "ii", letter->due_at, letter->id) &&
           read_content(db, letter, error);
}

GPtrArray *letter_take_due(Db *db, gint64 system_at, guint most, GError **error)
{
    g_autoptr(GPtrArray) letters = letter_due(db, system_at, most, error);
    for (guint i = 0; letters != NULL && i < letters->len; i++)
        if (!take(db, g_ptr_array_index(letters, i), error))
            return NULL;
    return g_steal_pointer(&letters);
}

bool letter_release_taken(Db *db, GError **error)
{
    return db_run(db, error, "UPDATE letter SET state = 'waiting' WHERE state = 'sending'", "");
}

bool letter_mark_sent(Db *db, gint64 id, gint64 system_at, GError **error)
{
    /* its bounce may have been quicker */
    return db_touch(db, error,
                    "UPDATE letter SET sent_at = ?, "
                    "last_error = CASE WHEN state = 'failed' THEN last_error ELSE NULL END, "
                    "state = CASE WHEN state = 'failed' THEN state ELSE 'sent' END WHERE id = ?",
                    "ii", system_at, id);
}

bool letter_mark_failed(Db *db, gint64 id, const char *reason, gint64 retry_at, GError **error)
{
    if (retry_at == 0)
        return letter_mark_bounced(db, id, reason, error);
    return db_touch(db, error,
                    "UPDATE letter SET state = 'waiting', sendable_at = ?, last_error = ? "
                    "WHERE id = ?",
                    "iti", retry_at, reason, id);
}

bool letter_mark_postponed(Db *db, gint64 id, const char *reason, gint64 retry_at, GError **error)
{
    return db_touch(db, error,
                    "UPDATE letter SET state = 'waiting', sendable_at = ?, last_error = ?, "
                    "attempts = CASE WHEN attempts > 1 THEN attempts - 1 ELSE 1 END WHERE id = ?",
                    "iti", retry_at, reason, id);
}

bool letter_mark_bounced(Db *db, gint64 id, const char *reason, GError **error)
{
    return db_touch(db, error, "UPDATE letter SET state = 'failed', last_error = ? WHERE id = ?",
                    "ti", reason, id);
}

gint letter_count_automatic(Db *db, const char *recipient, gint64 since_at)
{
    gint64 count;
    bool good = db_number(db, &count, NULL,
                          "SELECT count(*) FROM letter WHERE automatic = 1 AND recipient = ? "
                          "AND created_at > ?",
                          "ti", recipient, since_at);
    return good ? (gint)count : -1;
}

/* --- reading --- */

Letter *letter_find(Db *db, gint64 id, GError **error)
{
    g_autoptr(Letter) letter = db_one(db, &letter_shape, error, LETTER "WHERE l.id = ?", "i", id);
    if (letter == NULL || !read_content(db, letter, error))
        return NULL;
    if (letter->content != NULL)
        return g_steal_pointer(&letter);
    g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "its content is gone");
    return NULL;
}

Letter *letter_find_by_message_id(Db *db, const char *message_id, GError **error)
{
    return db_one(db, &letter_shape, error, LETTER "WHERE l.message_id = ?", "t", message_id);
}

GPtrArray *letter_list_for_request(Db *db, gint64 request_id, GError **error)
{
    return db_list(db, &letter_shape, error,
                   LETTER "WHERE l.request_id = ? ORDER BY l.created_at, l.sendable_at, l.id", "i",
                   request_id);
}

GPtrArray *letter_latest(Db *db, guint most, GError **error)
{
    return db_list(db, &letter_shape, error,
                   LETTER "ORDER BY l.created_at DESC, l.sendable_at DESC, l.id DESC LIMIT ?", "n",
                   most);
}

Letter *letter_pending_for_request(Db *db, gint64 request_id, gint64 system_at, GError **error)
{
    return db_one(db, &letter_shape, error,
                  LETTER "WHERE l.request_id = ? AND l." STILL_HELD
                         " ORDER BY l.sendable_at DESC, l.id LIMIT 1",
                  "ii", request_id, system_at);
}
