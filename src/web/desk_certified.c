/* desk_certified.c - what certified mail (PEC) and signatures say, for the desk's pages. */
#include "store/letter_receipt.h"
#include "web/desk_pages.h"

static void set_truth(Page *page, Value *parent, const char *key, const char *which)
{
    if (which && *which)
        value_set_boolean(value_set_object(parent, key), arena_copy(page->arena, which), TRUE);
}

void desk_set_certified(Page *page, Value *element, const Message *message)
{
    set_truth(page, element, "pec", message->pec);
    value_set_boolean(element, "is_unsigned", message->pec && !message->signature);
    if (!message->signature)
        return;
    bool verified = g_strcmp0(message->signature, MESSAGE_VERIFIED) == 0;
    Value *signature = value_set_object(element, "signature");
    value_set_boolean(signature, "is_verified", verified);
    if (verified)
        value_set_copy(signature, "signer", message->signature_detail);
    else
        set_truth(page, signature, "why", message->signature_detail);
}

void desk_set_receipts(Page *page, Value *element, const GPtrArray *receipts, gint64 letter_id,
                       const Office *office)
{
    Value *list = value_set_list(element, "receipts");
    for (guint i = 0; i < receipts->len; i++) {
        const LetterReceipt *receipt = receipts->pdata[i];
        if (receipt->letter_id != letter_id)
            continue;
        Value *said = value_append_object(list);
        set_truth(page, said, "said", receipt->type);
        set_truth(page, said, "because", receipt->detail);
        value_set_copy(said, "recipient", receipt->recipient);
        value_set_copy(said, "detail", receipt->detail);
        page_set_when(page, said, "when", receipt->at, office->zone);
        if (receipt->message_id)
            value_set_text(said, "url",
                           arena_printf(page->arena,
                                        "/scrivania/altra-posta/%" G_GINT64_FORMAT "?ufficio=%s",
                                        receipt->message_id, office->slug));
    }
    value_set_boolean(element, "has_receipts", value_length(list) > 0);
}

bool desk_is_doubted(const GPtrArray *receipts, const Message *message)
{
    for (guint i = 0; i < receipts->len; i++)
        if (g_strcmp0(((const LetterReceipt *)receipts->pdata[i])->type, message->pec) == 0)
            return false;
    return g_strcmp0(message->reason, "duplicate") != 0;
}
