/* config_internal.h - the table of keys, between config.c (files, lines, errors) and config_keys.c.
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
} ConfigKind;

typedef struct {
    const char *section, *key;
    ConfigKind kind;
    gsize field;              /* offset in Config */
    const char *fallback;     /* the default; NULL: none, and an empty value is allowed */
    gint64 least, most;       /* CONFIG_NUMBER, CONFIG_BYTES */
    const char *const *words; /* CONFIG_WORD: the words, CONFIG_URLS: the schemes */
    const char *help;
} ConfigKey;

extern const ConfigKey config_keys[]; /* the keys of a section stand together */
extern const gsize config_n_keys;

/* What the value of a key may be, to stand after "must be"; owned by the caller. */
char *config_allowed(const ConfigKey *key);
/* Puts a value into its field; false when it is not allowed. Relative paths start at `folder`. */
bool config_read(const ConfigKey *key, const char *value, const char *folder, Config *config);
