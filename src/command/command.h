/* command.h - the subcommands: each takes its own arguments (argv[0] is its name) and returns the
 * exit code.
 *
 * Exit codes: 0 fine, 1 it could not be done, 2 usage or configuration; `deliver` has the MTA's
 * (mail/deliver.h).
 */
#pragma once
#include "base/config.h"
#include "sandbox/sandbox.h"
#include "store/store.h"

#define COMMAND_FAILED 1
#define COMMAND_USAGE 2

int command_serve(int argc, char **argv);
int command_demo(int argc, char **argv);
int command_deliver(int argc, char **argv);
int command_read(int argc, char **argv);
int command_office(int argc, char **argv);
int command_user(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_doctor(int argc, char **argv);

/* Reads mail in a process that can do nothing else; main answers COMMAND_ZYGOTE [CA_FILE] with it.
 * `ca_file` (borrowed, may be NULL): config->pec_ca_file. */
#define COMMAND_ZYGOTE "--zygote"
SandboxSettings command_sandbox(const char *ca_file);

/* What `sportello NAME --help` shows besides the options. */
typedef struct {
    const char *usage;       /* after the name: "add --email ADDRESS" */
    const char *summary;     /* above the options */
    const char *description; /* below them, may be NULL */
} CommandHelp;

/* Reads the options; --help prints and exits with 0. False: what is wrong has been printed. What is
 * no option stays in argv. */
bool command_options(const GOptionEntry *entries, const CommandHelp *help, int *argc, char ***argv);
/* The configuration named by --config; NULL when it is missing or wrong, which has been printed. */
Config *command_config(const char *file);
/* The same and its database; NULL as above. `code` becomes the exit code. Only with `create` is an
 * older schema brought up to date. */
Store *command_store(const Config *config, bool create, int *code);
/* Prints "sportello: what went wrong" and returns COMMAND_FAILED. */
int command_fail(const GError *error);
