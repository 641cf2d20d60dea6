/* reading.c - how fast letters are read: bytes of plain text a second on one processor, beside
 * what a plain pass over the same bytes costs, and what a reading allocates.
 *
 * reading letters FILE...   messages (.eml), or texts between NUL bytes; each is read by itself
 * reading hostile BYTES     bodies of one thing over and over, of BYTES and of ten times as many
 * Each prints lines of JSON. Seconds are of the process, the least of several rounds.
 */
#include "mail/parse.h"
#include "reading/internal.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define ROUND_SECONDS 0.3 /* at least, of each side */
#define ROUNDS 5
#define HOSTILE_ROUNDS 2
#define SENT_AT 1795162800 /* Friday, 2026-11-20 */

/* --- allocations: the C library's own functions, counted ---------------------------------------
 */

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t n, size_t bytes);
extern void *__libc_realloc(void *old, size_t bytes);
static guint64 allocations;

void *malloc(size_t bytes)
{
    allocations++;
    return __libc_malloc(bytes);
}

void *calloc(size_t n, size_t bytes)
{
    allocations++;
    return __libc_calloc(n, bytes);
}

void *realloc(void *old, size_t bytes)
{
    allocations++;
    return __libc_realloc(old, bytes);
}

/* --- the two sides -----------------------------------------------------------------------------
 */

static const ReadingOffice *office(void)
{
    static const char *const addresses[] = {"ufficio@comune.example", NULL};
    static const char *const domains[] = {"sportello.comune.example", NULL};
    static const ReadingHours hours[] = {{2, 540, 750}, {2, 900, 1050}, {4, 540, 750}};
    static ReadingOffice one;
    one = (ReadingOffice){.zone = zone_find("Europe/Rome"),
                          .own_addresses = addresses,
                          .own_domains = domains,
                          .code_prefix = "EDI",
                          .hours = hours,
                          .n_hours = G_N_ELEMENTS(hours)};
    return &one;
}

/* Members of the reading's answer, so that nobody can leave it out. */
static gsize read_whole(const MailMessage *message)
{
    g_autoptr(Arena) arena = arena_new();
    return value_length(value_get(reading_read(arena, message, office(), SENT_AT), "preferences"));
}

/* What anybody would write to look at the words of a text: valid, lower case, cut into words. */
static gsize pass_plainly(const MailMessage *message)
{
    gsize length = strlen(message->text), words = 0;
    if (!g_utf8_validate(message->text, (gssize)length, NULL))
        return 0;
    g_autofree char *lower = g_utf8_strdown(message->text, (gssize)length);
    bool inside = false;
    for (const char *at = lower; *at; at = g_utf8_next_char(at)) {
        bool is_word = g_unichar_isalnum(g_utf8_get_char(at));
        words += is_word && !inside;
        inside = is_word;
    }
    return words;
}

/* The same with a regular expression (PCRE2, compiled). */
static gsize pass_with_expression(const MailMessage *message)
{
    static GRegex *expression;
    if (!expression)
        expression = g_regex_new("\\w+", G_REGEX_OPTIMIZE, 0, NULL);
    gsize words = 0;
    g_autoptr(GMatchInfo) match = NULL;
    for (g_regex_match(expression, message->text, 0, &match); g_match_info_matches(match);
         g_match_info_next(match, NULL))
        words++;
    return words;
}

/* --- measuring ---------------------------------------------------------------------------------
 */

static double seconds_now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

typedef gsize (*Pass)(const MailMessage *message);

/* Seconds that one pass over all messages takes: a round repeats it until it can be measured. */
static double seconds_of(Pass pass, const GPtrArray *messages, double round_seconds)
{
    static volatile gsize found;
    guint passes = 0;
    double began = seconds_now(), taken = 0;
    for (; passes == 0 || taken < round_seconds; passes++) {
        for (guint i = 0; i < messages->len; i++)
            found += pass(g_ptr_array_index(messages, i));
        taken = seconds_now() - began;
    }
    return taken / passes;
}

static gsize bytes_of(const GPtrArray *messages)
{
    gsize bytes = 0;
    for (guint i = 0; i < messages->len; i++)
        bytes += strlen(((const MailMessage *)g_ptr_array_index(messages, i))->text);
    return bytes;
}

static guint64 tokens_of(const GPtrArray *messages)
{
    guint64 tokens = 0;
    for (guint i = 0; i < messages->len; i++) {
        const MailMessage *message = g_ptr_array_index(messages, i);
        g_autoptr(Text) text = text_new(message->text, strlen(message->text));
        tokens += text_count(text);
    }
    return tokens;
}

/* Wishes, practices and so on of all messages. */
static guint proposals_of(const GPtrArray *messages)
{
    static const char *const lists[] = {"preferences", "practices", "protocols",
                                        "cadastral",   "phones",    "participants"};
    guint proposals = 0;
    for (guint i = 0; i < messages->len; i++) {
        g_autoptr(Arena) arena = arena_new();
        const Value *reading =
            reading_read(arena, g_ptr_array_index(messages, i), office(), SENT_AT);
        for (guint j = 0; j < G_N_ELEMENTS(lists); j++)
            proposals += value_length(value_get(reading, lists[j]));
    }
    return proposals;
}

static void compare(const GPtrArray *messages)
{
    static const struct {
        const char *name;
        Pass pass;
    } sides[] = {
        {"reading", read_whole}, {"plain", pass_plainly}, {"expression", pass_with_expression}};
    double least[G_N_ELEMENTS(sides)];
    for (guint i = 0; i < G_N_ELEMENTS(sides); i++)
        least[i] = G_MAXDOUBLE;
    read_whole(g_ptr_array_index(messages, 0)); /* compiles the tables */
    guint64 before = allocations;
    seconds_of(read_whole, messages, 0);
    guint64 own = allocations - before;
    for (guint round = 0; round < ROUNDS; round++)
        for (guint i = 0; i < G_N_ELEMENTS(sides); i++)
            least[i] = MIN(least[i], seconds_of(sides[i].pass, messages, ROUND_SECONDS));
    printf("{\"messages\":%u,\"bytes\":%zu,\"tokens\":%" G_GUINT64_FORMAT
           ",\"proposals\":%u,\"allocations\":%" G_GUINT64_FORMAT,
           messages->len, bytes_of(messages), tokens_of(messages), proposals_of(messages), own);
    for (guint i = 0; i < G_N_ELEMENTS(sides); i++)
        printf(",\"%s\":%.9f", sides[i].name, least[i]);
    printf("}\n");
}

/* --- what is read ------------------------------------------------------------------------------
 */

static MailMessage *message_of(const char *text, gsize length)
{
    MailMessage *message = mail_message_new();
    message->from.name = g_strdup("Paola Verdi");
    message->from.email = g_strdup("p.verdi@studio.example");
    message->return_path = g_strdup("p.verdi@studio.example");
    message->subject = g_strdup("Richiesta di appuntamento");
    message->date_at = SENT_AT;
    message->text = g_strndup(text, length);
    return message;
}

static GPtrArray *load(int n, char **files)
{
    GPtrArray *messages = g_ptr_array_new_with_free_func((GDestroyNotify)mail_message_free);
    for (int i = 0; i < n; i++) {
        g_autofree char *bytes = NULL;
        g_autoptr(GError) error = NULL;
        gsize length;
        if (!g_file_get_contents(files[i], &bytes, &length, &error))
            g_error("%s", error->message);
        if (g_str_has_suffix(files[i], ".eml")) {
            gsize json_length;
            g_autofree char *json =
                parse_to_json((const guint8 *)bytes, length, SENT_AT, &json_length);
            MailMessage *message = mail_message_from_json(json, json_length, &error);
            if (!message)
                g_error("%s: %s", files[i], error->message);
            if (message->text)
                g_ptr_array_add(messages, message);
            continue;
        }
        for (gsize at = 0; at < length; at += strlen(bytes + at) + 1)
            g_ptr_array_add(messages, message_of(bytes + at, strlen(bytes + at)));
    }
    return messages;
}

/* --- hostile -----------------------------------------------------------------------------------
 */

static const struct {
    const char *name, *piece;
} hostile[] = {
    {"digits", "7"},
    {"numbers", "1 "},
    {"weekdays", "martedì "},
    {"hours", "alle 9 alle 9 "},
    {"lists of hours", "9, 10, 11, "},
    {"ranges", "dal 3 al 5 "},
    {"next", "la prossima settimana "},
    {"quotes", ">"},
    {"quoted lines", "> martedì\n"},
    {"apostrophes", "'"},
    {"one word", "parola"},
    {"empty lines", "\n"},
    {"short lines", "a\n"},
    {"numbers of practices", "n. 1/2026 "},
    {"practices", "SCIA n. 1/2026 e 2/2026, "},
    {"sheets", "foglio 1 "},
    {"sheets and parcels", "foglio 1 mappale 2, 3, 4 sub 5 "},
    {"protocols", "prot. 1/A/ "},
    {"laws", "legge 47/85 "},
    {"streets", "via Roma "},
    {"brackets", "("},
    {"telephones", "045 5550134 "},
    {"addresses", "a@b.example "},
    {"capitals", "MARTEDI "},
    {"titles", "ing. Carlo Bassi, "},
    {"signatures", "Cordiali saluti\nMario\n"},
    {"attributions", "Il 17/11/2026 alle 10\n"},
    {"headers", "Da: X\n"},
    {"denials", "non posso più "},
    {"cancelling", "annullare spostare "},
    {"taking part", "parteciperà anche "},
    {"cues", "tranne il giovedì, "},
    {"combining marks", "a\xcc\x80\xcc\x80\xcc\x80"},
    {"emoji", "\xf0\x9f\x98\x80"},
    {"hidden spaces", "\xe2\x80\x8b"},
    {"German", "übernächste Woche halb zehn "},
    {"stops", "d.p.r."},
};

static double seconds_of_body(const char *piece, gsize bytes)
{
    g_autoptr(GString) text = g_string_sized_new(bytes + 64);
    while (text->len < bytes)
        g_string_append(text, piece);
    g_autoptr(GPtrArray) one = g_ptr_array_new_with_free_func((GDestroyNotify)mail_message_free);
    g_ptr_array_add(one, message_of(text->str, text->len));
    double least = G_MAXDOUBLE;
    for (guint round = 0; round < HOSTILE_ROUNDS; round++)
        least = MIN(least, seconds_of(read_whole, one, 0));
    return least;
}

static void attack(gsize bytes)
{
    for (guint i = 0; i < G_N_ELEMENTS(hostile); i++) {
        double small = seconds_of_body(hostile[i].piece, bytes),
               large = seconds_of_body(hostile[i].piece, bytes * 10);
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        printf("{\"name\":\"%s\",\"small\":%.6f,\"large\":%.6f,\"resident\":%ld}\n",
               hostile[i].name, small, large, usage.ru_maxrss * 1024);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    bool is_letters = argc > 2 && strcmp(argv[1], "letters") == 0;
    bool is_hostile = argc == 3 && strcmp(argv[1], "hostile") == 0;
    if (!is_letters && !is_hostile) {
        fprintf(stderr, "reading letters FILE... | hostile BYTES\n");
        return 2;
    }
    if (is_hostile) {
        attack((gsize)g_ascii_strtoull(argv[2], NULL, 10));
        return 0;
    }
    parse_warm(NULL);
    g_autoptr(GPtrArray) messages = load(argc - 2, argv + 2);
    compare(messages);
    return 0;
}
