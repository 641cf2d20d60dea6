/* transport.c - how the message came (PEC or not) and what is attached to it. */
#include "reading/internal.h"

#include <string.h>

static const char *pec_type(const MailPec *pec)
{
    if (pec->type)
        return pec->type;
    return pec->kind == PEC_ANOMALY    ? "errore"
           : pec->kind == PEC_ENVELOPE ? "posta-certificata"
                                       : NULL;
}

/* Unknown: nobody can say, since there are no authorities to ask. */
static void signature_read(const MailSignature *signature, Value *transport)
{
    if (!signature->present)
        return;
    bool unknown = g_strcmp0(signature->reason, "no_authorities") == 0;
    value_set_copy(transport, "signature",
                   signature->verified ? "valid"
                   : unknown           ? "unknown"
                                       : "invalid");
    value_set_copy(transport, "signer", signature->signer);
    if (!signature->verified)
        value_set_copy(transport, "signature_reason", signature->reason);
}

void transport_read(Reading *reading, Value *object)
{
    const MailPec *pec = &reading->message->pec;
    Value *transport = value_set_object(object, "transport");
    value_set_boolean(transport, "pec", pec->kind != PEC_NONE);
    signature_read(&reading->message->signature, transport);
    if (pec->kind == PEC_NONE)
        return;
    value_set(transport, "type", value_copy(reading->arena, pec_type(pec)));
    value_set_boolean(transport, "certified", pec->certified);
    const struct {
        const char *key, *value;
    } members[] = {
        {"identificativo", pec->identifier}, {"msgid", pec->msgid}, {"receipt", pec->receipt}};
    for (guint i = 0; i < G_N_ELEMENTS(members); i++)
        if (members[i].value)
            value_set_copy(transport, members[i].key, members[i].value);
    if (pec->kind != PEC_RECEIPT)
        return;
    const char *refers_to = pec->refers_to ? pec->refers_to : pec->msgid;
    value_set(transport, "refers_to", value_copy(reading->arena, refers_to));
    value_set(transport, "delivered_to", value_copy(reading->arena, pec->delivered_to));
    value_set(transport, "at", value_copy(reading->arena, pec->at));
}

void attachments_read(Reading *reading, Value *list)
{
    const GPtrArray *parts = reading->message->parts;
    for (guint i = 0; parts && i < parts->len; i++) {
        const MailPart *part = g_ptr_array_index(parts, i);
        if (part->is_inline && !part->quarantine)
            continue;
        Value *attachment = value_append_object(list);
        value_set(attachment, "name", value_copy(reading->arena, part->name));
        value_set(attachment, "type", value_copy(reading->arena, part->type));
        value_set_integer(attachment, "size", part->size);
        if (part->signature)
            value_set_copy(attachment, "signed", part->signature);
        if (part->quarantine)
            value_set_boolean(attachment, "quarantine", TRUE);
    }
}
