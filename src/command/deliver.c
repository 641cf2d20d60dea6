/* deliver.c - `sportello deliver`: what an MTA pipes a message to. */
#include "mail/deliver.h"
#include "command/command.h"
#include <unistd.h>

#define WAIT_MOST_S 900

int command_deliver(int argc, char **argv)
{
    g_autofree char *file = NULL;
    g_autofree char *office = NULL;
    gint wait_s = DELIVER_WAIT_S;
    const GOptionEntry entries[] = {{"config", 'c', 0, G_OPTION_ARG_FILENAME, &file,
                                     "configuration of the installation", "FILE"},
                                    {"office", 'o', 0, G_OPTION_ARG_STRING, &office,
                                     "slug of the office the message is for", "SLUG"},
                                    {"wait", 'w', 0, G_OPTION_ARG_INT, &wait_s,
                                     "how long the server may say nothing, 60", "SECONDS"},
                                    G_OPTION_ENTRY_NULL};
    const CommandHelp help = {
        "--config FILE --office SLUG < MESSAGE", "Takes one message from an MTA.",
        "Exit codes: 0 the message is durable, 67 there is no such office, 75 try again later."};

    if (!command_options(entries, &help, &argc, &argv))
        return DELIVER_LATER;
    g_autoptr(Config) config = command_config(file);
    if (!config)
        return DELIVER_LATER;
    if (!office) {
        g_printerr("sportello: --office SLUG is missing\n");
        return DELIVER_LATER;
    }
    if (wait_s < 1 || wait_s > WAIT_MOST_S) {
        g_printerr("sportello: --wait must be from 1 to %d seconds\n", WAIT_MOST_S);
        return DELIVER_LATER;
    }
    return deliver_message(config, office, STDIN_FILENO, (guint)wait_s);
}
