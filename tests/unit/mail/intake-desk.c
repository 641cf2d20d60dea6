/* intake-desk.c - see intake-desk.h. */
#include "intake-desk.h"
#include "mail/arrival.h"
#include "mail/parse.h"

#include <string.h>

Sandbox *desk_sandbox;
static Templates *templates;

static void changed(gint64 office_id, const char *event, const char *request_code, gpointer context)
{
    Desk *desk = context;
    g_assert_cmpint(office_id, ==, desk->here.office.id);
    g_assert_cmpint(request_code == NULL, ==, strcmp(event, "other") == 0);
    g_mutex_lock(&desk->lock);
    g_string_append_printf(desk->told, "%s%s", desk->told->len ? " " : "", event);
    g_mutex_unlock(&desk->lock);
}

static void letter_waits(gpointer context)
{
    g_atomic_int_inc(&((Desk *)context)->letters);
}

void start_intake(Desk *desk, Sandbox *where)
{
    IntakeSettings settings = {&desk->here.config, desk->here.store, desk->here.clock, where,
                               &desk->box,         changed,          letter_waits,     desk};
    g_autoptr(GError) error = NULL;
    desk->intake = intake_start(&settings, &error);
    g_assert_no_error(error);
}

void open_desk(Desk *desk, gconstpointer unused)
{
    installation_open(&desk->here, unused);
    memset(&desk->key, 7, sizeof desk->key);
    desk->box = (LetterBox){&desk->key, "https://sportello.example", templates, 10, NULL};
    g_mutex_init(&desk->lock);
    desk->told = g_string_new(NULL);
    start_intake(desk, desk_sandbox);
}

void close_desk(Desk *desk, gconstpointer unused)
{
    intake_stop(desk->intake);
    g_mutex_clear(&desk->lock);
    g_string_free(desk->told, TRUE);
    installation_close(&desk->here, unused);
}

/* --- sending ------------------------------------------------------------------------------- */

gint64 store_bytes(Desk *desk, const char *bytes, gsize length)
{
    Installation *here = &desk->here;
    g_autoptr(GError) error = NULL;
    g_autoptr(Arrival) arrival =
        arrival_new(here->config.max_message, here->config.upload_folder, &error);
    g_assert_no_error(error);
    gint64 id;
    bool is_new;
    g_assert_true(arrival_feed(arrival, bytes, length, NULL));
    g_assert_true(arrival_store(arrival, here->store, here->office.id, clock_now(here->clock), &id,
                                &is_new, &error));
    intake_wake(desk->intake);
    return id;
}

gboolean is_read(gpointer data)
{
    const Asked *asked = data;
    g_autoptr(Message) message = installation_message(&asked->desk->here, asked->id);
    return message->state != MESSAGE_STORED;
}

Message *take_bytes(Desk *desk, const char *bytes, gsize length)
{
    Asked asked = {desk, store_bytes(desk, bytes, length)};
    wait_until(is_read, &asked);
    return installation_message(&desk->here, asked.id);
}

Message *take_mail(Desk *desk, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *bytes = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return take_bytes(desk, bytes, strlen(bytes));
}

Message *take_sample(Desk *desk, const char *name)
{
    g_autofree char *file = g_build_filename(g_getenv("TEST_DATA"), "mail", name, NULL);
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(file, &bytes, &length, NULL));
    return take_bytes(desk, bytes, length);
}

/* --- looking ------------------------------------------------------------------------------- */

Request *request_of(Desk *desk, gint64 id)
{
    g_autoptr(GError) error = NULL;
    Db *db = store_reader(desk->here.store);
    Request *request = request_find(db, id, &error);
    store_reader_done(desk->here.store, db);
    g_assert_no_error(error);
    return request;
}

GPtrArray *letters_of(Desk *desk, gint64 request_id)
{
    Db *db = store_reader(desk->here.store);
    GPtrArray *letters = letter_list_for_request(db, request_id, NULL);
    store_reader_done(desk->here.store, db);
    return letters;
}

guint count_letters(Desk *desk)
{
    Db *db = store_reader(desk->here.store);
    g_autoptr(GPtrArray) letters = letter_latest(db, 1000, NULL);
    store_reader_done(desk->here.store, db);
    return letters->len;
}

guint count_requests(Desk *desk)
{
    Db *db = store_reader(desk->here.store);
    g_autoptr(GPtrArray) requests = request_list(db, desk->here.office.id, REQUEST_NEW, 1000, NULL);
    store_reader_done(desk->here.store, db);
    return requests->len;
}

/* Waits for the tell after the commit. */
void was_told(Desk *desk, const char *expected)
{
    for (guint i = 0; i < 200; i++) {
        g_mutex_lock(&desk->lock);
        bool there = strcmp(desk->told->str, expected) == 0;
        g_mutex_unlock(&desk->lock);
        if (there)
            return;
        g_usleep(10000);
    }
    g_error("told \"%s\", not \"%s\"", desk->told->str, expected);
}

char *letter_text(Desk *desk, gint64 letter_id)
{
    g_autoptr(Letter) letter = installation_find_letter(&desk->here, letter_id);
    gsize length;
    const char *bytes = g_bytes_get_data(letter->content, &length);
    return g_strndup(bytes, length);
}

/* --- the sandbox of these tests ------------------------------------------------------------ */

static char *reader(const guint8 *bytes, gsize length, gint64 received_at, gsize *answer_length)
{
    if (memmem(bytes, length, "X-Crash: yes", 12))
        __builtin_trap();
    return parse_to_json(bytes, length, received_at, answer_length);
}

int desk_main(int argc, char **argv, void (*add)(void))
{
    SandboxSettings settings = {.reader = reader, .warm = parse_warm};
    desk_sandbox = sandbox_start(&settings, NULL);
    g_assert_nonnull(desk_sandbox);
    g_test_init(&argc, &argv, NULL);
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR); /* warnings about messages are what is tested here */
    templates = templates_new(NULL);
    g_assert_nonnull(templates);
    add();
    int result = g_test_run();
    templates_free(templates);
    sandbox_stop(desk_sandbox);
    return result;
}
