/* user.c - `sportello user add|password|set|disable|enable|list`: the people who log in. */
#include "base/token.h"
#include "command/command.h"
#include "store/office.h"
#include "store/officer.h"
#include <glib/gstdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_LEAST 10
#define PASSWORD_MOST 256

typedef struct {
    char *config, *email, *name, *office, *role, *digest, *urgent;
    const char *verb;
    char *password_hash; /* add, password: NULL keeps the old one */
    gint64 system_now;
} UserOptions;

static void user_options_clear(UserOptions *options)
{
    g_free(options->config);
    g_free(options->email);
    g_free(options->name);
    g_free(options->office);
    g_free(options->role);
    g_free(options->digest);
    g_free(options->urgent);
    g_free(options->password_hash);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UserOptions, user_options_clear)

static bool invalid(GError **error, const char *what)
{
    g_set_error_literal(error, STORE_ERROR, STORE_ERROR_INVALID, what);
    return false;
}

/* One line of standard input, not shown when somebody types it. */
static char *read_password(void)
{
    char line[PASSWORD_MOST + 2];
    struct termios shown;
    bool is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;

    if (is_terminal) {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        g_printerr("Password: ");
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool read = fgets(line, sizeof line, stdin) != NULL;
    if (is_terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        g_printerr("\n");
    }
    if (!read)
        return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    return g_strdup(line);
}

static bool hash_password(UserOptions *options)
{
    g_autofree char *password = read_password();
    glong length =
        password && g_utf8_validate(password, -1, NULL) ? g_utf8_strlen(password, -1) : 0;

    if (length < PASSWORD_LEAST) {
        g_printerr(
            "sportello: the password wants at least %d characters, as one line on standard input\n",
            PASSWORD_LEAST);
        return false;
    }
    options->password_hash = token_password_hash(password);
    return options->password_hash != NULL;
}

static bool parse_role(const char *name, OfficerRole *role)
{
    *role = ROLE_NONE;
    return strcmp(name, "none") == 0 || officer_role_parse(name, role);
}

static bool add(Db *db, const UserOptions *options, GError **error)
{
    OfficerRole role = ROLE_OFFICER;
    g_autoptr(Office) office =
        options->office ? office_find_by_slug(db, options->office, NULL) : NULL;

    if (!office)
        return invalid(error, "--office wants the slug of an office (`office list` shows them)");
    if (options->role && !parse_role(options->role, &role))
        return invalid(error, "--role wants officer, manager, administrator or none");
    if (!strchr(options->email, '@'))
        return invalid(error, "--email wants an e-mail address, such as g.verdi@comune.example");
    g_autoptr(Officer) known = officer_find_by_email(db, options->email, NULL);
    if (!known && (!options->name || !*options->name))
        return invalid(error, "a new person wants --name, which citizens see");
    Officer officer = {
        .organisation_id = office->organisation_id, .email = options->email, .name = options->name};
    if (!officer_upsert(db, &officer, error))
        return false;
    if (options->password_hash &&
        !officer_set_password(db, officer.id, options->password_hash, options->system_now, error))
        return false;
    return officer_assign(db, officer.id, office->id, role, error);
}

static bool parse_yes_no(const char *text, gboolean *is_yes)
{
    *is_yes = strcmp(text, "yes") == 0;
    return *is_yes || strcmp(text, "no") == 0;
}

/* Which letters of the program the officer gets. */
static bool set(Db *db, const UserOptions *options, const Officer *officer, GError **error)
{
    OfficerDigest digest = officer->digest;
    gboolean urgent = officer->urgent;

    if (!options->digest && !options->urgent)
        return invalid(error, "set wants --digest or --urgent");
    if (options->digest && !officer_digest_parse(options->digest, &digest))
        return invalid(error, "--digest wants daily or off");
    if (options->urgent && !parse_yes_no(options->urgent, &urgent))
        return invalid(error, "--urgent wants yes or no");
    return officer_set_notices(db, officer->id, digest, urgent, error);
}

static bool change(Db *db, gpointer data, GError **error)
{
    const UserOptions *options = data;

    if (strcmp(options->verb, "add") == 0)
        return add(db, options, error);
    g_autoptr(Officer) officer = officer_find_by_email(db, options->email, NULL);
    if (!officer)
        return invalid(error, "nobody logs in with this address (`user list` shows who does)");
    if (strcmp(options->verb, "set") == 0)
        return set(db, options, officer, error);
    if (strcmp(options->verb, "password") == 0)
        return officer_set_password(db, officer->id, options->password_hash, options->system_now,
                                    error);
    return officer_set_disabled(db, officer->id, strcmp(options->verb, "disable") == 0, error);
}

static int list(Store *store)
{
    Db *db = store_reader(store);
    g_autoptr(GPtrArray) officers = officer_list(db, 0, NULL);

    for (guint i = 0; officers && i < officers->len; i++) {
        const Officer *officer = g_ptr_array_index(officers, i);
        g_print("%s  %s%s\n", officer->email, officer->name,
                officer->disabled ? "  (disabled)" : "");
    }
    store_reader_done(store, db);
    return 0;
}

static int run(UserOptions *options)
{
    static const char *const verbs[] = {"add",    "password", "set", "disable",
                                        "enable", "list",     NULL};
    int code = COMMAND_USAGE;
    bool is_list = strcmp(options->verb, "list") == 0;
    g_autoptr(GError) error = NULL;

    if (!g_strv_contains(verbs, options->verb)) {
        g_printerr("sportello: user add, password, set, disable, enable or list, not '%s'\n",
                   options->verb);
        return COMMAND_USAGE;
    }
    g_autoptr(Config) config = command_config(options->config);
    if (!config)
        return COMMAND_USAGE;
    if (!is_list && !options->email) {
        g_printerr("sportello: --email is missing\n");
        return COMMAND_USAGE;
    }
    bool wants_password =
        strcmp(options->verb, "password") == 0 || strcmp(options->verb, "add") == 0;
    if (wants_password && !hash_password(options))
        return COMMAND_USAGE;
    g_autoptr(Store) store = command_store(config, true, &code);
    if (!store)
        return code;
    if (is_list)
        return list(store);
    options->system_now = g_get_real_time() / G_USEC_PER_SEC;
    if (store_write(store, change, options, &error))
        return 0;
    command_fail(error);
    return g_error_matches(error, STORE_ERROR, STORE_ERROR_INVALID) ? COMMAND_USAGE
                                                                    : COMMAND_FAILED;
}

int command_user(int argc, char **argv)
{
    g_auto(UserOptions) o = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &o.config, "configuration of the installation",
         "FILE"},
        {"email", 0, 0, G_OPTION_ARG_STRING, &o.email, "the address they log in with", "EMAIL"},
        {"name", 0, 0, G_OPTION_ARG_STRING, &o.name, "as citizens see it", "NAME"},
        {"office", 0, 0, G_OPTION_ARG_STRING, &o.office, "add: the office they work for", "SLUG"},
        {"role", 0, 0, G_OPTION_ARG_STRING, &o.role,
         "add: officer (unless told), manager, administrator, none", "ROLE"},
        {"digest", 0, 0, G_OPTION_ARG_STRING, &o.digest,
         "set: a letter each working morning, daily or off", "WHEN"},
        {"urgent", 0, 0, G_OPTION_ARG_STRING, &o.urgent,
         "set: a letter at once for what is urgent, yes or no", "YES"},
        G_OPTION_ENTRY_NULL};
    const CommandHelp help = {
        "add|password|set|disable|enable|list --config FILE --email EMAIL [OPTIONS]",
        "The people who log in.",
        "add and password read the password as one line from standard input, of at least ten\n"
        "characters; disable ends the person's sessions; list wants no --email. add for somebody "
        "who\n"
        "is there changes what is given, the password too."};

    if (!command_options(entries, &help, &argc, &argv))
        return COMMAND_USAGE;
    if (argc != 2) {
        g_printerr("sportello: user wants one of add, password, set, disable, enable, list\n");
        return COMMAND_USAGE;
    }
    o.verb = argv[1];
    return run(&o);
}
