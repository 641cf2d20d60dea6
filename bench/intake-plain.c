/* intake-plain.c - the ceiling of the intake: the same reading of the same messages in one plain
 * loop, and nothing stored.
 *
 * intake-plain FOLDER: parse_to_json for each file. Prints one line of JSON.
 */
#include "mail/parse.h"

#include <stdio.h>
#include <time.h>

static double seconds_of(clockid_t which)
{
    struct timespec at;
    clock_gettime(which, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) folder = argc == 2 ? g_dir_open(argv[1], 0, &error) : NULL;
    if (!folder) {
        fprintf(stderr, "intake-plain FOLDER: %s\n", error ? error->message : "no folder");
        return 2;
    }
    parse_warm(NULL);
    guint messages = 0;
    gsize bytes = 0, answers = 0;
    double began = seconds_of(CLOCK_MONOTONIC), work_began = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    for (const char *name; (name = g_dir_read_name(folder)); messages++) {
        g_autofree char *path = g_build_filename(argv[1], name, NULL);
        g_autofree char *raw = NULL;
        gsize length, answer_length;
        if (!g_file_get_contents(path, &raw, &length, &error)) {
            fprintf(stderr, "intake-plain: %s\n", error->message);
            return 1;
        }
        g_autofree char *json =
            parse_to_json((const guint8 *)raw, length, 1795863600, &answer_length);
        bytes += length;
        answers += answer_length;
    }
    printf("{\"messages\":%u,\"bytes\":%zu,\"answers\":%zu,\"seconds\":%.4f,\"cpu\":%.4f}\n",
           messages, bytes, answers, seconds_of(CLOCK_MONOTONIC) - began,
           seconds_of(CLOCK_PROCESS_CPUTIME_ID) - work_began);
    return 0;
}
