/* sandbox.c - the server's end: starts the zygote, sends messages to its children, holds the watch.
 *
 * Each child has its own socket, so that nothing of one can be taken for an answer of the next; the
 * timer and the limit of the answer are kept here, where nobody hostile can touch them.
 */
#include "sandbox/sandbox.h"
#include "sandbox/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMORY_MOST ((gsize)512 * 1024 * 1024)
#define TIME_MOST_MS 20000
#define CPU_MOST_S                                                                                 \
    5 /* one message must not keep the others waiting; a busy machine may be slower */
#define ANSWER_MOST ((gsize)16 * 1024 * 1024)
#define HASTE 4 /* in a batch a message has a quarter of the time */

typedef struct {
    int control;
    pid_t pid;    /* 0: none */
    bool has_all; /* it is the second one */
    bool is_told; /* what it has to be */
    int spare;    /* the socket of a child that was forked ahead, 0: none */
} Zygote;

struct Sandbox {
    SandboxSettings settings;
    GMutex lock;   /* one run at a time */
    Zygote usual;  /* without what `warm_rest` warms */
    Zygote second; /* with it; idle until it is needed */
};

G_DEFINE_QUARK(sandbox - error - quark, sandbox_error)

/* --- the control socket -------------------------------------------------------------------- */

static bool ask(const Zygote *zygote, char what, int fd)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec place = {&what, 1};
    struct msghdr message = {.msg_iov = &place, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    }
    gssize sent;
    do
        sent = sendmsg(zygote->control, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == 1;
}

static bool answered(const Zygote *zygote, void *bytes, gsize length)
{
    for (gsize done = 0; done < length;) {
        gssize step = recv(zygote->control, (guint8 *)bytes + done, length - done, 0);
        if (step < 0 && errno == EINTR)
            continue;
        if (step <= 0)
            return false;
        done += (gsize)step;
    }
    return true;
}

/* Once, before anything else is asked. */
static bool instruct(Zygote *zygote)
{
    zygote->is_told =
        zygote->is_told || ask(zygote, zygote->has_all ? SANDBOX_WARM_ALL : SANDBOX_WARM, -1);
    return zygote->is_told;
}

/* --- the zygote's life --------------------------------------------------------------------- */

static SandboxSettings complete(const SandboxSettings *settings)
{
    SandboxSettings all = *settings;
    if (!all.memory_most)
        all.memory_most = MEMORY_MOST;
    if (!all.time_most_ms)
        all.time_most_ms = TIME_MOST_MS;
    if (!all.cpu_most_s)
        all.cpu_most_s = CPU_MOST_S;
    if (!all.answer_most)
        all.answer_most = ANSWER_MOST;
    return all;
}

/* Threads and secrets are here by now: nothing but an exec leaves them behind. */
static _Noreturn void become_zygote(const SandboxSettings *settings, int control)
{
    char *arguments[] = {(char *)"sportello-read", (char *)settings->again,
                         (char *)settings->warm_argument, NULL};
    if (control != SANDBOX_CONTROL)
        dup2(control, SANDBOX_CONTROL);
    else
        fcntl(control, F_SETFD, 0); /* survives the exec */
    execv("/proc/self/exe", arguments);
    _exit(127);
}

/* By a fork while there is nothing to hide (`is_first`), by a fork and an exec later. */
static bool start_zygote(const Sandbox *sandbox, Zygote *zygote, bool is_first, GError **error)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        g_set_error(error, SANDBOX_ERROR, SANDBOX_ERROR_GONE, "no socket for the zygote: %s",
                    g_strerror(errno));
        return false;
    }
    pid_t pid = fork();
    if (pid == 0 && !is_first)
        become_zygote(&sandbox->settings, ends[1]);
    if (pid == 0) {
        close(ends[0]);
        zygote_run(&sandbox->settings, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        g_set_error(error, SANDBOX_ERROR, SANDBOX_ERROR_GONE, "no zygote: %s", g_strerror(errno));
        close(ends[0]);
        return false;
    }
    *zygote = (Zygote){.control = ends[0], .pid = pid, .has_all = zygote->has_all};
    return true;
}

static void end_zygote(Zygote *zygote)
{
    if (zygote->pid <= 0)
        return;
    close(zygote->control);
    if (zygote->spare)
        close(zygote->spare);
    kill(zygote->pid, SIGKILL); /* it may still be warming */
    while (waitpid(zygote->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    *zygote = (Zygote){.control = -1, .has_all = zygote->has_all};
}

Sandbox *sandbox_start(const SandboxSettings *settings, GError **error)
{
    Sandbox *sandbox = g_new0(Sandbox, 1);
    sandbox->settings = complete(settings);
    sandbox->second.has_all = true;
    g_mutex_init(&sandbox->lock);
    bool good = start_zygote(sandbox, &sandbox->usual, true, error) && instruct(&sandbox->usual);
    if (good && (!settings->warm_rest || start_zygote(sandbox, &sandbox->second, true, error)))
        return sandbox;
    sandbox_stop(sandbox);
    return NULL;
}

/* Somebody or the system killed it: mail must not wait for an operator. */
static bool start_again(const Sandbox *sandbox, Zygote *zygote)
{
    if (!sandbox->settings.again)
        return false;
    end_zygote(zygote);
    bool good = start_zygote(sandbox, zygote, false, NULL);
    g_message("event=zygote_restarted good=%d", (int)good);
    return good;
}

void sandbox_zygote(const SandboxSettings *settings)
{
    SandboxSettings all = complete(settings);
    zygote_run(&all, SANDBOX_CONTROL);
}

void sandbox_stop(Sandbox *sandbox)
{
    if (!sandbox)
        return;
    end_zygote(&sandbox->usual);
    end_zygote(&sandbox->second);
    g_mutex_clear(&sandbox->lock);
    g_free(sandbox);
}

/* --- one child ----------------------------------------------------------------------------- */

/* What goes to a child and comes back from it, both as far as its socket takes it: it never waits
 * for the next message while there is one. */
typedef struct {
    const Sandbox *sandbox;
    Zygote *zygote;
    int data;
    SandboxRun *runs;
    guint n;
    guint sending; /* index in `runs` */
    gsize sent;    /* of its header and bytes */
    guint receiving;
    gsize received; /* of its header and answer */
    SandboxHeader answer;
    gint64 until; /* monotonic, microseconds */
    SandboxAnswered *answered;
    gpointer context;
} Exchange;

typedef enum { CHILD_GOES_ON, CHILD_ENDED, CHILD_TOO_LONG, CHILD_MISSED_REST } ChildState;

/* Sends what the socket takes. A child that reads no further is no error: its answer tells. */
static void send_some(Exchange *exchange)
{
    const SandboxRun *run = &exchange->runs[exchange->sending];
    const SandboxHeader header = {run->length, run->received_at};
    bool in_header = exchange->sent < sizeof header;
    const guint8 *from = in_header ? (const guint8 *)&header + exchange->sent
                                   : run->bytes + (exchange->sent - sizeof header);
    gsize rest = (in_header ? 0 : run->length) + sizeof header - exchange->sent;
    gssize step = send(exchange->data, from, rest,
                       MSG_NOSIGNAL | MSG_DONTWAIT | (in_header && run->length ? MSG_MORE : 0));
    if (step < 0 && errno != EAGAIN && errno != EINTR) {
        exchange->sending = exchange->n;
        return;
    }
    exchange->sent += (gsize)MAX(step, 0);
    if (exchange->sent < run->length + sizeof header)
        return;
    exchange->sending++;
    exchange->sent = 0;
}

static void restart_timer(Exchange *exchange)
{
    gint64 most_ms = exchange->sandbox->settings.time_most_ms;
    if (exchange->n > 1) /* who needs more gets it alone */
        most_ms /= HASTE;
    exchange->until = g_get_monotonic_time() + most_ms * 1000;
}

static void finish_answer(Exchange *exchange)
{
    SandboxRun *run = &exchange->runs[exchange->receiving++];
    exchange->received = 0;
    if (run->answer)
        run->answer[run->answer_length] = '\0';
    if (exchange->answered)
        exchange->answered(run, exchange->context);
    restart_timer(exchange);
}

static void give_up(Exchange *exchange, const char *why)
{
    g_set_error_literal(&exchange->runs[exchange->receiving].error, SANDBOX_ERROR,
                        SANDBOX_ERROR_GAVE_UP, why);
    finish_answer(exchange);
}

/* Ended: nothing more comes of this child that could be believed. */
static ChildState begin_answer(Exchange *exchange)
{
    SandboxRun *run = &exchange->runs[exchange->receiving];
    if (exchange->answer.length == SANDBOX_GAVE_UP) {
        give_up(exchange, "the reader gave up");
        return CHILD_GOES_ON;
    }
    if (exchange->answer.length == SANDBOX_MISSED_REST && !exchange->zygote->has_all &&
        exchange->sandbox->settings.warm_rest)
        return CHILD_MISSED_REST;
    if (exchange->answer.length > exchange->sandbox->settings.answer_most) {
        give_up(exchange, "the answer is too large");
        return CHILD_ENDED;
    }
    run->answer_length = (gsize)exchange->answer.length;
    run->answer = g_malloc(run->answer_length + 1);
    if (!run->answer_length)
        finish_answer(exchange);
    return CHILD_GOES_ON;
}

static ChildState receive_some(Exchange *exchange)
{
    SandboxRun *run = &exchange->runs[exchange->receiving];
    const gsize header = sizeof exchange->answer;
    bool in_header = exchange->received < header;
    guint8 *to = in_header ? (guint8 *)&exchange->answer + exchange->received
                           : (guint8 *)run->answer + (exchange->received - header);
    gsize rest = (in_header ? 0 : run->answer_length) + header - exchange->received;
    gssize step = recv(exchange->data, to, rest, MSG_DONTWAIT);
    if (step < 0 && (errno == EAGAIN || errno == EINTR))
        return CHILD_GOES_ON;
    if (step <= 0)
        return CHILD_ENDED;
    exchange->received += (gsize)step;
    if (in_header && exchange->received == header)
        return begin_answer(exchange);
    if (!in_header && exchange->received == header + run->answer_length)
        finish_answer(exchange);
    return CHILD_GOES_ON;
}

static ChildState talk(Exchange *exchange)
{
    ChildState state = CHILD_GOES_ON;
    restart_timer(exchange);
    while (state == CHILD_GOES_ON && exchange->receiving < exchange->n) {
        gint64 left = exchange->until - g_get_monotonic_time();
        if (left <= 0)
            return CHILD_TOO_LONG;
        bool sends = exchange->sending < exchange->n;
        struct pollfd ready = {exchange->data, (short)(POLLIN | (sends ? POLLOUT : 0)), 0};
        if (poll(&ready, 1, (int)(left / 1000 + 1)) <= 0)
            continue;
        if (ready.revents & POLLOUT)
            send_some(exchange);
        if (ready.revents & (POLLIN | POLLHUP | POLLERR))
            state = receive_some(exchange);
    }
    return state;
}

static GError *gone(void)
{
    return g_error_new_literal(SANDBOX_ERROR, SANDBOX_ERROR_GONE,
                               "the zygote is gone or could not fork");
}

/* Why a child that did not answer ended. */
static GError *judge(ChildState state, int status)
{
    if (state == CHILD_TOO_LONG || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
        return g_error_new_literal(SANDBOX_ERROR, SANDBOX_ERROR_TIME, "reading took too long");
    if (WIFSIGNALED(status))
        return g_error_new(SANDBOX_ERROR, SANDBOX_ERROR_KILLED,
                           "the reader was killed by signal %d", WTERMSIG(status));
    return g_error_new_literal(SANDBOX_ERROR, SANDBOX_ERROR_KILLED, "the reader broke off");
}

/* Has a child forked; its id comes when it is used. */
static bool prepare(Zygote *zygote)
{
    int ends[2];
    if (zygote->spare)
        return true;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return false;
    bool asked = ask(zygote, SANDBOX_RUN, ends[1]);
    close(ends[1]);
    if (asked)
        zygote->spare = ends[0];
    else
        close(ends[0]);
    return asked;
}

/* The id of one that waits since long may be another's by now, if its zygote is dead. */
static bool is_alive(const Zygote *zygote)
{
    char byte;
    return recv(zygote->control, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* The outcomes of the first `receiving` runs are known afterwards; NULL when these are all. */
static GError *run_child(Exchange *exchange, ChildState *state)
{
    Zygote *zygote = exchange->zygote;
    pid_t child = -1;
    *state = CHILD_ENDED;
    if (!instruct(zygote) || !prepare(zygote))
        return gone();
    exchange->data = zygote->spare;
    zygote->spare = 0;
    if (!answered(zygote, &child, sizeof child) || child <= 0 || !is_alive(zygote)) {
        close(exchange->data);
        return gone();
    }
    *state = talk(exchange);
    /* Also when its socket ended: it may have closed it and go on. One that ends by itself keeps
     * its status, and the id is its own until the zygote reaps it. */
    kill(child, SIGKILL);
    close(exchange->data);
    int status = -1;
    bool reaped = ask(zygote, SANDBOX_REAP, -1) && answered(zygote, &status, sizeof status);
    if (reaped && !zygote->has_all)
        prepare(zygote); /* while this one's answer is filed */
    if (exchange->receiving == exchange->n)
        return NULL;
    g_clear_pointer(&exchange->runs[exchange->receiving].answer, g_free); /* half of one */
    return reaped ? judge(*state, status) : gone();
}

/* --- runs ---------------------------------------------------------------------------------- */

/* The first of what is left, with its child's death as the outcome; a zygote that is gone is
 * replaced once. `state` as of run_child. */
static GError *run_there(Sandbox *sandbox, Zygote *zygote, Exchange *exchange, ChildState *state)
{
    const Exchange fresh = *exchange;
    exchange->zygote = zygote;
    GError *failure = run_child(exchange, state);
    if (!g_error_matches(failure, SANDBOX_ERROR, SANDBOX_ERROR_GONE) ||
        !start_again(sandbox, zygote))
        return failure;
    g_clear_error(&failure);
    *exchange = fresh;
    exchange->zygote = zygote;
    return run_child(exchange, state);
}

static void run_alone(Sandbox *sandbox, SandboxRun *run, bool needs_all, SandboxAnswered *tell,
                      gpointer context)
{
    const Exchange fresh = {
        .sandbox = sandbox, .runs = run, .n = 1, .answered = tell, .context = context};
    Exchange exchange = fresh;
    ChildState state = CHILD_MISSED_REST;
    GError *failure = NULL;
    if (!needs_all)
        failure = run_there(sandbox, &sandbox->usual, &exchange, &state);
    if (state == CHILD_MISSED_REST) {
        g_clear_error(&failure);
        exchange = fresh;
        failure = run_there(sandbox, &sandbox->second, &exchange, &state);
    }
    if (!failure)
        return;
    run->error = failure;
    if (tell)
        tell(run, context);
}

/* How many of them have their outcome; `needs_all`: the next one misses something. */
static guint run_together(Sandbox *sandbox, SandboxRun *runs, guint n, bool *needs_all,
                          SandboxAnswered *tell, gpointer context)
{
    Exchange exchange = {.sandbox = sandbox,
                         .zygote = &sandbox->usual,
                         .runs = runs,
                         .n = n,
                         .answered = tell,
                         .context = context};
    ChildState state;
    g_autoptr(GError) unimportant = run_child(&exchange, &state); /* the one to blame tells it
                                                                     alone */
    *needs_all = state == CHILD_MISSED_REST;
    return exchange.receiving;
}

void sandbox_run_many(Sandbox *sandbox, SandboxRun *runs, guint n, guint per_child,
                      SandboxAnswered *tell, gpointer context)
{
    for (guint from = 0; from < n; from += per_child) {
        guint until = MIN(n, from + per_child);
        g_mutex_lock(&sandbox->lock);
        bool needs_all = true;
        guint done = from;
        while (needs_all && until - done > 1) {
            done += run_together(sandbox, runs + done, until - done, &needs_all, tell, context);
            if (needs_all)
                run_alone(sandbox, &runs[done++], true, tell, context);
        }
        for (; done < until; done++)
            run_alone(sandbox, &runs[done], false, tell, context);
        g_mutex_unlock(&sandbox->lock);
    }
}

char *sandbox_run(Sandbox *sandbox, const guint8 *bytes, gsize length, gint64 received_at,
                  gsize *answer_length, GError **error)
{
    SandboxRun run = {.bytes = bytes, .length = length, .received_at = received_at};
    sandbox_run_many(sandbox, &run, 1, 1, NULL, NULL);
    if (run.error)
        g_propagate_error(error, run.error);
    *answer_length = run.answer_length;
    return run.answer;
}
