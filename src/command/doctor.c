/* doctor.c - `sportello doctor`: checks an installation and says in words what is wrong and what to
 * do. */
#include "command/doctor.h"
#include "base/when.h"
#include "command/command.h"
#include "store/office.h"
#include "store/officer.h"
#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MIB ((guint64)1024 * 1024)
#define FREE_LEAST_MIB 1024

static void say(const char *word, const char *format, va_list arguments) G_GNUC_PRINTF(2, 0);
static void say(const char *word, const char *format, va_list arguments)
{
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    g_print("%-5s %s\n", word, text);
}

void doctor_fine(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("ok", format, arguments);
    va_end(arguments);
}

void doctor_warn(Findings *findings, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("warn", format, arguments);
    va_end(arguments);
    findings->warned++;
}

void doctor_fail(Findings *findings, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("FAIL", format, arguments);
    va_end(arguments);
    findings->failed++;
}

/* Browsers hand out camera and microphone on https and on this very machine only. */
static void check_public_url(const Config *config, Findings *findings)
{
    static const char *const local[] = {"http://localhost", "http://127.0.0.1", "http://[::1]"};

    if (g_str_has_prefix(config->public_url, "https://")) {
        doctor_fine("links in letters begin with %s", config->public_url);
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(local); i++)
        if (g_str_has_prefix(config->public_url, local[i])) {
            doctor_warn(findings,
                        "public_url is %s: good to try things here, citizens cannot reach it",
                        config->public_url);
            return;
        }
    doctor_fail(
        findings,
        "public_url is %s: browsers give camera and microphone on https only; put a TLS proxy in "
        "front or set "
        "tls_certificate and tls_key, and write https:// in public_url",
        config->public_url);
}

static void check_secret_file(const char *file, const char *what, Findings *findings)
{
    struct stat status;

    if (!file)
        return;
    if (stat(file, &status) != 0)
        doctor_warn(findings, "%s %s: %s (the server makes the key when it starts)", what, file,
                    g_strerror(errno));
    else if (status.st_mode & (S_IRWXG | S_IRWXO))
        doctor_fail(findings, "%s %s can be read by others: chmod 600 it", what, file);
    else
        doctor_fine("%s %s is ours alone", what, file);
}

static void check_folder(const char *folder, const char *what, Findings *findings)
{
    if (!folder)
        return;
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
        doctor_fail(
            findings,
            "%s %s is not there: the server makes it when it starts, if the folder above is its "
            "user's",
            what, folder);
    else if (access(folder, R_OK | W_OK | X_OK) != 0)
        doctor_fail(findings, "%s %s: %s", what, folder, g_strerror(errno));
    else
        doctor_fine("%s %s can be written", what, folder);
}

static void check_maildir(const char *folder, const char *what, Findings *findings)
{
    static const char *const parts[] = {"tmp", "new", "cur"};

    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        check_folder(folder, what, findings);
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *part = g_build_filename(folder, parts[i], NULL);
        check_folder(part, what, findings);
    }
}

static void check_space(const Config *config, Findings *findings)
{
    g_autofree char *folder = g_path_get_dirname(config->database);
    struct statvfs space;

    if (statvfs(folder, &space) != 0)
        return;
    guint64 free_mib = (guint64)space.f_bavail * space.f_frsize / MIB;
    if (free_mib < FREE_LEAST_MIB)
        doctor_warn(findings, "only %" G_GUINT64_FORMAT " MiB are free beside the database",
                    free_mib);
    else
        doctor_fine("%" G_GUINT64_FORMAT " MiB are free beside the database", free_mib);
}

static void check_turn(const Config *config, Findings *findings)
{
    if (!config->turn_urls || !config->turn_urls[0])
        doctor_warn(findings,
                    "no TURN server is set: video fails for people behind strict firewalls, who "
                    "get the phone number");
    else if (!config->turn_secret_file)
        doctor_fail(
            findings,
            "turn_urls is set but turn_secret_file is not: the TURN server will refuse everybody");
    else
        doctor_fine("TURN is set");
}

/* Whether somebody answers on the socket that `deliver` uses. */
static void check_socket(const Config *config, Findings *findings)
{
    g_autofree char *folder = g_path_get_dirname(config->socket);
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(config->socket);
    g_autoptr(GSocket) socket =
        g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

    if (socket && g_socket_connect(socket, address, NULL, NULL))
        doctor_fine("the server is running");
    else if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
        doctor_warn(
            findings,
            "the server is not running, and %s, the folder of its socket, is not there: the "
            "systemd unit makes /run/sportello, any other is yours to make",
            folder);
    else
        doctor_warn(
            findings,
            "the server is not running (mail is stored all the same, and read when it starts)");
}

static void check_office(Db *db, const Office *office, Findings *findings)
{
    g_autoptr(GArray) openings = office_openings(db, office->id, NULL);
    g_autoptr(GPtrArray) services = office_services(db, office->id, NULL);

    if (!office->address || !strchr(office->address, '@'))
        doctor_fail(findings, "office %s has no e-mail address: office set --slug %s --address ...",
                    office->slug, office->slug);
    if (!openings || openings->len == 0)
        doctor_warn(findings, "office %s has no hours: nothing can be booked", office->slug);
    if (!services || services->len == 0)
        doctor_warn(findings, "office %s has no service: office set --slug %s --service NAME",
                    office->slug, office->slug);
    if (!office->phone || !*office->phone)
        doctor_warn(findings, "office %s has no phone number, the way out when video fails",
                    office->slug);
    if (!zone_find(office->zone))
        doctor_fail(findings, "the time zone %s of office %s is unknown here: install tzdata",
                    office->zone, office->slug);
    doctor_fine("office %s", office->slug);
}

static void check_rows(Db *db, Findings *findings)
{
    g_autoptr(GPtrArray) offices = office_list(db, 0, NULL);
    g_autoptr(GPtrArray) officers = officer_list(db, 0, NULL);

    if (!offices || offices->len == 0)
        doctor_warn(findings, "there is no office yet: sportello office add");
    for (guint i = 0; offices && i < offices->len; i++)
        check_office(db, g_ptr_array_index(offices, i), findings);
    if (!officers || officers->len == 0)
        doctor_warn(findings, "nobody can log in yet: sportello user add");
}

/* NULL: it does not open. */
static Db *check_database(const Config *config, Findings *findings)
{
    g_autoptr(GError) error = NULL;

    if (!g_file_test(config->database, G_FILE_TEST_EXISTS)) {
        doctor_fail(findings, "database %s is not there: sportello office add makes it",
                    config->database);
        return NULL;
    }
    Db *db = store_look(config->database, &error);
    if (!db) {
        doctor_fail(findings, "database %s: %s", config->database, error->message);
        return NULL;
    }
    doctor_fine("database %s opens", config->database);
    check_rows(db, findings);
    return db;
}

int command_doctor(int argc, char **argv)
{
    g_autofree char *file = NULL;
    const GOptionEntry entries[] = {{"config", 'c', 0, G_OPTION_ARG_FILENAME, &file,
                                     "configuration of the installation", "FILE"},
                                    G_OPTION_ENTRY_NULL};
    const CommandHelp help = {
        "--config FILE", "Checks an installation, in words.",
        "Exits with 0 when nothing fails (warnings are no failure), else with 1."};
    Findings findings = {0};

    if (!command_options(entries, &help, &argc, &argv))
        return COMMAND_USAGE;
    g_autoptr(Config) config = command_config(file);
    if (!config)
        return COMMAND_USAGE;
    doctor_fine("configuration %s", config->file);
    check_public_url(config, &findings);
    check_secret_file(config->key_file, "key file", &findings);
    check_secret_file(config->tls_key, "TLS key", &findings);
    if (config->incoming)
        check_maildir(config->incoming, "incoming Maildir", &findings);
    else if (config->mailboxes->len == 0 && !config->lmtp_socket)
        doctor_warn(&findings,
                    "no [mailbox], no lmtp_socket, no incoming Maildir: mail comes in by "
                    "sportello deliver alone");
    check_maildir(config->outgoing, "outgoing Maildir", &findings);
    check_folder(config->upload_folder, "upload folder", &findings);
    check_space(config, &findings);
    check_turn(config, &findings);
    check_socket(config, &findings);
    Db *db = check_database(config, &findings);
    doctor_mail(config, db, &findings);
    if (db)
        store_look_done(db);
    g_print("%u failed, %u to look at\n", findings.failed, findings.warned);
    return findings.failed ? 1 : 0;
}
