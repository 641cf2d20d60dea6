/* command.c - what the subcommands share: options, the configuration, the store, how failures are
 * told. */
#include "command/command.h"
#include "mail/parse.h"

SandboxSettings command_sandbox(const char *ca_file)
{
    return (SandboxSettings){.reader = parse_to_json,
                             .warm = parse_warm,
                             .warm_argument = ca_file,
                             .warm_rest = parse_warm_rest,
                             .missed_rest = parse_missed_charset,
                             .again = COMMAND_ZYGOTE};
}

bool command_options(const GOptionEntry *entries, const CommandHelp *help, int *argc, char ***argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new(help->usage);

    g_option_context_set_summary(context, help->summary);
    g_option_context_set_description(context, help->description);
    g_option_context_add_main_entries(context, entries, NULL);
    if (g_option_context_parse(context, argc, argv, &error))
        return true;
    g_printerr("sportello: %s (--help tells more)\n", error->message);
    return false;
}

Config *command_config(const char *file)
{
    g_autoptr(GError) error = NULL;

    if (!file) {
        g_printerr("sportello: --config FILE is missing\n");
        return NULL;
    }
    Config *config = config_load(file, &error);
    if (!config)
        g_printerr("sportello: %s\n", error->message);
    return config;
}

Store *command_store(const Config *config, bool create, int *code)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_path_get_dirname(config->database);

    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        g_printerr("sportello: %s, the folder of the database, is not there: make it, owned by the "
                   "user the server runs as\n",
                   folder);
        *code = COMMAND_FAILED;
        return NULL;
    }
    Store *store = create ? store_open(config->database, true, &error)
                          : store_open_current(config->database, &error);
    if (!store)
        *code = command_fail(error);
    return store;
}

int command_fail(const GError *error)
{
    g_printerr("sportello: %s\n", error ? error->message : "it could not be done");
    return COMMAND_FAILED;
}
