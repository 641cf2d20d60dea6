/* message.c - MailMessage as a value: made, freed, written as JSON and read back.
 *
 * The structs are described once, as tables of fields; JSON keys are the members' names. What comes
 * back from the child is not trusted: every kind is checked, texts are valid UTF-8 without NUL
 * (jansson refuses others) and lists have a limit. What the values mean is nobody's business here.
 */
#include "reading/message.h"

#include <jansson.h>
#include <string.h>

#define LIST_MOST 2000      /* elements of one list that are read back */
#define RECIPIENTS_MOST 250 /* addresses a message was sent or delivered to */

typedef enum {
    FIELD_TEXT,
    FIELD_INT64,
    FIELD_INT,
    FIELD_FLAG,
    FIELD_OBJECT,
    FIELD_OBJECTS,
    FIELD_TEXTS
} FieldKind;

typedef struct Shape Shape;
typedef struct {
    const char *key;
    FieldKind kind;
    gsize offset;
    const Shape *shape; /* of FIELD_OBJECT and the elements of FIELD_OBJECTS */
} Field;
struct Shape {
    gsize size;
    const Field *fields;
    gsize n_fields;
    GDestroyNotify free; /* of one element on the heap */
};

#define FIELD(type, member, kind)                                                                  \
    {                                                                                              \
#member, kind, G_STRUCT_OFFSET(type, member), NULL                                         \
    }
#define FIELD_OF(type, member, kind, shape)                                                        \
    {                                                                                              \
#member, kind, G_STRUCT_OFFSET(type, member), &(shape)                                     \
    }
#define SHAPE(type, fields, free)                                                                  \
    {                                                                                              \
        sizeof(type), fields, G_N_ELEMENTS(fields), free                                           \
    }
#define AT(type, row, field) ((type *)(gpointer)((char *)(row) + (field)->offset))

static void address_free(gpointer address);
static void part_free(gpointer part);
static void header_free(gpointer header);

static const Field address_fields[] = {
    FIELD(MailAddress, name, FIELD_TEXT),
    FIELD(MailAddress, email, FIELD_TEXT),
};
static const Shape address_shape = SHAPE(MailAddress, address_fields, address_free);

static const Field part_fields[] = {
    FIELD(MailPart, name, FIELD_TEXT),       FIELD(MailPart, name_raw, FIELD_TEXT),
    FIELD(MailPart, type, FIELD_TEXT),       FIELD(MailPart, encoding, FIELD_TEXT),
    FIELD(MailPart, offset, FIELD_INT64),    FIELD(MailPart, length, FIELD_INT64),
    FIELD(MailPart, size, FIELD_INT64),      FIELD(MailPart, signature, FIELD_TEXT),
    FIELD(MailPart, quarantine, FIELD_FLAG), FIELD(MailPart, is_inline, FIELD_FLAG),
};
static const Shape part_shape = SHAPE(MailPart, part_fields, part_free);

static const Field header_fields[] = {
    FIELD(MailHeader, name, FIELD_TEXT),
    FIELD(MailHeader, value, FIELD_TEXT),
};
static const Shape header_shape = SHAPE(MailHeader, header_fields, header_free);

static const Field pec_fields[] = {
    FIELD(MailPec, kind, FIELD_INT),          FIELD(MailPec, type, FIELD_TEXT),
    FIELD(MailPec, identifier, FIELD_TEXT),   FIELD(MailPec, msgid, FIELD_TEXT),
    FIELD(MailPec, refers_to, FIELD_TEXT),    FIELD(MailPec, sender, FIELD_TEXT),
    FIELD(MailPec, delivered_to, FIELD_TEXT), FIELD(MailPec, receipt, FIELD_TEXT),
    FIELD(MailPec, at, FIELD_TEXT),           FIELD(MailPec, error, FIELD_TEXT),
    FIELD(MailPec, certified, FIELD_FLAG),
};
static const Shape pec_shape = SHAPE(MailPec, pec_fields, NULL);

static const Field signature_fields[] = {
    FIELD(MailSignature, present, FIELD_FLAG),
    FIELD(MailSignature, verified, FIELD_FLAG),
    FIELD(MailSignature, signer, FIELD_TEXT),
    FIELD(MailSignature, reason, FIELD_TEXT),
};
static const Shape signature_shape = SHAPE(MailSignature, signature_fields, NULL);

static const Field bounce_fields[] = {
    FIELD(MailBounce, present, FIELD_FLAG),     FIELD(MailBounce, recipient, FIELD_TEXT),
    FIELD(MailBounce, status, FIELD_TEXT),      FIELD(MailBounce, action, FIELD_TEXT),
    FIELD(MailBounce, original_id, FIELD_TEXT),
};
static const Shape bounce_shape = SHAPE(MailBounce, bounce_fields, NULL);

static const Field itip_fields[] = {
    FIELD(MailItip, present, FIELD_FLAG),  FIELD(MailItip, method, FIELD_TEXT),
    FIELD(MailItip, uid, FIELD_TEXT),      FIELD(MailItip, attendee, FIELD_TEXT),
    FIELD(MailItip, partstat, FIELD_TEXT), FIELD(MailItip, starts, FIELD_TEXT),
    FIELD(MailItip, sequence, FIELD_INT),
};
static const Shape itip_shape = SHAPE(MailItip, itip_fields, NULL);

static const Field message_fields[] = {
    FIELD(MailMessage, message_id, FIELD_TEXT),
    FIELD(MailMessage, in_reply_to, FIELD_TEXT),
    FIELD(MailMessage, references, FIELD_TEXTS),
    FIELD(MailMessage, subject, FIELD_TEXT),
    FIELD(MailMessage, subject_outer, FIELD_TEXT),
    FIELD_OF(MailMessage, from, FIELD_OBJECT, address_shape),
    FIELD_OF(MailMessage, outer_from, FIELD_OBJECT, address_shape),
    FIELD_OF(MailMessage, reply_to, FIELD_OBJECTS, address_shape),
    FIELD_OF(MailMessage, to, FIELD_OBJECTS, address_shape),
    FIELD(MailMessage, return_path, FIELD_TEXT),
    FIELD(MailMessage, date_at, FIELD_INT64),
    FIELD(MailMessage, date_offset_min, FIELD_INT),
    FIELD(MailMessage, date_raw, FIELD_TEXT),
    FIELD(MailMessage, text, FIELD_TEXT),
    FIELD(MailMessage, text_was_html, FIELD_FLAG),
    FIELD(MailMessage, text_truncated, FIELD_FLAG),
    FIELD(MailMessage, forwarded, FIELD_TEXT),
    FIELD_OF(MailMessage, parts, FIELD_OBJECTS, part_shape),
    FIELD_OF(MailMessage, headers, FIELD_OBJECTS, header_shape),
    FIELD_OF(MailMessage, inner_headers, FIELD_OBJECTS, header_shape),
    FIELD_OF(MailMessage, pec, FIELD_OBJECT, pec_shape),
    FIELD_OF(MailMessage, signature, FIELD_OBJECT, signature_shape),
    FIELD_OF(MailMessage, bounce, FIELD_OBJECT, bounce_shape),
    FIELD_OF(MailMessage, itip, FIELD_OBJECT, itip_shape),
    FIELD(MailMessage, malformed, FIELD_FLAG),
};
static const Shape message_shape = SHAPE(MailMessage, message_fields, NULL);

G_DEFINE_QUARK(mail - message - error - quark, mail_message_error)

/* --- freeing ------------------------------------------------------------------------------- */

static void clear_fields(const Shape *shape, gpointer row)
{
    for (gsize i = 0; i < shape->n_fields; i++) {
        const Field *field = &shape->fields[i];
        switch (field->kind) {
        case FIELD_TEXT:
            g_clear_pointer(AT(char *, row, field), g_free);
            break;
        case FIELD_OBJECT:
            clear_fields(field->shape, AT(char, row, field));
            break;
        case FIELD_OBJECTS:
        case FIELD_TEXTS:
            g_clear_pointer(AT(GPtrArray *, row, field), g_ptr_array_unref);
            break;
        case FIELD_INT64:
        case FIELD_INT:
        case FIELD_FLAG:
            break;
        }
    }
}

static void address_free(gpointer address)
{
    clear_fields(&address_shape, address);
    g_free(address);
}

static void part_free(gpointer part)
{
    clear_fields(&part_shape, part);
    g_free(part);
}

static void header_free(gpointer header)
{
    clear_fields(&header_shape, header);
    g_free(header);
}

bool mail_address_is_system(const char *email)
{
    /* Exchange adds a number to its own: MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@ */
    static const char *const systems[] = {"mailer-daemon", "mailerdaemon", "mail-daemon",
                                          "postmaster",    "mail.daemon",  "microsoftexchange",
                                          "mail-system",   "mdaemon"};
    const char *at = email ? strchr(email, '@') : NULL;
    for (guint i = 0; at && i < G_N_ELEMENTS(systems); i++) {
        gsize length = strlen(systems[i]);
        bool is_numbered = strcmp(systems[i], "microsoftexchange") == 0;
        if (g_ascii_strncasecmp(email, systems[i], length) == 0 &&
            (is_numbered || email + length == at))
            return true;
    }
    return false;
}

MailAddress *mail_address_new(const char *name, const char *email)
{
    MailAddress *address = g_new0(MailAddress, 1);
    address->name = g_strdup(name);
    address->email = g_strdup(email);
    return address;
}

GPtrArray *mail_headers_new(void)
{
    return g_ptr_array_new_with_free_func(header_free);
}

MailMessage *mail_message_new(void)
{
    MailMessage *message = g_new0(MailMessage, 1);
    message->references = g_ptr_array_new_with_free_func(g_free);
    message->reply_to = g_ptr_array_new_with_free_func(address_free);
    message->to = g_ptr_array_new_with_free_func(address_free);
    message->parts = g_ptr_array_new_with_free_func(part_free);
    message->headers = mail_headers_new();
    message->date_at = G_MININT64;
    return message;
}

void mail_message_free(MailMessage *message)
{
    if (!message)
        return;
    clear_fields(&message_shape, message);
    g_free(message);
}

const char *mail_message_header(const MailMessage *message, const char *name)
{
    for (guint i = 0; i < message->headers->len; i++) {
        const MailHeader *header = g_ptr_array_index(message->headers, i);
        if (strcmp(header->name, name) == 0)
            return header->value;
    }
    return NULL;
}

GPtrArray *mail_message_recipients(const MailMessage *message)
{
    static const char *const noted[] = {"delivered-to", "x-original-to", "envelope-to",
                                        "x-envelope-to", NULL};
    GPtrArray *recipients = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < message->to->len; i++) {
        const MailAddress *to = g_ptr_array_index(message->to, i);
        if (to->email)
            g_ptr_array_add(recipients, g_strdup(to->email));
    }
    for (guint i = 0; i < message->headers->len && recipients->len < RECIPIENTS_MOST; i++) {
        const MailHeader *header = g_ptr_array_index(message->headers, i);
        if (!g_strv_contains(noted, header->name))
            continue;
        const char *from = header->value + strspn(header->value, " \t<");
        gsize length = strcspn(from, " \t,;>");
        if (length > 0 && length <= 320)
            g_ptr_array_add(recipients, g_strndup(from, length));
    }
    return recipients;
}

char *mail_message_words(const MailMessage *message)
{
    if (!message->forwarded)
        return g_strdup(message->text ? message->text : "");
    g_autofree char *own = g_strchomp(g_strdup(message->text ? message->text : ""));
    return *own ? g_strconcat(own, "\n\n", message->forwarded, NULL) : g_strdup(message->forwarded);
}

/* --- writing ------------------------------------------------------------------------------- */

static json_t *text_to_json(const char *text)
{
    if (!text)
        return json_null();
    json_t *json = json_string(text);
    if (json)
        return json;
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

static json_t *fields_to_json(const Shape *shape, gconstpointer row);

static json_t *list_to_json(const Field *field, const GPtrArray *list)
{
    if (!list)
        return json_null();
    json_t *json = json_array();
    for (guint i = 0; i < list->len; i++) {
        gpointer element = g_ptr_array_index(list, i);
        json_array_append_new(json, field->shape ? fields_to_json(field->shape, element)
                                                 : text_to_json(element));
    }
    return json;
}

static json_t *field_to_json(const Field *field, gpointer row)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return text_to_json(*AT(char *, row, field));
    case FIELD_INT64:
        return json_integer(*AT(gint64, row, field));
    case FIELD_INT:
        return json_integer(*AT(gint, row, field));
    case FIELD_FLAG:
        return json_boolean(*AT(gboolean, row, field));
    case FIELD_OBJECT:
        return fields_to_json(field->shape, AT(char, row, field));
    case FIELD_OBJECTS:
    case FIELD_TEXTS:
        return list_to_json(field, *AT(GPtrArray *, row, field));
    }
    g_assert_not_reached();
}

static json_t *fields_to_json(const Shape *shape, gconstpointer row)
{
    json_t *object = json_object();
    for (gsize i = 0; i < shape->n_fields; i++)
        json_object_set_new(object, shape->fields[i].key,
                            field_to_json(&shape->fields[i], (gpointer)row));
    return object;
}

char *mail_message_to_json(const MailMessage *message)
{
    json_t *object = fields_to_json(&message_shape, message);
    char *dumped = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    char *json = g_strdup(dumped);
    free(dumped); /* jansson's allocator is not GLib's */
    return json;
}

/* --- reading back -------------------------------------------------------------------------- */

static bool wrong(const Field *field, GError **error)
{
    g_set_error(error, MAIL_MESSAGE_ERROR, MAIL_MESSAGE_ERROR_JSON,
                "member %s is missing or of the wrong kind", field->key);
    return false;
}

static bool fields_from_json(const Shape *shape, const json_t *object, gpointer row,
                             GError **error);

static bool list_from_json(const Field *field, const json_t *json, GPtrArray **list, GError **error)
{
    if (json_is_null(json) && !*list)
        return true;
    if (!json_is_array(json) || json_array_size(json) > LIST_MOST)
        return wrong(field, error);
    if (!*list)
        *list = g_ptr_array_new_with_free_func(field->shape ? field->shape->free : g_free);
    for (gsize i = 0; i < json_array_size(json); i++) {
        const json_t *element = json_array_get(json, i);
        if (!field->shape) {
            if (!json_is_string(element))
                return wrong(field, error);
            g_ptr_array_add(*list, g_strdup(json_string_value(element)));
            continue;
        }
        gpointer row = g_malloc0(field->shape->size);
        g_ptr_array_add(*list, row);
        if (!fields_from_json(field->shape, element, row, error))
            return false;
    }
    return true;
}

static bool number_from_json(const Field *field, const json_t *json, gpointer row, GError **error)
{
    if (!json_is_integer(json))
        return wrong(field, error);
    json_int_t number = json_integer_value(json);
    if (field->kind == FIELD_INT64) {
        *AT(gint64, row, field) = number;
        return true;
    }
    if (number < G_MININT || number > G_MAXINT)
        return wrong(field, error);
    *AT(gint, row, field) = (gint)number;
    return true;
}

static bool field_from_json(const Field *field, const json_t *json, gpointer row, GError **error)
{
    switch (field->kind) {
    case FIELD_TEXT:
        if (!json_is_string(json) && !json_is_null(json))
            return wrong(field, error);
        *AT(char *, row, field) = g_strdup(json_string_value(json));
        return true;
    case FIELD_INT64:
    case FIELD_INT:
        return number_from_json(field, json, row, error);
    case FIELD_FLAG:
        if (!json_is_boolean(json))
            return wrong(field, error);
        *AT(gboolean, row, field) = json_is_true(json);
        return true;
    case FIELD_OBJECT:
        return fields_from_json(field->shape, json, AT(char, row, field), error);
    case FIELD_OBJECTS:
    case FIELD_TEXTS:
        return list_from_json(field, json, AT(GPtrArray *, row, field), error);
    }
    g_assert_not_reached();
}

static bool fields_from_json(const Shape *shape, const json_t *object, gpointer row, GError **error)
{
    for (gsize i = 0; i < shape->n_fields; i++) {
        const Field *field = &shape->fields[i];
        const json_t *member = json_object_get(object, field->key);
        if (!member)
            return wrong(field, error);
        if (!field_from_json(field, member, row, error))
            return false;
    }
    return true;
}

/* What a compromised child could write that no parser writes. */
static bool plausible(const MailMessage *message, GError **error)
{
    bool good = message->pec.kind >= PEC_NONE && message->pec.kind <= PEC_RECEIPT;
    for (guint i = 0; i < message->parts->len; i++) {
        const MailPart *part = g_ptr_array_index(message->parts, i);
        good = good && part->name && part->type && part->encoding && part->offset >= 0 &&
               part->length >= 0 && part->size >= 0 && part->offset <= G_MAXINT64 - part->length;
    }
    for (guint i = 0; i < message->headers->len; i++) {
        const MailHeader *header = g_ptr_array_index(message->headers, i);
        good = good && header->name && header->value;
    }
    for (guint i = 0; message->inner_headers && i < message->inner_headers->len; i++) {
        const MailHeader *header = g_ptr_array_index(message->inner_headers, i);
        good = good && header->name && header->value;
    }
    if (!good)
        g_set_error_literal(error, MAIL_MESSAGE_ERROR, MAIL_MESSAGE_ERROR_JSON,
                            "values that no message has");
    return good;
}

MailMessage *mail_message_from_json(const char *json, gsize length, GError **error)
{
    json_error_t why;
    json_t *object = json_loadb(json, length, JSON_REJECT_DUPLICATES, &why);
    if (!object) {
        g_set_error(error, MAIL_MESSAGE_ERROR, MAIL_MESSAGE_ERROR_JSON, "no JSON at byte %d: %s",
                    why.position, why.text);
        return NULL;
    }
    g_autoptr(MailMessage) message = mail_message_new();
    bool good = fields_from_json(&message_shape, object, message, error);
    json_decref(object);
    if (!good || !plausible(message, error))
        return NULL;
    return g_steal_pointer(&message);
}
