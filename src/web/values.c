/* values.c - see values.h. No text for people is made here: states become truths that templates ask
 * for. */
#include "web/values.h"

const char *values_phone_link(Arena *arena, const char *phone)
{
    if (!phone)
        return NULL;
    char *link = arena_alloc(arena, strlen(phone) + 1);
    gsize length = 0;
    for (const char *c = phone; *c; c++)
        if (g_ascii_isdigit(*c) || (*c == '+' && length == 0))
            link[length++] = *c;
    return link;
}

/* As it stands on a page: a number does not break at the end of a line. */
static const char *phone_shown(Arena *arena, const char *phone)
{
    if (!phone)
        return NULL;
    g_auto(GStrv) groups = g_strsplit(phone, " ", -1);
    g_autofree char *joined = g_strjoinv("\u00a0", groups);
    return arena_copy(arena, joined);
}

/* What the office left empty is absent, so that a template can ask for it. */
static const char *filled(const char *text)
{
    return text && text[0] ? text : NULL;
}

static void set_state(Value *object, const char *name)
{
    value_set_text(object, "state", name);
    value_set_boolean(object, arena_printf(value_arena(object), "is_%s", name), TRUE);
}

Value *values_office(Value *parent, const char *key, const Office *office)
{
    Value *object = value_set_object(parent, key);
    value_set_copy(object, "slug", office->slug);
    value_set_copy(object, "name", office->name);
    value_set_copy(object, "phone", filled(office->phone));
    value_set_text(object, "phone_shown", phone_shown(value_arena(parent), filled(office->phone)));
    value_set_text(object, "phone_link",
                   values_phone_link(value_arena(parent), filled(office->phone)));
    value_set_copy(object, "address", filled(office->address));
    value_set_copy(object, "purpose", filled(office->purpose));
    value_set_copy(object, "organisation", office->organisation_name);
    return object;
}

Value *values_person(Value *parent, const char *key, const char *name, const char *email,
                     const char *title, const char *phone, const char *phone_e164)
{
    Value *object = value_set_object(parent, key);
    value_set_copy(object, "name", filled(name));
    value_set_copy(object, "email", filled(email));
    value_set_copy(object, "title", filled(title));
    value_set_copy(object, "phone", phone ? phone : phone_e164);
    value_set_text(object, "phone_shown",
                   phone_shown(value_arena(parent), phone ? phone : phone_e164));
    value_set_text(object, "phone_link",
                   values_phone_link(value_arena(parent), phone_e164 ? phone_e164 : phone));
    return object;
}

Value *values_appointment(Page *page, Value *parent, const char *key,
                          const Appointment *appointment)
{
    Value *object = value_set_object(parent, key);
    page_set_when(page, object, "when", appointment->starts_at, appointment->zone);
    page_set_when(page, object, "until", appointment->ends_at, appointment->zone);
    value_set_integer(object, "duration_min", (appointment->ends_at - appointment->starts_at) / 60);
    set_state(object, appointment_state_name(appointment->state));
    value_set_integer(object, "sequence", appointment->sequence);
    value_set_integer(object, "call_min", (appointment->call_seconds + 59) / 60);
    value_set_boolean(object, "is_open", appointment_is_open(appointment->state));
    return object;
}

void values_request_public(Page *page, Value *object, const Request *request)
{
    value_set_copy(object, "code", request->code);
    set_state(object, request_state_name(request->state));
    value_set_copy(object, "subject", filled(request->subject));
    value_set_copy(object, "practice", filled(request->practice));
    page_set_when(page, object, "received", request->received_at, request->zone);
}

void values_request(Page *page, Value *object, const Request *request)
{
    value_set_copy(object, "code", request->code);
    set_state(object, request_state_name(request->state));
    value_set_copy(object, "subject", request->subject);
    value_set_copy(object, "practice", request->practice);
    value_set_copy(object, "summary", request->summary);
    value_set_text(object, "source", request_source_name(request->source));
    value_set_boolean(object, "is_to_read", request->to_read);
    value_set_integer(object, "version", request->version);
    value_set_copy(object, "answered_how", request->answered_how);
    page_set_when(page, object, "received", request->received_at, request->zone);
}
