/* config.h - the one INI file of an installation.
 *
 * Every key stands in one table in config.c with its section, kind, default and what is allowed;
 * the man page sportello.conf(5) is made from it. SPORTELLO_SECTION_KEY in the environment wins
 * over the file. Relative paths are relative to the file's folder. Errors name file, line, key and
 * what is allowed.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* [mailbox NAME]: a mailbox at a provider, read over IMAP. */
typedef struct {
    char *name;   /* of the section; in the log and in the store */
    char *office; /* slug of the office whose mail it is */
    char *url;    /* imaps://host[:port], or imap://host[:port]: then STARTTLS, always */
    char *user;
    char *secret_file; /* password, or the access token when `auth` is xoauth2; read at each
                          connection, so that it may be renewed */
    char *auth;        /* "password", "xoauth2" */
    char *ca_file;     /* PEM; NULL: the system's */
    char *folder;      /* "INBOX" */
    char *done_folder; /* mail that is stored is moved there; NULL: it is flagged */
    bool pec;          /* never moved, receipts collected */
    guint timeout_s;   /* for every command */
} ConfigMailbox;

/* [smtp NAME]: where letters of an office are handed in. */
typedef struct {
    char *name;
    char *office;      /* slug; NULL: every office that has none of its own */
    char *url;         /* smtps://host[:port], or smtp://host[:port]: then STARTTLS, always */
    char *user;        /* NULL: no AUTH */
    char *secret_file; /* as in ConfigMailbox */
    char *auth;        /* "password", "xoauth2" */
    char *ca_file;     /* PEM; NULL: the system's */
    char *tls;         /* "required", or "none": only to a loopback address and without user */
    bool pec;          /* for those who wrote by PEC */
    char *from;        /* the address letters come from; NULL: the office's. Set where `pec` is */
} ConfigSmtp;

typedef struct {
    char *file; /* the configuration file itself */
    /* [server] */
    char *listen_address; /* "127.0.0.1" */
    guint16 listen_port;  /* 8080 */
    char *public_url; /* no slash at the end; makes every link in letters and the allowed Origin */
    GStrv trusted_proxies;           /* addresses whose X-Forwarded-For counts */
    char *tls_certificate, *tls_key; /* NULL: no TLS */
    guint workers;
    guint connections;
    /* [data] */
    char *database; /* file */
    char *key_file; /* installation key, 0600 */
    char *socket;   /* unix socket for `deliver` */
    char *upload_folder;
    /* [mail] */
    char *incoming;        /* Maildir read by the server, NULL: none */
    char *incoming_office; /* slug it belongs to */
    char *outgoing;        /* Maildir letters are written to */
    gint64 max_message;    /* bytes, 50 MiB */
    guint hold_s;          /* seconds a decision's letter waits, 10 */
    char *lmtp_socket;     /* unix socket for an MTA's LMTP client, NULL: none */
    bool subaddress;       /* the office's mail server takes name+tag@: Reply-To and envelope carry
                              tags */
    GPtrArray *mailboxes;  /* ConfigMailbox *, never NULL */
    GPtrArray *smtp;       /* ConfigSmtp *, never NULL; none: letters go to `outgoing` */
    /* [pec] */
    char *pec_ca_file; /* PEM bundle of the providers' authorities, NULL: nothing is verified */
    /* [room] */
    GStrv stun_urls, turn_urls;
    char *turn_secret_file; /* NULL: none */
    /* [log] */
    char *log_level; /* error, warning, info, debug */
    bool demo;       /* set by `sportello demo` alone, never read from the file */
} Config;

/* Defaults, then the file, then the environment. Errors: CONFIG_ERROR, one line for a person.
 * Without public_url it is the address of `listen`. An IPv6 listen_address has no brackets. */
Config *config_load(const char *file, GError **error);
void config_free(Config *config);
/* Listens at `text` (as the key `listen` is written) instead, and public_url becomes that address.
 * False: it is no address with a port, nothing was changed. */
bool config_listen_at(Config *config, const char *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)
/* One line of a file that others cannot read, trimmed; owned by the caller, wipe it
 * (config_secret_free). Not read by config_load: the zygote is forked from whoever has loaded the
 * configuration, and must never have seen a secret.
 * Errors: CONFIG_ERROR_UNREADABLE. */
char *config_secret_read(const char *file, GError **error);
void config_secret_free(char *secret);
/* Where a letter of the office leaves: its own section, else the one of all; NULL: by Maildir, and
 * for `pec` that there is no PEC way out. */
const ConfigSmtp *config_smtp_for(const Config *config, const char *office_slug, bool pec);
/* A configuration file with every key, its default, and comments: for --help, and checked against
 * the man page. */
char *config_reference(void);

#define CONFIG_ERROR config_error_quark()
typedef enum {
    CONFIG_ERROR_UNREADABLE, /* no such file */
    CONFIG_ERROR_SYNTAX,     /* a line that is none, a key twice */
    CONFIG_ERROR_UNKNOWN,    /* no such section or key */
    CONFIG_ERROR_VALUE,      /* not allowed for this key */
} ConfigError;
GQuark config_error_quark(void);
