/* main.c - the subcommands, one table. */
#include <glib.h>

int main(int argc, char **argv)
{
    (void)argc;
    g_print("%s\n", argv[0]);
    return 0;
}
