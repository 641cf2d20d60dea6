/* test-config.c - the configuration file: defaults, overrides, and an error in words for each
 * mistake.
 */
#include "base/config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    char *folder, *file, *secret;
} Place;

static void place_make(Place *place, gconstpointer data)
{
    (void)data;
    place->folder = g_dir_make_tmp("sportello-config-XXXXXX", NULL);
    place->file = g_build_filename(place->folder, "sportello.conf", NULL);
    place->secret = g_build_filename(place->folder, "turn.secret", NULL);
}

static void place_remove(Place *place, gconstpointer data)
{
    (void)data;
    g_unlink(place->file);
    g_unlink(place->secret);
    g_rmdir(place->folder);
    g_free(place->file);
    g_free(place->secret);
    g_free(place->folder);
}

static Config *load(const Place *place, const char *text, GError **error)
{
    g_assert_true(g_file_set_contents(place->file, text, -1, NULL));
    return config_load(place->file, error);
}

static Config *load_right(const Place *place, const char *text)
{
    g_autoptr(GError) error = NULL;
    Config *config = load(place, text, &error);
    g_assert_no_error(error);
    return config;
}

/* The message of the error without the folder, which differs from run to run. */
static char *problem_of(const Place *place, const char *text, gint code)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = load(place, text, &error);
    g_assert_null(config);
    g_assert_error(error, CONFIG_ERROR, code);
    g_assert_true(g_str_has_prefix(error->message, place->file));
    return g_strdup(error->message + strlen(place->folder) + 1);
}

static void assert_path(const Place *place, const char *path, const char *name)
{
    g_autofree char *expected = g_build_filename(place->folder, name, NULL);
    g_assert_cmpstr(path, ==, expected);
}

static void assert_defaults(const Place *place, const Config *config)
{
    g_assert_cmpstr(config->file, ==, place->file);
    g_assert_cmpstr(config->listen_address, ==, "127.0.0.1");
    g_assert_cmpuint(config->listen_port, ==, 8080);
    g_assert_cmpstr(config->public_url, ==, "http://127.0.0.1:8080");
    g_assert_null(config->trusted_proxies);
    g_assert_null(config->tls_certificate);
    g_assert_null(config->tls_key);
    g_assert_cmpuint(config->workers, ==, 4);
    g_assert_cmpuint(config->connections, ==, 4096);
    assert_path(place, config->database, "sportello.db");
    assert_path(place, config->key_file, "sportello.key");
    assert_path(place, config->socket, "sportello.socket");
    assert_path(place, config->upload_folder, "uploads");
    g_assert_null(config->incoming);
    g_assert_null(config->incoming_office);
    assert_path(place, config->outgoing, "mail/outgoing");
    g_assert_cmpint(config->max_message, ==, 50 * 1024 * 1024);
    g_assert_cmpuint(config->hold_s, ==, 10);
    g_assert_null(config->lmtp_socket);
    g_assert_false(config->subaddress);
    g_assert_cmpuint(config->mailboxes->len, ==, 0);
    g_assert_cmpuint(config->smtp->len, ==, 0);
    g_assert_null(config->pec_ca_file);
    g_assert_null(config->stun_urls);
    g_assert_null(config->turn_urls);
    g_assert_null(config->turn_secret_file);
    g_assert_cmpstr(config->log_level, ==, "info");
    g_assert_false(config->demo);
}

static void an_empty_file_means_the_defaults(Place *place, gconstpointer data)
{
    (void)data;
    g_autoptr(Config) config = load_right(place, "");
    assert_defaults(place, config);
}

static void the_reference_is_a_file_with_the_defaults(Place *place, gconstpointer data)
{
    (void)data;
    g_autofree char *reference = config_reference();
    g_assert_nonnull(strstr(reference, "\nmax_message = 50 MiB\n"));
    g_autoptr(Config) config = load_right(place, reference);
    assert_defaults(place, config);
}

static void every_key_is_read(Place *place, gconstpointer data)
{
    (void)data;
    g_assert_true(g_file_set_contents_full(place->secret, "s3cret\n", -1, 0, 0600, NULL));
    g_autoptr(Config) config = load_right(
        place, "\xef\xbb\xbf# comment\r\n"
               "[server]\n  listen=[::1]:0\n public_url = HTTPS://Sportello.comune.example:8443/\n"
               "trusted_proxies = 10.0.0.1, ::1\ntls_certificate = tls/cert.pem\n"
               "tls_key = /etc/key.pem\nworkers = 8\nconnections = 100\n"
               "; comment\n[ data ]\ndatabase = ../db = 1.sqlite\nkey_file = k\nsocket = s\n"
               "upload_folder = /var/tmp/\n[mail]\nincoming = in\nincoming_office = edilizia-1\n"
               "outgoing = out\nmax_message = 1G\nhold_s = 0\nlmtp_socket = l\n"
               "subaddress = yes\n[pec]\nca_file = pec.pem\n[room]\n"
               "stun_urls = stun:a.example:3478 stuns:b.example\nturn_urls = turn:a.example\n"
               "turn_secret_file = turn.secret\n[log]\nlevel = debug");
    g_assert_cmpstr(config->listen_address, ==, "::1");
    g_assert_cmpuint(config->listen_port, ==, 0);
    g_assert_cmpstr(config->public_url, ==, "https://sportello.comune.example:8443");
    g_assert_cmpuint(g_strv_length(config->trusted_proxies), ==, 2);
    g_assert_cmpstr(config->trusted_proxies[1], ==, "::1");
    assert_path(place, config->tls_certificate, "tls/cert.pem");
    g_assert_cmpstr(config->tls_key, ==, "/etc/key.pem");
    g_assert_cmpuint(config->workers, ==, 8);
    g_assert_cmpuint(config->connections, ==, 100);
    g_autofree char *above = g_path_get_dirname(place->folder);
    g_autofree char *database = g_build_filename(above, "db = 1.sqlite", NULL);
    g_assert_cmpstr(config->database, ==, database);
    assert_path(place, config->key_file, "k");
    assert_path(place, config->socket, "s");
    g_assert_cmpstr(config->upload_folder, ==, "/var/tmp");
    assert_path(place, config->incoming, "in");
    g_assert_cmpstr(config->incoming_office, ==, "edilizia-1");
    assert_path(place, config->outgoing, "out");
    g_assert_cmpint(config->max_message, ==, 1 << 30);
    g_assert_cmpuint(config->hold_s, ==, 0);
    assert_path(place, config->lmtp_socket, "l");
    g_assert_true(config->subaddress);
    assert_path(place, config->pec_ca_file, "pec.pem");
    g_assert_cmpstr(config->stun_urls[0], ==, "stun:a.example:3478");
    g_assert_cmpstr(config->stun_urls[1], ==, "stuns:b.example");
    g_assert_cmpuint(g_strv_length(config->turn_urls), ==, 1);
    g_assert_cmpstr(config->turn_secret_file, ==, place->secret);
    char *secret = config_secret_read(config->turn_secret_file, NULL);
    g_assert_cmpstr(secret, ==, "s3cret");
    config_secret_free(secret);
    g_assert_cmpstr(config->log_level, ==, "debug");
}

static void a_mailbox_is_read(Place *place, gconstpointer data)
{
    (void)data;
    g_autoptr(Config) config = load_right(
        place, "[mailbox ed-1]\noffice = edilizia\nurl = IMAPS://Mail.Provider.example:1993/\n"
               "user = edilizia @ comune\nsecret_file = in.secret\nauth = xoauth2\n"
               "ca_file = ca.pem\nfolder = Posta/In arrivo\ndone_folder = Fatto\npec = yes\n"
               "[ mailbox  due ]\noffice = anagrafe\nurl = imap://127.0.0.1\nuser = a\n"
               "secret_file = /run/b\n");
    g_assert_cmpuint(config->mailboxes->len, ==, 2);
    const ConfigMailbox *one = g_ptr_array_index(config->mailboxes, 0);
    g_assert_cmpstr(one->name, ==, "ed-1");
    g_assert_cmpstr(one->office, ==, "edilizia");
    g_assert_cmpstr(one->url, ==, "imaps://mail.provider.example:1993");
    g_assert_cmpstr(one->user, ==, "edilizia @ comune");
    assert_path(place, one->secret_file, "in.secret"); /* which is not there, and not missed */
    g_assert_cmpstr(one->auth, ==, "xoauth2");
    assert_path(place, one->ca_file, "ca.pem");
    g_assert_cmpstr(one->folder, ==, "Posta/In arrivo");
    g_assert_cmpstr(one->done_folder, ==, "Fatto");
    g_assert_true(one->pec);
    const ConfigMailbox *other = g_ptr_array_index(config->mailboxes, 1);
    g_assert_cmpstr(other->name, ==, "due");
    g_assert_cmpstr(other->url, ==, "imap://127.0.0.1");
    g_assert_cmpstr(other->secret_file, ==, "/run/b");
    g_assert_cmpstr(other->auth, ==, "password");
    g_assert_null(other->ca_file);
    g_assert_cmpstr(other->folder, ==, "INBOX");
    g_assert_null(other->done_folder);
    g_assert_false(other->pec);
}

static void a_way_out_is_read_and_found_by_office(Place *place, gconstpointer data)
{
    (void)data;
    g_autoptr(Config) config = load_right(
        place, "[smtp local]\nurl = smtp://[::1]:10025\ntls = none\n"
               "[smtp anagrafe]\noffice = anagrafe\nurl = smtps://mail.example\nuser = a\n"
               "secret_file = s\nauth = xoauth2\nca_file = ca.pem\nfrom = ana@comune.example\n"
               "[smtp pec]\noffice = anagrafe\nurl = smtp://pec.example:587\npec = yes\n"
               "from = anagrafe@pec.comune.example\n");
    g_assert_cmpuint(config->smtp->len, ==, 3);
    const ConfigSmtp *local = config_smtp_for(config, "edilizia", false);
    g_assert_cmpstr(local->name, ==, "local");
    g_assert_null(local->office);
    g_assert_cmpstr(local->url, ==, "smtp://[::1]:10025");
    g_assert_null(local->user);
    g_assert_null(local->secret_file);
    g_assert_cmpstr(local->auth, ==, "password");
    g_assert_cmpstr(local->tls, ==, "none");
    g_assert_null(local->from);
    g_assert_false(local->pec);
    const ConfigSmtp *own = config_smtp_for(config, "anagrafe", false);
    g_assert_cmpstr(own->name, ==, "anagrafe");
    g_assert_cmpstr(own->user, ==, "a");
    assert_path(place, own->secret_file, "s");
    g_assert_cmpstr(own->auth, ==, "xoauth2");
    assert_path(place, own->ca_file, "ca.pem");
    g_assert_cmpstr(own->tls, ==, "required");
    g_assert_cmpstr(own->from, ==, "ana@comune.example");
    const ConfigSmtp *pec = config_smtp_for(config, "anagrafe", true);
    g_assert_cmpstr(pec->name, ==, "pec");
    g_assert_true(pec->pec);
    g_assert_null(config_smtp_for(config, "edilizia", true));
}

static void sizes_are_understood_as_people_write_them(Place *place, gconstpointer data)
{
    (void)data;
    static const struct {
        const char *text;
        gint64 bytes;
    } cases[] = {{"65536", 65536},    {"64 KiB", 65536},     {"64k", 65536},
                 {"50M", 52428800},   {"50 MiB", 52428800},  {"50MB", 52428800},
                 {"1 G", 1073741824}, {"1048576 B", 1048576}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("[mail]\nmax_message = %s\n", cases[i].text);
        g_autoptr(Config) config = load_right(place, text);
        g_assert_cmpint(config->max_message, ==, cases[i].bytes);
    }
}

typedef struct {
    const char *name, *text, *problem; /* what follows "sportello.conf:" */
    ConfigError code;
} Mistake;

static const Mistake mistakes[] = {
    {"a_misspelt_key_is_named_with_the_likely_one", "[server]\n\nworker = 3\n",
     "3: [server] has no key 'worker'; did you mean 'workers' of [server]?", CONFIG_ERROR_UNKNOWN},
    {"a_key_of_another_section_is_named_with_its_section", "[server]\ndatabase = x\n",
     "2: [server] has no key 'database'; did you mean 'database' of [data]?", CONFIG_ERROR_UNKNOWN},
    {"an_unknown_key_is_answered_with_those_there_are", "[log]\ncompletely_else = 3\n",
     "2: [log] has no key 'completely_else'; it has level", CONFIG_ERROR_UNKNOWN},
    {"a_misspelt_section_is_named_with_the_likely_one", "[sever]\n",
     "1: there is no section [sever]; did you mean [server]?", CONFIG_ERROR_UNKNOWN},
    {"an_unknown_section_is_answered_with_those_there_are", "#\n[telephone]\n",
     "2: there is no section [telephone], only server, data, mail, mailbox NAME, smtp NAME, pec, "
     "room, log",
     CONFIG_ERROR_UNKNOWN},
    {"demo_is_no_key", "[server]\ndemo = true\n",
     "2: [server] has no key 'demo'; it has listen, public_url, trusted_proxies, tls_certificate, "
     "tls_key, workers, connections",
     CONFIG_ERROR_UNKNOWN},
    {"a_key_twice_names_both_lines", "[log]\nlevel = info\n[log]\nlevel = debug\n",
     "4: [log] level stands already on line 2", CONFIG_ERROR_SYNTAX},
    {"a_key_above_every_section_is_refused", "level = info\n",
     "1: a key must stand below a [section]", CONFIG_ERROR_SYNTAX},
    {"a_line_of_prose_is_refused", "[log]\nlevel info\n",
     "2: 'level info' is neither [section] nor key = value nor # comment", CONFIG_ERROR_SYNTAX},
    {"an_open_section_is_refused", "[log\n", "1: a section is written [name]", CONFIG_ERROR_SYNTAX},
    {"invalid_utf8_is_refused_with_its_line", "[log]\n\n# \xff\n", "3: not valid UTF-8",
     CONFIG_ERROR_SYNTAX},
    {"a_number_must_be_one", "[server]\nworkers = many\n",
     "2: [server] workers = many: must be a whole number from 1 to 64", CONFIG_ERROR_VALUE},
    {"a_number_has_bounds", "[server]\nworkers = 65\n",
     "2: [server] workers = 65: must be a whole number from 1 to 64", CONFIG_ERROR_VALUE},
    {"a_number_is_never_empty", "[server]\nworkers =\n",
     "2: [server] workers = : must be a whole number from 1 to 64", CONFIG_ERROR_VALUE},
    {"a_port_has_bounds", "[server]\nlisten = 127.0.0.1:65536\n",
     "2: [server] listen = 127.0.0.1:65536: must be an address and a port, such as "
     "127.0.0.1:8080 or [::1]:8080",
     CONFIG_ERROR_VALUE},
    {"a_size_needs_a_known_unit", "[mail]\nmax_message = 50 pages\n",
     "2: [mail] max_message = 50 pages: must be a size from 64 KiB to 1 GiB, such as 50 MiB, 50M "
     "or 52428800",
     CONFIG_ERROR_VALUE},
    {"a_level_is_one_of_four", "[log]\nlevel = verbose\n",
     "2: [log] level = verbose: must be one of error, warning, info, debug", CONFIG_ERROR_VALUE},
    {"tls_needs_both_files", "[server]\ntls_certificate = c.pem\n",
     "2: [server] tls_certificate needs tls_key too", CONFIG_ERROR_VALUE},
    {"a_maildir_needs_its_office", "[mail]\nincoming = in\n",
     "2: [mail] incoming needs incoming_office too", CONFIG_ERROR_VALUE},
    {"turn_needs_its_secret", "[room]\nturn_urls = turn:a.example\n",
     "2: [room] turn_urls needs turn_secret_file too", CONFIG_ERROR_VALUE},
    {"a_misspelt_section_with_a_name_is_named", "[mailbx a]\n",
     "1: there is no section [mailbx a]; did you mean [mailbox NAME]?", CONFIG_ERROR_UNKNOWN},
    {"a_section_that_stands_once_has_no_name", "[server a]\n",
     "1: there is no section [server a]; did you mean [server]?", CONFIG_ERROR_UNKNOWN},
    {"a_mailbox_needs_a_name", "[mailbox]\n",
     "1: a section [mailbox NAME] has a name of small letters, digits and dashes",
     CONFIG_ERROR_SYNTAX},
    {"a_name_of_a_section_is_a_slug", "[smtp The Provider]\n",
     "1: a section [smtp NAME] has a name of small letters, digits and dashes",
     CONFIG_ERROR_SYNTAX},
    {"a_name_twice_names_both_lines",
     "[mailbox a]\noffice = e\nurl = imaps://m.example\nuser = u\nsecret_file = s\n\n[mailbox a]\n",
     "7: [mailbox a] stands already on line 1", CONFIG_ERROR_SYNTAX},
    {"a_key_twice_in_a_mailbox_names_both_lines",
     "[mailbox a]\noffice = e\nurl = imaps://m.example\nuser = u\nsecret_file = s\nuser = v\n",
     "6: [mailbox a] user stands already on line 4", CONFIG_ERROR_SYNTAX},
    {"a_misspelt_key_of_a_mailbox_is_named", "[mailbox a]\nuserr = v\n",
     "2: [mailbox a] has no key 'userr'; did you mean 'user' of [mailbox a]?",
     CONFIG_ERROR_UNKNOWN},
    {"a_key_of_a_mailbox_elsewhere_is_named", "[smtp a]\ndone_folder = v\n",
     "2: [smtp a] has no key 'done_folder'; did you mean 'done_folder' of [mailbox NAME]?",
     CONFIG_ERROR_UNKNOWN},
    {"a_mailbox_needs_an_office",
     "\n[mailbox a]\nurl = imaps://m.example\nuser = u\nsecret_file = s\n",
     "2: [mailbox a] needs office", CONFIG_ERROR_VALUE},
    {"a_mailbox_needs_its_secret", "[mailbox a]\noffice = e\nurl = imaps://m.example\nuser = u\n",
     "1: [mailbox a] needs secret_file", CONFIG_ERROR_VALUE},
    {"a_mailbox_is_reached_by_imap",
     "[mailbox a]\noffice = e\nurl = pop3://m.example\nuser = u\nsecret_file = s\n",
     "3: [mailbox a] url = pop3://m.example: must be imaps://host or imap://host, and :port where "
     "it is another than usual",
     CONFIG_ERROR_VALUE},
    {"a_way_out_needs_its_url", "[smtp a]\n", "1: [smtp a] needs url", CONFIG_ERROR_VALUE},
    {"a_user_needs_the_secret", "[smtp a]\nurl = smtp://m.example\nuser = u\n",
     "3: [smtp a] user needs secret_file too", CONFIG_ERROR_VALUE},
    {"a_secret_needs_the_user", "[smtp a]\nurl = smtp://m.example\nsecret_file = s\n",
     "3: [smtp a] secret_file needs user too", CONFIG_ERROR_VALUE},
    {"no_tls_is_for_this_machine_alone", "[smtp a]\nurl = smtp://m.example\ntls = none\n",
     "3: [smtp a] tls = none: only to a loopback address and without user", CONFIG_ERROR_VALUE},
    {"no_tls_is_for_nobody_who_logs_in",
     "[smtp a]\nurl = smtp://localhost\ntls = none\nuser = u\nsecret_file = s\n",
     "3: [smtp a] tls = none: only to a loopback address and without user", CONFIG_ERROR_VALUE},
    {"tls_may_not_be_tried", "[smtp a]\nurl = smtp://m.example\ntls = try\n",
     "3: [smtp a] tls = try: must be one of required, none", CONFIG_ERROR_VALUE},
    {"pec_needs_its_address", "[smtp a]\nurl = smtp://m.example\npec = yes\n",
     "3: [smtp a] pec needs from too", CONFIG_ERROR_VALUE},
    {"two_ways_out_for_the_same_letters_are_refused",
     "[smtp a]\nurl = smtp://m.example\n[smtp b]\nurl = smtp://n.example\n",
     "3: [smtp b] is for the same letters as [smtp a]", CONFIG_ERROR_VALUE},
    {"a_missing_secret_is_refused", "[room]\nturn_secret_file = nowhere\n",
     "2: [room] turn_secret_file = nowhere: must be the path of a file with a secret in one line, "
     "which others cannot read",
     CONFIG_ERROR_VALUE},
};

static void is_refused_in_words(Place *place, gconstpointer data)
{
    const Mistake *mistake = data;
    g_autofree char *expected = g_strconcat("sportello.conf:", mistake->problem, NULL);
    g_autofree char *problem = problem_of(place, mistake->text, (gint)mistake->code);
    g_assert_cmpstr(problem, ==, expected);
}

static void values_that_are_not_allowed(Place *place, gconstpointer data)
{
    (void)data;
    static const char *const wrong[] = {
        "[server]\nlisten = 127.0.0.1",
        "[server]\nlisten = :8080",
        "[server]\nlisten = localhost:8080",
        "[server]\nlisten = ::1:8080",
        "[server]\nlisten = [127.0.0.1]:8080",
        "[server]\nlisten = 127.0.0.1:80x",
        "[server]\nlisten = 127.0.0.1:-1",
        "[server]\npublic_url = sportello.example",
        "[server]\npublic_url = ftp://sportello.example",
        "[server]\npublic_url = https://",
        "[server]\npublic_url = https://a.example/sub",
        "[server]\npublic_url = https://a.example?x",
        "[server]\npublic_url = https://me@a.example",
        "[server]\ntrusted_proxies = proxy.example",
        "[server]\ntrusted_proxies = 10.0.0.0/8",
        "[mail]\nmax_message = 2 G",
        "[mail]\nmax_message = 99999999999G",
        "[mail]\nmax_message = 1K",
        "[mail]\nmax_message = -5M",
        "[mail]\nmax_message = 50 MiBi",
        "[mail]\nincoming_office = Edilizia",
        "[mail]\nsubaddress = maybe",
        "[mailbox a]\nurl = imaps://",
        "[mailbox a]\nurl = imaps://m.example:0",
        "[mailbox a]\nurl = imaps://m.example:65536",
        "[mailbox a]\nurl = imaps://u@m.example",
        "[mailbox a]\nurl = imaps://m.example/INBOX",
        "[mailbox a]\nurl = m.example",
        "[mailbox a]\nuser = a\001b",
        "[smtp a]\nurl = imaps://m.example",
        "[smtp a]\nfrom = edilizia",
        "[smtp a]\nfrom = @comune.example",
        "[smtp a]\nfrom = a@b@comune.example",
        "[smtp a]\nfrom = Ufficio <a@comune.example>",
        "[smtp a]\nfrom = \"a\"@comune.example",
        "[smtp a]\npec = true",
        "[room]\nstun_urls = turn:a.example",
        "[room]\nstun_urls = stun:",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *problem = problem_of(place, wrong[i], CONFIG_ERROR_VALUE);
        g_assert_nonnull(strstr(problem, ": must be "));
    }
}

static void a_socket_path_has_the_systems_length(Place *place, gconstpointer data)
{
    (void)data;
    g_autofree char *long_name = g_strnfill(108 - strlen(place->folder) - 1, 's');
    g_autofree char *text = g_strdup_printf("[data]\nsocket = %s\n", long_name);
    g_autofree char *problem = problem_of(place, text, CONFIG_ERROR_VALUE);
    g_assert_nonnull(strstr(problem, "at most 107 bytes"));
    long_name[strlen(long_name) - 1] = '\0';
    g_autofree char *shorter = g_strdup_printf("[data]\nsocket = %s\n", long_name);
    g_autoptr(Config) config = load_right(place, shorter);
    g_assert_cmpuint(strlen(config->socket), ==, 107);
}

static void a_secret_must_be_private_and_one_line(Place *place, gconstpointer data)
{
    (void)data;
    static const struct {
        const char *secret;
        int mode;
    } wrong[] = {{"s3cret\n", 0644}, {"", 0600}, {"\n", 0600}, {"two\nlines\n", 0600}};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_unlink(place->secret);
        g_assert_true(
            g_file_set_contents_full(place->secret, wrong[i].secret, -1, 0, wrong[i].mode, NULL));
        g_assert_cmpint(chmod(place->secret, (mode_t)wrong[i].mode), ==, 0);
        g_autofree char *problem =
            problem_of(place, "[room]\nturn_secret_file = turn.secret\n", CONFIG_ERROR_VALUE);
        g_assert_null(strstr(problem, "s3cret"));
    }
}

static void a_missing_file_is_named(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(config_load("/nowhere/sportello.conf", &error));
    g_assert_error(error, CONFIG_ERROR, CONFIG_ERROR_UNREADABLE);
    g_assert_nonnull(strstr(error->message, "/nowhere/sportello.conf"));
}

static void the_environment_wins_over_the_file(Place *place, gconstpointer data)
{
    (void)data;
    g_setenv("SPORTELLO_SERVER_WORKERS", "2", TRUE);
    g_setenv("SPORTELLO_DATA_DATABASE", "env.db", TRUE);
    g_setenv("SPORTELLO_MAIL_INCOMING", "", TRUE);
    g_setenv("SPORTELLO_DEMO_PASSWORD", "of the demo, no key", TRUE);
    g_autoptr(Config) config =
        load_right(place, "[server]\nworkers = 8\n[mail]\nincoming = in\nincoming_office = a\n");
    g_unsetenv("SPORTELLO_SERVER_WORKERS");
    g_unsetenv("SPORTELLO_DATA_DATABASE");
    g_unsetenv("SPORTELLO_MAIL_INCOMING");
    g_unsetenv("SPORTELLO_DEMO_PASSWORD");
    g_assert_cmpuint(config->workers, ==, 2);
    assert_path(place, config->database, "env.db");
    g_assert_null(config->incoming);
}

static void mistakes_in_the_environment_are_named(Place *place, gconstpointer data)
{
    (void)data;
    static const struct {
        const char *name, *value, *problem;
    } cases[] = {
        {"SPORTELLO_LOG_LEVEL", "loud",
         "environment: SPORTELLO_LOG_LEVEL=loud: must be one of error, warning, info, debug"},
        {"SPORTELLO_SERVER_WORKER", "2",
         "environment: SPORTELLO_SERVER_WORKER is no key of the configuration"},
        {"SPORTELLO_SMTP_URL", "smtp://127.0.0.1",
         "environment: SPORTELLO_SMTP_URL is no key of the configuration"},
        {"SPORTELLO_MAIL_INCOMING", "in", "environment: [mail] incoming needs incoming_office too"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_setenv(cases[i].name, cases[i].value, TRUE);
        g_autoptr(Config) config = load(place, "", &error);
        g_unsetenv(cases[i].name);
        g_assert_null(config);
        g_assert_cmpstr(error->message, ==, cases[i].problem);
    }
}

static void without_public_url_the_address_stands_in(Place *place, gconstpointer data)
{
    (void)data;
    static const struct {
        const char *listen, *url;
    } cases[] = {{"0.0.0.0:81", "http://localhost:81"},
                 {"[::]:81", "http://localhost:81"},
                 {"[2001:db8::1]:81", "http://[2001:db8::1]:81"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("[server]\nlisten = %s\n", cases[i].listen);
        g_autoptr(Config) config = load_right(place, text);
        g_assert_cmpstr(config->public_url, ==, cases[i].url);
    }
}

static void another_address_takes_its_url_along(Place *place, gconstpointer data)
{
    (void)data;
    g_autoptr(Config) config =
        load_right(place, "[server]\npublic_url = https://sportello.comune.example\n");
    g_assert_true(config_listen_at(config, "[::1]:8081"));
    g_assert_cmpstr(config->listen_address, ==, "::1");
    g_assert_cmpuint(config->listen_port, ==, 8081);
    g_assert_cmpstr(config->public_url, ==, "http://[::1]:8081");
    g_assert_false(config_listen_at(config, "localhost"));
    g_assert_cmpstr(config->public_url, ==, "http://[::1]:8081");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add("/base/config/" #name, Place, NULL, place_make, name, place_remove)
    CASE(an_empty_file_means_the_defaults);
    CASE(the_reference_is_a_file_with_the_defaults);
    CASE(every_key_is_read);
    CASE(a_mailbox_is_read);
    CASE(a_way_out_is_read_and_found_by_office);
    CASE(sizes_are_understood_as_people_write_them);
    CASE(values_that_are_not_allowed);
    CASE(a_socket_path_has_the_systems_length);
    CASE(a_secret_must_be_private_and_one_line);
    CASE(the_environment_wins_over_the_file);
    CASE(mistakes_in_the_environment_are_named);
    CASE(without_public_url_the_address_stands_in);
    CASE(another_address_takes_its_url_along);
    g_test_add_func("/base/config/a_missing_file_is_named", a_missing_file_is_named);
    for (gsize i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *path = g_strconcat("/base/config/", mistakes[i].name, NULL);
        g_test_add(path, Place, &mistakes[i], place_make, is_refused_in_words, place_remove);
    }
    return g_test_run();
}
