/* lexicon.c - the tables of phrases, compiled once into word ids and matched against tokens. */
#include "reading/lexicon.h"

#include <string.h>

#define WORDS_MOST 8     /* of a phrase */
#define SLOTS 16384      /* of the hash of words, a power of two */
#define FULL_STOP_WORD 5 /* letters: a longer word before "." ends a sentence */

typedef struct {
    guint16 words[WORDS_MOST];
    guint8 n;
    guint8 kind;
    guint8 language;
    gint16 value;
} Compiled;

/* A place in the hash of words. Length and tag tell nearly every other word. */
typedef struct {
    guint16 id; /* 0: free */
    guint8 length;
    guint8 tag; /* of its hash */
} Slot;

typedef struct {
    Slot slots[SLOTS];
    GPtrArray *words; /* char *, by id - 1 */
    GArray *phrases;  /* Compiled, by first word, longest first */
    guint32 *heads;   /* by id: first phrase */
    guint8 *common;   /* by id: languages it is a function word of */
    LexSet *begins;   /* by id: classes of the phrases that begin with it */
} Lexicon;

static Lexicon lexicon;
static const LexSet nothing;
const LexSet *lexicon_begins = &nothing;

/* --- sets
 * --------------------------------------------------------------------------------------------- */

static void set_add(LexSet *set, guint kind)
{
    set->bits[kind / 64] |= G_GUINT64_CONSTANT(1) << (kind % 64);
}

LexSet lex_set(const LexClass *classes)
{
    LexSet set = {0};
    for (; *classes; classes++)
        set_add(&set, *classes);
    return set;
}

LexSet lex_range(LexClass first, LexClass last)
{
    LexSet set = {0};
    for (guint kind = first; kind <= last; kind++)
        set_add(&set, kind);
    return set;
}

/* --- words
 * -------------------------------------------------------------------------------------------- */

/* Where the word with this hash is, or a free place for it. */
static Slot *find_slot(const char *word, gsize length, guint32 hash)
{
    for (guint32 at = hash ^ (hash >> 15);; at++) {
        Slot *slot = &lexicon.slots[at & (SLOTS - 1)];
        if (slot->id == 0)
            return slot;
        if (slot->length == length && slot->tag == (guint8)(hash >> 24) &&
            memcmp(g_ptr_array_index(lexicon.words, slot->id - 1), word, length) == 0)
            return slot;
    }
}

static guint16 add_word(const char *word)
{
    guint32 hash = LEXICON_HASH;
    for (const char *c = word; *c; c++)
        hash = lexicon_hash(hash, (guint8)*c);
    Slot *slot = find_slot(word, strlen(word), hash);
    if (slot->id == 0) {
        g_ptr_array_add(lexicon.words, g_strdup(word));
        g_assert(lexicon.words->len < SLOTS * 3 / 4);
        *slot = (Slot){(guint16)lexicon.words->len, (guint8)strlen(word), (guint8)(hash >> 24)};
    }
    return slot->id;
}

/* --- compiling
 * ---------------------------------------------------------------------------------------- */

/* The spellings of one word of a table: "presentat~", "disponibil|e|i", "nAchste" (a capital is an
 * umlaut). */
static void spell(GPtrArray *spellings, const char *word)
{
    g_autofree char *open = g_strdelimit(g_strdup(word), "~", '|');
    g_auto(GStrv) parts = g_strsplit(strchr(word, '~') ? open : word, "|", -1);
    const char *const vowels[] = {"o", "a", "i", "e", NULL};
    const char *const whole[] = {"", NULL};
    const char *const *endings = strchr(word, '~') ? vowels : (const char *const *)parts + 1;
    if (!endings[0])
        endings = whole;
    for (; *endings; endings++) {
        g_autofree char *full = g_strconcat(parts[0], *endings, NULL);
        g_ptr_array_add(spellings, g_ascii_strdown(full, -1));
        if (!strpbrk(full, "AOU"))
            continue;
        GString *digraph = g_string_new(NULL);
        for (const char *c = full; *c; c++)
            g_string_append_printf(digraph, strchr("AOU", *c) ? "%ce" : "%c", g_ascii_tolower(*c));
        g_ptr_array_add(spellings, g_string_free(digraph, FALSE));
    }
}

static void compile_from(char **words, guint at, Compiled *phrase)
{
    if (!words[at]) {
        phrase->n = (guint8)at;
        g_array_append_val(lexicon.phrases, *phrase);
        set_add(&lexicon.begins[phrase->words[0]], phrase->kind);
        if (phrase->kind == LEX_COMMON)
            lexicon.common[phrase->words[0]] |= phrase->language;
        return;
    }
    g_assert(at < WORDS_MOST);
    g_autoptr(GPtrArray) spellings = g_ptr_array_new_with_free_func(g_free);
    spell(spellings, words[at]);
    for (guint i = 0; i < spellings->len; i++) {
        phrase->words[at] = add_word(g_ptr_array_index(spellings, i));
        compile_from(words, at + 1, phrase);
    }
}

static void compile_table(const Phrase *table, Language language)
{
    for (; table->words; table++) {
        g_auto(GStrv) words = g_strsplit(table->words, " ", -1);
        Compiled phrase = {
            .kind = table->kind, .language = (guint8)language, .value = table->value};
        compile_from(words, 0, &phrase);
    }
}

static gint compare_phrases(gconstpointer a, gconstpointer b)
{
    const Compiled *first = a, *second = b;
    if (first->words[0] != second->words[0])
        return first->words[0] < second->words[0] ? -1 : 1;
    return second->n - first->n;
}

static const struct {
    const Phrase *phrases;
    Language language;
} tables[] = {
    {words_it_letter, LANGUAGE_IT}, {words_it_practice, LANGUAGE_IT},
    {words_it_matter, LANGUAGE_IT}, {words_it_place, LANGUAGE_IT},
    {words_it_topic, LANGUAGE_IT},  {words_it_people, LANGUAGE_IT},
    {words_it_who, LANGUAGE_IT},    {words_it_time, LANGUAGE_IT},
    {words_it_sense, LANGUAGE_IT},  {words_it_wish, LANGUAGE_IT},
    {words_de, LANGUAGE_DE},        {words_de_calendar, LANGUAGE_DE},
    {words_de_people, LANGUAGE_DE}, {words_de_practice, LANGUAGE_DE},
    {words_de_sense, LANGUAGE_DE},  {words_de_time, LANGUAGE_DE},
    {words_de_wants, LANGUAGE_DE},  {words_en, LANGUAGE_EN},
    {words_en_people, LANGUAGE_EN}, {words_en_practice, LANGUAGE_EN},
    {words_en_sense, LANGUAGE_EN},  {words_en_time, LANGUAGE_EN},
    {words_en_wants, LANGUAGE_EN},
};

static void compile(void)
{
    lexicon.words = g_ptr_array_new();
    lexicon.phrases = g_array_new(FALSE, TRUE, sizeof(Compiled));
    lexicon.common = g_new0(guint8, SLOTS);
    lexicon.begins = g_new0(LexSet, SLOTS);
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        compile_table(tables[i].phrases, tables[i].language);
    g_array_sort(lexicon.phrases, compare_phrases);

    lexicon.heads = g_new(guint32, lexicon.words->len + 1);
    memset(lexicon.heads, 0xff, (lexicon.words->len + 1) * sizeof(guint32));
    for (guint i = lexicon.phrases->len; i-- > 0;)
        lexicon.heads[g_array_index(lexicon.phrases, Compiled, i).words[0]] = i;
    lexicon_begins = lexicon.begins;
}

void lexicon_need(void)
{
    static gsize done;
    if (g_once_init_enter(&done)) {
        compile();
        g_once_init_leave(&done, 1);
    }
}

/* --- looking
 * ------------------------------------------------------------------------------------------ */

guint16 lexicon_word(const char *folded, gsize length, guint32 hash)
{
    return find_slot(folded, length, hash)->id;
}

/* The token after `index` where the next word of a phrase may stand. */
static guint skip_joint(const Text *text, guint index)
{
    guint at = index + 1;
    for (guint skipped = 0; skipped < 2; skipped++) {
        const Token *token = token_at(text, at);
        if (token->kind != TOKEN_SIGN)
            break;
        bool is_stop = token->value == '.' && !token->gap;
        bool is_joint = (token->value == '-' || token->value == '\'') && !token->gap;
        const Token *word = token_at(text, index);
        if (is_stop && token_at(text, at + 1)->gap && word->fold_length >= FULL_STOP_WORD)
            break;
        if (!is_stop && !is_joint)
            break;
        at++;
    }
    return at;
}

static guint match(const Text *text, guint index, const Compiled *phrase)
{
    guint at = index;
    for (guint i = 1; i < phrase->n; i++) {
        at = skip_joint(text, at);
        const Token *token = token_at(text, at);
        if (token->kind != TOKEN_WORD || token->word != phrase->words[i])
            return 0;
    }
    return at + 1 - index;
}

static bool applies(const Text *text, guint index, const Compiled *phrase)
{
    return phrase->kind < LEX_TIMED || (phrase->language & text_languages(text, index));
}

guint lex_match(const Text *text, guint index, LexClass first, LexClass last, LexClass *kind,
                gint *value)
{
    const Token *token = token_at(text, index);
    for (guint32 i = lexicon.heads[token->word]; i < lexicon.phrases->len; i++) {
        const Compiled *phrase = &g_array_index(lexicon.phrases, Compiled, i);
        if (phrase->words[0] != token->word)
            return 0;
        if (phrase->kind < first || phrase->kind > last || !applies(text, index, phrase))
            continue;
        guint n = match(text, index, phrase);
        if (n == 0)
            continue;
        if (kind)
            *kind = phrase->kind;
        if (value)
            *value = phrase->value;
        return n;
    }
    return 0;
}

static bool intersects(const LexSet *one, const LexSet *other)
{
    for (guint i = 0; i < G_N_ELEMENTS(one->bits); i++)
        if (one->bits[i] & other->bits[i])
            return true;
    return false;
}

bool lex_next(const Text *text, guint *index, guint until, LexSet set)
{
    guint at = *index;
    until = MIN(until, text_count(text));
    while (at < until) {
        if (at % TEXT_BLOCK == 0 && !intersects(&text->begins[at / TEXT_BLOCK], &set)) {
            at += TEXT_BLOCK;
            continue;
        }
        if (intersects(&lexicon_begins[token_at(text, at)->word], &set))
            break;
        at++;
    }
    *index = at;
    return at < until;
}

void lex_index(Text *text)
{
    guint n = text_count(text);
    text->begins = g_renew(LexSet, text->begins, n / TEXT_BLOCK + 1);
    memset(text->begins, 0, (n / TEXT_BLOCK + 1) * sizeof(LexSet));
    for (guint i = 0; i < n; i++) {
        const LexSet *begins = &lexicon_begins[token_at(text, i)->word];
        for (guint j = 0; j < G_N_ELEMENTS(begins->bits); j++)
            text->begins[i / TEXT_BLOCK].bits[j] |= begins->bits[j];
    }
}

bool lex_within(const Text *text, guint from, guint until, LexClass kind, guint *at)
{
    LexSet set = LEX_SET(kind);
    for (guint i = from; lex_next(text, &i, until, set); i++)
        if (lex_at(text, i, kind, NULL) > 0) {
            if (at)
                *at = i;
            return true;
        }
    return false;
}

guint lex_languages(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    return token->kind == TOKEN_WORD ? lexicon.common[token->word] : 0;
}
