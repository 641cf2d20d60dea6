/* config_keys.c - the table of keys, and how the text of each kind becomes a field of Config.
 *
 * Only what is allowed and what is meant stands here; files, lines and errors are config.c's.
 */
#include "base/config_internal.h"

#include <gio/gio.h>
#include <string.h>

enum { LONGEST_SOCKET = 107 }; /* bytes; sun_path of unix(7) */

#define FIELD(member) offsetof(Config, member)
#define MAILBOX(member) offsetof(ConfigMailbox, member), .is_named = true
#define SMTP(member) offsetof(ConfigSmtp, member), .is_named = true

static const char *const log_levels[] = {"error", "warning", "info", "debug", NULL};
static const char *const stun_schemes[] = {"stun:", "stuns:", NULL};
static const char *const turn_schemes[] = {"turn:", "turns:", NULL};
static const char *const imap_schemes[] = {"imaps", "imap", NULL};
static const char *const smtp_schemes[] = {"smtps", "smtp", NULL};
static const char *const auth_words[] = {"password", "xoauth2", NULL};
static const char *const tls_words[] = {"required", "none", NULL};
static const char *const no_words[] = {NULL};

const ConfigKey config_keys[] = {
    {"server", "listen", CONFIG_LISTEN, FIELD(listen_address), "127.0.0.1:8080",
     .help = "Where the server listens. Port 0 takes a free one."},
    {"server", "public_url", CONFIG_URL, FIELD(public_url), NULL,
     .help = "How people reach the server from outside: every link in letters begins with it, and "
             "forms "
             "are accepted from it alone. Without it, the address of listen. Camera and microphone "
             "need https, or localhost."},
    {"server", "trusted_proxies", CONFIG_ADDRESSES, FIELD(trusted_proxies), NULL,
     .help = "Reverse proxies whose X-Forwarded-For is believed."},
    {"server", "tls_certificate", CONFIG_PATH, FIELD(tls_certificate), NULL,
     .help = "Certificate and chain (PEM), for an installation without a reverse proxy."},
    {"server", "tls_key", CONFIG_PATH, FIELD(tls_key), NULL,
     .help = "The private key of tls_certificate (PEM)."},
    {"server", "workers", CONFIG_NUMBER, FIELD(workers), "4", .least = 1, .most = 64,
     .help = "Pages that are made at the same time."},
    {"server", "connections", CONFIG_NUMBER, FIELD(connections), "4096", .least = 16,
     .most = 100000, .help = "Connections at the same time; LimitNOFILE must be higher."},
    {"data", "database", CONFIG_PATH, FIELD(database), "sportello.db",
     .help = "The SQLite file. It must be on a disk of this machine."},
    {"data", "key_file", CONFIG_PATH, FIELD(key_file), "sportello.key",
     .help = "The key from which the links in letters are made; made at the first start. Whoever "
             "loses it makes every link void; whoever reads it can make them."},
    {"data", "socket", CONFIG_SOCKET, FIELD(socket), "sportello.socket",
     .help = "Where `sportello deliver` hands its message to the running server."},
    {"data", "upload_folder", CONFIG_PATH, FIELD(upload_folder), "uploads",
     .help = "Files on their way from a form into the database."},
    {"mail", "incoming", CONFIG_PATH, FIELD(incoming), NULL,
     .help = "A Maildir whose messages become requests."},
    {"mail", "incoming_office", CONFIG_SLUG, FIELD(incoming_office), NULL,
     .help = "The office that the messages of incoming belong to."},
    {"mail", "outgoing", CONFIG_PATH, FIELD(outgoing), "mail/outgoing",
     .help = "The Maildir that letters are written to."},
    {"mail", "max_message", CONFIG_BYTES, FIELD(max_message), "50 MiB", .least = 65536,
     .most = G_GINT64_CONSTANT(1) << 30,
     .help = "Of a longer message only headers and the first MiB are kept."},
    {"mail", "hold_s", CONFIG_NUMBER, FIELD(hold_s), "10", .least = 0, .most = 600,
     .help = "Seconds in which an officer can take a decision back before its letter leaves."},
    {"mail", "lmtp_socket", CONFIG_SOCKET, FIELD(lmtp_socket), NULL,
     .help =
         "A unix socket on which the server takes mail of all offices over LMTP. Its mode is 0660: "
         "the MTA's user must be in the server's group."},
    {"mail", "subaddress", CONFIG_YES_NO, FIELD(subaddress), "no",
     .help = "Whether the offices' mail server takes name+tag@domain for name@domain: then letters "
             "carry tags that bring answers and bounces back to their request."},
    {"mailbox", "office", CONFIG_SLUG, MAILBOX(office),
     .help = "The office that the mail belongs to."},
    {"mailbox", "url", CONFIG_MAIL_URL, MAILBOX(url), .words = imap_schemes,
     .help = "The IMAP server. imaps is TLS from the first byte; imap begins TLS with STARTTLS, "
             "always."},
    {"mailbox", "user", CONFIG_TEXT, MAILBOX(user), .help = "The name to log in with."},
    {"mailbox", "secret_file", CONFIG_PATH, MAILBOX(secret_file),
     .help = "A file with the password, or with the access token, in one line; others must not be "
             "able to read it. It is read at each connection, so that a token may be renewed."},
    {"mailbox", "auth", CONFIG_WORD, MAILBOX(auth), .fallback = "password", .words = auth_words,
     .help = "What is in secret_file: a password, or an OAuth 2 access token."},
    {"mailbox", "ca_file", CONFIG_PATH, MAILBOX(ca_file),
     .help = "Certificates (PEM) that the server's must descend from; without it, the system's."},
    {"mailbox", "folder", CONFIG_TEXT, MAILBOX(folder), .fallback = "INBOX",
     .help = "The folder that is read."},
    {"mailbox", "done_folder", CONFIG_TEXT, MAILBOX(done_folder),
     .help = "Where messages are moved once they are stored; without it they are flagged and stay. "
             "Nothing is ever deleted."},
    {"mailbox", "pec", CONFIG_YES_NO, MAILBOX(pec), .fallback = "no",
     .help = "Whether it is a PEC mailbox: nothing in it is moved, receipts are collected."},
    {"mailbox", "timeout_s", CONFIG_NUMBER, MAILBOX(timeout_s), .fallback = "60", .least = 2,
     .most = 600,
     .help = "Seconds the server may take to answer a command, or to go on with a message."},
    {"smtp", "office", CONFIG_SLUG, SMTP(office),
     .help = "The office whose letters leave here; without it, those of every office that has no "
             "section of its own."},
    {"smtp", "url", CONFIG_MAIL_URL, SMTP(url), .words = smtp_schemes,
     .help = "The submission server. smtps is TLS from the first byte; smtp begins TLS with "
             "STARTTLS, always."},
    {"smtp", "user", CONFIG_TEXT, SMTP(user),
     .help = "The name to log in with; without it nobody logs in."},
    {"smtp", "secret_file", CONFIG_PATH, SMTP(secret_file),
     .help = "A file with the password, or with the access token, in one line; others must not be "
             "able to read it. It is read at each connection, so that a token may be renewed."},
    {"smtp", "auth", CONFIG_WORD, SMTP(auth), .fallback = "password", .words = auth_words,
     .help = "What is in secret_file: a password, or an OAuth 2 access token."},
    {"smtp", "ca_file", CONFIG_PATH, SMTP(ca_file),
     .help = "Certificates (PEM) that the server's must descend from; without it, the system's."},
    {"smtp", "tls", CONFIG_WORD, SMTP(tls), .fallback = "required", .words = tls_words,
     .help = "none only for a server on this machine's loopback address, and without user."},
    {"smtp", "pec", CONFIG_YES_NO, SMTP(pec), .fallback = "no",
     .help = "Whether it is the PEC provider's server: letters to those who wrote by PEC leave "
             "here, and only here."},
    {"smtp", "from", CONFIG_MAIL_ADDRESS, SMTP(from),
     .help = "The address that letters come from; without it, the office's."},
    {"pec", "ca_file", CONFIG_PATH, FIELD(pec_ca_file), NULL,
     .help = "Certificates (PEM) of the PEC providers' authorities: signatures of PEC messages are "
             "verified with them. Without it none is, and requests say so."},
    {"room", "stun_urls", CONFIG_URLS, FIELD(stun_urls), NULL, .words = stun_schemes,
     .help = "STUN servers that help browsers to find a way to each other."},
    {"room", "turn_urls", CONFIG_URLS, FIELD(turn_urls), NULL, .words = turn_schemes,
     .help = "TURN servers that carry a call where no direct way exists."},
    {"room", "turn_secret_file", CONFIG_SECRET_FILE, FIELD(turn_secret_file), NULL,
     .help = "The secret shared with the TURN servers (static-auth-secret of coturn)."},
    {"log", "level", CONFIG_WORD, FIELD(log_level), "info", .words = log_levels,
     .help = "What is written to the log: lines of this level and above."},
};
const gsize config_n_keys = G_N_ELEMENTS(config_keys);

char *config_allowed(const ConfigKey *key)
{
    g_autofree char *words = g_strjoinv(", ", (char **)(key->words ? key->words : no_words));
    switch (key->kind) {
    case CONFIG_LISTEN:
        return g_strdup("an address and a port, such as 127.0.0.1:8080 or [::1]:8080");
    case CONFIG_URL:
        return g_strdup("http or https, host and port, such as https://sportello.comune.example");
    case CONFIG_ADDRESSES:
        return g_strdup("IPv4 or IPv6 addresses, with spaces between them");
    case CONFIG_PATH:
        return g_strdup("a path; a relative one starts at the folder of this file");
    case CONFIG_SOCKET:
        return g_strdup_printf("a path of at most %d bytes once it is absolute", LONGEST_SOCKET);
    case CONFIG_SECRET_FILE:
        return g_strdup("the path of a file with a secret in one line, which others cannot read");
    case CONFIG_NUMBER:
        return g_strdup_printf("a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                               key->least, key->most);
    case CONFIG_BYTES:
        return g_strdup("a size from 64 KiB to 1 GiB, such as 50 MiB, 50M or 52428800");
    case CONFIG_SLUG:
        return g_strdup("the short name of an office: small letters, digits and dashes");
    case CONFIG_URLS:
        return g_strdup_printf("addresses that begin with %s; spaces between them", words);
    case CONFIG_WORD:
        return g_strdup_printf("one of %s", words);
    case CONFIG_YES_NO:
        return g_strdup("yes or no");
    case CONFIG_TEXT:
        return g_strdup("a text without control characters");
    case CONFIG_MAIL_URL:
        g_assert(key->words);
        return g_strdup_printf("%s://host or %s://host, and :port where it is another than usual",
                               key->words[0], key->words[1]);
    case CONFIG_MAIL_ADDRESS:
        return g_strdup("an address such as edilizia@comune.example");
    }
    g_assert_not_reached();
}

static void set_text(gpointer field, char *text)
{
    char **place = field;
    g_free(*place);
    *place = text;
}

/* "key =" takes back what the file said; only keys without a default allow it, and all of those are
 * texts or lists of texts. */
static bool clear(const ConfigKey *key, gpointer field)
{
    if (key->kind == CONFIG_ADDRESSES || key->kind == CONFIG_URLS)
        g_clear_pointer((GStrv *)field, g_strfreev);
    else
        g_clear_pointer((char **)field, g_free);
    return true;
}

static bool read_listen(const char *value, Config *config)
{
    const char *colon = strrchr(value, ':');
    guint64 port = 0;
    if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 0, G_MAXUINT16, &port, NULL))
        return false;
    gsize length = (gsize)(colon - value);
    bool is_bracketed = length > 2 && value[0] == '[' && value[length - 1] == ']';
    g_autofree char *host =
        is_bracketed ? g_strndup(value + 1, length - 2) : g_strndup(value, length);
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);
    if (!address || is_bracketed != (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6))
        return false;
    set_text(&config->listen_address, g_steal_pointer(&host));
    config->listen_port = (guint16)port;
    return true;
}

static bool read_url(const char *value, char **field)
{
    g_autoptr(GUri) uri = g_uri_parse(value, G_URI_FLAGS_NONE, NULL);
    if (!uri || !g_uri_get_host(uri) || !*g_uri_get_host(uri) || g_uri_get_userinfo(uri) ||
        g_uri_get_query(uri) || g_uri_get_fragment(uri))
        return false;
    const char *scheme = g_uri_get_scheme(uri), *path = g_uri_get_path(uri);
    if ((!g_str_equal(scheme, "http") && !g_str_equal(scheme, "https")) ||
        (*path && !g_str_equal(path, "/")))
        return false;
    set_text(field, g_ascii_strdown(value, (gssize)(strlen(value) - strlen(path))));
    return true;
}

static bool is_address(const char *text, const ConfigKey *key)
{
    (void)key;
    return g_hostname_is_ip_address(text);
}

static bool has_scheme(const char *text, const ConfigKey *key)
{
    for (const char *const *scheme = key->words; *scheme; scheme++)
        if (g_str_has_prefix(text, *scheme) && text[strlen(*scheme)])
            return true;
    return false;
}

static bool read_list(const ConfigKey *key, const char *value, GStrv *field,
                      bool (*is_item)(const char *text, const ConfigKey *key))
{
    g_auto(GStrv) words = g_strsplit_set(value, ", \t", -1);
    g_autoptr(GStrvBuilder) items = g_strv_builder_new();
    for (GStrv word = words; *word; word++) {
        if (**word && !is_item(*word, key))
            return false;
        if (**word)
            g_strv_builder_add(items, *word);
    }
    g_strfreev(*field);
    *field = g_strv_builder_end(items);
    return true;
}

static bool read_number(const ConfigKey *key, const char *value, guint *field)
{
    gint64 number;
    if (!g_ascii_string_to_signed(value, 10, key->least, key->most, &number, NULL))
        return false;
    *field = (guint)number;
    return true;
}

/* "52428800", "50M", "50 MiB", "50 MB": powers of 1024 in each spelling. */
static bool read_bytes(const ConfigKey *key, const char *value, gint64 *field)
{
    static const char units[] = "BKMG";
    char *unit = NULL;
    if (!g_ascii_isdigit(value[0]))
        return false;
    guint64 number = g_ascii_strtoull(value, &unit, 10);
    guint shift = 0;
    while (*unit == ' ')
        unit++;
    if (*unit) {
        const char *place = strchr(units, g_ascii_toupper(*unit));
        const char *rest = unit + 1;
        if (!place || (*rest && g_ascii_strcasecmp(rest, "iB") && g_ascii_strcasecmp(rest, "B")))
            return false;
        shift = 10 * (guint)(place - units);
    }
    if (number > (guint64)key->most >> shift || (gint64)(number << shift) < key->least)
        return false;
    *field = (gint64)(number << shift);
    return true;
}

static bool read_path(const char *value, const char *folder, gsize longest, char **field)
{
    g_autofree char *path = g_canonicalize_filename(value, folder);
    if (strlen(path) > longest)
        return false;
    set_text(field, g_steal_pointer(&path));
    return true;
}

static bool read_slug(const char *value, char **field)
{
    for (const char *c = value; *c; c++)
        if (!g_ascii_islower(*c) && !g_ascii_isdigit(*c) && *c != '-')
            return false;
    set_text(field, g_strdup(value));
    return true;
}

/* Only the path is kept; whether there is a secret in it is seen once, and forgotten. */
static bool read_secret(const char *value, const char *folder, char **field)
{
    g_autofree char *path = g_canonicalize_filename(value, folder);
    char *secret = config_secret_read(path, NULL);
    if (!secret)
        return false;
    config_secret_free(secret);
    set_text(field, g_steal_pointer(&path));
    return true;
}

static bool read_word(const ConfigKey *key, const char *value, char **field)
{
    if (!g_strv_contains(key->words, value))
        return false;
    set_text(field, g_strdup(value));
    return true;
}

static bool read_yes_no(const char *value, bool *field)
{
    *field = g_str_equal(value, "yes");
    return *field || g_str_equal(value, "no");
}

static bool read_text(const char *value, char **field)
{
    for (const char *c = value; *c; c = g_utf8_next_char(c))
        if (g_unichar_iscntrl(g_utf8_get_char(c)))
            return false;
    set_text(field, g_strdup(value));
    return true;
}

/* Kept in small letters, without a slash at the end. */
static bool read_mail_url(const ConfigKey *key, const char *value, char **field)
{
    g_autoptr(GUri) uri = g_uri_parse(value, G_URI_FLAGS_NONE, NULL);
    if (!uri || !g_uri_get_host(uri) || !*g_uri_get_host(uri) || g_uri_get_userinfo(uri) ||
        g_uri_get_query(uri) || g_uri_get_fragment(uri) || g_uri_get_port(uri) == 0)
        return false;
    const char *path = g_uri_get_path(uri);
    if (!g_strv_contains(key->words, g_uri_get_scheme(uri)) || (*path && !g_str_equal(path, "/")))
        return false;
    set_text(field, g_ascii_strdown(value, (gssize)(strlen(value) - strlen(path))));
    return true;
}

/* No quoted names: they are none that an office has. */
static bool read_mail_address(const char *value, char **field)
{
    const char *at = strchr(value, '@');
    if (!at || at == value || !at[1] || strchr(at + 1, '@'))
        return false;
    for (const char *c = value; *c; c++)
        if (!g_ascii_isgraph(*c) || strchr("<>()[]\\\",;:", *c))
            return false;
    set_text(field, g_strdup(value));
    return true;
}

bool config_read(const ConfigKey *key, const char *value, const char *folder, gpointer record)
{
    gpointer field = (guint8 *)record + key->field;
    if (!*value && key->fallback)
        return false;
    if (!*value)
        return clear(key, field);
    switch (key->kind) {
    case CONFIG_LISTEN:
        return read_listen(value, record);
    case CONFIG_URL:
        return read_url(value, field);
    case CONFIG_ADDRESSES:
        return read_list(key, value, field, is_address);
    case CONFIG_PATH:
        return read_path(value, folder, G_MAXSIZE, field);
    case CONFIG_SOCKET:
        return read_path(value, folder, LONGEST_SOCKET, field);
    case CONFIG_SECRET_FILE:
        return read_secret(value, folder, field);
    case CONFIG_NUMBER:
        return read_number(key, value, field);
    case CONFIG_BYTES:
        return read_bytes(key, value, field);
    case CONFIG_SLUG:
        return read_slug(value, field);
    case CONFIG_URLS:
        return read_list(key, value, field, has_scheme);
    case CONFIG_WORD:
        return read_word(key, value, field);
    case CONFIG_YES_NO:
        return read_yes_no(value, field);
    case CONFIG_TEXT:
        return read_text(value, field);
    case CONFIG_MAIL_URL:
        return read_mail_url(key, value, field);
    case CONFIG_MAIL_ADDRESS:
        return read_mail_address(value, field);
    }
    g_assert_not_reached();
}
