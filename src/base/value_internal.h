/* value_internal.h - the shape of a node, for value.c, value_json.c and the renderer of Mustache
 * alone: a page looks at a thousand nodes, and a call for each costs more than the look.
 */
#pragma once
#include "base/value.h"

typedef struct {
    const char *key; /* borrowed */
    Value *value;
    guint32 key_length;
} Member;

struct Value {
    Arena *arena;
    guint32 kind;   /* ValueKind */
    guint32 length; /* bytes of a text, items of a list or object */
    union {
        const char *text; /* NUL-terminated */
        gint64 integer;   /* also a boolean: 0 or 1 */
        double real;
        Member *members;
        Value **elements;
        gpointer items;
    };
    guint32 capacity;
};

/* Adds without looking whether the key is there already; `key` lives in the arena or longer. */
void value_add_member(Value *object, const char *key, gsize key_length, Value *member);
