/* parse_html.c - the words of an HTML mail, as lines.
 *
 * libxml2's HTML parser calls us for each element and text, no tree is built, so that depth costs
 * nothing. Only structure that changes the meaning of words is kept: paragraphs, breaks, lists,
 * cells, quotations. Scripts, styles and what is hidden from the reader are no words.
 */
#include "mail/parse_internal.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#define QUOTES_MOST 10
#define BREAKS_MOST 3
#define CHUNK 4096
#define ATTRIBUTES_MOST 2000 /* of one tag: libxml2 compares each with each */

typedef struct {
    GString *out;
    guint skip;    /* inside of so many elements that are not shown */
    guint depth;   /* of elements inside the outermost of those, to find its end */
    char *skipped; /* its name */
    guint quotes;  /* blockquotes around */
    guint quoted;  /* the same when the last line began */
    guint preformatted;
    guint breaks; /* line breaks owed before the next word */
    bool space;   /* a space owed */
    bool begun;   /* words were written */
} Html;

typedef enum { INLINE, SKIP, BREAK, BLOCK, PARAGRAPH, ITEM, CELL, QUOTE, PRE } Role;

static const struct {
    const char *name;
    Role role;
} elements[] = {
    {"script", SKIP},   {"style", SKIP},    {"head", SKIP},        {"title", SKIP},
    {"template", SKIP}, {"noscript", SKIP}, {"object", SKIP},      {"svg", SKIP},
    {"textarea", SKIP}, {"br", BREAK},      {"hr", PARAGRAPH},     {"p", PARAGRAPH},
    {"ul", PARAGRAPH},  {"ol", PARAGRAPH},  {"h1", PARAGRAPH},     {"h2", PARAGRAPH},
    {"h3", PARAGRAPH},  {"h4", PARAGRAPH},  {"h5", PARAGRAPH},     {"h6", PARAGRAPH},
    {"table", BLOCK},   {"div", BLOCK},     {"tr", BLOCK},         {"dl", BLOCK},
    {"dt", BLOCK},      {"dd", BLOCK},      {"section", BLOCK},    {"article", BLOCK},
    {"header", BLOCK},  {"footer", BLOCK},  {"address", BLOCK},    {"center", BLOCK},
    {"body", BLOCK},    {"form", BLOCK},    {"caption", BLOCK},    {"li", ITEM},
    {"td", CELL},       {"th", CELL},       {"blockquote", QUOTE}, {"pre", PRE},
};

static Role role_of(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++)
        if (g_ascii_strcasecmp(elements[i].name, name) == 0)
            return elements[i].role;
    return INLINE;
}

static void owe_breaks(Html *html, guint breaks)
{
    html->breaks = MAX(html->breaks, breaks);
    html->space = false;
}

static void begin_line(Html *html)
{
    for (guint i = 0; html->begun && i < html->breaks; i++) {
        g_string_append_c(html->out, '\n');
        for (guint q = 0; i + 1 < html->breaks && q < MIN(html->quotes, html->quoted); q++)
            g_string_append_c(html->out, '>');
    }
    if (html->breaks || !html->begun)
        for (guint q = 0; q < html->quotes; q++)
            g_string_append(html->out, q + 1 < html->quotes ? ">" : "> ");
    html->breaks = 0;
    html->quoted = html->quotes;
    html->begun = true;
}

static void write_word(Html *html, const char *at, gsize length)
{
    if (html->breaks || !html->begun)
        begin_line(html);
    else if (html->space)
        g_string_append_c(html->out, ' ');
    html->space = false;
    g_string_append_len(html->out, at, (gssize)length);
}

static bool is_space(const char *at, gsize rest, gsize *length)
{
    *length = 1;
    if (g_ascii_isspace(*at))
        return true;
    if (rest >= 2 && memcmp(at, "\xc2\xa0", 2) == 0) { /* no-break space */
        *length = 2;
        return true;
    }
    return false;
}

static void on_text(void *data, const xmlChar *text, int length)
{
    Html *html = data;
    if (html->skip || html->out->len > 2 * PARSE_TEXT_MOST)
        return;
    const char *at = (const char *)text;
    const char *end = at + length;
    while (at < end) {
        gsize step;
        if (is_space(at, (gsize)(end - at), &step)) {
            if (html->preformatted && *at == '\n')
                owe_breaks(html, MIN(html->breaks + 1, BREAKS_MOST));
            else
                html->space = true;
            at += step;
            continue;
        }
        const char *word = at;
        while (at < end && !is_space(at, (gsize)(end - at), &step))
            at++;
        write_word(html, word, (gsize)(at - word));
    }
}

static bool hidden(const xmlChar **attributes)
{
    for (; attributes && attributes[0]; attributes += 2) {
        const char *name = (const char *)attributes[0];
        const char *value = (const char *)attributes[1];
        if (g_ascii_strcasecmp(name, "hidden") == 0)
            return true;
        if (!value || g_ascii_strcasecmp(name, "style") != 0)
            continue;
        g_autofree char *style = g_ascii_strdown(value, -1);
        char *to = style;
        for (const char *from = style; *from; from++)
            if (!g_ascii_isspace(*from))
                *to++ = *from;
        *to = '\0';
        if (strstr(style, "display:none") || strstr(style, "visibility:hidden"))
            return true;
    }
    return false;
}

static bool is_void(const char *name)
{
    static const char *const names[] = {"br",  "hr",   "img",  "input", "meta", "link",
                                        "col", "area", "base", "wbr",   NULL};
    for (gsize i = 0; names[i]; i++)
        if (g_ascii_strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

static void on_start(void *data, const xmlChar *element, const xmlChar **attributes)
{
    Html *html = data;
    const char *name = (const char *)element;
    if (html->skip) {
        if (strcmp(html->skipped, name) == 0)
            html->depth++;
        return;
    }
    Role role = role_of(name);
    if (role == SKIP || (!is_void(name) && strcmp(name, "body") != 0 && hidden(attributes))) {
        html->skip = 1;
        html->depth = 1;
        html->skipped = g_strdup(name);
        return;
    }
    if (role == BREAK)
        owe_breaks(html, MIN(html->breaks + 1, BREAKS_MOST));
    else if (role == BLOCK)
        owe_breaks(html, 1);
    else if (role == PARAGRAPH)
        owe_breaks(html, 2);
    else if (role == CELL)
        html->space = true;
    if (role == ITEM) {
        owe_breaks(html, 1);
        write_word(html, "-", 1);
        html->space = true;
    }
    if (role == QUOTE) {
        owe_breaks(html, 1);
        html->quotes = MIN(html->quotes + 1, QUOTES_MOST);
    }
    if (role == PRE) {
        owe_breaks(html, 1);
        html->preformatted++;
    }
}

static void on_end(void *data, const xmlChar *element)
{
    Html *html = data;
    const char *name = (const char *)element;
    if (html->skip) {
        if (strcmp(html->skipped, name) == 0 && --html->depth == 0) {
            html->skip = 0;
            g_clear_pointer(&html->skipped, g_free);
        }
        return;
    }
    switch (role_of(name)) {
    case BLOCK:
    case ITEM:
        owe_breaks(html, 1);
        break;
    case PARAGRAPH:
        owe_breaks(html, 2);
        break;
    case CELL:
        html->space = true;
        break;
    case QUOTE:
        owe_breaks(html, 1);
        html->quotes -= html->quotes > 0;
        break;
    case PRE:
        owe_breaks(html, 1);
        html->preformatted -= html->preformatted > 0;
        break;
    case INLINE:
    case SKIP:
    case BREAK:
        break;
    }
}

/* The push parser keeps a tag whose end it has not seen: is that one to be feared? Pictures in
 * attributes are long but have no blanks. */
static bool has_absurd_tag(const xmlParserCtxt *parser)
{
    const xmlChar *at = parser->input->cur, *end = parser->input->end;
    if (end - at < CHUNK || at[0] != '<' || !g_ascii_isalpha((char)at[1]))
        return false;
    guint attributes = 0;
    for (; at < end && attributes <= ATTRIBUTES_MOST; at++)
        attributes += *at == '=' || g_ascii_isspace((char)*at);
    return attributes > ATTRIBUTES_MOST;
}

char *parse_html_to_text(const char *html, gsize length, bool *cut)
{
    Html state = {.out = g_string_new(NULL)};
    htmlSAXHandler sax = {.startElement = on_start,
                          .endElement = on_end,
                          .characters = on_text,
                          .cdataBlock = on_text,
                          .ignorableWhitespace = on_text};
    htmlParserCtxtPtr parser =
        htmlCreatePushParserCtxt(&sax, &state, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
    if (parser) {
        htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                       HTML_PARSE_NONET);
        /* inside a body no paragraphs are invented around bare words */
        htmlParseChunk(parser, "<html><body>", 12, 0);
        bool absurd = false;
        for (gsize done = 0; done < length && !absurd; done += CHUNK) {
            htmlParseChunk(parser, html + done, (int)MIN(length - done, CHUNK), 0);
            absurd = has_absurd_tag(parser);
        }
        if (!absurd) /* the end would make it parse what waits */
            htmlParseChunk(parser, NULL, 0, 1);
        if (cut)
            *cut = absurd;
        htmlFreeParserCtxt(parser);
    }
    g_free(state.skipped);
    return g_string_free(state.out, FALSE);
}
