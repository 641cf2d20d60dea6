/* config.c - reads the configuration file: lines, overrides from the environment, errors in words.
 *
 * The keys and what they may be are in config_keys.c. GKeyFile is not used because it knows no line
 * numbers and swallows what it does not know; a word misspelt here must never be silently ignored.
 */
#include "base/config_internal.h"

#include <stdarg.h>
#include <string.h>

enum { LONGEST_FILE = 1024 * 1024, COMMENT_WIDTH = 76 };
#define IN_ENVIRONMENT G_MAXUINT /* instead of a line */

typedef struct {
    const char *file;
    char *folder;
    Config *config;
    const char *section;  /* of the table; NULL before the first header */
    ConfigSection *named; /* that is being read; NULL in a section that stands once */
    GPtrArray *all_named; /* ConfigSection * */
    guint *lines;         /* per key: where it was set, 0 when it was not */
    guint line;
} Reader;

G_DEFINE_QUARK(sportello - config - error - quark, config_error)

void config_free(Config *config)
{
    if (!config)
        return;
    char *texts[] = {config->file,
                     config->listen_address,
                     config->public_url,
                     config->tls_certificate,
                     config->tls_key,
                     config->database,
                     config->key_file,
                     config->socket,
                     config->upload_folder,
                     config->incoming,
                     config->incoming_office,
                     config->outgoing,
                     config->turn_secret_file,
                     config->lmtp_socket,
                     config->pec_ca_file,
                     config->log_level};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_clear_pointer(&config->mailboxes, g_ptr_array_unref);
    g_clear_pointer(&config->smtp, g_ptr_array_unref);
    g_strfreev(config->trusted_proxies);
    g_strfreev(config->stun_urls);
    g_strfreev(config->turn_urls);
    g_free(config);
}

G_GNUC_PRINTF(4, 5)
static bool fail(const Reader *reader, ConfigError code, GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (reader->line == IN_ENVIRONMENT)
        g_set_error(error, CONFIG_ERROR, (gint)code, "environment: %s", what);
    else if (reader->line)
        g_set_error(error, CONFIG_ERROR, (gint)code, "%s:%u: %s", reader->file, reader->line, what);
    else
        g_set_error(error, CONFIG_ERROR, (gint)code, "%s: %s", reader->file, what);
    return false;
}

/* As it is written between brackets. */
static const char *shown(const ConfigKey *key)
{
    return !key->is_named                         ? key->section
           : g_str_equal(key->section, "mailbox") ? "mailbox NAME"
                                                  : "smtp NAME";
}

/* The section that is being read, as it is written; owned by the caller. */
static char *shown_open(const Reader *reader)
{
    return reader->named ? g_strdup_printf("%s %s", reader->named->kind, reader->named->name)
                         : g_strdup(reader->section);
}

/* --- what somebody may have meant --- */

/* How many letters must be put, taken or changed to make one word the other (Levenshtein). */
static guint distance(const char *one, const char *other)
{
    enum { LONGEST = 40 };
    guint row[LONGEST + 1];
    gsize length = strlen(other);
    if (strlen(one) > LONGEST || length > LONGEST)
        return LONGEST;
    for (guint i = 0; i <= length; i++)
        row[i] = i;
    for (guint i = 1; one[i - 1]; i++) {
        guint diagonal = row[0];
        row[0] = i;
        for (guint j = 1; j <= length; j++) {
            guint changed = diagonal + (one[i - 1] != other[j - 1]);
            diagonal = row[j];
            row[j] = MIN(changed, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[length];
}

static const ConfigKey *nearest_key(const char *section, const char *typed)
{
    const ConfigKey *nearest = NULL;
    guint best = 4;
    for (gsize i = 0; i < config_n_keys; i++) {
        bool is_elsewhere = !g_str_equal(section, config_keys[i].section);
        guint apart = distance(typed, config_keys[i].key) + (is_elsewhere ? 1 : 0);
        if (apart < best) {
            nearest = &config_keys[i];
            best = apart;
        }
    }
    return nearest;
}

static const ConfigKey *nearest_section(const char *typed)
{
    const ConfigKey *nearest = NULL;
    guint best = 3;
    for (gsize i = 0; i < config_n_keys; i++) {
        guint apart = distance(typed, config_keys[i].section);
        if (apart < best) {
            nearest = &config_keys[i];
            best = apart;
        }
    }
    return nearest;
}

static char *names_of(const char *section)
{
    GString *names = g_string_new(NULL);
    const char *before = "";
    for (gsize i = 0; i < config_n_keys; i++) {
        const ConfigKey *key = &config_keys[i];
        const char *name = section ? key->key : shown(key);
        bool is_wanted = section ? g_str_equal(section, key->section) : !g_str_equal(before, name);
        if (is_wanted)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", name);
        before = name;
    }
    return g_string_free(names, FALSE);
}

static bool fail_unknown_key(const Reader *reader, const char *typed, GError **error)
{
    const ConfigKey *nearest = nearest_key(reader->section, typed);
    g_autofree char *section = shown_open(reader);
    if (nearest) {
        bool is_here = g_str_equal(nearest->section, reader->section);
        return fail(reader, CONFIG_ERROR_UNKNOWN, error,
                    "[%s] has no key '%s'; did you mean '%s' of [%s]?", section, typed,
                    nearest->key, is_here ? section : shown(nearest));
    }
    g_autofree char *names = names_of(reader->section);
    return fail(reader, CONFIG_ERROR_UNKNOWN, error, "[%s] has no key '%s'; it has %s", section,
                typed, names);
}

static bool fail_unknown_section(const Reader *reader, const char *typed, GError **error)
{
    g_autofree char *kind = g_strndup(typed, strcspn(typed, " \t"));
    const ConfigKey *nearest = nearest_section(kind);
    if (nearest)
        return fail(reader, CONFIG_ERROR_UNKNOWN, error,
                    "there is no section [%s]; did you mean [%s]?", typed, shown(nearest));
    g_autofree char *names = names_of(NULL);
    return fail(reader, CONFIG_ERROR_UNKNOWN, error, "there is no section [%s], only %s", typed,
                names);
}

/* --- the file --- */

static const ConfigKey *key_find(const char *section, const char *name)
{
    for (gsize i = 0; i < config_n_keys; i++)
        if (g_str_equal(config_keys[i].section, section) && g_str_equal(config_keys[i].key, name))
            return &config_keys[i];
    return NULL;
}

static bool fail_value(const Reader *reader, const ConfigKey *key, const char *value,
                       GError **error)
{
    g_autofree char *allowed = config_allowed(key);
    g_autofree char *section = key->is_named ? shown_open(reader) : g_strdup(key->section);
    return fail(reader, CONFIG_ERROR_VALUE, error, "[%s] %s = %s: must be %s", section, key->key,
                value, allowed);
}

/* [kind NAME]; `name` is what stands after the kind. */
static bool open_named(Reader *reader, const char *kind, const char *name, GError **error)
{
    if (!config_is_section_name(name))
        return fail(reader, CONFIG_ERROR_SYNTAX, error,
                    "a section [%s NAME] has a name of small letters, digits and dashes", kind);
    for (guint i = 0; i < reader->all_named->len; i++) {
        const ConfigSection *other = g_ptr_array_index(reader->all_named, i);
        if (g_str_equal(other->kind, kind) && g_str_equal(other->name, name))
            return fail(reader, CONFIG_ERROR_SYNTAX, error, "[%s %s] stands already on line %u",
                        kind, name, other->line);
    }
    reader->named = config_section_new(reader->config, kind, name, reader->line);
    g_ptr_array_add(reader->all_named, reader->named);
    return true;
}

static bool read_header(Reader *reader, char *line, GError **error)
{
    gsize length = strlen(line);
    if (line[length - 1] != ']')
        return fail(reader, CONFIG_ERROR_SYNTAX, error, "a section is written [name]");
    line[length - 1] = '\0';
    const char *name = g_strstrip(line + 1);
    gsize first = strcspn(name, " \t");
    for (gsize i = 0; i < config_n_keys; i++) {
        const ConfigKey *key = &config_keys[i];
        bool is_it = strlen(key->section) == first && strncmp(key->section, name, first) == 0;
        if (!is_it || (name[first] && !key->is_named))
            continue;
        reader->section = key->section;
        reader->named = NULL;
        return !key->is_named ||
               open_named(reader, key->section, name + first + strspn(name + first, " \t"), error);
    }
    return fail_unknown_section(reader, name, error);
}

static bool fail_twice(const Reader *reader, const ConfigKey *key, guint line, GError **error)
{
    g_autofree char *section = shown_open(reader);
    return fail(reader, CONFIG_ERROR_SYNTAX, error, "[%s] %s stands already on line %u", section,
                key->key, line);
}

static bool read_assignment(Reader *reader, char *line, GError **error)
{
    char *equals = strchr(line, '=');
    if (!equals)
        return fail(reader, CONFIG_ERROR_SYNTAX, error,
                    "'%s' is neither [section] nor key = value nor # comment", line);
    if (!reader->section)
        return fail(reader, CONFIG_ERROR_SYNTAX, error, "a key must stand below a [section]");
    *equals = '\0';
    const char *name = g_strstrip(line), *value = g_strstrip(equals + 1);
    const ConfigKey *key = key_find(reader->section, name);
    if (!key)
        return fail_unknown_key(reader, name, error);
    guint *lines = reader->named ? reader->named->lines : reader->lines;
    gpointer record = reader->named ? reader->named->record : reader->config;
    guint *line_of_key = &lines[key - config_keys];
    if (*line_of_key)
        return fail_twice(reader, key, *line_of_key, error);
    *line_of_key = reader->line;
    if (!config_read(key, value, reader->folder, record))
        return fail_value(reader, key, value, error);
    return true;
}

static bool read_lines(Reader *reader, char *text, GError **error)
{
    while (text) {
        char *end = strchr(text, '\n');
        if (end)
            *end = '\0';
        reader->line++;
        char *line = g_strstrip(text);
        text = end ? end + 1 : NULL;
        if (!*line || *line == '#' || *line == ';')
            continue;
        if (*line == '[' ? !read_header(reader, line, error)
                         : !read_assignment(reader, line, error))
            return false;
    }
    reader->line = 0;
    reader->named = NULL;
    return true;
}

static bool read_file(Reader *reader, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) problem = NULL;
    const char *invalid = NULL;
    gsize length = 0;
    if (!g_file_get_contents(reader->file, &text, &length, &problem)) {
        g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_UNREADABLE, problem->message);
        return false;
    }
    if (length > LONGEST_FILE)
        return fail(reader, CONFIG_ERROR_UNREADABLE, error,
                    "longer than 1 MiB, this is no configuration");
    if (!g_utf8_validate_len(text, length, &invalid)) {
        for (const char *c = text; c < invalid; c++)
            reader->line += *c == '\n';
        reader->line++;
        return fail(reader, CONFIG_ERROR_SYNTAX, error, "not valid UTF-8");
    }
    const char *byte_order_mark = "\xef\xbb\xbf";
    return read_lines(reader, g_str_has_prefix(text, byte_order_mark) ? text + 3 : text, error);
}

/* --- the environment --- */

static char *environment_name(const char *section, const char *key)
{
    g_autofree char *name = g_strconcat("SPORTELLO_", section, "_", key, NULL);
    return g_ascii_strup(name, -1);
}

static bool read_environment(Reader *reader, GError **error)
{
    for (gsize i = 0; i < config_n_keys; i++) {
        const ConfigKey *key = &config_keys[i];
        g_autofree char *name = environment_name(key->section, key->key);
        const char *value = key->is_named ? NULL : g_getenv(name);
        if (!value)
            continue;
        reader->lines[i] = IN_ENVIRONMENT;
        if (config_read(key, value, reader->folder, reader->config))
            continue;
        g_autofree char *allowed = config_allowed(key);
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "environment: %s=%s: must be %s", name,
                    value, allowed);
        return false;
    }
    return true;
}

/* Names such as SPORTELLO_SERVER_WORKER: meant for a section, but no key of it. */
static bool refuse_unknown_environment(GError **error)
{
    g_auto(GStrv) names = g_listenv();
    for (GStrv name = names; *name; name++) {
        bool is_of_section = false, is_key = false;
        for (gsize i = 0; i < config_n_keys; i++) {
            g_autofree char *prefix = environment_name(config_keys[i].section, "");
            g_autofree char *known = environment_name(config_keys[i].section, config_keys[i].key);
            is_of_section |= g_str_has_prefix(*name, prefix);
            is_key |= !config_keys[i].is_named && g_str_equal(*name, known);
        }
        if (!is_of_section || is_key)
            continue;
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_UNKNOWN,
                    "environment: %s is no key of the configuration", *name);
        return false;
    }
    return true;
}

/* --- the whole --- */

/* After file and environment: a default that does not fit (a socket below a long path) matters only
 * when it is used. */
static bool read_defaults(Reader *reader, GError **error)
{
    for (gsize i = 0; i < config_n_keys; i++) {
        const ConfigKey *key = &config_keys[i];
        if (key->is_named || reader->lines[i] || !key->fallback)
            continue;
        if (!config_read(key, key->fallback, reader->folder, reader->config))
            return fail_value(reader, key, key->fallback, error);
    }
    return true;
}

static bool read_named_defaults(Reader *reader, GError **error)
{
    for (guint n = 0; n < reader->all_named->len; n++) {
        const ConfigSection *section = g_ptr_array_index(reader->all_named, n);
        for (gsize i = 0; i < config_n_keys; i++) {
            const ConfigKey *key = &config_keys[i];
            if (!g_str_equal(key->section, section->kind) || section->lines[i] || !key->fallback)
                continue;
            if (!config_read(key, key->fallback, reader->folder, section->record))
                return fail_value(reader, key, key->fallback, error);
        }
    }
    return true;
}

static char *url_of_listen(const Config *config)
{
    const char *host = config->listen_address;
    g_assert(host); /* has a default */
    if (g_str_equal(host, "0.0.0.0") || g_str_equal(host, "::"))
        host = "localhost";
    bool is_ipv6 = strchr(host, ':') != NULL;
    return g_strdup_printf("%s://%s%s%s:%u", config->tls_certificate ? "https" : "http",
                           is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", config->listen_port);
}

static bool check_pair(Reader *reader, const char *section, const char *has, const char *lacks,
                       GError **error)
{
    reader->line = reader->lines[key_find(section, has) - config_keys];
    return fail(reader, CONFIG_ERROR_VALUE, error, "[%s] %s needs %s too", section, has, lacks);
}

static bool check_together(Reader *reader, GError **error)
{
    const Config *config = reader->config;
    if (config->tls_certificate && !config->tls_key)
        return check_pair(reader, "server", "tls_certificate", "tls_key", error);
    if (config->tls_key && !config->tls_certificate)
        return check_pair(reader, "server", "tls_key", "tls_certificate", error);
    if (config->incoming && !config->incoming_office)
        return check_pair(reader, "mail", "incoming", "incoming_office", error);
    if (config->turn_urls && *config->turn_urls && !config->turn_secret_file)
        return check_pair(reader, "room", "turn_urls", "turn_secret_file", error);
    return true;
}

static bool check_named(Reader *reader, GError **error)
{
    for (guint i = 0; i < reader->all_named->len; i++) {
        const ConfigSection *section = g_ptr_array_index(reader->all_named, i);
        const char *name = NULL;
        g_autofree char *problem = config_section_problem(reader->config, section, &name);
        if (!problem)
            continue;
        const ConfigKey *key = name ? key_find(section->kind, name) : NULL;
        reader->line = key ? section->lines[key - config_keys] : section->line;
        return fail(reader, CONFIG_ERROR_VALUE, error, "[%s %s] %s", section->kind, section->name,
                    problem);
    }
    return true;
}

static bool read_all(Reader *reader, GError **error)
{
    return read_file(reader, error) && refuse_unknown_environment(error) &&
           read_environment(reader, error) && read_defaults(reader, error) &&
           read_named_defaults(reader, error) && check_together(reader, error) &&
           check_named(reader, error);
}

Config *config_load(const char *file, GError **error)
{
    g_autoptr(GArray) lines = g_array_sized_new(FALSE, TRUE, sizeof(guint), (guint)config_n_keys);
    g_autofree char *absolute = g_canonicalize_filename(file, NULL);
    g_autofree char *folder = g_path_get_dirname(absolute);
    Config *config = g_new0(Config, 1);
    g_autoptr(GPtrArray) named =
        g_ptr_array_new_with_free_func((GDestroyNotify)(void (*)(void))config_section_free);
    config->mailboxes = g_ptr_array_new_with_free_func(config_mailbox_free);
    config->smtp = g_ptr_array_new_with_free_func(config_smtp_free);
    g_array_set_size(lines, (guint)config_n_keys);
    Reader reader = {.file = file,
                     .folder = folder,
                     .config = config,
                     .all_named = named,
                     .lines = (guint *)(gpointer)lines->data};
    config->file = g_strdup(file);
    if (!read_all(&reader, error)) {
        config_free(config);
        return NULL;
    }
    if (!config->public_url)
        config->public_url = url_of_listen(config);
    return config;
}

bool config_listen_at(Config *config, const char *text)
{
    for (gsize i = 0; i < config_n_keys; i++)
        if (config_keys[i].kind == CONFIG_LISTEN) {
            if (!config_read(&config_keys[i], text, "", config))
                return false;
            g_free(config->public_url);
            config->public_url = url_of_listen(config);
            return true;
        }
    g_assert_not_reached();
}

const ConfigSmtp *config_smtp_for(const Config *config, const char *office_slug, bool pec)
{
    const ConfigSmtp *of_all = NULL;
    for (guint i = 0; config->smtp && i < config->smtp->len; i++) {
        const ConfigSmtp *smtp = g_ptr_array_index(config->smtp, i);
        if (smtp->pec != pec)
            continue;
        if (smtp->office && g_strcmp0(smtp->office, office_slug) == 0)
            return smtp;
        if (!smtp->office && !of_all)
            of_all = smtp;
    }
    return of_all;
}

/* --- the reference --- */

static void append_comment(GString *out, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    gsize column = 0;
    for (GStrv word = words; *word; word++) {
        if (column == 0 || column + 1 + strlen(*word) > COMMENT_WIDTH) {
            g_string_append(out, column ? "\n#" : "#");
            column = 1;
        }
        g_string_append_printf(out, " %s", *word);
        column += 1 + strlen(*word);
    }
    g_string_append_c(out, '\n');
}

char *config_reference(void)
{
    GString *out = g_string_new(NULL);
    const char *section = NULL;
    for (gsize i = 0; i < config_n_keys; i++) {
        const ConfigKey *key = &config_keys[i];
        const char *mark = key->is_named ? ";" : ""; /* it stands only where it is needed */
        if (g_strcmp0(section, key->section))
            g_string_append_printf(out, "%s%s[%s]\n", section ? "\n" : "", mark, shown(key));
        section = key->section;
        g_autofree char *allowed = config_allowed(key);
        g_autofree char *comment = g_strdup_printf("%s Allowed: %s.", key->help, allowed);
        append_comment(out, comment);
        g_string_append_printf(out, "%s%s =%s%s\n", mark, key->key, key->fallback ? " " : "",
                               key->fallback ? key->fallback : "");
    }
    return g_string_free(out, FALSE);
}
