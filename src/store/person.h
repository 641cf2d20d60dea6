/* person.h - citizens and professionals: one row per e-mail address and organisation. */
#pragma once
#include "store/store.h"

typedef struct Person {
    gint64 id; /* from token_new_id */
    gint64 organisation_id;
    char *name;  /* NULL when unknown */
    char *email; /* folded; NULL for somebody who only phones */
    char *title; /* "geom." */
    char *phone; /* as written */
    char *phone_e164;
    char *language; /* "it" */
} Person;

void person_free(Person *person);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Person, person_free)

/* Lower case, trimmed; NULL for NULL or empty. */
char *person_fold_email(const char *email);

Person *person_find(Db *db, gint64 id, GError **error);
Person *person_find_by_email(Db *db, gint64 organisation_id, const char *email, GError **error);
/* Who already has this e-mail in the organisation, or a new row with wanted->id. What the row does
 * not know yet (name, title, phones) is filled in from `wanted`. `id` is the row's, maybe not
 * wanted->id. */
bool person_find_or_make(Db *db, const Person *wanted, gint64 *id, GError **error);
bool person_update(Db *db, const Person *person, GError **error); /* by id, all fields */
