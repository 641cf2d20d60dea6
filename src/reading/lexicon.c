/* lexicon.c - the tables of phrases, compiled once into a tree of words and matched against tokens.
 *
 * A node of the tree is the words on the way to it. Each token of a text is led down the tree once,
 * as far as the words after it go, and keeps the node where that ended (Token.phrase): the classes
 * of all phrases that begin there are then known without looking at a word again.
 */
#include "reading/lexicon.h"

#include <string.h>

#define WORDS_MOST 8     /* of a phrase */
#define SLOTS 16384      /* of the hash of words, a power of two */
#define EDGES 65536      /* of the hash of children, a power of two */
#define FULL_STOP_WORD 5 /* letters: a longer word before "." ends a sentence */

typedef struct {
    guint16 node; /* of its last word */
    guint8 kind;
    guint8 language;
    gint16 value;
    guint16 order; /* in the tables */
} Compiled;

typedef struct {
    guint64 children; /* bits of the words that go on from here (word_bit): most others are told */
    guint16 parent;   /* without its last word; 0: none */
    guint8 depth;     /* words */
    guint32 phrases;  /* the first of those that end here, in Lexicon.phrases */
} Node;

/* A place in the hash of children. */
typedef struct {
    guint32 key; /* parent and word, 0: free */
    guint16 node;
} Edge;

/* A place in the hash of words. Length and tag tell nearly every other word. */
typedef struct {
    guint16 id; /* 0: free */
    guint8 length;
    guint8 tag; /* of its hash */
} Slot;

typedef struct {
    Slot slots[SLOTS];
    GPtrArray *words;   /* char *, by id - 1 */
    guint8 *common;     /* by id: languages it is a function word of */
    guint16 *roots;     /* by id: node of the word alone, 0: begins nothing */
    guint16 figures;    /* node of any number */
    guint16 signs[128]; /* by character: node of a sign that is looked for, 0: none */
    Edge edges[EDGES];
    GArray *nodes;   /* Node; the first is none */
    GArray *phrases; /* Compiled, by node, then as in the tables */
    LexSet *begins;  /* by node: classes of the phrases on the way to it */
} Lexicon;

static Lexicon lexicon;
static const LexSet nothing;
const LexSet *lexicon_begins = &nothing;
const guint8 *lexicon_common = (const guint8 *)&nothing;

/* --- sets
 * --------------------------------------------------------------------------------------------- */

static void set_add(LexSet *set, guint kind)
{
    set->bits[kind / 64] |= G_GUINT64_CONSTANT(1) << (kind % 64);
}

static void set_unite(LexSet *set, const LexSet *other)
{
    for (guint i = 0; i < G_N_ELEMENTS(set->bits); i++)
        set->bits[i] |= other->bits[i];
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

/* --- the tree
 * --------------------------------------------------------------------------------------------- */

static Node *node_at(guint16 node)
{
    return &g_array_index(lexicon.nodes, Node, node);
}

static Edge *find_edge(guint16 parent, guint16 word)
{
    guint32 key = (guint32)parent << 16 | word;
    for (guint32 at = key * 2654435761u >> 16;; at++) {
        Edge *edge = &lexicon.edges[at & (EDGES - 1)];
        if (edge->key == 0 || edge->key == key)
            return edge;
    }
}

static guint64 word_bit(guint16 word)
{
    return G_GUINT64_CONSTANT(1) << (word % 64);
}

static guint16 add_node(guint16 parent)
{
    Node node = {.parent = parent, .depth = (guint8)(node_at(parent)->depth + 1)};
    g_assert(lexicon.nodes->len < EDGES * 3 / 4);
    g_array_append_val(lexicon.nodes, node);
    return (guint16)(lexicon.nodes->len - 1);
}

static guint16 add_child(guint16 parent, guint16 word)
{
    if (parent == 0) {
        if (lexicon.roots[word] == 0)
            lexicon.roots[word] = add_node(0);
        return lexicon.roots[word];
    }
    Edge *edge = find_edge(parent, word);
    if (edge->key == 0) {
        *edge = (Edge){(guint32)parent << 16 | word, add_node(parent)};
        node_at(parent)->children |= word_bit(word);
    }
    return edge->node;
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

static void compile_from(char **words, guint16 node, Compiled *phrase)
{
    if (!*words) {
        phrase->node = node;
        phrase->order = (guint16)lexicon.phrases->len;
        g_array_append_val(lexicon.phrases, *phrase);
        return;
    }
    g_autoptr(GPtrArray) spellings = g_ptr_array_new_with_free_func(g_free);
    spell(spellings, *words);
    for (guint i = 0; i < spellings->len; i++) {
        guint16 word = add_word(g_ptr_array_index(spellings, i));
        if (phrase->kind == LEX_COMMON && node == 0)
            lexicon.common[word] |= phrase->language;
        compile_from(words + 1, add_child(node, word), phrase);
    }
}

static void compile_table(const Phrase *table, Language language)
{
    for (; table->words; table++) {
        g_auto(GStrv) words = g_strsplit(table->words, " ", -1);
        g_assert(g_strv_length(words) <= WORDS_MOST);
        Compiled phrase = {
            .kind = table->kind, .language = (guint8)language, .value = table->value};
        compile_from(words, 0, &phrase);
    }
}

static gint compare_phrases(gconstpointer a, gconstpointer b)
{
    const Compiled *first = a, *second = b;
    return first->node != second->node ? first->node - second->node : first->order - second->order;
}

static const struct {
    const Phrase *phrases;
    Language language;
} tables[] = {
    {words_it_letter, LANGUAGE_IT},   {words_it_practice, LANGUAGE_IT},
    {words_it_matter, LANGUAGE_IT},   {words_it_place, LANGUAGE_IT},
    {words_it_topic, LANGUAGE_IT},    {words_it_people, LANGUAGE_IT},
    {words_it_who, LANGUAGE_IT},      {words_it_time, LANGUAGE_IT},
    {words_it_calendar, LANGUAGE_IT}, {words_it_sense, LANGUAGE_IT},
    {words_it_wish, LANGUAGE_IT},     {words_de, LANGUAGE_DE},
    {words_de_booked, LANGUAGE_DE},   {words_de_topic, LANGUAGE_DE},
    {words_de_calendar, LANGUAGE_DE}, {words_de_people, LANGUAGE_DE},
    {words_de_practice, LANGUAGE_DE}, {words_de_sense, LANGUAGE_DE},
    {words_de_time, LANGUAGE_DE},     {words_de_wants, LANGUAGE_DE},
    {words_en, LANGUAGE_EN},          {words_en_people, LANGUAGE_EN},
    {words_en_practice, LANGUAGE_EN}, {words_en_sense, LANGUAGE_EN},
    {words_en_time, LANGUAGE_EN},     {words_en_wants, LANGUAGE_EN},
};

/* What is no word, and yet looked for: a node without phrases. */
static guint16 add_mark(LexClass kind)
{
    Compiled none = {
        .node = add_node(0), .kind = (guint8)kind, .order = (guint16)lexicon.phrases->len};
    g_array_append_val(lexicon.phrases, none);
    return none.node;
}

static void compile_marks(void)
{
    lexicon.figures = add_mark(LEX_FIGURES);
    lexicon.signs['+'] = lexicon.signs['('] = add_mark(LEX_DIALLED);
    lexicon.signs['?'] = add_mark(LEX_QUESTION);
}

/* What each node begins is what its parent does, and the phrases that end at it. */
static void gather_classes(void)
{
    lexicon.begins = g_new0(LexSet, lexicon.nodes->len);
    for (guint i = lexicon.phrases->len; i-- > 0;) {
        const Compiled *phrase = &g_array_index(lexicon.phrases, Compiled, i);
        node_at(phrase->node)->phrases = i;
        set_add(&lexicon.begins[phrase->node], phrase->kind);
    }
    for (guint i = 1; i < lexicon.nodes->len; i++)
        set_unite(&lexicon.begins[i], &lexicon.begins[node_at((guint16)i)->parent]);
    lexicon_begins = lexicon.begins;
    lexicon_common = lexicon.common;
}

static void compile(void)
{
    const Node none = {0};
    lexicon.words = g_ptr_array_new();
    lexicon.common = g_new0(guint8, SLOTS);
    lexicon.roots = g_new0(guint16, SLOTS);
    lexicon.phrases = g_array_new(FALSE, FALSE, sizeof(Compiled));
    lexicon.nodes = g_array_new(FALSE, FALSE, sizeof(Node));
    g_array_append_val(lexicon.nodes, none);
    compile_marks();
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        compile_table(tables[i].phrases, tables[i].language);
    g_assert(lexicon.phrases->len <= G_MAXUINT16);
    g_array_sort(lexicon.phrases, compare_phrases);
    gather_classes();
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

/* The node that the words from a token on lead to. */
static guint16 phrase_at(const Text *text, guint index)
{
    guint16 node = lexicon.roots[token_at(text, index)->word];
    for (guint at = index; node_at(node)->children != 0;) {
        at = skip_joint(text, at);
        guint16 word = token_at(text, at)->word;
        if (word == 0 || !(node_at(node)->children & word_bit(word)))
            break;
        const Edge *edge = find_edge(node, word);
        if (edge->key == 0)
            break;
        node = edge->node;
    }
    return node;
}

/* Tokens of the first `words` words of a phrase. */
static guint tokens_of(const Text *text, guint index, guint words)
{
    guint at = index;
    for (guint i = 1; i < words; i++)
        at = skip_joint(text, at);
    return at + 1 - index;
}

static bool applies(const Text *text, guint index, const Compiled *phrase)
{
    return phrase->kind < LEX_TIMED || (phrase->language & text_languages(text, index));
}

guint lex_match(const Text *text, guint index, LexClass first, LexClass last, LexClass *kind,
                gint *value)
{
    for (guint16 node = token_at(text, index)->phrase; node != 0; node = node_at(node)->parent)
        for (guint32 i = node_at(node)->phrases; i < lexicon.phrases->len; i++) {
            const Compiled *phrase = &g_array_index(lexicon.phrases, Compiled, i);
            if (phrase->node != node)
                break;
            if (phrase->kind < first || phrase->kind > last || !applies(text, index, phrase))
                continue;
            if (kind)
                *kind = phrase->kind;
            if (value)
                *value = phrase->value;
            return tokens_of(text, index, node_at(node)->depth);
        }
    return 0;
}

static bool intersects(const LexSet *one, const LexSet *other)
{
    guint64 both = 0;
    for (guint i = 0; i < G_N_ELEMENTS(one->bits); i++)
        both |= one->bits[i] & other->bits[i];
    return both != 0;
}

bool lex_next(const Text *text, guint *index, guint until, LexSet set)
{
    until = MIN(until, text_count(text));
    for (guint at = *index; at < until;) {
        guint block = at / TEXT_BLOCK, end = MIN((block + 1) * TEXT_BLOCK, until);
        for (at = intersects(&text->begins[block], &set) ? at : end; at < end; at++)
            if (intersects(&lexicon_begins[text->tokens[at].phrase], &set)) {
                *index = at;
                return true;
            }
    }
    *index = MAX(*index, until);
    return false;
}

static guint16 node_of(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    if (token->kind == TOKEN_WORD)
        return token->word == 0 ? 0 : phrase_at(text, index);
    if (token->kind == TOKEN_SIGN)
        return token->value < G_N_ELEMENTS(lexicon.signs) ? lexicon.signs[token->value] : 0;
    return token->kind == TOKEN_NUMBER ? lexicon.figures : 0;
}

void lex_index(Text *text)
{
    guint n = text_count(text);
    text->begins = g_renew(LexSet, text->begins, n / TEXT_BLOCK + 1);
    for (guint from = 0; from <= n; from += TEXT_BLOCK) {
        LexSet block = {0};
        for (guint i = from; i < MIN(from + TEXT_BLOCK, n); i++) {
            Token *token = &text->tokens[i];
            bool is_known = token->phrase != 0 && node_at(token->phrase)->children == 0;
            if (!is_known) /* joining lines makes phrases longer, never shorter */
                token->phrase = node_of(text, i);
            set_unite(&block, &lexicon_begins[token->phrase]);
        }
        text->begins[from / TEXT_BLOCK] = block;
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
