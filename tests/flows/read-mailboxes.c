/* read-mailboxes.c - the mailboxes of a configuration as the server reads them, in a hurry, until
 * its input ends: for tests of what takes minutes otherwise. Prints a line for each message stored.
 */
#include "base/config.h"
#include "base/log.h"
#include "mail/mailbox.h"

#include <stdio.h>
#include <unistd.h>

static const MailboxPace hasty = {
    .idle_s = 1,
    .poll_s = 1,
    .pause_ms = 100,
    .pause_most_ms = 1600,
    .refused_pause_ms = 400,
    .set_aside_ms = 1000,
};

static void arrived(gpointer context)
{
    (void)context;
    puts("stored");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(argc, ==, 2);
    g_autoptr(Config) config = config_load(argv[1], &error);
    g_assert_no_error(error);
    g_autoptr(Store) store = store_open(config->database, true, &error);
    g_assert_no_error(error);
    log_open("info");
    g_autoptr(Clock) clock = clock_new();
    const MailboxSettings settings = {config, store, clock, arrived, NULL, &hasty};
    Mailboxes *mailboxes = mailboxes_start(&settings);
    for (char byte; read(STDIN_FILENO, &byte, 1) > 0;)
        continue;
    mailboxes_stop(mailboxes);
    return 0;
}
