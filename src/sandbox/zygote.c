/* zygote.c - the process that was forked before there was anything to steal, and its children.
 *
 * The zygote warms what the reader needs, locks itself down and then only forks and waits. A child
 * reads messages, calls the reader, writes the answers and ends; nothing it does is seen by the
 * next child.
 */
#include "sandbox/internal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DATA_OF_ZYGOTE ((gsize)64 * 1024 * 1024)

typedef struct {
    const SandboxSettings *settings;
    struct sock_fprog filter; /* of a child */
    bool has_all;
    pid_t child; /* not reaped yet; 0: none */
} Zygote;

/* --- a child ------------------------------------------------------------------------------- */

static bool read_all(int fd, void *bytes, gsize length)
{
    for (gsize done = 0; done < length;) {
        gssize step = read(fd, (guint8 *)bytes + done, length - done);
        if (step <= 0)
            return false;
        done += (gsize)step;
    }
    return true;
}

static bool write_all(int fd, const void *bytes, gsize length)
{
    for (gsize done = 0; done < length;) {
        gssize step = write(fd, (const guint8 *)bytes + done, length - done);
        if (step <= 0)
            return false;
        done += (gsize)step;
    }
    return true;
}

/* Not glibc's setrlimit: it makes another call, which this filter refuses. */
static bool limit_cpu(guint most_s)
{
#ifndef SANDBOX_FOR_SANITIZER
    struct rlimit limits = {most_s, most_s + 1}; /* a signal that tells, then one that ends */
    return syscall(SYS_setrlimit, RLIMIT_CPU, &limits) == 0;
#else
    (void)most_s;
    return true;
#endif
}

/* False at the end of messages. */
static bool read_message(const SandboxSettings *settings, int data, bool has_all)
{
    SandboxHeader header;
    if (!read_all(data, &header, sizeof header))
        return false;
    guint8 *bytes = header.length < G_MAXSSIZE ? malloc((gsize)header.length + 1) : NULL;
    if (!bytes || !read_all(data, bytes, (gsize)header.length))
        _exit(1);
    gsize length = 0;
    char *answer = settings->reader(bytes, (gsize)header.length, header.received_at, &length);
    free(bytes);
    if (!has_all && settings->missed_rest && settings->missed_rest())
        g_clear_pointer(&answer, g_free);
    else
        has_all = true;
    SandboxHeader back = {answer ? length : has_all ? SANDBOX_GAVE_UP : SANDBOX_MISSED_REST, 0};
    if (!write_all(data, &back, sizeof back) || (answer && !write_all(data, answer, length)))
        _exit(1);
    g_free(answer);
    return true;
}

static _Noreturn void child_run(const Zygote *zygote, int data)
{
    const SandboxSettings *settings = zygote->settings;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(SANDBOX_CONTROL);
    if (!limit_cpu(settings->cpu_most_s) || !filter_lock_child(&zygote->filter))
        _exit(1);
    while (read_message(settings, data, zygote->has_all))
        continue;
    _exit(0);
}

/* --- the zygote ---------------------------------------------------------------------------- */

/* The byte that came and the descriptor with it, -1 for none. 0 at the end. */
static int receive(int *fd)
{
    char byte = 0;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec place = {&byte, 1};
    struct msghdr message = {.msg_iov = &place,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    *fd = -1;
    if (recvmsg(SANDBOX_CONTROL, &message, 0) <= 0)
        return 0;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(header), sizeof *fd);
    return byte;
}

static void limit(int resource, rlim_t most)
{
    struct rlimit limits = {most, most};
    setrlimit(resource, &limits);
}

#ifndef SANDBOX_FOR_SANITIZER /* a sanitizer's shadow takes all the address space there is */
static gsize address_space(void)
{
    g_autofree char *statm = NULL;
    if (!g_file_get_contents("/proc/self/statm", &statm, NULL, NULL))
        return 0;
    return (gsize)g_ascii_strtoull(statm, NULL, 10) * (gsize)sysconf(_SC_PAGESIZE);
}
#endif

static void limit_resources(const SandboxSettings *settings)
{
#ifndef SANDBOX_FOR_SANITIZER
    limit(RLIMIT_AS, address_space() + settings->memory_most);
    limit(RLIMIT_DATA, settings->memory_most + DATA_OF_ZYGOTE);
#else
    (void)settings;
#endif
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, 16);
}

/* Only the control socket stays open, under its number. What a message makes a library print goes
 * nowhere. */
static void leave_files(int control)
{
    if (control != SANDBOX_CONTROL)
        dup2(control, SANDBOX_CONTROL);
    close_range(SANDBOX_CONTROL + 1, ~0U, 0);
    int nowhere = open("/dev/null", O_RDWR);
    if (nowhere < 0)
        _exit(1);
    dup2(nowhere, STDIN_FILENO);
    dup2(nowhere, STDOUT_FILENO);
#ifndef SANDBOX_FOR_SANITIZER
    dup2(nowhere, STDERR_FILENO);
#endif
    close(nowhere);
}

/* Secrets may stand there; a child that was taken over could put them into its answer. */
static void forget_environment(void)
{
    for (char **variable = environ; variable && *variable; variable++)
        explicit_bzero(*variable, strlen(*variable));
    clearenv();
}

static void serve_run(Zygote *zygote, int data)
{
    zygote->child = fork();
    if (zygote->child == 0)
        child_run(zygote, data);
    close(data);
    if (!write_all(SANDBOX_CONTROL, &zygote->child, sizeof zygote->child))
        _exit(1);
}

static void serve_reap(Zygote *zygote)
{
    int status = -1;
    if (zygote->child > 0)
        wait4(zygote->child, &status, 0, NULL);
    zygote->child = 0;
    if (!write_all(SANDBOX_CONTROL, &status, sizeof status))
        _exit(1);
}

/* Waits until it is told what it has to be; the second one is hardly ever. */
static void warm(Zygote *zygote)
{
    int none;
    int what = receive(&none);
    if (what != SANDBOX_WARM && what != SANDBOX_WARM_ALL)
        _exit(0);
    zygote->has_all = what == SANDBOX_WARM_ALL;
    if (zygote->settings->warm)
        zygote->settings->warm(zygote->settings->warm_argument);
    if (zygote->has_all)
        zygote->settings->warm_rest();
}

void zygote_run(const SandboxSettings *settings, int control)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "sportello-read");
    signal(SIGINT, SIG_IGN); /* a terminal sends it to all; the server decides when we end */
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_DFL);
    leave_files(control);
    Zygote zygote = {.settings = settings};
    warm(&zygote);
    forget_environment();
    if (!filter_prepare_child(&zygote.filter))
        _exit(1);
    limit_resources(settings);
    if (!filter_lock_zygote())
        _exit(1);
    for (;;) {
        int data;
        int request = receive(&data);
        if (request == SANDBOX_RUN && data >= 0)
            serve_run(&zygote, data);
        else if (request == SANDBOX_REAP)
            serve_reap(&zygote);
        else
            _exit(0);
    }
}
