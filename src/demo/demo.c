/* demo.c - `sportello demo`: its folder, its configuration, its rows. What is there already stays
 * as it is. */
#include "demo/demo.h"
#include "base/token.h"
#include "mail/maildir.h"
#include "store/office.h"
#include "store/officer.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define PASSWORD_CHARS 12

/* --- files --- */

static char *config_text(const char *listen)
{
    return g_strdup_printf("# Written by `sportello demo`; every key stands in sportello.conf(5).\n"
                           "\n"
                           "[server]\n"
                           "listen = %s\n"
                           "\n"
                           "[data]\n"
                           "database = sportello.db\n"
                           "key_file = sportello.key\n"
                           "\n"
                           "[mail]\n"
                           "incoming = mail/incoming\n"
                           "incoming_office = " DEMO_OFFICE "\n"
                           "outgoing = mail/outgoing\n"
                           "subaddress = yes\n",
                           listen ? listen : "127.0.0.1:8080");
}

static bool make_folder(const char *folder, GError **error)
{
    if (g_mkdir_with_parents(folder, 0700) == 0)
        return true;
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno),
                "cannot make the folder %s: %s", folder, g_strerror(errno));
    return false;
}

static bool make_maildirs(const char *folder, GError **error)
{
    g_autofree char *mail = g_build_filename(folder, "mail", NULL);
    g_autofree char *incoming = g_build_filename(mail, "incoming", NULL);
    g_autofree char *outgoing = g_build_filename(mail, "outgoing", NULL);
    return make_folder(mail, error) && maildir_make(incoming, error) &&
           maildir_make(outgoing, error);
}

char *demo_make_files(const char *folder, const char *listen, GError **error)
{
    g_autofree char *file = g_build_filename(folder, "sportello.conf", NULL);
    g_autofree char *text = config_text(listen);
    if (!make_folder(folder, error) || !make_maildirs(folder, error))
        return NULL;
    if (!g_file_test(file, G_FILE_TEST_EXISTS) &&
        !g_file_set_contents_full(file, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error))
        return NULL;
    return g_steal_pointer(&file);
}

/* --- rows --- */

typedef struct {
    const char *password_hash; /* NULL: the officer keeps theirs */
    gint64 now;
} DemoRows;

static bool make_officer(Db *db, const DemoRows *rows, gint64 organisation_id, gint64 office_id,
                         GError **error)
{
    Officer officer = {.organisation_id = organisation_id,
                       .email = (char *)DEMO_OFFICER,
                       .name = (char *)DEMO_OFFICER_NAME,
                       .language = (char *)"it"};
    if (!officer_upsert(db, &officer, error) ||
        !officer_assign(db, officer.id, office_id, ROLE_ADMINISTRATOR, error))
        return false;
    return !rows->password_hash ||
           officer_set_password(db, officer.id, rows->password_hash, rows->now, error);
}

/* StoreJob. An office that is there keeps what its people have changed. */
static bool write_rows(Db *db, gpointer data, GError **error)
{
    g_autoptr(Office) known = office_find_by_slug(db, DEMO_OFFICE, NULL);
    if (known)
        return make_officer(db, data, known->organisation_id, known->id, error);
    Organisation organisation = {0};
    Office office = {0};
    OfficeService service = {0};
    g_autoptr(GArray) openings = demo_openings();
    demo_organisation_fill(&organisation);
    if (!organisation_upsert(db, &organisation, error))
        return false;
    demo_office_fill(&office);
    office.organisation_id = organisation.id;
    if (!office_upsert(db, &office, error))
        return false;
    demo_service_fill(&service);
    service.office_id = office.id;
    return office_service_upsert(db, &service, error) &&
           office_set_openings(db, office.id, openings, error) &&
           make_officer(db, data, organisation.id, office.id, error);
}

static bool has_officer(Store *store)
{
    Db *db = store_reader(store);
    g_autoptr(Officer) officer = officer_find_by_email(db, DEMO_OFFICER, NULL);
    store_reader_done(store, db);
    return officer && officer->password_hash;
}

/* What an earlier start has written down; NULL when there is none. */
static char *kept_password(const char *file)
{
    char *text = NULL;
    if (!g_file_get_contents(file, &text, NULL, NULL))
        return NULL;
    g_strstrip(text);
    if (*text)
        return text;
    g_free(text);
    return NULL;
}

static char *new_password(void)
{
    char token[TOKEN_LENGTH + 1];
    token_random(token);
    return g_ascii_strdown(token, PASSWORD_CHARS);
}

/* Only a password that is new is hashed: argon2id costs a second start its quickness. */
char *demo_make_rows(Store *store, const char *folder, const char *password, gint64 now,
                     GError **error)
{
    g_autofree char *file = g_build_filename(folder, "password", NULL);
    g_autofree char *kept = kept_password(file);
    g_autofree char *wanted = password && *password ? g_strdup(password) : g_strdup(kept);
    if (!wanted)
        wanted = new_password();
    g_autofree char *hash = NULL;
    if (g_strcmp0(wanted, kept) != 0 || !has_officer(store)) {
        hash = token_password_hash(wanted);
        if (!hash) {
            g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM,
                                "not enough memory to keep the officer's password");
            return NULL;
        }
    }
    DemoRows rows = {hash, now};
    if (!store_write(store, write_rows, &rows, error))
        return NULL;
    if (hash &&
        !g_file_set_contents_full(file, wanted, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error))
        return NULL;
    return g_steal_pointer(&wanted);
}
