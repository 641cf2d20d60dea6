/* topics.c - the list of an office's topics, parsed and compiled; see topics.h.
 *
 * Words of all phrases stand in one string. Phrases hang in buckets by the first bytes of their
 * first word, longest first: a token is compared with the phrases of its bucket only, and nothing
 * is allocated while a text is read.
 */
#include "reading/topics.h"

#include "reading/internal.h"

#include <string.h>

#define BUCKETS 256
#define STEM_LEAST 3     /* letters before a "~"; and the bytes a bucket is known by */
#define WORDS_MOST 12    /* of a phrase */
#define FULL_STOP_WORD 5 /* letters: a longer word before "." ends a sentence */
#define JOINTS_MOST 2    /* signs between two words of a phrase: "P.d.C.", "d'opera" */

typedef struct {
    guint32 at; /* in ReadingTopics.bytes */
    guint8 length;
    bool is_open; /* any ending may follow */
} PhraseWord;

typedef struct {
    guint32 first; /* in ReadingTopics.words */
    gint32 next;   /* of the bucket, -1: none */
    guint8 n;
    guint8 topic;
} OwnPhrase;

struct ReadingTopics {
    GPtrArray *keys; /* char * */
    GString *bytes;
    GArray *words;   /* PhraseWord */
    GArray *phrases; /* OwnPhrase */
    gint32 buckets[BUCKETS];
};

GQuark reading_error_quark(void)
{
    return g_quark_from_static_string("reading-error");
}

guint reading_topics_count(const ReadingTopics *topics)
{
    return topics->keys->len;
}

const char *reading_topics_key(const ReadingTopics *topics, guint index)
{
    return g_ptr_array_index(topics->keys, index);
}

void reading_topics_free(ReadingTopics *topics)
{
    if (!topics)
        return;
    g_ptr_array_unref(topics->keys);
    g_string_free(topics->bytes, TRUE);
    g_array_unref(topics->words);
    g_array_unref(topics->phrases);
    g_free(topics);
}

/* --- buckets ------------------------------------------------------------------------------- */

static guint bucket_of(const char *word, gsize length)
{
    guint hash = 5381;
    for (gsize i = 0; i < MIN(length, STEM_LEAST); i++)
        hash = hash * 33 + (guint8)word[i];
    return (hash ^ (hash >> 8)) % BUCKETS;
}

static gint compare_lengths(gconstpointer a, gconstpointer b)
{
    return ((const OwnPhrase *)b)->n - ((const OwnPhrase *)a)->n;
}

/* The longest stand first in each bucket; among equals the first written. */
static void hang(ReadingTopics *topics)
{
    g_array_sort(topics->phrases, compare_lengths);
    for (guint i = 0; i < BUCKETS; i++)
        topics->buckets[i] = -1;
    for (guint i = topics->phrases->len; i-- > 0;) {
        OwnPhrase *phrase = &g_array_index(topics->phrases, OwnPhrase, i);
        const PhraseWord *word = &g_array_index(topics->words, PhraseWord, phrase->first);
        gint32 *head = &topics->buckets[bucket_of(topics->bytes->str + word->at, word->length)];
        phrase->next = *head;
        *head = (gint32)i;
    }
}

/* --- parsing ------------------------------------------------------------------------------- */

/* Says what is wrong, and with which of the words (NULL: with all). */
static bool refuse(GError **error, const char *what, const char *written)
{
    g_autofree char *shown =
        written ? g_utf8_make_valid(written, (gssize)MIN(strlen(written), 60)) : NULL;
    g_set_error(error, READING_ERROR, READING_ERROR_INVALID, "%s%s%s", what, shown ? ": " : "",
                shown ? shown : "");
    return false;
}

static bool is_joint(const Token *token)
{
    return token->kind == TOKEN_SIGN && token->value < 0x80 && token->value != 0 &&
           strchr(".'-/&", (gint)token->value) != NULL;
}

/* The bytes of a word or number that are compared. */
static const char *bytes_of(const Text *text, const Token *token, gsize *length)
{
    if (token->kind == TOKEN_NUMBER) {
        *length = token->end - token->start;
        return text->bytes + token->start;
    }
    *length = token->kind == TOKEN_WORD ? token->fold_length : 0;
    return text->folded->str + token->fold;
}

static bool add_word(ReadingTopics *topics, const Text *text, guint index, const char *written,
                     GError **error)
{
    gsize length;
    const char *bytes = bytes_of(text, token_at(text, index), &length);
    bool is_open = token_is_sign(text, index + 1, '~') && token_glued(text, index + 1);
    if (length == 0 || length > G_MAXUINT8)
        return refuse(error, "a word of a topic's phrase is too long", written);
    if (is_open && length < STEM_LEAST)
        return refuse(error, "a ~ in a topic's phrase wants three letters before it", written);
    PhraseWord word = {(guint32)topics->bytes->len, (guint8)length, is_open};
    g_string_append_len(topics->bytes, bytes, (gssize)length);
    g_array_append_val(topics->words, word);
    return true;
}

static bool add_phrase(ReadingTopics *topics, const char *written, GError **error)
{
    if (strlen(written) > TOPIC_PHRASE_BYTES)
        return refuse(error, "a topic's phrase has at most 200 bytes", written);
    if (topics->phrases->len == TOPIC_PHRASES_MOST)
        return refuse(error, "topics have at most 400 phrases", NULL);
    g_autoptr(Text) text = text_new(written, strlen(written));
    OwnPhrase phrase = {
        .first = topics->words->len, .next = -1, .topic = (guint8)(topics->keys->len - 1)};
    for (guint i = 0; i < text_count(text); i++) {
        const Token *token = token_at(text, i);
        if (is_joint(token) || (i > 0 && token_is_sign(text, i, '~') && token_glued(text, i)))
            continue;
        if (token->kind != TOKEN_WORD && token->kind != TOKEN_NUMBER)
            return refuse(error, "a topic's phrase is words and numbers", written);
        if (phrase.n == WORDS_MOST)
            return refuse(error, "a topic's phrase has at most twelve words", written);
        if (!add_word(topics, text, i, written, error))
            return false;
        phrase.n++;
    }
    if (phrase.n == 0)
        return refuse(error, "a topic's phrase has a word", written);
    g_array_append_val(topics->phrases, phrase);
    return true;
}

static bool is_key(const char *key)
{
    gsize length = strlen(key);
    return length <= TOPIC_KEY_BYTES && g_ascii_isalnum(key[0]) && key[length - 1] != '-' &&
           strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static bool add_key(ReadingTopics *topics, const char *key, GError **error)
{
    if (!*key || !is_key(key))
        return refuse(error, "a topic's key is up to 40 small letters, digits and hyphens", key);
    if (g_ptr_array_find_with_equal_func(topics->keys, key, g_str_equal, NULL))
        return refuse(error, "a topic stands there twice", key);
    if (topics->keys->len == TOPICS_MOST)
        return refuse(error, "an office has at most 40 topics", NULL);
    g_ptr_array_add(topics->keys, g_strdup(key));
    return true;
}

/* "key" or "key: phrase, phrase" */
static bool add_topic(ReadingTopics *topics, char *written, GError **error)
{
    char *colon = strchr(written, ':');
    if (colon)
        *colon = '\0';
    const char *key = g_strstrip(written);
    if (!add_key(topics, key, error))
        return false;
    guint before = topics->phrases->len;
    g_auto(GStrv) phrases = g_strsplit(colon ? colon + 1 : "", ",", -1);
    for (gsize i = 0; phrases[i]; i++)
        if (*g_strstrip(phrases[i]) && !add_phrase(topics, phrases[i], error))
            return false;
    if (topics->phrases->len == before && !topic_is_known(key))
        return refuse(error, "a topic that the program does not know wants phrases after \":\"",
                      key);
    return true;
}

ReadingTopics *reading_topics_parse(const char *text, GError **error)
{
    g_autoptr(ReadingTopics) topics = g_new0(ReadingTopics, 1);
    topics->keys = g_ptr_array_new_with_free_func(g_free);
    topics->bytes = g_string_new(NULL);
    topics->words = g_array_new(FALSE, FALSE, sizeof(PhraseWord));
    topics->phrases = g_array_new(FALSE, FALSE, sizeof(OwnPhrase));
    if (!g_utf8_validate(text, -1, NULL)) {
        refuse(error, "topics are UTF-8", NULL);
        return NULL;
    }
    g_auto(GStrv) written = g_strsplit_set(text, ";\n", -1);
    for (gsize i = 0; written[i]; i++)
        if (*g_strstrip(written[i]) && !add_topic(topics, written[i], error))
            return NULL;
    hang(topics);
    return g_steal_pointer(&topics);
}

/* --- matching ------------------------------------------------------------------------------ */

static bool word_fits(const ReadingTopics *topics, const PhraseWord *word, const Text *text,
                      guint index)
{
    gsize length;
    const char *bytes = bytes_of(text, token_at(text, index), &length);
    return (length == word->length || (word->is_open && length > word->length)) &&
           memcmp(bytes, topics->bytes->str + word->at, word->length) == 0;
}

/* The token after `index` where the next word of a phrase may stand; a full stop behind a longer
 * word ends a sentence. */
static guint skip_joints(const Text *text, guint index)
{
    guint at = index + 1;
    for (guint skipped = 0; skipped < JOINTS_MOST && is_joint(token_at(text, at)); skipped++) {
        bool ends_sentence = token_is_sign(text, at, '.') && token_at(text, at + 1)->gap &&
                             token_at(text, index)->fold_length >= FULL_STOP_WORD;
        if (ends_sentence)
            break;
        at++;
    }
    return at;
}

/* Tokens of a phrase that begins at `index`, 0 when it does not. */
static guint phrase_at(const ReadingTopics *topics, const OwnPhrase *phrase, const Text *text,
                       guint index)
{
    guint at = index;
    for (guint i = 0; i < phrase->n; i++) {
        if (i > 0)
            at = skip_joints(text, at);
        if (!word_fits(topics, &g_array_index(topics->words, PhraseWord, phrase->first + i), text,
                       at))
            return 0;
    }
    return at + 1 - index;
}

guint topics_match(const ReadingTopics *topics, const Text *text, guint index, guint *topic,
                   guint *words)
{
    gsize length;
    const char *bytes = bytes_of(text, token_at(text, index), &length);
    if (length == 0)
        return 0;
    for (gint32 i = topics->buckets[bucket_of(bytes, length)]; i >= 0;) {
        const OwnPhrase *phrase = &g_array_index(topics->phrases, OwnPhrase, (guint)i);
        guint n = phrase_at(topics, phrase, text, index);
        if (n > 0) {
            *topic = phrase->topic;
            *words = phrase->n;
            return n;
        }
        i = phrase->next;
    }
    return 0;
}
