/* installation.c - see installation.h. */
#include "installation.h"
#include "base/token.h"

#include <glib/gstdio.h>
#include <string.h>

static bool make_office(Db *db, gpointer data, GError **error)
{
    Installation *installation = data;
    Organisation organisation = {0};
    organisation_defaults(&organisation);
    organisation.slug = (char *)"esempio";
    organisation.name = (char *)"Comune di Esempio";
    organisation.zone = (char *)"Europe/Rome";
    organisation.language = (char *)"it";
    if (!organisation_upsert(db, &organisation, error))
        return false;
    Office office = {0};
    office_defaults(&office);
    office.organisation_id = organisation.id;
    office.slug = (char *)"edilizia";
    office.name = (char *)"Edilizia privata";
    office.address = (char *)"appuntamentiedilizia@comune.esempio.example";
    office.own_addresses = (char *)"appuntamentiedilizia@pec.comune.esempio.example "
                                   "sportello@pec.comune.esempio.example";
    office.own_domains = (char *)"sportello.comune.esempio.example";
    office.code_prefix = (char *)"EDI";
    if (!office_upsert(db, &office, error))
        return false;
    installation->office = office;
    return true;
}

static char *in(const Installation *installation, const char *name)
{
    return g_build_filename(installation->folder, name, NULL);
}

void installation_open(Installation *installation, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    installation->folder = g_dir_make_tmp("sportello-mail-XXXXXX", &error);
    g_assert_no_error(error);
    installation->config = (Config){
        .database = in(installation, "sportello.db"),
        .socket = in(installation, "deliver.socket"),
        .upload_folder = in(installation, "uploads"),
        .incoming = in(installation, "incoming"),
        .incoming_office = g_strdup("edilizia"),
        .outgoing = in(installation, "outgoing"),
        .max_message = 4 * 1024 * 1024,
    };
    installation->store = store_open(installation->config.database, true, &error);
    g_assert_no_error(error);
    installation->clock = clock_new();
    store_write(installation->store, make_office, installation, &error);
    g_assert_no_error(error);
}

static void remove_all(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    for (const char *name; folder && (name = g_dir_read_name(folder));) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        remove_all(inner);
    }
    g_remove(path);
}

void installation_close(Installation *installation, gconstpointer unused)
{
    (void)unused;
    g_clear_pointer(&installation->store, store_close);
    g_clear_pointer(&installation->clock, clock_free);
    g_free(installation->config.database);
    g_free(installation->config.socket);
    g_free(installation->config.upload_folder);
    g_free(installation->config.incoming);
    g_free(installation->config.incoming_office);
    g_free(installation->config.outgoing);
    remove_all(installation->folder);
    g_free(installation->folder);
}

typedef struct {
    Installation *installation;
    Person person;
    Request request;
    Letter letter;
} Making;

static bool make_request(Db *db, gpointer data, GError **error)
{
    Making *making = data;
    Actor actor = {.kind = ACTOR_CITIZEN, .at = 1};
    return person_find_or_make(db, &making->person, &making->request.person_id, error) &&
           request_create(db, &making->request, &actor, error);
}

gint64 installation_request(Installation *installation, const char *email, char **code)
{
    const Office *office = &installation->office;
    *code = token_request_code(office->code_prefix);
    Making making = {
        .person = {.id = token_new_id(),
                   .organisation_id = office->organisation_id,
                   .email = (char *)email},
        .request = {.id = token_new_id(),
                    .organisation_id = office->organisation_id,
                    .office_id = office->id,
                    .code = *code,
                    .subject = (char *)"prova",
                    .received_at = 1},
    };
    g_autoptr(GError) error = NULL;
    store_write(installation->store, make_request, &making, &error);
    g_assert_no_error(error);
    return making.request.id;
}

static bool make_letter(Db *db, gpointer data, GError **error)
{
    return letter_add(db, data, error);
}

gint64 installation_letter(Installation *installation, gint64 request_id, const char *message_id,
                           gint64 sendable_at)
{
    g_autoptr(GBytes) content = g_bytes_new_static("Subject: lettera\r\n\r\nciao\r\n", 26);
    Letter letter = {
        .id = token_new_id(),
        .office_id = installation->office.id,
        .request_id = request_id,
        .kind = (char *)"answer",
        .recipient = (char *)"a@b.example",
        .subject = (char *)"lettera",
        .message_id = (char *)message_id,
        .text = (char *)"ciao",
        .content = content,
        .sendable_at = sendable_at,
        .created_at = 1000,
    };
    g_autoptr(GError) error = NULL;
    store_write(installation->store, make_letter, &letter, &error);
    g_assert_no_error(error);
    return letter.id;
}

Message *installation_message(Installation *installation, gint64 id)
{
    g_autoptr(GError) error = NULL;
    Db *db = store_reader(installation->store);
    Message *message = message_find(db, id, &error);
    store_reader_done(installation->store, db);
    g_assert_no_error(error);
    return message;
}

Letter *installation_find_letter(Installation *installation, gint64 id)
{
    g_autoptr(GError) error = NULL;
    Db *db = store_reader(installation->store);
    Letter *letter = letter_find(db, id, &error);
    store_reader_done(installation->store, db);
    g_assert_no_error(error);
    return letter;
}

char *installation_raw(Installation *installation, gint64 id, gsize *length)
{
    g_autoptr(GError) error = NULL;
    Db *db = store_reader(installation->store);
    g_autoptr(GBytes) bytes = message_raw(db, id, &error);
    store_reader_done(installation->store, db);
    g_assert_no_error(error);
    const char *data = g_bytes_get_data(bytes, length);
    char *copy = g_malloc0(*length + 1);
    if (*length)
        memcpy(copy, data, *length);
    return copy;
}

guint installation_waiting(Installation *installation)
{
    Db *db = store_reader(installation->store);
    g_autoptr(GArray) ids = message_waiting(db, 1000, NULL);
    store_reader_done(installation->store, db);
    g_assert_nonnull(ids);
    return ids->len;
}

static gint by_name(gconstpointer one, gconstpointer other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

GPtrArray *installation_files(const char *maildir, const char *part)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *path = g_build_filename(maildir, part, NULL);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    for (const char *name; folder && (name = g_dir_read_name(folder));)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, by_name);
    return names;
}

void wait_until(gboolean (*done)(gpointer data), gpointer data)
{
    for (guint i = 0; i < 1000; i++) {
        if (done(data))
            return;
        g_usleep(10000);
    }
    g_error("it did not happen within ten seconds");
}
