/* request_list.c - requests as they are read: found by code, link and headers, listed, searched. */
#include "store/db.h"
#include "store/letter.h"
#include "store/names.h"
#include "store/person.h"
#include "store/request.h"
#include "store/request_row.h"

static const DbField request_fields[] = {
    DB_INT64(Request, id),
    DB_INT64(Request, organisation_id),
    DB_INT64(Request, office_id),
    DB_INT64(Request, person_id),
    DB_TEXT(Request, code),
    DB_ENUM(Request, state, request_state_names),
    DB_INT(Request, to_read),
    DB_TEXT(Request, kind),
    DB_TEXT(Request, action),
    DB_ENUM(Request, source, request_source_names),
    DB_TEXT(Request, subject),
    DB_TEXT(Request, practice),
    DB_TEXT(Request, summary),
    DB_TEXT(Request, reading),
    DB_TEXT(Request, language),
    DB_INT(Request, generation),
    DB_INT64(Request, received_at),
    DB_INT64(Request, updated_at),
    DB_INT64(Request, promised_at),
    DB_INT64(Request, decided_at),
    DB_INT64(Request, closed_at),
    DB_TEXT(Request, answered_how),
    DB_TEXT(Request, outcome_kind),
    DB_TEXT(Request, outcome),
    DB_INT(Request, version),
    DB_TEXT(Request, person_name),
    DB_TEXT(Request, person_email),
    DB_TEXT(Request, person_title),
    DB_TEXT(Request, person_phone),
    DB_TEXT(Request, person_phone_e164),
    DB_TEXT(Request, office_slug),
    DB_TEXT(Request, office_name),
    DB_TEXT(Request, zone),
    DB_INT64(Request, appointment_id),
    DB_ENUM(Request, appointment_state, appointment_state_names),
    DB_INT64(Request, starts_at),
    DB_INT64(Request, ends_at),
    DB_INT(Request, messages),
    DB_INT(Request, attachments),
    DB_INT(Request, letters_failed),
    DB_INT(Request, letters_waiting),
};
static const DbShape request_shape = {sizeof(Request), request_fields, G_N_ELEMENTS(request_fields),
                                      (GDestroyNotify)(void (*)(void))request_free};
#define REQUEST                                                                                    \
    "SELECT r.id, r.organisation_id, r.office_id, r.person_id, r.code, r.state, r.to_read, "       \
    "r.kind, r.action, r.source, r.subject, r.practice, r.summary, r.reading, r.language, "        \
    "r.generation, r.received_at, r.updated_at, r.promised_at, r.decided_at, r.closed_at, "        \
    "r.answered_how, r.outcome_kind, r.outcome, r.version, "                                       \
    "p.name, p.email, p.title, p.phone, p.phone_e164, o.slug, o.name, g.zone, "                    \
    "a.id, a.state, a.starts_at, a.ends_at, "                                                      \
    "(SELECT COUNT(*) FROM message m WHERE m.request_id = r.id), "                                 \
    "(SELECT COUNT(*) FROM message m JOIN attachment t ON t.message_id = m.id "                    \
    "WHERE m.request_id = r.id), "                                                                 \
    "(SELECT COUNT(*) FROM letter l WHERE l.request_id = r.id AND l.state = 'failed'), "           \
    "(SELECT COUNT(*) FROM letter l WHERE l.request_id = r.id "                                    \
    "AND l.state IN ('waiting', 'sending')) "                                                      \
    "FROM request r JOIN person p ON p.id = r.person_id JOIN office o ON o.id = r.office_id "      \
    "JOIN organisation g ON g.id = r.organisation_id "                                             \
    "LEFT JOIN appointment a ON a.request_id = r.id AND a.number = "                               \
    "(SELECT MAX(number) FROM appointment WHERE request_id = r.id) "
#define IS_OVER "state IN ('redirected', 'refused', 'closed')"
#define NEWEST_FIRST "ORDER BY r.received_at DESC, r.id DESC LIMIT ?"

void request_free(Request *request)
{
    if (request == NULL)
        return;
    db_clear(&request_shape, request);
    g_free(request);
}

/* --- finding --- */

Request *request_find(Db *db, gint64 id, GError **error)
{
    return db_one(db, &request_shape, error, REQUEST "WHERE r.id = ?", "i", id);
}

Request *request_find_by_code(Db *db, const char *code, GError **error)
{
    return db_one(db, &request_shape, error, REQUEST "WHERE r.code = ?", "t", code);
}

Request *request_find_by_code_and_sender(Db *db, const char *code, const char *email,
                                         GError **error)
{
    g_autofree char *folded = person_fold_email(email);
    return db_one(db, &request_shape, error, REQUEST "WHERE r.code = ? AND p.email = ?", "tt", code,
                  folded);
}

Request *request_find_by_link(Db *db, const char *token_hash, gint64 *person_id, GError **error)
{
    g_autoptr(Query) query =
        db_query(db, error, "SELECT request_id, person_id FROM request_link WHERE token_hash = ?",
                 "t", token_hash);
    if (query == NULL)
        return NULL;
    GError *failure = NULL;
    if (query_step(query, &failure)) {
        if (person_id != NULL)
            *person_id = query_int(query, 1);
        return request_find(db, query_int(query, 0), error);
    }
    if (failure == NULL)
        g_set_error_literal(&failure, STORE_ERROR, STORE_ERROR_NOT_FOUND, "no such link");
    g_propagate_error(error, failure);
    return NULL;
}

Request *request_find_by_message_id(Db *db, gint64 office_id, const char *message_id,
                                    GError **error)
{
    return db_one(db, &request_shape, error,
                  REQUEST "WHERE r.office_id = ? AND r.id IN ("
                          "SELECT request_id FROM letter WHERE message_id = ? UNION ALL "
                          "SELECT request_id FROM message WHERE message_id = ?) " NEWEST_FIRST,
                  "ittn", office_id, message_id, message_id, 1);
}

Request *request_find_by_references(Db *db, gint64 office_id, const GPtrArray *ids, GError **error)
{
    for (guint i = 0; i < ids->len; i++) {
        g_autoptr(GError) failure = NULL;
        Request *request =
            request_find_by_message_id(db, office_id, g_ptr_array_index(ids, i), &failure);
        if (request != NULL)
            return request;
        if (g_error_matches(failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
            continue;
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "no reference is ours");
    return NULL;
}

/* --- lists --- */

GPtrArray *request_list(Db *db, gint64 office_id, RequestState state, guint most, GError **error)
{
    return db_list(db, &request_shape, error,
                   REQUEST "WHERE r.office_id = ? AND r.state = ? "
                           "ORDER BY r.promised_at, r.received_at, r.id LIMIT ?",
                   "itn", office_id, request_state_name(state), most);
}

GPtrArray *request_list_to_read(Db *db, gint64 office_id, guint most, GError **error)
{
    return db_list(db, &request_shape, error,
                   REQUEST "WHERE r.office_id = ? AND r.to_read = 1 "
                           "ORDER BY r.promised_at, r.received_at, r.id LIMIT ?",
                   "in", office_id, most);
}

GPtrArray *request_list_undelivered(Db *db, gint64 office_id, guint most, GError **error)
{
    return db_list(db, &request_shape, error,
                   REQUEST "WHERE r.id IN (SELECT request_id FROM letter "
                           "WHERE state = 'failed' AND office_id = ?) "
                           "AND NOT r." IS_OVER " " NEWEST_FIRST,
                   "in", office_id, most);
}

GPtrArray *request_list_on_practice(Db *db, gint64 office_id, const char *practice,
                                    gint64 except_id, GError **error)
{
    return db_list(db, &request_shape, error,
                   REQUEST "WHERE r.office_id = ? AND r.practice = ? AND r.id <> ? " NEWEST_FIRST,
                   "itin", office_id, practice, except_id, 50);
}

GPtrArray *request_list_for_person(Db *db, gint64 office_id, gint64 person_id, guint most,
                                   GError **error)
{
    return db_list(db, &request_shape, error,
                   REQUEST "WHERE r.person_id = ? AND r.office_id = ? " NEWEST_FIRST, "iin",
                   person_id, office_id, most);
}

#define SEARCH_WORDS 6 /* more words than these are not looked at */
#define HAS_WORD "AND (r.search_text || ' ' || p.search_text) LIKE ? ESCAPE '\\' "

/* One pattern for each place in the statement; "%" where there is no word. */
static void fill_patterns(const char *text, char *patterns[SEARCH_WORDS])
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n,;", -1);
    guint n = 0;
    for (guint i = 0; words[i] != NULL && n < SEARCH_WORDS; i++)
        if (*words[i] != '\0')
            patterns[n++] = db_like(words[i]);
    while (n < SEARCH_WORDS)
        patterns[n++] = g_strdup("%");
}

GPtrArray *request_search(Db *db, gint64 office_id, const char *text, guint most, GError **error)
{
    char *words[SEARCH_WORDS];
    fill_patterns(text != NULL ? text : "", words);
    GPtrArray *list = db_list(
        db, &request_shape, error,
        REQUEST
        "WHERE r.office_id = ? " HAS_WORD HAS_WORD HAS_WORD HAS_WORD HAS_WORD HAS_WORD NEWEST_FIRST,
        "ittttttn", office_id, words[0], words[1], words[2], words[3], words[4], words[5], most);
    for (guint i = 0; i < SEARCH_WORDS; i++)
        g_free(words[i]);
    return list;
}

/* --- counts --- */

static bool count_states(Db *db, gint64 office_id, RequestCounts *counts, GError **error)
{
    g_autoptr(Query) query = db_query(
        db, error, "SELECT state, COUNT(*) FROM request WHERE office_id = ? GROUP BY state", "i",
        office_id);
    if (query == NULL)
        return false;
    GError *failure = NULL;
    while (query_step(query, &failure)) {
        RequestState state;
        if (request_state_parse(query_text(query, 0), &state))
            counts->by_state[state] = (gint)query_int(query, 1);
    }
    if (failure == NULL)
        return true;
    g_propagate_error(error, failure);
    return false;
}

bool request_counts(Db *db, gint64 office_id, RequestCounts *counts, GError **error)
{
    *counts = (RequestCounts){0};
    gint64 to_read, undelivered;
    if (!count_states(db, office_id, counts, error) ||
        !db_number(db, &to_read, error,
                   "SELECT COUNT(*) FROM request WHERE office_id = ? AND to_read = 1", "i",
                   office_id) ||
        !db_number(db, &undelivered, error,
                   "SELECT COUNT(DISTINCT l.request_id) FROM letter l "
                   "JOIN request r ON r.id = l.request_id "
                   "WHERE l.state = 'failed' AND l.office_id = ? AND NOT r." IS_OVER,
                   "i", office_id))
        return false;
    counts->to_read = (gint)to_read;
    counts->undelivered = (gint)undelivered;
    return true;
}
