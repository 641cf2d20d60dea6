/* topic.c - what the message is about, from phrases with weights. */
#include "reading/internal.h"

static const char *const topics[N_TOPICS] = {"orientamento",
                                             "valutazione-progetto",
                                             "istruttoria",
                                             "integrazioni",
                                             "variante",
                                             "cambio-uso",
                                             "agibilita",
                                             "sanatoria",
                                             "condono",
                                             "paesaggistica",
                                             "piano-attuativo",
                                             "oneri",
                                             "accesso-atti",
                                             "informazioni",
                                             "altro"};

static void weigh(const Text *text, guint *weights)
{
    for (guint i = 0; i < text_count(text); i++) {
        gint value;
        guint n = token_is_wish(token_at(text, i)) ? lex_at(text, i, LEX_TOPIC, &value) : 0;
        if (n == 0)
            continue;
        guint *weight = &weights[value / 8];
        *weight =
            *weight == 0 ? (guint)(value % 8) * 2 : *weight + 1; /* said again counts little */
        i += n - 1;
    }
}

/* Sets reading->topic and `object`'s topic. A topic that is only hinted at is none. */
void topic_read(Reading *reading, Value *object)
{
    guint weights[N_TOPICS] = {0};
    reading->topic = TOPIC_NONE;
    if (reading->kind == KIND_REQUEST || reading->kind == KIND_QUESTION) {
        weigh(reading->body, weights);
        weigh(reading->subject, weights);
        guint best = 4;
        for (gint topic = 0; topic < N_TOPICS; topic++) {
            bool is_information = topic == TOPIC_INFORMATION;
            guint weight = is_information
                               ? (reading->kind == KIND_QUESTION ? weights[topic] + 3 : 0)
                               : weights[topic];
            if (weight > best) {
                best = weight;
                reading->topic = (Topic)topic;
            }
        }
        if (reading->kind == KIND_QUESTION && reading->topic == TOPIC_NONE)
            reading->topic = TOPIC_INFORMATION;
    }
    value_set(
        object, "topic",
        value_text(reading->arena, reading->topic == TOPIC_NONE ? NULL : topics[reading->topic]));
}
