/* test-properties.c - what holds for the reading of any text, and what may not change it: words
 * before it, how its lines end, how its accents are written.
 *
 * Texts come from seeds that count up from SEED (the same each time when it is not set), RUNS of
 * them; a failure tells the seed and the text.
 */
#include "hostile.h"
#include "property.h"
#include "sample.h"

#include <locale.h>
#include <string.h>

enum { FIRST_SEED = 20261124, USUAL_RUNS = 4000, FEW_RUNS = 1000 };

static guint number_from(const char *variable, guint usual)
{
    const char *written = g_getenv(variable);
    return written ? (guint)g_ascii_strtoull(written, NULL, 10) : usual;
}

/* --- messages of a seed */

static void add_machine(MailMessage *message, GRand *random)
{
    static const char *const headers[][2] = {
        {"auto-submitted", "auto-replied"}, {"list-id", "<x.example>"}, {"precedence", "bulk"}};
    guint choice = (guint)g_rand_int_range(random, 0, 40);
    if (choice < G_N_ELEMENTS(headers))
        sample_header(message, headers[choice][0], headers[choice][1]);
    if (choice == 4)
        message->bounce.present = TRUE;
    if (choice == 5)
        message->pec.kind = PEC_RECEIPT;
    if (choice == 6)
        message->in_reply_to = g_strdup("conf-1@sportello.comune.esempio.example");
    if (choice == 7)
        message->forwarded = hostile_text(random, 20);
}

static MailMessage *message_of(guint seed)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    g_autofree char *day =
        day_format(day_from_date(2024, 1, 1) + g_rand_int_range(random, 0, 4000));
    g_autofree char *subject = hostile_text(random, (guint)g_rand_int_range(random, 0, 8));
    g_autofree char *text = hostile_text(random, (guint)g_rand_int_range(random, 0, 80));
    MailMessage *message = sample_message(day, subject, text);
    if (g_rand_boolean(random)) {
        g_free(message->from.name);
        message->from.name = hostile_text(random, 2);
    }
    add_machine(message, random);
    return message;
}

static const Value *read_by(Arena *arena, const MailMessage *message)
{
    return reading_read(arena, message, sample_office(), 0);
}

static void show(guint seed, const MailMessage *message, const char *broken)
{
    g_autofree char *subject = g_strescape(message->subject, NULL);
    g_autofree char *text = g_strescape(message->text, NULL);
    g_test_message("subject: %s", subject);
    g_test_message("text: %s", text);
    g_test_fail_printf("SEED=%u RUNS=1: %s", seed, broken);
}

/* --- what holds for any text */

static void any_text_keeps_the_properties(void)
{
    guint first = number_from("SEED", FIRST_SEED), runs = number_from("RUNS", USUAL_RUNS);
    guint requests = 0, wishes = 0;
    for (guint seed = first; seed < first + runs && !g_test_failed(); seed++) {
        g_autoptr(MailMessage) message = message_of(seed);
        g_autoptr(Arena) arena = arena_new();
        const Value *reading = read_by(arena, message);
        g_autofree char *broken = property_broken(message, reading);
        if (broken)
            show(seed, message, broken);
        requests += reading_makes_request(value_get_text(reading, "kind")) ? 1 : 0;
        wishes += value_length(value_get(reading, "preferences"));
    }
    if (runs < USUAL_RUNS || g_test_failed())
        return;
    g_assert_cmpuint(requests, >, runs / 2); /* the texts are worth reading */
    g_assert_cmpuint(wishes, >, runs / 10);
}

static void the_same_text_is_read_the_same_twice(void)
{
    guint first = number_from("SEED", FIRST_SEED), runs = number_from("RUNS", FEW_RUNS);
    for (guint seed = first; seed < first + runs && !g_test_failed(); seed++) {
        g_autoptr(MailMessage) message = message_of(seed);
        g_autoptr(Arena) arena = arena_new();
        g_autofree char *once = property_shifted(read_by(arena, message), 0);
        g_autofree char *again = property_shifted(read_by(arena, message), 0);
        if (strcmp(once, again) != 0)
            show(seed, message, "read otherwise the second time");
    }
}

/* --- what does not change a reading */

static void prefix(MailMessage *message, const char *words)
{
    char *text = g_strconcat(words, message->text, NULL);
    g_free(message->text);
    message->text = text;
}

static void replace(MailMessage *message, const char *what, const char *with)
{
    g_autoptr(GString) text = g_string_new(message->text);
    g_string_replace(text, what, with, 0);
    g_free(message->text);
    message->text = g_strdup(text->str);
}

static void empty_lines_before_any_text_only_move_it(void)
{
    guint first = number_from("SEED", FIRST_SEED), runs = number_from("RUNS", FEW_RUNS);
    for (guint seed = first; seed < first + runs && !g_test_failed(); seed++) {
        g_autoptr(MailMessage) message = message_of(seed);
        g_autoptr(Arena) arena = arena_new();
        g_autofree char *lines = g_strnfill(1 + seed % 50, '\n');
        g_clear_pointer(&message->forwarded,
                        g_free); /* joined only when there is anything before */
        g_autofree char *moved = property_shifted(read_by(arena, message), (gint64)strlen(lines));
        prefix(message, lines);
        g_autofree char *found = property_shifted(read_by(arena, message), 0);
        if (strcmp(moved, found) == 0)
            continue;
        g_test_message("wanted: %s", moved);
        g_test_message("found: %s", found);
        show(seed, message, "empty lines changed it");
    }
}

/* --- the same of sentences people write */

typedef void (*Change)(MailMessage *message, const char *language);
typedef char *(*Words)(const Value *reading);

/* Figures and days; what is quoted word for word may be written differently. */
static char *figures_of(const Value *reading)
{
    static const char *const keys[] = {"kind",      "topic",     "preferences", "practices",
                                       "protocols", "cadastral", "phones"};
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *one = property_values(value_get(reading, keys[i]));
        g_string_append_printf(all, "%s %s\n", keys[i], one);
    }
    return g_string_free(all, FALSE);
}

static void check_rows(Change change, Words words)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GPtrArray) rows = sample_rows(arena);
    g_assert_cmpuint(rows->len, >, 300);
    for (guint i = 0; i < rows->len; i++) {
        const Value *row = g_ptr_array_index(rows, i);
        g_autoptr(MailMessage) message = sample_row_message(row);
        const Value *reading = read_by(arena, message);
        g_autofree char *wanted = words(reading);
        change(message, value_get_text(reading, "language"));
        g_autofree char *found = words(read_by(arena, message));
        if (strcmp(wanted, found) != 0)
            g_test_fail_printf("%s | wanted: %s | found: %s", message->text, wanted, found);
    }
}

static void write_crlf(MailMessage *message, const char *language)
{
    (void)language;
    replace(message, "\n", "\r\n");
}

static void write_apostrophes(MailMessage *message, const char *language)
{
    static const char *const accents[][2] = {{"à", "a'"}, {"è", "e'"}, {"é", "e'"}, {"ì", "i'"},
                                             {"ò", "o'"}, {"ù", "u'"}, {"À", "A'"}, {"È", "E'"}};
    (void)language;
    for (guint i = 0; i < G_N_ELEMENTS(accents); i++)
        replace(message, accents[i][0], accents[i][1]);
}

static void write_decomposed(MailMessage *message, const char *language)
{
    (void)language;
    char *text = g_utf8_normalize(message->text, -1, G_NORMALIZE_NFD);
    g_free(message->text);
    message->text = text;
}

static void write_hard_spaces(MailMessage *message, const char *language)
{
    (void)language;
    replace(message, " ", "\u00a0");
}

static void greet_first(MailMessage *message, const char *language)
{
    prefix(message, strcmp(language, "de") == 0   ? "Guten Tag,\n\n"
                    : strcmp(language, "en") == 0 ? "Good morning,\n\n"
                                                  : "Buongiorno,\n\n");
}

static void line_ends_of_windows_mean_the_same(void)
{
    check_rows(write_crlf, property_values);
}

static void accents_written_as_apostrophes_mean_the_same(void)
{
    check_rows(write_apostrophes, figures_of);
}

static void accents_written_apart_mean_the_same(void)
{
    check_rows(write_decomposed, figures_of);
}

static void spaces_that_do_not_break_mean_the_same(void)
{
    check_rows(write_hard_spaces, figures_of);
}

static void a_greeting_before_it_means_the_same(void)
{
    check_rows(greet_first, figures_of);
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8"); /* sentences are shown when they fail */
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/reading/properties/" #name, name)
    CASE(any_text_keeps_the_properties);
    CASE(the_same_text_is_read_the_same_twice);
    CASE(empty_lines_before_any_text_only_move_it);
    CASE(line_ends_of_windows_mean_the_same);
    CASE(accents_written_as_apostrophes_mean_the_same);
    CASE(accents_written_apart_mean_the_same);
    CASE(spaces_that_do_not_break_mean_the_same);
    CASE(a_greeting_before_it_means_the_same);
    return g_test_run();
}
