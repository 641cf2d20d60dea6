/* message_bytes.c - the bytes of messages in pieces, and the attachments as ranges of them.
 *
 * The position of a piece is the offset of its first byte, so cutting one renumbers nothing, and
 * an attachment owns the pieces within its range. Ranges may lie in one another (a message inside a
 * message): erasing the outer one takes the inner ones with it.
 */
#include "store/message_bytes.h"
#include "base/when.h"
#include "store/db.h"

static const DbField attachment_fields[] = {
    DB_INT64(Attachment, id),         DB_INT64(Attachment, message_id),
    DB_INT(Attachment, number),       DB_TEXT(Attachment, name),
    DB_TEXT(Attachment, type),        DB_TEXT(Attachment, encoding),
    DB_INT64(Attachment, size),       DB_TEXT(Attachment, signature),
    DB_INT(Attachment, quarantine),   DB_INT64(Attachment, erased_at),
    DB_INT64(Attachment, offset),     DB_INT64(Attachment, length),
    DB_INT64(Attachment, request_id), DB_INT64(Attachment, office_id),
};
static const DbShape attachment_shape = {sizeof(Attachment), attachment_fields,
                                         G_N_ELEMENTS(attachment_fields),
                                         (GDestroyNotify)(void (*)(void))attachment_free};
#define ATTACHMENT                                                                                 \
    "SELECT t.id, t.message_id, t.number, t.name, t.type, t.encoding, t.size, t.signature, "       \
    "t.quarantine, t.erased_at, t.raw_offset, t.raw_length, m.request_id, m.office_id "            \
    "FROM attachment t JOIN message m ON m.id = t.message_id "

void attachment_free(Attachment *attachment)
{
    if (attachment == NULL)
        return;
    db_clear(&attachment_shape, attachment);
    g_free(attachment);
}

/* --- pieces --- */

/* What lies outside the kept bytes is recorded without bytes, what reaches over their end is cut.
 */
static void clip(const Attachment *attachment, gint64 kept, gint64 *offset, gint64 *length)
{
    bool is_inside = attachment->offset >= 0 && attachment->length > 0 && attachment->offset < kept;
    *offset = is_inside ? attachment->offset : 0;
    *length = is_inside ? MIN(attachment->length, kept - attachment->offset) : 0;
}

static bool add_piece(Db *db, gint64 message_id, gint64 position, const guint8 *bytes, gsize length,
                      GError **error)
{
    return db_run(db, error,
                  "INSERT INTO message_piece (message_id, position, bytes) VALUES (?, ?, ?)", "iib",
                  message_id, position, (const void *)bytes, length);
}

static bool add_pieces(Db *db, const MessageArrival *arrival, gsize from, gsize until,
                       GError **error)
{
    const guint8 *bytes = arrival->bytes;
    for (gsize at = from; at < until; at += MESSAGE_PIECE_MOST)
        if (!add_piece(db, arrival->id, (gint64)at, bytes + at, MIN(until - at, MESSAGE_PIECE_MOST),
                       error))
            return false;
    return true;
}

/* Cuts that are out of order or out of range are left to message_bytes_split. */
bool message_bytes_store(Db *db, const MessageArrival *arrival, GError **error)
{
    const GPtrArray *attachments = arrival->attachments;
    gsize at = 0;
    for (guint i = 0; attachments != NULL && i < attachments->len; i++) {
        const Attachment *attachment = g_ptr_array_index(attachments, i);
        gint64 offset, length;
        clip(attachment, (gint64)arrival->length, &offset, &length);
        if (length == 0 || (gsize)offset < at)
            continue;
        gsize end = (gsize)(offset + length);
        if (!add_pieces(db, arrival, at, (gsize)offset, error) ||
            !add_pieces(db, arrival, (gsize)offset, end, error))
            return false;
        at = end;
    }
    return add_pieces(db, arrival, at, arrival->length, error);
}

static bool kept_length(Db *db, gint64 message_id, gint64 *length, GError **error)
{
    return db_number(db, length, error,
                     "SELECT COALESCE(MAX(position + length(bytes)), 0) FROM message_piece "
                     "WHERE message_id = ?",
                     "i", message_id);
}

/* Does a piece begin there? Most cuts were made when the bytes came. */
static bool begins_at(Db *db, gint64 message_id, gint64 cut)
{
    gint64 found;
    return db_number(db, &found, NULL,
                     "SELECT 1 FROM message_piece WHERE message_id = ? AND position = ?", "ii",
                     message_id, cut);
}

/* The piece that has `cut` inside it; no bytes when a piece begins there. */
static GBytes *piece_around(Db *db, gint64 message_id, gint64 cut, gint64 *position, GError **error)
{
    g_autoptr(Query) query = db_query(db, error,
                                      "SELECT position, bytes FROM message_piece "
                                      "WHERE message_id = ? AND position <= ? "
                                      "ORDER BY position DESC LIMIT 1",
                                      "ii", message_id, cut);
    GError *failure = NULL;
    if (query == NULL)
        return NULL;
    if (!query_step(query, &failure)) {
        if (failure == NULL)
            return g_bytes_new(NULL, 0);
        g_propagate_error(error, failure);
        return NULL;
    }
    gsize length;
    const void *bytes = query_bytes(query, 1, &length);
    *position = query_int(query, 0);
    bool is_inside = *position < cut && cut < *position + (gint64)length;
    return g_bytes_new(bytes, is_inside ? length : 0);
}

static bool cut_at(Db *db, gint64 message_id, gint64 cut, GError **error)
{
    if (begins_at(db, message_id, cut))
        return true;
    gint64 position = 0;
    g_autoptr(GBytes) piece = piece_around(db, message_id, cut, &position, error);
    if (piece == NULL)
        return false;
    gsize length;
    const guint8 *bytes = g_bytes_get_data(piece, &length);
    if (length == 0)
        return true;
    gsize head = (gsize)(cut - position);
    return db_run(db, error, "DELETE FROM message_piece WHERE message_id = ? AND position = ?",
                  "ii", message_id, position) &&
           add_piece(db, message_id, position, bytes, head, error) &&
           add_piece(db, message_id, cut, bytes + head, length - head, error);
}

/* --- attachments --- */

static bool add_attachment(Db *db, gint64 message_id, const Attachment *attachment, gint64 kept,
                           GError **error)
{
    gint64 offset, length;
    clip(attachment, kept, &offset, &length);
    return db_run(db, error,
                  "INSERT INTO attachment (message_id, number, name, type, encoding, size, "
                  "signature, quarantine, raw_offset, raw_length) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  "intttitnii", message_id, attachment->number, attachment->name, attachment->type,
                  attachment->encoding, attachment->size, attachment->signature,
                  attachment->quarantine, offset, length) &&
           (length == 0 || (cut_at(db, message_id, offset, error) &&
                            cut_at(db, message_id, offset + length, error)));
}

bool message_bytes_split(Db *db, gint64 message_id, const GPtrArray *attachments, GError **error)
{
    gint64 kept;
    if (!kept_length(db, message_id, &kept, error))
        return false;
    for (guint i = 0; i < attachments->len; i++)
        if (!add_attachment(db, message_id, g_ptr_array_index(attachments, i), kept, error))
            return false;
    return true;
}

Attachment *attachment_find(Db *db, gint64 id, GError **error)
{
    return db_one(db, &attachment_shape, error, ATTACHMENT "WHERE t.id = ?", "i", id);
}

GPtrArray *attachment_list_for_message(Db *db, gint64 message_id, GError **error)
{
    return db_list(db, &attachment_shape, error,
                   ATTACHMENT "WHERE t.message_id = ? ORDER BY t.number", "i", message_id);
}

GPtrArray *attachment_list_for_request(Db *db, gint64 request_id, GError **error)
{
    return db_list(db, &attachment_shape, error,
                   ATTACHMENT "WHERE m.request_id = ? ORDER BY m.received_at, m.id, t.number", "i",
                   request_id);
}

bool attachment_erase(Db *db, gint64 id, gint64 at, GError **error)
{
    g_autoptr(Attachment) erased = attachment_find(db, id, error);
    if (erased == NULL)
        return false;
    gint64 end = erased->offset + erased->length;
    return db_run(db, error,
                  "DELETE FROM message_piece WHERE message_id = ? AND position >= ? "
                  "AND position < ?",
                  "iii", erased->message_id, erased->offset, end) &&
           db_run(db, error,
                  "UPDATE attachment SET erased_at = ? WHERE message_id = ? AND erased_at = 0 "
                  "AND (id = ? OR (raw_length > 0 AND raw_offset >= ? "
                  "AND raw_offset + raw_length <= ?))",
                  "iiiii", at, erased->message_id, id, erased->offset, end);
}

/* --- bytes --- */

static bool each_in_range(Db *db, gint64 message_id, Span range, MessagePieceFunc *each,
                          gpointer data, GError **error)
{
    g_autoptr(Query) query = db_query(db, error,
                                      "SELECT bytes FROM message_piece WHERE message_id = ? "
                                      "AND position >= ? AND position < ? ORDER BY position",
                                      "iii", message_id, range.from, range.until);
    if (query == NULL)
        return false;
    GError *failure = NULL;
    while (query_step(query, &failure)) {
        gsize length;
        const void *bytes = query_bytes(query, 0, &length);
        if (!each(bytes, length, data))
            return true;
    }
    if (failure == NULL)
        return true;
    g_propagate_error(error, failure);
    return false;
}

bool message_each_piece(Db *db, gint64 message_id, MessagePieceFunc *each, gpointer data,
                        GError **error)
{
    return each_in_range(db, message_id, (Span){0, G_MAXINT64}, each, data, error);
}

bool attachment_each_piece(Db *db, gint64 id, MessagePieceFunc *each, gpointer data, GError **error)
{
    g_autoptr(Attachment) attachment = attachment_find(db, id, error);
    if (attachment == NULL)
        return false;
    Span range = {attachment->offset, attachment->offset + attachment->length};
    return each_in_range(db, attachment->message_id, range, each, data, error);
}

static bool append_piece(const guint8 *bytes, gsize length, gpointer data)
{
    g_byte_array_append(data, bytes, (guint)length);
    return true;
}

GBytes *message_raw(Db *db, gint64 message_id, GError **error)
{
    g_autoptr(GByteArray) all = g_byte_array_new();
    bool ok = message_each_piece(db, message_id, append_piece, all, error);
    return ok ? g_byte_array_free_to_bytes(g_steal_pointer(&all)) : NULL;
}

GBytes *attachment_raw(Db *db, gint64 id, GError **error)
{
    g_autoptr(GByteArray) all = g_byte_array_new();
    bool ok = attachment_each_piece(db, id, append_piece, all, error);
    return ok ? g_byte_array_free_to_bytes(g_steal_pointer(&all)) : NULL;
}
