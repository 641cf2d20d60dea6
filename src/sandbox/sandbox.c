/* sandbox.c - the server's end: starts the zygote, sends one message at a time, holds the watch.
 *
 * Each run has its own socket, so that nothing of one message can be taken for an answer to the
 * next; the timer and the limit of the answer are kept here, where nobody hostile can touch them.
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
#define CHUNK 65536

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

/* --- one run ------------------------------------------------------------------------------- */

typedef struct {
    int data;
    const guint8 *bytes; /* the message, after its length */
    gsize length;
    gsize sent; /* of both */
    SandboxHeader header;
    GByteArray *answer;
    gsize answer_most;
    gint64 until; /* monotonic, microseconds */
} Run;

typedef enum { RUN_GOES_ON, RUN_ENDED, RUN_TOO_LONG, RUN_TOO_LARGE } RunState;

/* Sends what the socket takes. A child that reads no further is no error: its answer tells. */
static void send_some(Run *run)
{
    bool header = run->sent < sizeof run->header;
    const guint8 *from = header ? (const guint8 *)&run->header + run->sent
                                : run->bytes + (run->sent - sizeof run->header);
    gsize rest =
        header ? sizeof run->header - run->sent : run->length + sizeof run->header - run->sent;
    gssize step = send(run->data, from, rest, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (step >= 0)
        run->sent += (gsize)step;
    else if (errno != EAGAIN && errno != EINTR)
        run->sent = run->length + sizeof run->header;
}

static RunState receive_some(Run *run)
{
    guint8 bytes[CHUNK];
    gssize step = recv(run->data, bytes, sizeof bytes, MSG_DONTWAIT);
    if (step < 0 && (errno == EAGAIN || errno == EINTR))
        return RUN_GOES_ON;
    if (step <= 0)
        return RUN_ENDED;
    if (run->answer->len + (gsize)step > run->answer_most)
        return RUN_TOO_LARGE;
    g_byte_array_append(run->answer, bytes, (guint)step);
    return RUN_GOES_ON;
}

static RunState exchange(Run *run)
{
    RunState state = RUN_GOES_ON;
    while (state == RUN_GOES_ON) {
        gint64 left = run->until - g_get_monotonic_time();
        if (left <= 0)
            return RUN_TOO_LONG;
        bool sending = run->sent < run->length + sizeof run->header;
        struct pollfd poll_fd = {run->data, (short)(POLLIN | (sending ? POLLOUT : 0)), 0};
        if (poll(&poll_fd, 1, (int)(left / 1000 + 1)) <= 0)
            continue;
        if (poll_fd.revents & POLLOUT)
            send_some(run);
        if (poll_fd.revents & (POLLIN | POLLHUP | POLLERR))
            state = receive_some(run);
    }
    return state;
}

static bool gone(GError **error)
{
    g_set_error_literal(error, SANDBOX_ERROR, SANDBOX_ERROR_GONE,
                        "the zygote is gone or could not fork");
    return false;
}

static bool judge(RunState state, int status, GError **error)
{
    if (state == RUN_TOO_LONG || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
        g_set_error_literal(error, SANDBOX_ERROR, SANDBOX_ERROR_TIME, "reading took too long");
    else if (state == RUN_TOO_LARGE)
        g_set_error_literal(error, SANDBOX_ERROR, SANDBOX_ERROR_GAVE_UP, "the answer is too large");
    else if (WIFEXITED(status) && WEXITSTATUS(status) == SANDBOX_EXIT_GAVE_UP)
        g_set_error_literal(error, SANDBOX_ERROR, SANDBOX_ERROR_GAVE_UP, "the reader gave up");
    else if (WIFSIGNALED(status))
        g_set_error(error, SANDBOX_ERROR, SANDBOX_ERROR_KILLED,
                    "the reader was killed by signal %d", WTERMSIG(status));
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        g_set_error_literal(error, SANDBOX_ERROR, SANDBOX_ERROR_KILLED, "the reader broke off");
    else
        return true;
    return false;
}

static bool run_child(Sandbox *sandbox, Run *run, GError **error)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return gone(error);
    run->data = ends[0];
    pid_t child = -1;
    bool asked = ask(sandbox, SANDBOX_RUN, ends[1]);
    close(ends[1]);
    if (!asked || !answered(sandbox, &child, sizeof child) || child <= 0) {
        close(ends[0]);
        return gone(error);
    }
    run->until = g_get_monotonic_time() + (gint64)sandbox->settings.time_most_ms * 1000;
    RunState state = exchange(run);
    /* Also when its socket ended: it may have closed it and go on. One that ends by itself keeps
     * its status, and the id is its own until the zygote reaps it. */
    kill(child, SIGKILL);
    close(ends[0]);
    int status;
    if (!ask(sandbox, SANDBOX_REAP, -1) || !answered(sandbox, &status, sizeof status))
        return gone(error);
    return judge(state, status, error);
}

char *sandbox_run(Sandbox *sandbox, const guint8 *bytes, gsize length, gint64 received_at,
                  gsize *answer_length, GError **error)
{
    g_autoptr(GByteArray) answer = g_byte_array_new();
    const Run fresh = {.bytes = bytes,
                       .length = length,
                       .header = {length, received_at},
                       .answer = answer,
                       .answer_most = sandbox->settings.answer_most};
    GError *failure = NULL;
    Run run = fresh;
    g_mutex_lock(&sandbox->lock);
    bool good = run_child(sandbox, &run, &failure);
    if (g_error_matches(failure, SANDBOX_ERROR, SANDBOX_ERROR_GONE) && start_again(sandbox)) {
        g_clear_error(&failure);
        g_byte_array_set_size(answer, 0);
        run = fresh;
        good = run_child(sandbox, &run, &failure);
    }
    g_mutex_unlock(&sandbox->lock);
    if (!good) {
        g_propagate_error(error, failure);
        return NULL;
    }
    *answer_length = answer->len;
    g_byte_array_append(answer, (const guint8 *)"", 1);
    return (char *)g_byte_array_free(g_steal_pointer(&answer), FALSE);
}
