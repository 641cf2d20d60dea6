#include "fixture.h"
#include "store/migrate.h"
#include <glib/gstdio.h>
#include <unistd.h>

static void add_officers(Fixture *fixture)
{
    Officer anna = {.organisation_id = ORGANISATION_ID,
                    .email = (char *)"anna@comune.example",
                    .name = (char *)"Anna Verdi"};
    Officer bruno = {.organisation_id = ORGANISATION_ID,
                     .email = (char *)"bruno@comune.example",
                     .name = (char *)"Bruno Neri"};
    g_assert_true(officer_upsert(fixture->db, &anna, NULL));
    g_assert_true(officer_upsert(fixture->db, &bruno, NULL));
    fixture->officer_id = anna.id;
    fixture->other_officer_id = bruno.id;
    fixture->officer = (Actor){ACTOR_OFFICER, anna.id, MONDAY, NULL};
    fixture->citizen = (Actor){ACTOR_CITIZEN, 0, MONDAY, NULL};
}

static void add_office(Fixture *fixture)
{
    organisation_defaults(&fixture->organisation);
    fixture->organisation.slug = (char *)"esempio";
    fixture->organisation.name = (char *)"Comune di Esempio";
    g_assert_true(organisation_upsert(fixture->db, &fixture->organisation, NULL));
    office_defaults(&fixture->office);
    fixture->office.organisation_id = ORGANISATION_ID;
    fixture->office.slug = (char *)"edilizia";
    fixture->office.name = (char *)"Edilizia privata";
    fixture->office.code_prefix = (char *)"EDI";
    g_assert_true(office_upsert(fixture->db, &fixture->office, NULL));
}

void fixture_open(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    GError *error = NULL;
    fixture->folder = g_dir_make_tmp("store-XXXXXX", NULL);
    fixture->file = g_build_filename(fixture->folder, "sportello.db", NULL);
    fixture->next_id = 1000;
    g_assert_true(db_make_file(fixture->file, &error));
    fixture->db = db_open(fixture->file, DB_WRITER, &error);
    g_assert_no_error(error);
    g_assert_true(db_script(fixture->db, "PRAGMA synchronous = OFF", &error));
    g_assert_true(migrate(fixture->db, migrate_steps, &error));
    g_assert_no_error(error);
    add_office(fixture);
    add_officers(fixture);
    Person rossi = {.id = 1,
                    .organisation_id = ORGANISATION_ID,
                    .name = (char *)"Mario Rossi",
                    .email = (char *)"Mario.Rossi@studio.example",
                    .language = (char *)"it"};
    g_assert_true(person_find_or_make(fixture->db, &rossi, &fixture->person_id, NULL));
}

void fixture_close(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    db_close(fixture->db);
    GDir *folder = g_dir_open(fixture->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(folder)) != NULL;) {
        g_autofree char *file = g_build_filename(fixture->folder, name, NULL);
        g_unlink(file);
    }
    g_dir_close(folder);
    g_rmdir(fixture->folder);
    g_free(fixture->file);
    g_free(fixture->folder);
}

gint64 fixture_id(Fixture *fixture)
{
    return fixture->next_id++;
}

gint64 fixture_request(Fixture *fixture)
{
    gint64 id = fixture_id(fixture);
    g_autofree char *code = g_strdup_printf("EDI-%" G_GINT64_FORMAT, id);
    Request request = {.id = id,
                       .organisation_id = ORGANISATION_ID,
                       .office_id = OFFICE_ID,
                       .person_id = fixture->person_id,
                       .code = code,
                       .subject = (char *)"Richiesta",
                       .received_at = MONDAY};
    GError *error = NULL;
    g_assert_true(request_create(fixture->db, &request, &fixture->citizen, &error));
    g_assert_no_error(error);
    return id;
}

AppointmentTime fixture_time(gint64 starts_at, gint minutes, gint buffer_min)
{
    gint64 ends_at = starts_at + (gint64)minutes * 60;
    return (AppointmentTime){
        .starts_at = starts_at,
        .ends_at = ends_at,
        .buffer_ends_at = ends_at + (gint64)buffer_min * 60,
        .wall_date = "2020-11-24",
        .wall_minute = 600,
        .zone = "Europe/Rome",
    };
}

gint64 fixture_book(Fixture *fixture, const AppointmentTime *time, gint64 officer_id,
                    GError **error)
{
    gint64 id = fixture_id(fixture);
    g_autofree char *uid = g_strdup_printf("%" G_GINT64_FORMAT "@esempio", id);
    Appointment appointment = {.id = id,
                               .organisation_id = ORGANISATION_ID,
                               .office_id = OFFICE_ID,
                               .request_id = fixture_request(fixture),
                               .officer_id = officer_id,
                               .uid = uid};
    bool ok = db_begin(fixture->db, true, error) &&
              appointment_book(fixture->db, &appointment, time, NULL, &fixture->officer, error) &&
              db_commit(fixture->db, error);
    db_rollback(fixture->db);
    return ok ? id : 0;
}

gint64 fixture_letter(Fixture *fixture, gint64 request_id, gint64 sendable_at)
{
    gint64 id = fixture_id(fixture);
    g_autofree char *message_id = g_strdup_printf("%" G_GINT64_FORMAT "@esempio", id);
    g_autoptr(GBytes) content = g_bytes_new_static("Subject: x\r\n\r\nciao\r\n", 20);
    Letter letter = {.id = id,
                     .office_id = OFFICE_ID,
                     .request_id = request_id,
                     .kind = (char *)"receipt",
                     .recipient = (char *)"mario.rossi@studio.example",
                     .subject = (char *)"x",
                     .message_id = message_id,
                     .text = (char *)"ciao",
                     .content = content,
                     .sendable_at = sendable_at,
                     .created_at = MONDAY + 1};
    GError *error = NULL;
    g_assert_true(letter_add(fixture->db, &letter, &error));
    g_assert_no_error(error);
    return id;
}

gint64 fixture_number(Fixture *fixture, const char *sql)
{
    GError *error = NULL;
    gint64 number = 0;
    g_assert_true(db_number(fixture->db, &number, &error, sql, ""));
    g_assert_no_error(error);
    return number;
}

/* g_assert_cmpmem of GLib 2.74 counts in int. */
void fixture_assert_bytes(GBytes *bytes, const void *expected, gsize length)
{
    g_autoptr(GBytes) wanted = g_bytes_new(expected, length);
    g_assert_cmpuint(g_bytes_get_size(bytes), ==, length);
    g_assert_true(g_bytes_equal(bytes, wanted));
}

Store *fixture_store(Fixture *fixture)
{
    GError *error = NULL;
    Store *store = store_open(fixture->file, false, &error);
    g_assert_no_error(error);
    return store;
}

gint64 fixture_read(Store *store, const char *sql)
{
    Db *db = store_reader(store);
    gint64 number = -1;
    g_assert_true(db_number(db, &number, NULL, sql, ""));
    store_reader_done(store, db);
    return number;
}
