/* topics.h - what an office's requests are about, by its own list.
 *
 * The list is one line: topics apart by ";" (or line ends), each a key, and after ":" the phrases
 * that tell it, apart by ",". "sismica: deposito sismic~, genio civile; agibilita" are two: one of
 * the office's own, and one that the program knows with its phrases. An empty list means all topics
 * that the program knows; any other means the listed ones and no more. Phrases are folded as text.h
 * folds; "sismic~" stands for any ending. Pure; what a match is worth is in topic.c.
 */
#pragma once
#include <glib.h>

#define TOPICS_MOST 40         /* topics of a list */
#define TOPIC_PHRASES_MOST 400 /* of all topics together */
#define TOPIC_PHRASE_BYTES 200 /* of one phrase, as written */
#define TOPIC_KEY_BYTES 40

typedef enum { READING_ERROR_INVALID } ReadingError;
#define READING_ERROR reading_error_quark()
GQuark reading_error_quark(void);

typedef struct ReadingTopics ReadingTopics; /* compiled; does not change any more */

/* NULL with READING_ERROR_INVALID and what is wrong in words (a key that is none, a phrase without
 * a word, too many, too long, a topic twice, one of the office's own without phrases). */
ReadingTopics *reading_topics_parse(const char *text, GError **error);
void reading_topics_free(ReadingTopics *topics);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReadingTopics, reading_topics_free)

guint reading_topics_count(const ReadingTopics *topics);
/* In the order of the list; borrowed. */
const char *reading_topics_key(const ReadingTopics *topics, guint index);
