/* participant.c - the seats of an appointment: who holds a personal link to its room. */
#include "store/appointment.h"
#include "store/db.h"

static const char *const role_names[] = {"citizen", "officer", "guest", NULL};

static const DbField participant_fields[] = {
    DB_INT64(Participant, id),        DB_INT64(Participant, appointment_id),
    DB_INT64(Participant, person_id), DB_ENUM(Participant, role, role_names),
    DB_TEXT(Participant, name),       DB_TEXT(Participant, email),
    DB_INT(Participant, generation),  DB_TEXT(Participant, token_hash),
    DB_TEXT(Participant, partstat),   DB_INT64(Participant, partstat_at),
};
static const DbShape participant_shape = {sizeof(Participant), participant_fields,
                                          G_N_ELEMENTS(participant_fields),
                                          (GDestroyNotify)(void (*)(void))participant_free};
#define PARTICIPANT                                                                                \
    "SELECT id, appointment_id, person_id, role, name, email, generation, token_hash, partstat, "  \
    "partstat_at "                                                                                 \
    "FROM participant "

void participant_free(Participant *participant)
{
    if (participant == NULL)
        return;
    db_clear(&participant_shape, participant);
    g_free(participant);
}

const char *participant_role_name(ParticipantRole role)
{
    return role <= PARTICIPANT_GUEST ? role_names[role] : "guest";
}

bool participant_add(Db *db, const Participant *participant, GError **error)
{
    return db_run(db, error,
                  "INSERT INTO participant (id, appointment_id, person_id, role, name, email, "
                  "generation, token_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                  "iirtttnt", participant->id, participant->appointment_id, participant->person_id,
                  participant_role_name(participant->role), participant->name, participant->email,
                  (gint)participant->generation, participant->token_hash);
}

bool participant_renew(Db *db, gint64 id, guint generation, const char *token_hash, GError **error)
{
    return db_touch(db, error, "UPDATE participant SET generation = ?, token_hash = ? WHERE id = ?",
                    "nti", (gint)generation, token_hash, id);
}

bool participant_answered(Db *db, gint64 id, const char *partstat, gint64 at, GError **error)
{
    return db_touch(db, error, "UPDATE participant SET partstat = ?, partstat_at = ? WHERE id = ?",
                    "tii", partstat, at, id);
}

bool participant_forget_answers(Db *db, gint64 appointment_id, GError **error)
{
    return db_run(db, error,
                  "UPDATE participant SET partstat = NULL, partstat_at = 0 "
                  "WHERE appointment_id = ? AND partstat IS NOT NULL",
                  "i", appointment_id);
}

GPtrArray *participant_list(Db *db, gint64 appointment_id, GError **error)
{
    return db_list(db, &participant_shape, error,
                   PARTICIPANT "WHERE appointment_id = ? "
                               "ORDER BY CASE role WHEN 'citizen' THEN 1 WHEN 'officer' THEN 2 "
                               "ELSE 3 END, id",
                   "i", appointment_id);
}

Participant *participant_find_by_seat(Db *db, const char *token_hash, GError **error)
{
    return db_one(db, &participant_shape, error, PARTICIPANT "WHERE token_hash = ?", "t",
                  token_hash);
}
