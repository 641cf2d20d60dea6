/* intake.c - the thread between what was stored and what the desk sees.
 *
 * It waits for the Maildir and for its wake, reads each stored message in the sandbox, and files
 * it. Whatever a message does, the next one has its turn: one that cannot be filed is set aside for
 * a while, a store that says no makes a pause, and the row stays stored until it has been filed.
 */
#include "mail/intake_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define AT_ONCE 64
#define IDLE_MS 60000
#define STORE_PAUSE_MS 5000
#define TRIES_MOST 3
#define SET_ASIDE_MS ((gint64)10 * 60 * 1000)
#define RAW_TEXT_MOST                                                                              \
    ((gsize)64 * 1024) /* of a message nobody could read, for the officer's eyes */

struct Intake {
    IntakeSettings settings;
    IntakeWatch *watch; /* NULL: no Maildir */
    int wake;           /* eventfd */
    atomic_bool stopping;
    GHashTable *troubles; /* message id -> Trouble * */
    GThread *thread;
};

/* A message that could not be filed although it was tried. */
typedef struct {
    guint tries;
    gint64 until_ms; /* set aside until then */
} Trouble;

/* --- reading one message ------------------------------------------------------------------- */

typedef struct {
    Message *row;
    Office *office;
    GArray *openings;
    GBytes *raw;
    MailMessage *mail;
    Arena *arena;
    char *raw_text;
} Material;

static void material_clear(Material *material)
{
    g_clear_pointer(&material->row, message_free);
    g_clear_pointer(&material->office, office_free);
    g_clear_pointer(&material->openings, g_array_unref);
    g_clear_pointer(&material->raw, g_bytes_unref);
    g_clear_pointer(&material->mail, mail_message_free);
    g_clear_pointer(&material->arena, arena_free);
    g_clear_pointer(&material->raw_text, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Material, material_clear)

static bool fetch(Store *store, gint64 message_id, Material *material, GError **error)
{
    Db *db = store_reader(store);
    material->row = message_find(db, message_id, error);
    if (material->row)
        material->office = office_find(db, material->row->office_id, error);
    if (material->office)
        material->openings = office_openings(db, material->office->id, error);
    if (material->openings)
        material->raw = message_raw(db, message_id, error);
    store_reader_done(store, db);
    return material->raw != NULL;
}

/* Printable, so that a person may read what no parser could. */
static char *printable(GBytes *raw)
{
    gsize length;
    const char *bytes = g_bytes_get_data(raw, &length);
    g_autofree char *valid =
        g_utf8_make_valid(bytes ? bytes : "", (gssize)MIN(length, RAW_TEXT_MOST));
    GString *text = g_string_new(NULL);
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '\n' || c == '\t' || !g_unichar_iscntrl(c))
            g_string_append_unichar(text, c);
    }
    return g_string_free(text, FALSE);
}

/* False only when it is worth another try. Nobody can read it: `mail` stays NULL. */
static bool parse(const Intake *intake, Material *material, GError **error)
{
    gsize length, answer_length;
    const guint8 *bytes = g_bytes_get_data(material->raw, &length);
    g_autoptr(GError) why = NULL;
    g_autofree char *answer =
        sandbox_run(intake->settings.sandbox, bytes, length, material->row->received_at,
                    &answer_length, &why);
    if (answer)
        material->mail = mail_message_from_json(answer, answer_length, &why);
    if (material->mail)
        return true;
    if (g_error_matches(why, SANDBOX_ERROR, SANDBOX_ERROR_GONE)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    g_warning("event=message_unreadable message=%" G_GINT64_FORMAT " error=\"%s\"",
              material->row->id, why->message);
    material->raw_text = printable(material->raw);
    return true;
}

static bool read_and_file(const Intake *intake, Material *material, const Actor *actor, bool forced,
                          IntakeFiled *filed, GError **error)
{
    if (!parse(intake, material, error))
        return false;
    material->arena = arena_new();
    IntakeCase mine = {
        .settings = &intake->settings,
        .office = material->office,
        .row = material->row,
        .mail = material->mail,
        .raw_text = material->raw_text,
        .actor = *actor,
        .forced = forced,
    };
    if (material->mail)
        mine.reading = intake_read(material->arena, material->mail, material->office,
                                   material->openings, actor->at);
    g_clear_pointer(&material->raw, g_bytes_unref); /* may be large; the rest needs it no more */
    return intake_file(&mine, filed, error);
}

static void tell(const Intake *intake, gint64 office_id, IntakeFiled *filed)
{
    const IntakeSettings *settings = &intake->settings;
    if (settings->changed) {
        settings->changed(office_id, filed->event, filed->code, settings->context);
        if (filed->is_listed)
            settings->changed(office_id, "other", NULL, settings->context);
    }
    if (filed->has_letter && settings->letter_waits)
        settings->letter_waits(settings->context);
}

static bool take_message(const Intake *intake, gint64 id, GError **error)
{
    g_auto(Material) material = {0};
    if (!fetch(intake->settings.store, id, &material, error))
        return false;
    if (material.row->state != MESSAGE_STORED)
        return true;
    Actor actor = {.kind = ACTOR_CITIZEN, .at = clock_now(intake->settings.clock)};
    IntakeFiled filed = {0};
    if (!read_and_file(intake, &material, &actor, false, &filed, error))
        return false;
    tell(intake, material.office->id, &filed);
    g_free(filed.code);
    return true;
}

/* --- all that wait ------------------------------------------------------------------------- */

static bool is_set_aside(const Intake *intake, gint64 id)
{
    const Trouble *trouble = g_hash_table_lookup(intake->troubles, &id);
    return trouble && trouble->tries >= TRIES_MOST &&
           clock_monotonic_ms(intake->settings.clock) < trouble->until_ms;
}

/* The message is not to blame: it keeps its turn. */
static bool is_everybodys(const GError *error)
{
    return g_error_matches(error, STORE_ERROR, STORE_ERROR_FULL) ||
           g_error_matches(error, STORE_ERROR, STORE_ERROR_BUSY) ||
           g_error_matches(error, SANDBOX_ERROR, SANDBOX_ERROR_GONE);
}

static void note_trouble(Intake *intake, gint64 id, const GError *error)
{
    if (is_everybodys(error)) {
        g_warning("event=intake_waits error=\"%s\"", error->message);
        return;
    }
    Trouble *trouble = g_hash_table_lookup(intake->troubles, &id);
    if (!trouble) {
        trouble = g_new0(Trouble, 1);
        g_hash_table_insert(intake->troubles, g_memdup2(&id, sizeof id), trouble);
    }
    trouble->tries++;
    trouble->until_ms = clock_monotonic_ms(intake->settings.clock) + SET_ASIDE_MS;
    g_warning("event=message_not_filed message=%" G_GINT64_FORMAT " tries=%u error=\"%s\"", id,
              trouble->tries, error->message);
}

/* Milliseconds until the next look. */
static gint take_waiting(Intake *intake)
{
    Store *store = intake->settings.store;
    guint most = AT_ONCE + g_hash_table_size(intake->troubles); /* those set aside hide nobody */
    for (bool some = true; some && !atomic_load(&intake->stopping);) {
        g_autoptr(GError) error = NULL;
        Db *db = store_reader(store);
        g_autoptr(GArray) ids = message_waiting(db, most, &error);
        store_reader_done(store, db);
        if (!ids) {
            g_warning("event=intake_failed error=\"%s\"", error->message);
            return STORE_PAUSE_MS;
        }
        some = false;
        for (guint i = 0; i < ids->len && !atomic_load(&intake->stopping); i++) {
            gint64 id = g_array_index(ids, gint64, i);
            if (is_set_aside(intake, id))
                continue;
            if (!take_message(intake, id, &error)) {
                note_trouble(intake, id, error);
                return STORE_PAUSE_MS;
            }
            g_hash_table_remove(intake->troubles, &id);
            some = true;
        }
    }
    return IDLE_MS;
}

static gpointer run(gpointer data)
{
    Intake *intake = data;
    while (!atomic_load(&intake->stopping)) {
        gint pause_ms = intake->watch ? intake_watch_take(intake->watch) : IDLE_MS;
        pause_ms = MIN(pause_ms, take_waiting(intake));
        struct pollfd fds[2] = {{intake->wake, POLLIN, 0}, {-1, POLLIN, 0}};
        if (intake->watch)
            fds[1].fd = intake_watch_fd(intake->watch);
        if (poll(fds, G_N_ELEMENTS(fds), pause_ms) > 0 && fds[0].revents) {
            eventfd_t count;
            eventfd_read(intake->wake, &count);
        }
    }
    return NULL;
}

/* --- its life ------------------------------------------------------------------------------ */

Intake *intake_start(const IntakeSettings *settings, GError **error)
{
    g_autoptr(GError) failure = NULL;
    IntakeWatch *watch =
        intake_watch_new(settings->config, settings->store, settings->clock, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    Intake *intake = g_new0(Intake, 1);
    intake->settings = *settings;
    intake->watch = watch;
    intake->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_init(&intake->stopping, false);
    intake->troubles = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    intake->thread = g_thread_new("intake", run, intake);
    return intake;
}

void intake_wake(Intake *intake)
{
    eventfd_write(intake->wake, 1);
}

void intake_stop(Intake *intake)
{
    if (!intake)
        return;
    atomic_store(&intake->stopping, true);
    intake_wake(intake);
    g_thread_join(intake->thread);
    intake_watch_free(intake->watch);
    g_hash_table_unref(intake->troubles);
    close(intake->wake);
    g_free(intake);
}

/* --- "È una richiesta" --------------------------------------------------------------------- */

char *intake_make_request(Intake *intake, gint64 message_id, const Actor *actor, GError **error)
{
    g_auto(Material) material = {0};
    if (!fetch(intake->settings.store, message_id, &material, error))
        return NULL;
    if (material.row->state == MESSAGE_STORED || !material.row->reason) {
        g_set_error_literal(error, STORE_ERROR, STORE_ERROR_TRANSITION,
                            "the message is no other mail");
        return NULL;
    }
    IntakeFiled filed = {0};
    if (!read_and_file(intake, &material, actor, true, &filed, error))
        return NULL;
    tell(intake, material.office->id, &filed);
    return filed.code;
}
