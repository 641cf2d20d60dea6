/* live.c - see live.h. */
#include "web/live.h"
#include "base/value.h"

void live_desk(Hub *hub, gint64 office_id, const char *event, const char *code, const char *state)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *topic = g_strdup_printf("desk/%" G_GINT64_FORMAT, office_id);
    Value *message = value_object(arena);
    value_set_text(message, "event", event);
    if (code)
        value_set_text(message, "code", code);
    if (state)
        value_set_text(message, "state", state);
    value_write_json(message, text);
    hub_publish(hub, topic, text->str);
}
