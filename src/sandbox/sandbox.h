/* sandbox.h - running a reader of hostile bytes in a process that can do nothing else.
 *
 * The zygote is forked first, before threads, secrets and the database. It warms what cannot be
 * loaded later (charset converters, tables), locks itself down and forks a child per message, or
 * per batch of a backlog, one ahead of its time. A child can read its pipe, write its answers and
 * allocate; no files, no sockets, no new privileges.
 *
 * What is hardly ever needed makes each fork dear. It is warmed by a second zygote, forked with the
 * first one, when a child says for the first time that it missed something; such messages are read
 * by the second one's children.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Runs in the child: bytes that came at `received_at` (Unix seconds) in, text out (g_malloc'ed,
 * `answer_length` bytes); NULL when it gives up. */
typedef char *SandboxReader(const guint8 *bytes, gsize length, gint64 received_at,
                            gsize *answer_length);

typedef struct {
    SandboxReader *reader;
    void (*warm)(const char *argument); /* in the zygote before lock-down; may be NULL */
    const char *warm_argument;          /* for `warm`, e.g. a file it loads; may be NULL */
    void (*warm_rest)(void);   /* after `warm`, in a second zygote; NULL: there is no second one */
    bool (*missed_rest)(void); /* in a child, since it was asked last: was `warm_rest` missing? */
    gsize memory_most;         /* bytes of address space a child may add; 0: 512 MiB */
    guint time_most_ms;        /* the parent's timer per run; 0: 20,000 */
    guint cpu_most_s;          /* processor time of a run; 0: 5 */
    gsize answer_most;         /* bytes; 0: 16 MiB */
    const char *again; /* the argument with which this program calls sandbox_zygote, followed by
                          warm_argument when there is one: one that died is replaced so; NULL: it
                          is not */
} SandboxSettings;

typedef struct Sandbox Sandbox;
/* Forks the zygote and returns at once, while it still warms: call first thing in main, with one
 * thread and no open secrets. */
Sandbox *sandbox_start(const SandboxSettings *settings, GError **error);
/* The zygote of a server that lost its first one: first thing in main, with the same settings. */
_Noreturn void sandbox_zygote(const SandboxSettings *settings);
/* Ends the zygote. */
void sandbox_stop(Sandbox *sandbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sandbox, sandbox_stop)

typedef enum {
    SANDBOX_ERROR_KILLED,  /* it did what it must not do, or crashed */
    SANDBOX_ERROR_TIME,    /* it took too long and was killed */
    SANDBOX_ERROR_GAVE_UP, /* the reader returned NULL, or its answer was too large */
    SANDBOX_ERROR_GONE,    /* the zygote is gone or could not fork, also a new one: try later */
} SandboxError;
#define SANDBOX_ERROR sandbox_error_quark()
GQuark sandbox_error_quark(void);

/* One run in a fresh child. Blocks; any thread, one at a time (others wait). The answer is owned by
 * the caller. */
char *sandbox_run(Sandbox *sandbox, const guint8 *bytes, gsize length, gint64 received_at,
                  gsize *answer_length, GError **error);

/* One of many: what goes in is borrowed, the outcome (`answer` or `error`) is owned by the caller.
 */
typedef struct {
    const guint8 *bytes;
    gsize length;
    gint64 received_at;
    char *answer; /* ends with a NUL that does not count */
    gsize answer_length;
    GError *error;
} SandboxRun;
/* Told of each outcome in order, in the caller's thread, while the child is at the next message. It
 * must not use the sandbox. */
typedef void SandboxAnswered(SandboxRun *run, gpointer context);
/* Each child reads up to `per_child` messages, one after the other; 1: nothing is shared. What a
 * child that was given several did not answer - it crashed, or needed more than a quarter of the
 * time, or all of them more than cpu_most_s - is run again alone, so that the outcome of a message
 * that fails is always its own. `tell` may be NULL. */
void sandbox_run_many(Sandbox *sandbox, SandboxRun *runs, guint n, guint per_child,
                      SandboxAnswered *tell, gpointer context);
