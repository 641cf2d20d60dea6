/* value.c - the arena and the tree of a page (see value.h). JSON in and out is in value_json.c.
 *
 * This is the hot path of every page. An arena is a chain of growing chunks handed out from front
 * to back and freed together. Members of an object are a plain array searched by length, then
 * bytes: objects of a page are small, and a hash would cost more than it saves.
 */
#include "base/value.h"
#include "base/value_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_CHUNK = 4096, LARGEST_CHUNK = 64 * 1024, ALIGNMENT = 16, FIRST_ITEMS = 4 };

typedef struct Chunk {
    struct Chunk *before;
} Chunk;

struct Arena {
    guint8 *next, *end; /* what is free in the newest chunk */
    Chunk *newest;      /* NULL while everything is in the arena's own block */
    gsize next_size;
};

static gsize rounded(gsize bytes)
{
    return (bytes + ALIGNMENT - 1) & ~(gsize)(ALIGNMENT - 1);
}

Arena *arena_new(void)
{
    Arena *arena = g_malloc(FIRST_CHUNK);
    arena->next = (guint8 *)arena + rounded(sizeof *arena);
    arena->end = (guint8 *)arena + FIRST_CHUNK;
    arena->newest = NULL;
    arena->next_size = (gsize)FIRST_CHUNK * 4;
    return arena;
}

void arena_free(Arena *arena)
{
    if (!arena)
        return;
    for (Chunk *chunk = arena->newest; chunk;) {
        Chunk *before = chunk->before;
        g_free(chunk);
        chunk = before;
    }
    g_free(arena);
}

/* Room in a new chunk. What does not fit an ordinary one gets its own, and the current one stays in
 * use. */
static gpointer take_from_new_chunk(Arena *arena, gsize bytes)
{
    gsize head = rounded(sizeof(Chunk));
    gboolean is_large = bytes > arena->next_size - head;
    g_assert(bytes < G_MAXSIZE / 2);
    Chunk *chunk = g_malloc(is_large ? head + bytes : arena->next_size);
    chunk->before = arena->newest;
    arena->newest = chunk;
    guint8 *first = (guint8 *)chunk + head;
    if (is_large)
        return first;
    arena->next = first + bytes;
    arena->end = (guint8 *)chunk + arena->next_size;
    arena->next_size = MIN(arena->next_size * 2, (gsize)LARGEST_CHUNK);
    return first;
}

static inline gpointer take(Arena *arena, gsize bytes)
{
    bytes = rounded(bytes);
    if (G_UNLIKELY(bytes > (gsize)(arena->end - arena->next)))
        return take_from_new_chunk(arena, bytes);
    gpointer first = arena->next;
    arena->next += bytes;
    return first;
}

gpointer arena_alloc(Arena *arena, gsize bytes)
{
    return memset(take(arena, bytes), 0, bytes);
}

static char *copy_n(Arena *arena, const char *text, gsize length)
{
    char *copy = take(arena, length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_copy(Arena *arena, const char *text)
{
    return copy_n(arena, text, strlen(text));
}

static char *printf_into(Arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    gsize room = (gsize)(arena->end - arena->next);
    int length = vsnprintf((char *)arena->next, room, format, arguments);
    g_assert(length >= 0);
    char *text = (gsize)length < room ? take(arena, (gsize)length + 1) : NULL;
    if (!text) {
        text = take(arena, (gsize)length + 1);
        vsnprintf(text, (gsize)length + 1, format, again);
    }
    va_end(again);
    return text;
}

char *arena_printf(Arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = printf_into(arena, format, arguments);
    va_end(arguments);
    return text;
}

static inline Value *value_new(Arena *arena, ValueKind kind)
{
    Value *value = take(arena, sizeof *value);
    value->arena = arena;
    value->kind = kind;
    value->length = 0;
    value->capacity = 0;
    value->text = NULL;
    return value;
}

Value *value_object(Arena *arena)
{
    return value_new(arena, VALUE_OBJECT);
}

Value *value_list(Arena *arena)
{
    return value_new(arena, VALUE_LIST);
}

Value *value_null(Arena *arena)
{
    return value_new(arena, VALUE_NULL);
}

Value *value_text(Arena *arena, const char *text)
{
    if (!text)
        return value_null(arena);
    gsize length = strlen(text);
    g_assert(length < G_MAXUINT32);
    Value *value = value_new(arena, VALUE_TEXT);
    value->text = text;
    value->length = (guint32)length;
    return value;
}

Value *value_copy(Arena *arena, const char *text)
{
    return value_text(arena, text ? arena_copy(arena, text) : NULL);
}

Value *value_integer(Arena *arena, gint64 number)
{
    Value *value = value_new(arena, VALUE_INTEGER);
    value->integer = number;
    return value;
}

Value *value_real(Arena *arena, double number)
{
    Value *value = value_new(arena, VALUE_REAL);
    value->real = number;
    return value;
}

Value *value_boolean(Arena *arena, gboolean truth)
{
    Value *value = value_new(arena, VALUE_BOOLEAN);
    value->integer = truth ? 1 : 0;
    return value;
}

/* Makes room for one more item of `size` bytes; the old array stays in the arena, unused. */
static void grow(Value *value, gsize size)
{
    if (value->length < value->capacity)
        return;
    g_assert(value->capacity < G_MAXUINT32 / 2);
    guint32 capacity = value->capacity ? value->capacity * 2 : FIRST_ITEMS;
    gpointer items = take(value->arena, capacity * size);
    if (value->length)
        memcpy(items, value->items, value->length * size);
    value->items = items;
    value->capacity = capacity;
}

static Member *find(const Value *object, const char *key, gsize length)
{
    Member *member = object->members;
    for (guint32 i = 0; i < object->length; i++, member++)
        if (member->key_length == length && memcmp(member->key, key, length) == 0)
            return member;
    return NULL;
}

void value_add_member(Value *object, const char *key, gsize key_length, Value *member)
{
    grow(object, sizeof(Member));
    object->members[object->length++] = (Member){key, member, (guint32)key_length};
}

void value_set(Value *object, const char *key, Value *member)
{
    g_assert(object->kind == VALUE_OBJECT);
    gsize length = strlen(key);
    Member *present = find(object, key, length);
    if (present)
        present->value = member;
    else
        value_add_member(object, key, length, member);
}

void value_set_text(Value *object, const char *key, const char *text)
{
    value_set(object, key, value_text(object->arena, text));
}

void value_set_copy(Value *object, const char *key, const char *text)
{
    value_set(object, key, value_copy(object->arena, text));
}

void value_set_printf(Value *object, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    value_set(object, key,
              value_text(object->arena, printf_into(object->arena, format, arguments)));
    va_end(arguments);
}

void value_set_integer(Value *object, const char *key, gint64 number)
{
    value_set(object, key, value_integer(object->arena, number));
}

void value_set_boolean(Value *object, const char *key, gboolean truth)
{
    value_set(object, key, value_boolean(object->arena, truth));
}

Value *value_set_object(Value *object, const char *key)
{
    Value *member = value_object(object->arena);
    value_set(object, key, member);
    return member;
}

Value *value_set_list(Value *object, const char *key)
{
    Value *member = value_list(object->arena);
    value_set(object, key, member);
    return member;
}

void value_append(Value *list, Value *element)
{
    g_assert(list->kind == VALUE_LIST);
    grow(list, sizeof(Value *));
    list->elements[list->length++] = element;
}

Value *value_append_object(Value *list)
{
    Value *element = value_object(list->arena);
    value_append(list, element);
    return element;
}

ValueKind value_kind(const Value *value)
{
    return (ValueKind)value->kind;
}

Arena *value_arena(const Value *value)
{
    return value->arena;
}

const Value *value_get_n(const Value *object, const char *key, gsize key_length)
{
    if (!object || object->kind != VALUE_OBJECT)
        return NULL;
    const Member *member = find(object, key, key_length);
    return member ? member->value : NULL;
}

const Value *value_get(const Value *object, const char *key)
{
    return value_get_n(object, key, strlen(key));
}

const char *value_get_text(const Value *object, const char *key)
{
    const Value *member = value_get(object, key);
    return member && member->kind == VALUE_TEXT ? member->text : NULL;
}

gint64 value_get_integer(const Value *object, const char *key)
{
    const Value *member = value_get(object, key);
    if (member && member->kind == VALUE_INTEGER)
        return member->integer;
    /* Outside these bounds the conversion is undefined. */
    if (member && member->kind == VALUE_REAL && member->real > -9e18 && member->real < 9e18)
        return (gint64)member->real;
    return 0;
}

gboolean value_get_boolean(const Value *object, const char *key)
{
    const Value *member = value_get(object, key);
    return member && member->kind == VALUE_BOOLEAN && member->integer;
}

guint value_length(const Value *list)
{
    return list && (list->kind == VALUE_LIST || list->kind == VALUE_OBJECT) ? list->length : 0;
}

gsize value_bytes(const Value *text)
{
    return text && text->kind == VALUE_TEXT ? text->length : 0;
}

const Value *value_at(const Value *list, guint index)
{
    return list && list->kind == VALUE_LIST && index < list->length ? list->elements[index] : NULL;
}

const Value *value_member(const Value *object, guint index, const char **key)
{
    if (!object || object->kind != VALUE_OBJECT || index >= object->length)
        return NULL;
    if (key)
        *key = object->members[index].key;
    return object->members[index].value;
}
