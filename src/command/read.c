/* read.c - `sportello read`: what the program reads in a message, as JSON, so that anybody can try
 * it. Nothing is stored. Without an office it reads for the demo's.
 */
#include "command/command.h"
#include "demo/demo_office.h"
#include "mail/intake.h"
#include "store/office.h"

#include <errno.h>
#include <unistd.h>

#define MESSAGE_MOST (50 * 1024 * 1024) /* bytes, as for a delivered message */
#define HEAD_BYTES (1024 * 1024)        /* what is read of a larger one */

static GByteArray *read_input(GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    static guint8 piece[65536];
    for (;;) {
        gssize n = read(STDIN_FILENO, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno),
                        "standard input: %s", g_strerror(errno));
            return NULL;
        }
        if (n == 0)
            break;
        if (bytes->len < MESSAGE_MOST)
            g_byte_array_append(bytes, piece, (guint)n);
    }
    if (bytes->len >= MESSAGE_MOST)
        g_byte_array_set_size(bytes, HEAD_BYTES);
    return g_steal_pointer(&bytes);
}

static MailMessage *parse_input(const char *ca_file, GError **error)
{
    SandboxSettings reading = command_sandbox(ca_file);
    g_autoptr(Sandbox) sandbox = sandbox_start(&reading, error);
    if (!sandbox)
        return NULL;
    g_autoptr(GByteArray) bytes = read_input(error);
    if (!bytes)
        return NULL;
    gsize length = 0;
    g_autofree char *json =
        sandbox_run(sandbox, bytes->data, bytes->len, G_MININT64, &length, error);
    return json ? mail_message_from_json(json, length, error) : NULL;
}

static void print_reading(const MailMessage *message, const Office *office, const GArray *openings)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GString) json = g_string_new(NULL);
    gint64 now =
        message->date_at == G_MININT64 ? g_get_real_time() / G_USEC_PER_SEC : message->date_at;
    value_write_json(intake_read(arena, message, office, openings, now), json);
    g_print("%s\n", json->str);
}

static int read_for_demo(const MailMessage *message)
{
    Office office = {0};
    demo_office_fill(&office);
    g_autoptr(GArray) openings = demo_openings();
    print_reading(message, &office, openings);
    return 0;
}

static int read_for_office(const MailMessage *message, Store *store, const char *slug)
{
    g_autoptr(GError) error = NULL;
    Db *db = store_reader(store);
    g_autoptr(Office) office = office_find_by_slug(db, slug, &error);
    g_autoptr(GArray) openings = office ? office_openings(db, office->id, &error) : NULL;
    store_reader_done(store, db);
    if (g_error_matches(error, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        g_printerr("sportello: there is no office '%s'\n", slug);
        return COMMAND_USAGE;
    }
    if (!openings)
        return command_fail(error);
    print_reading(message, office, openings);
    return 0;
}

int command_read(int argc, char **argv)
{
    g_autofree char *file = NULL;
    g_autofree char *slug = NULL;
    g_autofree char *ca = NULL;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &file, "configuration of the installation",
         "FILE"},
        {"office", 'o', 0, G_OPTION_ARG_STRING, &slug, "slug of the office it is read for", "SLUG"},
        {"ca", 0, 0, G_OPTION_ARG_FILENAME, &ca,
         "authorities of PEC providers (PEM), instead of the configuration's", "FILE"},
        G_OPTION_ENTRY_NULL};
    const CommandHelp help = {
        "[--config FILE --office SLUG] [--ca FILE] < MESSAGE",
        "Prints what is read in a message, as JSON.",
        "Without options it reads for the office of the demo. A signature is judged at the\n"
        "message's own Date. Nothing is stored."};
    int code = COMMAND_USAGE;

    if (!command_options(entries, &help, &argc, &argv))
        return COMMAND_USAGE;
    if (!file != !slug || argc > 1) {
        g_printerr("sportello: read wants --config and --office together, or neither\n");
        return COMMAND_USAGE;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = file ? command_config(file) : NULL;
    if (file && !config)
        return COMMAND_USAGE;
    g_autoptr(MailMessage) message = parse_input(ca       ? ca
                                                 : config ? config->pec_ca_file
                                                          : NULL,
                                                 &error); /* before the store is opened */
    if (!message)
        return command_fail(error);
    if (!file)
        return read_for_demo(message);
    g_autoptr(Store) store = command_store(config, false, &code);
    return store ? read_for_office(message, store, slug) : code;
}
