/* mustache.c - sets of templates and their rendering (see mustache.h).
 *
 * Rendering walks the flat program; contexts and arguments are lists on the C stack, so that a page
 * costs no allocation besides its output. Indentation is added while writing, and costs nothing
 * where there is none.
 */
#include "mustache/mustache.h"
#include "base/value_internal.h"
#include "mustache/mustache_internal.h"

#include <string.h>

enum {
    DEEPEST = 64, /* partials, parents and blocks inside each other */
    MOST_EXPANSIONS =
        50000, /* of them in one rendering: a partial that calls itself twice ends too */
};

struct MustacheSet {
    GHashTable *templates; /* name to Mustache */
};

G_DEFINE_QUARK(sportello - mustache - error - quark, mustache_error)

static void mustache_free(gpointer data)
{
    Mustache *program = data;
    g_free(program->name);
    g_free(program->ops);
    g_free(program->parts);
    g_free(program->text);
    g_free(program);
}

MustacheSet *mustache_set_new(void)
{
    MustacheSet *set = g_new0(MustacheSet, 1);
    set->templates = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, mustache_free);
    return set;
}

void mustache_set_free(MustacheSet *set)
{
    if (!set)
        return;
    g_hash_table_unref(set->templates);
    g_free(set);
}

const Mustache *mustache_set_add(MustacheSet *set, const char *name, const char *source,
                                 gssize length, GError **error)
{
    if (g_hash_table_contains(set->templates, name)) {
        g_set_error(error, MUSTACHE_ERROR, 0, "%s: there is a template of this name", name);
        return NULL;
    }
    Mustache *program = g_new0(Mustache, 1);
    program->set = set;
    program->name = g_strdup(name);
    if (!mustache_parse(program, source, length < 0 ? strlen(source) : (gsize)length, error)) {
        mustache_free(program);
        return NULL;
    }
    g_hash_table_insert(set->templates, program->name, program);
    return program;
}

const Mustache *mustache_set_find(const MustacheSet *set, const char *name)
{
    return g_hash_table_lookup(set->templates, name);
}

static gboolean check(const Mustache *program, GError **error)
{
    for (guint32 i = 0; i < program->n_ops; i++) {
        const Op *op = &program->ops[i];
        if (op->kind != OP_PARTIAL && op->kind != OP_PARENT)
            continue;
        const char *name = program->text + op->text;
        if (mustache_set_find(program->set, name))
            continue;
        g_set_error(error, MUSTACHE_ERROR, 0, "%s:%u: there is no template %s", program->name,
                    op->line, name);
        return FALSE;
    }
    return TRUE;
}

gboolean mustache_set_check(const MustacheSet *set, GError **error)
{
    GHashTableIter iter;
    gpointer program;
    g_hash_table_iter_init(&iter, set->templates);
    while (g_hash_table_iter_next(&iter, NULL, &program))
        if (!check(program, error))
            return FALSE;
    return TRUE;
}

/* --- rendering --- */

typedef struct Context {
    const Value *value;
    const struct Context *outer;
} Context;

/* The arguments of one {{<parent}}, visible while that parent is rendered. */
typedef struct Arguments {
    const Mustache *program;
    const Op *parent;
    const struct Arguments *outer;
} Arguments;

typedef struct {
    GString *out;
    gboolean escapes;
    guint depth, expansions;
    const char *indent; /* goes in front of each line of the template being rendered */
    gsize indent_length;
    gboolean is_line_start; /* kept only while there is an indentation */
    const Arguments *arguments;
} Renderer;

static void render(Renderer *renderer, const Mustache *program, guint32 from, guint32 until,
                   const Context *context);

static inline void append(GString *out, const char *text, gsize length)
{
    if (G_UNLIKELY(out->len + length >= out->allocated_len)) {
        g_string_append_len(out, text, (gssize)length);
        return;
    }
    memcpy(out->str + out->len, text, length);
    out->len += length;
    out->str[out->len] = '\0';
}

/* Whether one of eight bytes is to be escaped: & and ' differ in one bit, < and > in another. */
static inline gboolean has_special(guint64 bytes)
{
    const guint64 ones = G_MAXUINT64 / 255, highs = ones * 0x80;
    guint64 quote = bytes ^ (ones * '"');
    guint64 ampersand = (bytes | ones) ^ (ones * '\'');
    guint64 angle = (bytes | (ones * 2)) ^ (ones * '>');
    /* The high bit of the lowest zero byte is set (and of no byte when none is zero). */
    return (((quote - ones) & ~quote) | ((ampersand - ones) & ~ampersand) |
            ((angle - ones) & ~angle)) &
                   highs
               ? TRUE
               : FALSE;
}

static const char *const entities[256] = {
    ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
};

static gboolean needs_escaping(const char *text, gsize length)
{
    guint64 bytes;
    for (; length >= sizeof bytes; text += sizeof bytes, length -= sizeof bytes) {
        memcpy(&bytes, text, sizeof bytes);
        if (has_special(bytes))
            return TRUE;
    }
    bytes = 0;
    memcpy(&bytes, text, length);
    return has_special(bytes);
}

static void append_escaped(GString *out, const char *text, gsize length)
{
    if (G_LIKELY(!needs_escaping(text, length))) {
        append(out, text, length);
        return;
    }
    const char *end = text + length, *plain = text;
    for (const char *at = text; at < end; at++) {
        const char *entity = entities[(guint8)*at];
        if (!entity)
            continue;
        append(out, plain, (gsize)(at - plain));
        append(out, entity, strlen(entity));
        plain = at + 1;
    }
    append(out, plain, (gsize)(end - plain));
}

static void begin_line(Renderer *renderer)
{
    if (renderer->indent_length && renderer->is_line_start)
        append(renderer->out, renderer->indent, renderer->indent_length);
    renderer->is_line_start = FALSE;
}

static void render_literal(Renderer *renderer, const char *text, gsize length)
{
    if (G_LIKELY(!renderer->indent_length)) {
        append(renderer->out, text, length);
        return;
    }
    for (const char *end = text + length; text < end;) {
        const char *newline = memchr(text, '\n', (gsize)(end - text));
        const char *next = newline ? newline + 1 : end;
        begin_line(renderer);
        append(renderer->out, text, (gsize)(next - text));
        renderer->is_line_start = newline != NULL;
        text = next;
    }
}

static inline const Value *member_of(const Value *object, const char *key, guint32 length)
{
    if (object->kind != VALUE_OBJECT)
        return NULL;
    const Member *member = object->members;
    for (guint32 left = object->length; left; left--, member++)
        if (member->key_length == length && !memcmp(member->key, key, length))
            return member->value;
    return NULL;
}

/* The first part is looked for from the innermost context outwards, the others only inside it. */
static const Value *resolve_path(const Mustache *program, const Op *op, const Context *context)
{
    const Part *part = &program->parts[op->path];
    const char *key = program->text + part->text;
    const Value *value = NULL;
    for (; context && !value; context = context->outer)
        value = member_of(context->value, key, part->length);
    for (guint32 i = 1; i < op->n_parts && value; i++)
        value = member_of(value, program->text + part[i].text, part[i].length);
    return value;
}

static inline const Value *resolve(const Mustache *program, const Op *op, const Context *context)
{
    return op->n_parts ? resolve_path(program, op, context) : context->value;
}

static void render_value(Renderer *renderer, const Value *value, gboolean escapes)
{
    begin_line(renderer);
    if (!value)
        return;
    if (value->kind != VALUE_TEXT)
        value_append_text(value, renderer->out);
    else if (escapes)
        append_escaped(renderer->out, value->text, value->length);
    else
        append(renderer->out, value->text, value->length);
}

/* False: null, false, zero, the empty text, the empty list. */
static gboolean is_true(const Value *value)
{
    if (!value)
        return FALSE;
    switch ((ValueKind)value->kind) {
    case VALUE_NULL:
        return FALSE;
    case VALUE_BOOLEAN:
    case VALUE_INTEGER:
        return value->integer != 0;
    case VALUE_REAL:
        return value->real < 0 || value->real > 0;
    case VALUE_TEXT:
    case VALUE_LIST:
        return value->length > 0;
    case VALUE_OBJECT:
        break;
    }
    return TRUE;
}

static void render_section(Renderer *renderer, const Mustache *program, const Op *op,
                           const Context *context)
{
    const guint32 first = (guint32)(op - program->ops) + 1;
    const Value *value = resolve(program, op, context);
    if (!is_true(value))
        return;
    if (value->kind != VALUE_LIST) {
        Context inner = {value, context};
        render(renderer, program, first, op->end, &inner);
        return;
    }
    for (guint32 i = 0; i < value->length; i++) {
        Context inner = {value->elements[i], context};
        render(renderer, program, first, op->end, &inner);
    }
}

/* Enters something that stands elsewhere; FALSE when it must not be entered any more. */
static gboolean enter(Renderer *renderer)
{
    if (renderer->depth == DEEPEST || renderer->expansions == MOST_EXPANSIONS)
        return FALSE;
    renderer->depth++;
    renderer->expansions++;
    return TRUE;
}

/* The indentation of the present template and then that of `op`; NULL when both are empty. */
static char *indent_inside(const Renderer *renderer, const Mustache *program, const Op *op,
                           gsize *length)
{
    *length = renderer->indent_length + op->indent_length;
    if (!*length)
        return NULL;
    return g_strdup_printf("%.*s%.*s", (int)renderer->indent_length,
                           renderer->indent ? renderer->indent : "", (int)op->indent_length,
                           program->text + op->indent);
}

/* Renders what stands elsewhere with another indentation, then goes back to the present one. */
static void render_indented(Renderer *renderer, const Mustache *program, guint32 from,
                            guint32 until, const Context *context, const char *indent, gsize length)
{
    const char *indent_before = renderer->indent;
    gsize length_before = renderer->indent_length;
    renderer->indent = indent;
    renderer->indent_length = length;
    render(renderer, program, from, until, context);
    renderer->indent = indent_before;
    renderer->indent_length = length_before;
    renderer->depth--;
}

/* A partial, or a parent once its arguments are in place. Alone on its line it hands its
 * indentation on. */
static void render_template(Renderer *renderer, const Mustache *program, const Op *op,
                            const Context *context)
{
    const Mustache *template = mustache_set_find(program->set, program->text + op->text);
    gsize length = 0;
    if (!op->is_standalone)
        begin_line(renderer);
    if (!template || !enter(renderer))
        return;
    g_autofree char *indent =
        op->is_standalone ? indent_inside(renderer, program, op, &length) : NULL;
    renderer->is_line_start = op->is_standalone;
    render_indented(renderer, template, 0, template->n_ops, context, indent, length);
    renderer->is_line_start = op->is_standalone;
}

static void render_parent(Renderer *renderer, const Mustache *program, const Op *op,
                          const Context *context)
{
    Arguments arguments = {program, op, renderer->arguments};
    renderer->arguments = &arguments;
    render_template(renderer, program, op, context);
    renderer->arguments = arguments.outer;
}

static const Op *argument_of(const Arguments *arguments, const char *name)
{
    const Op *ops = arguments->program->ops;
    const Op *end = ops + arguments->parent->end;
    for (const Op *op = arguments->parent + 1; op < end; op = op->end ? ops + op->end : op + 1)
        if (op->kind == OP_BLOCK && g_str_equal(arguments->program->text + op->text, name))
            return op;
    return NULL;
}

/* What stands in for a block: the argument of the outermost template that has one. */
static const Op *find_argument(const Arguments *arguments, const char *name,
                               const Arguments **found_in)
{
    if (!arguments)
        return NULL;
    const Op *argument = find_argument(arguments->outer, name, found_in);
    if (argument)
        return argument;
    *found_in = arguments;
    return argument_of(arguments, name);
}

static void render_block(Renderer *renderer, const Mustache *program, const Op *block,
                         const Context *context)
{
    const Arguments *found_in = NULL, *before = renderer->arguments;
    const Op *argument = find_argument(before, program->text + block->text, &found_in);
    if (!argument) {
        render(renderer, program, (guint32)(block - program->ops) + 1, block->end, context);
        return;
    }
    if (!block->is_standalone)
        begin_line(renderer);
    if (!enter(renderer))
        return;
    gsize length;
    g_autofree char *indent = indent_inside(renderer, program, block, &length);
    renderer->is_line_start = block->is_standalone;
    /* Blocks inside an argument are parameters of the template that wrote it, so only its callers
     * count: a page's own title does not end up in a card that the page shows. */
    renderer->arguments = found_in->outer;
    render_indented(renderer, found_in->program, (guint32)(argument - found_in->program->ops) + 1,
                    argument->end, context, indent, length);
    renderer->arguments = before;
    renderer->is_line_start = block->closes_line;
}

static void render(Renderer *renderer, const Mustache *program, guint32 from, guint32 until,
                   const Context *context)
{
    const Op *ops = program->ops, *end = ops + until;
    for (const Op *op = ops + from; op < end; op = op->end ? ops + op->end : op + 1) {
        switch ((OpKind)op->kind) {
        case OP_LITERAL:
            render_literal(renderer, program->text + op->text, op->length);
            break;
        case OP_ESCAPED:
            render_value(renderer, resolve(program, op, context), renderer->escapes);
            break;
        case OP_RAW:
            render_value(renderer, resolve(program, op, context), FALSE);
            break;
        case OP_SECTION:
            render_section(renderer, program, op, context);
            break;
        case OP_INVERTED:
            if (!is_true(resolve(program, op, context)))
                render(renderer, program, (guint32)(op - ops) + 1, op->end, context);
            break;
        case OP_PARTIAL:
            render_template(renderer, program, op, context);
            break;
        case OP_PARENT:
            render_parent(renderer, program, op, context);
            break;
        case OP_BLOCK:
            render_block(renderer, program, op, context);
            break;
        }
    }
}

static void render_whole(const Mustache *template, const Value *context, GString *out,
                         gboolean escapes)
{
    Renderer renderer = {.out = out, .escapes = escapes, .depth = 1};
    const Context outermost = {context, NULL};
    render(&renderer, template, 0, template->n_ops, &outermost);
}

void mustache_render(const Mustache *template, const Value *context, GString *out)
{
    render_whole(template, context, out, TRUE);
}

void mustache_render_plain(const Mustache *template, const Value *context, GString *out)
{
    render_whole(template, context, out, FALSE);
}
