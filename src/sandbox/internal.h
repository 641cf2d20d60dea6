/* internal.h - between the server's end of the sandbox (sandbox.c), the zygote (zygote.c) and what
 * the kernel lets them do (filter.c).
 *
 * Control socket, from the server: first SANDBOX_WARM or SANDBOX_WARM_ALL, what the zygote has to
 * be. Then one byte SANDBOX_RUN with the child's end of a fresh socket; the
 * zygote answers the child's process id (pid_t, -1: could not fork). SANDBOX_REAP; it answers the
 * wait status (int). A child is reaped only when asked, so that its id is its own until the server
 * is done with it. Data socket: for each message a SandboxHeader and its bytes; back come a
 * SandboxHeader and the answer.
 */
#pragma once
#include "sandbox/sandbox.h"

#include <linux/filter.h>

enum { SANDBOX_WARM = 'w', SANDBOX_WARM_ALL = 'a', SANDBOX_RUN = 'R', SANDBOX_REAP = 'W' };
typedef struct {
    guint64 length;     /* SANDBOX_GAVE_UP, SANDBOX_MISSED_REST: no answer */
    gint64 received_at; /* of an answer: nothing */
} SandboxHeader;
#define SANDBOX_GAVE_UP G_MAXUINT64
#define SANDBOX_MISSED_REST (G_MAXUINT64 - 1) /* to be read where all is warm */
#define SANDBOX_CONTROL 3 /* the descriptor of the control socket in the zygote */

/* Runs until the control socket ends; `settings` complete. */
_Noreturn void zygote_run(const SandboxSettings *settings, int control);

/* Of the calling process and what it forks, for ever. */
bool filter_lock_zygote(void);
/* The narrower one of a child, made before lock-down, put on after each fork. */
bool filter_prepare_child(struct sock_fprog *program);
bool filter_lock_child(const struct sock_fprog *program);
