/* required.c - the list of what an office needs, and what of it a message does not say; see
 * required.h. */
#include "reading/required.h"

#include "reading/internal.h"
#include "reading/topics.h"

#include <string.h>

static const struct {
    const char *name, *italian;
    ReadingRequired bit;
} members[] = {{"name", "nome", REQUIRED_NAME},
               {"surname", "cognome", REQUIRED_SURNAME},
               {"practice", "numero di pratica", REQUIRED_PRACTICE},
               {"phone", "telefono", REQUIRED_PHONE},
               {"attachments", "allegati", REQUIRED_ATTACHMENTS},
               {"delegation", "delega", REQUIRED_DELEGATION},
               {"drawings", "tavole", REQUIRED_DRAWINGS},
               {"address", "indirizzo", REQUIRED_ADDRESS},
               {"cadastral", "dati catastali", REQUIRED_CADASTRAL}};

/* --- the list ------------------------------------------------------------------------------ */

static guint bit_of(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(members); i++)
        if (strcmp(members[i].name, name) == 0)
            return members[i].bit;
    return 0;
}

gboolean reading_required_parse(const char *text, guint *required, GError **error)
{
    g_auto(GStrv) names = g_strsplit_set(text, ", \t\n", -1);
    guint bits = 0;
    for (gsize i = 0; names[i]; i++) {
        guint bit = *names[i] ? bit_of(names[i]) : 0;
        if (*names[i] && bit == 0) {
            g_autofree char *shown = g_utf8_make_valid(names[i], (gssize)MIN(strlen(names[i]), 60));
            g_set_error(error, READING_ERROR, READING_ERROR_INVALID,
                        "required are name, surname, practice, phone, attachments, delegation, "
                        "drawings, address and cadastral, not '%s'",
                        shown);
            return FALSE;
        }
        bits |= bit;
    }
    *required = bits ? bits | REQUIRED_OWN : REQUIRED_USUAL;
    return TRUE;
}

const char *reading_required_name(const char *italian)
{
    for (guint i = 0; i < G_N_ELEMENTS(members); i++)
        if (strcmp(members[i].italian, italian) == 0)
            return members[i].name;
    return NULL;
}

/* --- what is missing ----------------------------------------------------------------------- */

static guint length_of(const Value *object, const char *key)
{
    const Value *list = value_get(object, key);
    return list && value_kind(list) == VALUE_LIST ? value_length(list) : 0;
}

static const char *text_of(const Value *object, const char *inner, const char *key)
{
    const Value *member = value_get(object, inner);
    return member && value_kind(member) == VALUE_OBJECT ? value_get_text(member, key) : NULL;
}

static bool is_identified(const Value *object)
{
    const Value *practices = value_get(object, "practices");
    for (guint i = 0; i < length_of(object, "practices"); i++)
        if (value_get_text(value_at(practices, i), "number"))
            return true;
    return length_of(object, "protocols") > 0;
}

/* A practice that is named without its number; for an office that asks for it, any but those of
 * whoever has none yet. */
static bool lacks_practice(const Reading *reading, const Value *object, guint required)
{
    if (is_identified(object) || reading->topic == TOPIC_ACCESS)
        return false;
    bool has_none_yet = reading->topic == TOPIC_ORIENTATION;
    return length_of(object, "practices") > 0 || ((required & REQUIRED_OWN) && !has_none_yet);
}

/* --- attachments ---------------------------------------------------------------------------- */

static bool name_has(const Value *attachment, const char *const *parts)
{
    const char *name = value_get_text(attachment, "name"),
               *type = value_get_text(attachment, "type");
    g_autofree char *folded = g_utf8_casefold(name ? name : "", -1);
    for (; *parts; parts++)
        if (strstr(folded, *parts) || (type && strstr(type, *parts)))
            return true;
    return false;
}

static bool any_attachment(const Value *object, const char *const *parts)
{
    const Value *list = value_get(object, "attachments");
    for (guint i = 0; i < length_of(object, "attachments"); i++)
        if (name_has(value_at(list, i), parts))
            return true;
    return false;
}

static bool lacks_delegation(const Reading *reading, const Value *object)
{
    static const char *const names[] = {"deleg",   "procura",   "incarico",
                                        "mandato", "vollmacht", NULL};
    static const char *const roles[] = {"tecnico incaricato",
                                        "progettista",
                                        "direttore lavori",
                                        "delegato",
                                        "professionista",
                                        "legale",
                                        "progettista e direttore lavori",
                                        NULL};
    const char *role = text_of(object, "professional", "role");
    bool is_for_another =
        value_get_text(object, "on_behalf_of") || (role && g_strv_contains(roles, role));
    guint at;
    return is_for_another && !says_word(reading, LEX_DELEGATE, &at) &&
           !any_attachment(object, names);
}

/* Only where a project is talked about; anything that could be a drawing counts. */
static bool lacks_drawings(const Reading *reading, const Value *object)
{
    static const char *const names[] = {".pdf",     ".dwg", ".dxf",   ".dwf", ".zip", "tav",
                                        "elaborat", "plan", "image/", "/pdf", ".p7m", NULL};
    static const Topic about_projects[] = {TOPIC_EVALUATION, TOPIC_VARIANT,   TOPIC_CHANGE_OF_USE,
                                           TOPIC_SANATORIA,  TOPIC_LANDSCAPE, TOPIC_PLAN};
    for (guint i = 0; i < G_N_ELEMENTS(about_projects); i++)
        if (reading->topic == about_projects[i])
            return !any_attachment(object, names);
    return false;
}

static guint lacking(const Reading *reading, const Value *object, guint required)
{
    const char *name = text_of(object, "sender", "name");
    const struct {
        ReadingRequired bit;
        bool is_lacking;
    } questions[] = {
        {REQUIRED_NAME, !name || !*name},
        {REQUIRED_SURNAME, !name || !strchr(name, ' ')},
        {REQUIRED_PRACTICE, lacks_practice(reading, object, required)},
        {REQUIRED_PHONE, length_of(object, "phones") == 0},
        {REQUIRED_ATTACHMENTS, value_get(object, "attachments_span") != NULL},
        {REQUIRED_DELEGATION,
         (required & REQUIRED_DELEGATION) && lacks_delegation(reading, object)},
        {REQUIRED_DRAWINGS, (required & REQUIRED_DRAWINGS) && lacks_drawings(reading, object)},
        {REQUIRED_ADDRESS, !value_get_text(object, "address")},
        {REQUIRED_CADASTRAL, length_of(object, "cadastral") == 0}};
    guint bits = 0;
    for (guint i = 0; i < G_N_ELEMENTS(questions); i++)
        bits |= questions[i].is_lacking ? questions[i].bit : 0;
    return bits & required;
}

void required_list_missing(const Reading *reading, const Value *object, Value *missing)
{
    guint required = reading->office->required ? reading->office->required : REQUIRED_USUAL;
    guint bits = lacking(reading, object, required);
    for (guint i = 0; i < G_N_ELEMENTS(members); i++)
        if (bits & members[i].bit)
            value_append(missing, value_text(reading->arena, members[i].italian));
}
