/* letter_receipt.h - what machines said about a letter: the receipts of certified mail (PEC) and
 * reports of delivery (RFC 3464).
 *
 * One row for each kind of word about each recipient: the same receipt by two ways, or a server
 * that says "delayed" every four hours, adds nothing.
 */
#pragma once
#include "store/store.h"

typedef struct LetterReceipt {
    gint64 id; /* engine's */
    gint64 letter_id;
    gint64 message_id; /* that brought it; 0: none */
    char *type; /* "accettazione", "avvenuta-consegna", ...; "failed", "delayed", "delivered" */
    char *recipient; /* address, "" when it names none */
    char *detail;    /* status of a report, error of a receipt; "" for none */
    gint64 at;       /* Unix seconds */
} LetterReceipt;

void letter_receipt_free(LetterReceipt *receipt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LetterReceipt, letter_receipt_free)

/* Borrowed fields, `id` is ignored; NULL texts count as "". Idempotent by letter, type and
 * recipient: `is_new` (may be NULL) tells whether it was written. */
bool letter_receipt_put(Db *db, const LetterReceipt *receipt, bool *is_new, GError **error);
/* LetterReceipt * of all letters of a request, oldest first. */
GPtrArray *letter_receipt_list_for_request(Db *db, gint64 request_id, GError **error);
