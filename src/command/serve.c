/* serve.c - `sportello serve`: the server of an installation. */
#include "serve.h"
#include "base/log.h"
#include "command/command.h"

int command_serve(int argc, char **argv)
{
    g_autofree char *file = NULL;
    const GOptionEntry entries[] = {{"config", 'c', 0, G_OPTION_ARG_FILENAME, &file,
                                     "configuration of the installation", "FILE"},
                                    G_OPTION_ENTRY_NULL};
    const CommandHelp help = {"--config FILE", "Serves the counter until SIGTERM.", NULL};

    if (!command_options(entries, &help, &argc, &argv))
        return COMMAND_USAGE;
    g_autoptr(Config) config = command_config(file);
    if (!config)
        return COMMAND_USAGE;
    g_autoptr(GError) error = NULL;
    SandboxSettings reading = command_sandbox(config->pec_ca_file);
    g_autoptr(Sandbox) sandbox = sandbox_start(&reading, &error);
    if (!sandbox)
        return command_fail(error);
    g_autoptr(Clock) clock = clock_new();
    return serve(config, clock, sandbox, NULL, NULL);
}
