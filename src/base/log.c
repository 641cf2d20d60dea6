/* log.c - where log lines go (see log.h): stderr, one write for each, so that threads and the
 * parser's child never mix their lines.
 */
#include "base/log.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

static GLogLevelFlags wanted = G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING |
                               G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO;

static const struct {
    const char *name;
    GLogLevelFlags levels;
} levels[] = {
    {"error", G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL},
    {"warning", G_LOG_LEVEL_WARNING},
    {"info", G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO},
    {"debug", G_LOG_LEVEL_DEBUG},
};

static const char *level_name(GLogLevelFlags level)
{
    for (gsize i = 0; i < G_N_ELEMENTS(levels); i++)
        if (levels[i].levels & level)
            return levels[i].name;
    return "debug";
}

static const char *field(const GLogField *fields, gsize n_fields, const char *key, gssize *length)
{
    for (gsize i = 0; i < n_fields; i++) {
        if (!g_str_equal(fields[i].key, key))
            continue;
        *length = fields[i].length;
        return fields[i].value;
    }
    *length = 0;
    return "";
}

static void append_time(GString *line)
{
    char text[sizeof "2026-11-24T09:00:00"];
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    g_string_append_printf(line, "%s.%03ldZ", text, now.tv_nsec / 1000000);
}

/* Whatever could end a line, move the cursor of a terminal or is no UTF-8 becomes a question mark:
 * what comes from outside must not be able to write lines of its own. */
static void append_printable(GString *line, const char *message, gssize length)
{
    g_autofree char *valid = g_utf8_make_valid(message, length);
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        bool is_plain = !g_unichar_iscntrl(c) && c != 0x2028 && c != 0x2029;
        g_string_append_unichar(line, is_plain ? c : '?');
    }
}

static GLogWriterOutput write_line(GLogLevelFlags level, const GLogField *fields, gsize n_fields,
                                   gpointer data)
{
    (void)data;
    level &= G_LOG_LEVEL_MASK;
    if (!(level & wanted))
        return G_LOG_WRITER_HANDLED;
    gssize length;
    const char *message = field(fields, n_fields, "MESSAGE", &length);
    g_autoptr(GString) line = g_string_sized_new(256);
    append_time(line);
    g_string_append_printf(line, " level=%s ", level_name(level));
    append_printable(line, message, length);
    g_string_append_c(line, '\n');
    gssize written = write(STDERR_FILENO, line->str, line->len);
    return written < 0 ? G_LOG_WRITER_UNHANDLED : G_LOG_WRITER_HANDLED;
}

bool log_open(const char *level)
{
    static gsize is_set = 0;
    GLogLevelFlags chosen = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(levels); i++) {
        chosen |= levels[i].levels;
        if (!g_str_equal(levels[i].name, level))
            continue;
        wanted = chosen;
        if (g_once_init_enter(&is_set)) { /* GLib takes one writer for the life of the process */
            g_log_set_writer_func(write_line, NULL, NULL);
            g_once_init_leave(&is_set, 1);
        }
        return true;
    }
    return false;
}
