/* config_internal.h - the table of keys, between config.c (files, lines, errors), config_keys.c and
 * config_sections.c (sections that may stand several times, each with a name).
 */
#pragma once
#include "base/config.h"

typedef enum {
    CONFIG_LISTEN,
    CONFIG_URL,
    CONFIG_ADDRESSES,
    CONFIG_PATH,
    CONFIG_SOCKET,
    CONFIG_SECRET_FILE,
    CONFIG_NUMBER,
    CONFIG_BYTES,
    CONFIG_SLUG,
    CONFIG_URLS,
    CONFIG_WORD,
    CONFIG_YES_NO,
    CONFIG_TEXT,
    CONFIG_MAIL_URL,
    CONFIG_MAIL_ADDRESS,
} ConfigKind;

typedef struct {
    const char *section, *key;
    ConfigKind kind;
    guint field;              /* offset in Config, or in the record of a named section */
    const char *fallback;     /* the default; NULL: none, and an empty value is allowed */
    gint64 least, most;       /* CONFIG_NUMBER, CONFIG_BYTES */
    const char *const *words; /* CONFIG_WORD: the words; of URLs: the schemes */
    const char *help;
    bool is_named; /* of a section [section NAME], which may stand several times */
} ConfigKey;

extern const ConfigKey config_keys[]; /* the keys of a section stand together */
extern const gsize config_n_keys;

/* What the value of a key may be, to stand after "must be"; owned by the caller. */
char *config_allowed(const ConfigKey *key);
/* Puts a value into its field of `record`, the Config or what a named section is read into; false
 * when it is not allowed. Relative paths start at `folder`. */
bool config_read(const ConfigKey *key, const char *value, const char *folder, gpointer record);

/* A section [kind NAME] of the file. */
typedef struct {
    const char *kind; /* of the table */
    const char *name; /* the record's */
    gpointer record;  /* ConfigMailbox or ConfigSmtp, the Config's */
    guint *lines;     /* per key: where it was set, 0 when it was not */
    guint line;       /* of the header */
} ConfigSection;

/* A section with an empty record, which `config` owns; config_section_free leaves the record. */
ConfigSection *config_section_new(Config *config, const char *kind, const char *name, guint line);
void config_section_free(ConfigSection *section);
bool config_is_section_name(const char *name);
/* What does not fit together in a section whose keys are all read; NULL: nothing. `key` is the key
 * to blame, NULL: the whole section. Owned by the caller. */
char *config_section_problem(const Config *config, const ConfigSection *section, const char **key);
void config_mailbox_free(gpointer mailbox); /* ConfigMailbox * */
void config_smtp_free(gpointer smtp);       /* ConfigSmtp * */
