/* mustache_parse.c - a template's source to its flat program, in one pass.
 *
 * Everything about lines is settled here: which tags stand alone and vanish with their line, what
 * indentation a partial or block brings along, and what indentation the lines of an argument lose
 * (inheritance: "indentation is removed at the site of definition and added at the site of
 * expansion").
 */
#include "mustache/mustache_internal.h"

#include <string.h>

enum { DEEPEST = 32, LONGEST_DELIMITER = 16, LONGEST_SOURCE = 16 * 1024 * 1024 };

typedef struct {
    const char *from, *until;
} Slice;

typedef struct {
    guint32 op;
    Slice name;
    Slice dedent;         /* of the enclosing text, to go back to */
    gboolean starts_line; /* PARENT: only blanks before it */
    Slice blanks;         /* those */
} Open;

typedef struct {
    Mustache *program;
    const char *source, *end;
    const char *at;      /* what is read next */
    const char *pending; /* text from here to `at` is not yet in the program */
    const char *counted; /* `line` is the line of this place */
    guint line;
    char open[LONGEST_DELIMITER + 1], close[LONGEST_DELIMITER + 1];
    Slice dedent; /* what each line loses at its start */
    Open opens[DEEPEST];
    guint n_opens;
    GArray *ops, *parts;
    GString *text;
    GError **error;
} Parser;

typedef struct {
    char kind; /* the character after the delimiter, 'v' for a plain variable */
    Slice name;
    const char *from, *until; /* the whole tag */
} Tag;

static gsize length_of(Slice slice)
{
    return (gsize)(slice.until - slice.from);
}

/* Counts on from the last one: tags come in order, but for what an error points back to. */
static guint line_of(Parser *parser, const char *at)
{
    if (!parser->counted || at < parser->counted) {
        parser->counted = parser->source;
        parser->line = 1;
    }
    for (; parser->counted < at; parser->counted++)
        parser->line += *parser->counted == '\n';
    return parser->line;
}

static gboolean fail(Parser *parser, const char *at, const char *what, Slice name)
{
    g_set_error(parser->error, MUSTACHE_ERROR, 0, "%s:%u: %s%s%.*s", parser->program->name,
                line_of(parser, at), what, length_of(name) ? " " : "",
                (int)MIN(length_of(name), 80), name.from ? name.from : "");
    return FALSE;
}

static const Slice nothing = {NULL, NULL};

/* --- lines --- */

static gboolean is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The blanks between the start of the line and `at`, when there is nothing else; else from is NULL.
 */
static Slice blanks_before(const Parser *parser, const char *at)
{
    const char *from = at;
    while (from > parser->source && is_blank(from[-1]))
        from--;
    if (from > parser->source && from[-1] != '\n')
        return nothing;
    return (Slice){from, at};
}

/* Where the next line starts when only blanks are left of this one; else NULL. */
static const char *line_end_after(const Parser *parser, const char *at)
{
    while (at < parser->end && is_blank(*at))
        at++;
    if (at < parser->end && *at == '\r')
        at++;
    if (at == parser->end)
        return at;
    return *at == '\n' ? at + 1 : NULL;
}

/* What is left of a line's leading blanks once the dedent is taken away. */
static Slice dedented(const Parser *parser, Slice blanks)
{
    const char *dedent = parser->dedent.from;
    while (dedent < parser->dedent.until && blanks.from < blanks.until && *blanks.from == *dedent) {
        blanks.from++;
        dedent++;
    }
    return blanks;
}

static Slice leading_blanks(const Parser *parser, const char *line)
{
    const char *until = line;
    while (until < parser->end && is_blank(*until))
        until++;
    return (Slice){line, until};
}

/* --- writing the program --- */

static guint32 add_text(Parser *parser, Slice slice)
{
    guint32 offset = (guint32)parser->text->len;
    g_string_append_len(parser->text, slice.from, (gssize)length_of(slice));
    return offset;
}

static Op *op_at(Parser *parser, guint32 index)
{
    return &g_array_index(parser->ops, Op, index);
}

static Op *add_op(Parser *parser, OpKind kind, const Tag *tag)
{
    Op op = {.kind = (guint8)kind, .line = tag ? line_of(parser, tag->from) : 0};
    g_array_append_val(parser->ops, op);
    return op_at(parser, parser->ops->len - 1);
}

static gboolean is_inside_parent(Parser *parser)
{
    return parser->n_opens &&
           op_at(parser, parser->opens[parser->n_opens - 1].op)->kind == OP_PARENT;
}

static void set_indent(Parser *parser, Op *op, Slice blanks)
{
    blanks = dedented(parser, blanks);
    op->indent = add_text(parser, blanks);
    op->indent_length = (guint32)length_of(blanks);
}

/* Puts the pending text up to `until` into the program, each line without the dedent. */
static void flush(Parser *parser, const char *until)
{
    const char *from = parser->pending;
    guint32 start = (guint32)parser->text->len;
    parser->pending = until;
    if (from >= until || is_inside_parent(parser))
        return;
    while (from < until) {
        const char *newline = memchr(from, '\n', (gsize)(until - from));
        Slice line = {from, newline ? newline + 1 : until};
        if (from == parser->source || from[-1] == '\n')
            line = dedented(parser, line);
        add_text(parser, line);
        from = newline ? newline + 1 : until;
    }
    if (parser->text->len == start)
        return;
    Op *op = add_op(parser, OP_LITERAL, NULL);
    op->text = start;
    op->length = (guint32)(parser->text->len - start);
}

/* Ends the text before a tag that may stand alone: then it vanishes with its line. Returns the
 * blanks before it in `blanks` when wanted. */
static gboolean flush_standalone(Parser *parser, const Tag *tag, Slice *blanks)
{
    Slice before = blanks_before(parser, tag->from);
    const char *next_line = line_end_after(parser, tag->until);
    gboolean is_standalone = before.from && next_line;
    flush(parser, is_standalone ? before.from : tag->from);
    parser->pending = is_standalone ? next_line : tag->until;
    parser->at = parser->pending;
    if (blanks)
        *blanks = before;
    return is_standalone;
}

static void flush_inline(Parser *parser, const Tag *tag)
{
    flush(parser, tag->from);
    parser->pending = parser->at = tag->until;
}

static void set_name(Parser *parser, Op *op, Slice name)
{
    op->text = add_text(parser, name);
    op->length = (guint32)length_of(name);
    g_string_append_c(parser->text, '\0'); /* sets look names up as C strings */
}

static gboolean set_path(Parser *parser, guint32 index, const Tag *tag)
{
    op_at(parser, index)->path = parser->parts->len;
    if (length_of(tag->name) == 1 && *tag->name.from == '.')
        return TRUE;
    for (const char *from = tag->name.from; from <= tag->name.until;) {
        const char *dot = memchr(from, '.', (gsize)(tag->name.until - from));
        Slice key = {from, dot ? dot : tag->name.until};
        if (!length_of(key))
            return fail(parser, tag->from, "a name has an empty part:", tag->name);
        Part part = {add_text(parser, key), (guint32)length_of(key)};
        g_array_append_val(parser->parts, part);
        from = key.until + 1;
    }
    op_at(parser, index)->n_parts = parser->parts->len - op_at(parser, index)->path;
    return TRUE;
}

/* --- tags --- */

static gboolean push(Parser *parser, guint32 op, const Tag *tag)
{
    if (parser->n_opens == DEEPEST)
        return fail(parser, tag->from, "too many sections inside each other at", tag->name);
    parser->opens[parser->n_opens++] =
        (Open){.op = op, .name = tag->name, .dedent = parser->dedent};
    return TRUE;
}

static gboolean read_variable(Parser *parser, const Tag *tag)
{
    flush_inline(parser, tag);
    add_op(parser, tag->kind == 'v' ? OP_ESCAPED : OP_RAW, tag);
    return set_path(parser, parser->ops->len - 1, tag);
}

static gboolean read_section(Parser *parser, const Tag *tag)
{
    flush_standalone(parser, tag, NULL);
    add_op(parser, tag->kind == '#' ? OP_SECTION : OP_INVERTED, tag);
    guint32 op = parser->ops->len - 1;
    return set_path(parser, op, tag) && push(parser, op, tag);
}

static gboolean read_partial(Parser *parser, const Tag *tag)
{
    Slice blanks;
    gboolean is_standalone = flush_standalone(parser, tag, &blanks);
    Op *op = add_op(parser, OP_PARTIAL, tag);
    set_name(parser, op, tag->name);
    op->is_standalone = is_standalone;
    if (is_standalone)
        set_indent(parser, op, blanks);
    return TRUE;
}

/* Whether a parent stands alone is known only at its end; see close_parent. */
static gboolean read_parent(Parser *parser, const Tag *tag)
{
    Slice blanks = blanks_before(parser, tag->from);
    flush_inline(parser, tag);
    set_name(parser, add_op(parser, OP_PARENT, tag), tag->name);
    if (!push(parser, parser->ops->len - 1, tag))
        return FALSE;
    Open *open = &parser->opens[parser->n_opens - 1];
    open->starts_line = blanks.from != NULL;
    open->blanks = blanks;
    return TRUE;
}

/* A block directly inside a parent is an argument: its lines lose the indentation of the first. */
static gboolean read_argument(Parser *parser, const Tag *tag)
{
    const char *next_line = line_end_after(parser, tag->until);
    flush_inline(parser, tag);
    set_name(parser, add_op(parser, OP_BLOCK, tag), tag->name);
    if (!push(parser, parser->ops->len - 1, tag))
        return FALSE;
    parser->dedent = nothing;
    if (next_line) {
        parser->pending = parser->at = next_line;
        parser->dedent = leading_blanks(parser, next_line);
    }
    return TRUE;
}

static gboolean starts_with_close(const Parser *parser, const char *at)
{
    gsize length = strlen(parser->open);
    return (gsize)(parser->end - at) > length && !memcmp(at, parser->open, length) &&
           at[length] == '/';
}

/* Arguments take the indentation of the default text, or of the tag when there is no such text. */
static gboolean read_block(Parser *parser, const Tag *tag)
{
    if (is_inside_parent(parser))
        return read_argument(parser, tag);
    Slice blanks;
    gboolean is_standalone = flush_standalone(parser, tag, &blanks);
    Op *op = add_op(parser, OP_BLOCK, tag);
    set_name(parser, op, tag->name);
    op->is_standalone = is_standalone;
    Slice inside = leading_blanks(parser, parser->at);
    if (is_standalone && !starts_with_close(parser, inside.until))
        set_indent(parser, op, inside);
    else if (blanks.from)
        set_indent(parser, op, blanks);
    return push(parser, parser->ops->len - 1, tag);
}

static void close_parent(Parser *parser, const Open *open, const Tag *tag)
{
    const char *next_line = line_end_after(parser, tag->until);
    parser->pending = parser->at = tag->until;
    if (!open->starts_line || !next_line)
        return;
    Op *op = op_at(parser, open->op);
    op->is_standalone = TRUE;
    set_indent(parser, op, open->blanks);
    if (open->op && op[-1].kind == OP_LITERAL)
        op[-1].length -= MIN(op[-1].length, op->indent_length);
    parser->pending = parser->at = next_line;
}

static void close_argument(Parser *parser, const Tag *tag)
{
    Slice blanks = blanks_before(parser, tag->from);
    flush(parser, blanks.from && blanks.from >= parser->pending ? blanks.from : tag->from);
    parser->pending = parser->at = tag->until;
}

static gboolean read_close(Parser *parser, const Tag *tag)
{
    if (!parser->n_opens)
        return fail(parser, tag->from, "nothing is open that could be closed by", tag->name);
    Open *open = &parser->opens[parser->n_opens - 1];
    if (length_of(open->name) != length_of(tag->name) ||
        memcmp(open->name.from, tag->name.from, length_of(tag->name)) != 0)
        return fail(parser, tag->from, "another section is open than", tag->name);
    OpKind kind = (OpKind)op_at(parser, open->op)->kind;
    gboolean is_argument =
        kind == OP_BLOCK && parser->n_opens > 1 && op_at(parser, open[-1].op)->kind == OP_PARENT;
    if (is_argument)
        close_argument(parser, tag);
    else if (kind != OP_PARENT)
        op_at(parser, open->op)->closes_line = flush_standalone(parser, tag, NULL);
    parser->n_opens--;
    parser->dedent = open->dedent;
    if (kind == OP_PARENT)
        close_parent(parser, open, tag);
    op_at(parser, open->op)->end = parser->ops->len;
    return TRUE;
}

static gboolean read_delimiters(Parser *parser, const Tag *tag)
{
    g_autofree char *text = g_strndup(tag->name.from, length_of(tag->name));
    g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
    const char *found[2] = {NULL, NULL};
    guint n_found = 0;
    for (GStrv word = words; *word; word++) {
        if (!**word)
            continue;
        if (n_found == 2 || strlen(*word) > LONGEST_DELIMITER || strchr(*word, '='))
            return fail(parser, tag->from, "these are no delimiters:", tag->name);
        found[n_found++] = *word;
    }
    if (n_found != 2)
        return fail(parser, tag->from, "two delimiters are needed, not", tag->name);
    g_strlcpy(parser->open, found[0], sizeof parser->open);
    g_strlcpy(parser->close, found[1], sizeof parser->close);
    flush_standalone(parser, tag, NULL);
    return TRUE;
}

static gboolean read_tag(Parser *parser, const Tag *tag)
{
    switch (tag->kind) {
    case '!':
        flush_standalone(parser, tag, NULL);
        return TRUE;
    case '=':
        return read_delimiters(parser, tag);
    case '#':
    case '^':
        return read_section(parser, tag);
    case '/':
        return read_close(parser, tag);
    case '>':
        return read_partial(parser, tag);
    case '<':
        return read_parent(parser, tag);
    case '$':
        return read_block(parser, tag);
    default:
        return read_variable(parser, tag);
    }
}

/* --- finding tags --- */

static Slice trimmed(Slice slice)
{
    while (slice.from < slice.until && g_ascii_isspace(*slice.from))
        slice.from++;
    while (slice.from < slice.until && g_ascii_isspace(slice.until[-1]))
        slice.until--;
    return slice;
}

static gboolean is_name(Slice name)
{
    for (const char *c = name.from; c < name.until; c++)
        if (g_ascii_isspace(*c) || !*c)
            return FALSE;
    return length_of(name) > 0;
}

/* The tag that opens at `from`. {{{x}}} ends with a brace more, {{=a b=}} with an equals sign. */
static gboolean find_tag(Parser *parser, const char *from, Tag *tag)
{
    const char *inside = from + strlen(parser->open);
    const char *kind = inside < parser->end ? strchr("!=#^/><$&{", *inside) : NULL;
    tag->from = from;
    tag->kind = kind && *kind ? *kind : 'v';
    if (tag->kind != 'v')
        inside++;

    g_autofree char *close =
        g_strconcat(tag->kind == '{' ? "}" : (tag->kind == '=' ? "=" : ""), parser->close, NULL);
    const char *until = memmem(inside, (gsize)(parser->end - inside), close, strlen(close));
    if (!until)
        return fail(parser, from, "a tag is not closed", nothing);
    tag->until = until + strlen(close);
    tag->name = trimmed((Slice){inside, until});
    if (tag->kind != '!' && tag->kind != '=' && !is_name(tag->name))
        return fail(parser, from, "a tag needs one word as its name, not", tag->name);
    return TRUE;
}

static gboolean parse(Parser *parser)
{
    for (;;) {
        gsize left = (gsize)(parser->end - parser->at);
        const char *from = memmem(parser->at, left, parser->open, strlen(parser->open));
        if (!from)
            break;
        Tag tag = {0};
        if (!find_tag(parser, from, &tag) || !read_tag(parser, &tag))
            return FALSE;
    }
    if (parser->n_opens) {
        const Open *open = &parser->opens[parser->n_opens - 1];
        return fail(parser, open->name.from, "never closed:", open->name);
    }
    flush(parser, parser->end);
    return TRUE;
}

gboolean mustache_parse(Mustache *program, const char *source, gsize length, GError **error)
{
    g_autoptr(GArray) ops = g_array_new(FALSE, FALSE, sizeof(Op));
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(Part));
    GString *text = g_string_sized_new(length);
    Parser parser = {.program = program,
                     .source = source,
                     .end = source + length,
                     .at = source,
                     .pending = source,
                     .open = "{{",
                     .close = "}}",
                     .ops = ops,
                     .parts = parts,
                     .text = text,
                     .error = error};
    gboolean is_right = length <= LONGEST_SOURCE
                            ? parse(&parser)
                            : fail(&parser, source, "longer than 16 MiB", nothing);
    program->n_ops = ops->len;
    program->ops = (Op *)(gpointer)g_array_free(g_steal_pointer(&ops), FALSE);
    program->parts = (Part *)(gpointer)g_array_free(g_steal_pointer(&parts), FALSE);
    program->text = g_string_free(text, FALSE);
    return is_right;
}
