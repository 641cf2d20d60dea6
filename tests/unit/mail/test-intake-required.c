/* test-intake-required.c - what an office looks for and needs to know, by its own lists, in what is
 * read and in the receipt.
 */
#include "intake-desk.h"

#include <string.h>

#define LETTER                                                                                     \
    "From: Mario Rossi <m@studio.example>\nSubject: incontro\n\nSono il geom. Mario Rossi, "       \
    "tecnico incaricato dalla sig.ra Elena Fiorini: vorrei una videochiamata sul deposito "        \
    "sismico.\n"

typedef struct {
    const Office *office;
    const char *topics, *required;
} Lists;

static bool put_lists(Db *db, gpointer data, GError **error)
{
    const Lists *lists = data;
    Office office = *lists->office;
    office.topics = (char *)lists->topics;
    office.required = (char *)lists->required;
    return office_upsert(db, &office, error);
}

static void set_lists(Desk *desk, const char *topics, const char *required)
{
    Lists lists = {&desk->here.office, topics, required};
    g_autoptr(GError) error = NULL;
    store_write(desk->here.store, put_lists, &lists, &error);
    g_assert_no_error(error);
}

static bool reads(Desk *desk, gint64 request_id, const char *json)
{
    g_autoptr(Request) request = request_of(desk, request_id);
    return strstr(request->reading, json) != NULL;
}

static void a_receipt_asks_for_what_the_office_requires(Desk *desk, gconstpointer unused)
{
    (void)unused;
    set_lists(desk, "sismica: deposito sismic~", "practice, delegation, cadastral");
    g_autoptr(Message) message = take_mail(desk, LETTER);
    g_assert_true(reads(desk, message->request_id, "\"topic\":\"sismica\""));
    g_autoptr(GPtrArray) letters = letters_of(desk, message->request_id);
    const char *text = ((const Letter *)g_ptr_array_index(letters, 0))->text;
    g_assert_nonnull(strstr(text, "il numero della pratica"));
    g_assert_nonnull(strstr(text, "la delega di chi rappresenta"));
    g_assert_nonnull(strstr(text, "i dati catastali"));
    g_assert_nonnull(strstr(text, "i giorni e le ore"));
    g_assert_null(strstr(text, "un numero di telefono"));
}

static void without_lists_a_receipt_asks_for_the_usual(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) message = take_mail(desk, LETTER);
    g_assert_true(reads(desk, message->request_id, "\"topic\":null"));
    g_autoptr(GPtrArray) letters = letters_of(desk, message->request_id);
    const char *text = ((const Letter *)g_ptr_array_index(letters, 0))->text;
    g_assert_nonnull(strstr(text, "il numero della pratica"));
    g_assert_nonnull(strstr(text, "un numero di telefono"));
    g_assert_null(strstr(text, "la delega"));
}

static void lists_that_are_none_count_as_none(Desk *desk, gconstpointer unused)
{
    (void)unused;
    set_lists(desk, "Sismica", "telefono");
    g_test_expect_message("sportello", G_LOG_LEVEL_WARNING, "event=topics_unreadable *");
    g_test_expect_message("sportello", G_LOG_LEVEL_WARNING, "event=required_unreadable *");
    g_autoptr(Message) message = take_mail(desk, LETTER);
    g_test_assert_expected_messages();
    g_assert_true(reads(desk, message->request_id, "\"missing\":[\"telefono\"]"));
}

static void add(void)
{
    DESK_TEST(a_receipt_asks_for_what_the_office_requires);
    DESK_TEST(without_lists_a_receipt_asks_for_the_usual);
    DESK_TEST(lists_that_are_none_count_as_none);
}

int main(int argc, char **argv)
{
    return desk_main(argc, argv, add);
}
