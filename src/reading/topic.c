/* topic.c - what the message is about, from phrases with weights: the program's own, and those of
 * an office's list (topics.h). */
#include "reading/internal.h"
#include "reading/topics.h"

#include <string.h>

#define WEIGHT_LEAST 5      /* twice a phrase's weight: less only hints */
#define WEIGHT_CLEAR 8      /* more than a hint, whatever else is asked */
#define WEIGHT_OWN 5        /* of an office's phrase of one word */
#define WEIGHT_OWN_LONGER 6 /* of more words */

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

/* What speaks for a topic, and the words that say it most. */
typedef struct {
    guint weight, most;
    const Text *text; /* NULL: no words */
    guint from, until;
} Weighed;

typedef struct {
    const ReadingTopics *own;    /* NULL: the office has no list */
    Weighed known[N_TOPICS];     /* by the program's phrases */
    Weighed listed[TOPICS_MOST]; /* by the office's */
} Weighing;

static gint topic_of_key(const char *key)
{
    for (gint i = 0; i < N_TOPICS; i++)
        if (strcmp(topics[i], key) == 0)
            return i;
    return TOPIC_NONE;
}

bool topic_is_known(const char *key)
{
    return topic_of_key(key) != TOPIC_NONE;
}

static void weigh(Weighed *topic, guint weight, const Text *text, guint from, guint until)
{
    topic->weight = topic->weight == 0 ? weight * 2 : topic->weight + 1; /* again counts little */
    if (topic->text && weight <= topic->most)
        return;
    topic->most = weight;
    topic->text = text;
    topic->from = from;
    topic->until = until;
}

static void weigh_known(Weighing *weighing, const Text *text)
{
    for (guint i = 0; lex_next(text, &i, text_count(text), LEX_SET(LEX_TOPIC)); i++) {
        gint value;
        guint n = token_is_wish(token_at(text, i)) ? lex_at(text, i, LEX_TOPIC, &value) : 0;
        if (n == 0)
            continue;
        weigh(&weighing->known[value / 8], (guint)(value % 8), text, i, i + n);
        i += n - 1;
    }
}

static void weigh_listed(Weighing *weighing, const Text *text)
{
    for (guint i = 0; i < text_count(text); i++) {
        guint topic, words;
        guint n = token_is_wish(token_at(text, i))
                      ? topics_match(weighing->own, text, i, &topic, &words)
                      : 0;
        if (n == 0)
            continue;
        weigh(&weighing->listed[topic], words > 1 ? WEIGHT_OWN_LONGER : WEIGHT_OWN, text, i, i + n);
        i += n - 1;
    }
}

/* Forms and opening hours are what a question is about when it is about nothing else. */
static guint known_weight(const Reading *reading, const Weighing *weighing, gint topic)
{
    if (topic != TOPIC_INFORMATION)
        return weighing->known[topic].weight;
    return reading->kind == KIND_QUESTION ? weighing->known[topic].weight + 3 : 0;
}

/* The heaviest of some topics, TOPIC_NONE when none has `least`. */
static Topic heaviest(const Reading *reading, const Weighing *weighing, bool general, guint least)
{
    Topic best = TOPIC_NONE;
    guint most = least - 1;
    for (gint topic = 0; topic < N_TOPICS; topic++) {
        bool is_general = topic == TOPIC_ORIENTATION || topic == TOPIC_INFORMATION;
        guint weight = known_weight(reading, weighing, topic);
        if (is_general != general || weight <= most)
            continue;
        most = weight;
        best = (Topic)topic;
    }
    return best;
}

/* The topic by the program's own phrases: triage goes by it, whatever the office lists. "Serve una
 * SCIA?" says less than what it is for. */
static Topic best_known(const Reading *reading, const Weighing *weighing)
{
    Topic special = heaviest(reading, weighing, false, WEIGHT_LEAST);
    Topic general = heaviest(reading, weighing, true, WEIGHT_LEAST);
    bool is_special = special != TOPIC_NONE &&
                      (general == TOPIC_NONE || weighing->known[special].weight >= WEIGHT_CLEAR ||
                       weighing->known[special].weight >= known_weight(reading, weighing, general));
    if (is_special)
        return special;
    return general == TOPIC_NONE && reading->kind == KIND_QUESTION ? TOPIC_INFORMATION : general;
}

/* The words of one that both lists may know. */
static const Weighed *heavier(const Weighed *one, const Weighed *other)
{
    return !one || (other->text && other->most > one->most) ? other : one;
}

/* Among the office's own, NULL for none; `words` becomes what says it. */
static const char *best_listed(const Reading *reading, const Weighing *weighing,
                               const Weighed **words)
{
    const char *best = NULL;
    guint most = WEIGHT_LEAST - 1;
    for (guint i = 0; i < reading_topics_count(weighing->own); i++) {
        const char *key = reading_topics_key(weighing->own, i);
        gint known = topic_of_key(key);
        const Weighed *of_program = known == TOPIC_NONE ? NULL : &weighing->known[known];
        guint weight =
            weighing->listed[i].weight + (of_program ? known_weight(reading, weighing, known) : 0);
        bool is_asked = !best && known == TOPIC_INFORMATION && reading->kind == KIND_QUESTION;
        if (weight <= most && !is_asked)
            continue;
        most = MAX(most, weight);
        best = key;
        *words = heavier(of_program, &weighing->listed[i]);
    }
    return best;
}

static void set_span(const Reading *reading, Value *object, const Weighed *words, bool is_listed)
{
    if (words && words->text)
        value_set(object, "topic_span",
                  proposal_new(reading, NULL, words->text, words->from, words->until, LIKELY,
                               is_listed ? "topic.office" : "topic.words"));
}

/* Sets reading->topic, and `object`'s topic and topic_span. A topic that is only hinted at is none.
 */
void topic_read(Reading *reading, Value *object)
{
    Weighing weighing = {.own = reading->office->topics};
    const Weighed *words = NULL;
    const char *key = NULL;
    reading->topic = TOPIC_NONE;
    bool has_list = weighing.own && reading_topics_count(weighing.own) > 0;
    if (reading->kind == KIND_REQUEST || reading->kind == KIND_QUESTION) {
        const Text *texts[] = {reading->body, reading->subject};
        for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
            weigh_known(&weighing, texts[i]);
            if (has_list)
                weigh_listed(&weighing, texts[i]);
        }
        reading->topic = best_known(reading, &weighing);
    }
    if (has_list) {
        key = best_listed(reading, &weighing, &words);
        key = key ? arena_copy(reading->arena, key) : NULL; /* the list may go first */
    } else if (reading->topic != TOPIC_NONE) {
        key = topics[reading->topic];
        words = &weighing.known[reading->topic];
    }
    value_set(object, "topic", value_text(reading->arena, key));
    set_span(reading, object, words, has_list);
}
