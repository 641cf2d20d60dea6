/* message.c - messages as rows: arriving, read, found. Their bytes are message_bytes.c. */
#include "store/message.h"
#include "store/db.h"
#include "store/message_bytes.h"

static const char *const direction_names[] = {"in", "out", NULL};
static const char *const state_names[] = {"stored", "read", "failed", NULL};

static const DbField message_fields[] = {
    DB_INT64(Message, id),
    DB_INT64(Message, office_id),
    DB_INT64(Message, request_id),
    DB_ENUM(Message, direction, direction_names),
    DB_ENUM(Message, state, state_names),
    DB_TEXT(Message, kind),
    DB_TEXT(Message, reason),
    DB_TEXT(Message, message_id),
    DB_TEXT(Message, in_reply_to),
    DB_TEXT(Message, from_name),
    DB_TEXT(Message, from_email),
    DB_TEXT(Message, subject),
    DB_TEXT(Message, text),
    DB_INT64(Message, size),
    DB_INT(Message, truncated),
    DB_TEXT(Message, digest),
    DB_INT64(Message, received_at),
    DB_INT64(Message, read_at),
    DB_TEXT(Message, request_code),
    DB_TEXT(Message, pec),
    DB_TEXT(Message, signature),
    DB_TEXT(Message, signature_detail),
};
static const DbShape message_shape = {sizeof(Message), message_fields, G_N_ELEMENTS(message_fields),
                                      (GDestroyNotify)(void (*)(void))message_free};
#define MESSAGE                                                                                    \
    "SELECT m.id, m.office_id, m.request_id, m.direction, m.state, m.kind, m.reason, "             \
    "m.message_id, m.in_reply_to, m.from_name, m.from_email, m.subject, m.text, m.size, "          \
    "m.truncated, m.digest, m.received_at, m.read_at, r.code, m.pec, m.signature, "                \
    "m.signature_detail "                                                                          \
    "FROM message m LEFT JOIN request r ON r.id = m.request_id "

void message_free(Message *message)
{
    if (message == NULL)
        return;
    db_clear(&message_shape, message);
    if (message->attachments != NULL)
        g_ptr_array_unref(message->attachments);
    g_free(message);
}

/* --- arriving --- */

char *message_digest(const void *bytes, gsize length)
{
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, length > 0 ? bytes : (const guchar *)"",
                                       length);
}

bool message_store(Db *db, const MessageArrival *arrival, gint64 *id, bool *is_new, GError **error)
{
    if (!db_run(db, error,
                "INSERT INTO message (id, office_id, direction, state, size, truncated, digest, "
                "received_at) VALUES (?, ?, 'in', 'stored', ?, ?, ?, ?) "
                "ON CONFLICT (office_id, digest) DO NOTHING",
                "iiinti", arrival->id, arrival->office_id, arrival->size, (gint)arrival->truncated,
                arrival->digest, arrival->received_at))
        return false;
    *is_new = db_changes(db) > 0;
    *id = arrival->id;
    if (*is_new)
        return message_bytes_store(db, arrival, error);
    return db_number(db, id, error, "SELECT id FROM message WHERE office_id = ? AND digest = ?",
                     "it", arrival->office_id, arrival->digest);
}

static const DbField id_field[] = {{FIELD_INT64, 0, NULL}};
static const DbShape id_shape = {sizeof(gint64), id_field, 1, NULL};

GArray *message_waiting(Db *db, guint most, GError **error)
{
    return db_values(db, &id_shape, error,
                     "SELECT id FROM message WHERE state = 'stored' "
                     "ORDER BY received_at, id LIMIT ?",
                     "n", most);
}

/* --- reading --- */

static bool mark(Db *db, const Message *message, const char *state, GError **error)
{
    return db_touch(db, error,
                    "UPDATE message SET state = ?, kind = ?, reason = ?, message_id = ?, "
                    "in_reply_to = ?, from_name = ?, from_email = ?, subject = ?, text = ?, "
                    "request_id = ?, read_at = ?, pec = ?, signature = ?, signature_detail = ? "
                    "WHERE id = ?",
                    "tttttttttrittti", state, message->kind, message->reason, message->message_id,
                    message->in_reply_to, message->from_name, message->from_email, message->subject,
                    message->text, message->request_id, message->read_at, message->pec,
                    message->signature, message->signature_detail, message->id);
}

bool message_mark_read(Db *db, const Message *message, GError **error)
{
    return mark(db, message, "read", error) &&
           (message->attachments == NULL ||
            message_bytes_split(db, message->id, message->attachments, error));
}

bool message_mark_failed(Db *db, const Message *message, GError **error)
{
    return mark(db, message, "failed", error);
}

bool message_link(Db *db, gint64 message_id, gint64 request_id, GError **error)
{
    return db_touch(db, error, "UPDATE message SET request_id = ?, reason = NULL WHERE id = ?",
                    "ii", request_id, message_id);
}

/* --- finding --- */

static Message *with_attachments(Db *db, Message *found, GError **error)
{
    g_autoptr(Message) message = found;
    if (message != NULL)
        message->attachments = attachment_list_for_message(db, message->id, error);
    return message != NULL && message->attachments != NULL ? g_steal_pointer(&message) : NULL;
}

Message *message_find(Db *db, gint64 id, GError **error)
{
    return with_attachments(
        db, db_one(db, &message_shape, error, MESSAGE "WHERE m.id = ?", "i", id), error);
}

Message *message_find_by_header(Db *db, gint64 office_id, const char *message_id, GError **error)
{
    return with_attachments(db,
                            db_one(db, &message_shape, error,
                                   MESSAGE "WHERE m.message_id = ? AND m.office_id = ? "
                                           "ORDER BY m.received_at DESC, m.id DESC LIMIT 1",
                                   "ti", message_id, office_id),
                            error);
}

GPtrArray *message_list_for_request(Db *db, gint64 request_id, GError **error)
{
    g_autoptr(GPtrArray) list =
        db_list(db, &message_shape, error,
                MESSAGE "WHERE m.request_id = ? ORDER BY m.received_at, m.id", "i", request_id);
    for (guint i = 0; list != NULL && i < list->len; i++) {
        Message *message = g_ptr_array_index(list, i);
        message->attachments = attachment_list_for_message(db, message->id, error);
        if (message->attachments == NULL)
            return NULL;
    }
    return g_steal_pointer(&list);
}

GPtrArray *message_list_other(Db *db, gint64 office_id, gint64 before_at, guint most,
                              GError **error)
{
    return db_list(db, &message_shape, error,
                   MESSAGE "WHERE m.office_id = ? AND m.reason IS NOT NULL AND m.received_at < ? "
                           "ORDER BY m.received_at DESC, m.id DESC LIMIT ?",
                   "iin", office_id, before_at, most);
}

gint64 message_count_other(Db *db, gint64 office_id, GError **error)
{
    gint64 count;
    return db_number(db, &count, error,
                     "SELECT COUNT(*) FROM message WHERE office_id = ? AND reason IS NOT NULL", "i",
                     office_id)
               ? count
               : -1;
}
