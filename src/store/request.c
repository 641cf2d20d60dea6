/* request.c - making and changing requests. Finding and listing them is request_list.c. */
#include "store/request.h"
#include "store/db.h"
#include "store/names.h"
#include "store/request_row.h"

const char *const request_source_names[] = {"mail", "pec", "web", "phone", NULL};

const char *request_source_name(RequestSource source)
{
    return source <= SOURCE_PHONE ? request_source_names[source] : "mail";
}

/* What a change needs to know of the row it changes. */
typedef struct {
    gint64 organisation_id, office_id;
    RequestState state;
    gint version;
} Current;

static const DbField current_fields[] = {
    DB_INT64(Current, organisation_id),
    DB_INT64(Current, office_id),
    DB_ENUM(Current, state, request_state_names),
    DB_INT(Current, version),
};
static const DbShape current_shape = {sizeof(Current), current_fields, G_N_ELEMENTS(current_fields),
                                      g_free};

static Current *read_current(Db *db, gint64 id, GError **error)
{
    return db_one(db, &current_shape, error,
                  "SELECT organisation_id, office_id, state, version FROM request WHERE id = ?",
                  "i", id);
}

static bool may_become(const Current *current, RequestState to, GError **error)
{
    if (request_may_become(current->state, to))
        return true;
    g_set_error(error, STORE_ERROR, STORE_ERROR_TRANSITION, "request: %s cannot become %s",
                request_state_name(current->state), request_state_name(to));
    return false;
}

/* `to` REQUEST_STATES: an action that changes no state. */
static bool record(Db *db, const Actor *actor, const Current *current, gint64 id,
                   const char *action, RequestState to, GError **error)
{
    bool is_change = to < REQUEST_STATES;
    AuditEntry entry = {
        .organisation_id = current->organisation_id,
        .office_id = current->office_id,
        .request_id = id,
        .action = (char *)action,
        .from_state = is_change ? (char *)request_state_name(current->state) : NULL,
        .to_state = is_change ? (char *)request_state_name(to) : NULL,
    };
    return audit_record(db, actor, &entry, error);
}

/* --- making --- */

static char *search_text(const char *code, const char *practice, const char *subject,
                         const char *summary)
{
    g_autofree char *words =
        g_strjoin(" ", code, practice != NULL ? practice : "", subject != NULL ? subject : "",
                  summary != NULL ? summary : "", NULL);
    return db_fold(words);
}

static bool insert(Db *db, const Request *request, GError **error)
{
    g_autofree char *search =
        search_text(request->code, request->practice, request->subject, request->summary);
    gint64 promised_at = request->promised_at != 0 ? request->promised_at : request->received_at;
    return db_run(db, error,
                  "INSERT INTO request (id, organisation_id, office_id, person_id, code, state, "
                  "to_read, kind, action, source, subject, practice, summary, language, "
                  "received_at, updated_at, promised_at, search_text, reading) "
                  "VALUES (?, ?, ?, ?, ?, 'new', ?, ?, ?, ?, COALESCE(?, ''), ?, COALESCE(?, ''), "
                  "COALESCE(?, 'it'), ?, ?, ?, ?, ?)",
                  "iiiitntttttttiiitt", request->id, request->organisation_id, request->office_id,
                  request->person_id, request->code, request->to_read, request->kind,
                  request->action, request_source_name(request->source), request->subject,
                  request->practice, request->summary, request->language, request->received_at,
                  request->received_at, promised_at, search, request->reading);
}

bool request_create(Db *db, const Request *request, const Actor *actor, GError **error)
{
    AuditEntry entry = {
        .organisation_id = request->organisation_id,
        .office_id = request->office_id,
        .request_id = request->id,
        .action = (char *)"request_created",
        .to_state = (char *)request_state_name(REQUEST_NEW),
    };
    return insert(db, request, error) && audit_record(db, actor, &entry, error);
}

/* --- changing the state --- */

/* How a request counts as answered once it has become this; NULL keeps what it was. */
static const char *const answered_by_state[REQUEST_STATES] = {
    [REQUEST_NEW] = "open",
    [REQUEST_WAITING_CITIZEN] = "ask",
    [REQUEST_ANSWERED] = "answer",
    [REQUEST_PHONE] = "phone",
    [REQUEST_OFFERED] = "video",
    [REQUEST_BOOKED] = "video",
    [REQUEST_REDIRECTED] = "redirect",
    [REQUEST_REFUSED] = "refuse",
    [REQUEST_CLOSED] = NULL,
};

/* `decides`: counts as the first decision when there was none. */
static bool set_state(Db *db, gint64 id, RequestState to, const char *how, bool decides, gint64 at,
                      GError **error)
{
    return db_run(db, error,
                  "UPDATE request SET state = ?, updated_at = ?, version = version + 1, "
                  "answered_how = COALESCE(?, answered_how), closed_at = ?, "
                  "decided_at = CASE WHEN decided_at = 0 THEN ? ELSE decided_at END WHERE id = ?",
                  "titiii", request_state_name(to), at, how, to == REQUEST_CLOSED ? at : (gint64)0,
                  decides ? at : (gint64)0, id);
}

static bool is_current(const Current *current, gint version, GError **error)
{
    if (version == 0 || version == current->version)
        return true;
    g_set_error(error, STORE_ERROR, STORE_ERROR_STALE, "request: version %d was read, it is %d now",
                version, current->version);
    return false;
}

/* Who read an older version is told so, even when the change would be refused anyway. */
bool request_change(Db *db, gint64 id, RequestState to, gint version, const Actor *actor,
                    GError **error)
{
    g_autofree Current *current = read_current(db, id, error);
    bool decides = to != REQUEST_NEW && to != REQUEST_CLOSED;
    return current != NULL && is_current(current, version, error) &&
           may_become(current, to, error) &&
           set_state(db, id, to, answered_by_state[to], decides, actor->at, error) &&
           record(db, actor, current, id, "request_state", to, error);
}

static bool put_outcome(Db *db, gint64 id, const char *kind, const char *outcome, GError **error)
{
    return db_run(db, error, "UPDATE request SET outcome_kind = ?, outcome = ? WHERE id = ?", "tti",
                  kind, outcome, id);
}

bool request_close(Db *db, gint64 id, const char *outcome_kind, const char *outcome,
                   const char *how, const Actor *actor, GError **error)
{
    g_autofree Current *current = read_current(db, id, error);
    return current != NULL && may_become(current, REQUEST_CLOSED, error) &&
           set_state(db, id, REQUEST_CLOSED, how, actor->kind == ACTOR_OFFICER, actor->at, error) &&
           put_outcome(db, id, outcome_kind, outcome, error) &&
           record(db, actor, current, id, "request_state", REQUEST_CLOSED, error);
}

bool request_set_outcome(Db *db, gint64 id, const char *outcome_kind, const char *outcome,
                         const Actor *actor, GError **error)
{
    g_autofree Current *current = read_current(db, id, error);
    if (current == NULL)
        return false;
    if (current->state != REQUEST_CLOSED) {
        g_set_error_literal(error, STORE_ERROR, STORE_ERROR_TRANSITION,
                            "request: only a closed one has an outcome to correct");
        return false;
    }
    return put_outcome(db, id, outcome_kind, outcome, error) &&
           db_run(db, error,
                  "UPDATE request SET updated_at = ?, version = version + 1 WHERE id = ?", "ii",
                  actor->at, id) &&
           record(db, actor, current, id, "request_outcome", REQUEST_STATES, error);
}

/* --- the citizen writes again --- */

static bool reopen(Db *db, gint64 id, const Current *current, const Actor *actor, GError **error)
{
    if (current->state == REQUEST_NEW || current->state == REQUEST_BOOKED)
        return record(db, actor, current, id, "request_wrote_again", REQUEST_STATES, error);
    return set_state(db, id, REQUEST_NEW, answered_by_state[REQUEST_NEW], false, actor->at,
                     error) &&
           record(db, actor, current, id, "request_wrote_again", REQUEST_NEW, error);
}

bool request_wrote_again(Db *db, gint64 id, bool to_read, gint64 promised_at, const Actor *actor,
                         GError **error)
{
    g_autofree Current *current = read_current(db, id, error);
    return current != NULL && reopen(db, id, current, actor, error) &&
           db_run(db, error,
                  "UPDATE request SET to_read = ?, promised_at = ?, updated_at = ?, "
                  "version = version + 1 WHERE id = ?",
                  "niii", (gint)to_read, promised_at, actor->at, id);
}

bool request_set_to_read(Db *db, gint64 id, bool to_read, const Actor *actor, GError **error)
{
    g_autofree Current *current = read_current(db, id, error);
    return current != NULL &&
           db_run(db, error,
                  "UPDATE request SET to_read = ?, updated_at = ?, version = version + 1 "
                  "WHERE id = ?",
                  "nii", (gint)to_read, actor->at, id) &&
           record(db, actor, current, id, to_read ? "request_to_read" : "request_read",
                  REQUEST_STATES, error);
}

/* --- correcting --- */

bool request_set_reading(Db *db, gint64 id, const char *subject, const char *practice,
                         const char *summary, const char *reading, GError **error)
{
    g_autoptr(Request) known = request_find(db, id, error);
    if (known == NULL)
        return false;
    g_autofree char *search = search_text(
        known->code, practice != NULL ? practice : known->practice,
        subject != NULL ? subject : known->subject, summary != NULL ? summary : known->summary);
    return db_run(db, error,
                  "UPDATE request SET subject = COALESCE(?, subject), "
                  "practice = COALESCE(?, practice), summary = COALESCE(?, summary), "
                  "reading = COALESCE(?, reading), search_text = ?, version = version + 1 "
                  "WHERE id = ?",
                  "ttttti", subject, practice, summary, reading, search, id);
}

/* Unlike above, NULL means: none. */
bool request_set_practice(Db *db, gint64 id, const char *practice, GError **error)
{
    g_autoptr(Request) known = request_find(db, id, error);
    if (known == NULL)
        return false;
    g_autofree char *search = search_text(known->code, practice, known->subject, known->summary);
    return db_run(db, error,
                  "UPDATE request SET practice = ?, search_text = ?, version = version + 1 "
                  "WHERE id = ?",
                  "tti", practice, search, id);
}

bool request_set_person(Db *db, gint64 id, gint64 person_id, GError **error)
{
    return db_touch(db, error,
                    "UPDATE request SET person_id = ?, version = version + 1 WHERE id = ?", "ii",
                    person_id, id);
}

/* --- links --- */

bool request_link_put(Db *db, gint64 request_id, gint64 person_id, guint generation,
                      const char *token_hash, GError **error)
{
    return db_run(db, error,
                  "INSERT INTO request_link (request_id, person_id, generation, token_hash) "
                  "VALUES (?, ?, ?, ?) ON CONFLICT (request_id, person_id) DO UPDATE SET "
                  "generation = excluded.generation, token_hash = excluded.token_hash "
                  "WHERE excluded.generation > request_link.generation",
                  "iint", request_id, person_id, (gint)generation, token_hash) &&
           db_run(db, error,
                  "UPDATE request SET generation = ? "
                  "WHERE id = ? AND person_id = ? AND generation < ?",
                  "niin", (gint)generation, request_id, person_id, (gint)generation);
}
