/* main.c - the subcommands, one table. */
#include "command/command.h"
#include <locale.h>
#include <string.h>

typedef struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} Command;

static const Command commands[] = {
    {"demo", command_demo, "the whole counter with an invented comune, to try it"},
    {"serve", command_serve, "the server of an installation"},
    {"deliver", command_deliver, "take one message from an MTA"},
    {"read", command_read, "print what is read in a message"},
    {"office", command_office, "organisations, offices, services and hours"},
    {"user", command_user, "the people who log in"},
    {"backup", command_backup, "copy the database while the server works"},
    {"doctor", command_doctor, "check an installation, in words"},
};

static void print_help(void)
{
    g_print("sportello %s - the remote counter of public offices\n\n", SPORTELLO_VERSION);
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        g_print("  sportello %-8s  %s\n", commands[i].name, commands[i].summary);
    g_print("\n`sportello COMMAND --help` tells more.\n");
}

static const Command *find_command(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    if (argc >= 2 && argc <= 3 && strcmp(argv[1], COMMAND_ZYGOTE) == 0) {
        SandboxSettings reading = command_sandbox(argv[2]);
        sandbox_zygote(&reading);
    }
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return argc < 2 ? COMMAND_USAGE : 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        g_print("sportello %s\n", SPORTELLO_VERSION);
        return 0;
    }
    const Command *command = find_command(argv[1]);
    if (!command) {
        g_printerr("sportello: there is no command '%s' (--help lists them)\n", argv[1]);
        return COMMAND_USAGE;
    }
    g_autofree char *name = g_strdup_printf("sportello %s", command->name);
    g_set_prgname(name); /* in the first line of --help */
    return command->run(argc - 1, argv + 1);
}
