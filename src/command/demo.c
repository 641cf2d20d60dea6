/* demo.c - `sportello demo`: makes what is missing and serves an invented comune whose clock can be
 * moved. */
#include "demo/demo.h"
#include "base/log.h"
#include "base/when.h"
#include "command/command.h"
#include "serve.h"
#include <string.h>

typedef struct {
    const char *folder, *password;
    bool clock_moved;
} Welcome;

static void say_welcome(const char *url, gpointer data)
{
    const Welcome *welcome = data;

    g_print("\nSportello, the demo: %s\n\n", url);
    g_print("  1. %s/posta-di-prova  write to the office as a citizen, read the letters that come "
            "out\n",
            url);
    g_print("  2. %s/accedi          log in as the officer: %s, password %s\n", url, DEMO_OFFICER,
            welcome->password);
    g_print("  3. %s/scrivania       evaluate the request, confirm the video call\n", url);
    g_print("  4. press \"vai all'appuntamento\" on top of a page, open the letter's link, enter "
            "the room\n\n");
    g_print("  The strip on top of each page moves the clock%s.\n",
            welcome->clock_moved ? " (--now has moved it)" : "");
    g_print("  Mail in: %s/mail/incoming   mail out: %s/mail/outgoing   Ctrl-C ends.\n\n",
            welcome->folder, welcome->folder);
}

static char *make_rows(const Config *config, const char *folder, const Clock *clock, int *code)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = command_store(config, true, code);
    if (!store)
        return NULL;
    char *password = demo_make_rows(store, folder, g_getenv("SPORTELLO_DEMO_PASSWORD"),
                                    clock_now(clock), &error);
    if (!password)
        *code = command_fail(error);
    return password;
}

/* --listen wins over what an earlier start wrote into the configuration. */
static bool listen_at(Config *config, const char *listen)
{
    if (config_listen_at(config, listen))
        return true;
    g_printerr("sportello: --listen wants ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080, "
               "not '%s'\n",
               listen);
    return false;
}

static int run_demo(const char *folder, const char *listen, Clock *clock)
{
    g_autoptr(GError) error = NULL;
    int code = COMMAND_FAILED;
    g_autoptr(Config) tried = g_new0(Config, 1);
    if (listen && !listen_at(tried, listen)) /* before it stands in a file */
        return COMMAND_USAGE;
    g_autofree char *file = demo_make_files(folder, listen, &error);
    if (!file)
        return command_fail(error);
    g_autoptr(Config) config = command_config(file);
    if (!config)
        return COMMAND_USAGE;
    if (listen)
        listen_at(config, listen);
    config->demo = true;
    SandboxSettings reading = command_sandbox(config->pec_ca_file);
    g_autoptr(Sandbox) sandbox = sandbox_start(&reading, &error); /* before there are threads */
    if (!sandbox)
        return command_fail(error);
    g_autofree char *password = make_rows(config, folder, clock, &code);
    if (!password)
        return code;
    Welcome welcome = {folder, password, clock_is_moved(clock)};
    return serve(config, clock, sandbox, say_welcome, &welcome);
}

int command_demo(int argc, char **argv)
{
    g_autofree char *folder = NULL;
    g_autofree char *listen = NULL;
    g_autofree char *now_text = NULL;
    const GOptionEntry entries[] = {{"data", 'd', 0, G_OPTION_ARG_FILENAME, &folder,
                                     "where everything is kept (demo)", "FOLDER"},
                                    {"listen", 'l', 0, G_OPTION_ARG_STRING, &listen,
                                     "127.0.0.1:8080 unless told", "ADDRESS:PORT"},
                                    {"now", 'n', 0, G_OPTION_ARG_STRING, &now_text,
                                     "the moment the demo starts at (RFC 3339)", "TIME"},
                                    G_OPTION_ENTRY_NULL};
    const CommandHelp help = {
        "", "Serves an invented comune with its building office, to try everything.",
        "SPORTELLO_DEMO_PASSWORD sets the officer's password."};
    gint64 now = 0;

    if (!command_options(entries, &help, &argc, &argv))
        return COMMAND_USAGE;
    if (now_text && !instant_parse_rfc3339(now_text, &now)) {
        g_printerr("sportello: --now wants a time such as 2026-11-24T09:50:00+01:00, not '%s'\n",
                   now_text);
        return COMMAND_USAGE;
    }
    g_autoptr(Clock) clock = clock_new();
    if (now_text)
        clock_move(clock, now);
    return run_demo(folder ? folder : "demo", listen, clock);
}
