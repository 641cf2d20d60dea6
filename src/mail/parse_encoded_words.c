/* parse_encoded_words.c - encoded words in base64 whose padding is not the last of a field.
 *
 * RFC 2047, 2: each encoded word is complete by itself, so mailers pad each one. GMime 3.2.13
 * (Debian 12) decodes neighbours of one charset as one stream and stops at the first padding: the
 * rest of a subject or a name would be lost (GMime's issue 133). Here such neighbours become one
 * encoded word before GMime decodes them.
 */
#include "mail/parse_internal.h"

#include <string.h>

typedef struct {
    const char *start, *end; /* of the whole word */
    const char *charset, *text;
    gsize charset_length, text_length;
} EncodedWord;

/* The encoded word in base64 at `at`, false when there is none. */
static bool read_word(const char *at, EncodedWord *word)
{
    if (strncmp(at, "=?", 2) != 0)
        return false;
    word->start = at;
    word->charset = at + 2;
    word->charset_length = strcspn(word->charset, "? \t\r\n");
    const char *mark = word->charset + word->charset_length;
    if (word->charset_length == 0 || mark[0] != '?' || g_ascii_tolower(mark[1]) != 'b' ||
        mark[2] != '?')
        return false;
    word->text = mark + 3;
    word->text_length = strcspn(word->text, "? \t\r\n");
    word->end = word->text + word->text_length + 2;
    return strncmp(word->text + word->text_length, "?=", 2) == 0;
}

/* The word that follows `word` with nothing but white space between and has its charset. */
static bool read_next(const EncodedWord *word, EncodedWord *next)
{
    return read_word(word->end + strspn(word->end, " \t\r\n"), next) &&
           next->charset_length == word->charset_length &&
           g_ascii_strncasecmp(next->charset, word->charset, word->charset_length) == 0;
}

static void decode_word(const EncodedWord *word, GByteArray *bytes)
{
    g_autofree char *text = g_strndup(word->text, word->text_length);
    gsize length;
    g_autofree guchar *decoded = g_base64_decode(text, &length);
    g_byte_array_append(bytes, decoded, (guint)length);
}

/* Appends a run of neighbours as one word; its end in the field. */
static const char *join_run(EncodedWord word, GString *out)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    EncodedWord next;
    g_string_append_printf(out, "=?%.*s?B?", (int)word.charset_length, word.charset);
    decode_word(&word, bytes);
    while (read_next(&word, &next)) {
        decode_word(&next, bytes);
        word = next;
    }
    g_autofree char *text = g_base64_encode(bytes->data, bytes->len);
    g_string_append_printf(out, "%s?=", text);
    return word.end;
}

char *parse_join_encoded_words(const char *raw)
{
    EncodedWord word, next;
    if (!raw || !strstr(raw, "=?="))
        return NULL;
    GString *out = g_string_sized_new(strlen(raw));
    bool is_joined = false;
    while (*raw) {
        if (read_word(raw, &word) && read_next(&word, &next)) {
            raw = join_run(word, out);
            is_joined = true;
        } else {
            g_string_append_c(out, *raw++);
        }
    }
    return g_string_free(out, !is_joined);
}

void parse_mend_encoded_words(GMimeObject *object)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(object);
    for (int i = 0; i < g_mime_header_list_get_count(list) && i < PARSE_HEADERS_MOST; i++) {
        GMimeHeader *field = g_mime_header_list_get_header_at(list, i);
        const char *raw = g_mime_header_get_raw_value(field);
        g_autofree char *joined =
            raw && strlen(raw) <= PARSE_TEXT_MOST ? parse_join_encoded_words(raw) : NULL;
        if (joined)
            g_mime_header_set_raw_value(field, joined);
    }
}
