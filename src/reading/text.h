/* text.h - a text as tokens: words folded to lower case without accents, numbers, signs, line ends.
 *
 * Offsets are bytes of the original text, so that every proposal can show the words it came from.
 * Two allocations for a text, none for a token; time is linear. What words mean is in lexicon.h.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <string.h>

typedef enum {
    TOKEN_WORD,
    TOKEN_NUMBER,    /* a run of ASCII digits */
    TOKEN_SIGN,      /* any other character */
    TOKEN_LINE,      /* a line end that separates (a wrapped line has none) */
    TOKEN_PARAGRAPH, /* an empty line */
    TOKEN_END,       /* what token_at gives outside the text */
} TokenKind;

/* What a stretch of a message is. */
typedef enum {
    SECTION_BODY,       /* the sender's own words */
    SECTION_SIGNATURE,  /* closing formula, name, contacts */
    SECTION_QUOTE,      /* an older message */
    SECTION_FORWARD,    /* a message passed on for us to read */
    SECTION_DISCLAIMER, /* confidentiality and privacy notes */
} Section;

typedef struct {
    guint32 start, end; /* bytes of the text */
    guint32 fold;       /* of the folded bytes in Text.folded */
    guint32 value;      /* of a number (G_MAXUINT32 when larger); the folded character of a sign */
    guint16 word;       /* id in the lexicon, 0: unknown */
    guint16 phrase;     /* the longest way in the lexicon from here, 0: none */
    guint8 fold_length;
    guint8 section;
    guint8 kind : 4;
    guint8 languages : 4; /* bits of Language its sentence is read in, 0: those of the text */
    bool gap : 1;         /* white space stands before it */
    bool upper : 1;       /* begins with a capital */
    bool taken : 1;       /* belongs to an address, a number, a law: no wish in here */
} Token;
G_STATIC_ASSERT(sizeof(Token) == 24); /* a letter has one for four or five bytes */

typedef struct {
    const char *bytes; /* borrowed */
    guint32 length;
    guint8 languages; /* bits of Language the timed words are read in */
    guint count;
    Token *tokens;
    GString *folded;
    struct LexSet *begins; /* of each TEXT_BLOCK tokens: classes of phrases that may begin there */
} Text;
#define TEXT_BLOCK 32

/* Tokens of valid UTF-8; bytes that are not are signs. At most G_MAXINT32 bytes are looked at. */
Text *text_new(const char *bytes, gsize length);
void text_free(Text *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Text, text_free)

extern const Token token_nothing; /* TOKEN_END, taken, of no section that is read */
/* token_nothing past the end, never NULL. */
static inline const Token *token_at(const Text *text, guint index)
{
    return index < text->count ? &text->tokens[index] : &token_nothing;
}
static inline guint text_count(const Text *text)
{
    return text->count;
}
/* Bits of Language the timed words at a token are read in. */
static inline guint text_languages(const Text *text, guint index)
{
    guint own = token_at(text, index)->languages;
    return own ? own : text->languages;
}
/* Is it this word? */
static inline bool token_is(const Text *text, guint index, const char *folded)
{
    const Token *token = token_at(text, index);
    const char *word = text->folded->str + token->fold;
    return token->fold_length > 0 && *word == *folded && strlen(folded) == token->fold_length &&
           memcmp(word, folded, token->fold_length) == 0;
}
static inline bool token_is_sign(const Text *text, guint index, gunichar sign)
{
    const Token *token = token_at(text, index);
    return token->kind == TOKEN_SIGN && token->value == sign;
}
/* The same word in two texts. */
bool tokens_equal(const Text *text, guint index, const Text *other, guint other_index);
static inline bool token_ends_line(const Token *token)
{
    return token->kind == TOKEN_LINE || token->kind == TOKEN_PARAGRAPH;
}
/* No gap before it and not a line's first. */
static inline bool token_glued(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    return !token->gap && token->kind != TOKEN_END && !token_ends_line(token);
}
/* The first token whose start is at or after a byte offset. */
guint text_token_from(const Text *text, guint32 offset);
void text_take(Text *text, guint from, guint until); /* marks [from, until) as taken */
bool text_is_taken(const Text *text, guint from, guint until);

/* Line ends that only wrap a paragraph are dropped, several become one TOKEN_PARAGRAPH. Once, after
 * sections. */
void text_join_lines(Text *text);
