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

struct Sandbox {
    SandboxSettings settings;
    GMutex lock; /* one run at a time */
    int control;
    pid_t zygote;
};

G_DEFINE_QUARK(sandbox - error - quark, sandbox_error)

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
static bool start_zygote(Sandbox *sandbox, bool is_first, GError **error)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        g_set_error(error, SANDBOX_ERROR, SANDBOX_ERROR_GONE, "no socket for the zygote: %s",
                    g_strerror(errno));
        return false;
    }
    pid_t zygote = fork();
    if (zygote == 0 && !is_first)
        become_zygote(&sandbox->settings, ends[1]);
    if (zygote == 0) {
        close(ends[0]);
        zygote_run(&sandbox->settings, ends[1]);
    }
    close(ends[1]);
    if (zygote < 0) {
        g_set_error(error, SANDBOX_ERROR, SANDBOX_ERROR_GONE, "no zygote: %s", g_strerror(errno));
        close(ends[0]);
        return false;
    }
    sandbox->control = ends[0];
    sandbox->zygote = zygote;
    return true;
}

static void end_zygote(Sandbox *sandbox)
{
    if (sandbox->zygote <= 0)
        return;
    close(sandbox->control);
    kill(sandbox->zygote, SIGKILL); /* it may still be warming */
    while (waitpid(sandbox->zygote, NULL, 0) < 0 && errno == EINTR)
        continue;
    sandbox->zygote = 0;
    sandbox->control = -1;
}

Sandbox *sandbox_start(const SandboxSettings *settings, GError **error)
{
    Sandbox *sandbox = g_new0(Sandbox, 1);
    sandbox->settings = complete(settings);
    g_mutex_init(&sandbox->lock);
    if (start_zygote(sandbox, true, error))
        return sandbox;
    sandbox_stop(sandbox);
    return NULL;
}

/* Somebody or the system killed it: mail must not wait for an operator. */
static bool start_again(Sandbox *sandbox)
{
    if (!sandbox->settings.again)
        return false;
    end_zygote(sandbox);
    bool good = start_zygote(sandbox, false, NULL);
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
    end_zygote(sandbox);
    g_mutex_clear(&sandbox->lock);
    g_free(sandbox);
}

/* --- the control socket -------------------------------------------------------------------- */

static bool ask(Sandbox *sandbox, char what, int fd)
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
        sent = sendmsg(sandbox->control, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == 1;
}

static bool answered(Sandbox *sandbox, void *bytes, gsize length)
{
    for (gsize done = 0; done < length;) {
        gssize step = recv(sandbox->control, (guint8 *)bytes + done, length - done, 0);
        if (step < 0 && errno == EINTR)
            continue;
        if (step <= 0)
            return false;
        done += (gsize)step;
    }
    return true;
}

/* --- one child ----------------------------------------------------------------------------- */

/* What goes to a child and comes back from it, both as far as its socket takes it: it never waits
 * for the next message while there is one. */
typedef struct {
    const Sandbox *sandbox;
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

typedef enum { CHILD_GOES_ON, CHILD_ENDED, CHILD_TOO_LONG } ChildState;

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

/* False: nothing more comes of this child that could be believed. */
static bool begin_answer(Exchange *exchange)
{
    SandboxRun *run = &exchange->runs[exchange->receiving];
    if (exchange->answer.length == SANDBOX_GAVE_UP) {
        give_up(exchange, "the reader gave up");
        return true;
    }
    if (exchange->answer.length > exchange->sandbox->settings.answer_most) {
        give_up(exchange, "the answer is too large");
        return false;
    }
    run->answer_length = (gsize)exchange->answer.length;
    run->answer = g_malloc(run->answer_length + 1);
    if (!run->answer_length)
        finish_answer(exchange);
    return true;
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
        return begin_answer(exchange) ? CHILD_GOES_ON : CHILD_ENDED;
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

/* The outcomes of the first `receiving` runs are known afterwards; NULL when these are all. */
static GError *run_child(Exchange *exchange)
{
    Sandbox *sandbox = (Sandbox *)exchange->sandbox;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return gone();
    exchange->data = ends[0];
    pid_t child = -1;
    bool asked = ask(sandbox, SANDBOX_RUN, ends[1]);
    close(ends[1]);
    if (!asked || !answered(sandbox, &child, sizeof child) || child <= 0) {
        close(ends[0]);
        return gone();
    }
    ChildState state = talk(exchange);
    /* Also when its socket ended: it may have closed it and go on. One that ends by itself keeps
     * its status, and the id is its own until the zygote reaps it. */
    kill(child, SIGKILL);
    close(ends[0]);
    int status = -1;
    bool reaped = ask(sandbox, SANDBOX_REAP, -1) && answered(sandbox, &status, sizeof status);
    if (exchange->receiving == exchange->n)
        return NULL;
    g_clear_pointer(&exchange->runs[exchange->receiving].answer, g_free); /* half of one */
    return reaped ? judge(state, status) : gone();
}

/* --- runs ---------------------------------------------------------------------------------- */

/* With its child's death as the outcome; a zygote that is gone is replaced once. */
static void run_alone(Sandbox *sandbox, SandboxRun *run, SandboxAnswered *tell, gpointer context)
{
    const Exchange fresh = {
        .sandbox = sandbox, .runs = run, .n = 1, .answered = tell, .context = context};
    Exchange exchange = fresh;
    GError *failure = run_child(&exchange);
    if (g_error_matches(failure, SANDBOX_ERROR, SANDBOX_ERROR_GONE) && start_again(sandbox)) {
        g_clear_error(&failure);
        exchange = fresh;
        failure = run_child(&exchange);
    }
    if (!failure)
        return;
    run->error = failure;
    if (tell)
        tell(run, context);
}

/* How many of them have their outcome. */
static guint run_together(Sandbox *sandbox, SandboxRun *runs, guint n, SandboxAnswered *tell,
                          gpointer context)
{
    Exchange exchange = {
        .sandbox = sandbox, .runs = runs, .n = n, .answered = tell, .context = context};
    g_autoptr(GError) unimportant = run_child(&exchange); /* the one to blame tells it alone */
    return exchange.receiving;
}

void sandbox_run_many(Sandbox *sandbox, SandboxRun *runs, guint n, guint per_child,
                      SandboxAnswered *tell, gpointer context)
{
    for (guint from = 0; from < n; from += per_child) {
        guint until = MIN(n, from + per_child);
        g_mutex_lock(&sandbox->lock);
        guint done = from;
        if (until - from > 1)
            done += run_together(sandbox, runs + from, until - from, tell, context);
        for (; done < until; done++)
            run_alone(sandbox, &runs[done], tell, context);
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
