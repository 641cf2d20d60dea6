/* pec.c - certified mail: the provider's envelope, its receipts, and the message inside.
 *
 * Technical rules of DM 2 November 2005: X-Trasporto names an envelope (posta-certificata) or an
 * anomaly around an ordinary message (errore), X-Ricevuta one of seven receipts; daticert.xml says
 * it again for machines, postacert.eml is the message itself. The header fields are not signed, the
 * parts are: only what daticert.xml says too is certified. Whether the provider really signed it is
 * judged in parse_smime.c.
 */
#include "mail/pec.h"
#include "mail/parse_internal.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#define DATICERT_MOST ((gsize)256 * 1024)
#define ENVELOPE_DEPTH 5 /* of multiparts around the parts of an envelope */
#define ENVELOPE_PARTS 20

/* --- kinds --------------------------------------------------------------------------------- */

/* One row for each field that names a kind. A second standard is more rows. */
typedef struct {
    const char *field;
    const char *value; /* folded */
    bool of_part;      /* a field of a part, not of the message */
    PecKind kind;
    const char *type; /* MailPec.type */
    PecSays says;
} KindRow;

static const KindRow kinds[] = {
    /* clang-format off */
    /* PEC: DM 2 November 2005, technical rules */
    {"X-Ricevuta", "accettazione", false, PEC_RECEIPT, "accettazione", PEC_SAYS_ACCEPTED},
    {"X-Ricevuta", "non-accettazione", false, PEC_RECEIPT, "non-accettazione", PEC_SAYS_FAILED},
    {"X-Ricevuta", "presa-in-carico", false, PEC_RECEIPT, "presa-in-carico", PEC_SAYS_TAKEN},
    {"X-Ricevuta", "avvenuta-consegna", false, PEC_RECEIPT, "avvenuta-consegna", PEC_SAYS_DELIVERED},
    {"X-Ricevuta", "errore-consegna", false, PEC_RECEIPT, "errore-consegna", PEC_SAYS_FAILED},
    {"X-Ricevuta", "preavviso-errore-consegna", false, PEC_RECEIPT, "preavviso-errore-consegna", PEC_SAYS_LATE},
    {"X-Ricevuta", "rilevazione-virus", false, PEC_RECEIPT, "rilevazione-virus", PEC_SAYS_FAILED},
    {"X-Trasporto", "posta-certificata", false, PEC_ENVELOPE, "posta-certificata", PEC_SAYS_NOTHING},
    {"X-Trasporto", "errore", false, PEC_ANOMALY, "errore", PEC_SAYS_NOTHING},
    /* REM: ETSI EN 319 532. The part with the sender's message has this field; how evidence is laid
     * out has no row here, so a receipt is ordinary mail and no envelope counts as certified. */
    {"REM-Section-Type", "rem_message/original", true, PEC_ENVELOPE, "rem", PEC_SAYS_NOTHING},
    /* clang-format on */
};

static bool has_field(GMimeObject *object, const KindRow *row)
{
    g_autofree char *value = parse_clean_line(g_mime_object_get_header(object, row->field));
    return value && g_ascii_strcasecmp(value, row->value) == 0;
}

/* The parts of the envelope only, never those of the message inside. */
static bool part_has_field(GMimeObject *object, guint depth, const KindRow *row)
{
    if (depth > ENVELOPE_DEPTH || !object)
        return false;
    if (!GMIME_IS_MULTIPART(object))
        return has_field(object, row);
    GMimeMultipart *multipart = GMIME_MULTIPART(object);
    for (int i = 0; i < MIN(g_mime_multipart_get_count(multipart), ENVELOPE_PARTS); i++)
        if (part_has_field(g_mime_multipart_get_part(multipart, i), depth + 1, row))
            return true;
    return false;
}

PecKind pec_kind(GMimeMessage *mime, char **type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const KindRow *row = &kinds[i];
        bool is_it = row->of_part ? part_has_field(g_mime_message_get_mime_part(mime), 0, row)
                                  : has_field(GMIME_OBJECT(mime), row);
        if (!is_it)
            continue;
        *type = g_strdup(row->type);
        return row->kind;
    }
    return PEC_NONE;
}

PecSays pec_says(const char *type)
{
    for (gsize i = 0; type && i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(type, kinds[i].type) == 0)
            return kinds[i].says;
    return PEC_SAYS_NOTHING;
}

/* --- the parts of the envelope ------------------------------------------------------------- */

typedef struct {
    GMimeObject *message, *daticert, *text;
} Envelope;

static const char *name_of(GMimeObject *object)
{
    const char *name = g_mime_object_get_content_disposition_parameter(object, "filename");
    return name ? name : g_mime_object_get_content_type_parameter(object, "name");
}

static bool named(GMimeObject *object, const char *wanted)
{
    const char *name = name_of(object);
    return name && g_ascii_strcasecmp(name, wanted) == 0;
}

/* Never into the message inside: what the sender attached may be called daticert.xml too. */
static void open_envelope(GMimeObject *object, guint depth, Envelope *envelope)
{
    if (depth > ENVELOPE_DEPTH)
        return;
    if (GMIME_IS_MULTIPART(object)) {
        GMimeMultipart *multipart = GMIME_MULTIPART(object);
        for (int i = 0; i < MIN(g_mime_multipart_get_count(multipart), ENVELOPE_PARTS); i++)
            open_envelope(g_mime_multipart_get_part(multipart, i), depth + 1, envelope);
        return;
    }
    GMimeContentType *type = g_mime_object_get_content_type(object);
    if (!envelope->message &&
        (g_mime_content_type_is_type(type, "message", "rfc822") || named(object, "postacert.eml")))
        envelope->message = object;
    else if (!envelope->daticert && GMIME_IS_PART(object) && named(object, "daticert.xml"))
        envelope->daticert = object;
    else if (!envelope->text && GMIME_IS_PART(object) &&
             g_mime_content_type_is_type(type, "text", "*"))
        envelope->text = object;
}

/* --- daticert.xml -------------------------------------------------------------------------- */

static char *attribute(xmlNode *node, const char *name)
{
    xmlChar *value = xmlGetProp(node, (const xmlChar *)name);
    char *clean = parse_clean_line((const char *)value);
    xmlFree(value);
    return clean;
}

static char *content(xmlNode *node)
{
    xmlChar *value = xmlNodeGetContent(node);
    char *clean = parse_clean_line((const char *)value);
    xmlFree(value);
    return clean;
}

static xmlNode *child(xmlNode *node, const char *name)
{
    for (xmlNode *at = node ? node->children : NULL; at; at = at->next)
        if (at->type == XML_ELEMENT_NODE && strcmp((const char *)at->name, name) == 0)
            return at;
    return NULL;
}

static void set_from(char **to, xmlNode *node)
{
    if (node && !*to)
        *to = content(node);
}

/* <data zona="+0100"><giorno>24/11/2026</giorno><ora>11:19:50</ora></data> */
static char *moment(xmlNode *data)
{
    xmlNode *day_node = child(data, "giorno"), *time_node = child(data, "ora");
    if (!day_node || !time_node)
        return NULL;
    g_autofree char *zone = attribute(data, "zona");
    g_autofree char *day = content(day_node);
    g_autofree char *time = content(time_node);
    guint d, month, year, hour, minute, second;
    char sign;
    guint east;
    if (!day || !time || !zone || sscanf(day, "%2u/%2u/%4u", &d, &month, &year) != 3 ||
        sscanf(time, "%2u:%2u:%2u", &hour, &minute, &second) != 3 ||
        sscanf(zone, "%c%4u", &sign, &east) != 2)
        return NULL;
    if (!g_date_valid_dmy((GDateDay)d, (GDateMonth)month, (GDateYear)year) || hour > 23 ||
        minute > 59 || second > 59 || !strchr("+-", sign) || east > 1400 || east % 100 > 59)
        return NULL;
    return g_strdup_printf("%04u-%02u-%02uT%02u:%02u:%02u%c%02u:%02u", year, month, d, hour, minute,
                           second, sign, east / 100, east % 100);
}

static void read_daticert(xmlNode *root, MailPec *pec)
{
    xmlNode *heading = child(root, "intestazione"), *data = child(root, "dati");
    g_autofree char *type = attribute(root, "tipo");
    g_autofree char *failure = attribute(root, "errore");
    if (!pec->type)
        pec->type = g_strdup(type);
    pec->certified = g_strcmp0(type, pec->type) == 0;
    if (failure && !pec->error && strcmp(failure, "nessuno") != 0)
        pec->error = g_steal_pointer(&failure);
    set_from(&pec->sender, child(heading, "mittente"));
    set_from(&pec->identifier, child(data, "identificativo"));
    set_from(&pec->delivered_to, child(data, "consegna"));
    xmlNode *id = child(data, "msgid"), *receipt = child(data, "ricevuta"),
            *at = child(data, "data");
    if (id && !pec->msgid) {
        g_autofree char *text = content(id);
        pec->msgid = parse_message_id(text);
    }
    if (receipt && !pec->receipt)
        pec->receipt = attribute(receipt, "tipo");
    if (at && !pec->at)
        pec->at = moment(at);
}

void pec_daticert(const char *xml, gsize length, MailPec *pec, gboolean *malformed)
{
    xmlDoc *document = xmlReadMemory(xml, (int)MIN(length, DATICERT_MOST), NULL, NULL,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                         XML_PARSE_NOCDATA);
    xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
    /* no provider writes a DTD: entities are somebody's trick */
    if (root && !document->intSubset && strcmp((const char *)root->name, "postacert") == 0)
        read_daticert(root, pec);
    else
        *malformed = TRUE;
    xmlFreeDoc(document);
}

/* --- the whole ----------------------------------------------------------------------------- */

static void take_sender(MailMessage *message, GMimeMessage *inner)
{
    MailAddress sender = {0};
    if (!parse_first_address(g_mime_message_get_from(inner), &sender))
        return;
    g_free(message->from.name);
    g_free(message->from.email);
    message->from = sender;
}

static void take_thread(MailMessage *message, MailMessage *inner)
{
    if (!message->in_reply_to)
        message->in_reply_to = g_steal_pointer(&inner->in_reply_to);
    for (guint i = 0;
         i < inner->references->len && message->references->len < PARSE_REFERENCES_MOST; i++)
        g_ptr_array_add(message->references, g_strdup(g_ptr_array_index(inner->references, i)));
    if (inner->reply_to->len) {
        g_ptr_array_unref(message->reply_to);
        message->reply_to = g_steal_pointer(&inner->reply_to);
    }
    g_free(message->subject);
    message->subject = g_strdup(inner->subject);
    message->inner_headers = g_steal_pointer(&inner->headers);
}

static void read_inner(Parse *parse, GMimeObject *object)
{
    ParseMime mime;
    Parse below = *parse;
    if (parse_inner_open(parse, object, &mime, &below.nested)) {
        if (mime.decoded) {
            below.bytes = mime.decoded->data;
            below.length = mime.decoded->len;
        }
        g_autoptr(MailMessage) inner = mail_message_new();
        parse_headers(mime.message, inner);
        take_sender(parse->message, mime.message);
        take_thread(parse->message, inner);
        GMimeObject *body = g_mime_message_get_mime_part(mime.message);
        if (body)
            parse_body(&below, body);
    } else {
        parse->message->malformed = TRUE;
    }
    parse_inner_close(&mime);
}

/* An anomaly certifies nobody. The certificate of an envelope is about the address that its message
 * comes from, or it was put together by somebody else. */
static void doubt(MailMessage *message)
{
    MailPec *pec = &message->pec;
    if (pec->kind == PEC_ANOMALY)
        pec->certified = FALSE;
    if (pec->kind != PEC_ENVELOPE || !pec->certified)
        return;
    pec->certified = pec->sender && message->from.email &&
                     g_ascii_strcasecmp(pec->sender, message->from.email) == 0;
    message->malformed = message->malformed || !pec->certified;
}

void pec_read(Parse *parse, GMimeObject *body)
{
    MailMessage *message = parse->message;
    Envelope envelope = {0};
    if (body)
        open_envelope(body, 0, &envelope);
    message->pec.refers_to =
        parse_message_id(mail_message_header(message, "x-riferimento-message-id"));
    if (envelope.daticert) {
        g_autoptr(GByteArray) xml =
            parse_part_bytes(parse, GMIME_PART(envelope.daticert), DATICERT_MOST);
        pec_daticert((const char *)xml->data, xml->len, &message->pec, &message->malformed);
    }
    bool carries = message->pec.kind != PEC_RECEIPT;
    if (carries && envelope.message)
        read_inner(parse, envelope.message);
    else if (carries && body)
        parse_body(parse, body); /* an envelope without its message: what there is */
    else if (envelope.text)
        parse_body(parse, envelope.text);
    if (carries && !envelope.message)
        message->malformed = TRUE;
    doubt(message);
}
