/* backup.c - `sportello backup`: a consistent copy of the database while the server works. */
#include "command/command.h"

int command_backup(int argc, char **argv)
{
    g_autofree char *file = NULL;
    const GOptionEntry entries[] = {{"config", 'c', 0, G_OPTION_ARG_FILENAME, &file,
                                     "configuration of the installation", "FILE"},
                                    G_OPTION_ENTRY_NULL};
    const CommandHelp help = {"--config FILE COPY", "Copies the database while the server works.",
                              "The copy is a database of its own. To restore it stop the server, "
                              "put it in the place of the database\n"
                              "(and remove its -wal and -shm files), start the server. The key "
                              "file is not in it: keep a copy of that too."};

    if (!command_options(entries, &help, &argc, &argv))
        return COMMAND_USAGE;
    if (argc != 2) {
        g_printerr("sportello: backup wants one file to write to\n");
        return COMMAND_USAGE;
    }
    g_autoptr(Config) config = command_config(file);
    if (!config)
        return COMMAND_USAGE;
    g_autoptr(GError) error = NULL;
    if (!store_backup(config->database, argv[1], &error))
        return command_fail(error);
    return 0;
}
