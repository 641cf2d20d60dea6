/* bounds.c - words that nobody could have written are no value: a name or an address of a megabyte,
 * or one with a thousand spaces in it, could neither be shown nor answered. */
#include "reading/internal.h"

#include <string.h>

/* Values of the whole message with where they came from; both go together. */
static const struct {
    const char *key, *span;
} values[] = {{"sender", "sender_span"},
              {"professional", "role_span"},
              {"on_behalf_of", "on_behalf_of_span"},
              {"address", "address_span"},
              {"topic", "topic_span"},
              {"urgent_span", "urgent_span"},
              {"attachments_span", "attachments_span"}};

/* Has nothing below it a text that is too long? Absent is short. */
static bool is_short(const Value *value)
{
    const Value *member = NULL;
    const char *key = NULL;
    bool good = true;
    if (!value)
        return true;
    if (value_kind(value) == VALUE_LIST)
        for (guint i = 0; good && i < value_length(value); i++)
            good = is_short(value_at(value, i));
    if (value_kind(value) == VALUE_OBJECT)
        for (guint i = 0; good && (member = value_member(value, i, &key)); i++)
            good = is_short(member);
    return good && value_bytes(value) <= VALUE_BYTES_MOST;
}

/* Those of a list whose own element, and the one beside it in `partner` (may be NULL), are short.
 */
static Value *short_ones(const Reading *reading, const Value *list, const Value *partner)
{
    Value *kept = value_list(reading->arena);
    for (guint i = 0; i < value_length(list); i++)
        if (is_short(value_at(list, i)) &&
            (!partner || i >= value_length(partner) || is_short(value_at(partner, i))))
            value_append(kept, (Value *)value_at(list, i));
    return kept;
}

/* Is the member, which is one of a pair, short, and the other too? */
static bool is_short_pair(const Value *object, const char *key)
{
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        if (strcmp(values[i].key, key) == 0 || strcmp(values[i].span, key) == 0)
            return is_short(value_get(object, values[i].key)) &&
                   is_short(value_get(object, values[i].span));
    return true;
}

/* Whoever writes has an address, whatever they call themselves. */
static Value *nameless(const Reading *reading, const Value *sender)
{
    Value *kept = value_object(reading->arena);
    const Value *member;
    const char *key;
    for (guint i = 0; (member = value_member(sender, i, &key)); i++)
        value_set(kept, key,
                  strcmp(key, "name") == 0 ? value_null(reading->arena) : (Value *)member);
    return kept;
}

static void keep(const Reading *reading, Value *kept, const Value *object, const char *key)
{
    static const char *const lists[] = {"practices",   "protocols",    "cadastral",   "phones",
                                        "phone_spans", "participants", "preferences", NULL};
    Value *member = (Value *)value_get(object, key);
    if (g_strv_contains(lists, key)) {
        const char *partner = strcmp(key, "phones") == 0        ? "phone_spans"
                              : strcmp(key, "phone_spans") == 0 ? "phones"
                                                                : key;
        value_set(kept, key, short_ones(reading, member, value_get(object, partner)));
    } else if (is_short_pair(object, key)) {
        value_set(kept, key, member);
    } else if (strcmp(key, "sender") == 0) {
        value_set(kept, key, nameless(reading, member));
    } else if (!g_str_has_suffix(key, "_span")) {
        value_set(kept, key, value_null(reading->arena));
    }
}

Value *bounds_keep(const Reading *reading, const Value *object)
{
    Value *kept = value_object(reading->arena);
    const char *key;
    for (guint i = 0; value_member(object, i, &key); i++)
        keep(reading, kept, object, key);
    return kept;
}
