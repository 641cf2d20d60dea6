/* letters-outbox.c - the outbox of bench/letters.mjs, as the server runs it: all letters that wait
 * in the store are sent and marked. Prints letters a second, from the first taken to the last that
 * is durably marked, and the processor time of one. With a third word it fills the store.
 */
#include "base/log.h"
#include "base/token.h"
#include "mail/outbox.h"
#include "store/letter.h"
#include "store/office.h"
#include <stdlib.h>
#include <sys/resource.h>

/* Of all threads so far, microseconds. */
static double processor_us(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

typedef struct {
    GBytes *bytes;
    guint count;
    gint64 office_id;
} Filling;

static bool fill_job(Db *db, gpointer data, GError **error)
{
    Filling *filling = data;
    g_autoptr(GPtrArray) offices = office_list(db, 0, error);
    g_assert(offices && offices->len == 1);
    const Office *office = g_ptr_array_index(offices, 0);
    for (guint i = 0; i < filling->count; i++) {
        g_autofree char *message_id = g_strdup_printf("s.%026u@comune.example", i);
        const Letter letter = {.id = token_new_id(),
                               .office_id = office->id,
                               .kind = (char *)"answer",
                               .recipient = (char *)"cittadino@studio.example",
                               .subject = (char *)"[EDI-7K3M-Q2] Videochiamata confermata",
                               .message_id = message_id,
                               .text = (char *)"Buongiorno",
                               .content = filling->bytes,
                               .sendable_at = 1 + i};
        if (!letter_add(db, &letter, error))
            return false;
    }
    return true;
}

static int fill(const Config *config, const char *file, guint count)
{
    g_autoptr(GError) error = NULL;
    char *bytes = NULL;
    gsize length = 0;
    if (!g_file_get_contents(file, &bytes, &length, &error))
        g_error("%s", error->message);
    g_autoptr(GBytes) letter = g_bytes_new_take(bytes, length);
    g_autoptr(Store) store = store_open(config->database, false, &error);
    Filling filling = {letter, count, 0};
    if (!store || !store_write(store, fill_job, &filling, &error))
        g_error("%s", error->message);
    return 0;
}

typedef struct {
    GMutex lock;
    GCond done;
    guint left;
} Waiting;

static void count_down(gint64 office_id, const char *code, gpointer context)
{
    Waiting *waiting = context;
    (void)office_id, (void)code;
    g_mutex_lock(&waiting->lock);
    if (--waiting->left == 0)
        g_cond_signal(&waiting->done);
    g_mutex_unlock(&waiting->lock);
}

static int send_letters(const Config *config, guint count)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Clock) clock = clock_new();
    Waiting waiting = {.left = count};
    log_open("info");
    Store *store = store_open(config->database, false, &error);
    double before_us = processor_us();
    gint64 from = g_get_monotonic_time();
    Outbox *outbox = outbox_start(config, store, clock, count_down, &waiting, &error);
    if (!outbox)
        g_error("%s", error->message);
    g_mutex_lock(&waiting.lock);
    while (waiting.left > 0)
        g_cond_wait(&waiting.done, &waiting.lock);
    g_mutex_unlock(&waiting.lock);
    double seconds = (double)(g_get_monotonic_time() - from) / G_USEC_PER_SEC;
    double us = (processor_us() - before_us) / count;
    outbox_stop(outbox);
    store_close(store);
    g_print("%.1f letters/s, %.1f us each\n", count / seconds, us);
    return 0;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (argc != 3 && argc != 4) {
        g_printerr("letters-outbox CONFIG COUNT [FILE to fill the store with]\n");
        return 2;
    }
    g_autoptr(Config) config = config_load(argv[1], &error);
    if (!config)
        g_error("%s", error->message);
    guint count = (guint)strtoul(argv[2], NULL, 10);
    return argc == 4 ? fill(config, argv[3], count) : send_letters(config, count);
}
