/* test-outbox.c - letters leave when their time has come, each once, and are tried again when they
 * cannot.
 */
#include "base/token.h"
#include "installation.h"
#include "mail/maildir.h"
#include "mail/outbox.h"
#include "store/db.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    Installation *installation;
    gint64 letter_id;
    LetterState state;
} Wanted;

static gboolean is_in_state(gpointer data)
{
    const Wanted *wanted = data;
    g_autoptr(Letter) letter = installation_find_letter(wanted->installation, wanted->letter_id);
    return letter->state == wanted->state;
}

static void wait_for(Installation *installation, gint64 letter_id, LetterState state)
{
    Wanted wanted = {installation, letter_id, state};
    wait_until(is_in_state, &wanted);
}

typedef struct {
    gint calls;
    char *code;
} Told;

static void tell(gint64 office_id, const char *request_code, gpointer context)
{
    Told *told = context;
    g_assert_cmpint(office_id, >, 0);
    if (!told->code)
        told->code = g_strdup(request_code);
    g_atomic_int_inc(&told->calls);
}

static Outbox *start(Installation *installation, Told *told)
{
    g_autoptr(GError) error = NULL;
    Outbox *outbox = outbox_start(&installation->config, installation->store, installation->clock,
                                  tell, told, &error);
    g_assert_no_error(error);
    return outbox;
}

static void sends_what_is_due_and_says_so(Installation *installation, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 request_id = installation_request(installation, "a@b.example", &code);
    gint64 now = clock_system(installation->clock);
    gint64 due = installation_letter(installation, request_id, "uno@x", now);
    gint64 held = installation_letter(installation, request_id, "due@x", now + 1000);
    Told told = {0};
    Outbox *outbox = start(installation, &told);
    wait_for(installation, due, LETTER_SENT);
    outbox_stop(outbox);
    g_assert_cmpint(told.calls, ==, 1);
    g_assert_cmpstr(told.code, ==, code);
    g_free(told.code);
    g_autoptr(GPtrArray) files = installation_files(installation->config.outgoing, "new");
    g_assert_cmpuint(files->len, ==, 1);
    g_autofree char *path = g_build_filename(installation->config.outgoing, "new",
                                             (char *)g_ptr_array_index(files, 0), NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "Subject: lettera\r\n\r\nciao\r\n");
    g_autoptr(Letter) waiting = installation_find_letter(installation, held);
    g_assert_cmpint(waiting->state, ==, LETTER_WAITING);
}

static void wakes_for_a_new_letter_and_waits_for_its_second(Installation *installation,
                                                            gconstpointer unused)
{
    (void)unused;
    Told told = {0};
    g_autofree char *code = NULL;
    gint64 request_id = installation_request(installation, "a@b.example", &code);
    Outbox *outbox = start(installation, &told);
    gint64 now = clock_system(installation->clock);
    gint64 id = installation_letter(installation, request_id, "uno@x", now + 1);
    outbox_wake(outbox);
    wait_for(installation, id, LETTER_SENT);
    g_assert_cmpint(clock_system(installation->clock), >=, now + 1);
    outbox_stop(outbox);
    g_free(told.code);
}

static bool take(Db *db, gpointer data, GError **error)
{
    g_autoptr(GPtrArray) taken = letter_take_due(db, *(gint64 *)data, 10, error);
    return taken != NULL;
}

static void a_letter_a_crash_left_half_sent_is_one_file(Installation *installation,
                                                        gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 request_id = installation_request(installation, "a@b.example", &code);
    gint64 now = clock_system(installation->clock);
    gint64 id = installation_letter(installation, request_id, "uno@x", now);
    Told told = {0};
    Outbox *outbox = start(installation, &told);
    wait_for(installation, id, LETTER_SENT);
    outbox_stop(outbox);
    /* as if it had ended between the file and the mark */
    gint64 other = installation_letter(installation, request_id, "due@x", now);
    g_assert_true(store_write(installation->store, take, &now, NULL));
    g_autofree char *name = g_strdup_printf("1000.L%" G_GINT64_FORMAT ".sportello", other);
    g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
    g_assert_true(maildir_write(installation->config.outgoing, name, bytes, NULL));
    outbox = start(installation, &told);
    wait_for(installation, other, LETTER_SENT);
    outbox_stop(outbox);
    g_free(told.code);
    g_autoptr(GPtrArray) files = installation_files(installation->config.outgoing, "new");
    g_assert_cmpuint(files->len, ==, 2);
}

static void tries_again_later_what_cannot_be_written(Installation *installation,
                                                     gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 request_id = installation_request(installation, "a@b.example", &code);
    gint64 now = clock_system(installation->clock);
    Told told = {0};
    Outbox *outbox = start(installation, &told);
    g_autofree char *drafts = g_build_filename(installation->config.outgoing, "tmp", NULL);
    g_assert_cmpint(g_rmdir(drafts), ==, 0);
    gint64 id = installation_letter(installation, request_id, "uno@x", now);
    outbox_wake(outbox);
    while (g_atomic_int_get(&told.calls) == 0)
        g_usleep(10000);
    outbox_stop(outbox);
    g_free(told.code);
    g_autoptr(Letter) letter = installation_find_letter(installation, id);
    g_assert_cmpint(letter->state, ==, LETTER_WAITING);
    g_assert_cmpint(letter->attempts, ==, 1);
    g_assert_cmpint(letter->sendable_at, >=, now + 24); /* half a minute, a fifth more or less */
    g_assert_cmpint(letter->sendable_at, <=, now + 46);
    g_assert_nonnull(letter->last_error);
}

static bool set_route(Db *db, gpointer data, GError **error)
{
    return letter_add(db, data, error);
}

static void a_letter_by_pec_never_leaves_by_ordinary_mail(Installation *installation,
                                                          gconstpointer unused)
{
    (void)unused;
    g_autoptr(GBytes) bytes = g_bytes_new_static("Subject: x\r\n\r\nciao\r\n", 20);
    const Letter letter = {.id = token_new_id(),
                           .office_id = installation->office.id,
                           .kind = (char *)"answer",
                           .recipient = (char *)"studio@pec.example",
                           .subject = (char *)"x",
                           .message_id = (char *)"tre@x",
                           .content = bytes,
                           .route = LETTER_BY_PEC,
                           .sendable_at = 1};
    g_assert_true(store_write(installation->store, set_route, (gpointer)&letter, NULL));
    Told told = {0};
    Outbox *outbox = start(installation, &told);
    while (g_atomic_int_get(&told.calls) == 0)
        g_usleep(10000);
    outbox_stop(outbox);
    g_autoptr(Letter) after = installation_find_letter(installation, letter.id);
    g_assert_cmpint(after->state, ==, LETTER_FAILED); /* it could leave decades ago */
    g_assert_cmpstr(after->last_error, ==, "no [smtp] section with pec = yes for this office");
    g_autoptr(GPtrArray) files = installation_files(installation->config.outgoing, "new");
    g_assert_cmpuint(files->len, ==, 0);
}

/* As packaging/erase-request.sql may do it at any moment. */
static bool erase_while_sending(Db *db, gpointer data, GError **error)
{
    (void)data;
    return db_run(db, error,
                  "CREATE TRIGGER erase AFTER UPDATE OF state ON letter "
                  "WHEN NEW.state = 'sending' AND NEW.message_id = 'uno@x' BEGIN "
                  "DELETE FROM letter_content WHERE letter_id = NEW.id; "
                  "DELETE FROM letter WHERE id = NEW.id; END",
                  "");
}

static void one_that_is_erased_while_it_leaves_holds_no_other(Installation *installation,
                                                              gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 request_id = installation_request(installation, "a@b.example", &code);
    g_assert_true(store_write(installation->store, erase_while_sending, NULL, NULL));
    gint64 now = clock_system(installation->clock);
    installation_letter(installation, request_id, "uno@x", now);
    gint64 other = installation_letter(installation, request_id, "due@x", now);
    Told told = {0};
    Outbox *outbox = start(installation, &told);
    wait_for(installation, other, LETTER_SENT);
    outbox_stop(outbox);
    g_free(told.code);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR); /* warnings about failures are what is tested here */
    installation_add("/mail/outbox/sends_what_is_due_and_says_so", sends_what_is_due_and_says_so);
    installation_add("/mail/outbox/wakes_for_a_new_letter_and_waits_for_its_second",
                     wakes_for_a_new_letter_and_waits_for_its_second);
    installation_add("/mail/outbox/a_letter_a_crash_left_half_sent_is_one_file",
                     a_letter_a_crash_left_half_sent_is_one_file);
    installation_add("/mail/outbox/tries_again_later_what_cannot_be_written",
                     tries_again_later_what_cannot_be_written);
    installation_add("/mail/outbox/a_letter_by_pec_never_leaves_by_ordinary_mail",
                     a_letter_by_pec_never_leaves_by_ordinary_mail);
    installation_add("/mail/outbox/one_that_is_erased_while_it_leaves_holds_no_other",
                     one_that_is_erased_while_it_leaves_holds_no_other);
    return g_test_run();
}
