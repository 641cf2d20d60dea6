/* mustache_internal.h - the flat program between mustache_parse.c and mustache.c. */
#pragma once
#include "mustache/mustache.h"

#include <stdbool.h>

typedef enum {
    OP_LITERAL,  /* text */
    OP_ESCAPED,  /* {{path}} */
    OP_RAW,      /* {{{path}}} {{&path}} */
    OP_SECTION,  /* {{#path}} ... end */
    OP_INVERTED, /* {{^path}} ... end */
    OP_PARTIAL,  /* {{>text}} */
    OP_PARENT,   /* {{<text}} ... end: of what is inside only blocks count, as arguments */
    OP_BLOCK,    /* {{$text}} ... end */
} OpKind;

typedef struct {
    guint8 kind;        /* OpKind */
    bool is_standalone; /* PARTIAL, PARENT: alone on its line; BLOCK: its opening tag is */
    bool closes_line;   /* BLOCK: its closing tag is alone on its line */
    guint32 line;
    guint32 end;                   /* one past the last operation inside */
    guint32 text, length;          /* in the program's text: the literal or the name */
    guint32 indent, indent_length; /* in the program's text: what goes in front of each line */
    guint32 path, n_parts;         /* in the program's parts; 0 parts is the context itself */
} Op;

typedef struct {
    guint32 text, length;
} Part;

struct Mustache {
    const MustacheSet *set;
    char *name;
    Op *ops;
    guint32 n_ops;
    Part *parts; /* of dotted names */
    char *text;
};

/* Fills ops, parts and text of `program`; false and MUSTACHE_ERROR with name and line. */
gboolean mustache_parse(Mustache *program, const char *source, gsize length, GError **error);
