/* proposal.c - what every proposal carries besides its value: the words it came from, and how sure
 * it is. */
#include "reading/internal.h"

static const char *const confidences[] = {"certain", "likely", "ambiguous"};

char *proposal_raw(const Reading *reading, const Text *text, guint from, guint until)
{
    if (until <= from || from >= text_count(text))
        return arena_copy(reading->arena, "");
    guint32 start = token_at(text, from)->start;
    guint32 end = token_at(text, MIN(until, text_count(text)) - 1)->end;
    return arena_printf(reading->arena, "%.*s", (gint)(end - start), text->bytes + start);
}

char *proposal_token(const Reading *reading, const Text *text, guint index)
{
    return proposal_raw(reading, text, index, index + 1);
}

Value *proposal_new(const Reading *reading, Value *list, const Text *text, guint from, guint until,
                    Confidence confidence, const char *rule)
{
    Value *object = list ? value_append_object(list) : value_object(reading->arena);
    value_set_text(object, "raw", proposal_raw(reading, text, from, until));
    value_set_integer(object, "start", token_at(text, from)->start);
    value_set_integer(object, "end", token_at(text, MAX(until, 1) - 1)->end);
    value_set_text(object, "source", text == reading->subject ? "subject" : "text");
    value_set_text(object, "confidence", confidences[confidence]);
    value_set_text(object, "rule", rule);
    return object;
}

guint skip_stops(const Text *text, guint index)
{
    while (token_is_sign(text, index, '.') || token_is_sign(text, index, ':'))
        index++;
    return index;
}
