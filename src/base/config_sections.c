/* config_sections.c - sections that may stand several times, [mailbox NAME] and [smtp NAME]: their
 * records, and what has to fit together within one and between them.
 *
 * Their secrets are only paths here; whoever connects reads them.
 */
#include "base/config_internal.h"

#include <gio/gio.h>
#include <string.h>

enum { LONGEST_NAME = 64 };

void config_mailbox_free(gpointer mailbox)
{
    ConfigMailbox *it = mailbox;
    char *texts[] = {it->name, it->office,  it->url,    it->user,       it->secret_file,
                     it->auth, it->ca_file, it->folder, it->done_folder};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(it);
}

void config_smtp_free(gpointer smtp)
{
    ConfigSmtp *it = smtp;
    char *texts[] = {it->name, it->office,  it->url, it->user, it->secret_file,
                     it->auth, it->ca_file, it->tls, it->from};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(it);
}

ConfigSection *config_section_new(Config *config, const char *kind, const char *name, guint line)
{
    ConfigSection *section = g_new0(ConfigSection, 1);
    char *kept = g_strdup(name);
    if (g_str_equal(kind, "mailbox")) {
        ConfigMailbox *mailbox = section->record = g_new0(ConfigMailbox, 1);
        mailbox->name = kept;
        g_ptr_array_add(config->mailboxes, mailbox);
    } else {
        ConfigSmtp *smtp = section->record = g_new0(ConfigSmtp, 1);
        smtp->name = kept;
        g_ptr_array_add(config->smtp, smtp);
    }
    section->kind = kind;
    section->name = kept;
    section->lines = g_new0(guint, config_n_keys);
    section->line = line;
    return section;
}

void config_section_free(ConfigSection *section)
{
    g_free(section->lines);
    g_free(section);
}

bool config_is_section_name(const char *name)
{
    gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return length > 0 && length <= LONGEST_NAME && !name[length];
}

static bool is_loopback(const char *url)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    const char *host = g_uri_get_host(uri);
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);
    return address ? g_inet_address_get_is_loopback(address) : g_str_equal(host, "localhost");
}

static char *mailbox_problem(const ConfigMailbox *mailbox)
{
    const struct {
        const char *key, *value;
    } needed[] = {{"office", mailbox->office},
                  {"url", mailbox->url},
                  {"user", mailbox->user},
                  {"secret_file", mailbox->secret_file}};
    for (gsize i = 0; i < G_N_ELEMENTS(needed); i++)
        if (!needed[i].value)
            return g_strdup_printf("needs %s", needed[i].key);
    return NULL;
}

/* Another section of the same letters: which of the two should send them? */
static const ConfigSmtp *rival(const Config *config, const ConfigSmtp *smtp)
{
    for (guint i = 0; i < config->smtp->len; i++) {
        const ConfigSmtp *other = g_ptr_array_index(config->smtp, i);
        if (other == smtp)
            return NULL; /* the later of the two is the one to blame */
        if (other->pec == smtp->pec && g_strcmp0(other->office, smtp->office) == 0)
            return other;
    }
    return NULL;
}

static char *smtp_problem(const Config *config, const ConfigSmtp *smtp, const char **key)
{
    if (!smtp->url)
        return g_strdup("needs url");
    *key = "user";
    if (smtp->user && !smtp->secret_file)
        return g_strdup("user needs secret_file too");
    *key = "secret_file";
    if (smtp->secret_file && !smtp->user)
        return g_strdup("secret_file needs user too");
    *key = "tls";
    if (g_str_equal(smtp->tls, "none") && (smtp->user || !is_loopback(smtp->url)))
        return g_strdup("tls = none: only to a loopback address and without user");
    if (g_str_equal(smtp->tls, "none") && g_str_has_prefix(smtp->url, "smtps:"))
        return g_strdup("tls = none: but smtps is TLS");
    *key = "pec";
    if (smtp->pec && !smtp->from)
        return g_strdup("pec needs from too");
    *key = NULL;
    const ConfigSmtp *other = rival(config, smtp);
    return other ? g_strdup_printf("is for the same letters as [smtp %s]", other->name) : NULL;
}

char *config_section_problem(const Config *config, const ConfigSection *section, const char **key)
{
    *key = NULL;
    return g_str_equal(section->kind, "mailbox") ? mailbox_problem(section->record)
                                                 : smtp_problem(config, section->record, key);
}
