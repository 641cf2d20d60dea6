/* test-sandbox.c - what a reader cannot do, and that nothing it does outlives it.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOON G_GINT64_CONSTANT(1795863600) /* 2026-11-28T11:00:00Z */

static Sandbox *sandbox;
static const char *warmed_with;
static const char *given; /* the first variable of the environment */
static int remembered;    /* by a child that hopes to meet the next one */

static char *text(const char *words, gsize *length)
{
    *length = strlen(words);
    return g_strdup(words);
}

static char *refused_with(long result, gsize *length)
{
    return text(result >= 0 ? "done" : errno == EACCES ? "EACCES" : g_strerror(errno), length);
}

static char *read_file(gsize *length)
{
    return refused_with(open("/etc/hostname", O_RDONLY), length);
}

static char *write_file(gsize *length)
{
    return refused_with(open("/tmp/sportello-sandbox-escaped", O_CREAT | O_WRONLY, 0600), length);
}

static char *make_socket(gsize *length)
{
    return refused_with(socket(AF_INET, SOCK_STREAM, 0), length);
}

static char *run_program(gsize *length)
{
    return refused_with(execl("/bin/true", "true", (char *)NULL), length);
}

static char *fork_another(gsize *length)
{
    return refused_with(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), length);
}

static char *kill_parent(gsize *length)
{
    return refused_with(kill(getppid(), SIGKILL), length);
}

static char *executable_memory(gsize *length)
{
    void *place =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return refused_with(place == MAP_FAILED ? -1 : 0, length);
}

static char *speak_to_the_zygote(gsize *length)
{
    return text(write(3, "R", 1) == 1 && write(4, "R", 1) == 1 ? "done" : "closed", length);
}

static char *crash(gsize *length)
{
    *length = 0;
    __builtin_trap();
}

static char *loop(gsize *length)
{
    for (volatile guint turns = 0;; turns++)
        if (turns == G_MAXUINT)
            *length = turns;
    return NULL;
}

/* The socket ends, the process does not. */
static char *pretend_to_end(gsize *length)
{
    for (int fd = 3; fd < 16; fd++)
        close(fd);
    return loop(length);
}

static char *huge(gsize *length)
{
    *length = 2 * 1024 * 1024;
    return g_strnfill(*length, 'x');
}

static char *give_up(gsize *length)
{
    *length = 0;
    return NULL;
}

static char *take_memory(gsize *length)
{
    char *volatile much = malloc(1024 * 1024 * 1024);
    return text(much ? "got it" : "refused", length);
}

static char *look_around(gsize *length)
{
    return text(environ && *environ ? "variables" : *given ? "their bytes" : "nothing", length);
}

static char *say_argument(gsize *length)
{
    return text(warmed_with, length);
}

static char *remember(gsize *length)
{
    remembered++;
    return text(remembered == 1 ? "first" : "again", length);
}

static char *raise_limit(gsize *length)
{
    struct rlimit limits = {100, 100};
    return refused_with(syscall(SYS_setrlimit, RLIMIT_CPU, &limits), length);
}

static const struct {
    const char *name;
    char *(*act)(gsize *length);
} acts[] = {
    {"read_file", read_file},
    {"write_file", write_file},
    {"make_socket", make_socket},
    {"run_program", run_program},
    {"fork_another", fork_another},
    {"kill_parent", kill_parent},
    {"executable_memory", executable_memory},
    {"speak_to_the_zygote", speak_to_the_zygote},
    {"crash", crash},
    {"loop", loop},
    {"pretend_to_end", pretend_to_end},
    {"huge", huge},
    {"give_up", give_up},
    {"take_memory", take_memory},
    {"raise_limit", raise_limit},
    {"look_around", look_around},
    {"remember", remember},
    {"say_argument", say_argument},
};

/* What is no act comes back as it is. */
static char *reader(const guint8 *bytes, gsize length, gint64 received_at, gsize *answer_length)
{
    if (received_at != NOON)
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(acts); i++)
        if (length == strlen(acts[i].name) && memcmp(bytes, acts[i].name, length) == 0)
            return acts[i].act(answer_length);
    *answer_length = length;
    return g_strndup((const char *)bytes, length);
}

static char *run(const char *what, GError **error)
{
    gsize length = 0;
    return sandbox_run(sandbox, (const guint8 *)what, strlen(what), NOON, &length, error);
}

static void still_works(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = run("ciao", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(answer, ==, "ciao");
}

static void ends_with(const char *what, SandboxError code)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = run(what, &error);
    g_assert_cmpstr(answer, ==, NULL);
    g_assert_error(error, SANDBOX_ERROR, (gint)code);
    still_works();
}

static void answers_with(const char *what, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = run(what, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(answer, ==, expected);
}

static void answers_what_the_reader_says(void)
{
    still_works();
    answers_with("", "");
}

static void carries_large_messages_both_ways(void)
{
    gsize length = 1000 * 1000, answer_length = 0;
    g_autofree guint8 *bytes = g_malloc(length);
    for (gsize i = 0; i < length; i++)
        bytes[i] = (guint8)(1 + (i * 7 + i / 256) % 255);
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = sandbox_run(sandbox, bytes, length, NOON, &answer_length, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(answer_length, ==, length);
    g_assert_cmpint(memcmp(answer, bytes, length), ==, 0);
}

static void opens_no_file(void)
{
    answers_with("read_file", "EACCES");
    answers_with("write_file", "EACCES");
    g_assert_false(g_file_test("/tmp/sportello-sandbox-escaped", G_FILE_TEST_EXISTS));
}

static void dies_for_what_it_must_not_do(void)
{
    ends_with("make_socket", SANDBOX_ERROR_KILLED);
    ends_with("run_program", SANDBOX_ERROR_KILLED);
    ends_with("fork_another", SANDBOX_ERROR_KILLED);
    ends_with("kill_parent", SANDBOX_ERROR_KILLED);
    ends_with("executable_memory", SANDBOX_ERROR_KILLED);
    ends_with("raise_limit", SANDBOX_ERROR_KILLED);
}

static void cannot_speak_to_the_zygote(void)
{
    answers_with("speak_to_the_zygote", "closed");
    still_works();
}

static void a_crash_is_told_and_over(void)
{
    ends_with("crash", SANDBOX_ERROR_KILLED);
}

static void an_endless_loop_is_ended(void)
{
    gint64 before = g_get_monotonic_time();
    ends_with("loop", SANDBOX_ERROR_TIME);
    gint64 took = g_get_monotonic_time() - before;
    g_assert_cmpint(took, >=, 400000);
    g_assert_cmpint(took, <, 5000000);
}

static void too_much_work_is_ended_before_the_timer(void)
{
#ifdef SANDBOX_FOR_SANITIZER
    g_test_skip("no limit of processor time with a sanitizer");
#else
    SandboxSettings settings = {.reader = reader, .time_most_ms = 30000, .cpu_most_s = 1};
    g_autoptr(Sandbox) busy = sandbox_start(&settings, NULL);
    g_assert_nonnull(busy);
    for (guint i = 0; i < 2; i++) { /* each run has its own second */
        gsize length;
        g_autoptr(GError) why = NULL;
        gint64 before = g_get_monotonic_time();
        g_assert_null(sandbox_run(busy, (const guint8 *)"loop", 4, NOON, &length, &why));
        g_assert_error(why, SANDBOX_ERROR, SANDBOX_ERROR_TIME);
        g_assert_cmpint(g_get_monotonic_time() - before, <, 25000000);
    }
#endif
}

static void one_that_pretends_to_end_is_ended(void)
{
    ends_with("pretend_to_end", SANDBOX_ERROR_KILLED);
}

static void too_much_or_nothing_is_giving_up(void)
{
    ends_with("huge", SANDBOX_ERROR_GAVE_UP);
    ends_with("give_up", SANDBOX_ERROR_GAVE_UP);
}

static void memory_has_a_limit(void)
{
#ifdef SANDBOX_FOR_SANITIZER
    g_test_skip("a sanitizer needs all the address space");
#else
    answers_with("take_memory", "refused");
#endif
}

static void warm(const char *argument)
{
    warmed_with = argument ? argument : "none";
}

static void knows_nothing_of_the_environment(void)
{
    answers_with("look_around", "nothing");
    g_assert_nonnull(g_getenv("TEST_DATA")); /* ours is whole */
}

static void nothing_of_one_message_meets_the_next(void)
{
    for (guint i = 0; i < 3; i++)
        answers_with("remember", "first");
    g_assert_cmpint(remembered, ==, 0);
}

/* --- several in one child --- */

#define MANY_MOST 40

typedef struct {
    const char *what;
    const char *expected; /* NULL: `code` */
    SandboxError code;
} Outcome;

static void count(SandboxRun *run, gpointer data)
{
    guint *told = data;
    g_assert_true(!run->answer != !run->error);
    (*told)++;
}

static void run_outcomes(Sandbox *with, const Outcome *outcomes, guint n, guint per_child)
{
    SandboxRun runs[MANY_MOST] = {0};
    guint told = 0;
    for (guint i = 0; i < n; i++)
        runs[i] = (SandboxRun){.bytes = (const guint8 *)outcomes[i].what,
                               .length = strlen(outcomes[i].what),
                               .received_at = NOON};
    sandbox_run_many(with, runs, n, per_child, count, &told);
    g_assert_cmpuint(told, ==, n);
    for (guint i = 0; i < n; i++) {
        if (outcomes[i].expected)
            g_assert_no_error(runs[i].error);
        else
            g_assert_error(runs[i].error, SANDBOX_ERROR, (gint)outcomes[i].code);
        g_assert_cmpstr(runs[i].answer, ==, outcomes[i].expected);
        g_free(runs[i].answer);
        g_clear_error(&runs[i].error);
    }
}

static void only_a_batch_shares_a_child(void)
{
    static const Outcome alone[] = {{"remember", "first", 0}, {"remember", "first", 0}};
    static const Outcome together[] = {
        {"remember", "first", 0}, {"remember", "again", 0}, {"remember", "first", 0}};
    run_outcomes(sandbox, alone, 2, 1);
    run_outcomes(sandbox, together, 3, 2);
    run_outcomes(sandbox, alone, 1, 32);
    answers_with("remember", "first");
}

static void who_breaks_a_batch_loses_only_itself(void)
{
    static const Outcome outcomes[] = {
        {"uno", "uno", 0},
        {"crash", NULL, SANDBOX_ERROR_KILLED},
        {"", "", 0},
        {"make_socket", NULL, SANDBOX_ERROR_KILLED},
        {"read_file", "EACCES", 0},
        {"give_up", NULL, SANDBOX_ERROR_GAVE_UP},
        {"huge", NULL, SANDBOX_ERROR_GAVE_UP},
        {"pretend_to_end", NULL, SANDBOX_ERROR_KILLED},
        {"due", "due", 0},
        {"remember", "first", 0}, /* those after a crash have children of their own */
        {"remember", "first", 0},
    };
    run_outcomes(sandbox, outcomes, G_N_ELEMENTS(outcomes), 1);
    run_outcomes(sandbox, outcomes, G_N_ELEMENTS(outcomes), 32);
}

static void who_is_slow_in_a_batch_delays_it_by_no_more_than_its_time(void)
{
    static const Outcome outcomes[] = {
        {"uno", "uno", 0}, {"loop", NULL, SANDBOX_ERROR_TIME}, {"due", "due", 0}};
    gint64 before = g_get_monotonic_time();
    run_outcomes(sandbox, outcomes, G_N_ELEMENTS(outcomes), 32);
    gint64 took = g_get_monotonic_time() - before;
    g_assert_cmpint(took, >=, 500000); /* a quarter in the batch, all of it alone */
    g_assert_cmpint(took, <, 5000000);
}

static void processor_time_has_its_limit_in_a_batch(void)
{
#ifdef SANDBOX_FOR_SANITIZER
    g_test_skip("no limit of processor time with a sanitizer");
#else
    static const Outcome outcomes[] = {
        {"uno", "uno", 0}, {"loop", NULL, SANDBOX_ERROR_TIME}, {"due", "due", 0}};
    SandboxSettings settings = {.reader = reader, .time_most_ms = 240000, .cpu_most_s = 1};
    g_autoptr(Sandbox) busy = sandbox_start(&settings, NULL);
    gint64 before = g_get_monotonic_time();
    run_outcomes(busy, outcomes, G_N_ELEMENTS(outcomes), 32);
    g_assert_cmpint(g_get_monotonic_time() - before, <, 50000000);
#endif
}

static void a_batch_carries_large_messages(void)
{
    gsize length = 900 * 1000;
    SandboxRun runs[8] = {0};
    for (guint i = 0; i < G_N_ELEMENTS(runs); i++)
        runs[i] = (SandboxRun){.bytes = (const guint8 *)g_strnfill(length, (char)('a' + i)),
                               .length = length,
                               .received_at = NOON};
    sandbox_run_many(sandbox, runs, G_N_ELEMENTS(runs), G_N_ELEMENTS(runs), NULL, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(runs); i++) {
        g_assert_no_error(runs[i].error);
        g_assert_cmpuint(runs[i].answer_length, ==, length);
        g_assert_cmpint(memcmp(runs[i].answer, runs[i].bytes, length), ==, 0);
        g_free(runs[i].answer);
        g_free((gpointer)runs[i].bytes);
    }
}

static gpointer run_some(gpointer data)
{
    const char *word = data;
    for (guint i = 0; i < 20; i++)
        answers_with(word, word);
    return NULL;
}

static void threads_take_turns(void)
{
    GThread *one = g_thread_new("one", run_some, (gpointer) "uno");
    GThread *two = g_thread_new("two", run_some, (gpointer) "due");
    g_thread_join(one);
    g_thread_join(two);
}

static void slow_warm(const char *argument)
{
    (void)argument;
    g_usleep(300000);
}

static void is_warmed_with_its_argument(void)
{
    answers_with("say_argument", "/a/file");
    SandboxSettings settings = {.reader = reader, .warm = warm};
    g_autoptr(Sandbox) without = sandbox_start(&settings, NULL);
    gsize length;
    g_autofree char *answer =
        sandbox_run(without, (const guint8 *)"say_argument", 12, NOON, &length, NULL);
    g_assert_cmpstr(answer, ==, "none");
}

static void starts_before_it_is_warm(void)
{
    SandboxSettings settings = {.reader = reader, .warm = slow_warm};
    gint64 before = g_get_monotonic_time();
    g_autoptr(GError) error = NULL;
    g_autoptr(Sandbox) slow = sandbox_start(&settings, &error);
    g_assert_no_error(error);
    g_assert_cmpint(g_get_monotonic_time() - before, <, 150000);
    gsize length;
    g_autofree char *answer = sandbox_run(slow, (const guint8 *)"x", 1, NOON, &length, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(answer, ==, "x");
    g_assert_cmpint(g_get_monotonic_time() - before, >=, 300000);
}

static void warm_that_dies(const char *argument)
{
    (void)argument;
    _exit(9);
}

static void a_dead_zygote_is_said(void)
{
    SandboxSettings settings = {.reader = reader, .warm = warm_that_dies};
    g_autoptr(GError) error = NULL;
    g_autoptr(Sandbox) dead = sandbox_start(&settings, &error);
    g_assert_no_error(error);
    gsize length;
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GError) why = NULL;
        g_assert_null(sandbox_run(dead, (const guint8 *)"x", 1, NOON, &length, &why));
        g_assert_error(why, SANDBOX_ERROR, SANDBOX_ERROR_GONE);
    }
}

static pid_t only_child(void)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
    g_autofree char *children = NULL;
    g_assert_true(g_file_get_contents(path, &children, NULL, NULL));
    pid_t child = (pid_t)g_ascii_strtoll(children, NULL, 10);
    g_assert_cmpint(child, >, 0);
    return child;
}

/* Not the main thread alone: a server notices it in another one. */
static gpointer lose_the_zygote(gpointer data)
{
    pid_t before = *(pid_t *)data;
    kill(before, SIGKILL);
    static const Outcome together[] = {{"after", "after", 0}, {"all", "all", 0}};
    run_outcomes(sandbox, together, 2, 2);
    dies_for_what_it_must_not_do();
    answers_with("speak_to_the_zygote", "closed");
    answers_with("say_argument", "/a/file");
    return NULL;
}

static void a_killed_zygote_is_replaced(void)
{
    for (guint i = 0; i < 2; i++) {
        pid_t before = only_child();
        g_thread_join(g_thread_new("other", lose_the_zygote, &before));
        g_assert_cmpint(only_child(), !=, before);
    }
}

#define TEST(path, function) g_test_add_func("/sandbox/" path, function)

int main(int argc, char **argv)
{
    SandboxSettings settings = {.reader = reader,
                                .warm = warm,
                                .warm_argument = "/a/file",
                                .time_most_ms = 400,
                                .answer_most = 1024 * 1024,
                                .again = "--zygote"};
    given = *environ;
    if (argc == 3 && strcmp(argv[1], "--zygote") == 0) {
        settings.warm_argument = argv[2];
        sandbox_zygote(&settings);
    }
    sandbox = sandbox_start(&settings, NULL);
    g_assert_nonnull(sandbox);
    g_test_init(&argc, &argv, NULL);
    TEST("answers_what_the_reader_says", answers_what_the_reader_says);
    TEST("carries_large_messages_both_ways", carries_large_messages_both_ways);
    TEST("opens_no_file", opens_no_file);
    TEST("dies_for_what_it_must_not_do", dies_for_what_it_must_not_do);
    TEST("cannot_speak_to_the_zygote", cannot_speak_to_the_zygote);
    TEST("a_crash_is_told_and_over", a_crash_is_told_and_over);
    TEST("an_endless_loop_is_ended", an_endless_loop_is_ended);
    TEST("too_much_work_is_ended_before_the_timer", too_much_work_is_ended_before_the_timer);
    TEST("one_that_pretends_to_end_is_ended", one_that_pretends_to_end_is_ended);
    TEST("too_much_or_nothing_is_giving_up", too_much_or_nothing_is_giving_up);
    TEST("memory_has_a_limit", memory_has_a_limit);
    TEST("knows_nothing_of_the_environment", knows_nothing_of_the_environment);
    TEST("nothing_of_one_message_meets_the_next", nothing_of_one_message_meets_the_next);
    TEST("only_a_batch_shares_a_child", only_a_batch_shares_a_child);
    TEST("who_breaks_a_batch_loses_only_itself", who_breaks_a_batch_loses_only_itself);
    TEST("who_is_slow_in_a_batch_delays_it_by_no_more_than_its_time",
         who_is_slow_in_a_batch_delays_it_by_no_more_than_its_time);
    TEST("processor_time_has_its_limit_in_a_batch", processor_time_has_its_limit_in_a_batch);
    TEST("a_batch_carries_large_messages", a_batch_carries_large_messages);
    TEST("threads_take_turns", threads_take_turns);
    TEST("is_warmed_with_its_argument", is_warmed_with_its_argument);
    TEST("starts_before_it_is_warm", starts_before_it_is_warm);
    TEST("a_dead_zygote_is_said", a_dead_zygote_is_said);
    TEST("a_killed_zygote_is_replaced", a_killed_zygote_is_replaced);
    int result = g_test_run();
    sandbox_stop(sandbox);
    return result;
}
