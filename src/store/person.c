/* person.c - citizens and professionals. What is found twice is one row: the address decides. */
#include "store/person.h"
#include "store/db.h"

static const DbField person_fields[] = {
    DB_INT64(Person, id),        DB_INT64(Person, organisation_id),
    DB_TEXT(Person, name),       DB_TEXT(Person, email),
    DB_TEXT(Person, title),      DB_TEXT(Person, phone),
    DB_TEXT(Person, phone_e164), DB_TEXT(Person, language),
};
static const DbShape person_shape = {sizeof(Person), person_fields, G_N_ELEMENTS(person_fields),
                                     (GDestroyNotify)(void (*)(void))person_free};
#define PERSON                                                                                     \
    "SELECT id, organisation_id, name, email, title, phone, phone_e164, language FROM person "

void person_free(Person *person)
{
    if (person == NULL)
        return;
    db_clear(&person_shape, person);
    g_free(person);
}

char *person_fold_email(const char *email)
{
    if (email == NULL)
        return NULL;
    g_autofree char *trimmed = g_strstrip(g_strdup(email));
    if (*trimmed == '\0')
        return NULL;
    return g_utf8_validate(trimmed, -1, NULL) ? g_utf8_strdown(trimmed, -1)
                                              : g_ascii_strdown(trimmed, -1);
}

Person *person_find(Db *db, gint64 id, GError **error)
{
    return db_one(db, &person_shape, error, PERSON "WHERE id = ?", "i", id);
}

Person *person_find_by_email(Db *db, gint64 organisation_id, const char *email, GError **error)
{
    g_autofree char *folded = person_fold_email(email);
    return db_one(db, &person_shape, error, PERSON "WHERE organisation_id = ? AND email = ?", "it",
                  organisation_id, folded);
}

static char *search_text(const char *name, const char *email)
{
    g_autofree char *words =
        g_strconcat(name != NULL ? name : "", " ", email != NULL ? email : "", NULL);
    return db_fold(words);
}

static bool insert_person(Db *db, const Person *person, const char *email, GError **error)
{
    g_autofree char *search = search_text(person->name, email);
    return db_run(db, error,
                  "INSERT INTO person (id, organisation_id, name, email, title, phone, phone_e164, "
                  "language, search_text) VALUES (?, ?, ?, ?, ?, ?, ?, COALESCE(?, 'it'), ?)",
                  "iittttttt", person->id, person->organisation_id, person->name, email,
                  person->title, person->phone, person->phone_e164, person->language, search);
}

static bool learn(char **known, const char *said)
{
    if (*known != NULL || said == NULL)
        return false;
    *known = g_strdup(said);
    return true;
}

static bool learn_person(Db *db, Person *known, const Person *said, GError **error)
{
    bool name = learn(&known->name, said->name);
    bool title = learn(&known->title, said->title);
    bool phone = known->phone == NULL && known->phone_e164 == NULL &&
                 (learn(&known->phone, said->phone) | learn(&known->phone_e164, said->phone_e164));
    return !(name || title || phone) || person_update(db, known, error);
}

bool person_find_or_make(Db *db, const Person *wanted, gint64 *id, GError **error)
{
    g_autofree char *email = person_fold_email(wanted->email);
    *id = wanted->id;
    if (email == NULL)
        return insert_person(db, wanted, NULL, error);
    g_autoptr(GError) failure = NULL;
    g_autoptr(Person) known = person_find_by_email(db, wanted->organisation_id, email, &failure);
    if (known != NULL) {
        *id = known->id;
        return learn_person(db, known, wanted, error);
    }
    if (g_error_matches(failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
        return insert_person(db, wanted, email, error);
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

bool person_update(Db *db, const Person *person, GError **error)
{
    g_autofree char *email = person_fold_email(person->email);
    g_autofree char *search = search_text(person->name, email);
    return db_touch(db, error,
                    "UPDATE person SET name = ?, email = ?, title = ?, phone = ?, phone_e164 = ?, "
                    "language = COALESCE(?, language), search_text = ? WHERE id = ?",
                    "ttttttti", person->name, email, person->title, person->phone,
                    person->phone_e164, person->language, search, person->id);
}
