/* filter.c - the system calls that are left, as two seccomp filters.
 *
 * The zygote may also receive a descriptor, fork, wait and put on the child's limit and filter;
 * filters add up, so a child can do what both allow. Files answer EACCES, since libraries look for
 * some and can do without; everything else ends the process.
 */
#include "sandbox/internal.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(close),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigprocmask),
#ifdef SANDBOX_FOR_SANITIZER
    SCMP_SYS(sigaltstack),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(sched_yield),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(tgkill),
    SCMP_SYS(getrusage),
    SCMP_SYS(getrandom),
#endif
};

static const int allowed_zygote[] = {
    SCMP_SYS(recvmsg), SCMP_SYS(wait4),   SCMP_SYS(clone),     SCMP_SYS(clone3),
    SCMP_SYS(fork),    SCMP_SYS(seccomp), SCMP_SYS(setrlimit),
};

/* Looked for, not needed. */
static const int refused[] = {
    SCMP_SYS(open),    SCMP_SYS(openat),    SCMP_SYS(openat2),    SCMP_SYS(stat),
    SCMP_SYS(lstat),   SCMP_SYS(fstat),     SCMP_SYS(newfstatat), SCMP_SYS(statx),
    SCMP_SYS(access),  SCMP_SYS(faccessat), SCMP_SYS(readlink),   SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),  SCMP_SYS(lseek),     SCMP_SYS(ioctl),      SCMP_SYS(uname),
    SCMP_SYS(getuid),  SCMP_SYS(geteuid),   SCMP_SYS(getgid),     SCMP_SYS(getegid),
    SCMP_SYS(sysinfo), SCMP_SYS(prlimit64), SCMP_SYS(faccessat2), SCMP_SYS(sched_getaffinity),
#ifndef SANDBOX_FOR_SANITIZER
    SCMP_SYS(getpid),  SCMP_SYS(gettid),    SCMP_SYS(getrandom),
#endif
};

static bool add_all(scmp_filter_ctx filter, guint32 action, const int *calls, gsize n)
{
    for (gsize i = 0; i < n; i++)
        if (seccomp_rule_add(filter, action, calls[i], 0) < 0)
            return false;
    return true;
}

/* Memory of nobody's file, never executable. */
static bool add_memory(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                            SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
}

static scmp_filter_ctx make(bool zygote)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return NULL;
    bool good = add_all(filter, SCMP_ACT_ALLOW, allowed, G_N_ELEMENTS(allowed)) &&
                add_memory(filter) &&
                add_all(filter, SCMP_ACT_ERRNO(EACCES), refused, G_N_ELEMENTS(refused));
    /* a child dies with the zygote, as the zygote with the server */
    good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                                    SCMP_A0(SCMP_CMP_EQ, PR_SET_PDEATHSIG)) == 0;
    if (zygote)
        good =
            good && add_all(filter, SCMP_ACT_ALLOW, allowed_zygote, G_N_ELEMENTS(allowed_zygote));
    if (good)
        return filter;
    seccomp_release(filter);
    return NULL;
}

bool filter_lock_zygote(void)
{
    scmp_filter_ctx filter = make(true);
    if (!filter)
        return false;
    bool good = seccomp_load(filter) == 0; /* sets no_new_privs */
    seccomp_release(filter);
    return good;
}

bool filter_prepare_child(struct sock_fprog *program)
{
    scmp_filter_ctx filter = make(false);
    int ends[2];
    if (!filter || pipe(ends) < 0)
        return false;
    /* a filter of this size fits a pipe's buffer */
    bool good = seccomp_export_bpf(filter, ends[1]) == 0;
    seccomp_release(filter);
    close(ends[1]);
    guint8 *bytes = g_malloc(65536);
    gsize length = 0;
    for (gssize step = 1; good && step > 0; length += (gsize)MAX(step, 0))
        step = read(ends[0], bytes + length, 65536 - length);
    close(ends[0]);
    program->len = (unsigned short)(length / sizeof *program->filter);
    program->filter = (struct sock_filter *)(gpointer)bytes;
    return good && length > 0 && length < 65536;
}

bool filter_lock_child(const struct sock_fprog *program)
{
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program) == 0;
}
