/* letter_receipt.c - the rows of what machines said about letters. */
#include "store/letter_receipt.h"
#include "store/db.h"

static const DbField receipt_fields[] = {
    DB_INT64(LetterReceipt, id),         DB_INT64(LetterReceipt, letter_id),
    DB_INT64(LetterReceipt, message_id), DB_TEXT(LetterReceipt, type),
    DB_TEXT(LetterReceipt, recipient),   DB_TEXT(LetterReceipt, detail),
    DB_INT64(LetterReceipt, at),
};
static const DbShape receipt_shape = {sizeof(LetterReceipt), receipt_fields,
                                      G_N_ELEMENTS(receipt_fields),
                                      (GDestroyNotify)(void (*)(void))letter_receipt_free};

void letter_receipt_free(LetterReceipt *receipt)
{
    if (receipt == NULL)
        return;
    db_clear(&receipt_shape, receipt);
    g_free(receipt);
}

bool letter_receipt_put(Db *db, const LetterReceipt *receipt, bool *is_new, GError **error)
{
    if (!db_run(db, error,
                "INSERT INTO letter_receipt (letter_id, message_id, type, recipient, detail, at) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (letter_id, type, recipient) DO NOTHING",
                "irttti", receipt->letter_id, receipt->message_id, receipt->type,
                receipt->recipient != NULL ? receipt->recipient : "",
                receipt->detail != NULL ? receipt->detail : "", receipt->at))
        return false;
    if (is_new != NULL)
        *is_new = db_changes(db) > 0;
    return true;
}

GPtrArray *letter_receipt_list_for_request(Db *db, gint64 request_id, GError **error)
{
    return db_list(db, &receipt_shape, error,
                   "SELECT s.id, s.letter_id, s.message_id, s.type, s.recipient, s.detail, s.at "
                   "FROM letter_receipt s JOIN letter l ON l.id = s.letter_id "
                   "WHERE l.request_id = ? ORDER BY s.at, s.id",
                   "i", request_id);
}
