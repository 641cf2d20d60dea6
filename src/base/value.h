/* value.h - what a page is made of: a small tree, rendered through Mustache or written as JSON.
 *
 * One arena per answer; nodes, lists and copied texts live in it and go with it. Keys are always
 * borrowed (string literals). Not thread-safe: one arena belongs to one thread at a time.
 */
#pragma once
#include <glib.h>

typedef struct Arena Arena;
typedef struct Value Value;

typedef enum {
    VALUE_NULL,
    VALUE_BOOLEAN,
    VALUE_INTEGER,
    VALUE_REAL,
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_OBJECT
} ValueKind;

Arena *arena_new(void);
void arena_free(Arena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arena, arena_free)
gpointer arena_alloc(Arena *arena,
                     gsize bytes); /* zeroed, aligned for any type; goes with the arena */
char *arena_copy(Arena *arena, const char *text);
char *arena_printf(Arena *arena, const char *format, ...) G_GNUC_PRINTF(2, 3);

Value *value_object(Arena *arena);
Value *value_list(Arena *arena);
Value *value_text(Arena *arena,
                  const char *text); /* borrowed: must outlive the arena; NULL gives null */
Value *value_copy(Arena *arena, const char *text); /* copied; NULL gives null */
Value *value_integer(Arena *arena, gint64 number);
Value *value_real(Arena *arena, double number);
Value *value_boolean(Arena *arena, gboolean truth);
Value *value_null(Arena *arena);

/* Members keep their order; setting a key again replaces it. `object` must be an object. */
void value_set(Value *object, const char *key, Value *member);
void value_set_text(Value *object, const char *key, const char *text); /* borrowed */
void value_set_copy(Value *object, const char *key, const char *text);
void value_set_printf(Value *object, const char *key, const char *format, ...) G_GNUC_PRINTF(3, 4);
void value_set_integer(Value *object, const char *key, gint64 number);
void value_set_boolean(Value *object, const char *key, gboolean truth);
Value *value_set_object(Value *object, const char *key); /* a new empty object, returned */
Value *value_set_list(Value *object, const char *key);   /* a new empty list, returned */
void value_append(Value *list, Value *element);
Value *value_append_object(Value *list); /* a new empty object, returned */

ValueKind value_kind(const Value *value);
Arena *value_arena(const Value *value);
const Value *value_get(const Value *object, const char *key); /* NULL when absent */
const Value *value_get_n(const Value *object, const char *key,
                         gsize key_length); /* key not terminated */
const char *value_get_text(const Value *object,
                           const char *key);                    /* NULL when absent or not a text */
gint64 value_get_integer(const Value *object, const char *key); /* 0 when absent or not a number */
gboolean value_get_boolean(const Value *object, const char *key); /* FALSE when absent */
guint value_length(const Value *list);
gsize value_bytes(const Value *text); /* of a text; 0 of anything else, and of NULL */
const Value *value_at(const Value *list, guint index);
/* The members of an object in order: NULL past the end. */
const Value *value_member(const Value *object, guint index, const char **key);

/* Text form of a scalar appended to `out` (null appends nothing), as Mustache interpolates it. */
void value_append_text(const Value *value, GString *out);
/* Compact JSON (RFC 8259), invalid UTF-8 replaced by U+FFFD. */
void value_write_json(const Value *value, GString *out);
/* JSON from outside (jansson underneath, duplicates refused, at most 64 deep) into a value; NULL
 * and error when malformed. */
Value *value_parse_json(Arena *arena, const char *json, gsize length, GError **error);

#define VALUE_ERROR value_error_quark()
typedef enum { VALUE_ERROR_MALFORMED, VALUE_ERROR_TOO_DEEP } ValueError;
GQuark value_error_quark(void);
