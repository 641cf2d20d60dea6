/* bookings-direct.c - the most that SQLite can do on this disk: the rows of a confirmed booking,
 * written straight, 32 bookings a commit.
 *
 * `bookings-direct DB N` makes the database (which must not exist), N requests that wait in it,
 * books them and prints the bookings a second. Same schema, same settings of the connection and
 * same rows as POST /scrivania/r/{code}/conferma (appointment with its cells, participant, letter
 * of 8 KB, two audit rows, the request), but no HTTP, no session, no letter composed, no check
 * before the write: what the server reaches is told as a part of this.
 */
#include "base/token.h"
#include "store/migrate.h"
#include <glib.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OFFICES 60
#define GROUP 32
#define FIRST_REQUEST 100000
#define FIRST_START G_GINT64_CONSTANT(1606176000)
#define SLOT_S 1200
#define TEXT_BYTES 950
#define LETTER_BYTES 8180

typedef enum {
    BEGIN,
    REQUEST,
    APPOINTMENT,
    PARTICIPANT,
    AUDIT_REQUEST,
    AUDIT_APPOINTMENT,
    LETTER,
    CONTENT,
    COMMIT,
    STATEMENTS
} Statement;

static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [REQUEST] = "UPDATE request SET state = 'booked', updated_at = ?2, version = version + 1, "
                "answered_how = 'video', closed_at = 0, decided_at = ?2 "
                "WHERE id = ?1 AND state = 'new' AND version = 1",
    [APPOINTMENT] = "INSERT INTO appointment (id, organisation_id, office_id, request_id, number, "
                    "counter_id, starts_at, ends_at, buffer_ends_at, wall_date, wall_minute, zone, "
                    "state, uid, created_at) VALUES (?1, 1, ?2, ?3, 1, ?2, ?4, ?4 + 1200, "
                    "?4 + 1200, '2020-11-24', 600, 'Europe/Rome', 'booked', ?5, ?6)",
    [PARTICIPANT] = "INSERT INTO participant (id, appointment_id, person_id, role, name, email, "
                    "generation, token_hash) VALUES (?, ?, 1, 'citizen', 'Mario Rossi', "
                    "'mario.rossi@studio.example', 1, ?)",
    [AUDIT_REQUEST] =
        "INSERT INTO audit (organisation_id, office_id, request_id, officer_id, "
        "actor, at, action, from_state, to_state, detail) "
        "VALUES (1, ?, ?, 1, 'officer', ?, 'request_state', 'new', 'booked', 'video')",
    [AUDIT_APPOINTMENT] = "INSERT INTO audit (organisation_id, office_id, request_id, "
                          "appointment_id, officer_id, actor, at, action, to_state, detail) "
                          "VALUES (1, ?, ?, ?, 1, 'officer', ?, 'appointment_booked', 'booked', "
                          "'video')",
    [LETTER] = "INSERT INTO letter (id, office_id, request_id, appointment_id, kind, recipient, "
               "subject, message_id, state, sendable_at, created_at) VALUES (?1, ?2, ?3, ?4, "
               "'confirmation', 'mario.rossi@studio.example', 'Videochiamata confermata', ?5, "
               "'waiting', ?6 + 10, ?6)",
    [CONTENT] = "INSERT INTO letter_content (letter_id, text, bytes) VALUES (?, ?, ?)",
    [COMMIT] = "COMMIT",
};

typedef struct {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    guint8 letter[LETTER_BYTES];
    char text[TEXT_BYTES + 1];
} Bench;

static void check(Bench *bench, int code)
{
    if (code == SQLITE_OK || code == SQLITE_DONE)
        return;
    fprintf(stderr, "bookings-direct: %s\n", sqlite3_errmsg(bench->db));
    exit(1);
}

static void script(Bench *bench, const char *sql)
{
    check(bench, sqlite3_exec(bench->db, sql, NULL, NULL, NULL));
}

/* As writer_settings of src/store/sqlite.c. */
static void open_database(Bench *bench, const char *file)
{
    check(bench, sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0));
    check(bench,
          sqlite3_open_v2(file, &bench->db,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
    script(bench, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                  "PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 67108864;"
                  "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
                  "PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY;");
    for (guint i = 0; migrate_steps[i] != NULL; i++)
        script(bench, migrate_steps[i]);
}

static void fill(Bench *bench, gint64 bookings)
{
    g_autofree char *sql = g_strdup_printf(
        "BEGIN;"
        "INSERT INTO organisation (id, slug, name) VALUES (1, 'o', 'O');"
        "INSERT INTO office (id, organisation_id, slug, name, code_prefix) "
        "SELECT n + 1, 1, 'ufficio-' || n, 'Ufficio', 'EDI' FROM tick WHERE n < %d;"
        "INSERT INTO counter (id, office_id, number) SELECT id, id, 1 FROM office;"
        "INSERT INTO officer (id, organisation_id, email, name) VALUES (1, 1, 'a@b', 'A');"
        "INSERT INTO person (id, organisation_id, name, email) VALUES (1, 1, 'M', 'm@r');"
        "WITH RECURSIVE numbers (i) AS "
        "(SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < %" G_GINT64_FORMAT " - 1) "
        "INSERT INTO request (id, organisation_id, office_id, person_id, code, state, source, "
        "subject, practice, received_at, updated_at, promised_at) "
        "SELECT %d + i, 1, i %% %d + 1, 1, 'EDI-' || i, 'new', 'mail', "
        "'Videochiamata per il sottotetto', 'SCIA 214/2026', 1606176000, 0, 0 FROM numbers;"
        "COMMIT; PRAGMA wal_checkpoint (TRUNCATE);",
        OFFICES, bookings, FIRST_REQUEST, OFFICES);
    script(bench, sql);
    for (guint i = 0; i < STATEMENTS; i++)
        check(bench, sqlite3_prepare_v3(bench->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                        &bench->statements[i], NULL));
    memset(bench->letter, 'x', LETTER_BYTES);
    memset(bench->text, 'x', TEXT_BYTES);
}

static void run(Bench *bench, Statement statement)
{
    check(bench, sqlite3_step(bench->statements[statement]));
    check(bench, sqlite3_reset(bench->statements[statement]));
}

static void bind(Bench *bench, Statement statement, int index, gint64 number)
{
    check(bench, sqlite3_bind_int64(bench->statements[statement], index, number));
}

static void bind_text(Bench *bench, Statement statement, int index, const char *text)
{
    check(bench, sqlite3_bind_text(bench->statements[statement], index, text, -1, SQLITE_STATIC));
}

static void write_appointment(Bench *bench, gint64 appointment_id, gint64 request_id,
                              gint64 office_id, gint64 starts_at, gint64 at)
{
    char uid[64], token[TOKEN_LENGTH + 1], seat[65];
    token_random(token);
    g_snprintf(uid, sizeof uid, "%s@comune.example", token);
    token_random(token);
    if (!token_hash(token, seat))
        g_error("no hash of %s", token);
    bind(bench, APPOINTMENT, 1, appointment_id);
    bind(bench, APPOINTMENT, 2, office_id);
    bind(bench, APPOINTMENT, 3, request_id);
    bind(bench, APPOINTMENT, 4, starts_at);
    bind_text(bench, APPOINTMENT, 5, uid);
    bind(bench, APPOINTMENT, 6, at);
    run(bench, APPOINTMENT);
    bind(bench, PARTICIPANT, 1, token_new_id());
    bind(bench, PARTICIPANT, 2, appointment_id);
    bind_text(bench, PARTICIPANT, 3, seat);
    run(bench, PARTICIPANT);
}

static void write_letter(Bench *bench, gint64 appointment_id, gint64 request_id, gint64 office_id,
                         gint64 at)
{
    gint64 id = token_new_id();
    char message_id[64];
    g_snprintf(message_id, sizeof message_id, "%" G_GINT64_FORMAT "@comune.example", id);
    bind(bench, LETTER, 1, id);
    bind(bench, LETTER, 2, office_id);
    bind(bench, LETTER, 3, request_id);
    bind(bench, LETTER, 4, appointment_id);
    bind_text(bench, LETTER, 5, message_id);
    bind(bench, LETTER, 6, at);
    run(bench, LETTER);
    bind(bench, CONTENT, 1, id);
    bind_text(bench, CONTENT, 2, bench->text);
    check(bench, sqlite3_bind_blob(bench->statements[CONTENT], 3, bench->letter, LETTER_BYTES,
                                   SQLITE_STATIC));
    run(bench, CONTENT);
}

static void book(Bench *bench, gint64 number)
{
    gint64 request_id = FIRST_REQUEST + number, office_id = number % OFFICES + 1;
    gint64 appointment_id = token_new_id(), at = FIRST_START - 86400;
    bind(bench, REQUEST, 1, request_id);
    bind(bench, REQUEST, 2, at);
    run(bench, REQUEST);
    bind(bench, AUDIT_REQUEST, 1, office_id);
    bind(bench, AUDIT_REQUEST, 2, request_id);
    bind(bench, AUDIT_REQUEST, 3, at);
    run(bench, AUDIT_REQUEST);
    write_appointment(bench, appointment_id, request_id, office_id,
                      FIRST_START + number / OFFICES * SLOT_S, at);
    bind(bench, AUDIT_APPOINTMENT, 1, office_id);
    bind(bench, AUDIT_APPOINTMENT, 2, request_id);
    bind(bench, AUDIT_APPOINTMENT, 3, appointment_id);
    bind(bench, AUDIT_APPOINTMENT, 4, at);
    run(bench, AUDIT_APPOINTMENT);
    write_letter(bench, appointment_id, request_id, office_id, at);
}

static double book_all(Bench *bench, gint64 bookings)
{
    gint64 began = g_get_monotonic_time();
    for (gint64 number = 0; number < bookings; number++) {
        if (number % GROUP == 0)
            run(bench, BEGIN);
        book(bench, number);
        if (number % GROUP == GROUP - 1 || number == bookings - 1)
            run(bench, COMMIT);
    }
    return (double)(g_get_monotonic_time() - began) / 1e6;
}

int main(int argc, char **argv)
{
    gint64 bookings = argc == 3 ? g_ascii_strtoll(argv[2], NULL, 10) : 0;
    if (bookings <= 0 || g_file_test(argv[1], G_FILE_TEST_EXISTS)) {
        fputs("usage: bookings-direct DB N (DB must not exist)\n", stderr);
        return 2;
    }
    g_autofree Bench *bench = g_new0(Bench, 1);
    open_database(bench, argv[1]);
    fill(bench, bookings);
    double seconds = book_all(bench, bookings);
    printf("%.0f bookings/s, %d a commit\n", (double)bookings / seconds, GROUP);
    for (guint i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(bench->statements[i]);
    sqlite3_close(bench->db);
    return 0;
}
