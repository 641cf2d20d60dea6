/* db.c - rows into structs by tables of fields, and the usual ways to run a statement. Knows no
 * engine. */
#include "store/db.h"
#include <stdarg.h>
#include <string.h>

#define FIRST_VALUES 32 /* room for so many rows at first */

gint db_name_index(const char *const *names, const char *name)
{
    for (gint i = 0; name != NULL && names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static void fill_field(const DbField *field, Query *query, gint column, gpointer row)
{
    gpointer member = (guint8 *)row + field->offset;
    switch (field->kind) {
    case FIELD_INT64:
        *(gint64 *)member = query_int(query, column);
        return;
    case FIELD_INT:
        *(gint *)member = (gint)query_int(query, column);
        return;
    case FIELD_TEXT:
        *(char **)member = g_strdup(query_text(query, column));
        return;
    case FIELD_ENUM:
        *(gint *)member = MAX(0, db_name_index(field->names, query_text(query, column)));
        return;
    }
}

static void fill_row(const DbShape *shape, Query *query, gpointer row)
{
    for (guint i = 0; i < shape->n_fields; i++)
        fill_field(&shape->fields[i], query, (gint)i, row);
}

void db_clear(const DbShape *shape, gpointer row)
{
    for (guint i = 0; i < shape->n_fields; i++)
        if (shape->fields[i].kind == FIELD_TEXT)
            g_free(*(char **)(gpointer)((guint8 *)row + shape->fields[i].offset));
}

Query *db_query(Db *db, GError **error, const char *sql, const char *types, ...)
{
    va_list arguments;
    va_start(arguments, types);
    Query *query = db_query_va(db, error, sql, types, arguments);
    va_end(arguments);
    return query;
}

/* A query whose columns are the fields of `shape`. */
static Query *query_for(Db *db, const DbShape *shape, GError **error, const char *sql,
                        const char *types, va_list arguments)
{
    Query *query = db_query_va(db, error, sql, types, arguments);
    g_assert(query == NULL || query_columns(query) == (gint)shape->n_fields);
    return query;
}

static bool not_found(GError **error)
{
    g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "no such row");
    return false;
}

gpointer db_one(Db *db, const DbShape *shape, GError **error, const char *sql, const char *types,
                ...)
{
    va_list arguments;
    va_start(arguments, types);
    g_autoptr(Query) query = query_for(db, shape, error, sql, types, arguments);
    va_end(arguments);
    if (query == NULL)
        return NULL;
    GError *failure = NULL;
    if (!query_step(query, &failure)) {
        if (failure == NULL)
            not_found(&failure);
        g_propagate_error(error, failure);
        return NULL;
    }
    gpointer row = g_malloc0(shape->size);
    fill_row(shape, query, row);
    return row;
}

GPtrArray *db_list(Db *db, const DbShape *shape, GError **error, const char *sql, const char *types,
                   ...)
{
    va_list arguments;
    va_start(arguments, types);
    g_autoptr(Query) query = query_for(db, shape, error, sql, types, arguments);
    va_end(arguments);
    if (query == NULL)
        return NULL;
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(shape->free);
    GError *failure = NULL;
    while (query_step(query, &failure)) {
        gpointer row = g_malloc0(shape->size);
        fill_row(shape, query, row);
        g_ptr_array_add(list, row);
    }
    if (failure == NULL)
        return g_steal_pointer(&list);
    g_propagate_error(error, failure);
    return NULL;
}

GArray *db_values(Db *db, const DbShape *shape, GError **error, const char *sql, const char *types,
                  ...)
{
    va_list arguments;
    va_start(arguments, types);
    g_autoptr(Query) query = query_for(db, shape, error, sql, types, arguments);
    va_end(arguments);
    if (query == NULL)
        return NULL;
    g_autoptr(GArray) values = g_array_sized_new(FALSE, TRUE, (guint)shape->size, FIRST_VALUES);
    GError *failure = NULL;
    while (query_step(query, &failure)) {
        g_array_set_size(values, values->len + 1);
        fill_row(shape, query, values->data + (values->len - 1) * shape->size);
    }
    if (failure == NULL)
        return g_steal_pointer(&values);
    g_propagate_error(error, failure);
    return NULL;
}

static bool run_va(Db *db, GError **error, const char *sql, const char *types, va_list arguments)
{
    g_autoptr(Query) query = db_query_va(db, error, sql, types, arguments);
    if (query == NULL)
        return false;
    GError *failure = NULL;
    while (query_step(query, &failure))
        continue;
    if (failure == NULL)
        return true;
    g_propagate_error(error, failure);
    return false;
}

bool db_run(Db *db, GError **error, const char *sql, const char *types, ...)
{
    va_list arguments;
    va_start(arguments, types);
    bool ok = run_va(db, error, sql, types, arguments);
    va_end(arguments);
    return ok;
}

bool db_touch(Db *db, GError **error, const char *sql, const char *types, ...)
{
    va_list arguments;
    va_start(arguments, types);
    bool ok = run_va(db, error, sql, types, arguments);
    va_end(arguments);
    return ok && (db_changes(db) > 0 || not_found(error));
}

bool db_number(Db *db, gint64 *number, GError **error, const char *sql, const char *types, ...)
{
    va_list arguments;
    va_start(arguments, types);
    g_autoptr(Query) query = db_query_va(db, error, sql, types, arguments);
    va_end(arguments);
    if (query == NULL)
        return false;
    GError *failure = NULL;
    if (query_step(query, &failure)) {
        *number = query_int(query, 0);
        return true;
    }
    if (failure == NULL)
        return not_found(error);
    g_propagate_error(error, failure);
    return false;
}

char *db_fold(const char *text)
{
    g_autofree char *decomposed = text != NULL ? g_utf8_normalize(text, -1, G_NORMALIZE_ALL) : NULL;
    if (decomposed == NULL)
        return g_strdup("");
    GString *folded = g_string_sized_new(strlen(decomposed));
    for (const char *at = decomposed; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);
        if (!g_unichar_ismark(letter))
            g_string_append_unichar(folded, g_unichar_tolower(letter));
    }
    return g_string_free(folded, FALSE);
}

char *db_like(const char *word)
{
    g_autofree char *folded = db_fold(word);
    GString *pattern = g_string_new("%");
    for (const char *at = folded; *at != '\0'; at++) {
        if (strchr("%_\\", *at) != NULL)
            g_string_append_c(pattern, '\\');
        g_string_append_c(pattern, *at);
    }
    g_string_append_c(pattern, '%');
    return g_string_free(pattern, FALSE);
}
