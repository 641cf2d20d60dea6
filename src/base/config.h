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
    /* [room] */
    GStrv stun_urls, turn_urls;
    char *turn_secret; /* from turn_secret_file */
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
