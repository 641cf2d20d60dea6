/* letters-direct.c - the ceiling of bench/letters.mjs: the same letter handed to the same server by
 * libcurl alone, over one connection, so many times. Prints letters a second and
 * the processor time of one.
 */
#include <curl/curl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Of the whole process so far, microseconds. */
static double processor_us(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

typedef struct {
    char *bytes;
    gsize length, given;
} Letter;

static size_t give(char *out, size_t size, size_t count, void *data)
{
    Letter *letter = data;
    gsize n = MIN(size * count, letter->length - letter->given);
    memcpy(out, letter->bytes + letter->given, n);
    letter->given += n;
    return n;
}

static void send_all(CURL *curl, Letter *letter, guint count)
{
    for (guint i = 0; i < count; i++) {
        letter->given = 0;
        CURLcode code = curl_easy_perform(curl);
        if (code != CURLE_OK)
            g_error("letter %u: %s", i, curl_easy_strerror(code));
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        g_printerr("letters-direct URL FILE COUNT\n");
        return 2;
    }
    Letter letter = {0};
    guint count = (guint)strtoul(argv[3], NULL, 10);
    if (!g_file_get_contents(argv[2], &letter.bytes, &letter.length, NULL))
        g_error("%s cannot be read", argv[2]);
    CURL *curl = curl_easy_init();
    struct curl_slist *recipients = curl_slist_append(NULL, "cittadino@studio.example");
    curl_easy_setopt(curl, CURLOPT_URL, argv[1]);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, "edilizia@comune.example");
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)letter.length);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &letter);
    double before_us = processor_us();
    gint64 from = g_get_monotonic_time();
    send_all(curl, &letter, count);
    double seconds = (double)(g_get_monotonic_time() - from) / G_USEC_PER_SEC;
    long connects = 0;
    curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connects);
    g_assert(count < 2 || connects == 0);
    g_print("%.1f letters/s, %.1f us each\n", count / seconds,
            (processor_us() - before_us) / count);
    curl_slist_free_all(recipients);
    curl_easy_cleanup(curl);
    g_free(letter.bytes);
    return 0;
}
