/* intake_receipts.c - what a receipt of certified mail or a report of delivery changes about our
 * letter.
 *
 * A receipt is believed when its signature is verified and daticert.xml, which is signed, says what
 * the header fields say, which are not. Where no authorities are configured nothing can be
 * verified: then only about letters that left by PEC, since only for those receipts come. A report
 * of delivery is signed by nobody; it is believed of whoever knows the letter's Message-ID.
 */
#include "mail/intake_internal.h"
#include "mail/pec.h"
#include "store/letter_receipt.h"

#include <string.h>

#define DAY_S G_GINT64_CONSTANT(86400)
#define OLDEST_S (30 * DAY_S) /* a receipt's own time is believed so far back */

/* What the message says about which letter. Borrowed. */
typedef struct {
    LetterReceipt receipt;
    bool is_failure;
} Word;

/* --- reports of delivery ------------------------------------------------------------------- */

static bool read_report(const IntakePlan *plan, Word *word)
{
    static const char *const known[] = {"failed", "delayed", "delivered", NULL};
    const MailBounce *bounce = &plan->mine->mail->bounce;
    const char *action = bounce->action ? bounce->action : "failed";
    if (!plan->thread.letter_id || !g_strv_contains(known, action))
        return false;
    word->receipt.letter_id = plan->thread.letter_id;
    word->receipt.type = (char *)action;
    word->receipt.recipient = bounce->recipient;
    word->receipt.detail = bounce->status;
    word->receipt.at = plan->mine->row->received_at;
    word->is_failure = strcmp(action, "failed") == 0;
    return true;
}

/* --- receipts of certified mail ------------------------------------------------------------ */

static bool is_believed(const IntakeCase *mine, const Letter *letter)
{
    const MailMessage *mail = mine->mail;
    if (mail->signature.verified) /* without msgid only a header field would name the letter */
        return mail->pec.certified && mail->pec.msgid;
    return !mine->settings->config->pec_ca_file && letter->route == LETTER_BY_PEC;
}

/* When it happened; the arrival of the receipt when it says no time or none that can be. */
static gint64 time_of(const IntakeCase *mine)
{
    gint64 received_at = mine->row->received_at;
    const char *said = mine->mail->pec.at;
    g_autoptr(GDateTime) time = said ? g_date_time_new_from_iso8601(said, NULL) : NULL;
    gint64 at = time ? g_date_time_to_unix(time) : received_at;
    return at > received_at - OLDEST_S && at < received_at + DAY_S ? at : received_at;
}

/* The letter a receipt names; NULL without error when it is not one of the office. */
static Letter *letter_named(Db *db, const IntakeCase *mine, GError **error)
{
    const MailPec *pec = &mine->mail->pec;
    const char *id = pec->refers_to ? pec->refers_to : pec->msgid;
    if (!id || (pec->msgid && strcmp(id, pec->msgid) != 0))
        return NULL;
    GError *failure = NULL;
    g_autoptr(Letter) letter = letter_find_by_message_id(db, id, &failure);
    if (letter)
        return letter->office_id == mine->office->id ? g_steal_pointer(&letter) : NULL;
    if (g_error_matches(failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
        g_clear_error(&failure);
    else
        g_propagate_error(error, failure);
    return NULL;
}

static void read_receipt(const IntakeCase *mine, const Letter *letter, Word *word)
{
    const MailPec *pec = &mine->mail->pec;
    PecSays says = pec_says(pec->type);
    if (!is_believed(mine, letter)) {
        g_message("event=receipt_doubted message=%" G_GINT64_FORMAT " letter=%" G_GINT64_FORMAT
                  " type=%s",
                  mine->row->id, letter->id, pec->type);
        return;
    }
    word->receipt.letter_id = says == PEC_SAYS_NOTHING ? 0 : letter->id;
    word->receipt.type = pec->type;
    word->receipt.recipient = pec->delivered_to;
    word->receipt.detail = pec->error;
    word->receipt.at = time_of(mine);
    word->is_failure = says == PEC_SAYS_FAILED;
}

/* --- the whole ----------------------------------------------------------------------------- */

/* Two receipts for each letter would hide everything else among the other mail: what its letter
 * tells needs no second place. */
static bool unlist(Db *db, const IntakePlan *plan, GError **error)
{
    const IntakeCase *mine = plan->mine;
    if (mine->mail->pec.kind != PEC_RECEIPT || !plan->marked.request_id)
        return true;
    return message_link(db, mine->row->id, plan->marked.request_id, error);
}

static bool write_word(Db *db, const IntakePlan *plan, Word *word, GError **error)
{
    const LetterReceipt *receipt = &word->receipt;
    word->receipt.message_id = plan->mine->row->id;
    if (!letter_receipt_put(db, receipt, NULL, error) || !unlist(db, plan, error))
        return false;
    if (!word->is_failure)
        return true;
    const char *why = receipt->detail ? receipt->detail : receipt->type;
    return letter_mark_bounced(db, receipt->letter_id, why, error);
}

bool receipt_note(Db *db, const IntakePlan *plan, GError **error)
{
    const IntakeCase *mine = plan->mine;
    Word word = {0};
    if (!mine->mail)
        return true;
    if (mine->mail->pec.kind != PEC_RECEIPT) {
        bool says = mine->mail->bounce.present && read_report(plan, &word);
        return !says || write_word(db, plan, &word, error);
    }
    GError *failure = NULL;
    g_autoptr(Letter) letter = letter_named(db, mine, &failure);
    if (failure) {
        g_propagate_error(error, failure);
        return false;
    }
    if (letter)
        read_receipt(mine, letter, &word);
    return !word.receipt.letter_id || write_word(db, plan, &word, error);
}
