/* doctor_mail.c - the part of `sportello doctor` that looks at mail: whether every mailbox and
 * every way out lets us in, whether big messages fit, whether somebody takes the letters away.
 */
#include "command/doctor.h"
#include "mail/imap.h"
#include "mail/smime.h"
#include "mail/smtp.h"
#include "store/office.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MESSAGE_LEAST G_GINT64_CONSTANT(45000000) /* bytes: 30 MB of drawings, encoded */
#define MEGABYTE 1000000
#define LETTER_AGE_S 3600 /* in the Maildir: nobody seems to send it */

/* What a technician may look at when curl or the server says so. */
static const struct {
    const char *sign, *advice;
} advices[] = {
    {"Login denied", "look at user and secret_file; some providers want the access of programs "
                     "switched on, a password of its own for it, or auth = xoauth2"},
    {"Could not resolve", "the host in url is misspelt, or no name server answers this machine"},
    {"Failed to connect", "look at host, port and firewalls; without a port it is 993 for imaps, "
                          "143 for imap, 465 for smtps, 587 for smtp"},
    {"wrong version number", "TLS does not begin at once on this port: imap:// and smtp:// begin "
                             "it with STARTTLS"},
    {"imed out", "a firewall, or a port on which TLS begins at once: imaps:// and smtps://"},
    {"Timeout", "a firewall, or a port on which TLS begins at once: imaps:// and smtps://"},
    {"subject name", "the certificate is for another name: url must have the host by the name that "
                     "the provider gives"},
    {"local issuer", "for a provider with an authority of its own: ca_file"},
    {"self-signed", "for a provider with an authority of its own: ca_file"},
    {"setting certificate", "ca_file is not there, or holds no certificate (PEM)"},
    {"SELECT:", "folder names no folder there, or not one of this user's"},
};

/* "; look at ...", or "" when there is nothing to say. (transfer full) */
static char *advice_for(const char *trouble)
{
    for (gsize i = 0; i < G_N_ELEMENTS(advices); i++)
        if (strstr(trouble, advices[i].sign))
            return g_strdup_printf("; %s", advices[i].advice);
    return g_strdup("");
}

static bool check_secret(const char *kind, const char *name, const char *file, Findings *findings)
{
    g_autoptr(GError) error = NULL;
    char *secret = config_secret_read(file, &error);
    if (secret)
        doctor_fine("[%s %s] secret_file %s is ours alone", kind, name, file);
    else
        doctor_fail(findings, "[%s %s] secret_file: %s", kind, name, error->message);
    config_secret_free(secret);
    return secret != NULL;
}

static void check_office(Db *db, const char *kind, const char *name, const char *slug,
                         Findings *findings)
{
    g_autoptr(Office) office = db && slug ? office_find_by_slug(db, slug, NULL) : NULL;
    if (db && slug && !office)
        doctor_fail(findings, "[%s %s] office = %s: there is no such office: sportello office add",
                    kind, name, slug);
}

static void check_login(const ConfigMailbox *mailbox, Findings *findings)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *can = imap_check(mailbox, &error);
    g_autofree char *advice = can ? NULL : advice_for(error->message);
    if (can)
        doctor_fine("[mailbox %s] %s lets us in: %s", mailbox->name, mailbox->url, can);
    else
        doctor_fail(findings, "[mailbox %s] %s: %s%s", mailbox->name, mailbox->url, error->message,
                    advice);
}

/* A section that was copied, and half of it changed. */
static void check_double(const Config *config, const ConfigMailbox *mailbox, Findings *findings)
{
    for (guint i = 0; i < config->mailboxes->len; i++) {
        const ConfigMailbox *earlier = g_ptr_array_index(config->mailboxes, i);
        if (earlier == mailbox)
            return;
        if (!strcmp(earlier->url, mailbox->url) && !strcmp(earlier->user, mailbox->user) &&
            !strcmp(earlier->folder, mailbox->folder))
            doctor_warn(findings, "[mailbox %s] reads the same folder as [mailbox %s]",
                        mailbox->name, earlier->name);
    }
}

static void check_mailbox(const Config *config, Db *db, const ConfigMailbox *mailbox,
                          Findings *findings)
{
    check_office(db, "mailbox", mailbox->name, mailbox->office, findings);
    check_double(config, mailbox, findings);
    if (check_secret("mailbox", mailbox->name, mailbox->secret_file, findings))
        check_login(mailbox, findings);
    if (mailbox->pec && mailbox->done_folder)
        doctor_warn(findings, "[mailbox %s] is PEC: nothing is moved to done_folder",
                    mailbox->name);
    if (mailbox->pec && !config_smtp_for(config, mailbox->office, true))
        doctor_fail(
            findings,
            "[mailbox %s] is PEC, but no [smtp] section with pec = yes is for %s: those who "
            "write there are answered by ordinary mail, which PEC mailboxes may refuse",
            mailbox->name, mailbox->office);
}

static void check_limit(const char *whose, gint64 limit, Findings *findings)
{
    if (limit > 0 && limit < MESSAGE_LEAST)
        doctor_warn(findings,
                    "%s takes messages up to %" G_GINT64_FORMAT
                    " MB: 30 MB of drawings need 45 MB, encoded",
                    whose, limit / MEGABYTE);
}

static void check_smtp(Db *db, const ConfigSmtp *config, Findings *findings)
{
    check_office(db, "smtp", config->name, config->office, findings);
    if (config->secret_file && !check_secret("smtp", config->name, config->secret_file, findings))
        return;
    g_autoptr(Smtp) smtp = smtp_new(config);
    gint64 limit = 0;
    SmtpResult result = smtp_try(smtp, &limit);
    g_autofree char *advice = advice_for(result.trouble);
    if (result.outcome == SMTP_SENT)
        doctor_fine("[smtp %s] %s lets us in%s", config->name, config->url,
                    config->user ? "" : " (without a login)");
    else if (result.code)
        doctor_fail(findings, "[smtp %s] %s: %d %s (%s)%s", config->name, config->url, result.code,
                    result.status, result.trouble, advice);
    else
        doctor_fail(findings, "[smtp %s] %s: %s%s", config->name, config->url, result.trouble,
                    advice);
    g_autofree char *whose = g_strdup_printf("[smtp %s] the server", config->name);
    check_limit(whose, limit, findings);
}

/* Of this machine's Postfix, when there is one. */
static void check_postfix(Findings *findings)
{
    g_autofree char *program = g_find_program_in_path("postconf");
    const char *const words[] = {program, "-h", "message_size_limit", NULL};
    g_autofree char *said = NULL;
    int status = 0;
    if (!program || !g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                                  NULL, &said, NULL, &status, NULL))
        return;
    if (g_spawn_check_wait_status(status, NULL))
        check_limit("this machine's Postfix (message_size_limit; for mail that comes through it)",
                    g_ascii_strtoll(said, NULL, 10), findings);
}

/* Whether files in new/ have been there for long. */
static bool has_old(const char *maildir)
{
    g_autofree char *folder = g_build_filename(maildir, "new", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    gint64 now_at = g_get_real_time() / G_USEC_PER_SEC;
    bool found = false;
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        GStatBuf about;
        found |= g_stat(path, &about) == 0 && now_at - about.st_mtime > LETTER_AGE_S;
    }
    return found;
}

static void check_outgoing(const Config *config, Findings *findings)
{
    if (config->outgoing && has_old(config->outgoing))
        doctor_warn(findings,
                    "letters have been in %s for more than an hour: nobody sends them; set an "
                    "[smtp] section, or run sportello-send",
                    config->outgoing);
    else if (!config_smtp_for(config, NULL, false))
        doctor_warn(findings,
                    "no [smtp] section is for every office: the others' letters go to the Maildir "
                    "%s, and somebody else has to send them from there",
                    config->outgoing);
}

static void check_pec(const Config *config, Findings *findings)
{
    if (config->pec_ca_file) {
        guint n = smime_authorities_in(config->pec_ca_file);
        if (!g_file_test(config->pec_ca_file, G_FILE_TEST_IS_REGULAR))
            doctor_fail(findings, "[pec] ca_file %s is not there", config->pec_ca_file);
        else if (n == 0)
            doctor_fail(findings, "[pec] ca_file %s holds no certificate (PEM) that can be read",
                        config->pec_ca_file);
        else
            doctor_fine("[pec] ca_file %s: certificates: %u", config->pec_ca_file, n);
        return;
    }
    for (guint i = 0; i < config->mailboxes->len; i++) {
        const ConfigMailbox *mailbox = g_ptr_array_index(config->mailboxes, i);
        if (!mailbox->pec)
            continue;
        doctor_warn(findings, "[pec] ca_file is not set: no signature of PEC is verified");
        return;
    }
}

void doctor_mail(const Config *config, Db *db, Findings *findings)
{
    signal(SIGPIPE, SIG_IGN); /* of a server that hangs up */
    for (guint i = 0; i < config->mailboxes->len; i++)
        check_mailbox(config, db, g_ptr_array_index(config->mailboxes, i), findings);
    for (guint i = 0; i < config->smtp->len; i++)
        check_smtp(db, g_ptr_array_index(config->smtp, i), findings);
    check_outgoing(config, findings);
    check_postfix(findings);
    check_pec(config, findings);
}
