/* parse_html.c - the words of an HTML mail, as lines.
 *
 * libxml2's HTML parser calls us for each element and text, no tree is built, so that depth costs
 * nothing. Only structure that changes the meaning of words is kept: paragraphs, breaks, lists,
 * cells, quotations, and where links lead, since their words may say something else. Scripts,
 * styles and what is hidden from the reader are no words.
 */
#include "mail/parse_internal.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#define QUOTES_MOST 10
#define BREAKS_MOST 3
#define CHUNK 4096
#define LINK_MOST 200        /* bytes of an address that is shown whole */
#define ATTRIBUTES_MOST 2000 /* of one tag: libxml2 compares each with each */

typedef struct {
    GString *out;
    guint skip;    /* inside of so many elements that are not shown */
    guint depth;   /* of elements inside the outermost of those, to find its end */
    char *skipped; /* its name */
    guint quotes;  /* blockquotes around */
    guint quoted;  /* the same when the last line began */
    guint preformatted;
    guint breaks;      /* line breaks owed before the next word */
    bool space;        /* a space owed */
    bool begun;        /* words were written */
    GByteArray *sizes; /* of each open element: SEEN or UNSEEN, by the size of its letters */
    char *link;        /* where the words since `link_from` lead; NULL outside of links */
    gsize link_from;
} Html;

enum { SEEN, UNSEEN };

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

static bool is_unseen(const Html *html)
{
    return html->sizes->len && html->sizes->data[html->sizes->len - 1] == UNSEEN;
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
    if (html->skip || is_unseen(html) || html->out->len > 2 * PARSE_TEXT_MOST)
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

/* --- what the reader does not see ---------------------------------------------------------- */

/* The value of a property such as "font-size:0px" in a style without blanks; NULL when it is not
 * there. */
static const char *property(const char *style, const char *name)
{
    gsize length = strlen(name);
    const char *value = NULL; /* the last one counts */
    for (const char *at = style; at; at = strchr(at, ';')) {
        at += *at == ';';
        if (strncmp(at, name, length) == 0 && at[length] == ':')
            value = at + length + 1;
    }
    return value;
}

static bool property_is(const char *style, const char *name, const char *wanted)
{
    const char *value = property(style, name);
    gsize length = strlen(wanted);
    return value && strncmp(value, wanted, length) == 0 && strchr(";!", value[length]);
}

/* "0", "0px", "0.0em", not "0.9em"; `least_px` is what still counts as nothing in pixels or points.
 */
static bool property_is_nothing(const char *style, const char *name, double least_px)
{
    const char *value = property(style, name);
    if (!value || !(g_ascii_isdigit(*value) || *value == '.'))
        return false;
    char *unit;
    double number = g_ascii_strtod(value, &unit);
    bool is_small = g_str_has_prefix(unit, "px") || g_str_has_prefix(unit, "pt");
    return number <= (is_small ? least_px : 0.01);
}

/* In lower case, without blanks and comments. */
static char *bare_style(const char *value)
{
    g_autofree char *folded = g_ascii_strdown(value, -1);
    GString *style = g_string_new(NULL);
    for (const char *at = folded; *at; at++) {
        const char *comment = at[0] == '/' && at[1] == '*' ? strstr(at + 2, "*/") : NULL;
        if (comment)
            at = comment + 1;
        else if (!g_ascii_isspace(*at))
            g_string_append_c(style, *at);
    }
    return g_string_free(style, FALSE);
}

static const char *attribute(const xmlChar **attributes, const char *name)
{
    for (; attributes && attributes[0]; attributes += 2)
        if (g_ascii_strcasecmp((const char *)attributes[0], name) == 0)
            return attributes[1] ? (const char *)attributes[1] : "";
    return NULL;
}

/* The lines that mailing programs hide for the list of messages, and what spam hides from people.
 */
static bool hides_all(const char *style)
{
    static const char *const nothing_high[] = {"height", "max-height", "width", "max-width"};
    if (property_is(style, "display", "none") || property_is(style, "visibility", "hidden") ||
        property_is(style, "visibility", "collapse") || property_is_nothing(style, "opacity", 0))
        return true;
    if (!property_is(style, "overflow", "hidden"))
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(nothing_high); i++)
        if (property_is_nothing(style, nothing_high[i], 0))
            return true;
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

static bool is_hidden(const char *name, const xmlChar **attributes, const char *style)
{
    if (is_void(name) || strcmp(name, "body") == 0)
        return false;
    return attribute(attributes, "hidden") || (style && hides_all(style));
}

/* Letters without size: what is inside is seen again where it has one of its own. */
static void push_size(Html *html, const char *style)
{
    guint8 size = is_unseen(html) ? UNSEEN : SEEN;
    if (style && property(style, "font-size"))
        size = property_is_nothing(style, "font-size", 1) ? UNSEEN : SEEN;
    g_byte_array_append(html->sizes, &size, 1);
}

static void pop_size(Html *html)
{
    if (html->sizes->len)
        g_byte_array_set_size(html->sizes, html->sizes->len - 1);
}

/* --- links --------------------------------------------------------------------------------- */

static void begin_link(Html *html, const char *href)
{
    g_clear_pointer(&html->link, g_free);
    if (!href)
        return;
    html->link = g_strdup(href);
    char *to = html->link;
    for (const char *from = href; *from; from++)
        if (!g_ascii_isspace(*from) && *from != '<' && *from != '>')
            *to++ = *from;
    *to = '\0';
    html->link_from = html->out->len;
}

/* What of the link tells where it leads, and what a text that names it holds; NULL: nothing to
 * tell.
 */
static const char *link_target(char *link)
{
    if (g_ascii_strncasecmp(link, "mailto:", 7) == 0) {
        link[strcspn(link, "?")] = '\0';
        return strchr(link, '@') ? link + 7 : NULL;
    }
    gsize scheme = g_ascii_strncasecmp(link, "https://", 8) == 0  ? 8
                   : g_ascii_strncasecmp(link, "http://", 7) == 0 ? 7
                                                                  : 0;
    return scheme && link[scheme] ? link + scheme : NULL;
}

static void end_link(Html *html)
{
    g_autofree char *link = g_steal_pointer(&html->link);
    const char *target = link ? link_target(link) : NULL;
    bool has_words = html->out->len > html->link_from;
    if (!target || !has_words || html->out->len > 2 * PARSE_TEXT_MOST)
        return;
    gsize length = strlen(target);
    g_autofree char *named = g_strndup(target, length - (target[length - 1] == '/'));
    if (strstr(html->out->str + html->link_from, named))
        return;
    const char *shown = g_ascii_strncasecmp(link, "mailto:", 7) == 0 ? target : link;
    gsize whole = strlen(shown);
    gsize host = (gsize)(target - shown) + strcspn(target, "/?#");
    g_autofree char *words = whole <= LINK_MOST
                                 ? g_strdup_printf("<%s>", shown)
                                 : g_strdup_printf("<%.*s/…>", (int)MIN(host, LINK_MOST), shown);
    html->space = true;
    html->breaks = 0; /* beside its words, not below them */
    write_word(html, words, strlen(words));
}

/* --- elements ------------------------------------------------------------------------------ */

static void begin_element(Html *html, Role role)
{
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

static void on_start(void *data, const xmlChar *element, const xmlChar **attributes)
{
    Html *html = data;
    const char *name = (const char *)element;
    const char *raw_style = attribute(attributes, "style");
    g_autofree char *style = raw_style && !html->skip ? bare_style(raw_style) : NULL;
    push_size(html, style);
    if (html->skip) {
        if (strcmp(html->skipped, name) == 0)
            html->depth++;
        return;
    }
    Role role = role_of(name);
    if (role == SKIP || is_hidden(name, attributes, style)) {
        html->skip = 1;
        html->depth = 1;
        html->skipped = g_strdup(name);
        return;
    }
    if (strcmp(name, "a") == 0)
        begin_link(html, attribute(attributes, "href"));
    begin_element(html, role);
}

static void on_end(void *data, const xmlChar *element)
{
    Html *html = data;
    const char *name = (const char *)element;
    pop_size(html);
    if (html->skip) {
        if (strcmp(html->skipped, name) == 0 && --html->depth == 0) {
            html->skip = 0;
            g_clear_pointer(&html->skipped, g_free);
        }
        return;
    }
    if (strcmp(name, "a") == 0)
        end_link(html);
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
    Html state = {.out = g_string_new(NULL), .sizes = g_byte_array_new()};
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
    g_free(state.link);
    g_byte_array_unref(state.sizes);
    return g_string_free(state.out, FALSE);
}
